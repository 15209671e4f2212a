"""Contracts, every move of consigned goods, statements; told from their own facts and from tickets."""

import sqlite3
from dataclasses import dataclass

from pos.engines.consignment_events import (
    ContractSet,
    Goods,
    GoodsLost,
    GoodsReceived,
    GoodsReturned,
    StatementClosed,
)  # fmt: skip
from pos.journal import Envelope
from pos.money import line_total
from pos.projections import Projection
from pos.till.events import SaleCompleted, SaleLine, SaleRefunded

RETURNED, CAPPED, FIRM = "returned_100", "capped", "firm"
OWNER, CAFE = "owner", "cafe"

SCHEMA = """
CREATE TABLE consign_contract (
  owner TEXT NOT NULL, valid_from TEXT NOT NULL, commission_bp INTEGER NOT NULL, tax_mode TEXT NOT NULL,
  unsold TEXT NOT NULL, cap_bp INTEGER NOT NULL, waste TEXT NOT NULL, period TEXT NOT NULL, reference TEXT NOT NULL,
  PRIMARY KEY (owner, valid_from)
) STRICT, WITHOUT ROWID;
CREATE TABLE consign_move (
  owner TEXT NOT NULL, seq INTEGER NOT NULL, i INTEGER NOT NULL, day TEXT NOT NULL, product TEXT NOT NULL,
  what TEXT NOT NULL, quantity INTEGER NOT NULL, cents INTEGER NOT NULL, PRIMARY KEY (owner, seq, i)
) STRICT, WITHOUT ROWID;
CREATE TABLE consign_stock (
  owner TEXT NOT NULL, product TEXT NOT NULL, what TEXT NOT NULL, quantity INTEGER NOT NULL,
  PRIMARY KEY (owner, product, what)
) STRICT, WITHOUT ROWID;
CREATE TABLE consign_statement (
  owner TEXT NOT NULL, number INTEGER NOT NULL, seq INTEGER NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL,
  upto_seq INTEGER NOT NULL, revenue INTEGER NOT NULL, commission INTEGER NOT NULL, due INTEGER NOT NULL,
  PRIMARY KEY (owner, number)
) STRICT, WITHOUT ROWID
"""

