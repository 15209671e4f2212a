"""Cash on the screen: the keys beside a card payment, the limits, the poster, what was given today; banks.

For the counter, while a card amount is shown or about to be:

    {% with tab_id = … %}{% include "cashback/_offer.html" ignore missing %}{% endwith %}

draws « + 10 € », « + 20 € »… (or what was agreed, with its cross) and nothing when none is possible.
Each key posts to `POST /cashback/<tab_id>/propose` (amount in cents) or `POST /cashback/<tab_id>/withdraw`
and answers with the counter's bill, as the till's own keys do; an amount already shown for the
terminal is then cancelled and shown anew with the cash. Three taps after the last article: card,
+ 20 €, accepted.
"""

from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, abort, request, url_for
from werkzeug.wrappers import Response

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import _
from pos.money import format_euros, parse_euros
from pos.services.cashback import desk, limits, mandates, shop, slips, tables
from pos.services.cashback.mandates import Mandate
from pos.slips import NARROW_PAPER, Slip, as_text
from pos.till import sell
from pos.till import tables as till_tables
from pos.till.catalogue import slug
from pos.till.period_slips import period_said
from pos.till.screens import bill, paper, terminal
from pos.till.screens.counter import answer
from pos.till.screens.machines import kick_for

bp = Blueprint(
    "cashback",
    __name__,
    url_prefix="/cashback",
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)


@bp.app_context_processor
def offers() -> dict[str, Any]:
    """Give every template `cashback_offer(tab_id)`: the amounts possible now, and the one agreed."""
    return {"cashback_offer": offer}


def offer(tab_id: str) -> dict[str, Any]:
    """Return what may be proposed on a bill."""
    with screens.store().reading() as conn:
        tab = sell.current_tab(conn, tab_id)
        day = till_tables.open_day(conn)
        if tab is None or day is None or not tab.lines:
            return {"tab_id": tab_id, "agreed": 0, "amounts": []}
        return {"tab_id": tab_id, "agreed": tab.cashback, "amounts": desk.amounts(conn, day["day"], tab)}


def _not_on_terminal(tab_id: str) -> None:
    """Leave an amount alone while the customer pays it."""
    with screens.store().reading() as conn:
        tab = sell.current_tab(conn, tab_id)
    if tab is not None and tab.card:
        terminal.wait_for(tab.card)


@bp.post("/<tab_id>/propose")
def propose(tab_id: str) -> str:
    """Agree on cash with this bill's card payment."""
    amount = request.form.get("amount", "")
    _not_on_terminal(tab_id)
    with suppress(AlreadyDone):
        tab = desk.propose(
            screens.store(), tab_id, int(amount) if amount.isdecimal() else 0,
            private_use=request.form.get("business", "") == "", by=screens.clerk(), attempt=screens.attempt(),
        )  # fmt: skip
        screens.say(_("%(amount)s in cash with the card", amount=format_euros(tab.cashback)), icon="coins")
    return answer(tab_id)


@bp.post("/<tab_id>/withdraw")
def withdraw(tab_id: str) -> str:
    """Take the cash off the bill again."""
    _not_on_terminal(tab_id)
    with suppress(AlreadyDone):
        desk.withdraw(screens.store(), tab_id, by=screens.clerk(), attempt=screens.attempt())
        screens.say(_("No cash with this payment"), tone="wait", icon="coins")
    return answer(tab_id)


@bp.get("")
def page() -> str:
    """Show the limits in force, the poster and today's operations."""
    with screens.store().reading() as conn:
        open_day = till_tables.open_day(conn)
        day = open_day["day"] if open_day is not None else screens.today()
        now = limits.in_force(conn, day)
        n, given = tables.total_on(conn, day)
        return screens.draw(
            "cashback/page.html", limits=now, law=limits.legal(day), given=tables.given_on(conn, day), n=n, total=given,
            spare=desk.spare_cash(conn, day, now), amounts=desk.amounts(conn, day),
            poster=as_text(slips.poster(now, mandates.offered(conn, day)), NARROW_PAPER), **around(conn, day),
        )  # fmt: skip


def around(conn: Any, day: str) -> dict[str, Any]:
    """Return the banks beside every page: what was paid out for them today, who may change them."""
    banks, paid = mandates.offered(conn, day), mandates.paid_on(conn, day)
    return {
        "banks": banks, "paid": paid, "paid_total": sum(row["amount"] for row in paid),
        "labels": {bank.mandate: bank.label for bank in mandates.every(conn, day)},
        "manager": till_tables.role_of(conn, screens.clerk()) == "manager",
    }  # fmt: skip


def _print(slip: Slip, said: str) -> None:
    with screens.store().writing(by=screens.clerk()) as tx:
        paper.enqueue(tx, slip.title, slip)
    paper.print_now(said)


@bp.post("/poster")
def poster() -> str:
    """Print the poster on the till's printer."""
    from pos.hardware import queue
    from pos.hardware.printer import render

    store = screens.store()
    with store.reading() as conn:
        slip = slips.poster(limits.in_force(conn, screens.today()), mandates.offered(conn, screens.today()))
    data = render(slip, screens.devices().printer.model)
    with store.writing(by=screens.clerk()) as tx:
        queue.enqueue(tx.conn, slip.title, data, at=tx.now)
    trouble = screens.print_waiting()
    if trouble is not None:
        screens.say_trouble(trouble)
    else:
        screens.say(_("Poster sent to the printer"), icon="printer")
    return screens.draw("cashback/_said.html")


