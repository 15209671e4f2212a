"""The rows of an order that tellers and acts share."""

import sqlite3

from pos.services.bread.events import Loaves

Conn = sqlite3.Connection


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


def bag_loaves(conn: Conn, order_id: str) -> list[Loaves]:
    """Return what an order holds, as an event says it."""
    return [loaves(row) for row in order_lines(conn, order_id)]
