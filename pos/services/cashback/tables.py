"""Cash-back as the journal tells it: the café's limits, and what was given."""

import sqlite3

from pos.journal import Envelope
from pos.projections import Projection
from pos.services.cashback.events import LimitsSet
from pos.till.events import SaleCompleted

SCHEMA = """
CREATE TABLE cashback_limits (
  valid_from TEXT NOT NULL, seq INTEGER NOT NULL, min_purchase INTEGER NOT NULL, max_cash INTEGER NOT NULL,
  step INTEGER NOT NULL, reserve INTEGER NOT NULL, source TEXT NOT NULL, op TEXT NOT NULL,
  PRIMARY KEY (valid_from, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE cashback_given (
  no INTEGER PRIMARY KEY, day TEXT NOT NULL, t INTEGER NOT NULL, op TEXT NOT NULL, cash INTEGER NOT NULL,
  by_card INTEGER NOT NULL, asked_at INTEGER NOT NULL, ref TEXT NOT NULL
) STRICT;
CREATE INDEX cashback_given_by_day ON cashback_given (day)
"""

_LIMITS = """INSERT INTO cashback_limits (valid_from, seq, min_purchase, max_cash, step, reserve, source, op)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
_GIVEN = "INSERT INTO cashback_given (no, day, t, op, cash, by_card, asked_at, ref) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_OF_DAY = "SELECT no, t, op, cash, by_card, asked_at, ref FROM cashback_given WHERE day = ? ORDER BY no DESC"
_SUM = "SELECT count(*), coalesce(sum(cash), 0) FROM cashback_given WHERE day = ?"
_HISTORY = "SELECT * FROM cashback_limits ORDER BY valid_from DESC, seq DESC LIMIT 10"


def _limits_set(conn: sqlite3.Connection, entry: Envelope, e: LimitsSet) -> None:
    conn.execute(
        _LIMITS, (e.valid_from, entry.seq, e.min_purchase, e.max_cash, e.step, e.reserve, e.source, entry.op)
    )


def _sold(conn: sqlite3.Connection, entry: Envelope, e: SaleCompleted) -> None:
    if not e.cashback:
        return
    cards = [payment for payment in e.payments if payment.means == "card"]
    by_card = sum(payment.amount for payment in cards)
    ref = cards[-1].ref if cards else ""
    conn.execute(_GIVEN, (e.no, e.day, entry.t, entry.op, e.cashback, by_card, e.cashback_asked_at, ref))


PROJECTION = Projection("cashback", SCHEMA, {LimitsSet: _limits_set, SaleCompleted: _sold})


def given_on(conn: sqlite3.Connection, day: str) -> list[sqlite3.Row]:
    """Return the operations of a day, newest first."""
    return conn.execute(_OF_DAY, (day,)).fetchall()


def total_on(conn: sqlite3.Connection, day: str) -> tuple[int, int]:
    """Return how many operations a day had, and their cash."""
    n, cash = conn.execute(_SUM, (day,)).fetchone()
    return int(n), int(cash)


def history(conn: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return the limits the café set, newest first."""
    return conn.execute(_HISTORY).fetchall()
