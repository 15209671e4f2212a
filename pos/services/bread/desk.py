"""Bags at the counter: set aside, put on a bill, handed over, kept or released.

ordered -> confirmed -> set aside -> collected (ticket, or hand-over of a paid bag)
                                 └-> unclaimed at the release hour: its bread is free again
"""

import sqlite3
from collections.abc import Sequence

from pos.clock import business_day
from pos.i18n import _
from pos.ids import new_id
from pos.money import format_euros, line_total
from pos.services.bread import names, orders, reading, rules
from pos.services.bread import refusals as no
from pos.services.bread.bags import bag_loaves, order_lines
from pos.services.bread.events import (
    BagsSetAside,
    HandOverUndone,
    Loaves,
    OrderHandedOver,
    ReservedAllowed,
)  # fmt: skip
from pos.services.bread.schema import (
    COLLECTED,
    CONFIRMED,
    ORDER,
    ORDERED,
    OWED,
    PREPAY,
    SERVICE_CODE,
    SET_ASIDE,
    UNCLAIMED,
)  # fmt: skip
from pos.store import Store, Writing
from pos.till import refusals as till_no
from pos.till import sell
from pos.till import tables as till
from pos.till.tab import Tab

# Setting aside


def set_aside(store: Store, wanted: Sequence[str] | None = None, *, by: str, attempt: str = "") -> BagsSetAside:
    """Fill today's bags: the named orders, or every one there is bread for, oldest order first.

    Where no delivery was counted nothing is known of the shelf, and every bag may be filled.
    Raises NothingToSetAside, BagNotFilled.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        orders.raise_standing(tx, tx.today)
        rows = reading.orders(tx.conn, tx.today, (ORDERED, CONFIRMED))
        if wanted is not None:
            asked = [orders.found(tx, order) for order in wanted]
            rows = [row for row in asked if row["state"] in (ORDERED, CONFIRMED)]
        filled, missing = fill(tx.conn, tx.today, rows)
        if not filled:
            raise no.BagNotFilled(label=missing) if missing and wanted else no.NothingToSetAside
        event = BagsSetAside(day=tx.today, orders=filled)
        tx.record(event)
        return event


def fill(conn: sqlite3.Connection, day: str, rows: Sequence[sqlite3.Row]) -> tuple[list[str], str]:
    """Return the orders whose bags there is bread for, and the first bread that is missing."""
    there = {row["article"]: row["on_sale"] for row in reading.stock(conn, day) if row["received"]}
    ready = reading.orders(conn, day, (SET_ASIDE,))
    held = reading.lines_of(conn, (row["order_id"] for row in (*ready, *rows)))
    for row in ready:
        for line in held.get(row["order_id"], ()):
            if line["article"] in there:
                there[line["article"]] -= line["quantity"]
    filled, missing = [], ""
    for row in rows:
        lines = held.get(row["order_id"], [])
        short = [line["label"] for line in lines if there.get(line["article"], line["quantity"]) < line["quantity"]]
        if short:
            missing = missing or short[0]
            continue
        filled.append(row["order_id"])
        for line in lines:
            if line["article"] in there:
                there[line["article"]] -= line["quantity"]
    return filled, missing


# On a bill


def bill_order(store: Store, order: str, tab_id: str, *, by: str, attempt: str = "") -> Tab:
    """Put a bag that is still to pay on a bill, with what its customer owes for bags never fetched.

    The ticket that pays it hands it over. Raises NoSuchOrder, OrderGone, OrderPaid, OnAnotherBill, DayNotOpen.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        row = _billable(tx, order)
        tab = _bill(tx, tab_id)
        if not _on_bill(tx, tab, f"{ORDER}{row['order_id']}"):
            _add_lines(tx, tab, row, ORDER)
            for debt in reading.owed_by(tx.conn, row["person"]):
                if not _on_bill(tx, tab, f"{OWED}{debt['order_id']}"):
                    _add_lines(tx, tab, debt, OWED)
            sell.keep(tx, tab)
        return tab


