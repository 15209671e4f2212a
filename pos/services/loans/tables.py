"""The loans as the journal tells them: things, loans with their days, boxes."""

import sqlite3

from pos.journal import Envelope
from pos.projections import Projection
from pos.services.loans import events as ev

Conn = sqlite3.Connection

LOAN = "loan"
IN, LENT, LOST, GONE = "in", "lent", "lost", "gone"
OPEN, BACK = "open", "back"

SCHEMA = """
CREATE TABLE loan_item (
  item TEXT PRIMARY KEY, number TEXT NOT NULL, label TEXT NOT NULL, sort TEXT NOT NULL, code TEXT NOT NULL,
  loan_days INTEGER NOT NULL, box TEXT NOT NULL, state TEXT NOT NULL, loan TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX loan_item_by_number ON loan_item (number);
CREATE INDEX loan_item_by_code ON loan_item (code) WHERE code <> '';
CREATE INDEX loan_item_by_state ON loan_item (state);
CREATE INDEX loan_item_by_box ON loan_item (box) WHERE box <> '';
CREATE TABLE loan_loan (
  loan TEXT PRIMARY KEY, item TEXT NOT NULL, person TEXT NOT NULL, lent_on TEXT NOT NULL, lent_at INTEGER NOT NULL,
  due_on TEXT NOT NULL, state TEXT NOT NULL, ended_on TEXT NOT NULL DEFAULT '', extended INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX loan_loan_by_person ON loan_loan (person, state);
CREATE INDEX loan_loan_by_state ON loan_loan (state, due_on);
CREATE INDEX loan_loan_by_day ON loan_loan (lent_on);
CREATE TABLE loan_box (
  box TEXT PRIMARY KEY, number INTEGER NOT NULL, received_on TEXT NOT NULL, due_on TEXT NOT NULL,
  returned_on TEXT NOT NULL DEFAULT '', missing INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID
"""

_LISTED = """INSERT INTO loan_item (item, number, label, sort, code, loan_days, box, state, loan)
VALUES (?, ?, ?, ?, ?, ?, ?, 'in', '') ON CONFLICT (item) DO UPDATE SET label = excluded.label, sort = excluded.sort,
code = excluded.code, loan_days = excluded.loan_days, box = excluded.box"""


def _listed(conn: Conn, entry: Envelope, e: ev.ItemListed) -> None:
    conn.execute(_LISTED, (e.item, e.number, e.label, e.sort, e.code, e.loan_days, e.box))


def _retired(conn: Conn, entry: Envelope, e: ev.ItemRetired) -> None:
    conn.execute("UPDATE loan_item SET state = ?, code = '' WHERE item = ?", (GONE, e.item))


def _lent(conn: Conn, entry: Envelope, e: ev.ItemLent) -> None:
    conn.execute(
        "INSERT INTO loan_loan (loan, item, person, lent_on, lent_at, due_on, state) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (e.loan, e.item, e.person, e.day, entry.t, e.due_on, OPEN),
    )
    conn.execute("UPDATE loan_item SET state = ?, loan = ? WHERE item = ?", (LENT, e.loan, e.item))


def _extended(conn: Conn, entry: Envelope, e: ev.LoanExtended) -> None:
    conn.execute("UPDATE loan_loan SET due_on = ?, extended = extended + 1 WHERE loan = ?", (e.due_on, e.loan))


def _ended(conn: Conn, loan: str, item: str, day: str, state: str, item_state: str) -> None:
    conn.execute("UPDATE loan_loan SET state = ?, ended_on = ? WHERE loan = ?", (state, day, loan))
    conn.execute(
        "UPDATE loan_item SET state = ?, loan = ? WHERE item = ?", (item_state, "" if state == BACK else loan, item)
    )


def _returned(conn: Conn, entry: Envelope, e: ev.ItemReturned) -> None:
    _ended(conn, e.loan, e.item, e.day, BACK, IN)


def _lost(conn: Conn, entry: Envelope, e: ev.ItemLost) -> None:
    _ended(conn, e.loan, e.item, e.day, LOST, LOST)


def _box(conn: Conn, entry: Envelope, e: ev.BoxReceived) -> None:
    conn.execute(
        "INSERT INTO loan_box (box, number, received_on, due_on) VALUES (?, ?, ?, ?)",
        (e.box, e.number, e.day, e.due_on),
    )


def _box_returned(conn: Conn, entry: Envelope, e: ev.BoxReturned) -> None:
    conn.execute("UPDATE loan_box SET returned_on = ?, missing = ? WHERE box = ?", (e.day, e.missing, e.box))
    conn.execute("UPDATE loan_item SET state = ?, code = '' WHERE box = ? AND state = ?", (GONE, e.box, IN))


PROJECTION = Projection(
    "loans",
    SCHEMA,
    {
        ev.ItemListed: _listed, ev.ItemRetired: _retired, ev.ItemLent: _lent, ev.LoanExtended: _extended,
        ev.ItemReturned: _returned, ev.ItemLost: _lost, ev.BoxReceived: _box, ev.BoxReturned: _box_returned,
    },
)  # fmt: skip
