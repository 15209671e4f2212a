"""The counter: tiles at the left, the bill at the right, paid without ever leaving it.

A tap on a tile or a money key answers with the bill (`_bill.html`); what lies at the left changes only
when the tap asked for it.
"""

from contextlib import suppress
from typing import Any

from flask import Blueprint, request, url_for

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import N_, _
from pos.money import parse_euros
from pos.till import refusals as no
from pos.till import sell
from pos.till.events import SaleCompleted
from pos.till.screens import bill, cooking, customer, paper, shelf
from pos.till.screens.machines import kick_for
from pos.till.tab import CASH

bp = Blueprint("till", __name__, template_folder="../templates")

VOID_REASONS = (
    ("changed_mind", N_("The customer changed their mind"), "user"),
    ("mistake", N_("Typing mistake"), "erase"),
    ("left", N_("Left without paying"), "back"),
    ("other", N_("Another reason"), "pen"),
)


@bp.get("/")
def counter() -> Any:
    """Show the counter: the day's gate when it is not open, else tiles and the bill."""
    with screens.store().reading() as conn:
        if bill.needs_opening(conn):
            return screens.go(url_for("day.opening"))
        tab_id = bill.current_id(conn)
        found = bill.picture(conn, tab_id)
        tiles = shelf.shown(conn, found.taken)
    customer.show(found)
    return screens.draw("till/counter.html", bill=found, shelf=tiles)


def answer(tab_id: str = "", *, lit: str = "", back_to_tiles: bool = False) -> str:
    """Draw the bill as it stands after an act, and the left side when it must change with it."""
    work = request.values.get("work", "sell")
    if tab_id:
        bill.hold(tab_id)
    with screens.store().reading() as conn:
        found = bill.picture(conn, tab_id or bill.current_id(conn), lit=lit)
        left = ""
        if work != "sell" and (back_to_tiles or not found.lines):
            left = screens.render("till/_sell.html", shelf=shelf.shown(conn, found.taken), oob=True)
        elif work == "pay":
            left = screens.render("till/_pay.html", bill=found, given=0, oob=True, pieces_of=bill.pieces_of)
    customer.show(found)
    return screens.draw("till/_bill.html", bill=found) + left


def answer_paid(done: SaleCompleted) -> str:
    """Draw the sale just paid, and the tiles again where another way to pay was shown."""
    found = bill.paid(done)
    customer.show(found)
    drawn = screens.draw("till/_done.html", bill=found)
    if request.values.get("work", "sell") == "sell":
        return drawn
    with screens.store().reading() as conn:
        return drawn + screens.render("till/_sell.html", shelf=shelf.shown(conn, found.taken), oob=True)


@bp.errorhandler(no.AlreadyPaid)
def paid_elsewhere(refusal: no.AlreadyPaid) -> Any:
    """Another screen was quicker: its ticket is this screen's answer too."""
    with screens.store().reading() as conn:
        done = bill.sale_of_tab(screens.store(), conn, asked_tab())
    if done is None or not screens.is_htmx():
        return screens.refused(refusal)
    screens.say(_("This bill was already paid: ticket %(no)s", no=done.no), tone="wait", icon="info")
    return answer_paid(done)


@bp.errorhandler(no.NoSuchBill)
def nothing_yet(_refusal: no.NoSuchBill) -> Any:
    """A bill that was never begun is an empty one, to whoever taps."""
    return screens.refused(no.EmptyBill())


def asked_tab() -> str:
    """Return the bill the tap was made on: the one drawn on that screen."""
    return request.form.get("tab", "") or bill.held()


@bp.get("/shelf/<category>")
def shelf_of(category: str) -> str:
    """Show another row of tiles."""
    shelf.choose(category, request.args.get("page", "1"))
    with screens.store().reading() as conn:
        found = bill.picture(conn, bill.current_id(conn))
        return screens.draw("till/_sell.html", shelf=shelf.shown(conn, found.taken), oob=False)


@bp.get("/tiles")
def tiles() -> str:
    """Show the tiles again."""
    with screens.store().reading() as conn:
        found = bill.picture(conn, bill.current_id(conn))
        return screens.draw("till/_sell.html", shelf=shelf.shown(conn, found.taken), oob=False)


@bp.post("/bill/add/<product>")
def add(product: str) -> str:
    """Put one more of a product on the bill."""
    tab_id = asked_tab()
    with suppress(AlreadyDone):
        sell.add_product(screens.store(), tab_id, product, by=screens.clerk(), attempt=screens.attempt())
    return answer(tab_id)


@bp.post("/bill/line/<line_id>/<int:quantity>")
def quantity(line_id: str, quantity: int) -> str:
    """Set how many of a line there are; none takes it off."""
    tab_id = asked_tab()
    with suppress(AlreadyDone):
        sell.change_quantity(screens.store(), tab_id, line_id, quantity, by=screens.clerk(), attempt=screens.attempt())
    return answer(tab_id, lit=line_id)


@bp.get("/bill/lit/<line_id>")
def light(line_id: str) -> str:
    """Show the keys of a line."""
    with screens.store().reading() as conn:
        return screens.draw("till/_bill.html", bill=bill.picture(conn, bill.current_id(conn), lit=line_id))


@bp.post("/bill/takeaway/<int:takeaway>")
def takeaway(takeaway: int) -> str:
    """Say whether it is eaten here or taken away."""
    tab_id = asked_tab()
    with suppress(AlreadyDone):
        sell.set_takeaway(screens.store(), tab_id, bool(takeaway), by=screens.clerk(), attempt=screens.attempt())
    return answer(tab_id)


