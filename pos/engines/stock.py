"""Goods of the café's own that are counted: deliveries, losses, inventories, what runs low or out of date.

Only products that are followed have a stock; the others sell without one. Sales take from it by
themselves, refunds put back.
"""

import sqlite3
from collections.abc import Sequence

import msgspec

from pos.engines import persons
from pos.engines.consignment import label_of
from pos.errors import Refusal
from pos.events import Event, Part, parted
from pos.feature import Feature
from pos.i18n import N_
from pos.ids import paper_number
from pos.journal import Envelope
from pos.money import line_total
from pos.projections import Projection
from pos.store import Store, Writing
from pos.till import tables as till
from pos.till.events import SaleCompleted, SaleRefunded
from pos.till.refusals import NoSuchProduct

LOSS_REASONS = ("out_of_date", "broken", "stolen", "staff", "tasting", "other")


class NotFollowed(Refusal):
    """The product has no stock."""

    sentence = N_("The stock of %(product)s is not followed.")
    remedy = N_("Follow it first: Stock, Follow a product.")


class NoSuchSupplier(Refusal):
    """The supplier was never entered."""

    sentence = N_("This supplier is not known.")
    remedy = N_("Enter the supplier first.")


class NotAStock(Refusal):
    """A quantity, a cost or a date is wrong."""

    sentence = N_("%(product)s: the quantity or the date does not fit.")
    remedy = N_("Type a quantity above zero, and a date like 2026-12-31.")


class Followed(Event, frozen=True, kw_only=True):
    """The stock of a product is followed; under `minimum` it is to be ordered."""

    kind = "stock.followed"
    product: str
    minimum: int = 0
    order: int = 0
    supplier: str = ""


class SupplierListed(Event, frozen=True, kw_only=True):
    """A supplier is known by an id; `local` counts for the village. The name is kept apart."""

    kind = "stock.supplier_listed"
    supplier: str
    local: bool = False


class StockLine(Part, frozen=True, kw_only=True):
    """So many of a product: thousandths; `cost` cents a piece without VAT; `use_by` a date."""

    product: str
    quantity: int
    cost: int = 0
    use_by: str = ""
    # "dlc": sale forbidden after; "ddm": better before.
    date_kind: str = ""


class GoodsReceived(Event, frozen=True, kw_only=True):
    """A supplier delivered."""

    kind = "stock.goods_received"
    supplier: str
    day: str
    lines: list[StockLine]
    note_no: str = ""
    local: bool = False


class Difference(Part, frozen=True, kw_only=True):
    """What an inventory found of a product, against what was expected."""

    product: str
    expected: int
    counted: int


class InventoryTaken(Event, frozen=True, kw_only=True):
    """Shelves were counted."""

    kind = "stock.inventory_taken"
    day: str
    lines: list[Difference]


class GoodsLost(Event, frozen=True, kw_only=True):
    """Goods were thrown away, taken by staff, stolen."""

    kind = "stock.goods_lost"
    day: str
    product: str
    quantity: int
    reason: str


EVENTS: tuple[type[Event], ...] = (Followed, SupplierListed, GoodsReceived, InventoryTaken, GoodsLost)

SCHEMA = """
CREATE TABLE stock_item (
  product TEXT PRIMARY KEY, on_hand INTEGER NOT NULL, minimum INTEGER NOT NULL, to_order INTEGER NOT NULL,
  supplier TEXT NOT NULL, cost INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE stock_supplier (supplier TEXT PRIMARY KEY, local INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE stock_bought (
  year TEXT NOT NULL, supplier TEXT NOT NULL, local INTEGER NOT NULL, cents INTEGER NOT NULL, PRIMARY KEY (year, supplier)
) STRICT, WITHOUT ROWID
"""

_TAKE = "UPDATE stock_item SET on_hand = on_hand - ? WHERE product = ?"


