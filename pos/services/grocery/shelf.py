"""The shelf: articles and what they hold, deliveries, dates, markdowns, orders, goods by weight."""

import sqlite3
from collections.abc import Sequence
from datetime import date
from typing import Any

from pos.engines import consignment, stock
from pos.engines.consignment import Line
from pos.engines.stock import GoodsReceived, Received
from pos.i18n import _
from pos.money import format_euros, line_total
from pos.services.grocery import dates, events, labels, reading
from pos.services.grocery import refusals as no
from pos.services.grocery.tables import DDM, DLC, GROCERY, OWNER
from pos.store import Store, Writing
from pos.till import catalogue, rights, sell
from pos.till import refusals as till_no
from pos.till import tables as till
from pos.till.events import ProductListed
from pos.till.tab import Tab

UNITS = ("", "g", "ml")
GRAMS_MAX = 30_000


def list_shelf(store: Store, *, by: str, attempt: str = "") -> int:
    """Count the products of the grocery row as grocery: list again those without a service. Return how many."""
    with store.writing(by=by, attempt=attempt) as tx:
        rows = reading.uncounted(tx.conn)
        for row in rows:
            relist(tx, row, service=GROCERY)
        return len(rows)


def relist(tx: Writing, row: sqlite3.Row, **changes: Any) -> None:
    """List a product again with some fields changed."""
    fields = {name: row[name] for name in row.keys() if name in ProductListed.__struct_fields__}  # noqa: SIM118
    fields |= {"takeaway": bool(row["takeaway"]), "open_price": bool(row["open_price"]), **changes}
    catalogue.put_on_menu(tx, ProductListed(**fields))


def product_row(tx: Writing, product: str) -> sqlite3.Row:
    """Return a product of the menu; raise NoSuchProduct."""
    row = till.product(tx.conn, product)
    if row is None or row["retired"]:
        raise till_no.NoSuchProduct(product=product)
    return row


def set_item(
    store: Store, product: str, *, content: int = 0, content_unit: str = "", dates_kind: str = "", plu: str = "", cap: int = 0,
    by_weight: bool | None = None, by: str, attempt: str = "",
) -> events.ItemSet:  # fmt: skip
    """Say what an article holds, which dates it bears, its number on the scale, the network's cap for its cost.

    `by_weight` sells it by the kilo. Raises NoSuchProduct, NotAnItem, ScaleNumberTaken.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        row = product_row(tx, product)
        plu = plu.strip()
        fits = {
            _("content"): 0 <= content <= 100_000 and content_unit in UNITS and bool(content) == bool(content_unit),
            _("dates"): dates_kind in ("", DLC, DDM),
            _("number on the scale"): plu == "" or (plu.isdecimal() and len(plu) <= 8),
            _("network’s price"): 0 <= cap <= 100_000,
        }
        for field, good in fits.items():
            if not good:
                raise no.NotAnItem(label=row["label"], field=field)
        other = reading.by_plu(tx.conn, plu) if plu else ""
        if other and other != product:
            raise no.ScaleNumberTaken(plu=plu, label=till.product(tx.conn, other)["label"])  # type: ignore[index]
        event = events.ItemSet(
            product=product, content=content, content_unit=content_unit, dates=dates_kind, plu=plu.lstrip("0"), cap=cap
        )
        tx.record(event)
        if by_weight is not None and by_weight != (row["unit"] == "kg"):
            relist(tx, row, unit="kg" if by_weight else "piece")
        return event


def set_pattern(
    store: Store, prefix: str, *, item_digits: int, value: str, value_digits: int, checked: bool = False,
    in_use: bool = True, valid_from: str = "", by: str, attempt: str = "",
) -> events.PatternSet:  # fmt: skip
    """Enter a layout of the scale's labels from a day on: prefix, digits of the article, what the rest says.

    It decides what labels cost: the manager only. Raises ManagerNeeded, NotAPattern.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        if till.role_of(tx.conn, tx.by) == rights.SELLER:
            raise till_no.ManagerNeeded
        try:
            since = date.fromisoformat(valid_from or tx.today).isoformat()
        except ValueError:
            raise no.NotAPattern from None
        if not labels.Pattern(prefix, item_digits, value, value_digits, checked).fits:
            raise no.NotAPattern
        event = events.PatternSet(
            prefix=prefix,
            valid_from=since,
            item_digits=item_digits,
            value=value,
            value_digits=value_digits,
            in_use=in_use,
            checked=checked,
        )
        tx.record(event)
        return event


