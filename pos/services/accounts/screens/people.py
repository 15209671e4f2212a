"""Accounts on the screen: whose, how much, the keys that pay a bill with them, and the café's settings."""

from contextlib import suppress

from flask import abort, request, url_for
from werkzeug.wrappers import Response

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import _
from pos.money import format_euros
from pos.services.accounts import desk, paying, reading, slips, tables
from pos.services.accounts.screens.blueprint import (
    AMOUNTS,
    REASONS,
    accounts_on,
    bp,
    open_tab,
    print_slip,
    side,
    typed_amount,
)
from pos.services.accounts.tables import GIFT, PREPAID, SLATE, SUSPENDED
from pos.till import sell
from pos.till.period_slips import period_said
from pos.till.screens import bill, counter, months, paper
from pos.till.screens.typed import act

# Paying a bill


@bp.get("/pay")
def paying_page() -> str:
    """Show accounts to pay the bill with, over the tiles."""
    with screens.store().reading() as conn:
        found = bill.picture(conn, bill.current_id(conn))
        people = reading.find(conn, request.args.get("q", ""), screens.today())[:9]
        return screens.draw(
            "accounts/_pay.html", bill=found, people=people, on=accounts_on(found.tab_id), q=request.args.get("q", "")
        )


@bp.post("/pay/<means>")
def pay(means: str) -> str:
    """Take the payment: all that is due, or what the account can bear."""
    if means not in tables.OWNERS:
        abort(404)
    ref, tab_id, said = request.form.get("ref", ""), counter.asked_tab(), ""
    with screens.store().reading() as conn:
        tab = sell.current_tab(conn, tab_id)
        most = tab.due if tab is not None else 0
        if tab is not None and means in (PREPAID, GIFT, SUSPENDED):
            ref = ref.strip().upper() if means == GIFT else ref or ("" if means == SUSPENDED else tab.member)
            left = paying.available(conn, means, ref, tab)
            most = min(most, left) if left > 0 else most
        elif tab is not None and means == SLATE:
            allowed = paying.payable(tab, SLATE)
            if 0 < allowed < most:
                said = _("On the slate; alcohol and dues are still to be paid, another way.")
            most = min(most, allowed) if allowed > 0 else most
    typed = typed_amount()
    return counter.pay(means, amount=min(typed, most) if typed else most, ref=ref, said=said)


# Accounts


@bp.get("/")
def home() -> str:
    """Show accounts: the oldest slates first."""
    with screens.store().reading() as conn:
        people = reading.accounts(conn, screens.today())
        return screens.draw("accounts/home.html", people=people, others=[], **side(conn))


@bp.get("/find")
def find() -> str:
    """Show what a typed name finds, and people known here who have no account yet."""
    text = request.args.get("q", "")
    with screens.store().reading() as conn:
        others = reading.without_account(conn, text) if len(text.strip()) > 1 else []
        people = reading.find(conn, text, screens.today())
        return screens.draw("accounts/_found.html", people=people, others=others, **side(conn))


@bp.get("/new")
def new() -> str:
    """Ask for a name."""
    with screens.store().reading() as conn:
        return screens.draw("accounts/new.html", **side(conn))


@bp.post("/new")
def open_account() -> Response:
    """Open an account for a newcomer, or for somebody known for another reason."""
    form = request.form
    with suppress(AlreadyDone):
        opened = desk.open_account(
            screens.store(), person=form.get("person", ""), name=form.get("name", ""), phone=form.get("phone", ""),
            slate=bool(form.get("slate")), ceiling=typed_amount("ceiling"), **act(),
        )  # fmt: skip
        screens.say(_("Account opened"))
        return screens.go(url_for("accounts.one", person=opened.person))
    return screens.go(url_for("accounts.home"))


@bp.get("/<person>")
def one(person: str) -> str:
    """Show an account, its last moves, and what can be done."""
    with screens.store().reading() as conn:
        row = tables.account(conn, person)
        if row is None or row["closed"]:
            abort(404)
        moves = sorted(
            [*reading.moves(conn, PREPAID, person), *reading.moves(conn, SLATE, person)],
            key=lambda m: (-m["seq"], -m["place"]),
        )
        return screens.draw(
            "accounts/one.html", one=reading.picture(conn, row, screens.today()), moves=moves[:10], amounts=AMOUNTS,
            reasons=REASONS, **side(conn),
        )  # fmt: skip