@bp.post("/limits")
def set_limits() -> Response:
    """Set the café's own limits, from today on."""
    form = request.form
    with suppress(AlreadyDone):
        desk.set_limits(
            screens.store(), min_purchase=parse_euros(form.get("min_purchase", "")),
            max_cash=parse_euros(form.get("max_cash", "")), step=parse_euros(form.get("step", "")),
            reserve=parse_euros(form.get("reserve", "")), by=screens.clerk(), attempt=screens.attempt(),
        )  # fmt: skip
    screens.say(_("Limits set. Print the poster again."), icon="check")
    return screens.go(url_for("cashback.page"))


# Without purchase, for a bank


def _bank(conn: Any, mandate: str) -> Mandate:
    found = mandates.one(conn, mandate, screens.today())
    return found if found is not None else abort(404)


@bp.get("/shop/<mandate>")
def shop_page(mandate: str) -> str:
    """Show what the bank's terminal may have granted: amounts as keys, the reference it printed."""
    with screens.store().reading() as conn:
        bank, open_day = _bank(conn, mandate), till_tables.open_day(conn)
        day = open_day["day"] if open_day is not None else screens.today()
        n, given = tables.total_on(conn, day)
        most = min(bank.max_cash, mandates.spare(conn, day, bank))
        tab = sell.current_tab(conn, bill.held()) if bill.held() else None
        amounts = list(range(bank.step, most + 1, bank.step))
        return screens.draw(
            "cashback/shop.html", bank=bank, most=most, amounts=amounts[-12:], given=tables.given_on(conn, day), n=n, total=given,
            tab=tab if tab is not None and tab.lines else None, **around(conn, day),
        )  # fmt: skip


@bp.post("/shop/<mandate>")
def pay_cash(mandate: str) -> Response:
    """Hand over what the terminal granted, with a receipt."""
    form, store = request.form, screens.store()
    amount = form.get("amount", "")
    with store.reading() as conn:
        tab = sell.current_tab(conn, bill.held()) if bill.held() else None
    with suppress(AlreadyDone):
        paid = shop.pay_cash(
            store, mandate, int(amount) if amount.isdecimal() and len(amount) < 7 else 0, ref=form.get("ref", ""),
            visit=tab.visit if tab is not None and form.get("same") else "", by=screens.clerk(), attempt=screens.attempt(),
        )  # fmt: skip
        with store.reading() as conn:
            cafe, bank = paper.cafe_of(conn, paid.day).sign, _bank(conn, mandate)
        said = _("%(amount)s to hand over for %(label)s", amount=format_euros(paid.amount), label=bank.label)
        _print(slips.receipt(cafe=cafe, bank=bank, paid=paid, at_ms=store.clock.now_ms()), said)
        kick_for(said, said)
    return screens.go(url_for("cashback.page"))


@bp.get("/banks")
def banks() -> str:
    """Show the banks' mandates, what each owes, the month."""
    month = request.args.get("month", screens.today()[:7])
    first, last, before, after = _month(month)
    with screens.store().reading() as conn:
        every = [
            (bank, mandates.owed(conn, bank), mandates.late_since(conn, bank, screens.today()))
            for bank in mandates.every(conn, screens.today())
        ]
        n, given = tables.total_on(conn, screens.today())
        return screens.draw(
            "cashback/banks.html", every=every, usual=mandates.usual_max(screens.today()), suggested=mandates.suggested(),
            pay_days=mandates.PAY_DAYS, rows=mandates.sheet(conn, first, last), with_purchase=tables.total_between(conn, first, last),
            month=period_said(month), before=before, after=after if after <= screens.today()[:7] else "", n=n, total=given,
            given=tables.given_on(conn, screens.today()), **around(conn, screens.today()),
        )  # fmt: skip


def _month(text: str) -> tuple[str, str, str, str]:
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        abort(404)
    after = (first + timedelta(days=32)).replace(day=1)
    last, before = after - timedelta(days=1), first - timedelta(days=1)
    return first.isoformat(), last.isoformat(), before.isoformat()[:7], after.isoformat()[:7]


@bp.post("/banks")
def set_mandate() -> Response:
    """Enter a bank's mandate, or change it, from today on."""
    form = request.form
    label = form.get("label", "")

    def euros(name: str) -> int:
        return parse_euros(form[name]) if form.get(name, "").strip() else 0

    with suppress(AlreadyDone):
        shop.set_mandate(
            screens.store(), form.get("mandate", "") or slug(label)[:20], label=label, max_cash=euros("max_cash"), day_max=euros("day_max"),
            step=euros("step"), reserve=euros("reserve") if form.get("reserve", "").strip() else None, fee_cents=euros("fee"),
            fee_bp=euros("fee_rate") if "fee_rate" in form else None, in_use=form.get("in_use", "1") == "1",
            pay_days=int(form["pay_days"]) if form.get("pay_days", "").isdecimal() else mandates.PAY_DAYS, by=screens.clerk(),
            attempt=screens.attempt(),
        )  # fmt: skip
        screens.say(_("Mandate noted. Print the poster again."), icon="check")
    return screens.go(url_for("cashback.banks"))


@bp.post("/banks/<mandate>/settle")
def settle_bank(mandate: str) -> Response:
    """The bank paid: note it, with a paper for the accounts."""
    form, store = request.form, screens.store()
    with suppress(AlreadyDone):
        told = shop.settle_bank(
            store, mandate, amount=parse_euros(form["amount"]) if form.get("amount", "").strip() else 0,
            means=form.get("means", "transfer"), ref=form.get("ref", ""), by=screens.clerk(), attempt=screens.attempt(),
        )  # fmt: skip
        with store.reading() as conn:
            bank = _bank(conn, mandate)
            slip = slips.settlement(
                cafe=paper.cafe_of(conn, told.day).sign,
                bank=bank,
                told=told,
                at_ms=store.clock.now_ms(),
                owed=mandates.owed(conn, bank),
            )
        _print(slip, _("Settled; the receipt is printed"))
    return screens.go(url_for("cashback.banks"))