@bp.post("/bill/pay/cash")
def pay_cash() -> str:
    """Take cash: exactly what is due, or a note."""
    given = request.form.get("given", "")
    return pay(CASH, given=parse_euros(given) if given else None)


@bp.post("/bill/pay/given")
def pay_given() -> str:
    """Take the cash that was typed; nothing typed is the exact amount."""
    given = _typed(request.form.get("amount", ""))
    return pay(CASH, given=given or None)


@bp.post("/bill/pay/<means>")
def pay_with(means: str) -> str:
    """Take a cheque or a voucher: the amount typed, or all that is due; nothing is given back on it."""
    typed = _typed(request.form.get("amount", ""))
    with screens.store().reading() as conn:
        tab = sell.current_tab(conn, asked_tab())
    return pay(means, amount=min(typed, tab.due) if typed and tab is not None else None)


def pay(means: str, *, amount: int | None = None, given: int | None = None, ref: str = "", said: str = "") -> str:
    """Take a payment, open the drawer when cash moved, and draw what it led to; `said` of a part, in its words."""
    tab_id = asked_tab()
    # Before the payment: with it the bill, and the notes for the cook, end.
    cooking.tell(tab_id)
    try:
        outcome = sell.take_payment(
            screens.store(), tab_id, means, amount=amount, given=given, ref=ref, by=screens.clerk(),
            attempt=screens.attempt(),
        )  # fmt: skip
    except AlreadyDone as told:
        outcome = sell.done_before(screens.store(), told)
    if outcome.sale is None:
        if means == CASH:
            kick_for(_("Part payment taken, drawer open"), _("Part payment taken"))
        else:
            screens.say(said or _("Part payment taken"))
        return answer(tab_id)
    if any(payment.means == CASH for payment in outcome.sale.payments):
        kick_for(_("Sale recorded, drawer open"), _("Sale recorded"))
    else:
        screens.say(_("Sale recorded"))
    paper.hand_over_note(outcome.sale)
    return answer_paid(outcome.sale)


@bp.post("/bill/kitchen")
def to_kitchen() -> str:
    """Send the bill to the kitchen; a second tap has nothing more to say."""
    tab_id = asked_tab()
    told = cooking.tell(tab_id)
    screens.say(_("Sent to the kitchen") if told else _("The kitchen knows it already"), icon="plate")
    return answer(tab_id)


@bp.post("/bill/undo")
def undo() -> str:
    """Give back the last part payment."""
    tab_id = asked_tab()
    with suppress(AlreadyDone):
        sell.undo_payment(screens.store(), tab_id, by=screens.clerk(), attempt=screens.attempt())
    screens.say(_("Part payment given back"), icon="undo")
    return answer(tab_id)


@bp.get("/bill/pay")
def paying() -> str:
    """Show the page for any other payment: a typed amount, a cheque, a voucher, a share."""
    with screens.store().reading() as conn:
        found = bill.picture(conn, bill.current_id(conn))
        given = _typed(request.args.get("given", ""))
    return screens.draw("till/_pay.html", bill=found, given=given, oob=False, pieces_of=bill.pieces_of)


@bp.get("/bill/given")
def given() -> str:
    """Show what to give back for the amount typed so far."""
    with screens.store().reading() as conn:
        found = bill.picture(conn, bill.current_id(conn))
    typed = _typed(request.args.get("amount", ""))
    return screens.render("till/_change.html", bill=found, given=typed, pieces_of=bill.pieces_of)


def _typed(text: str) -> int:
    return parse_euros(text) if text.strip() else 0


@bp.post("/bill/park")
def park() -> str:
    """Put the bill aside and begin a new one."""
    with suppress(AlreadyDone):
        sell.park_tab(screens.store(), asked_tab(), by=screens.clerk(), attempt=screens.attempt())
    screens.say(_("Bill put aside"), icon="park")
    return answer(bill.begin(), back_to_tiles=True)


@bp.get("/bills")
def parked() -> str:
    """Show the bills put aside."""
    with screens.store().reading() as conn:
        return screens.draw("till/_parked.html", bills=bill.parked(conn), now=screens.store().clock.now_ms())


@bp.post("/bills/<tab_id>/take-up")
def take_up(tab_id: str) -> str:
    """Take up a bill that was put aside; the one on the screen is put aside in its place."""
    store, by = screens.store(), screens.clerk()
    current = asked_tab()
    with store.reading() as conn:
        under_way = sell.current_tab(conn, current)
    if under_way is not None and under_way.lines and current != tab_id:
        sell.park_tab(store, current, by=by)
    with suppress(AlreadyDone):
        sell.take_up_tab(store, tab_id, by=by, attempt=screens.attempt())
    return answer(tab_id, back_to_tiles=True)


@bp.get("/bill/cancel")
def cancelling() -> str:
    """Ask why the bill is abandoned."""
    with screens.store().reading() as conn:
        found = bill.picture(conn, bill.current_id(conn))
    return screens.draw("till/_cancel.html", bill=found, reasons=VOID_REASONS)


@bp.post("/bill/cancel/<reason>")
def cancel(reason: str) -> str:
    """Abandon the bill before payment."""
    known = cooking.told(asked_tab())
    with suppress(AlreadyDone):
        sell.void_tab(screens.store(), asked_tab(), reason, by=screens.clerk(), attempt=screens.attempt())
        cooking.call_off(known)
    screens.say(_("Bill cancelled"), icon="cross")
    return answer(bill.begin(), back_to_tiles=True)
