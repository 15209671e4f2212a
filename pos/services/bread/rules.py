"""What a sale may not take: bread on the forbidden weekday, a bag already gone, bread kept for somebody."""

import sqlite3

from pos.i18n import _
from pos.services.bread import orders, reading
from pos.services.bread import refusals as no
from pos.services.bread.schema import OPEN, ORDER, PREPAY, SERVICE_CODE, UNCLAIMED
from pos.services.bread.words import STATES
from pos.till.tab import Tab, TabLine


def bread_is_allowed(conn: sqlite3.Connection, day: str, tab: Tab) -> None:
    """Refuse bread, and only bread, on the weekday of the prefect's order."""
    if any(line.service == SERVICE_CODE for line in tab.lines):
        closed = reading.closing_on(conn, day)
        if closed is not None:
            raise orders.forbidden(closed)


def bags_are_there(conn: sqlite3.Connection, day: str, tab: Tab) -> None:
    """Refuse a bag that another bill handed over meanwhile, or that was paid twice."""
    for line in tab.lines:
        kind = next((k for k in (ORDER, PREPAY) if line.ref.startswith(k)), "")
        if not kind:
            continue
        row = conn.execute(
            "SELECT state, charged, paid_no FROM bread_order WHERE order_id = ?", (line.ref.removeprefix(kind),)
        ).fetchone()
        if row is None:
            raise no.NoSuchOrder
        if row["paid_no"]:
            raise no.OrderPaid(no=row["paid_no"])
        if row["state"] not in (*OPEN, UNCLAIMED) or (kind == PREPAY and row["state"] == UNCLAIMED):
            raise no.OrderGone(state=_(STATES[row["state"]]))


def reserved_is_kept(conn: sqlite3.Connection, day: str, tab: Tab) -> None:
    """Refuse to sell bread that is in somebody's bag, unless the manager allowed those lines.

    Where no delivery of that bread was counted today its stock is unknown, and nothing is refused.
    """
    for label, free, kept in over_free(conn, day, tab):
        raise no.ReservedBread(
            label=label, free=reading.said_quantity(max(0, free)), reserved=reading.said_quantity(kept)
        )


def over_free(conn: sqlite3.Connection, day: str, tab: Tab) -> list[tuple[str, int, int]]:
    """Return (label, free, reserved) of bread on a bill beyond what is free."""
    wanted: dict[str, int] = {}
    for line in tab.lines:
        if line.service == SERVICE_CODE and line.line_id not in tab.allowed and not _from_bag(conn, line):
            wanted[line.product] = wanted.get(line.product, 0) + line.quantity
    if not wanted:
        return []
    kept = reading.reserved(conn, day)
    out = []
    for product, quantity in wanted.items():
        row = reading.stock_row(conn, day, product) if kept.get(product) else None
        if row is not None and row["received"] and quantity > row["on_sale"] - kept[product]:
            out.append((row["label"], row["on_sale"] - kept[product], kept[product]))
    return out


def _from_bag(conn: sqlite3.Connection, line: TabLine) -> bool:
    if not line.ref.startswith(ORDER):
        return False
    row = conn.execute("SELECT state FROM bread_order WHERE order_id = ?", (line.ref.removeprefix(ORDER),)).fetchone()
    return row is not None and row["state"] in OPEN
