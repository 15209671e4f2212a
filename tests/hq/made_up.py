"""A made-up network for HQ's pages: the demo's cafés with figures written straight into the rollups.

Deterministic: the same seed gives the same weeks. What the box's journal would say is tested elsewhere.
"""

import random
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert
from sqlalchemy.engine import RowMapping

from hq import access, distances, factor, months, register
from hq.days import back, days_between
from hq.db import cafe_health, closure, rollup_day, rollup_use, rollup_visit, visit_page
from hq.tables import hq_setting
from hq.visits import Use, packed
from hq.wiring import Office
from pos import demo
from pos.clock import business_day, to_ms
from pos.house import service_codes
from sync.books import cursor, journal, metadata

PASSWORD = "zinc-et-comptoir"
PEOPLE = (
    ("nadia", "Nadia B.", access.NATIONAL, None), ("ines", "Inès R.", access.ANTENNA, 3),
    ("paul", "Paul L.", access.READER, None), ("lea", "Léa M.", access.READER, 2),
)  # fmt: skip
WEEK = ("", *["7:00-13:30 16:30-19:30"] * 5, "8:00-13:00")


@dataclass
class Figures:
    """Rows of one café, gathered before they are written in one go."""

    days: list[dict[str, Any]] = field(default_factory=list)
    uses: list[dict[str, Any]] = field(default_factory=list)
    visits: list[dict[str, Any]] = field(default_factory=list)
    entries: list[Use] = field(default_factory=list)
    closures: list[dict[str, Any]] = field(default_factory=list)


def people(office: Office) -> None:
    """Open one account per role; the second factor is far off, its own tests ask for it."""
    with office.db.writing() as conn:
        conn.execute(insert(hq_setting).values(name=factor.FROM, value="9999-12-31"))
        for username, name, role, antenna in PEOPLE:
            access.create_user(
                conn, by="test", now_ms=office.clock.now_ms(), username=username, name=name, role=role,
                password=PASSWORD, antenna=antenna,
            )  # fmt: skip


def sheet(one: demo.DemoCafe, **changes: Any) -> register.Sheet:
    """The sheet of a demo café."""
    values: dict[str, Any] = {
        "name": one.sign, "insee": one.insee, "antenna": one.antenna, "model": one.model, "week": WEEK,
        "services": tuple(service_codes()), "status": "open", "opened_on": "2026-01-06",
    }  # fmt: skip
    return register.Sheet(**{**values, **changes})


# The network as SQLite keeps it, by weeks and moment: made once per run, its rows put back for each test.
_MADE: dict[tuple[int, int], dict[str, list[tuple[Any, ...]]]] = {}