_MOVE = "INSERT INTO consign_move (owner, seq, i, day, product, what, quantity, cents) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_STOCK = """INSERT INTO consign_stock (owner, product, what, quantity) VALUES (?, ?, ?, ?)
ON CONFLICT (owner, product, what) DO UPDATE SET quantity = quantity + excluded.quantity"""


@dataclass(slots=True)
class Held:
    """An article of an owner since the first delivery, in thousandths."""

    received: int = 0
    sold: int = 0
    returned: int = 0
    lost: int = 0

    @property
    def on_sale(self) -> int:
        """What must still be there."""
        return self.received - self.sold - self.returned - self.lost


def _move(
    conn: sqlite3.Connection, owner: str, seq: int, i: int, day: str, product: str, what: str, quantity: int, cents: int
) -> None:
    conn.execute(_MOVE, (owner, seq, i, day[:10], product, what, quantity, cents))
    conn.execute(_STOCK, (owner, product, what, quantity))


def _contract(conn: sqlite3.Connection, entry: Envelope, e: ContractSet) -> None:
    conn.execute(
        "INSERT OR REPLACE INTO consign_contract VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (e.owner, e.valid_from, e.commission_bp, e.tax_mode, e.unsold, e.cap_bp, e.waste, e.period, e.reference),
    )


def _goods(what: str, owner: str, day: str, lines: list[Goods], conn: sqlite3.Connection, seq: int) -> None:
    for i, line in enumerate(lines):
        _move(conn, owner, seq, i, day, line.product, what, line.quantity, line_total(line.quantity, line.price))


def _received(conn: sqlite3.Connection, entry: Envelope, e: GoodsReceived) -> None:
    _goods("received", e.owner, e.day, e.lines, conn, entry.seq)


def _returned(conn: sqlite3.Connection, entry: Envelope, e: GoodsReturned) -> None:
    _goods("returned", e.owner, e.day, e.lines, conn, entry.seq)


def _lost(conn: sqlite3.Connection, entry: Envelope, e: GoodsLost) -> None:
    _goods("lost", e.owner, e.day, e.lines, conn, entry.seq)


def _sold(conn: sqlite3.Connection, entry: Envelope, e: SaleCompleted | SaleRefunded) -> None:
    for i, line in enumerate(e.lines):
        if line.owner and _ours(conn, line):
            _move(conn, line.owner, entry.seq, i, e.day, line.product, "sold", line.quantity, line.gross)


def _ours(conn: sqlite3.Connection, line: SaleLine) -> bool:
    """Tell whether the owner has a contract here (bread keeps its own books)."""
    return conn.execute("SELECT 1 FROM consign_contract WHERE owner = ? LIMIT 1", (line.owner,)).fetchone() is not None


def _stated(conn: sqlite3.Connection, entry: Envelope, e: StatementClosed) -> None:
    conn.execute(
        "INSERT INTO consign_statement VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (e.owner, e.number, entry.seq, e.first, e.last, e.upto_seq, e.revenue, e.commission, e.due),
    )


PROJECTION = Projection(
    "consignment",
    SCHEMA,
    {
        ContractSet: _contract, GoodsReceived: _received, GoodsReturned: _returned, GoodsLost: _lost,
        SaleCompleted: _sold, SaleRefunded: _sold, StatementClosed: _stated,
    },
)  # fmt: skip


# Readers


def contract(conn: sqlite3.Connection, owner: str, day: str) -> sqlite3.Row | None:
    """Return the terms in force with an owner on a day."""
    row: sqlite3.Row | None = conn.execute(
        "SELECT * FROM consign_contract WHERE owner = ? AND valid_from <= ? ORDER BY valid_from DESC LIMIT 1",
        (owner, day),
    ).fetchone()
    return row


def owners(conn: sqlite3.Connection) -> list[str]:
    """Return every owner with a contract."""
    return [row[0] for row in conn.execute("SELECT DISTINCT owner FROM consign_contract ORDER BY owner")]


def stock(conn: sqlite3.Connection, owner: str) -> dict[str, Held]:
    """Return what an owner's articles did since the first delivery."""
    out: dict[str, Held] = {}
    for product, what, quantity in conn.execute(
        "SELECT product, what, quantity FROM consign_stock WHERE owner = ?", (owner,)
    ):
        setattr(out.setdefault(product, Held()), what, quantity)
    return out


def not_stated(conn: sqlite3.Connection, owner: str, last: str) -> list[sqlite3.Row]:
    """Return moves of days up to `last` that no statement holds yet.

    A statement of last week closed today leaves today's moves to the next one.
    """
    return conn.execute(
        "SELECT m.* FROM consign_move m WHERE m.owner = ? AND m.day <= ? AND NOT EXISTS (SELECT 1 FROM consign_statement s"
        " WHERE s.owner = m.owner AND m.seq <= s.upto_seq AND m.day <= s.last) ORDER BY m.seq, m.i",
        (owner, last),
    ).fetchall()


def last_seq(conn: sqlite3.Connection, owner: str) -> int:
    """Return the entry of an owner's latest move."""
    return int(conn.execute("SELECT coalesce(max(seq), -1) FROM consign_move WHERE owner = ?", (owner,)).fetchone()[0])


def last_statement(conn: sqlite3.Connection, owner: str) -> sqlite3.Row | None:
    """Return an owner's latest statement."""
    row: sqlite3.Row | None = conn.execute(
        "SELECT * FROM consign_statement WHERE owner = ? ORDER BY number DESC LIMIT 1", (owner,)
    ).fetchone()
    return row


def statements(conn: sqlite3.Connection, owner: str) -> list[sqlite3.Row]:
    """Return an owner's statements, newest first."""
    return conn.execute("SELECT * FROM consign_statement WHERE owner = ? ORDER BY number DESC", (owner,)).fetchall()
