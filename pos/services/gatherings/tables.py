"""Gatherings, who registered (opaque), who came as counts; how their facts tell them; readers."""

import sqlite3

from pos.journal import Envelope
from pos.projections import Projection
from pos.services.gatherings import events as ev

Conn = sqlite3.Connection

IDEA, PLANNED, ANNOUNCED, HELD, CANCELLED, REVIEWED = "idea", "planned", "announced", "held", "cancelled", "reviewed"
# Still to come, and took place.
COMING, DONE = (PLANNED, ANNOUNCED), (HELD, REVIEWED)

SCHEMA = """
CREATE TABLE gathering_event (
  gathering TEXT PRIMARY KEY, title TEXT NOT NULL, sort TEXT NOT NULL, on_day TEXT NOT NULL DEFAULT '',
  begins TEXT NOT NULL DEFAULT '', place TEXT NOT NULL DEFAULT '', partner TEXT NOT NULL DEFAULT '',
  capacity INTEGER NOT NULL DEFAULT 0, music INTEGER NOT NULL DEFAULT 0, declared INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL DEFAULT 'idea', reason TEXT NOT NULL DEFAULT '', children INTEGER NOT NULL DEFAULT 0,
  adults INTEGER NOT NULL DEFAULT 0, seniors INTEGER NOT NULL DEFAULT 0, method TEXT NOT NULL DEFAULT '',
  helpers INTEGER NOT NULL DEFAULT 0, minutes INTEGER NOT NULL DEFAULT 0, rating INTEGER NOT NULL DEFAULT 0,
  again INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX gathering_event_by_day ON gathering_event (on_day);
CREATE TABLE gathering_tag (gathering TEXT NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (gathering, tag)) STRICT, WITHOUT ROWID;
CREATE TABLE gathering_registration (
  registration TEXT PRIMARY KEY, gathering TEXT NOT NULL, person TEXT NOT NULL, children INTEGER NOT NULL,
  adults INTEGER NOT NULL, seniors INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'in'
) STRICT, WITHOUT ROWID;
CREATE INDEX gathering_registration_by_gathering ON gathering_registration (gathering);
CREATE TABLE gathering_entry (
  gathering TEXT NOT NULL, seq INTEGER NOT NULL, bracket TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (gathering, seq)
) STRICT, WITHOUT ROWID
"""

_PLAN = """INSERT INTO gathering_event (gathering, title, sort, on_day, begins, place, partner, capacity, music, state)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'planned') ON CONFLICT (gathering) DO UPDATE SET title = excluded.title,
sort = excluded.sort, on_day = excluded.on_day, begins = excluded.begins, place = excluded.place,
partner = excluded.partner, capacity = excluded.capacity, music = excluded.music,
state = CASE WHEN state = 'idea' THEN 'planned' ELSE state END"""


def _idea(conn: Conn, entry: Envelope, e: ev.IdeaNoted) -> None:
    conn.execute(
        "INSERT INTO gathering_event (gathering, title, sort) VALUES (?, ?, ?)", (e.gathering, e.title, e.sort)
    )


def _planned(conn: Conn, entry: Envelope, e: ev.GatheringPlanned) -> None:
    conn.execute(
        _PLAN, (e.gathering, e.title, e.sort, e.on_day, e.begins, e.place, e.partner, e.capacity, int(e.music))
    )
    conn.execute("DELETE FROM gathering_tag WHERE gathering = ?", (e.gathering,))
    conn.executemany("INSERT INTO gathering_tag (gathering, tag) VALUES (?, ?)", [(e.gathering, tag) for tag in e.tags])


def _announced(conn: Conn, entry: Envelope, e: ev.GatheringAnnounced) -> None:
    _state(conn, e.gathering, ANNOUNCED)


def _state(conn: Conn, gathering: str, state: str) -> None:
    conn.execute("UPDATE gathering_event SET state = ? WHERE gathering = ?", (state, gathering))


def _registered(conn: Conn, entry: Envelope, e: ev.Registered) -> None:
    conn.execute(
        "INSERT INTO gathering_registration (registration, gathering, person, children, adults, seniors) VALUES (?, ?, ?, ?, ?, ?)",
        (e.registration, e.gathering, e.person, e.children, e.adults, e.seniors),
    )


def _dropped(conn: Conn, entry: Envelope, e: ev.RegistrationDropped) -> None:
    conn.execute("UPDATE gathering_registration SET state = 'dropped' WHERE registration = ?", (e.registration,))


def _came(conn: Conn, entry: Envelope, e: ev.CameMarked) -> None:
    conn.execute(
        "UPDATE gathering_registration SET state = ? WHERE registration = ?",
        ("came" if e.came else "in", e.registration),
    )


