"""Figures told from entries: uses, visits, days, closures, health. Rebuilt at any hour, identical.

A use is one service in one visit. What counts as a use is said by each feature (`Feature.uses`);
there is no code per service here. An entry that cannot be told is set apart and never stops the rest.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.exc import DBAPIError

from hq import db
from hq.db import Upsert
from pos.clock import business_day
from pos.events import Event, EventTypes
from pos.feature import Feature, Figure, Use, Wait
from pos.journal import Envelope
from pos.system import EVENTS as SYSTEM_EVENTS
from pos.system import BoxBooted, TroubleNoted
from pos.till.events import DayClosed, DayOpened, SaleCompleted, SaleRefunded
from sync import books, ingest
from sync.ingest import Fresh, Poison

# What a database or its driver raises at values it cannot hold.
_UNTELLABLE = (DBAPIError, OverflowError, ValueError)
# Beyond these a box is broken, and sums could leave 64 bits.
_COUNT_MOST, _CENTS_MOST = 1_000_000, 10**12
# SQLite takes 32,766 parameters in a statement; PostgreSQL 65,535.
_CHUNK = 2_000
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

_KEEP_USE = Upsert(db.use_entry)
_VISIT_SERVICE = Upsert(db.visit_service, add=("net",))
_USES = Upsert(db.rollup_use, add=("uses", "aggregated"))
_VISITS = Upsert(db.rollup_visit, add=("visits",))
_FIGURES = Upsert(db.rollup_figure, add=("amount",))
_PARTS = Upsert(db.rollup_part, add=("amount",))
_WAITING = Upsert(db.waiting, over=("due_on", "here"))
_NAMES = Upsert(db.owner_name, replace=("label",))
_OPENED = Upsert(db.rollup_day, least=("opened_at",))
_SOLD = Upsert(
    db.rollup_day, add=("tickets", "refunds", "turnover_cents", "third_party_cents"),
    least=("first_sale_at",), most=("last_sale_at",),
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
_OPAQUE = Upsert(db.opaque_kind, add=("entries",))
_POISON = Upsert(books.quarantine)

_KNOWN_VISITS = select(
    db.visit_service.c.visit, db.visit_service.c.service, db.visit_service.c.day, db.visit_service.c.net
).where(
    db.visit_service.c.cafe_id == bindparam("cafe"),
    db.visit_service.c.visit.in_(bindparam("visits", expanding=True)),
)  # fmt: skip
_NO_USES = delete(db.rollup_use).where(
    db.rollup_use.c.cafe_id == bindparam("cafe"), db.rollup_use.c.day.between(bindparam("first"), bindparam("last")),
    db.rollup_use.c.uses == 0, db.rollup_use.c.aggregated == 0,
)  # fmt: skip
_NO_VISITS = delete(db.rollup_visit).where(
    db.rollup_visit.c.cafe_id == bindparam("cafe"),
    db.rollup_visit.c.day.between(bindparam("first"), bindparam("last")), db.rollup_visit.c.visits == 0,
)  # fmt: skip

ROLLUPS = (
    db.use_entry, db.visit_service, db.rollup_use, db.rollup_visit, db.rollup_figure, db.rollup_part, db.waiting,
    db.owner_name, db.rollup_day, db.closure, db.opaque_kind, books.quarantine,
)  # fmt: skip


@dataclass
class _Day:
    """What a batch adds to a business day."""

    tickets: int = 0
    refunds: int = 0
    turnover_cents: int = 0
    third_party_cents: int = 0
    first_sale_at: int | None = None
    last_sale_at: int | None = None


@dataclass
class _Told:
    """What a batch says, added up before the database is touched."""

    uses: list[dict[str, Any]] = field(default_factory=list)
    visits: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    totals: Counter[tuple[str, str]] = field(default_factory=Counter)
    figures: Counter[tuple[str, str]] = field(default_factory=Counter)
    # by (day, code, what it is about)
    parts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    # (code, thing): last day expected and whether it is there, None where the batch does not say
    waits: dict[tuple[str, str], tuple[str | None, bool | None]] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    days: defaultdict[str, _Day] = field(default_factory=lambda: defaultdict(_Day))
    opened: dict[str, int] = field(default_factory=dict)
    closures: list[dict[str, Any]] = field(default_factory=list)
    opaque: Counter[tuple[str, int]] = field(default_factory=Counter)
    poison: list[Poison] = field(default_factory=list)
    boots: int = 0
    unclean: int = 0
    troubles: list[tuple[str, int]] = field(default_factory=list)


class Projections:
    """Tells entries to HQ's tables, for a given set of features."""

    def __init__(self, features: Iterable[Feature]) -> None:
        parts = tuple(features)
        self.types = EventTypes([*SYSTEM_EVENTS, *(cls for part in parts for cls in part.events)])
        self._uses: dict[type[Event], list[Callable[[Any], Iterable[Use]]]] = {}
        for part in parts:
            for cls, uses in part.uses.items():
                self._uses.setdefault(cls, []).append(uses)
        self._figures: dict[type[Event], list[Callable[[Any], Iterable[Figure]]]] = {}
        self._waits: dict[type[Event], list[Callable[[Any], Iterable[Wait]]]] = {}
        self._names: dict[type[Event], Callable[[Any], tuple[str, str]]] = {}
        for part in parts:
            for cls, figures in part.tells.items():
                self._figures.setdefault(cls, []).append(figures)
            for cls, waits in part.waits.items():
                self._waits.setdefault(cls, []).append(waits)
            self._names.update(part.owner_names)

    def tell(self, conn: Connection, fresh: Fresh) -> list[Poison]:
        """Tell new entries of one journal, in order, in the caller's transaction; return those set apart."""
        told = self._add_up(fresh)
        try:
            with conn.begin_nested():
                _write(conn, fresh, told)
        except _UNTELLABLE:
            return self._tell_singly(conn, fresh)
        return told.poison

    def _add_up(self, fresh: Fresh) -> _Told:
        told = _Told()
        for entry in fresh.entries:
            try:
                self._hear(told, fresh, entry)
            except Exception as problem:  # noqa: BLE001  (whatever a bad entry does, the others count)
                told.poison.append(_poison(entry, problem))
        return told

    def _tell_singly(self, conn: Connection, fresh: Fresh) -> list[Poison]:
        """The database refused what an entry says (a number too large…): find that one, tell the others."""
        poison = []
        for entry in fresh.entries:
            alone = Fresh(fresh.cafe, fresh.jn, fresh.received_at, [entry])
            told = self._add_up(alone)
            try:
                with conn.begin_nested():
                    _write(conn, alone, told)
            except _UNTELLABLE as problem:
                told = _Told(poison=[_poison(entry, problem)])
                _write(conn, alone, told)
            poison += told.poison
        return poison

    def _hear(self, told: _Told, fresh: Fresh, entry: Envelope) -> None:
        event = self.types.decode(entry.kind, entry.kv, entry.data)
        if event is None:
            told.opaque[entry.kind, entry.kv] += 1
            return
        cls = type(event)
        day = getattr(event, "day", "")[:10] or business_day(entry.t)
        if not _DAY.fullmatch(day):
            raise ValueError(f"day {day[:20]!r}")
        uses = [use for say in self._uses.get(cls, ()) for use in say(event)]
        for use in uses:
            if len(use.visit) > 64 or not 0 < len(use.service) <= 40 or abs(use.count) > _COUNT_MOST:
                raise ValueError("visit, service or count out of bounds")
        figures = [figure for say in self._figures.get(cls, ()) for figure in say(event)]
        if any(abs(figure.amount) > _CENTS_MOST or not 0 < len(figure.code) <= 40 for figure in figures):
            raise ValueError("figure out of bounds")
        waits = [wait for say in self._waits.get(cls, ()) for wait in say(event)]
        if any(not 0 < len(text) <= 64 for one in (*figures, *waits) for text in _ids(one)):
            raise ValueError("id out of bounds")
        teller = _TELLERS.get(cls)
        if teller:
            teller(told, entry, event)
        _hear_figures(told, day, figures, waits)
        if cls in self._names:
            owner, label = self._names[cls](event)
            told.owners[owner[:64]] = label[:80]
        for i, use in enumerate(uses):
            _hear_use(told, {"cafe_id": fresh.cafe, "jn": fresh.jn, "seq": entry.seq, "i": i, "day": day}, use)

    def rebuild(self, conn: Connection, cafe: int | None = None) -> int:
        """Empty the rollups, of one café or all, and tell every stored segment again; return the entries told."""
        for table in (*ROLLUPS, db.cafe_health):
            change = delete(table) if table is not db.cafe_health else update(table).values(
                boots=0, unclean_boots=0, troubles=0, last_jn=0, last_seq=-1, last_entry_at=None, last_trouble="",
                last_trouble_at=None,
            )  # fmt: skip
            conn.execute(change if cafe is None else change.where(table.c.cafe_id == cafe))
        n = 0
        for fresh in ingest.stored(conn, cafe):
            self.tell(conn, fresh)
            n += len(fresh.entries)
        return n


