"""What the café asks about its parcels: one parcel, the shelf, what is overdue, a day, a month's pay."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace

from pos.services.parcels import terms
from pos.services.parcels.tables import HANDED, MISSING, OUT, REFUSED, STORED
from pos.services.parcels.terms import Terms

WAITING = (STORED, REFUSED, MISSING)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A row of the table, as told."""

    parcel_id: str
    direction: str
    carrier: str
    ref: str
    check_status: str
    shape: str
    delivery_id: str
    state: str
    place: str
    size: str
    damaged: int
    came_at: int
    came_seq: int
    came_on: str
    deadline_on: str
    left_at: int
    left_on: str
    proof: str
    third_party: int
    visit: str
    reason: str

    def overdue(self, day: str) -> bool:
        """Tell whether it should go back with the driver: the day after the last day it is kept."""
        return self.state == STORED and self.deadline_on < day

    def to_return(self, day: str) -> bool:
        """Tell whether the driver should take it: overdue, or refused by its recipient."""
        return self.state == REFUSED or self.overdue(day)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A driver's visit while his parcels are read."""

    delivery_id: str
    carrier: str
    announced: int
    opened_at: int
    opened_on: str
    closed_at: int
    accepted: int
    refused: int


@dataclass(frozen=True, slots=True)
class DayTally:
    """A day in figures, parcels read and totals typed together."""

    arrived: int
    handed: int
    dropped: int
    kept: int
    to_return: int
    # Persons who came for at least one parcel, as grouped by visit; typed totals add their customers.
    visits: int


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A carrier's month: acts, and what they should be paid (−1: pay not typed)."""

    carrier: str
    received: int
    handed: int
    given: int
    returned: int
    pay: int


_COLUMNS = ", ".join(Parcel.__dataclass_fields__)
_ONE = f"SELECT {_COLUMNS} FROM parcel WHERE parcel_id = ?"
_BY_REF = f"SELECT {_COLUMNS} FROM parcel WHERE ref = ? ORDER BY came_at DESC, came_seq DESC"
_BY_STATE = f"SELECT {_COLUMNS} FROM parcel WHERE state IN (?, ?, ?) ORDER BY deadline_on, place, parcel_id"
_AT_PLACE = f"SELECT {_COLUMNS} FROM parcel WHERE state = 'stored' AND place = ? ORDER BY deadline_on LIMIT ?"
_OUTGOING = f"SELECT {_COLUMNS} FROM parcel WHERE state = 'out' ORDER BY came_at, came_seq"
_LEFT_ON = f"SELECT {_COLUMNS} FROM parcel WHERE left_on = ? ORDER BY left_at DESC LIMIT ?"
_OF_DELIVERY = f"SELECT {_COLUMNS} FROM parcel WHERE delivery_id = ? ORDER BY came_at DESC, came_seq DESC"
_OF_VISIT = "SELECT count(*) FROM parcel WHERE visit = ? AND state IN ('handed', 'out', 'given')"
_DELIVERIES = "SELECT * FROM parcel_delivery WHERE closed_at = 0 ORDER BY opened_at DESC, delivery_id"
_DELIVERY = "SELECT * FROM parcel_delivery WHERE delivery_id = ?"
_DELIVERY_COUNT = (
    "SELECT coalesce(sum(state <> 'refused_at_intake'), 0), coalesce(sum(state = 'refused_at_intake'), 0)"
    " FROM parcel WHERE delivery_id = ?"
)
_TERMS_ON = "SELECT * FROM parcel_terms WHERE carrier = ? AND valid_from <= ? ORDER BY valid_from DESC LIMIT 1"
_COUNT_OF = "SELECT * FROM parcel_day_count WHERE day = ? AND carrier = ?"
_COUNTS = (
    "SELECT coalesce(sum(arrived), 0), coalesce(sum(handed), 0), coalesce(sum(dropped), 0), coalesce(sum(customers), 0)"
    " FROM parcel_day_count WHERE day = ?"
)
_KEPT = (
    "SELECT count(*), coalesce(sum(state = 'refused' OR (state = 'stored' AND deadline_on < ?)), 0)"
    " FROM parcel WHERE state IN ('stored', 'refused')"
)
_CAME = (
    "SELECT coalesce(sum(direction = 'in' AND state <> 'refused_at_intake'), 0), coalesce(sum(direction = 'out'), 0)"
    " FROM parcel WHERE came_on = ?"
)
_HANDED = "SELECT count(*) FROM parcel WHERE left_on = ? AND state = 'handed'"
_VISITS = (
    "SELECT count(DISTINCT visit) FROM parcel WHERE visit <> ''"
    " AND ((left_on = ? AND state = 'handed') OR (came_on = ? AND state IN ('out', 'given')))"
)
_SHEET = (
    "SELECT carrier, came_on AS day, 'received' AS act, count(*) AS n FROM parcel"
    " WHERE direction = 'in' AND state <> 'refused_at_intake' AND came_on BETWEEN ?1 AND ?2 GROUP BY carrier, came_on"
    " UNION ALL SELECT carrier, left_on, state, count(*) FROM parcel"
    " WHERE state IN ('handed', 'given', 'returned') AND left_on BETWEEN ?1 AND ?2 GROUP BY carrier, left_on, state"
    " UNION ALL SELECT carrier, day, 'received', arrived FROM parcel_day_count WHERE day BETWEEN ?1 AND ?2"
    " UNION ALL SELECT carrier, day, 'handed', handed FROM parcel_day_count WHERE day BETWEEN ?1 AND ?2"
    " UNION ALL SELECT carrier, day, 'given', dropped FROM parcel_day_count WHERE day BETWEEN ?1 AND ?2"
    " UNION ALL SELECT carrier, day, 'returned', returned FROM parcel_day_count WHERE day BETWEEN ?1 AND ?2"
)