def network(office: Office, *, weeks: int = 20) -> None:
    """Register the cafés of the demo and make up their weeks, each with its trouble."""
    key = (weeks, office.clock.now_ms())
    with office.db.writing() as conn:
        if conn.dialect.name != "sqlite":
            _register(conn, weeks, key[1])
        elif key in _MADE:
            for table, rows in _MADE[key].items():
                marks = ", ".join("?" * len(rows[0]))
                # A row of the office as it was before may be another one after.
                conn.exec_driver_sql(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", rows)
        else:
            before = _rows(conn)
            _register(conn, weeks, key[1])
            told = {table: [row for row in rows if row not in before[table]] for table, rows in _rows(conn).items()}
            # A box that called before has its own sums: they are of its own test.
            called = {row[0] for row in before["cafe_month"]}
            for table in ("cafe_month", "month_sum"):
                told[table] = [row for row in told[table] if row[0] not in called]
            _MADE[key] = {table: rows for table, rows in told.items() if rows}


def _rows(conn: Connection) -> dict[str, list[tuple[Any, ...]]]:
    return {
        table.name: [tuple(row) for row in conn.exec_driver_sql(f"SELECT * FROM {table.name}")]
        for table in metadata.sorted_tables
    }


def _register(conn: Connection, weeks: int, now: int) -> None:
    today = business_day(now)
    register.mark_demo(conn)
    for one in demo.CAFES:
        register.add_cafe(conn, sheet(one), by="test", now_ms=now, cafe_id=one.number)
        if one.trouble != "missing":
            confirm_all(conn, one.number, now, but="bread" if one.trouble == "to_confirm" else "")
        figures(conn, one, today, weeks)
        health(conn, one, now, today)
    months.sum_days(conn)
    register.add_cafe(
        conn, sheet(demo.CAFES[5], name="Le Futur Zinc", status="pending", opened_on=""), by="test", now_ms=now
    )


def confirm_all(conn: Connection, number: int, now: int, *, but: str = "", valid_from: str = "2026-01-06") -> None:
    """Confirm every distance as proposed elsewhere."""
    row = find(conn, number)
    for line in distances.lines(conn, row, "2026-11-20"):
        if line.elsewhere is not None and line.service.code != but:
            distances.confirm(
                conn, row, line.service.code, line.elsewhere.road_m, by="Inès R.", now_ms=now, valid_from=valid_from,
                town=line.elsewhere.commune.insee, town_name=line.elsewhere.commune.name,
                source="INSEE, BPE 2013, compteur de la gérante", crow_m=line.elsewhere.crow_m,
            )  # fmt: skip


def find(conn: Connection, number: int) -> RowMapping:
    """A café's row, whoever asks."""
    return register.find_cafe(conn, number, access.OFFICE)


def figures(conn: Connection, one: demo.DemoCafe, today: str, weeks: int) -> None:
    """Make up the days of a café."""
    chance, made = random.Random(one.number), Figures()
    first = back(today, 7 * weeks)
    last = back(today, 5 if one.trouble == "silent" else 1)
    for z, day in enumerate(days_between(first, last), 1):
        missed = one.trouble == "falling" and day >= back(today, 20) and chance.random() < 0.4
        if WEEK[weekday(day)] and not missed:
            _day(made, one, day, z, today, chance)
    for table, rows in (
        (rollup_day, made.days), (rollup_use, made.uses), (rollup_visit, made.visits), (visit_page, packed(one.number, made.entries)),
        (closure, made.closures),
    ):  # fmt: skip
        if rows:
            conn.execute(insert(table), rows)


def weekday(day: str) -> int:
    """Monday is 0."""
    from datetime import date

    return date.fromisoformat(day).weekday()


def _day(made: Figures, one: demo.DemoCafe, day: str, z: int, today: str, chance: random.Random) -> None:
    pull = 0.55 if one.trouble == "falling" and day >= back(today, 28) else 1.0
    pull *= 1.35 if weekday(day) == 5 else 1.0
    tickets = max(3, round(one.customers * pull * chance.uniform(0.85, 1.15)))
    turnover = sum(chance.randint(180, 1450) for _ in range(tickets))
    gap = (
        -chance.choice([840, 1210, 600])
        if one.trouble == "gaps" and day >= back(today, 6)
        else chance.choice([0, 0, 0, 20, -50])
    )
    closed = not (one.trouble == "unclosed" and day >= back(today, 4))
    at = to_ms(f"{day}T20:10:00")
    expected = 15000 + turnover // 3
    made.days.append({
        "cafe_id": one.number, "day": day, "opened_at": at - 13 * 3_600_000, "closed_at": at if closed else None,
        "z": z if closed else None, "auto_closed": False, "tickets": tickets, "refunds": 0, "turnover_cents": turnover,
        "third_party_cents": tickets * 40, "cash_expected": expected, "cash_counted": expected + gap,
        "cash_difference": gap, "first_sale_at": at - 12 * 3_600_000, "last_sale_at": at,
    })  # fmt: skip
    if closed:
        made.closures.append({
            "cafe_id": one.number, "jn": 1, "seq": z * 300, "day": day, "z": z, "opened_at": at - 13 * 3_600_000,
            "closed_at": at, "auto": False, "first_seq": 0, "last_seq": 0, "tickets": tickets, "refunds": 0, "voids": 0,
            "turnover_cents": turnover, "third_party_cents": tickets * 40, "cash_expected": expected,
            "cash_counted": expected + gap, "cash_difference": gap, "perpetual_cents": 0, "head": "7f3a91c2",
        })  # fmt: skip
    _visits(made, one, day, z, tickets, chance)


def _visits(made: Figures, one: demo.DemoCafe, day: str, z: int, tickets: int, chance: random.Random) -> None:
    known = [c for c in ("bread", "cash_out", "parcel") if c in service_codes()]
    odds = {"bread": 0.34, "cash_out": 0.05, "parcel": 0.11 if one.parcels else 0.0}
    combos: dict[str, int] = {}
    for n in range(tickets):
        took = [c for c in known if chance.random() < odds[c]]
        for service in took:
            made.entries.append(Use(1, z * 300 + n, service, f"{z:06x}{n:06x}", day, 1))
        if took:
            combos["+".join(sorted(took))] = combos.get("+".join(sorted(took)), 0) + 1
    for services, n in combos.items():
        made.visits.append({"cafe_id": one.number, "day": day, "services": services, "visits": n})
    for service in known:
        uses = sum(n for services, n in combos.items() if service in services.split("+"))
        if uses:
            made.uses.append({"cafe_id": one.number, "day": day, "service": service, "uses": uses, "aggregated": 0})


def health(conn: Connection, one: demo.DemoCafe, now: int, today: str) -> None:
    """Make up when a café was last heard, and its box."""
    at = to_ms(f"{back(today, 4) if one.trouble == 'silent' else today}T03:{10 + one.number % 40}:00")
    conn.execute(insert(cafe_health).values(
        cafe_id=one.number, last_contact_at=at, backlog=0, version="1.0.0", clock_quality=2, clock_offset_ms=120,
        disk_free_bytes=9 * 10**9, state="normal", trouble="", last_jn=1, last_seq=48213, last_entry_at=at - 3_600_000,
        boots=4, unclean_boots=1, troubles=0, last_trouble="",
    ))  # fmt: skip
    conn.execute(insert(journal).values(
        cafe_id=one.number, jn=1, jid=f"{one.number:016x}", box_key=bytes(32), kid="k", genesis=bytes(32),
        grant_bytes=b"", grant_sig=b"", issued=1, state="open", confirmed_at=None if one.number == 6 else now,
        confirmed_by="Inès R.", check_number="482913", hw="NiPoGi E3B", made_at=now,
    ))  # fmt: skip
    conn.execute(insert(cursor).values(cafe_id=one.number, jn=1, seq=48213, head=bytes(range(32)), updated_at=at))
