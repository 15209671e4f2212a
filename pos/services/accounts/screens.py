"""Accounts on the screen: whose, how much, and the keys that pay a bill with them.

The counter's payment page includes `accounts/_means.html`; `accounts_on(tab_id)` says what may pay.
"""

from contextlib import suppress
from typing import Any

from flask import Blueprint, abort, request, url_for
from werkzeug.wrappers import Response

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import N_, _
from pos.money import format_euros, parse_euros
from pos.services.accounts import desk, paying, reading, slips, tables
from pos.services.accounts.tables import GIFT, LOCAL, PREPAID, SLATE, SUSPENDED
from pos.till import sell
from pos.till import tables as till_tables
from pos.till.screens import bill, counter, paper

bp = Blueprint("accounts", __name__, url_prefix="/accounts", template_folder="templates")

AMOUNTS = (1000, 2000, 5000)
REASONS = {
    "gone": N_("Gone, cannot be found"), "gesture": N_("A gesture of the café"), "mistake": N_("Charged by mistake"),
    "deceased": N_("Deceased"), "other": N_("Another reason"),
}  # fmt: skip
HANDED = {
    "transfer": N_("To the issuer, euros by transfer"), "cash": N_("To the issuer, euros in cash"),
    "supplier": N_("To a supplier"),
}  # fmt: skip


def act() -> dict[str, Any]:
    """Return who taps and which tap it is."""
    return {"by": screens.clerk(), "attempt": screens.attempt()}


def _amount(name: str = "amount") -> int:
    text = request.form.get(name, "").strip()
    return parse_euros(text) if text else 0


def _tab() -> str:
    return bill.held() or bill.begin()


@bp.app_context_processor
def on_bill() -> dict[str, Any]:
    """Give every template `accounts_on(tab_id)`."""
    return {"accounts_on": accounts_on}


def accounts_on(tab_id: str) -> dict[str, Any]:
    """Return what may pay a bill: the account of who is on it, the fund, local notes."""
    with screens.store().reading() as conn:
        tab = sell.current_tab(conn, tab_id)
        if tab is None:
            return {"due": 0, "prepaid": 0, "slate": 0, "person": "", "fund": 0, "local": "", "member": ""}
        row = tables.account(conn, tab.member) if tab.member else None
        mine = row if row is not None and not row["closed"] else None
        money = tables.currency(conn)
        left = paying.available(conn, PREPAID, tab.member, tab) if mine is not None else 0
        return {
            "due": tab.due, "person": tab.member if mine is not None else "", "prepaid": min(left, tab.due), "left": left,
            "slate": max(0, min(tab.due, paying.payable(tab, SLATE))) if mine is not None and mine["slate_allowed"] else 0,
            "fund": min(tab.due, max(0, paying.available(conn, SUSPENDED, "", tab))),
            "local": money["label"] if money is not None and money["accepted"] else "", "member": tab.member,
        }  # fmt: skip


def _side(conn: Any) -> dict[str, Any]:
    day = screens.today()
    money = tables.currency(conn)
    return {
        "sums": {what: tables.sum_of(conn, what) for what in tables.OWNERS}, "fund": reading.fund(conn, day),
        "limits": paying.in_force(conn, day), "late": reading.late(conn, day), "currency": money, "month": day[:7],
        "tab": sell.current_tab(conn, bill.held()) if bill.held() else None,
        "manager": till_tables.role_of(conn, screens.clerk()) == "manager", "why": slips.WHY,
    }  # fmt: skip


# Paying a bill


@bp.get("/pay")
def paying_page() -> str:
    """Show accounts to pay the bill with, over the tiles."""
    with screens.store().reading() as conn:
        found = bill.picture(conn, bill.current_id(conn))
        people = reading.find(conn, request.args.get("q", ""), screens.today())[:9]
        return screens.draw("accounts/_pay.html", bill=found, people=people, on=accounts_on(found.tab_id), q=request.args.get("q", ""))


@bp.post("/pay/<means>")
def pay(means: str) -> str:
    """Take the payment: all that is due, or what the account can bear."""
    if means not in tables.OWNERS:
        abort(404)
    ref, tab_id = request.form.get("ref", ""), counter.asked_tab()
    with screens.store().reading() as conn:
        tab = sell.current_tab(conn, tab_id)
        most = tab.due if tab is not None else 0
        if tab is not None and means in (PREPAID, GIFT, SUSPENDED):
            ref = ref.strip().upper() if means == GIFT else ref or ("" if means == SUSPENDED else tab.member)
            left = paying.available(conn, means, ref, tab)
            most = min(most, left) if left > 0 else most
        elif tab is not None and means == SLATE:
            allowed = paying.payable(tab, SLATE)
            most = min(most, allowed) if allowed > 0 else most
    typed = _amount()
    return counter.pay(means, amount=min(typed, most) if typed else most, ref=ref)


