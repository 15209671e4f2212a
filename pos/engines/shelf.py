"""Things that wait at the café for somebody: one engine, several names (laundry, keys, repairs, baskets, instances).

    kept → (sent → back) → called → collected | given up
    kept → collected, kept → given up; back → sent: a key leaves again, a suit is to be done over

A thing has a short number (`L-12`), a place, a person kept apart, and perhaps money due for a provider.
Paid on a bill, it is collected by the sale itself: a line whose `ref` is `shelf.thing:<id>`.
"""

import sqlite3
from dataclasses import dataclass
from datetime import date, timedelta

from pos.errors import Refusal
from pos.events import Event
from pos.feature import Feature
from pos.i18n import N_
from pos.ids import new_id
from pos.journal import Envelope
from pos.projections import Projection
from pos.store import Writing
from pos.till.events import SaleCompleted, SaleRefunded
from pos.till.tab import Tab

KEPT, SENT, BACK, CALLED, COLLECTED, GIVEN_UP = "kept", "sent", "back", "called", "collected", "given_up"
HERE = (KEPT, BACK, CALLED)
# What a line of a bill refers to when its sale hands a thing over.
ON_BILL = "shelf.thing:"
# A sale rung up by mistake: the thing did not leave.
MISTAKE = "mistake"
# From each state, where a thing may go.
MOVES = {
    KEPT: (SENT, CALLED, COLLECTED, GIVEN_UP),
    SENT: (BACK, GIVEN_UP),
    BACK: (SENT, CALLED, COLLECTED, GIVEN_UP),
    CALLED: (SENT, COLLECTED, GIVEN_UP),
    COLLECTED: (),
    GIVEN_UP: (),
}


class NotOnShelf(Refusal):
    """The thing is not here, or no longer."""

    sentence = N_("%(number)s is not here any more.")
    remedy = N_("Look at its history before searching the shelf.")


class NoSuchThing(Refusal):
    """Nobody knows this number."""

    sentence = N_("There is nothing under “%(number)s”.")
    remedy = N_("Check the number on the slip, or search by name.")


class ThingKept(Event, frozen=True, kw_only=True):
    """Something was left at the café."""

    kind = "shelf.thing_kept"
    thing: str
    service: str
    number: str
    day: str
    visit: str
    pieces: int = 1
    place: str = ""
    person: str = ""
    # Provider whose work or goods it is, and what will be due for it, in cents.
    owner: str = ""
    due_cents: int = 0
    due_on: str = ""
    # What sort of thing, a short code of the service (`shirt`, `key`, `basket`…).
    sort: str = ""
    # A use of the service is counted when it is left too.
    counts: bool = True
    # Last day it is kept for its owner; empty: `due_on`, or no such day yet.
    until: str = ""


class ThingMoved(Event, frozen=True, kw_only=True):
    """A thing went from one state to another: sent, back, called, collected, given up."""

    kind = "shelf.thing_moved"
    thing: str
    service: str
    state: str
    day: str
    visit: str = ""
    place: str = ""
    reason: str = ""
    proof: str = ""
    # One visit in which something is collected is one use.
    counts: bool = False
    # Last day it is kept for its owner from now on; empty: as said before.
    until: str = ""


EVENTS: tuple[type[Event], ...] = (ThingKept, ThingMoved)

SCHEMA = """
CREATE TABLE shelf_thing (
  thing TEXT PRIMARY KEY, service TEXT NOT NULL, number TEXT NOT NULL, state TEXT NOT NULL, sort TEXT NOT NULL,
  pieces INTEGER NOT NULL, place TEXT NOT NULL, person TEXT NOT NULL, owner TEXT NOT NULL, due_cents INTEGER NOT NULL,
  due_on TEXT NOT NULL, kept_on TEXT NOT NULL, kept_at INTEGER NOT NULL, moved_on TEXT NOT NULL, moved_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX shelf_by_state ON shelf_thing (service, state);
CREATE UNIQUE INDEX shelf_by_number ON shelf_thing (service, number)
"""


_LEFT = "UPDATE shelf_thing SET state = ?, moved_on = ?, moved_at = ? WHERE thing = ?"


def _kept(conn: sqlite3.Connection, entry: Envelope, e: ThingKept) -> None:
    conn.execute(
        "INSERT INTO shelf_thing VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (e.thing, e.service, e.number, KEPT, e.sort, e.pieces, e.place, e.person, e.owner, e.due_cents, e.due_on, e.day[:10],
         entry.t, e.day[:10], entry.t),
    )  # fmt: skip


def _moved(conn: sqlite3.Connection, entry: Envelope, e: ThingMoved) -> None:
    conn.execute(
        "UPDATE shelf_thing SET state = ?, moved_on = ?, moved_at = ?, place = CASE WHEN ? <> '' THEN ? ELSE place END"
        " WHERE thing = ?",
        (e.state, e.day[:10], entry.t, e.place, e.place, e.thing),
    )


def _sold(conn: sqlite3.Connection, entry: Envelope, e: SaleCompleted) -> None:
    for line in e.lines:
        if line.ref.startswith(ON_BILL):
            conn.execute(_LEFT, (COLLECTED, e.day[:10], entry.t, line.ref.removeprefix(ON_BILL)))


