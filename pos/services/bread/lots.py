"""The rows that the bread depot's tellers share: an order, the lot of an article on a day."""

import sqlite3

from pos.money import line_total
from pos.services.bread.events import Loaves

Conn = sqlite3.Connection

_ROW = "INSERT INTO bread_stock (day, article, baker, label, price) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_SOLD = """UPDATE bread_stock SET sold = sold + ?, on_sale = on_sale - ?, sold_value = sold_value + ?,
last_sold_at = max(last_sold_at, ?) WHERE day = ? AND article = ?"""
_LOST = "UPDATE bread_stock SET lost = lost + ?, on_sale = on_sale - ?, lost_value = lost_value + ? WHERE day = ? AND article = ?"


def number_of(opaque: str) -> int:
    """Return the number in an id like `s12` or `12`."""
    digits = opaque.lstrip("abcdefghijklmnopqrstuvwxyz")
    return int(digits) if digits.isdigit() else 0


def order_row(conn: Conn, order_id: str) -> sqlite3.Row | None:
    """Return an order by its id."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM bread_order WHERE order_id = ?", (order_id,)).fetchone()
    return row


def order_lines(conn: Conn, order_id: str) -> list[sqlite3.Row]:
    """Return the lines of an order."""
    return conn.execute("SELECT * FROM bread_order_line WHERE order_id = ? ORDER BY place", (order_id,)).fetchall()


def loaves(row: sqlite3.Row) -> Loaves:
    """Return a line of an order as an event says it."""
    return Loaves(
        article=row["article"],
        label=row["label"],
        quantity=row["quantity"],
        price=row["price"],
        sliced=bool(row["sliced"]),
    )


def make_row(conn: Conn, day: str, article: str, label: str, price: int, baker: str = "") -> bool:
    """Make the row of an article on a day; False for what is no baker's article."""
    if not baker:
        found = conn.execute("SELECT baker FROM bread_article WHERE article = ?", (article,)).fetchone()
        if found is None:
            known = conn.execute("SELECT 1 FROM bread_stock WHERE day = ? AND article = ?", (day, article)).fetchone()
            return known is not None
        baker = found[0]
    conn.execute(_ROW, (day, article, baker, label, price))
    return True


def move_sold(conn: Conn, day: str, line: Loaves, quantity: int, value: int, at: int) -> None:
    """Move bread between the shelf and customers; negative comes back."""
    if make_row(conn, day, line.article, line.label, line.price):
        conn.execute(_SOLD, (quantity, quantity, value, at, day, line.article))


def lose(conn: Conn, day: str, article: str, quantity: int) -> None:
    """Take bread off the shelf that nobody bought; negative is found again."""
    row = conn.execute("SELECT price FROM bread_stock WHERE day = ? AND article = ?", (day, article)).fetchone()
    if row is not None:
        conn.execute(_LOST, (quantity, quantity, line_total(quantity, row[0]), day, article))


def bag_loaves(conn: Conn, order_id: str) -> list[Loaves]:
    """Return what an order holds, as an event says it."""
    return [loaves(row) for row in order_lines(conn, order_id)]
