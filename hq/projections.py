"""Figures told from entries: uses, visits, days, closures, health. Rebuilt at any hour, identical.

A use is one service in one visit. What counts as a use is said by each feature (`Feature.uses`);
there is no code per service here. An entry that cannot be told is set apart and never stops the rest.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from sqlalchemy import Connection, delete, update
from sqlalchemy.exc import DBAPIError

from hq import db, visits
from hq.rollups import NO_MONTHS, ROLLUPS, Told, write
from pos.events import Event, EventTypes
from pos.feature import Feature, Figure, Use, Wait
from pos.journal import Envelope
from pos.system import EVENTS as SYSTEM_EVENTS
from pos.system import BoxBooted, JournalImport, TroubleNoted
from pos.till.events import DayClosed, DayOpened, SaleCompleted, SaleRefunded
from pos.till.network_events import ConfigApplied, PriceSetAside, PriceTaken
from sync import imports, ingest, reading
from sync.ingest import Fresh, Poison

# What a database or its driver raises at values it cannot hold.
_UNTELLABLE = (DBAPIError, psycopg.Error, OverflowError, ValueError)
# Beyond these a box is broken, and sums could leave 64 bits.
_COUNT_MOST, _CENTS_MOST = 1_000_000, 10**12
# A rebuild tells so many entries with one set of statements.
_JOINED_MOST = 4_000
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _check_day(text: str) -> None:
    """Raise ValueError for what no page could show as a day."""
    if not _DAY.fullmatch(text):
        raise ValueError(f"day {text[:20]!r}")
    date.fromisoformat(text)


@dataclass(frozen=True, slots=True)
class _Said:
    """What is told of one kind of event."""

    uses: tuple[Callable[[Any], Iterable[Use]], ...]
    figures: tuple[Callable[[Any], Iterable[Figure]], ...]
    waits: tuple[Callable[[Any], Iterable[Wait]], ...]
    name: Callable[[Any], tuple[str, str]] | None
    teller: "Callable[[Told, Envelope, Any], None] | None"
    # Whether the event names its business day.
    dated: bool


def _check(uses: Sequence[Use], figures: Sequence[Figure], waits: Sequence[Wait]) -> None:
    """Raise ValueError at what no index and no sum should hold."""
    for use in uses:
        if len(use.visit) > 64 or not 0 < len(use.service) <= 40 or abs(use.count) > _COUNT_MOST:
            raise ValueError("visit, service or count out of bounds")
    for figure in figures:
        if abs(figure.amount) > _CENTS_MOST or not 0 < len(figure.code) <= 40:
            raise ValueError("figure out of bounds")
        if len(figure.of) > 64:
            raise ValueError("id out of bounds")
    for wait in waits:
        if not (0 < len(wait.code) <= 64 and 0 < len(wait.thing) <= 64):
            raise ValueError("id out of bounds")


class Projections:
    """Tells entries to HQ's tables, for a given set of features."""

    def __init__(self, features: Iterable[Feature]) -> None:
        parts = tuple(features)
        self.types = EventTypes([*SYSTEM_EVENTS, *(cls for part in parts for cls in part.events)])
        names = {cls: name for part in parts for cls, name in part.owner_names.items()}
        # Kinds of which nothing is told are not in here.
        self._said: dict[type[Event], _Said] = {}
        for cls in self.types.types.values():
            told = [tuple(p[cls] for p in each if cls in p) for each in (
                [part.uses for part in parts], [part.tells for part in parts], [part.waits for part in parts],
            )]  # fmt: skip
            said = _Said(*told, names.get(cls), _TELLERS.get(cls), "day" in cls.__struct_fields__)
            if any((*told, said.name, said.teller)):
                self._said[cls] = said

    def tell(self, conn: Connection, fresh: Fresh) -> list[Poison]:
        """Tell new entries of one journal, in order, in the caller's transaction; return those set apart."""
        told = self._add_up(fresh)
        try:
            write(conn, fresh, told)
        except _UNTELLABLE:
            return self._tell_singly(conn, fresh)
        return told.poison

    def _add_up(self, fresh: Fresh) -> Told:
        told = Told()
        read = fresh.events or reading.events_of(fresh.entries, self.types)
        for entry, event in zip(fresh.entries, read, strict=True):
            if event is not None and type(event) not in self._said:
                continue
            try:
                self._hear(told, fresh, entry, event)
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
                write(conn, alone, told)
            except _UNTELLABLE as problem:
                told = Told(poison=[_poison(entry, problem)])
                write(conn, alone, told)
            poison += told.poison
        return poison

    def _hear(self, told: Told, fresh: Fresh, entry: Envelope, read: Event | None) -> None:
        # What could not be read is read again, for what is wrong with it.
        event: Any = self.types.decode(entry.kind, entry.kv, entry.data) if read is None else read
        said = self._said.get(type(event))
        if event is None:
            told.opaque[entry.kind, entry.kv] += 1
        if said is None:
            return
        day = (event.day[:10] if said.dated else "") or told.day_of(entry.t)
        # Most kinds say one sort of things only.
        uses = [one for say in said.uses for one in say(event)] if said.uses else []
        figures = [one for say in said.figures for one in say(event)] if said.figures else []
        waits = [one for say in said.waits for one in say(event)] if said.waits else []
        for one in (day, *[wait.due_on[:10] for wait in waits if wait.due_on]) if waits else (day,):
            if one not in told.days_seen:
                _check_day(one)
                told.days_seen.add(one)
        _check(uses, figures, waits)
        if said.teller:
            said.teller(told, entry, event)
        _hear_figures(told, day, figures, waits)
        if said.name:
            owner, label = said.name(event)
            told.owners[owner[:64]] = label[:80]
        for use in uses:
            told.uses.append(visits.Use(fresh.jn, entry.seq, use.service, use.visit, day, use.count, use.aggregated))
            if use.aggregated:
                told.totals[day, use.service] += use.count

    def rebuild(self, conn: Connection, cafe: int | None = None) -> int:
        """Empty the rollups, of one café or all, and tell every stored segment again; return the entries told."""
        for table in (*ROLLUPS, db.cafe_health):
            change = delete(table) if table is not db.cafe_health else update(table).values(
                boots=0, unclean_boots=0, troubles=0, last_jn=0, last_seq=-1, last_entry_at=None, last_trouble="",
                last_trouble_at=None,
            )  # fmt: skip
            conn.execute(change if cafe is None else change.where(table.c.cafe_id == cafe))
        conn.execute(NO_MONTHS if cafe is None else NO_MONTHS.where(db.cafe_month.c.cafe_id == cafe))
        return sum(self._tell_joined(conn, parts) for parts in _joined(ingest.stored(conn, cafe)))

    def _tell_joined(self, conn: Connection, parts: list[Fresh]) -> int:
        """Tell segments that follow each other in one go; where something is wrong in them, one after the other."""
        whole = Fresh(parts[0].cafe, parts[0].jn, parts[0].received_at, [e for part in parts for e in part.entries])
        told = self._add_up(whole)
        try:
            if told.poison:
                raise ValueError("what is set apart keeps the day it came")
            write(conn, whole, told)
        except _UNTELLABLE:
            for part in parts:
                self.tell(conn, part)
        return len(whole.entries)


