"""What a batch says, added up, and written to HQ's rollups in a few statements."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, delete, literal_column, update

from hq import db, visits
from hq.db import Together, Upsert
from pos.clock import business_day
from sync import books
from sync.ingest import Fresh, Poison
from sync.sending import all_or_nothing, send

_PAGES = Upsert(db.visit_page, replace=("first_day", "last_day", "uses"))
_USES = Upsert(db.rollup_use, add=("uses", "aggregated"))
_VISITS = Upsert(db.rollup_visit, add=("visits",))
_MONTHS = Upsert(db.month_sum, add=("n", "typed"))
_TOUCHED = Upsert(db.cafe_month, bits=("days", "used", "told"), least=("since",), add=("touched",))
_FIGURES = Upsert(db.rollup_figure, add=("amount",))
_PARTS = Upsert(db.rollup_part, add=("amount",))
_WAITING = Upsert(db.waiting, over=("due_on", "here"))
_NAMES = Upsert(db.owner_name, replace=("label",))
_DAYS = Upsert(
    db.rollup_day, add=("tickets", "refunds", "turnover_cents", "third_party_cents"),
    least=("opened_at", "first_sale_at"), most=("last_sale_at",),
)  # fmt: skip
_CLOSED = Upsert(
    db.rollup_day, replace=("closed_at", "z", "auto_closed", "cash_expected", "cash_counted", "cash_difference"),
    least=("opened_at",),
)  # fmt: skip
_CLOSURE = Upsert(db.closure)
_HEALTH = Upsert(
    db.cafe_health, add=("boots", "unclean_boots", "troubles"), replace=("last_jn", "last_seq", "last_entry_at")
)
_TROUBLE = Upsert(db.cafe_health, replace=("last_trouble", "last_trouble_at"))
_LISTS = Upsert(db.list_applied)
_ASIDE = Upsert(db.price_aside, replace=("price", "network", "ceiling", "reason", "at"))
_OPAQUE = Upsert(db.opaque_kind, add=("entries",))
_POISON = Upsert(books.quarantine)
# What nearly every batch speaks of.
_ALL = Together(
    _PAGES, _USES, _VISITS, _FIGURES, _PARTS, _WAITING, _DAYS, _CLOSURE, _MONTHS, _TOUCHED, _HEALTH,
)  # fmt: skip
Sums = Counter[tuple[str, str]]

# `send` gives no value but those named.
_ZERO = literal_column("0")
_NO_USES = delete(db.rollup_use).where(
    db.rollup_use.c.cafe_id == bindparam("cafe"), db.rollup_use.c.day.between(bindparam("first"), bindparam("last")),
    db.rollup_use.c.uses == _ZERO, db.rollup_use.c.aggregated == _ZERO,
)  # fmt: skip
_NO_VISITS = delete(db.rollup_visit).where(
    db.rollup_visit.c.cafe_id == bindparam("cafe"),
    db.rollup_visit.c.day.between(bindparam("first"), bindparam("last")), db.rollup_visit.c.visits == _ZERO,
)  # fmt: skip
_NO_SUMS = delete(db.month_sum).where(
    db.month_sum.c.cafe_id == bindparam("cafe"), db.month_sum.c.month.between(bindparam("first"), bindparam("last")),
    db.month_sum.c.sort.in_([literal_column("'use'"), literal_column("'visit'")]), db.month_sum.c.n == _ZERO,
    db.month_sum.c.typed == _ZERO,
)  # fmt: skip

# What months are before anything is told; what was worked out from them no longer holds.
NO_MONTHS = update(db.cafe_month).values(days=0, used=0, told=0, since=None, touched=db.cafe_month.c.touched + 1)
# All but `cafe_health` and `cafe_month`, whose rows outlive a rebuild.
ROLLUPS = (
    db.visit_page, db.rollup_use, db.rollup_visit, db.rollup_figure, db.rollup_part, db.month_sum,
    db.waiting, db.owner_name, db.rollup_day, db.closure, db.list_applied, db.price_aside, db.opaque_kind, books.quarantine,
)  # fmt: skip


@dataclass
class Day:
    """What a batch adds to a business day."""

    opened_at: int | None = None
    tickets: int = 0
    refunds: int = 0
    turnover_cents: int = 0
    third_party_cents: int = 0
    first_sale_at: int | None = None
    last_sale_at: int | None = None


@dataclass
class Told:
    """What a batch says, added up before the database is touched."""

    uses: list[visits.Use] = field(default_factory=list)
    totals: Counter[tuple[str, str]] = field(default_factory=Counter)
    figures: Counter[tuple[str, str]] = field(default_factory=Counter)
    # by (day, code, what it is about)
    parts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    # (code, thing): last day expected and whether it is there, None where the batch does not say
    waits: dict[tuple[str, str], tuple[str | None, bool | None]] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    days: defaultdict[str, Day] = field(default_factory=lambda: defaultdict(Day))
    closures: list[dict[str, Any]] = field(default_factory=list)
    lists: list[dict[str, Any]] = field(default_factory=list)
    # What a café last said of its own price, by product.
    asides: dict[str, dict[str, Any]] = field(default_factory=dict)
    opaque: Counter[tuple[str, int]] = field(default_factory=Counter)
    poison: list[Poison] = field(default_factory=list)
    boots: int = 0
    unclean: int = 0
    troubles: list[tuple[str, int]] = field(default_factory=list)
    # Days found well written.
    days_seen: set[str] = field(default_factory=set)
    # Business days by the hours they are made of.
    hours: dict[int, str] = field(default_factory=dict)

    def day_of(self, t: int) -> str:
        """Return the business day of a moment; days begin with an hour."""
        hour = t // 3_600_000
        day = self.hours.get(hour)
        if day is None:
            day = self.hours[hour] = business_day(t)
        return day


def write(conn: Connection, fresh: Fresh, told: Told) -> None:
    """Write what new entries of a journal say, in the caller's transaction, or nothing of it."""
    new = visits.by_part(told.uses)
    before = visits.pages(conn, fresh.cafe, list(new))
    uses, combined = _counted(new, before)
    sums = _months(told, uses, combined)
    with all_or_nothing(conn):
        _ALL.run(
            conn,
            [visits.page(fresh.cafe, part, [*before.get(part, ()), *said]) for part, said in new.items()],
            *_rows_of_days(fresh, told, uses, combined), *_rows_of_months(fresh.cafe, told, sums), _health(fresh, told),
        )  # fmt: skip
        _write_rest(conn, fresh, told)
        _leave_no_empty_rows(conn, fresh.cafe, told, uses, combined, sums)


