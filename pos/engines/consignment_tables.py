"""Contracts, lots, every move of consigned goods, statements; told from their own facts and from tickets.

A lot is an article of an owner; of goods that do not keep, one day's of it. In each, at any time,
received = sold + returned + lost + on_sale.
"""

import sqlite3
from dataclasses import dataclass

from pos import vat
from pos.engines.consignment_events import (
    ContractSet,
    Goods,
    GoodsCounted,
    GoodsLost,
    GoodsReceived,
    GoodsReturned,
    ReceiptCorrected,
    StatementClosed,
    StatementPaid,
)  # fmt: skip
from pos.journal import Envelope
from pos.money import line_total
from pos.projections import Projection
from pos.till.events import SaleCompleted, SaleLine, SaleRefunded, ThirdPartyMoved, ThirdPartySettled

RETURNED, CAPPED, FIRM = "returned_100", "capped", "firm"
OWNER, CAFE = "owner", "cafe"
DONATED, DAY_OLD = "donated", "day_old"

SCHEMA = """
CREATE TABLE consign_contract (
  owner TEXT NOT NULL, valid_from TEXT NOT NULL, commission_bp INTEGER NOT NULL, tax_mode TEXT NOT NULL,
  unsold TEXT NOT NULL, cap_bp INTEGER NOT NULL, waste TEXT NOT NULL, period TEXT NOT NULL, reference TEXT NOT NULL,
  borne_net INTEGER NOT NULL, daily INTEGER NOT NULL, PRIMARY KEY (owner, valid_from)
) STRICT, WITHOUT ROWID;
CREATE TABLE consign_move (
  owner TEXT NOT NULL, seq INTEGER NOT NULL, i INTEGER NOT NULL, lot TEXT NOT NULL, day TEXT NOT NULL,
  product TEXT NOT NULL, what TEXT NOT NULL, quantity INTEGER NOT NULL, cents INTEGER NOT NULL,
  stated INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (owner, seq, i)
) STRICT, WITHOUT ROWID;
CREATE INDEX consign_move_open ON consign_move (owner, day) WHERE stated = 0;
CREATE TABLE consign_lot (
  owner TEXT NOT NULL, lot TEXT NOT NULL, product TEXT NOT NULL, label TEXT NOT NULL, price INTEGER NOT NULL,
  received INTEGER NOT NULL DEFAULT 0, sold INTEGER NOT NULL DEFAULT 0, returned INTEGER NOT NULL DEFAULT 0,
  lost INTEGER NOT NULL DEFAULT 0, on_sale INTEGER NOT NULL DEFAULT 0, donated INTEGER NOT NULL DEFAULT 0,
  day_old INTEGER NOT NULL DEFAULT 0, counted INTEGER NOT NULL DEFAULT -1,
  received_value INTEGER NOT NULL DEFAULT 0, sold_value INTEGER NOT NULL DEFAULT 0,
  returned_value INTEGER NOT NULL DEFAULT 0, lost_value INTEGER NOT NULL DEFAULT 0,
  adjusted_value INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (owner, lot, product)
) STRICT, WITHOUT ROWID;
CREATE INDEX consign_lot_of_day ON consign_lot (lot, product);
CREATE INDEX consign_lot_left ON consign_lot (owner, lot) WHERE on_sale <> 0;
CREATE TABLE consign_receipt (
  number INTEGER NOT NULL, seq INTEGER NOT NULL, i INTEGER NOT NULL, owner TEXT NOT NULL, lot TEXT NOT NULL,
  day TEXT NOT NULL, at INTEGER NOT NULL, note_no TEXT NOT NULL, product TEXT NOT NULL, label TEXT NOT NULL,
  ordered INTEGER NOT NULL, counted INTEGER NOT NULL, price INTEGER NOT NULL, PRIMARY KEY (seq, i)
) STRICT, WITHOUT ROWID;
CREATE INDEX consign_receipt_by_number ON consign_receipt (number);
CREATE INDEX consign_receipt_by_day ON consign_receipt (day);
CREATE TABLE consign_statement (
  owner TEXT NOT NULL, number INTEGER NOT NULL, seq INTEGER NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL,
  upto_seq INTEGER NOT NULL, revenue INTEGER NOT NULL, commission INTEGER NOT NULL, due INTEGER NOT NULL,
  paid INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (owner, number)
) STRICT, WITHOUT ROWID
"""