def parcel(conn: sqlite3.Connection, parcel_id: str) -> Parcel | None:
    """Return one parcel."""
    row = conn.execute(_ONE, (parcel_id,)).fetchone()
    return Parcel(*row) if row else None


def by_refs(conn: sqlite3.Connection, refs: Iterable[str]) -> list[Parcel]:
    """Return parcels that bear one of these pseudonyms, those still here first."""
    found = [Parcel(*row) for ref in dict.fromkeys(refs) for row in conn.execute(_BY_REF, (ref,))]
    return sorted(found, key=lambda p: (p.state not in (*WAITING, OUT), -p.came_at))


def waiting(conn: sqlite3.Connection) -> list[Parcel]:
    """Return every inbound parcel that is here, the most urgent first."""
    return [Parcel(*row) for row in conn.execute(_BY_STATE, WAITING)]


def to_return(conn: sqlite3.Connection, day: str, carrier: str = "") -> list[Parcel]:
    """Return what the driver should take back."""
    return [p for p in waiting(conn) if p.to_return(day) and carrier in ("", p.carrier)]


def outgoing(conn: sqlite3.Connection, carrier: str = "") -> list[Parcel]:
    """Return senders' parcels that wait for the driver."""
    return [p for p in (Parcel(*row) for row in conn.execute(_OUTGOING)) if carrier in ("", p.carrier)]


def at_place(conn: sqlite3.Connection, place: str, limit: int = 50) -> list[Parcel]:
    """Return what is on a shelf."""
    return [Parcel(*row) for row in conn.execute(_AT_PLACE, (place, limit))]


def left_on(conn: sqlite3.Connection, day: str, limit: int = 200) -> list[Parcel]:
    """Return what left the café on a day, the latest first."""
    return [Parcel(*row) for row in conn.execute(_LEFT_ON, (day, limit))]


def of_delivery(conn: sqlite3.Connection, delivery_id: str) -> list[Parcel]:
    """Return the parcels of a delivery, accepted and refused, the latest first."""
    return [Parcel(*row) for row in conn.execute(_OF_DELIVERY, (delivery_id,))]


def parcels_of_visit(conn: sqlite3.Connection, visit: str) -> int:
    """Return how many parcels make this visit a use."""
    return int(conn.execute(_OF_VISIT, (visit,)).fetchone()[0])


def open_deliveries(conn: sqlite3.Connection) -> list[Delivery]:
    """Return deliveries being read, the latest first."""
    return [Delivery(*row) for row in conn.execute(_DELIVERIES)]


def delivery(conn: sqlite3.Connection, delivery_id: str) -> Delivery | None:
    """Return a delivery; while it is open, its counts are those of its parcels so far."""
    row = conn.execute(_DELIVERY, (delivery_id,)).fetchone()
    if row is None:
        return None
    found = Delivery(*row)
    if found.closed_at:
        return found
    accepted, refused = conn.execute(_DELIVERY_COUNT, (delivery_id,)).fetchone()
    return replace(found, accepted=accepted, refused=refused)


