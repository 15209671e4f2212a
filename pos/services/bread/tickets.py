"""How the till's tickets move bread: sold, fetched, paid ahead, given back."""

import sqlite3

from pos.engines import consignment_tables as consigned
from pos.engines.consignment_events import Goods
from pos.journal import Envelope
from pos.money import line_total
from pos.services.bread.bags import order_row
from pos.services.bread.events import Loaves
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

# Bread is taken from what is left of the day; whose it is, else, is what was agreed.
_OF_DAY = """SELECT owner FROM consign_lot WHERE lot = ? AND product = ? AND owner BETWEEN 'baker:' AND 'baker;'
AND received > 0 ORDER BY on_sale > 0 DESC, owner LIMIT 1"""


def owner_of(conn: Conn, day: str, article: str) -> str:
    """Return whose lot of a day an article is of; empty for what is no baker's."""
    found = conn.execute(_OF_DAY, (day, article)).fetchone()
    if found is not None:
        return str(found[0])
    agreed = conn.execute("SELECT baker FROM bread_article WHERE article = ?", (article,)).fetchone()
    return f"{OWNER}{agreed[0]}" if agreed is not None else ""


def _move(conn: Conn, seq: int, what: str, day: str, goods: Goods, cents: int) -> None:
    owner = owner_of(conn, day, goods.product)
    if owner:
        consigned.move(conn, seq, owner, what, goods, cents, day=day, lot=day)


def move_sold(conn: Conn, seq: int, day: str, line: Loaves, sign: int = 1) -> None:
    """Move a bag's bread between the shelf and its customer, at the price of the order; −1 brings it back."""
    goods = Goods(product=line.article, label=line.label, quantity=sign * line.quantity, price=line.price)
    _move(conn, seq, "sold", day, goods, sign * line_total(line.quantity, line.price))


def _adjust(conn: Conn, seq: int, day: str, line: SaleLine) -> None:
    """Move a baker's money without bread."""
    _move(conn, seq, "adjusted", day, _goods(line), _value(line))


def _goods(line: SaleLine) -> Goods:
    return Goods(product=line.product, label=line.label, quantity=line.quantity, price=line.unit_price)


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


def _settle_order(conn: Conn, seq: int, kind: str, order: str, line: SaleLine, no: int, day: str) -> None:
    """Money for an order without bread: paid ahead, or charged because nobody came."""
    if kind == PREPAY:
        pay_line(conn, order, line.product, line.gross, line.unit_price)
        if line.gross < 0:
            _unpay(conn, seq, order, line, day)
        left = conn.execute("SELECT sum(paid) FROM bread_order_line WHERE order_id = ?", (order,)).fetchone()[0] or 0
        conn.execute("UPDATE bread_order SET paid_no = ? WHERE order_id = ?", (no if left > 0 else 0, order))
    else:
        conn.execute("UPDATE bread_order SET owed = max(0, owed - ?) WHERE order_id = ?", (line.gross, order))
        _adjust(conn, seq, day, line)


def _unpay(conn: Conn, seq: int, order: str, line: SaleLine, day: str) -> None:
    """Give back what was paid ahead: the bag holds no more than is paid, or its money moves if it has left."""
    row = order_row(conn, order)
    if row is not None and (row["state"] == COLLECTED or row["charged"]):
        _adjust(conn, seq, day, line)
        return
    conn.execute(_FIT, (order, line.product))


def sold(conn: Conn, entry: Envelope, e: SaleCompleted) -> None:
    """Tell a ticket."""
    day, fetched, bread = e.day[:10], set(), False
    for line in e.lines:
        kind, order = _referred(line)
        if kind in (PREPAY, OWED):
            _settle_order(conn, entry.seq, kind, order, line, e.no, day)
        elif line.service == SERVICE_CODE:
            bread = True
            _bread_line(conn, entry.seq, line, day, order)
            fetched.add(order)
    for order in sorted(fetched - {""}):
        conn.execute(
            "UPDATE bread_order SET state = ?, ticket = ?, done_at = ?, visit = ? WHERE order_id = ?",
            (COLLECTED, e.no, entry.t, e.visit, order),
        )
    if bread:
        conn.execute("INSERT INTO bread_ticket (no, day) VALUES (?, ?)", (e.no, day))


def _bread_line(conn: Conn, seq: int, line: SaleLine, day: str, order: str) -> None:
    """Move the bread of one line: a bag's comes from the day it was set aside, the rest from today's."""
    row = order_row(conn, order) if order else None
    lot = row["for_day"] if row is not None and row["state"] != UNCLAIMED else day
    _move(conn, seq, "sold", lot, _goods(line), _value(line))


def refunded(conn: Conn, entry: Envelope, e: SaleRefunded) -> None:
    """Tell a refund: loaves of the same day come back on sale, of another day only their money."""
    day = e.day[:10]
    found = conn.execute("SELECT day FROM bread_ticket WHERE no = ?", (e.original,)).fetchone()
    same_day = found is not None and found[0] == day
    for line in e.lines:
        kind, order = _referred(line)
        if kind in (PREPAY, OWED):
            _settle_order(conn, entry.seq, kind, order, line, 0 if kind == OWED else e.original, day)
        elif line.service == SERVICE_CODE and same_day:
            _bread_line(conn, entry.seq, line, day, order)
            if order and e.reason == "mistake":
                conn.execute(
                    "UPDATE bread_order SET state = ?, ticket = 0, done_at = 0 WHERE order_id = ? AND ticket = ?",
                    (SET_ASIDE, order, e.original),
                )
        elif line.service == SERVICE_CODE:
            _adjust(conn, entry.seq, day, line)