# Accounts


@bp.get("/")
def home() -> str:
    """Show accounts: the oldest slates first."""
    with screens.store().reading() as conn:
        people = reading.accounts(conn, screens.today())
        return screens.draw("accounts/home.html", people=people, others=[], **_side(conn))


@bp.get("/find")
def find() -> str:
    """Show what a typed name finds, and people known here who have no account yet."""
    text = request.args.get("q", "")
    with screens.store().reading() as conn:
        others = reading.without_account(conn, text) if len(text.strip()) > 1 else []
        people = reading.find(conn, text, screens.today())
        return screens.draw("accounts/_found.html", people=people, others=others, **_side(conn))


@bp.get("/new")
def new() -> str:
    """Ask for a name."""
    with screens.store().reading() as conn:
        return screens.draw("accounts/new.html", **_side(conn))


@bp.post("/new")
def open_account() -> Response:
    """Open an account for a newcomer, or for somebody known for another reason."""
    form = request.form
    with suppress(AlreadyDone):
        opened = desk.open_account(
            screens.store(), person=form.get("person", ""), name=form.get("name", ""), phone=form.get("phone", ""),
            slate=bool(form.get("slate")), ceiling=_amount("ceiling"), **act(),
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
            [*reading.moves(conn, PREPAID, person), *reading.moves(conn, SLATE, person)], key=lambda m: (-m["seq"], -m["place"])
        )
        return screens.draw(
            "accounts/one.html", one=reading.picture(conn, row, screens.today()), moves=moves[:10], amounts=AMOUNTS,
            reasons=REASONS, **_side(conn),
        )  # fmt: skip


@bp.post("/<person>/top-up")
def top_up(person: str) -> Response:
    """Put a top-up on the bill, and go to take the payment."""
    with suppress(AlreadyDone):
        desk.top_up(screens.store(), _tab(), person, _amount(), **act())
        screens.say(_("On the bill: take the payment"), icon="coins")
    return screens.go("/")


@bp.post("/<person>/pay-back")
def pay_back(person: str) -> Response:
    """Put a payment on the slate on the bill; nothing typed is all that is owed."""
    with screens.store().reading() as conn:
        owed = tables.balance_of(conn, SLATE, person)
    with suppress(AlreadyDone):
        desk.pay_back(screens.store(), _tab(), person, _amount() or owed, **act())
        screens.say(_("On the bill: take the payment"), icon="coins")
    return screens.go("/")


@bp.post("/<person>/pay-out")
def pay_out(person: str) -> Response:
    """Give prepaid money back out of the drawer."""
    amount = _amount()
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
        desk.write_off(screens.store(), person, _amount() or owed, request.form.get("reason", ""), **act())
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
    _print(slip)
    paper.print_now(_("Statement printed"))
    return screens.go(url_for("accounts.one", person=person))


def _print(slip: Any) -> None:
    with suppress(AlreadyDone), screens.store().writing(**act()) as tx:
        paper.enqueue(tx, slip.title, slip)


# Suspended coffees, vouchers


@bp.get("/coffees")
def coffees() -> str:
    """Show the fund of suspended coffees."""
    with screens.store().reading() as conn:
        return screens.draw("accounts/coffees.html", moves=reading.moves(conn, SUSPENDED, ""), **_side(conn))


@bp.post("/coffees")
def give() -> Response:
    """Put coffees for somebody unknown on the bill."""
    n = request.form.get("n", "1")
    with suppress(AlreadyDone):
        desk.give_coffees(screens.store(), _tab(), coffees=int(n) if n.isdecimal() else 1, **act())
        screens.say(_("On the bill: take the payment"), icon="cup")
    return screens.go("/")


@bp.get("/vouchers")
def vouchers() -> str:
    """Show vouchers not spent, and sell one."""
    with screens.store().reading() as conn:
        return screens.draw("accounts/vouchers.html", vouchers=reading.vouchers(conn), amounts=AMOUNTS, **_side(conn))


