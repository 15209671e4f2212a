"""How the till's tickets move bread: sold, fetched, paid ahead, given back."""

import sqlite3

from pos.journal import Envelope
from pos.money import line_total
from pos.services.bread.events import Loaves
from pos.services.bread.lots import make_row, move_sold, order_row
from pos.services.bread.schema import (
    COLLECTED,
    ORDER,
    OWED,
    OWNER,
    PREPAY,
    SERVICE_CODE,
    SET_ASIDE,
    UNCLAIMED,
)
from pos.till.events import SaleCompleted, SaleLine, SaleRefunded

Conn = sqlite3.Connection

_FIT = """UPDATE bread_order_line SET quantity = min(quantity, paid * 1000 / price)
WHERE order_id = ? AND article = ? AND price > 0 AND paid > 0"""

_ADJUST = "UPDATE bread_stock SET adjusted_value = adjusted_value + ? WHERE day = ? AND article = ?"


def _referred(line: SaleLine) -> tuple[str, str]:
    """Return which of ORDER, PREPAY, OWED a line settles, and the order."""
    for kind in (ORDER, PREPAY, OWED):
        if line.ref.startswith(kind):
            return kind, line.ref.removeprefix(kind)
    return "", ""


def _value(line: SaleLine) -> int:
    """What the baker's account moves by: as paid when the money is the baker's, at full price when it is ours."""
    return line.gross if line.owner.startswith(OWNER) else line_total(line.quantity, line.unit_price)


def pay_line(conn: Conn, order: str, article: str, cents: int, price: int | None = None) -> None:
    """Note what was paid ahead for an article of an order."""
    conn.execute(
        "UPDATE bread_order_line SET paid = paid + ?, price = coalesce(?, price) WHERE order_id = ? AND place ="
        " (SELECT min(place) FROM bread_order_line WHERE order_id = ? AND article = ?)",
        (cents, price, order, order, article),
    )


def _settle_order(conn: Conn, kind: str, order: str, line: SaleLine, no: int, day: str) -> None:
    """Money for an order without bread: paid ahead, or charged because nobody came."""
    if kind == PREPAY:
        pay_line(conn, order, line.product, line.gross, line.unit_price)
        if line.gross < 0:
            _unpay(conn, order, line, day)
        left = conn.execute("SELECT sum(paid) FROM bread_order_line WHERE order_id = ?", (order,)).fetchone()[0] or 0
        conn.execute("UPDATE bread_order SET paid_no = ? WHERE order_id = ?", (no if left > 0 else 0, order))
    else:
        conn.execute("UPDATE bread_order SET owed = max(0, owed - ?) WHERE order_id = ?", (line.gross, order))
        if make_row(conn, day, line.product, line.label, line.unit_price):
            conn.execute(_ADJUST, (_value(line), day, line.product))


def _unpay(conn: Conn, order: str, line: SaleLine, day: str) -> None:
    """Give back what was paid ahead: the bag holds no more than is paid, or its money moves if it has left."""
    row = order_row(conn, order)
    if row is not None and (row["state"] == COLLECTED or row["charged"]):
        if make_row(conn, day, line.product, line.label, line.unit_price):
            conn.execute(_ADJUST, (_value(line), day, line.product))
        return
    conn.execute(_FIT, (order, line.product))


def sold(conn: Conn, entry: Envelope, e: SaleCompleted) -> None:
    """Tell a ticket."""
    day, fetched, bread = e.day[:10], set(), False
    for line in e.lines:
        kind, order = _referred(line)
        if kind in (PREPAY, OWED):
            _settle_order(conn, kind, order, line, e.no, day)
        elif line.service == SERVICE_CODE:
            bread = True
            _bread_line(conn, line, day, order, entry.t)
            fetched.add(order)
    for order in sorted(fetched - {""}):
        conn.execute(
            "UPDATE bread_order SET state = ?, ticket = ?, done_at = ?, visit = ? WHERE order_id = ?",
            (COLLECTED, e.no, entry.t, e.visit, order),
        )
    if bread:
        conn.execute("INSERT INTO bread_ticket (no, day) VALUES (?, ?)", (e.no, day))


def _bread_line(conn: Conn, line: SaleLine, day: str, order: str, at: int) -> None:
    """Move the bread of one line: a bag's comes from the day it was set aside, the rest from today's."""
    row = order_row(conn, order) if order else None
    lot = row["for_day"] if row is not None and row["state"] != UNCLAIMED else day
    loaf = Loaves(article=line.product, label=line.label, quantity=line.quantity, price=line.unit_price)
    move_sold(conn, lot, loaf, line.quantity, _value(line), at)


def refunded(conn: Conn, entry: Envelope, e: SaleRefunded) -> None:
    """Tell a refund: loaves of the same day come back on sale, of another day only their money."""
    day = e.day[:10]
    found = conn.execute("SELECT day FROM bread_ticket WHERE no = ?", (e.original,)).fetchone()
    same_day = found is not None and found[0] == day
    for line in e.lines:
        kind, order = _referred(line)
        if kind in (PREPAY, OWED):
            _settle_order(conn, kind, order, line, 0 if kind == OWED else e.original, day)
        elif line.service == SERVICE_CODE and same_day:
            _bread_line(conn, line, day, order, 0)
            if order and e.reason == "mistake":
                conn.execute(
                    "UPDATE bread_order SET state = ?, ticket = 0, done_at = 0 WHERE order_id = ? AND ticket = ?",
                    (SET_ASIDE, order, e.original),
                )
        elif line.service == SERVICE_CODE and make_row(conn, day, line.product, line.label, line.unit_price):
            conn.execute(_ADJUST, (_value(line), day, line.product))
