"""The day's board: bags handed over by a tap, what nobody fetched, what to tell the baker."""

from contextlib import suppress
from typing import Any

from flask import request, url_for

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import _, ngettext
from pos.money import format_euros
from pos.services.bread import desk, names, orders, pictures, reading, slips, unclaimed
from pos.services.bread.bags import order_lines, order_row
from pos.services.bread.schema import OPEN
from pos.services.bread.screens.blueprint import bill_id, bp, cafe_sign, manager, put_on_paper
from pos.till.screens.bill import under_way
from pos.till.screens.typed import act


@bp.get("")
def board() -> Any:
    """Show the day's bread; a café without a baker meets its baker first."""
    with screens.store().reading() as conn:
        if not reading.bakers(conn):
            return screens.go(url_for("bread.bakers"))
    return screens.draw("bread/board.html", **_context())


def _context() -> dict[str, Any]:
    store = screens.store()
    now, day = store.clock.now_ms(), screens.today()
    with store.reading() as conn:
        tab = under_way(conn)
        found = pictures.board(conn, day, now, tab)
        bakers = [(one, names.baker_name(conn, one)) for one in reading.bakers(conn)]
        asked = request.values.get("baker", "")
        baker = asked if asked in dict(bakers) else bakers[0][0] if bakers else ""
        side = request.values.get("side", "") or ("delivery" if found.deliveries and not found.closed else "tell")
        if side == "delivery" and not asked and found.deliveries:
            baker = found.deliveries[0][0]
        told = pictures.telling(conn, baker, now, day) if baker else None
        return {
            "board": found, "bakers": bakers, "baker": baker, "side": side, "told": told, "tab": tab,
            "hours": pictures.time_left(told.cut_off_ms, now) if told is not None else "",
            "expected": pictures.delivery_rows(conn, baker, day) if side == "delivery" else [],
            "manager": manager(conn), "release": _release(conn, day),
        }  # fmt: skip


def _release(conn: Any, day: str) -> str:
    hours = [
        row["release"] for baker in reading.bakers(conn) if (row := reading.contract_on(conn, baker, day)) is not None
    ]
    return min(hours, default="")


def _drawn() -> str:
    return screens.draw("bread/_board.html", **_context())


@bp.post("/order/<order>/bill")
def bill(order: str) -> Any:
    """Put a bag on the bill and go to the counter, where it is paid."""
    with suppress(AlreadyDone):
        desk.bill_order(screens.store(), order, bill_id(), **act())
    screens.say(_("The bag is on the bill"), icon="bag")
    return screens.go(url_for("till.counter"))


@bp.post("/order/<order>/prepay")
def prepay(order: str) -> Any:
    """Put an order on the bill to be paid ahead."""
    with suppress(AlreadyDone):
        desk.prepay_order(screens.store(), order, bill_id(), **act())
    screens.say(_("Paid ahead: on the bill"), icon="bag")
    return screens.go(url_for("till.counter"))


@bp.post("/order/<order>/hand-over")
def hand_over(order: str) -> str:
    """Give a paid bag; with an open bill it is the same customer."""
    store = screens.store()
    with store.reading() as conn:
        tab = under_way(conn)
    with suppress(AlreadyDone):
        given = desk.hand_over(store, order, visit=tab.visit if tab is not None else "", **act())
        order = given.order
    screens.say(_("%(name)s: bag handed over", name=_name(order)))
    return _drawn()


@bp.post("/order/<order>/undo")
def undo(order: str) -> str:
    """Put a bag back that was handed over by mistake."""
    with suppress(AlreadyDone):
        desk.undo_hand_over(screens.store(), order, **act())
    screens.say(_("%(name)s: the bag is back", name=_name(order)), tone="wait", icon="undo")
    return _drawn()


def _name(order: str) -> str:
    with screens.store().reading() as conn:
        row = order_row(conn, order)
        return pictures.name(conn, row["person"], row["no"]) if row is not None else ""


@bp.post("/set-aside")
def set_aside() -> str:
    """Fill the bags there is bread for."""
    order = request.form.get("order", "")
    with suppress(AlreadyDone):
        event = desk.set_aside(screens.store(), [order] if order else None, **act())
        n = len(event.orders)
        screens.say(ngettext("%(n)s bag set aside", "%(n)s bags set aside", n), icon="bag")
    return _drawn()