def _poison(entry: Envelope, problem: Exception) -> Poison:
    return Poison(entry.seq, entry.kind, type(problem).__name__, str(problem)[:300].replace("\0", ""))


def _hear_figures(told: _Told, day: str, figures: list[Figure], waits: list[Wait]) -> None:
    for figure in figures:
        told.figures[day, figure.code] += figure.amount
        if figure.of:
            told.parts[day, figure.code, figure.of] += figure.amount
    for wait in waits:
        due_on, here = told.waits.get((wait.code, wait.thing), (None, None))
        told.waits[wait.code, wait.thing] = (
            due_on if wait.due_on is None else wait.due_on[:10], here if wait.here is None else wait.here,
        )  # fmt: skip


def _ids(one: Figure | Wait) -> tuple[str, ...]:
    if isinstance(one, Wait):
        return one.code, one.thing
    return (one.of,) if one.of else ()


def _hear_use(told: _Told, place: dict[str, Any], use: Use) -> None:
    day = place["day"]
    told.uses.append(place | {
        "service": use.service, "visit": use.visit, "count": use.count, "aggregated": use.aggregated,
    })  # fmt: skip
    if use.aggregated:
        told.totals[day, use.service] += use.count
        return
    key = (use.visit, use.service)
    first, net = told.visits.get(key, (day, 0))
    told.visits[key] = (first, net + use.count)