@bp.post("/<person>/top-up")
def top_up(person: str) -> Response:
    """Put a top-up on the bill, and go to take the payment."""
    with suppress(AlreadyDone):
        desk.top_up(screens.store(), open_tab(), person, typed_amount(), **act())
        screens.say(_("On the bill: take the payment"), icon="coins")
    return screens.go("/")


@bp.post("/<person>/pay-back")
def pay_back(person: str) -> Response:
    """Put a payment on the slate on the bill; nothing typed is all that is owed."""
    with screens.store().reading() as conn:
        owed = tables.balance_of(conn, SLATE, person)
    with suppress(AlreadyDone):
        desk.pay_back(screens.store(), open_tab(), person, typed_amount() or owed, **act())
        screens.say(_("On the bill: take the payment"), icon="coins")
    return screens.go("/")


@bp.post("/<person>/pay-out")
def pay_out(person: str) -> Response:
    """Give prepaid money back out of the drawer."""
    amount = typed_amount()
    with suppress(AlreadyDone):
        desk.pay_out(screens.store(), person, amount, means=request.form.get("means", "cash"), **act())
    screens.say(_("Give back %(amount)s", amount=format_euros(amount)), icon="coins")
    return screens.go(url_for("accounts.one", person=person))


@bp.post("/<person>/write-off")
def write_off(person: str) -> Response:
    """Give up a slate."""
    with screens.store().reading() as conn:
        owed = tables.balance_of(conn, SLATE, person)
    with suppress(AlreadyDone):
        desk.write_off(screens.store(), person, typed_amount() or owed, request.form.get("reason", ""), **act())
    screens.say(_("Given up: the slate is lower"), tone="wait", icon="erase")
    return screens.go(url_for("accounts.one", person=person))


@bp.post("/<person>/close")
def close(person: str) -> Response:
    """Close an empty account; the name is erased."""
    with suppress(AlreadyDone):
        desk.close_account(screens.store(), person, **act())
    screens.say(_("Account closed"))
    return screens.go(url_for("accounts.home"))


@bp.post("/<person>/statement")
def statement(person: str) -> Response:
    """Print what is on the slate, line by line."""
    with screens.store().reading() as conn:
        row = tables.account(conn, person)
        if row is None:
            abort(404)
        slip = slips.statement(
            cafe=paper.cafe_of(conn, screens.today()).sign, who=reading.name_of(conn, person), today=screens.today(),
            owed=row["slate"], prepaid=row["prepaid"], moves=reading.moves(conn, SLATE, person, 30),
        )  # fmt: skip
    print_slip(slip)
    paper.print_now(_("Statement printed"))
    return screens.go(url_for("accounts.one", person=person))


@bp.get("/settings")
def settings() -> str:
    """Show ceilings, the age of an old slate, prices, the local currency."""
    with screens.store().reading() as conn:
        return screens.draw("accounts/settings.html", **side(conn))


@bp.post("/settings")
def set_limits() -> Response:
    """Set them from today on."""
    with suppress(AlreadyDone):
        desk.set_limits(
            screens.store(), person_ceiling=typed_amount("person_ceiling"), cafe_ceiling=typed_amount("cafe_ceiling"),
            alert_days=_whole("alert_days"), coffee_price=typed_amount("coffee_price"), voucher_months=_whole("voucher_months"),
            **act(),
        )  # fmt: skip
        screens.say(_("Settings noted, from today on"))
    return screens.go(url_for("accounts.settings"))


@bp.post("/settings/currency")
def set_currency() -> Response:
    """Say which local currency is taken."""
    with suppress(AlreadyDone):
        desk.set_currency(
            screens.store(), label=request.form.get("label", ""), accepted=request.form.get("accepted") == "1", **act()
        )
        screens.say(_("Settings noted, from today on"))
    return screens.go(url_for("accounts.settings"))


def _whole(name: str) -> int:
    text = request.form.get(name, "").strip()
    return int(text) if text.isdecimal() and len(text) < 5 else 0


@bp.get("/month/<month>")
def month(month: str) -> str:
    """Show the month's sheet."""
    shown = months.asked(month)
    with screens.store().reading() as conn:
        return screens.draw(
            "accounts/month.html", lines=reading.month(conn, shown.name), said=period_said(shown.name), **side(conn)
        )