@bp.post("/release")
def release() -> str:
    """Put the bread of bags nobody fetched on sale again."""
    order = request.form.get("order", "")
    with suppress(AlreadyDone):
        event = unclaimed.release_orders(screens.store(), [order] if order else None, **act())
        n = len(event.orders)
        screens.say(ngettext("%(n)s bag back on sale", "%(n)s bags back on sale", n), tone="wait", icon="undo")
        _say_refund([bag.order for bag in event.orders if not bag.charged])
    return _drawn()


def _say_refund(released: list[str]) -> None:
    """Say which ticket to refund when a bag paid ahead is not charged."""
    with screens.store().reading() as conn:
        rows = [row for order in released if (row := order_row(conn, order)) is not None and row["paid_no"]]
        for row in rows:
            paid = sum(line["paid"] for line in order_lines(conn, row["order_id"]))
            told = _("Give back %(amount)s: refund ticket %(no)s", amount=format_euros(paid), no=row["paid_no"])
            screens.say(told, tone="wait", icon="coins")


@bp.post("/order/<order>/keep")
def keep(order: str) -> str:
    """Keep a bag until this evening, or until tomorrow's."""
    until = request.form.get("until", "")
    with suppress(AlreadyDone):
        unclaimed.keep_order(screens.store(), order, until_day=until, **act())
    screens.say(_("%(name)s: bag kept", name=_name(order)), icon="clock")
    return _drawn()


@bp.post("/allow")
def allow() -> Any:
    """Let the reserved bread on the bill be sold: the manager's tap."""
    with suppress(AlreadyDone):
        desk.allow_reserved(screens.store(), bill_id(), **act())
    screens.say(_("This bill may take reserved bread"), tone="wait", icon="lock")
    return screens.go(url_for("till.counter"))


@bp.post("/tell")
def tell() -> str:
    """Note that the baker was told."""
    form = request.form
    with suppress(AlreadyDone):
        orders.send_request(
            screens.store(),
            form.get("baker", ""),
            for_day=form.get("day", ""),
            channel=form.get("channel", "phone"),
            **act(),
        )
        screens.say(_("Noted: the baker was told"), icon="phone")
    return _drawn()


@bp.post("/print/request")
def print_request() -> str:
    """Print what to read to the baker."""
    store = screens.store()
    with store.reading() as conn:
        told = pictures.telling(conn, request.form.get("baker", ""), store.clock.now_ms(), screens.today())
        slip = slips.request_slip(told, cafe_sign(conn))
    put_on_paper(slip, _("The order is printing"))
    return _drawn()


@bp.post("/print/labels")
def print_labels() -> str:
    """Print the labels of one bag, or of all that wait."""
    store, order = screens.store(), request.form.get("order", "")
    with store.reading() as conn:
        if order:
            row = order_row(conn, order)
            bags = [pictures.bag(conn, row)] if row is not None else []
        else:
            bags = pictures.bags(conn, reading.orders(conn, screens.today()))
    if bags:
        put_on_paper(slips.labels(bags), ngettext("%(n)s label is printing", "%(n)s labels are printing", len(bags)))
    return _drawn()


@bp.get("/order/<order>/open")
def open_order(order: str) -> Any:
    """Leave for the page of an order: a long press on its bag."""
    return screens.go(url_for("bread.order_page", order=order))


@bp.get("/order/<order>")
def order_page(order: str) -> Any:
    """Show one order and all that is done with it."""
    with screens.store().reading() as conn:
        found = _found(conn, order)
        if found is None:
            screens.say(_("There is no such order."), tone="bad", icon="alert")
            return screens.go(url_for("bread.board"))
        today = screens.today()
        return screens.draw(
            "bread/order.html", bag=found, today=today, tomorrow=reading.day_after(today),
            is_open=found.state in OPEN, unclaimed=reading.unclaimed_count(conn, found.person, today),
        )  # fmt: skip


def _found(conn: Any, order: str) -> pictures.Bag | None:
    if orders.AT in order:
        day = order.partition(orders.AT)[2]
        return next((bag for bag in pictures.promised(conn, day) if bag.order == order), None)
    row = order_row(conn, order)
    return pictures.bag(conn, row) if row is not None else None


@bp.post("/order/<order>/cancel")
def cancel(order: str) -> Any:
    """Cancel an order; after the cut-off only because somebody said so."""
    late = request.form.get("late", "") == "1"
    with suppress(AlreadyDone):
        orders.cancel_order(screens.store(), order, reason=request.form.get("reason", "customer"), late=late, **act())
    screens.say(_("Order cancelled"), tone="wait", icon="cross")
    return screens.go(url_for("bread.board"))
