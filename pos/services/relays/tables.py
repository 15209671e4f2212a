"""The small relays as the journal tells them: what is offered, whose thing it is, prices, keys, baskets, counts."""

import sqlite3

from pos.engines.shelf import COLLECTED, GIVEN_UP, ON_BILL, ThingKept, ThingMoved
from pos.journal import Envelope
from pos.projections import Projection
from pos.services.relays import events as ev
from pos.till.events import SaleCompleted, SaleRefunded

Conn = sqlite3.Connection

# The two counted services: clothes have a known alternative, the rest is counted together.
LAUNDRY, RELAY = "laundry", "relay"
CODES = (LAUNDRY, RELAY)

SCHEMA = """
CREATE TABLE relay_kind (
  relay TEXT NOT NULL, valid_from TEXT NOT NULL, seq INTEGER NOT NULL, sort TEXT NOT NULL, label TEXT NOT NULL,
  commission_bp INTEGER NOT NULL, hold_days INTEGER NOT NULL, in_use INTEGER NOT NULL,
  PRIMARY KEY (relay, valid_from, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE relay_thing (thing TEXT PRIMARY KEY, relay TEXT NOT NULL, batch TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID;
CREATE INDEX relay_thing_by_batch ON relay_thing (batch) WHERE batch <> '';
CREATE TABLE relay_price (thing TEXT PRIMARY KEY, amount INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE relay_right (thing TEXT NOT NULL, person TEXT NOT NULL, PRIMARY KEY (thing, person)) STRICT, WITHOUT ROWID;
CREATE TABLE relay_key_move (
  seq INTEGER PRIMARY KEY, thing TEXT NOT NULL, at INTEGER NOT NULL, day TEXT NOT NULL, what TEXT NOT NULL,
  person TEXT NOT NULL, proof TEXT NOT NULL, due_on TEXT NOT NULL
) STRICT;
CREATE INDEX relay_key_move_by_thing ON relay_key_move (thing);
CREATE TABLE relay_batch (
  batch TEXT PRIMARY KEY, relay TEXT NOT NULL, on_day TEXT NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL,
  ended INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE relay_paid (
  seq INTEGER PRIMARY KEY, relay TEXT NOT NULL, day TEXT NOT NULL, collected INTEGER NOT NULL,
  commission INTEGER NOT NULL, paid INTEGER NOT NULL, means TEXT NOT NULL, ref TEXT NOT NULL
) STRICT;
CREATE TABLE relay_count (
  day TEXT NOT NULL, relay TEXT NOT NULL, what TEXT NOT NULL, n INTEGER NOT NULL, amount INTEGER NOT NULL,
  PRIMARY KEY (day, relay, what)
) STRICT, WITHOUT ROWID
"""

_COUNT = """INSERT INTO relay_count (day, relay, what, n, amount) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (day, relay, what) DO UPDATE SET n = n + excluded.n, amount = amount + excluded.amount"""
_KEY = "INSERT INTO relay_key_move (seq, thing, at, day, what, person, proof, due_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
LEFT, GONE = "left", "collected"


def _relay_of(conn: Conn, thing: str) -> str:
    row = conn.execute("SELECT relay FROM relay_thing WHERE thing = ?", (thing,)).fetchone()
    return str(row[0]) if row else ""


def _set(conn: Conn, entry: Envelope, e: ev.RelaySet) -> None:
    conn.execute(
        "INSERT INTO relay_kind VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (e.relay, e.valid_from, entry.seq, e.sort, e.label, e.commission_bp, e.hold_days, int(e.in_use)),
    )


def _kept(conn: Conn, entry: Envelope, e: ThingKept) -> None:
    if e.service in CODES:
        conn.execute("INSERT INTO relay_thing (thing, relay) VALUES (?, ?)", (e.thing, e.sort))
        conn.execute(_COUNT, (e.day[:10], e.sort, LEFT, 1, 0))


def _moved(conn: Conn, entry: Envelope, e: ThingMoved) -> None:
    if e.service in CODES and e.state in (COLLECTED, GIVEN_UP):
        conn.execute(_COUNT, (e.day[:10], _relay_of(conn, e.thing), e.state, 1, 0))


def _price(conn: Conn, entry: Envelope, e: ev.PriceTold) -> None:
    conn.execute("INSERT OR REPLACE INTO relay_price (thing, amount) VALUES (?, ?)", (e.thing, e.amount))


def _right(conn: Conn, entry: Envelope, e: ev.RightGiven) -> None:
    conn.execute("INSERT OR IGNORE INTO relay_right (thing, person) VALUES (?, ?)", (e.thing, e.person))


def _right_ended(conn: Conn, entry: Envelope, e: ev.RightEnded) -> None:
    conn.execute("DELETE FROM relay_right WHERE thing = ? AND person = ?", (e.thing, e.person))


def _key_taken(conn: Conn, entry: Envelope, e: ev.KeyTaken) -> None:
    conn.execute(_KEY, (entry.seq, e.thing, entry.t, e.day, "out", e.person, e.proof, e.due_on))


def _key_brought(conn: Conn, entry: Envelope, e: ev.KeyBrought) -> None:
    conn.execute(_KEY, (entry.seq, e.thing, entry.t, e.day, "in", "", "", ""))


def _announced(conn: Conn, entry: Envelope, e: ev.BatchAnnounced) -> None:
    conn.execute(
        "INSERT INTO relay_batch (batch, relay, on_day, first, last) VALUES (?, ?, ?, ?, ?)",
        (e.batch, e.relay, e.on, e.first, e.last),
    )
    conn.executemany("UPDATE relay_thing SET batch = ? WHERE thing = ?", [(e.batch, thing) for thing in e.things])


def _ended(conn: Conn, entry: Envelope, e: ev.BatchEnded) -> None:
    conn.execute("UPDATE relay_batch SET ended = 1 WHERE batch = ?", (e.batch,))


def _paid(conn: Conn, entry: Envelope, e: ev.ProviderPaid) -> None:
    conn.execute(
        "INSERT INTO relay_paid VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (entry.seq, e.relay, e.day[:10], e.collected, e.commission, e.paid, e.means, e.ref),
    )


def _sold(conn: Conn, entry: Envelope, e: SaleCompleted) -> None:
    for line in e.lines:
        relay = _relay_of(conn, line.ref.removeprefix(ON_BILL)) if line.ref.startswith(ON_BILL) else ""
        if relay:
            conn.execute(_COUNT, (e.day[:10], relay, GONE, 1, line.gross))


def _refunded(conn: Conn, entry: Envelope, e: SaleRefunded) -> None:
    for line in e.lines:
        relay = _relay_of(conn, line.ref.removeprefix(ON_BILL)) if line.ref.startswith(ON_BILL) else ""
        if relay:
            conn.execute(_COUNT, (e.day[:10], relay, GONE, -1 if e.reason == "mistake" else 0, line.gross))


PROJECTION = Projection(
    "relays",
    SCHEMA,
    {
        ev.RelaySet: _set, ThingKept: _kept, ThingMoved: _moved, ev.PriceTold: _price, ev.RightGiven: _right,
        ev.RightEnded: _right_ended, ev.KeyTaken: _key_taken, ev.KeyBrought: _key_brought, ev.BatchAnnounced: _announced,
        ev.BatchEnded: _ended, ev.ProviderPaid: _paid, SaleCompleted: _sold, SaleRefunded: _refunded,
    },
)  # fmt: skip