def _counted(new: Mapping[str, list[visits.Use]], before: Mapping[str, list[visits.Use]]) -> tuple[Sums, Sums]:
    """Return what new uses add to those of each day and service, and to the visits by what was used in them."""
    uses, combined = Sums(), Sums()
    for part, said in new.items():
        old = before.get(part, [])
        for sums, now, then in zip((uses, combined), visits.counted([*old, *said]), visits.counted(old), strict=True):
            sums.update(now)
            sums.subtract(then)
    return uses, combined


def _rows_of_days(fresh: Fresh, told: Told, uses: Sums, combined: Sums) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of uses, visits, figures, their parts, things that wait, days and closings."""
    cafe, totals = fresh.cafe, told.totals
    yield [
        {"cafe_id": cafe, "day": day, "service": service, "uses": uses[day, service] + totals[day, service],
         "aggregated": totals[day, service]}
        for day, service in sorted(uses.keys() | totals.keys()) if uses[day, service] or totals[day, service]
    ]  # fmt: skip
    yield [
        {"cafe_id": cafe, "day": day, "services": services, "visits": n}
        for (day, services), n in sorted(combined.items()) if n
    ]  # fmt: skip
    yield [{"cafe_id": cafe, "day": day, "code": code, "amount": n} for (day, code), n in sorted(told.figures.items())]
    yield [
        {"cafe_id": cafe, "day": day, "code": code, "of": of, "amount": n}
        for (day, code, of), n in sorted(told.parts.items())
    ]
    yield [
        {"cafe_id": cafe, "code": code, "thing": thing, "due_on": due_on, "here": here}
        for (code, thing), (due_on, here) in sorted(told.waits.items())
    ]
    yield [{"cafe_id": cafe, "day": day, **vars(change)} for day, change in told.days.items()]
    yield [{"cafe_id": cafe, "jn": fresh.jn, **closure} for closure in told.closures]


def _write_rest(conn: Connection, fresh: Fresh, told: Told) -> None:
    """Write what few batches speak of, and closings into the days they close."""
    cafe, place = fresh.cafe, {"cafe_id": fresh.cafe, "jn": fresh.jn}
    _CLOSED.run(conn, ({
        "cafe_id": cafe, "day": c["day"], "opened_at": c["opened_at"], "closed_at": c["closed_at"], "z": c["z"],
        "auto_closed": c["auto"], "cash_expected": c["cash_expected"], "cash_counted": c["cash_counted"],
        "cash_difference": c["cash_difference"],
    } for c in told.closures))  # fmt: skip
    _NAMES.run(conn, ({"cafe_id": cafe, "owner": owner, "label": said} for owner, said in told.owners.items() if owner))
    _LISTS.run(conn, ({**place, **listed} for listed in told.lists))
    _ASIDE.run(conn, ({"cafe_id": cafe, "product": product, **said} for product, said in told.asides.items()))
    _OPAQUE.run(conn, ({"cafe_id": cafe, "kind": k, "kv": kv, "entries": n} for (k, kv), n in told.opaque.items()))
    _POISON.run(conn, ({
        **place, "seq": p.seq, "kind": p.kind, "reason": p.reason, "detail": p.detail, "since": fresh.received_at,
    } for p in told.poison))  # fmt: skip
    if told.troubles:
        what, at = told.troubles[-1]
        _TROUBLE.run(conn, [{"cafe_id": cafe, "last_trouble": what, "last_trouble_at": at}])


def _health(fresh: Fresh, told: Told) -> list[dict[str, Any]]:
    return [{
        "cafe_id": fresh.cafe, "boots": told.boots, "unclean_boots": told.unclean, "troubles": len(told.troubles),
        "last_jn": fresh.jn, "last_seq": last.seq, "last_entry_at": last.t,
    } for last in fresh.entries[-1:]]  # fmt: skip


def _leave_no_empty_rows(
    conn: Connection,
    cafe: int,
    told: Told,
    uses: Sums,
    combined: Sums,
    sums: Mapping[tuple[str, str, str], Sequence[int]],
) -> None:
    """A use cancelled before or after it was told leaves no empty row: the figures do not depend on the cuts."""
    fewer = [day for (day, _what), n in (*uses.items(), *combined.items()) if n < 0]
    fewer += (day for day, _service in told.totals)
    if fewer:
        touched = {"cafe": cafe, "first": min(fewer), "last": max(fewer)}
        send(conn, _NO_USES, touched)
        send(conn, _NO_VISITS, touched)
    # A total of none adds to no month.
    if sums and (told.totals or any(n < 0 for n, _typed in sums.values())):
        send(conn, _NO_SUMS, {"cafe": cafe, "first": min(sums)[0], "last": max(sums)[0]})


def _months(told: Told, uses: Sums, combined: Sums) -> dict[tuple[str, str, str], list[int]]:
    """Return what is added to the sums of months, by month, sort and code: amount, and how much was typed as totals."""
    sums: dict[tuple[str, str, str], list[int]] = {}

    def add(day: str, sort: str, code: str, n: int, typed: int = 0) -> None:
        both = sums.setdefault((day[:7], sort, code), [0, 0])
        both[0] += n
        both[1] += typed

    for (day, service), n in uses.items():
        add(day, "use", service, n)
    for (day, service), n in told.totals.items():
        add(day, "use", service, n, n)
    for (day, services), n in combined.items():
        add(day, "visit", services, n)
    for (day, code), n in told.figures.items():
        add(day, "figure", code, n)
    for (day, code, of), n in told.parts.items():
        add(day, "thing", f"{code}:{of}", n)
    # What comes to nothing leaves no row, however the entries were cut; of figures, rows stay.
    return {key: both for key, both in sums.items() if any(both) or key[1] in ("figure", "thing")}


def _rows_of_months(
    cafe: int, told: Told, sums: Mapping[tuple[str, str, str], Sequence[int]]
) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of the months a batch speaks of, and of the days it was heard on: that both were touched."""
    yield [
        {"cafe_id": cafe, "month": month, "sort": sort, "code": code, "n": n, "typed": typed}
        for (month, sort, code), (n, typed) in sorted(sums.items())
    ]
    days = {*told.days, *(closure["day"] for closure in told.closures)}
    used = {use.day for use in told.uses}
    every = {day for day, *_what in (*told.figures, *told.parts)} | days | used
    touched = {"", *(month for month, _sort, _code in sums), *(day[:7] for day in every)}
    yield [
        {"cafe_id": cafe, "month": month, "days": bits_of(days, month), "used": bits_of(used, month),
         "told": bits_of(every, month), "since": min(days, default=None) if not month else None, "touched": 1}
        for month in sorted(touched)
    ]  # fmt: skip


def bits_of(days: Iterable[str], month: str) -> int:
    """Return the days of a month as bits, the 1st the lowest."""
    return sum(1 << int(day[8:]) - 1 for day in days if month and day[:7] == month)
