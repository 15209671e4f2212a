"""Cash as the journal tells it: the café's limits, what was given, banks' mandates and what they owe."""

import sqlite3

from pos.journal import Envelope
from pos.projections import Projection
from pos.services.cashback.events import BankSettled, CashPaidOut, LimitsSet, MandateSet
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
CREATE INDEX cashback_given_by_day ON cashback_given (day);
CREATE TABLE cashback_mandate (
  mandate TEXT NOT NULL, valid_from TEXT NOT NULL, seq INTEGER NOT NULL, label TEXT NOT NULL, max_cash INTEGER NOT NULL,
  day_max INTEGER NOT NULL, step INTEGER NOT NULL, reserve INTEGER NOT NULL, fee_cents INTEGER NOT NULL,
  fee_bp INTEGER NOT NULL, pay_days INTEGER NOT NULL, in_use INTEGER NOT NULL, PRIMARY KEY (mandate, valid_from, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE cashback_operation (
  operation TEXT PRIMARY KEY, mandate TEXT NOT NULL, day TEXT NOT NULL, t INTEGER NOT NULL, op TEXT NOT NULL,
  amount INTEGER NOT NULL, fee INTEGER NOT NULL, ref TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX cashback_operation_by_day ON cashback_operation (day, mandate);
CREATE TABLE cashback_bank_day (
  mandate TEXT NOT NULL, day TEXT NOT NULL, n INTEGER NOT NULL, paid_out INTEGER NOT NULL, fee INTEGER NOT NULL,
  settled INTEGER NOT NULL, PRIMARY KEY (mandate, day)
) STRICT, WITHOUT ROWID
"""

_LIMITS = """INSERT INTO cashback_limits (valid_from, seq, min_purchase, max_cash, step, reserve, source, op)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
_GIVEN = "INSERT INTO cashback_given (no, day, t, op, cash, by_card, asked_at, ref) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_MANDATE = "INSERT INTO cashback_mandate VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_OPERATION = """INSERT INTO cashback_operation (operation, mandate, day, t, op, amount, fee, ref)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
_BANK_DAY = """INSERT INTO cashback_bank_day (mandate, day, n, paid_out, fee, settled) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (mandate, day) DO UPDATE SET n = n + excluded.n, paid_out = paid_out + excluded.paid_out,
fee = fee + excluded.fee, settled = settled + excluded.settled"""
_OF_DAY = "SELECT no, t, op, cash, by_card, asked_at, ref FROM cashback_given WHERE day = ? ORDER BY no DESC"
_SUM = "SELECT count(*), coalesce(sum(cash), 0) FROM cashback_given WHERE day = ?"
_SPAN = "SELECT count(*), coalesce(sum(cash), 0) FROM cashback_given WHERE substr(day, 1, 10) BETWEEN ? AND ?"
_HISTORY = "SELECT * FROM cashback_limits ORDER BY valid_from DESC, seq DESC LIMIT 10"


def _limits_set(conn: sqlite3.Connection, entry: Envelope, e: LimitsSet) -> None:
    conn.execute(_LIMITS, (e.valid_from, entry.seq, e.min_purchase, e.max_cash, e.step, e.reserve, e.source, entry.op))


def _sold(conn: sqlite3.Connection, entry: Envelope, e: SaleCompleted) -> None:
    if not e.cashback:
        return
    cards = [payment for payment in e.payments if payment.means == "card"]
    by_card = sum(payment.amount for payment in cards)
    ref = cards[-1].ref if cards else ""
    conn.execute(_GIVEN, (e.no, e.day, entry.t, entry.op, e.cashback, by_card, e.cashback_asked_at, ref))


def _mandate_set(conn: sqlite3.Connection, entry: Envelope, e: MandateSet) -> None:
    conn.execute(
        _MANDATE,
        (e.mandate, e.valid_from, entry.seq, e.label, e.max_cash, e.day_max, e.step, e.reserve, e.fee_cents, e.fee_bp,
         e.pay_days, int(e.in_use)),
    )  # fmt: skip


def _paid_out(conn: sqlite3.Connection, entry: Envelope, e: CashPaidOut) -> None:
    conn.execute(_OPERATION, (e.operation, e.mandate, e.day[:10], entry.t, entry.op, e.amount, e.fee, e.ref))
    conn.execute(_BANK_DAY, (e.mandate, e.day[:10], 1, e.amount, e.fee, 0))


def _bank_settled(conn: sqlite3.Connection, entry: Envelope, e: BankSettled) -> None:
    conn.execute(_BANK_DAY, (e.mandate, e.day[:10], 0, 0, 0, e.amount))


PROJECTION = Projection(
    "cashback",
    SCHEMA,
    {
        LimitsSet: _limits_set, SaleCompleted: _sold, MandateSet: _mandate_set, CashPaidOut: _paid_out, BankSettled: _bank_settled,
    },
)  # fmt: skip


def given_on(conn: sqlite3.Connection, day: str) -> list[sqlite3.Row]:
    """Return the operations of a day, newest first."""
    return conn.execute(_OF_DAY, (day,)).fetchall()


def total_on(conn: sqlite3.Connection, day: str) -> tuple[int, int]:
    """Return how many operations a day had, and their cash."""
    n, cash = conn.execute(_SUM, (day,)).fetchone()
    return int(n), int(cash)


def total_between(conn: sqlite3.Connection, first: str, last: str) -> tuple[int, int]:
    """Return how many operations with a purchase a span of days had, and their cash."""
    n, cash = conn.execute(_SPAN, (first, last)).fetchone()
    return int(n), int(cash)


def history(conn: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return the limits the café set, newest first."""
    return conn.execute(_HISTORY).fetchall()