@bp.post("/vouchers")
def sell_voucher() -> Response:
    """Put a voucher on the bill."""
    with suppress(AlreadyDone):
        desk.sell_voucher(screens.store(), _tab(), _amount(), **act())
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
        return screens.draw("accounts/voucher.html", one=row, ended=row["until"] < today, moves=reading.moves(conn, GIFT, code), **_side(conn))


@bp.post("/voucher/<code>/pay")
def pay_with_voucher(code: str) -> Response:
    """Pay the bill on the screen with a voucher, and go back to the counter."""
    with screens.store().reading() as conn:
        tab = sell.current_tab(conn, bill.held())
        most = min(tab.due, max(0, paying.available(conn, GIFT, code, tab))) if tab is not None else 0
    with suppress(AlreadyDone):
        done = sell.take_payment(screens.store(), bill.held(), GIFT, amount=most or None, ref=code, **act())
        screens.say(_("Paid with the voucher: ticket %(no)s", no=done.sale.no) if done.sale else _("Part payment taken"), icon="gift")
    return screens.go("/")


@bp.post("/voucher/<code>/print")
def print_voucher(code: str) -> Response:
    """Print a voucher that was paid."""
    with screens.store().reading() as conn:
        row = tables.voucher(conn, code)
        if row is None:
            abort(404)
        slip = slips.voucher(cafe=paper.cafe_of(conn, screens.today()).sign, code=code, amount=row["balance"], until=row["until"])
    _print(slip)
    paper.print_now(_("Voucher printed"))
    return screens.go(url_for("accounts.voucher", code=code))


@bp.post("/voucher/<code>/extend")
def extend_voucher(code: str) -> Response:
    """Let a voucher hold longer."""
    with suppress(AlreadyDone):
        desk.extend_voucher(screens.store(), code, request.form.get("until", ""), **act())
        screens.say(_("The voucher holds longer"))
    return screens.go(url_for("accounts.voucher", code=code))


# Local currency, settings, month


@bp.get("/currency")
def currency() -> str:
    """Show the box of local notes."""
    with screens.store().reading() as conn:
        return screens.draw("accounts/currency.html", moves=reading.moves(conn, LOCAL, ""), handed=HANDED, **_side(conn))


@bp.post("/currency/count")
def count_currency() -> Response:
    """Record a count of local notes."""
    with suppress(AlreadyDone):
        counted = desk.count_currency(screens.store(), _amount(), **act())
        screens.say(_("Counted %(counted)s, expected %(expected)s", counted=format_euros(counted.counted), expected=format_euros(counted.expected)))
    return screens.go(url_for("accounts.currency"))


@bp.post("/currency/hand-over")
def hand_over_currency() -> Response:
    """Hand local notes over."""
    with suppress(AlreadyDone):
        desk.hand_over_currency(screens.store(), _amount(), means=request.form.get("means", ""), fee=_amount("fee"), **act())
        screens.say(_("Handed over"))
    return screens.go(url_for("accounts.currency"))


@bp.get("/settings")
def settings() -> str:
    """Show ceilings, the age of an old slate, prices, the local currency."""
    with screens.store().reading() as conn:
        return screens.draw("accounts/settings.html", **_side(conn))


@bp.post("/settings")
def set_limits() -> Response:
    """Set them from today on."""
    with suppress(AlreadyDone):
        desk.set_limits(
            screens.store(), person_ceiling=_amount("person_ceiling"), cafe_ceiling=_amount("cafe_ceiling"),
            alert_days=_whole("alert_days"), coffee_price=_amount("coffee_price"), voucher_months=_whole("voucher_months"),
            **act(),
        )  # fmt: skip
        screens.say(_("Settings noted, from today on"))
    return screens.go(url_for("accounts.settings"))


@bp.post("/settings/currency")
def set_currency() -> Response:
    """Say which local currency is taken."""
    with suppress(AlreadyDone):
        desk.set_currency(screens.store(), label=request.form.get("label", ""), accepted=request.form.get("accepted") == "1", **act())
        screens.say(_("Settings noted, from today on"))
    return screens.go(url_for("accounts.settings"))


def _whole(name: str) -> int:
    text = request.form.get(name, "").strip()
    return int(text) if text.isdecimal() and len(text) < 5 else 0


@bp.get("/month/<month>")
def month(month: str) -> str:
    """Show the month's sheet."""
    with screens.store().reading() as conn:
        return screens.draw("accounts/month.html", lines=reading.month(conn, month[:7]), of_month=month[:7], **_side(conn))