def receive_delivery(
    store: Store,
    supplier: str,
    lines: Sequence[Received],
    *,
    note_no: str = "",
    above_cap: bool = False,
    by: str,
    attempt: str = "",
) -> GoodsReceived:
    """Take a supplier's delivery in, with its dates. `above_cap` confirms a cost above the network's.

    Raises NoSuchSupplier, NoSuchProduct, NotAStock, DateMissing, AlreadyPast, AboveCap.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        dated = [_dated(tx, line) for line in lines]
        for line in dated:
            cap = reading.item(tx.conn, line.product).cap
            if cap and line.cost > cap:
                if not above_cap:
                    label = product_row(tx, line.product)["label"]
                    raise no.AboveCap(label=label, cost=format_euros(line.cost), cap=format_euros(cap))
                tx.record(
                    events.CapExceeded(supplier=supplier, product=line.product, cost=line.cost, cap=cap, day=tx.today)
                )
        return stock.receive_in(tx, supplier, dated, note_no=note_no)


def _dated(tx: Writing, line: Received) -> Received:
    """Return a line with the kind of date its article bears."""
    row, item = product_row(tx, line.product), reading.item(tx.conn, line.product)
    check_date(tx, row["label"], item.dates, line.use_by)
    kind = item.dates or (line.date_kind if line.use_by else "")
    return Received(product=line.product, quantity=line.quantity, cost=line.cost, use_by=line.use_by, date_kind=kind)


def check_date(tx: Writing, label: str, kind: str, use_by: str) -> None:
    """Raise DateMissing or AlreadyPast for goods that come in."""
    if kind == DLC and not use_by:
        raise no.DateMissing(label=label)
    if use_by and kind != DDM and use_by < tx.today:
        raise no.AlreadyPast(label=label, day=use_by)


def withdraw(store: Store, product: str, *, by: str, attempt: str = "") -> int:
    """Take what is past its use-by date off the shelf; return how much (thousandths). Raises NothingExpired."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = product_row(tx, product)
        quantity = sum(one.left for one in dates.expired(tx.conn, product, tx.today))
        if not quantity:
            raise no.NothingExpired(label=row["label"])
        if row["owner"].startswith(OWNER):
            consignment.lose_in(tx, row["owner"], [Line(product=product, quantity=quantity)], "stale")
        else:
            stock.lose_in(tx, product, quantity, "out_of_date")
        return quantity


def mark_down(store: Store, product: str, price: int, *, by: str, attempt: str = "") -> events.MarkedDown:
    """Sell an article for less until its goods near their date are gone. Raises NotAMarkdown."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = product_row(tx, product)
        near = [one for one in dates.due(tx.conn, tx.today) if one.product == product]
        if not near or not 0 < price < row["price"] or row["role"] != "own":
            raise no.NotAMarkdown(label=row["label"])
        event = events.MarkedDown(product=product, price=price, was=row["price"], use_by=near[-1].use_by, day=tx.today)
        tx.record(event)
        return event


def lift_markdown(store: Store, product: str, *, by: str, attempt: str = "") -> None:
    """Go back to the ordinary price. Raises NotAMarkdown."""
    with store.writing(by=by, attempt=attempt) as tx:
        if tx.conn.execute("SELECT 1 FROM grocery_markdown WHERE product = ?", (product,)).fetchone() is None:
            raise no.NotAMarkdown(label=product_row(tx, product)["label"])
        tx.record(events.MarkdownLifted(product=product, day=tx.today))


def draw_order(store: Store, supplier: str, *, by: str, attempt: str = "") -> events.OrderDrawn:
    """Make an order of what runs low at a supplier. Raises NothingToOrder."""
    with store.writing(by=by, attempt=attempt) as tx:
        rows = reading.to_order(tx.conn).get(supplier, [])
        if not rows:
            raise no.NothingToOrder
        event = events.OrderDrawn(
            number=reading.next_order(tx.conn), supplier=supplier, day=tx.today,
            lines=[events.Ordered(product=row.product, quantity=row.quantity) for row in rows],
        )  # fmt: skip
        tx.record(event)
        return event


# Goods by weight, on the bill


def weigh(
    store: Store, product: str, grams: int, *, tab_id: str, price: int | None = None, by: str, attempt: str = ""
) -> Tab:
    """Put goods by weight on a bill: grams as the certified scale shows, × the price per kilo (typed, or the menu's), half up.

    Raises NotWeighed, NoSuchProduct, PriceMissing.
    """
    with store.reading() as conn:
        row = till.product(conn, product)
    if row is None:
        raise till_no.NoSuchProduct(product=product)
    if (
        not 0 < grams <= GRAMS_MAX
        or row["unit"] != "kg"
        or not line_total(grams, row["price"] if price is None else price)
    ):
        raise no.NotWeighed(label=row["label"])
    return sell.add_product(store, tab_id, product, quantity=grams, price=price, by=by, attempt=attempt)


def add_label(store: Store, code: str, *, tab_id: str, by: str, attempt: str = "") -> Tab:
    """Put the goods of a scale's label on a bill: its price is trusted, its weight is multiplied. Raises NotALabel."""
    with store.reading() as conn:
        label = labels.read(code, reading.patterns(conn, reading.today_of(store)))
        product = reading.by_plu(conn, label.item) if label else ""
        row = till.product(conn, product) if product else None
    if label is None or row is None:
        raise no.NotALabel(code=code.strip()[:24])
    quantity, price = label.value * 1000, None
    if label.kind == labels.WEIGHT:
        quantity = label.value
    elif label.kind == labels.PRICE:
        by_weight = row["unit"] == "kg"
        quantity, price = labels.weight_of(label.value, row["price"]) if by_weight else (1000, label.value)
    return sell.add_product(store, tab_id, product, quantity=quantity, price=price, by=by, attempt=attempt)
