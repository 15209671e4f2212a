"""Articles, dated lots, label layouts, markdowns, orders, producers, what stayed with local suppliers.

What is sold comes off the soonest date that may still be sold; what is past its use-by date stays on the
books until it is thrown away, because nothing else can have happened to it.
"""

import sqlite3

from pos.engines import consignment_events as consigned
from pos.engines.consignment_events import StatementClosed
from pos.engines.stock import GoodsLost, GoodsReceived, InventoryTaken
from pos.journal import Envelope
from pos.money import line_total
from pos.projections import Projection
from pos.services.grocery import events as ev
from pos.till.events import SaleCompleted, SaleRefunded

Conn = sqlite3.Connection
GROCERY, CATEGORY, OWNER = "grocery", "epicerie", "producer:"
# Use by (*DLC*): sale forbidden after. Best before (*DDM*): sale allowed, often for less.
DLC, DDM = "dlc", "ddm"

SCHEMA = """
CREATE TABLE grocery_item (
  product TEXT PRIMARY KEY, content INTEGER NOT NULL, content_unit TEXT NOT NULL, dates TEXT NOT NULL, plu TEXT NOT NULL,
  cap INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX grocery_item_by_plu ON grocery_item (plu) WHERE plu <> '';
CREATE TABLE grocery_lot (
  product TEXT NOT NULL, use_by TEXT NOT NULL, seq INTEGER NOT NULL, i INTEGER NOT NULL, quantity INTEGER NOT NULL,
  date_kind TEXT NOT NULL, gone INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (product, use_by, seq, i)
) STRICT, WITHOUT ROWID;
CREATE TABLE grocery_pattern (
  prefix TEXT NOT NULL, valid_from TEXT NOT NULL, seq INTEGER NOT NULL, item_digits INTEGER NOT NULL, kind TEXT NOT NULL,
  value_digits INTEGER NOT NULL, in_use INTEGER NOT NULL, checked INTEGER NOT NULL, PRIMARY KEY (prefix, valid_from, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE grocery_over_cap (
  seq INTEGER NOT NULL, product TEXT NOT NULL, supplier TEXT NOT NULL, cost INTEGER NOT NULL, cap INTEGER NOT NULL,
  day TEXT NOT NULL, PRIMARY KEY (seq, product)
) STRICT, WITHOUT ROWID;
CREATE TABLE grocery_markdown (
  product TEXT PRIMARY KEY, price INTEGER NOT NULL, was INTEGER NOT NULL, use_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE grocery_order (
  number INTEGER PRIMARY KEY, supplier TEXT NOT NULL, day TEXT NOT NULL, articles INTEGER NOT NULL
) STRICT;
CREATE TABLE grocery_ordered (
  product TEXT PRIMARY KEY, number INTEGER NOT NULL, quantity INTEGER NOT NULL, day TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE grocery_producer (
  producer TEXT PRIMARY KEY, local INTEGER NOT NULL, minimum INTEGER NOT NULL, self_billing INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE grocery_statement (
  owner TEXT NOT NULL, number INTEGER NOT NULL, seq INTEGER NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL,
  revenue INTEGER NOT NULL, commission INTEGER NOT NULL, charged INTEGER NOT NULL, due INTEGER NOT NULL,
  paid_on TEXT NOT NULL DEFAULT '', PRIMARY KEY (owner, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE grocery_local (
  year TEXT NOT NULL, supplier TEXT NOT NULL, cents INTEGER NOT NULL, PRIMARY KEY (year, supplier)
) STRICT, WITHOUT ROWID;
CREATE TABLE grocery_day (
  day TEXT PRIMARY KEY, tickets INTEGER NOT NULL, cents INTEGER NOT NULL
) STRICT, WITHOUT ROWID
"""

_LOCAL = """INSERT INTO grocery_local (year, supplier, cents) VALUES (?, ?, ?)
ON CONFLICT (year, supplier) DO UPDATE SET cents = cents + excluded.cents"""
_DAY = """INSERT INTO grocery_day (day, tickets, cents) VALUES (?, ?, ?)
ON CONFLICT (day) DO UPDATE SET tickets = tickets + excluded.tickets, cents = cents + excluded.cents"""
_LOT = "INSERT INTO grocery_lot (product, use_by, seq, i, quantity, date_kind) VALUES (?, ?, ?, ?, ?, ?)"


_OPEN = """SELECT use_by, seq, i, quantity - gone AS room FROM grocery_lot WHERE product = ? AND quantity > gone
AND (date_kind <> 'dlc' OR use_by >= ?) ORDER BY use_by, seq, i"""
_SOLD = "SELECT use_by, seq, i, gone AS room FROM grocery_lot WHERE product = ? AND gone > 0 ORDER BY use_by DESC, seq DESC, i DESC"
_GONE = "UPDATE grocery_lot SET gone = gone + ? WHERE product = ? AND use_by = ? AND seq = ? AND i = ?"


def _take(conn: Conn, product: str, quantity: int, day: str) -> None:
    """Take a quantity off the dated lots, soonest first, of dates from `day` on where a use-by date forbids more."""
    for use_by, seq, i, room in conn.execute(_OPEN, (product, day)).fetchall():
        part = min(quantity, room)
        conn.execute(_GONE, (part, product, use_by, seq, i))
        quantity -= part
        if not quantity:
            return


def _put_back(conn: Conn, product: str, quantity: int) -> None:
    """Goods that come back are of the latest date that some were sold of."""
    for use_by, seq, i, room in conn.execute(_SOLD, (product,)).fetchall():
        part = min(quantity, room)
        conn.execute(_GONE, (-part, product, use_by, seq, i))
        quantity -= part
        if not quantity:
            return


