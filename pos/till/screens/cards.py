"""Card payments at the counter: on disk, then on the terminal, then what it answered (R15)."""

from contextlib import suppress
from typing import Any

from flask import request, url_for

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import _
from pos.money import parse_euros
from pos.till import card, sell
from pos.till.screens import cooking, paper
from pos.till.screens.counter import answer, answer_paid, asked_tab, bp
from pos.till.screens.machines import kick_for


@bp.post("/bill/card")
def card_start() -> str:
    """Write that a card payment starts, then show its amount for the terminal."""
    tab_id = asked_tab()
    amount = request.form.get("amount", "")
    with suppress(AlreadyDone):
        card.start_card(
            screens.store(), tab_id, amount=parse_euros(amount) if amount else None, by=screens.clerk(),
            attempt=screens.attempt(),
        )  # fmt: skip
    return answer(tab_id)


@bp.post("/bill/card/<payment>/<outcome>")
def card_settle(payment: str, outcome: str) -> str:
    """Say what the terminal answered."""
    tab_id = asked_tab()
    if outcome == card.ACCEPTED:
        cooking.tell(tab_id)
    try:
        led = card.settle_card(screens.store(), payment, outcome, by=screens.clerk(), attempt=screens.attempt())
    except AlreadyDone as told:
        led = sell.done_before(screens.store(), told)
    if led.sale is not None:
        if led.sale.cashback:
            kick_for(_("Sale recorded, drawer open"), _("Sale recorded"))
        else:
            screens.say(_("Card accepted, sale recorded"), icon="card")
        paper.hand_over_note(led.sale)
        return answer_paid(led.sale)
    said = {card.REFUSED: _("Card refused: nothing was taken"), card.CANCELLED: _("Card payment cancelled")}
    screens.say(said.get(outcome, _("Part payment taken")), tone="wait" if outcome in said else "good", icon="card")
    return answer(tab_id)


@bp.get("/cards")
def cards() -> str:
    """Show card payments whose outcome nobody said: after a power cut, before closing (R15)."""
    with screens.store().reading() as conn:
        return screens.draw("till/cards.html", cards=card.unsettled(conn))


@bp.post("/cards/<payment>/<outcome>")
def card_settle_later(payment: str, outcome: str) -> Any:
    """Say afterwards what the terminal's own roll tells."""
    try:
        led = card.settle_card(screens.store(), payment, outcome, by=screens.clerk(), attempt=screens.attempt())
    except AlreadyDone:
        return screens.go(url_for("till.cards"))
    screens.say(_("Card accepted, sale recorded") if led.sale else _("Noted"), icon="card")
    return screens.go(url_for("till.cards"))
