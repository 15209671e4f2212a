"""What is left of each date, never more than is there: when less is there than the lots say, the soonest dates are gone."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from pos.engines import consignment_tables as consigned
from pos.engines import stock
from pos.i18n import _
from pos.services.grocery import refusals as no
from pos.services.grocery.tables import DDM, DLC, OWNER
from pos.till import tables as till
from pos.till.tab import Tab

Conn = sqlite3.Connection
# Marked down from so many days before the date.
SOON_DAYS = 3


@dataclass(frozen=True, slots=True)
class Dated:
    """What must be left of an article with one date (thousandths)."""

    product: str
    use_by: str
    date_kind: str
    left: int


def remaining(lots: Iterable[tuple[str, str, int]], on_hand: int) -> list[tuple[str, str, int]]:
    """Return (date, kind, left) of lots, latest date first: what is on hand fills the latest dates."""
    out = []
    for use_by, kind, quantity in sorted(lots, reverse=True):
        left = min(quantity, on_hand)
        if left <= 0:
            break
        out.append((use_by, kind, left))
        on_hand -= left
    return out


def on_hand(conn: Conn, product: str) -> int | None:
    """Return how much of an article must be there, or None when nobody counts it."""
    row = till.product(conn, product)
    if row is not None and row["owner"].startswith(OWNER):
        held = consigned.stock(conn, row["owner"]).get(product)
        return held.on_sale if held else None
    item = stock.item(conn, product)
    return int(item["on_hand"]) if item is not None else None


def left_by_date(conn: Conn, product: str) -> list[Dated]:
    """Return what is left of an article by date, soonest first."""
    there = on_hand(conn, product) or 0
    lots = conn.execute(
        "SELECT use_by, date_kind, quantity - gone FROM grocery_lot WHERE product = ? AND quantity > gone", (product,)
    ).fetchall()
    found = remaining([(row[0], row[1], row[2]) for row in lots], there)
    return [Dated(product, *one) for one in reversed(found)]


def expired(conn: Conn, product: str, day: str) -> list[Dated]:
    """Return what is past its use-by date (the day itself is still good)."""
    return [one for one in left_by_date(conn, product) if one.date_kind == DLC and one.use_by < day]


def due(conn: Conn, day: str, ahead: int = SOON_DAYS) -> list[Dated]:
    """Return everything left whose date is past or near, soonest first."""
    until = (date.fromisoformat(day[:10]) + timedelta(days=ahead)).isoformat()
    products = [row[0] for row in conn.execute("SELECT DISTINCT product FROM grocery_lot WHERE use_by <= ?", (until,))]
    found = [one for product in products for one in left_by_date(conn, product) if one.use_by <= until]
    return sorted(found, key=lambda one: (one.use_by, one.product))


def all_expired(conn: Conn, day: str) -> list[Dated]:
    """Return all that must leave the shelf today."""
    return [one for one in due(conn, day, 0) if one.date_kind == DLC and one.use_by < day]


def to_mark_down(conn: Conn, day: str) -> list[Dated]:
    """Return best-before goods near or past their date, sold at their ordinary price."""
    marked = {row[0] for row in conn.execute("SELECT product FROM grocery_markdown")}
    return [one for one in due(conn, day) if one.date_kind == DDM and one.product not in marked]


def markdown(conn: Conn, product: str) -> sqlite3.Row | None:
    """Return the markdown in force: it holds while goods of its date are left."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM grocery_markdown WHERE product = ?", (product,)).fetchone()
    if row is None or not any(one.use_by <= row["use_by"] for one in left_by_date(conn, product)):
        return None
    return row


def price(conn: Conn, day: str, tab: Tab, row: sqlite3.Row) -> int | None:
    """Return the marked-down price of an article, if it has one now."""
    found = markdown(conn, row["product"])
    return int(found["price"]) if found is not None and found["price"] < row["price"] else None


def use_by_is_kept(conn: Conn, day: str, tab: Tab) -> None:
    """Refuse to sell what can only be past its use-by date; while fresh goods are enough, they are what is sold."""
    wanted: dict[str, int] = {}
    for line in tab.lines:
        wanted[line.product] = wanted.get(line.product, 0) + line.quantity
    for product, quantity in wanted.items():
        old = conn.execute(
            "SELECT 1 FROM grocery_lot WHERE product = ? AND use_by < ? AND date_kind = ? LIMIT 1",
            (product, day[:10], DLC),
        ).fetchone()
        gone = expired(conn, product, day[:10]) if old else []
        if gone and quantity > (on_hand(conn, product) or 0) - sum(one.left for one in gone):
            label = next(line.label for line in tab.lines if line.product == product)
            raise no.PastUseBy(label=label or _("Article"), day=gone[-1].use_by)