def terms_on(conn: sqlite3.Connection, carrier: str, day: str) -> Terms:
    """Return what holds for a carrier on a day: what the café agreed, the rest as published.

    Raises KeyError for a carrier nobody knows.
    """
    published, own = terms.built_in(carrier, day), agreed_on(conn, carrier, day)
    if own is None:
        return published
    return replace(
        own,
        hold_days=own.hold_days or published.hold_days,
        mode=own.mode or published.mode,
        proofs=own.proofs or published.proofs,
        third_proofs=own.third_proofs or published.third_proofs,
    )


def agreed_on(conn: sqlite3.Connection, carrier: str, day: str) -> Terms | None:
    """Return what the café itself agreed, empty where it follows what the carrier publishes."""
    row = conn.execute(_TERMS_ON, (carrier, day)).fetchone()
    if row is None:
        return None
    return Terms(
        carrier=carrier, valid_from=row["valid_from"], hold_days=row["hold_days"], mode=row["mode"],
        proofs=tuple(row["proofs"].split()), third_proofs=tuple(row["third_proofs"].split()),
        pay_received=row["pay_received"], pay_handed=row["pay_handed"], pay_dropped=row["pay_dropped"],
        pay_returned=row["pay_returned"], source=row["source"], in_use=bool(row["in_use"]), detail=bool(row["detail"]),
    )  # fmt: skip


def carriers_in_use(conn: sqlite3.Connection, day: str) -> list[Terms]:
    """Return the carriers the café works with, in the order of the list."""
    every = (terms_on(conn, carrier, day) for carrier in terms.NAMES)
    return [t for t in every if t.in_use]


def closed_weekdays(conn: sqlite3.Connection) -> frozenset[int]:
    """Return the weekdays the café is closed; Sunday until it said."""
    if conn.execute("SELECT 1 FROM parcel_rest_known").fetchone() is None:
        return frozenset({6})
    return frozenset(row[0] for row in conn.execute("SELECT weekday FROM parcel_closed_weekday"))


def count_of(conn: sqlite3.Connection, day: str, carrier: str) -> sqlite3.Row | None:
    """Return the totals typed for a carrier and day."""
    row: sqlite3.Row | None = conn.execute(_COUNT_OF, (day, carrier)).fetchone()
    return row


def kept(conn: sqlite3.Connection, day: str) -> tuple[int, int]:
    """Return how many parcels are on the shelves, and how many of them are to return."""
    row = conn.execute(_KEPT, (day,)).fetchone()
    return int(row[0]), int(row[1])


def tally(conn: sqlite3.Connection, day: str) -> DayTally:
    """Return a day in figures."""
    arrived, dropped = conn.execute(_CAME, (day,)).fetchone()
    counted = conn.execute(_COUNTS, (day,)).fetchone()
    handed = conn.execute(_HANDED, (day,)).fetchone()[0]
    visits = conn.execute(_VISITS, (day, day)).fetchone()[0]
    on_shelf, due = kept(conn, day)
    return DayTally(
        arrived=arrived + counted[0], handed=handed + counted[1], dropped=dropped + counted[2], kept=on_shelf,
        to_return=due, visits=visits + counted[3],
    )  # fmt: skip


def sheet(conn: sqlite3.Connection, first: str, last: str) -> list[SheetLine]:
    """Return acts and expected pay per carrier from `first` to `last` (a month, usually).

    Each act is paid by the terms of its day. A drop-off is paid when the driver has it.
    """
    acts: dict[str, dict[str, int]] = {}
    pay: dict[str, int] = {}
    for carrier, day, act, n in conn.execute(_SHEET, (first, last)):
        mine = acts.setdefault(carrier, {})
        mine[act] = mine.get(act, 0) + n
        rate = _rate(terms_on(conn, carrier, day), act)
        if rate != terms.NOT_TYPED and n:
            pay[carrier] = pay.get(carrier, 0) + n * rate
    return [
        SheetLine(
            carrier=c, received=acts[c].get("received", 0), handed=acts[c].get(HANDED, 0), given=acts[c].get("given", 0),
            returned=acts[c].get("returned", 0), pay=pay.get(c, terms.NOT_TYPED),
        )
        for c in terms.NAMES
        if c in acts
    ]  # fmt: skip


def _rate(agreed: Terms, act: str) -> int:
    return {
        "received": agreed.pay_received,
        "handed": agreed.pay_handed,
        "given": agreed.pay_dropped,
        "returned": agreed.pay_returned,
    }[act]
