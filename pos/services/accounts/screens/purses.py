"""Purses of nobody in particular on the screen: suspended coffees, gift vouchers, local notes."""

from contextlib import suppress

from flask import abort, request, url_for
from werkzeug.wrappers import Response

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import _
from pos.money import format_euros
from pos.services.accounts import desk, paying, reading, slips, tables
from pos.services.accounts.screens.blueprint import AMOUNTS, HANDED, bp, open_tab, print_slip, side, typed_amount
from pos.services.accounts.tables import GIFT, LOCAL, SUSPENDED
from pos.till import sell
from pos.till.screens import bill, paper
from pos.till.screens.typed import act

# Suspended coffees, vouchers


@bp.get("/coffees")
def coffees() -> str:
    """Show the fund of suspended coffees."""
    with screens.store().reading() as conn:
        return screens.draw("accounts/coffees.html", moves=reading.moves(conn, SUSPENDED, ""), **side(conn))


@bp.post("/coffees")
def give() -> Response:
    """Put coffees for somebody unknown on the bill."""
    n = request.form.get("n", "1")
    with suppress(AlreadyDone):
        desk.give_coffees(screens.store(), open_tab(), coffees=int(n) if n.isdecimal() else 1, **act())
        screens.say(_("On the bill: take the payment"), icon="cup")
    return screens.go("/")


@bp.get("/vouchers")
def vouchers() -> str:
    """Show vouchers not spent, and sell one."""
    with screens.store().reading() as conn:
        return screens.draw("accounts/vouchers.html", vouchers=reading.vouchers(conn), amounts=AMOUNTS, **side(conn))


@bp.post("/vouchers")
def sell_voucher() -> Response:
    """Put a voucher on the bill."""
    with suppress(AlreadyDone):
        desk.sell_voucher(screens.store(), open_tab(), typed_amount(), **act())
        screens.say(_("On the bill: take the payment, then print the voucher"), icon="gift")
    return screens.go("/")


@bp.get("/voucher/<code>")
def voucher(code: str) -> str:
    """Show a voucher: what is left, paying with it, printing it."""
    with screens.store().reading() as conn:
        row = tables.voucher(conn, code)
        if row is None:
            abort(404)
        today = screens.today()
        return screens.draw(
            "accounts/voucher.html",
            one=row,
            ended=row["until"] < today,
            moves=reading.moves(conn, GIFT, code),
            **side(conn),
        )


@bp.post("/voucher/<code>/pay")
def pay_with_voucher(code: str) -> Response:
    """Pay the bill on the screen with a voucher, and go back to the counter."""
    with screens.store().reading() as conn:
        tab = sell.current_tab(conn, bill.held())
        most = min(tab.due, max(0, paying.available(conn, GIFT, code, tab))) if tab is not None else 0
    with suppress(AlreadyDone):
        done = sell.take_payment(screens.store(), bill.held(), GIFT, amount=most or None, ref=code, **act())
        screens.say(
            _("Paid with the voucher: ticket %(no)s", no=done.sale.no) if done.sale else _("Part payment taken"),
            icon="gift",
        )
    return screens.go("/")


@bp.post("/voucher/<code>/print")
def print_voucher(code: str) -> Response:
    """Print a voucher that was paid."""
    with screens.store().reading() as conn:
        row = tables.voucher(conn, code)
        if row is None:
            abort(404)
        slip = slips.voucher(
            cafe=paper.cafe_of(conn, screens.today()).sign, code=code, amount=row["balance"], until=row["until"]
        )
    print_slip(slip)
    paper.print_now(_("Voucher printed"))
    return screens.go(url_for("accounts.voucher", code=code))


@bp.post("/voucher/<code>/extend")
def extend_voucher(code: str) -> Response:
    """Let a voucher hold longer."""
    with suppress(AlreadyDone):
        desk.extend_voucher(screens.store(), code, request.form.get("until", ""), **act())
        screens.say(_("The voucher holds longer"))
    return screens.go(url_for("accounts.voucher", code=code))


# Local currency


@bp.get("/currency")
def currency() -> str:
    """Show the box of local notes."""
    with screens.store().reading() as conn:
        return screens.draw("accounts/currency.html", moves=reading.moves(conn, LOCAL, ""), handed=HANDED, **side(conn))


@bp.post("/currency/count")
def count_currency() -> Response:
    """Record a count of local notes."""
    with suppress(AlreadyDone):
        counted = desk.count_currency(screens.store(), typed_amount(), **act())
        screens.say(
            _(
                "Counted %(counted)s, expected %(expected)s",
                counted=format_euros(counted.counted),
                expected=format_euros(counted.expected),
            )
        )
    return screens.go(url_for("accounts.currency"))


@bp.post("/currency/hand-over")
def hand_over_currency() -> Response:
    """Hand local notes over."""
    with suppress(AlreadyDone):
        desk.hand_over_currency(
            screens.store(), typed_amount(), means=request.form.get("means", ""), fee=typed_amount("fee"), **act()
        )
        screens.say(_("Handed over"))
    return screens.go(url_for("accounts.currency"))
