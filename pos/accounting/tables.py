"""The accounts and rules a café changed, as its journal tells them, and the files it made."""

import sqlite3

from pos.accounting import events as ev
from pos.accounting.plan import Account, Plan
from pos.accounting.rules import Rules
from pos.journal import Envelope
from pos.projections import Projection

Conn = sqlite3.Connection

SCHEMA = """
CREATE TABLE accounting_account (
  use TEXT NOT NULL, valid_from TEXT NOT NULL, account TEXT NOT NULL, label TEXT NOT NULL, aux TEXT NOT NULL,
  PRIMARY KEY (use, valid_from)
) STRICT, WITHOUT ROWID;
CREATE TABLE accounting_rules (
  valid_from TEXT PRIMARY KEY, cadence TEXT NOT NULL, debits INTEGER NOT NULL, civil_day INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE accounting_export (
  seq INTEGER NOT NULL, t INTEGER NOT NULL, op TEXT NOT NULL, what TEXT NOT NULL, first TEXT NOT NULL,
  last TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (t, seq)
) STRICT, WITHOUT ROWID
"""

_ACCOUNT = """INSERT INTO accounting_account (use, valid_from, account, label, aux) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (use, valid_from) DO UPDATE SET account = excluded.account, label = excluded.label, aux = excluded.aux"""
_RULES = """INSERT INTO accounting_rules (valid_from, cadence, debits, civil_day) VALUES (?, ?, ?, ?)
ON CONFLICT (valid_from) DO UPDATE SET cadence = excluded.cadence, debits = excluded.debits,
civil_day = excluded.civil_day"""
_EXPORT = "INSERT INTO accounting_export (seq, t, op, what, first, last, sha256) VALUES (?, ?, ?, ?, ?, ?, ?)"


def _account_set(conn: Conn, entry: Envelope, e: ev.AccountSet) -> None:
    conn.execute(_ACCOUNT, (e.use, e.valid_from, e.account, e.label, e.aux))


def _rules_set(conn: Conn, entry: Envelope, e: ev.RulesSet) -> None:
    conn.execute(_RULES, (e.valid_from, e.cadence, int(e.debits), int(e.civil_day)))


def _exported(conn: Conn, entry: Envelope, e: ev.BooksExported) -> None:
    conn.execute(_EXPORT, (entry.seq, entry.t, entry.op, e.what, e.first, e.last, e.sha256))


PROJECTION = Projection(
    "accounting",
    SCHEMA,
    {ev.AccountSet: _account_set, ev.RulesSet: _rules_set, ev.BooksExported: _exported},
)


def plan(conn: Conn) -> Plan:
    """Return the café's plan: the defaults and what it changed."""
    rows = conn.execute("SELECT use, account, label, aux, valid_from FROM accounting_account")
    return Plan(Account(use=r[0], account=r[1], label=r[2], aux=r[3], valid_from=r[4]) for r in rows)


def rules(conn: Conn) -> list[Rules]:
    """Return the rules the café set, by date."""
    rows = conn.execute("SELECT valid_from, cadence, debits, civil_day FROM accounting_rules ORDER BY 1")
    return [Rules(r[0], r[1], bool(r[2]), bool(r[3])) for r in rows]


def exports(conn: Conn, limit: int = 12) -> list[sqlite3.Row]:
    """Return the files made, newest first."""
    return conn.execute("SELECT * FROM accounting_export ORDER BY t DESC, seq DESC LIMIT ?", (limit,)).fetchall()
