"""What is asked of the grocery's tables: articles, patterns, what to order, producers, local money."""

import sqlite3
from dataclasses import dataclass

from pos import private
from pos.clock import business_day
from pos.engines import stock
from pos.i18n import _
from pos.services.grocery.labels import Pattern
from pos.services.grocery.tables import CATEGORY, GROCERY, OWNER
from pos.store import Store
from pos.till import tables as till

Conn = sqlite3.Connection


@dataclass(frozen=True, slots=True)
class Item:
    """What was said of an article."""

    product: str
    content: int = 0
    content_unit: str = ""
    dates: str = ""
    plu: str = ""
    cap: int = 0


@dataclass(frozen=True, slots=True)
class ToOrder:
    """An article that runs low: what is there, how many to order."""

    product: str
    label: str
    on_hand: int
    quantity: int


def today_of(store: Store) -> str:
    """Return the business day it is now."""
    return business_day(store.clock.now_ms())


def item(conn: Conn, product: str) -> Item:
    """Return what was said of an article, empty when nothing was."""
    row = conn.execute("SELECT * FROM grocery_item WHERE product = ?", (product,)).fetchone()
    return Item(*row) if row else Item(product)


def by_plu(conn: Conn, plu: str) -> str:
    """Return the article of a number on the scale, or an empty text."""
    row = conn.execute(
        "SELECT i.product FROM grocery_item i JOIN till_product p USING (product) WHERE i.plu = ? AND i.plu <> '' AND p.retired = 0",
        (plu.lstrip("0"),),
    ).fetchone()
    return str(row[0]) if row else ""


def patterns(conn: Conn, day: str) -> list[Pattern]:
    """Return the label layouts in force on a day."""
    latest: dict[str, tuple[Pattern, bool]] = {}
    rows = conn.execute("SELECT * FROM grocery_pattern WHERE valid_from <= ? ORDER BY valid_from, seq", (day[:10],))
    for row in rows:
        latest[row["prefix"]] = (
            Pattern(row["prefix"], row["item_digits"], row["kind"], row["value_digits"], checked=bool(row["checked"])),
            bool(row["in_use"]),
        )
    return [pattern for pattern, in_use in latest.values() if in_use]


def uncounted(conn: Conn) -> list[sqlite3.Row]:
    """Return products of the grocery row that count for no service."""
    return [row for row in till.products(conn, category=CATEGORY) if not row["service"]]


def articles(conn: Conn) -> list[sqlite3.Row]:
    """Return the products that are grocery, in the order of their tiles."""
    return till.products(conn, service=GROCERY)


def how_many(conn: Conn) -> tuple[int, int]:
    """Return how many products are grocery, and how many of its row count for no service."""
    row = conn.execute(
        "SELECT coalesce(sum(service = ?), 0), coalesce(sum(service = '' AND category = ?), 0) FROM till_product WHERE retired = 0",
        (GROCERY, CATEGORY),
    ).fetchone()
    return int(row[0]), int(row[1])


def weighed(conn: Conn) -> list[sqlite3.Row]:
    """Return the products sold by the kilo."""
    return till.products(conn, unit="kg")


def per_unit(row: sqlite3.Row, held: Item, price: int) -> tuple[int, str]:
    """Return (cents, "kg" or "l") of a price by the kilo or litre, half up; nothing when the content is not known."""
    if row["unit"] == "kg":
        return price, "kg"
    if not held.content:
        return 0, ""
    return (2 * price * 1000 + held.content) // (2 * held.content), "l" if held.content_unit == "ml" else "kg"


def to_order(conn: Conn) -> dict[str, list[ToOrder]]:
    """Return what runs low and is not ordered yet, by supplier: enough to be above the minimum again."""
    ordered = {row[0] for row in conn.execute("SELECT product FROM grocery_ordered")}
    out: dict[str, list[ToOrder]] = {}
    for row in stock.low(conn):
        if row["product"] not in ordered and (row["minimum"] or row["to_order"]):
            quantity = row["to_order"] or max(1000, 2 * row["minimum"] - row["on_hand"])
            out.setdefault(row["supplier"], []).append(ToOrder(row["product"], row["label"], row["on_hand"], quantity))
    return out


def next_order(conn: Conn) -> int:
    """Return the number of the next order."""
    return int(conn.execute("SELECT coalesce(max(number), 0) + 1 FROM grocery_order").fetchone()[0])


def supplier_name(conn: Conn, supplier: str) -> str:
    """Return a supplier's name, or its number in words on a box that never learnt it."""
    return private.name_of(conn, f"supplier-{supplier}") or _(
        "Supplier no. %(number)s, name to type", number=supplier.removeprefix("s")
    )


# Producers


def producer(conn: Conn, code: str) -> sqlite3.Row | None:
    """Return a producer."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM grocery_producer WHERE producer = ?", (code,)).fetchone()
    return row


def producers(conn: Conn) -> list[sqlite3.Row]:
    """Return every producer."""
    return conn.execute("SELECT * FROM grocery_producer ORDER BY length(producer), producer").fetchall()


def producer_known(conn: Conn, code: str) -> str:
    """Return a producer's name, or an empty text on a box that never learnt it."""
    return private.name_of(conn, f"producer-{code}")


def producer_name(conn: Conn, code: str) -> str:
    """Return a producer's name, or its number in words."""
    return producer_known(conn, code) or _("Producer no. %(number)s, name to type", number=code.removeprefix("p"))


def products_of(conn: Conn, owner: str) -> list[str]:
    """Return the articles under an owner's contract."""
    return [row["product"] for row in till.products(conn, owner=owner)] if owner else []


def statements(conn: Conn, owner: str) -> list[sqlite3.Row]:
    """Return a producer's statements, newest first."""
    return conn.execute("SELECT * FROM grocery_statement WHERE owner = ? ORDER BY number DESC", (owner,)).fetchall()


def unpaid(conn: Conn, owner: str) -> list[sqlite3.Row]:
    """Return the statements that wait to be paid, oldest first."""
    return conn.execute(
        "SELECT * FROM grocery_statement WHERE owner = ? AND paid_on = '' ORDER BY number", (owner,)
    ).fetchall()


def owed(conn: Conn) -> dict[str, int]:
    """Return what the café owes each producer."""
    return {
        owner.removeprefix(OWNER): cents for owner, cents in till.third_parties(conn).items() if owner.startswith(OWNER)
    }


def local(conn: Conn, year: str) -> tuple[int, int]:
    """Return (local suppliers and producers, cents that went to them) in a year."""
    row = conn.execute(
        "SELECT count(*), coalesce(sum(cents), 0) FROM grocery_local WHERE year = ? AND cents > 0", (year,)
    ).fetchone()
    return int(row[0]), int(row[1])


def sales_of(conn: Conn, first: str, last: str) -> sqlite3.Row:
    """Return tickets with grocery and cents between two days."""
    row: sqlite3.Row = conn.execute(
        "SELECT coalesce(sum(tickets), 0) AS tickets, coalesce(sum(cents), 0) AS cents FROM grocery_day WHERE day BETWEEN ? AND ?",
        (first, last),
    ).fetchone()
    return row


def over_cap(conn: Conn, first: str, last: str) -> list[sqlite3.Row]:
    """Return delivery lines above the network's cap between two days."""
    return conn.execute(
        "SELECT c.*, p.label FROM grocery_over_cap c JOIN till_product p USING (product) WHERE c.day BETWEEN ? AND ? ORDER BY c.seq",
        (first, last),
    ).fetchall()
