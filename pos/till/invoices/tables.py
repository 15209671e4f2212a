"""Customers invoiced, invoices and credit notes, as the journal tells them; readers."""

import sqlite3

import msgspec

from pos.journal import Envelope
from pos.projections import Projection
from pos.till.events import ThirdPartyMoved
from pos.till.invoices import events as ev
from pos.till.tab import CASH

Conn = sqlite3.Connection
INVOICE, CREDIT = "F", "A"

SCHEMA = """
CREATE TABLE till_buyer (
  buyer TEXT PRIMARY KEY, sort TEXT NOT NULL, entity TEXT NOT NULL, siret TEXT NOT NULL, body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE till_invoice (
  number TEXT PRIMARY KEY, series TEXT NOT NULL, year INTEGER NOT NULL, n INTEGER NOT NULL, ticket INTEGER NOT NULL,
  buyer TEXT NOT NULL, total INTEGER NOT NULL, due INTEGER NOT NULL, due_on TEXT NOT NULL, paid INTEGER NOT NULL DEFAULT 0,
  in_cash INTEGER NOT NULL DEFAULT 0,
  credited INTEGER NOT NULL DEFAULT 0, invoice TEXT NOT NULL, date TEXT NOT NULL, seq INTEGER NOT NULL, t INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX till_invoice_by_number ON till_invoice (series, year, n);
CREATE UNIQUE INDEX till_invoice_by_ticket ON till_invoice (ticket)
"""

_BUYER = """INSERT INTO till_buyer (buyer, sort, entity, siret, body) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (buyer) DO UPDATE SET sort = excluded.sort, entity = excluded.entity, siret = excluded.siret, body = excluded.body"""
_DOCUMENT = """INSERT INTO till_invoice
(number, series, year, n, ticket, buyer, total, due, due_on, invoice, date, seq, t)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""


def _listed(conn: Conn, entry: Envelope, e: ev.BuyerListed) -> None:
    body = msgspec.json.encode(e.party).decode()
    conn.execute(_BUYER, (e.buyer, e.party.sort, e.party.entity, e.party.siret, body))


def _invoiced(conn: Conn, entry: Envelope, e: ev.Invoiced) -> None:
    conn.execute(_DOCUMENT, (e.number, INVOICE + e.series, e.year, e.n, e.ticket, e.buyer, e.total, e.due, e.due_on, "", e.date,
                             entry.seq, entry.t))  # fmt: skip


def _credited(conn: Conn, entry: Envelope, e: ev.Credited) -> None:
    conn.execute(_DOCUMENT, (e.number, CREDIT + e.series, e.year, e.n, e.ticket, e.buyer, e.total, 0, "", e.invoice, e.date,
                             entry.seq, entry.t))  # fmt: skip
    conn.execute("UPDATE till_invoice SET credited = credited + ? WHERE number = ?", (e.total, e.invoice))


def _moved(conn: Conn, entry: Envelope, e: ThirdPartyMoved) -> None:
    if e.owner.startswith("client:"):
        cash = e.amount if e.means == CASH else 0
        conn.execute(
            "UPDATE till_invoice SET paid = paid + ?, in_cash = in_cash + ? WHERE number = ?", (e.amount, cash, e.ref)
        )


PROJECTION = Projection(
    "invoices",
    SCHEMA,
    {ev.BuyerListed: _listed, ev.Invoiced: _invoiced, ev.Credited: _credited, ThirdPartyMoved: _moved},
)


def next_n(conn: Conn, series: str, year: int) -> int:
    """Return the next number of a series: without gap within a year (R69)."""
    row = conn.execute("SELECT coalesce(max(n), 0) + 1 FROM till_invoice WHERE series = ? AND year = ?", (series, year))
    return int(row.fetchone()[0])


def series(conn: Conn, jid: str) -> str:
    """Return what tells this till's series apart: nothing, or its journal's name where an earlier one may be missing."""
    row = conn.execute(
        "SELECT 1 FROM till_total WHERE day = '' AND what = 'floor' AND key = 'no' AND amount > 0"
    ).fetchone()
    return jid[:4] if row else ""


def document(conn: Conn, number: str) -> sqlite3.Row | None:
    """Return an invoice or a credit note by its number."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM till_invoice WHERE number = ?", (number,)).fetchone()
    return row


def of_ticket(conn: Conn, ticket: int) -> sqlite3.Row | None:
    """Return the document made from a ticket, or None."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM till_invoice WHERE ticket = ?", (ticket,)).fetchone()
    return row


def documents(conn: Conn, limit: int = 200) -> list[sqlite3.Row]:
    """Return invoices and credit notes, newest first."""
    return conn.execute("SELECT * FROM till_invoice ORDER BY t DESC, number DESC LIMIT ?", (limit,)).fetchall()


def buyers(conn: Conn) -> list[tuple[str, ev.Party]]:
    """Return everybody invoiced so far, by name; of persons, only the id."""
    rows = conn.execute("SELECT buyer, body FROM till_buyer ORDER BY entity, buyer")
    return [(row[0], msgspec.json.decode(row[1], type=ev.Party)) for row in rows]


def buyer(conn: Conn, buyer_id: str) -> ev.Party | None:
    """Return a buyer as last noted."""
    row = conn.execute("SELECT body FROM till_buyer WHERE buyer = ?", (buyer_id,)).fetchone()
    return msgspec.json.decode(row[0], type=ev.Party) if row else None