def _lost(conn: Conn, entry: Envelope, e: GoodsLost) -> None:
    _take(conn, e.product, e.quantity, "")


def _left(conn: Conn, entry: Envelope, e: consigned.GoodsLost | consigned.GoodsReturned) -> None:
    for line in e.lines:
        _take(conn, line.product, line.quantity, "")


def _counted(conn: Conn, entry: Envelope, e: InventoryTaken) -> None:
    """More by date than was counted cannot be: the soonest dates are gone."""
    for line in e.lines:
        row = conn.execute(
            "SELECT coalesce(sum(quantity - gone), 0) FROM grocery_lot WHERE product = ?", (line.product,)
        ).fetchone()
        if row[0] > line.counted:
            _take(conn, line.product, row[0] - line.counted, "")


def _item(conn: Conn, entry: Envelope, e: ev.ItemSet) -> None:
    conn.execute(
        "INSERT OR REPLACE INTO grocery_item VALUES (?, ?, ?, ?, ?, ?)",
        (e.product, e.content, e.content_unit, e.dates, e.plu, e.cap),
    )


def _pattern(conn: Conn, entry: Envelope, e: ev.PatternSet) -> None:
    conn.execute(
        "INSERT INTO grocery_pattern VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (e.prefix, e.valid_from, entry.seq, e.item_digits, e.value, e.value_digits, int(e.in_use), int(e.checked)),
    )


def _cap(conn: Conn, entry: Envelope, e: ev.CapExceeded) -> None:
    conn.execute(
        "INSERT INTO grocery_over_cap VALUES (?, ?, ?, ?, ?, ?)",
        (entry.seq, e.product, e.supplier, e.cost, e.cap, e.day),
    )


def _marked(conn: Conn, entry: Envelope, e: ev.MarkedDown) -> None:
    conn.execute("INSERT OR REPLACE INTO grocery_markdown VALUES (?, ?, ?, ?)", (e.product, e.price, e.was, e.use_by))


def _lifted(conn: Conn, entry: Envelope, e: ev.MarkdownLifted) -> None:
    conn.execute("DELETE FROM grocery_markdown WHERE product = ?", (e.product,))


def _ordered(conn: Conn, entry: Envelope, e: ev.OrderDrawn) -> None:
    conn.execute("INSERT INTO grocery_order VALUES (?, ?, ?, ?)", (e.number, e.supplier, e.day, len(e.lines)))
    conn.executemany(
        "INSERT OR REPLACE INTO grocery_ordered VALUES (?, ?, ?, ?)",
        [(line.product, e.number, line.quantity, e.day) for line in e.lines],
    )


def _producer(conn: Conn, entry: Envelope, e: ev.ProducerSet) -> None:
    conn.execute(
        "INSERT OR REPLACE INTO grocery_producer VALUES (?, ?, ?, ?)",
        (e.producer, int(e.local), e.minimum, int(e.self_billing)),
    )


def _delivered(conn: Conn, entry: Envelope, e: GoodsReceived) -> None:
    for i, line in enumerate(e.lines):
        conn.execute("DELETE FROM grocery_ordered WHERE product = ?", (line.product,))
        if line.use_by:
            conn.execute(_LOT, (line.product, line.use_by, entry.seq, i, line.quantity, line.date_kind))
    if e.local:
        conn.execute(_LOCAL, (e.day[:4], e.supplier, sum(line_total(line.quantity, line.cost) for line in e.lines)))


def _deposited(conn: Conn, entry: Envelope, e: ev.DepositTaken) -> None:
    for i, line in enumerate(e.lines):
        if line.use_by:
            conn.execute(_LOT, (line.product, line.use_by, entry.seq, i, line.quantity, line.date_kind))


def _stated(conn: Conn, entry: Envelope, e: StatementClosed) -> None:
    if e.owner.startswith(OWNER):
        conn.execute(
            "INSERT INTO grocery_statement (owner, number, seq, first, last, revenue, commission, charged, due)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (e.owner, e.number, entry.seq, e.first, e.last, e.revenue, e.commission, e.charged, e.due),
        )


def _paid(conn: Conn, entry: Envelope, e: ev.ProducerPaid) -> None:
    conn.executemany(
        "UPDATE grocery_statement SET paid_on = ? WHERE owner = ? AND number = ?",
        [(e.day[:10], f"{OWNER}{e.producer}", number) for number in e.numbers],
    )
    if e.local:
        conn.execute(_LOCAL, (e.day[:4], f"{OWNER}{e.producer}", e.amount))


def _ticket(conn: Conn, entry: Envelope, e: SaleCompleted | SaleRefunded) -> None:
    for line in e.lines:
        if line.quantity > 0:
            _take(conn, line.product, line.quantity, e.day[:10])
        else:
            _put_back(conn, line.product, -line.quantity)
    ours = [line for line in e.lines if line.service == GROCERY]
    if ours:
        came = -int(GROCERY in e.cancels) if isinstance(e, SaleRefunded) else 1
        conn.execute(_DAY, (e.day[:10], came, sum(line.gross for line in ours)))


PROJECTION = Projection(
    "grocery",
    SCHEMA,
    {
        ev.ItemSet: _item, ev.PatternSet: _pattern, ev.CapExceeded: _cap, ev.MarkedDown: _marked, ev.MarkdownLifted: _lifted,
        ev.OrderDrawn: _ordered, ev.ProducerSet: _producer, ev.DepositTaken: _deposited, ev.ProducerPaid: _paid,
        GoodsReceived: _delivered, GoodsLost: _lost, InventoryTaken: _counted, consigned.GoodsLost: _left,
        consigned.GoodsReturned: _left, StatementClosed: _stated, SaleCompleted: _ticket, SaleRefunded: _ticket,
    },
)  # fmt: skip