def _hear_sale(told: _Told, entry: Envelope, event: SaleCompleted | SaleRefunded) -> None:
    third_parties = _third_parties(event)
    if abs(event.turnover) > _CENTS_MOST:
        raise ValueError("turnover out of bounds")
    day = told.days[event.day[:10]]
    if isinstance(event, SaleCompleted):
        day.tickets += 1
        at = event.happened_at or entry.t
        day.first_sale_at = min(day.first_sale_at or at, at)
        day.last_sale_at = max(day.last_sale_at or at, at)
    else:
        day.refunds += 1
    day.turnover_cents += event.turnover
    day.third_party_cents += third_parties


def _third_parties(event: SaleCompleted | SaleRefunded | DayClosed) -> int:
    cents = sum(part.amount for part in event.off if part.owner)
    if abs(cents) > _CENTS_MOST:
        raise ValueError("third parties' money out of bounds")
    return cents


def _hear_opening(told: _Told, entry: Envelope, event: DayOpened) -> None:
    told.opened.setdefault(event.day[:10], entry.t)


def _hear_closing(told: _Told, entry: Envelope, event: DayClosed) -> None:
    counted = event.counted >= 0
    told.closures.append({
        "seq": entry.seq, "day": event.day[:10], "z": event.z, "opened_at": event.opened_at, "closed_at": event.closed_at,
        "auto": event.auto, "first_seq": event.first_seq, "last_seq": event.last_seq, "tickets": event.tickets,
        "refunds": event.refunds, "voids": event.voids, "turnover_cents": event.turnover,
        "third_party_cents": _third_parties(event),
        "cash_expected": event.expected, "cash_counted": event.counted if counted else None,
        "cash_difference": event.difference if counted else None, "perpetual_cents": event.perpetual,
        "head": event.head,
    })  # fmt: skip


def _hear_boot(told: _Told, _entry: Envelope, event: BoxBooted) -> None:
    told.boots += 1
    told.unclean += not event.clean


def _hear_trouble(told: _Told, entry: Envelope, event: TroubleNoted) -> None:
    told.troubles.append((event.what, entry.t))


_TELLERS: dict[type[Event], Callable[[_Told, Envelope, Any], None]] = {
    SaleCompleted: _hear_sale, SaleRefunded: _hear_sale, DayOpened: _hear_opening, DayClosed: _hear_closing,
    BoxBooted: _hear_boot, TroubleNoted: _hear_trouble,
}  # fmt: skip