_MOVE = """INSERT INTO consign_move (owner, seq, i, lot, day, product, what, quantity, cents)
SELECT ?, ?, coalesce(max(i), -1) + 1, ?, ?, ?, ?, ?, ? FROM consign_move WHERE owner = ? AND seq = ?"""
_MADE = "INSERT INTO consign_lot (owner, lot, product, label, price) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_LOT = {
    what: f"UPDATE consign_lot SET {what} = {what} + ?, on_sale = on_sale + ?, {what}_value = {what}_value + ?"
    " WHERE owner = ? AND lot = ? AND product = ?"
    for what in ("received", "sold", "returned", "lost")
}
_ADJUSTED = "UPDATE consign_lot SET adjusted_value = adjusted_value + ? WHERE owner = ? AND lot = ? AND product = ?"
_HOW = {
    how: f"UPDATE consign_lot SET {how} = {how} + ? WHERE owner = ? AND lot = ? AND product = ?"
    for how in (DONATED, DAY_OLD)
}
_TOLD_HERE = "SELECT daily FROM consign_contract WHERE owner = ? ORDER BY valid_from DESC LIMIT 1"
_RECEIPT = """INSERT INTO consign_receipt (number, seq, i, owner, lot, day, at, note_no, product, label, ordered, counted,
price) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""


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


def move(
    conn: sqlite3.Connection, seq: int, owner: str, what: str, goods: Goods, cents: int, *, day: str, lot: str = ""
) -> None:
    """Tell one move: `received`, `sold`, `returned`, `lost`, or money alone as `adjusted`.

    Of a lot that does not keep, moves are of its day, whenever they come. A service that has daily
    contracts calls this from its own tellers of tickets.
    """
    conn.execute(_MADE, (owner, lot, goods.product, goods.label, goods.price))
    n, where = goods.quantity, (owner, lot, goods.product)
    if what == "adjusted":
        n = 0
        conn.execute(_ADJUSTED, (cents, *where))
    else:
        conn.execute(_LOT[what], (n, n if what == "received" else -n, cents, *where))
    if n or cents:
        conn.execute(_MOVE, (owner, seq, lot, lot or day[:10], goods.product, what, n, cents, owner, seq))


def _contract(conn: sqlite3.Connection, entry: Envelope, e: ContractSet) -> None:
    conn.execute(
        "INSERT OR REPLACE INTO consign_contract VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (e.owner, e.valid_from, e.commission_bp, e.tax_mode, e.unsold, e.cap_bp, e.waste, e.period, e.reference,
         int(e.borne_net), int(e.daily)),
    )  # fmt: skip


def _received(conn: sqlite3.Connection, entry: Envelope, e: GoodsReceived) -> None:
    for i, line in enumerate(e.lines):
        move(conn, entry.seq, e.owner, "received", line, _worth(line), day=e.day, lot=e.lot)
        conn.execute(
            "UPDATE consign_lot SET label = ?, price = ? WHERE owner = ? AND lot = ? AND product = ?",
            (line.label, line.price, e.owner, e.lot, line.product),
        )
        ordered = line.quantity if line.ordered < 0 else line.ordered
        conn.execute(
            _RECEIPT,
            (e.number, entry.seq, i, e.owner, e.lot, e.day, entry.t, e.note_no, line.product, line.label, ordered,
             line.quantity, line.price),
        )  # fmt: skip


def _worth(line: Goods) -> int:
    return line_total(line.quantity, line.price)


def _corrected(conn: sqlite3.Connection, entry: Envelope, e: ReceiptCorrected) -> None:
    conn.execute(
        "UPDATE consign_receipt SET counted = ? WHERE number = ? AND product = ?", (e.counted, e.number, e.product)
    )
    more = Goods(product=e.product, label=e.label, quantity=e.counted - e.was, price=e.price)
    cents = line_total(e.counted, e.price) - line_total(e.was, e.price)
    move(conn, entry.seq, e.owner, "received", more, cents, day=e.day, lot=e.lot)


def _returned(conn: sqlite3.Connection, entry: Envelope, e: GoodsReturned) -> None:
    for line in e.lines:
        move(conn, entry.seq, e.owner, "returned", line, _worth(line), day=e.day, lot=e.lot)
        if e.how in _HOW:
            conn.execute(_HOW[e.how], (line.quantity, e.owner, e.lot, line.product))


def _lost(conn: sqlite3.Connection, entry: Envelope, e: GoodsLost) -> None:
    for line in e.lines:
        move(conn, entry.seq, e.owner, "lost", line, _worth(line), day=e.day, lot=e.lot)


def _counted(conn: sqlite3.Connection, entry: Envelope, e: GoodsCounted) -> None:
    for line in e.lines:
        gone = Goods(product=line.product, label=line.label, quantity=line.expected - line.counted, price=line.price)
        move(conn, entry.seq, e.owner, "lost", gone, _worth(gone), day=e.day, lot=e.lot)
        conn.execute(
            "UPDATE consign_lot SET counted = ? WHERE owner = ? AND lot = ? AND product = ?",
            (line.counted, e.owner, e.lot, line.product),
        )


def _sold(conn: sqlite3.Connection, entry: Envelope, e: SaleCompleted | SaleRefunded) -> None:
    """Tell a ticket of goods that keep; of which day the others are, only their service knows."""
    for line in e.lines:
        found = conn.execute(_TOLD_HERE, (line.owner,)).fetchone() if line.owner else None
        if found is not None and not found[0]:
            goods = Goods(product=line.product, label=line.label, quantity=line.quantity, price=line.unit_price)
            move(conn, entry.seq, line.owner, "sold", goods, _value(line), day=e.day)


def _value(line: SaleLine) -> int:
    """What the owner's account moves by: as paid when the money is theirs, at full price when we gave ours away."""
    return line.gross if line.vat_code in vat.OFF_TURNOVER else line_total(line.quantity, line.unit_price)