def _followed(conn: sqlite3.Connection, entry: Envelope, e: Followed) -> None:
    conn.execute(
        "INSERT INTO stock_item VALUES (?, 0, ?, ?, ?, 0) ON CONFLICT (product) DO UPDATE SET"
        " minimum = excluded.minimum, to_order = excluded.to_order, supplier = excluded.supplier",
        (e.product, e.minimum, e.order, e.supplier),
    )


def _supplier(conn: sqlite3.Connection, entry: Envelope, e: SupplierListed) -> None:
    conn.execute("INSERT OR REPLACE INTO stock_supplier VALUES (?, ?)", (e.supplier, int(e.local)))


def _received(conn: sqlite3.Connection, entry: Envelope, e: GoodsReceived) -> None:
    cents = 0
    for line in e.lines:
        conn.execute(_TAKE, (-line.quantity, line.product))
        if line.cost:
            conn.execute("UPDATE stock_item SET cost = ? WHERE product = ?", (line.cost, line.product))
        cents += line_total(line.quantity, line.cost)
    conn.execute(
        "INSERT INTO stock_bought VALUES (?, ?, ?, ?) ON CONFLICT (year, supplier) DO UPDATE SET cents = cents + excluded.cents,"
        " local = excluded.local",
        (e.day[:4], e.supplier, int(e.local), cents),
    )


def _inventory(conn: sqlite3.Connection, entry: Envelope, e: InventoryTaken) -> None:
    for line in e.lines:
        conn.execute("UPDATE stock_item SET on_hand = ? WHERE product = ?", (line.counted, line.product))


def _lost(conn: sqlite3.Connection, entry: Envelope, e: GoodsLost) -> None:
    conn.execute(_TAKE, (e.quantity, e.product))


def _sold(conn: sqlite3.Connection, entry: Envelope, e: SaleCompleted | SaleRefunded) -> None:
    conn.executemany(_TAKE, [(line.quantity, line.product) for line in e.lines])


PROJECTION = Projection(
    "stock",
    SCHEMA,
    {
        Followed: _followed, SupplierListed: _supplier, GoodsReceived: _received, InventoryTaken: _inventory,
        GoodsLost: _lost, SaleCompleted: _sold, SaleRefunded: _sold,
    },
)  # fmt: skip


# Acts


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a delivery as an act takes it."""

    product: str
    quantity: int
    cost: int = 0
    use_by: str = ""
    date_kind: str = "ddm"


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted of a product."""

    product: str
    counted: int


def list_supplier(
    store: Store, name: str, *, phone: str = "", local: bool = False, supplier: str = "", by: str, attempt: str = ""
) -> str:
    """Enter a supplier, or correct one; return the id. The name stays on this box."""
    with store.writing(by=by, attempt=attempt) as tx:
        if not supplier:
            n = tx.conn.execute("SELECT count(*) FROM stock_supplier").fetchone()[0]
            supplier = f"s{n + 1}"
        persons.known(tx, "partners", name, phone=phone, person=f"supplier-{supplier}")
        tx.record(SupplierListed(supplier=supplier, local=local))
        return supplier


def follow(
    store: Store, product: str, *, minimum: int = 0, order: int = 0, supplier: str = "", by: str, attempt: str = ""
) -> None:
    """Follow a product's stock. Raises NoSuchProduct, NoSuchSupplier."""
    with store.writing(by=by, attempt=attempt) as tx:
        if till.product(tx.conn, product) is None:
            raise NoSuchProduct(product=product)
        if supplier and supplier_row(tx.conn, supplier) is None:
            raise NoSuchSupplier
        tx.record(Followed(product=product, minimum=max(0, minimum), order=max(0, order), supplier=supplier))


def receive(
    store: Store, supplier: str, lines: Sequence[Received], *, note_no: str = "", by: str, attempt: str = ""
) -> GoodsReceived:
    """Take a supplier's delivery in; products not followed yet are followed. Raises NoSuchSupplier, NotAStock."""
    with store.writing(by=by, attempt=attempt) as tx:
        return receive_in(tx, supplier, lines, note_no=note_no)