def _write(conn: Connection, fresh: Fresh, told: _Told) -> None:
    cafe, place = fresh.cafe, {"cafe_id": fresh.cafe, "jn": fresh.jn}
    _KEEP_USE.run(conn, told.uses)
    _write_visits(conn, cafe, told)
    _FIGURES.run(conn, (
        {"cafe_id": cafe, "day": day, "code": code, "amount": n} for (day, code), n in sorted(told.figures.items())
    ))  # fmt: skip
    _PARTS.run(conn, (
        {"cafe_id": cafe, "day": day, "code": code, "of": of, "amount": n} for (day, code, of), n in sorted(told.parts.items())
    ))  # fmt: skip
    _WAITING.run(conn, (
        {"cafe_id": cafe, "code": code, "thing": thing, "due_on": due_on, "here": here}
        for (code, thing), (due_on, here) in told.waits.items()
    ))  # fmt: skip
    _NAMES.run(conn, ({"cafe_id": cafe, "owner": owner, "label": said} for owner, said in told.owners.items() if owner))
    _OPENED.run(conn, ({"cafe_id": cafe, "day": day, "opened_at": at} for day, at in told.opened.items()))
    _SOLD.run(conn, ({"cafe_id": cafe, "day": day, **vars(change)} for day, change in told.days.items()))
    _CLOSURE.run(conn, ({**place, **closure} for closure in told.closures))
    _CLOSED.run(conn, ({
        "cafe_id": cafe, "day": c["day"], "opened_at": c["opened_at"], "closed_at": c["closed_at"], "z": c["z"],
        "auto_closed": c["auto"], "cash_expected": c["cash_expected"], "cash_counted": c["cash_counted"],
        "cash_difference": c["cash_difference"],
    } for c in told.closures))  # fmt: skip
    _OPAQUE.run(conn, ({"cafe_id": cafe, "kind": k, "kv": kv, "entries": n} for (k, kv), n in told.opaque.items()))
    _POISON.run(conn, ({
        **place, "seq": p.seq, "kind": p.kind, "reason": p.reason, "detail": p.detail, "since": fresh.received_at,
    } for p in told.poison))  # fmt: skip
    if fresh.entries:
        last = fresh.entries[-1]
        _HEALTH.run(conn, [{
            "cafe_id": cafe, "boots": told.boots, "unclean_boots": told.unclean, "troubles": len(told.troubles),
            "last_jn": fresh.jn, "last_seq": last.seq, "last_entry_at": last.t,
        }])  # fmt: skip
    if told.troubles:
        what, at = told.troubles[-1]
        _TROUBLE.run(conn, [{"cafe_id": cafe, "last_trouble": what, "last_trouble_at": at}])


def _write_visits(conn: Connection, cafe: int, told: _Told) -> None:
    before = _known_visits(conn, cafe, sorted({visit for visit, _service in told.visits}))
    after = dict(before)
    for key, (day, net) in told.visits.items():
        first, had = before.get(key, (day, 0))
        after[key] = (first, had + net)
    uses: Counter[tuple[str, str]] = Counter()
    for key in told.visits:
        day, net = after[key]
        uses[day, key[1]] += (net > 0) - (key in before and before[key][1] > 0)
    visits: Counter[tuple[str, str]] = Counter(_combinations(after).values())
    visits.subtract(_combinations(before).values())
    _VISIT_SERVICE.run(conn, (
        {"cafe_id": cafe, "visit": visit, "service": service, "day": after[visit, service][0], "net": net}
        for (visit, service), (_day, net) in told.visits.items()
    ))  # fmt: skip
    _USES.run(conn, (
        {"cafe_id": cafe, "day": day, "service": service, "uses": uses[day, service] + told.totals[day, service],
         "aggregated": told.totals[day, service]}
        for day, service in sorted(uses.keys() | told.totals.keys())
        if uses[day, service] or told.totals[day, service]
    ))  # fmt: skip
    _VISITS.run(conn, (
        {"cafe_id": cafe, "day": day, "services": services, "visits": n}
        for (day, services), n in sorted(visits.items()) if n
    ))  # fmt: skip
    # A use cancelled before or after it was told leaves no empty row: the figures do not depend on the cuts.
    days = sorted({day for day, _what in (*uses, *told.totals, *visits)})
    if days:
        touched = {"cafe": cafe, "first": days[0], "last": days[-1]}
        conn.execute(_NO_USES, touched)
        conn.execute(_NO_VISITS, touched)


def _known_visits(conn: Connection, cafe: int, visits: list[str]) -> dict[tuple[str, str], tuple[str, int]]:
    known = {}
    for i in range(0, len(visits), _CHUNK):
        for visit, service, day, net in conn.execute(_KNOWN_VISITS, {"cafe": cafe, "visits": visits[i : i + _CHUNK]}):
            known[visit, service] = (day, net)
    return known


def _combinations(nets: dict[tuple[str, str], tuple[str, int]]) -> dict[tuple[str, str], tuple[str, str]]:
    """Return for each (visit, day) what was used, as (day, "bread+cash_out")."""
    services: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for (visit, service), (day, net) in nets.items():
        if net > 0:
            services[visit, day].append(service)
    return {key: (key[1], "+".join(sorted(used))) for key, used in services.items()}