def _refunded(conn: sqlite3.Connection, entry: Envelope, e: SaleRefunded) -> None:
    for line in e.lines:
        if line.ref.startswith(ON_BILL) and e.reason == MISTAKE:
            conn.execute(_LEFT, (BACK, e.day[:10], entry.t, line.ref.removeprefix(ON_BILL)))


PROJECTION = Projection(
    "shelf", SCHEMA, {ThingKept: _kept, ThingMoved: _moved, SaleCompleted: _sold, SaleRefunded: _refunded}
)


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing as it stands."""

    thing: str
    service: str
    number: str
    state: str
    sort: str
    pieces: int
    place: str
    person: str
    owner: str
    due_cents: int
    due_on: str
    kept_on: str
    kept_at: int
    moved_on: str
    moved_at: int

    @property
    def here(self) -> bool:
        """Whether it is in the café."""
        return self.state in HERE

    def overdue(self, day: str) -> bool:
        """Whether it should have been collected before `day`."""
        return bool(self.due_on) and self.here and self.due_on < day


def keep(
    tx: Writing, service: str, *, prefix: str, sort: str = "", pieces: int = 1, place: str = "", person: str = "",
    owner: str = "", due_cents: int = 0, due_on: str = "", visit: str = "", counts: bool = True, until: str = "",
) -> Thing:  # fmt: skip
    """Take a thing in, inside a service's act; return it with its number."""
    thing = new_id(tx.now)
    n = tx.conn.execute("SELECT count(*) FROM shelf_thing WHERE service = ?", (service,)).fetchone()[0]
    event = ThingKept(
        thing=thing, service=service, number=f"{prefix}-{n + 1}", day=tx.today, visit=visit or thing, pieces=max(1, pieces),
        place=place[:12], person=person, owner=owner, due_cents=due_cents, due_on=due_on, sort=sort[:16], counts=counts,
        until=until[:10],
    )  # fmt: skip
    tx.record(event)
    return one(tx.conn, thing)


def move(
    tx: Writing,
    thing: str,
    state: str,
    *,
    visit: str = "",
    place: str = "",
    reason: str = "",
    proof: str = "",
    counts: bool = False,
    until: str = "",
) -> Thing:
    """Put a thing in another state, inside a service's act. Raises NoSuchThing, NotOnShelf."""
    found = one(tx.conn, thing)
    if state not in MOVES[found.state]:
        raise NotOnShelf(number=found.number)
    tx.record(
        ThingMoved(
            thing=thing, service=found.service, state=state, day=tx.today, visit=visit, place=place[:12], reason=reason[:24],
            proof=proof[:24], counts=counts, until=until[:10],
        )
    )  # fmt: skip
    return one(tx.conn, thing)


def one(conn: sqlite3.Connection, thing: str) -> Thing:
    """Return a thing; raise NoSuchThing."""
    row = conn.execute("SELECT * FROM shelf_thing WHERE thing = ?", (thing,)).fetchone()
    if row is None:
        raise NoSuchThing(number=thing[:20])
    return Thing(*row)


def by_number(conn: sqlite3.Connection, service: str, number: str) -> Thing | None:
    """Return a thing by its number in a service."""
    row = conn.execute(
        "SELECT * FROM shelf_thing WHERE service = ? AND number = ?", (service, number.upper())
    ).fetchone()
    return Thing(*row) if row else None


def waiting(
    conn: sqlite3.Connection, service: str, states: tuple[str, ...] = (KEPT, SENT, BACK, CALLED)
) -> list[Thing]:
    """Return things of a service not yet gone, oldest first."""
    marks = ", ".join("?" * len(states))
    rows = conn.execute(
        f"SELECT * FROM shelf_thing WHERE service = ? AND state IN ({marks}) ORDER BY kept_at", (service, *states)
    )
    return [Thing(*row) for row in rows]


def overdue(conn: sqlite3.Connection, service: str, day: str) -> list[Thing]:
    """Return things of a service that wait beyond their date."""
    return [thing for thing in waiting(conn, service, HERE) if thing.overdue(day)]


def gone_on(conn: sqlite3.Connection, service: str, day: str) -> list[Thing]:
    """Return things collected or given up on a day."""
    rows = conn.execute(
        "SELECT * FROM shelf_thing WHERE service = ? AND moved_on = ? AND state IN ('collected', 'given_up') ORDER BY moved_at DESC",
        (service, day),
    )
    return [Thing(*row) for row in rows]


def days_after(day: str, n: int) -> str:
    """Return the date `n` days after `day`."""
    return (date.fromisoformat(day) + timedelta(days=n)).isoformat()


def still_here(conn: sqlite3.Connection, day: str, tab: Tab) -> None:
    """Refuse to sell the hand-over of a thing that left, or twice on one bill: the rule of every sale."""
    refs = [line.ref for line in tab.lines if line.ref.startswith(ON_BILL)]
    for ref in refs:
        found = one(conn, ref.removeprefix(ON_BILL))
        if COLLECTED not in MOVES[found.state] or refs.count(ref) > 1:
            raise NotOnShelf(number=found.number)


FEATURE = Feature(slug="shelf", title=N_("Shelf"), events=EVENTS, projection=PROJECTION, sale_rules=(still_here,))