def _entered(conn: Conn, entry: Envelope, e: ev.EntryCounted) -> None:
    if e.n > 0:
        conn.execute("INSERT INTO gathering_entry VALUES (?, ?, ?, ?)", (e.gathering, entry.seq, e.bracket, e.n))
    else:
        conn.execute(
            "DELETE FROM gathering_entry WHERE gathering = ?1 AND seq ="
            " (SELECT max(seq) FROM gathering_entry WHERE gathering = ?1)",
            (e.gathering,),
        )


def _held(conn: Conn, entry: Envelope, e: ev.GatheringHeld) -> None:
    conn.execute(
        "UPDATE gathering_event SET children = ?, adults = ?, seniors = ?, method = ?,"
        " state = CASE WHEN state = 'reviewed' THEN state ELSE 'held' END WHERE gathering = ?",
        (e.children, e.adults, e.seniors, e.method, e.gathering),
    )


def _cancelled(conn: Conn, entry: Envelope, e: ev.GatheringCancelled) -> None:
    conn.execute(
        "UPDATE gathering_event SET state = ?, reason = ? WHERE gathering = ?", (CANCELLED, e.reason, e.gathering)
    )


def _reviewed(conn: Conn, entry: Envelope, e: ev.GatheringReviewed) -> None:
    conn.execute(
        "UPDATE gathering_event SET state = ?, rating = ?, again = ? WHERE gathering = ?",
        (REVIEWED, e.rating, int(e.again), e.gathering),
    )


def _hours(conn: Conn, entry: Envelope, e: ev.HoursGiven) -> None:
    conn.execute(
        "UPDATE gathering_event SET helpers = helpers + ?, minutes = minutes + ? WHERE gathering = ?",
        (e.people, e.minutes, e.gathering),
    )


def _declared(conn: Conn, entry: Envelope, e: ev.MusicDeclared) -> None:
    conn.execute("UPDATE gathering_event SET declared = 1 WHERE gathering = ?", (e.gathering,))


PROJECTION = Projection(
    "gatherings",
    SCHEMA,
    {
        ev.IdeaNoted: _idea, ev.GatheringPlanned: _planned, ev.GatheringAnnounced: _announced, ev.Registered: _registered,
        ev.RegistrationDropped: _dropped, ev.CameMarked: _came, ev.EntryCounted: _entered, ev.GatheringHeld: _held,
        ev.GatheringCancelled: _cancelled, ev.GatheringReviewed: _reviewed, ev.HoursGiven: _hours, ev.MusicDeclared: _declared,
    },
)  # fmt: skip


# Readers


def one(conn: Conn, gathering: str) -> sqlite3.Row | None:
    """Return a gathering."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM gathering_event WHERE gathering = ?", (gathering,)).fetchone()
    return row


def ideas(conn: Conn) -> list[sqlite3.Row]:
    """Return ideas, newest first."""
    return conn.execute("SELECT * FROM gathering_event WHERE state = 'idea' ORDER BY gathering DESC").fetchall()


def between(conn: Conn, first: str, last: str) -> list[sqlite3.Row]:
    """Return gatherings of the calendar between two days, in order."""
    return conn.execute(
        "SELECT * FROM gathering_event WHERE on_day BETWEEN ? AND ? AND state <> 'idea' ORDER BY on_day, begins, gathering",
        (first, last),
    ).fetchall()


def tags(conn: Conn, gathering: str) -> list[str]:
    """Return who funds a gathering."""
    return [r[0] for r in conn.execute("SELECT tag FROM gathering_tag WHERE gathering = ? ORDER BY tag", (gathering,))]


def entries(conn: Conn, gathering: str) -> dict[str, int]:
    """Return what the clicker counted, by age."""
    rows = conn.execute(
        "SELECT bracket, sum(n) FROM gathering_entry WHERE gathering = ? GROUP BY bracket", (gathering,)
    )
    return {"children": 0, "adults": 0, "seniors": 0} | {row[0]: row[1] for row in rows}


def last_entry(conn: Conn, gathering: str) -> sqlite3.Row | None:
    """Return the last tap of the clicker."""
    row: sqlite3.Row | None = conn.execute(
        "SELECT bracket, n FROM gathering_entry WHERE gathering = ? ORDER BY seq DESC LIMIT 1", (gathering,)
    ).fetchone()
    return row


def registrations(conn: Conn, gathering: str) -> list[sqlite3.Row]:
    """Return who is on the list, in the order they registered."""
    return conn.execute(
        "SELECT *, children + adults + seniors AS places FROM gathering_registration"
        " WHERE gathering = ? AND state <> 'dropped' ORDER BY registration",
        (gathering,),
    ).fetchall()


def registration(conn: Conn, registration_id: str) -> sqlite3.Row | None:
    """Return a registration that was not dropped."""
    row: sqlite3.Row | None = conn.execute(
        "SELECT * FROM gathering_registration WHERE registration = ? AND state <> 'dropped'", (registration_id,)
    ).fetchone()
    return row