def receive_in(tx: Writing, supplier: str, lines: Sequence[Received], *, note_no: str = "") -> GoodsReceived:
    """Do `receive` inside another act."""
    row = supplier_row(tx.conn, supplier)
    if row is None:
        raise NoSuchSupplier
    for line in lines:
        if till.product(tx.conn, line.product) is None:
            raise NoSuchProduct(product=line.product)
        if line.quantity <= 0 or line.cost < 0 or (line.use_by and not _is_day(line.use_by)):
            raise NotAStock(product=label_of(tx.conn, line.product))
        if item(tx.conn, line.product) is None:
            tx.record(Followed(product=line.product, supplier=supplier))
    event = GoodsReceived(
        supplier=supplier, day=tx.today, note_no=paper_number(note_no), local=bool(row["local"]),
        lines=[
            StockLine(
                product=line.product, quantity=line.quantity, cost=line.cost, use_by=line.use_by,
                date_kind=line.date_kind if line.use_by else "",
            )
            for line in lines
        ],
    )  # fmt: skip
    for part in parted(event):
        tx.record(part)
    return event


def take_inventory(store: Store, lines: Sequence[Count], *, by: str, attempt: str = "") -> InventoryTaken:
    """Record what was counted; differences are kept: of a long shelf in several entries. Raises NotFollowed, NotAStock."""
    with store.writing(by=by, attempt=attempt) as tx:
        found = []
        for line in lines:
            held = item(tx.conn, line.product)
            if held is None:
                raise NotFollowed(product=label_of(tx.conn, line.product))
            if line.counted < 0:
                raise NotAStock(product=label_of(tx.conn, line.product))
            found.append(Difference(product=line.product, expected=held["on_hand"], counted=line.counted))
        event = InventoryTaken(day=tx.today, lines=found)
        for part in parted(event):
            tx.record(part)
        return event


def lose(store: Store, product: str, quantity: int, reason: str, *, by: str, attempt: str = "") -> None:
    """Write goods off, for a reason. Raises NotFollowed, NotAStock."""
    with store.writing(by=by, attempt=attempt) as tx:
        lose_in(tx, product, quantity, reason)


def lose_in(tx: Writing, product: str, quantity: int, reason: str) -> None:
    """Do `lose` inside another act."""
    if item(tx.conn, product) is None:
        raise NotFollowed(product=label_of(tx.conn, product))
    if quantity <= 0 or reason not in LOSS_REASONS:
        raise NotAStock(product=label_of(tx.conn, product))
    tx.record(GoodsLost(day=tx.today, product=product, quantity=quantity, reason=reason))


def _is_day(text: str) -> bool:
    from datetime import date

    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


# Readers


def item(conn: sqlite3.Connection, product: str) -> sqlite3.Row | None:
    """Return a followed product's stock."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM stock_item WHERE product = ?", (product,)).fetchone()
    return row


def supplier_row(conn: sqlite3.Connection, supplier: str) -> sqlite3.Row | None:
    """Return a supplier."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM stock_supplier WHERE supplier = ?", (supplier,)).fetchone()
    return row


def items(conn: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return followed products with their labels, what runs low first."""
    return conn.execute(
        "SELECT s.*, p.label, p.category, p.ean, p.price FROM stock_item s JOIN till_product p ON p.product = s.product"
        " WHERE p.retired = 0 ORDER BY s.on_hand > s.minimum, p.label"
    ).fetchall()


def low(conn: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return what is at or under its minimum: the list to order."""
    return [row for row in items(conn) if row["on_hand"] <= row["minimum"]]


def suppliers(conn: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return every supplier."""
    return conn.execute("SELECT * FROM stock_supplier ORDER BY supplier").fetchall()


def bought(conn: sqlite3.Connection, year: str) -> list[sqlite3.Row]:
    """Return what was bought of each supplier in a year: local suppliers count for the village."""
    return conn.execute("SELECT * FROM stock_bought WHERE year = ? ORDER BY cents DESC", (year,)).fetchall()


FEATURE = Feature(
    slug="stock", title=N_("Stock"), events=EVENTS, projection=PROJECTION,
    acts=(list_supplier, follow, receive, take_inventory, lose),
)  # fmt: skip