def _stated(conn: sqlite3.Connection, entry: Envelope, e: StatementClosed) -> None:
    conn.execute(
        "INSERT INTO consign_statement VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
        (e.owner, e.number, entry.seq, e.first, e.last, e.upto_seq, e.revenue, e.commission, e.due),
    )
    conn.execute(
        "UPDATE consign_move SET stated = ? WHERE owner = ? AND stated = 0 AND seq <= ? AND day <= ?",
        (e.number, e.owner, e.upto_seq, e.last),
    )


def _paid(conn: sqlite3.Connection, entry: Envelope, e: StatementPaid) -> None:
    conn.execute(
        "UPDATE consign_statement SET paid = paid + ? WHERE owner = ? AND number = ?", (e.amount, e.owner, e.number)
    )


def _settled(conn: sqlite3.Connection, entry: Envelope, e: ThirdPartySettled) -> None:
    _spread(conn, e.owner, e.amount, e.ref)


def _moved(conn: sqlite3.Connection, entry: Envelope, e: ThirdPartyMoved) -> None:
    if e.reason == "settlement" and e.amount < 0:
        _spread(conn, e.owner, -e.amount, e.ref)


def _spread(conn: sqlite3.Connection, owner: str, left: int, ref: str) -> None:
    """Spread what an owner was handed over the statements: the one it names first, then the oldest."""
    rows = conn.execute(
        "SELECT number, due - paid FROM consign_statement WHERE owner = ? AND due > paid"
        " ORDER BY 'statement ' || number <> ?, number",
        (owner, ref),
    ).fetchall()
    for number, unpaid in rows:
        part = min(left, unpaid)
        conn.execute(
            "UPDATE consign_statement SET paid = paid + ? WHERE owner = ? AND number = ?", (part, owner, number)
        )
        left -= part


PROJECTION = Projection(
    "consignment",
    SCHEMA,
    {
        ContractSet: _contract, GoodsReceived: _received, ReceiptCorrected: _corrected, GoodsReturned: _returned,
        GoodsLost: _lost, GoodsCounted: _counted, SaleCompleted: _sold, SaleRefunded: _sold, StatementClosed: _stated,
        StatementPaid: _paid, ThirdPartySettled: _settled, ThirdPartyMoved: _moved,
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
    rows = conn.execute(
        "SELECT product, sum(received), sum(sold), sum(returned), sum(lost) FROM consign_lot WHERE owner = ?"
        " GROUP BY product ORDER BY product",
        (owner,),
    )
    return {product: Held(*sums) for product, *sums in rows}


def lot(conn: sqlite3.Connection, owner: str, product: str, lot: str = "") -> sqlite3.Row | None:
    """Return one lot."""
    row: sqlite3.Row | None = conn.execute(
        "SELECT * FROM consign_lot WHERE owner = ? AND lot = ? AND product = ?", (owner, lot, product)
    ).fetchone()
    return row


def receipt(conn: sqlite3.Connection, number: int, product: str) -> sqlite3.Row | None:
    """Return the line of an article in a delivery."""
    row: sqlite3.Row | None = conn.execute(
        "SELECT * FROM consign_receipt WHERE number = ? AND product = ? ORDER BY seq, i LIMIT 1", (number, product)
    ).fetchone()
    return row


def next_receipt(conn: sqlite3.Connection) -> int:
    """Return the number of the next delivery."""
    return int(conn.execute("SELECT coalesce(max(number), 0) + 1 FROM consign_receipt").fetchone()[0])


def faults(conn: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return lots whose identity does not hold; of goods that keep, also those of which more left than came."""
    return conn.execute(
        "SELECT owner, lot, product, on_sale FROM consign_lot WHERE received <> sold + returned + lost + on_sale"
        " OR (lot = '' AND on_sale < 0) ORDER BY owner, lot, product"
    ).fetchall()


def not_stated(conn: sqlite3.Connection, owner: str, last: str) -> list[sqlite3.Row]:
    """Return moves of days up to `last` that no statement holds yet, in the words of their lot.

    A statement of last week closed today leaves today's moves to the next one.
    """
    return conn.execute(
        "SELECT m.*, l.label, l.price FROM consign_move m JOIN consign_lot l USING (owner, lot, product)"
        " WHERE m.owner = ? AND m.stated = 0 AND m.day <= ? ORDER BY m.seq, m.i",
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
