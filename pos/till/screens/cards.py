"""Card payments at the counter: on disk, then on the terminal, then what it answered (R15)."""

from contextlib import suppress
from typing import Any

from flask import Response, request, url_for

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import _
from pos.ids import paper_number
from pos.money import parse_euros
from pos.till import card, sell, tables
from pos.till.events import SaleCompleted
from pos.till.screens import bill, cooking, paper, terminal
from pos.till.screens.counter import answer, answer_paid, asked_tab, bp
from pos.till.screens.machines import kick_for


@bp.post("/bill/card")
def card_start() -> str:
    """Write that a card payment starts, then send its amount to the terminal, or show it for the hand that types it."""
    tab_id = asked_tab()
    amount = request.form.get("amount", "")
    with screens.store().reading() as conn:
        before = sell.current_tab(conn, tab_id)
    with suppress(AlreadyDone):
        tab = card.start_card(
            screens.store(), tab_id, amount=parse_euros(amount) if amount else None, by=screens.clerk(),
            attempt=screens.attempt(),
        )  # fmt: skip
        # One that was open already went to the terminal then: never a second time.
        if before is None or tab.card != before.card:
            terminal.ask(tab.card, tab.card_amount, _settle_for_terminal)
    return _as_it_stands(tab_id)


def _as_it_stands(tab_id: str) -> str:
    """Draw the sale that a bill became, or the bill."""
    with screens.store().reading() as conn:
        done = bill.sale_of_tab(screens.store(), conn, tab_id)
    if done is None:
        return answer(tab_id)
    screens.say(_("Card accepted, sale recorded"), icon="card")
    return answer_paid(done)


def _settle_for_terminal(payment: str, outcome: str, ref: str) -> None:
    """Write what the terminal said, and do what follows a sale; nobody need be before the screen."""
    with screens.store().reading() as conn:
        row = tables.card(conn, payment)
    if outcome == card.ACCEPTED and row is not None:
        cooking.tell(row["tab"])
    led = card.settle_card(
        screens.store(), payment, outcome, ref=paper_number(ref), source="terminal", by=screens.clerk()
    )
    if led.sale is not None:
        _after(led.sale)


@bp.get("/bill/card/<payment>/wait")
def card_wait(payment: str) -> Any:
    """Answer a waiting screen: nothing new, or the bill as the terminal's answer left it. Asked of memory."""
    said = terminal.said(payment)
    if said.outcome == terminal.ASKING:
        return Response("", 204)
    tab_id = request.args.get("tab", "") or bill.held()
    with screens.store().reading() as conn:
        row = tables.card(conn, payment)
    if row is not None and row["outcome"]:
        _say_outcome(row["outcome"])
    return _as_it_stands(tab_id)


@bp.post("/bill/card/<payment>/<outcome>")
def card_settle(payment: str, outcome: str) -> str:
    """Say what the terminal answered."""
    tab_id = asked_tab()
    terminal.wait_for(payment)
    if outcome == card.ACCEPTED:
        cooking.tell(tab_id)
    try:
        led = card.settle_card(screens.store(), payment, outcome, by=screens.clerk(), attempt=screens.attempt())
    except AlreadyDone as told:
        led = sell.done_before(screens.store(), told)
    if led.sale is not None:
        _after(led.sale)
        return answer_paid(led.sale)
    _say_outcome(outcome)
    return answer(tab_id)


def _after(sale: SaleCompleted) -> None:
    """Open the drawer for a cash-back, print the note the law wants."""
    if sale.cashback:
        kick_for(_("Sale recorded, drawer open"), _("Sale recorded"))
    else:
        screens.say(_("Card accepted, sale recorded"), icon="card")
    paper.hand_over_note(sale)


def _say_outcome(outcome: str) -> None:
    said = {card.REFUSED: _("Card refused: nothing was taken"), card.CANCELLED: _("Card payment cancelled")}
    screens.say(said.get(outcome, _("Part payment taken")), tone="wait" if outcome in said else "good", icon="card")


@bp.get("/cards")
def cards() -> str:
    """Show card payments whose outcome nobody said: after a power cut, before closing (R15)."""
    with screens.store().reading() as conn:
        return screens.draw("till/cards.html", cards=card.unsettled(conn))


@bp.post("/cards/<payment>/<outcome>")
def card_settle_later(payment: str, outcome: str) -> Any:
    """Say afterwards what the terminal's own roll tells."""
    terminal.wait_for(payment)
    try:
        led = card.settle_card(screens.store(), payment, outcome, by=screens.clerk(), attempt=screens.attempt())
    except AlreadyDone:
        return screens.go(url_for("till.cards"))
    screens.say(_("Card accepted, sale recorded") if led.sale else _("Noted"), icon="card")
    return screens.go(url_for("till.cards"))