def prepay_order(store: Store, order: str, tab_id: str, *, by: str, attempt: str = "") -> Tab:
    """Put an order on a bill to be paid ahead: no bread leaves with that ticket, and no use is counted."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = _billable(tx, order)
        tab = _bill(tx, tab_id)
        if not _on_bill(tx, tab, f"{PREPAY}{row['order_id']}"):
            _add_lines(tx, tab, row, PREPAY)
            sell.keep(tx, tab)
        return tab


def _billable(tx: Writing, order: str) -> sqlite3.Row:
    row = orders.found(tx, order)
    late_customer = row["state"] == UNCLAIMED and row["for_day"] == tx.today and not row["charged"]
    if not late_customer:
        orders.require_open(row)
    if row["paid_no"]:
        raise no.OrderPaid(no=row["paid_no"])
    return row


def _bill(tx: Writing, tab_id: str) -> Tab:
    sell.require_day(tx)
    tab = sell.current_tab(tx.conn, tab_id)
    if tab is None:
        paid = till.ticket_of_tab(tx.conn, tab_id)
        if paid:
            raise till_no.AlreadyPaid(no=paid["no"])
        return sell.new_tab(tx, tab_id)
    if tab.card:
        raise till_no.CardPending(amount=format_euros(tab.card_amount))
    return tab


def _on_bill(tx: Writing, tab: Tab, ref: str) -> bool:
    """Tell whether this very bill holds the reference; raise OnAnotherBill when another one does."""
    if any(line.ref == ref for line in tab.lines):
        return True
    others = (other for other in sell.open_tabs(tx.conn) if other.tab_id != tab.tab_id)
    if any(line.ref == ref for other in others for line in other.lines):
        raise no.OnAnotherBill
    return False


def _add_lines(tx: Writing, tab: Tab, row: sqlite3.Row, kind: str) -> None:
    name = names.of(tx.conn, row["person"])
    for line in order_lines(tx.conn, row["order_id"]):
        product = till.product(tx.conn, line["article"])
        if product is None or product["retired"]:
            raise till_no.NoSuchProduct(product=line["label"])
        if len(tab.lines) >= sell.LINES_MAX:
            raise till_no.TooManyLines
        billed = sell.line_of_product(product, new_id(tx.now))
        billed.quantity, billed.ref = line["quantity"], f"{kind}{row['order_id']}"
        billed.note = name or _("bag %(n)s", n=row["no"])
        if kind != ORDER:
            # Money only: the bread, and the use, belong to another moment.
            billed.service = ""
        tab.lines.append(billed)


# Handing over what is paid


def hand_over(store: Store, order: str, *, visit: str = "", by: str, attempt: str = "") -> OrderHandedOver:
    """Give a bag that is paid to its customer: one use, of `visit` when they also have a bill.

    Raises NoSuchOrder, OrderGone, OrderNotPaid, BreadForbidden.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        row = orders.found(tx, order)
        if not (row["state"] == UNCLAIMED and row["charged"]):
            orders.require_open(row)
        if not row["paid_no"]:
            raise no.OrderNotPaid
        closed = reading.closing_on(tx.conn, tx.today)
        if closed is not None:
            raise orders.forbidden(closed)
        event = OrderHandedOver(
            order=row["order_id"],
            day=tx.today,
            visit=visit or new_id(tx.now),
            lines=bag_loaves(tx.conn, row["order_id"]),
        )
        tx.record(event)
        return event


def undo_hand_over(store: Store, order: str, *, by: str, attempt: str = "") -> HandOverUndone:
    """Take back a hand-over of today touched by mistake: the bag is behind the counter again.

    Raises NoSuchOrder, NothingToUndo.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        row = orders.found(tx, order)
        today = row["done_at"] and business_day(row["done_at"]) == tx.today
        lines = order_lines(tx.conn, row["order_id"])
        given_back = sum(r["paid"] for r in lines) < sum(line_total(r["quantity"], r["price"]) for r in lines)
        if row["state"] != COLLECTED or row["ticket"] or not today or given_back:
            raise no.NothingToUndo
        event = HandOverUndone(
            order=row["order_id"], day=tx.today, visit=row["visit"], lines=bag_loaves(tx.conn, row["order_id"])
        )
        tx.record(event)
        return event


# The manager's tap


def allow_reserved(store: Store, tab_id: str, *, by: str, attempt: str = "") -> Tab:
    """Let the bread on a bill be sold although it is reserved: the manager's tap, recorded.

    Raises ManagerNeeded, NoSuchBill, NothingReserved.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        if till.role_of(tx.conn, by) != "manager":
            raise till_no.ManagerNeeded
        tab = sell.current_tab(tx.conn, tab_id)
        if tab is None:
            raise till_no.NoSuchBill
        day = sell.require_day(tx)
        if not rules.over_free(tx.conn, day, tab):
            raise no.NothingReserved
        lines = [line for line in tab.lines if line.service == SERVICE_CODE and not line.ref]
        tab.allowed = sorted({*tab.allowed, *(line.line_id for line in lines)})
        tx.record(
            ReservedAllowed(
                tab=tab.tab_id, day=day[:10],
                lines=[Loaves(article=line.product, label=line.label, quantity=line.quantity, price=line.unit_price) for line in lines],
            )
        )  # fmt: skip
        sell.keep(tx, tab)
        return tab