def _joined(segments: Iterable[Fresh]) -> Iterator[list[Fresh]]:
    """Yield segments of one journal that follow each other, some thousand entries at a time."""
    parts: list[Fresh] = []
    for fresh in segments:
        full = sum(len(part.entries) for part in parts) + len(fresh.entries) > _JOINED_MOST
        if parts and (full or (fresh.cafe, fresh.jn) != (parts[0].cafe, parts[0].jn)):
            yield parts
            parts = []
        parts.append(fresh)
    if parts:
        yield parts


def _poison(entry: Envelope, problem: Exception) -> Poison:
    return Poison(entry.seq, entry.kind, type(problem).__name__, str(problem)[:300].replace("\0", ""))


def _hear_figures(told: Told, day: str, figures: list[Figure], waits: list[Wait]) -> None:
    for figure in figures:
        told.figures[day, figure.code] += figure.amount
        if figure.of:
            told.parts[day, figure.code, figure.of] += figure.amount
    for wait in waits:
        due_on, here = told.waits.get((wait.code, wait.thing), (None, None))
        told.waits[wait.code, wait.thing] = (
            due_on if wait.due_on is None else wait.due_on[:10], here if wait.here is None else wait.here,
        )  # fmt: skip


def _hear_sale(told: Told, entry: Envelope, event: SaleCompleted | SaleRefunded) -> None:
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
    cents = sum([part.amount for part in event.off if part.owner]) if event.off else 0
    if abs(cents) > _CENTS_MOST:
        raise ValueError("third parties' money out of bounds")
    return cents


def _hear_opening(told: Told, entry: Envelope, event: DayOpened) -> None:
    day = told.days[event.day[:10]]
    day.opened_at = min(day.opened_at or entry.t, entry.t)


def _hear_closing(told: Told, entry: Envelope, event: DayClosed) -> None:
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


def _hear_boot(told: Told, _entry: Envelope, event: BoxBooted) -> None:
    told.boots += 1
    told.unclean += not event.clean


def _hear_trouble(told: Told, entry: Envelope, event: TroubleNoted) -> None:
    told.troubles.append((event.what, entry.t))


def _hear_list(told: Told, entry: Envelope, event: ConfigApplied) -> None:
    told.lists.append({
        "seq": entry.seq, "channel": event.channel[:24], "n": event.n, "sha256": event.sha256[:64],
        "serial": event.serial, "at": entry.t,
    })  # fmt: skip


def _hear_own_price(told: Told, entry: Envelope, event: PriceSetAside) -> None:
    told.asides[event.product[:60]] = {
        "price": event.price, "network": event.network, "ceiling": event.ceiling, "reason": event.reason[:24],
        "at": entry.t,
    }  # fmt: skip


def _hear_network_price(told: Told, entry: Envelope, event: PriceTaken) -> None:
    told.asides[event.product[:60]] = {
        "price": None, "network": event.price, "ceiling": None, "reason": "", "at": entry.t,
    }  # fmt: skip


def _hear_import(_told: Told, entry: Envelope, _event: JournalImport) -> None:
    """What rotted on a box's card came with the rest (§2.9): kept as it is, set apart, for a person to see."""
    if imports.carried(entry) is None:
        raise ValueError("the bytes carried are not the entry their hash names")


_TELLERS: dict[type[Event], Callable[[Told, Envelope, Any], None]] = {
    SaleCompleted: _hear_sale, SaleRefunded: _hear_sale, DayOpened: _hear_opening, DayClosed: _hear_closing,
    BoxBooted: _hear_boot, TroubleNoted: _hear_trouble, ConfigApplied: _hear_list, PriceSetAside: _hear_own_price,
    PriceTaken: _hear_network_price, JournalImport: _hear_import,
}  # fmt: skip
