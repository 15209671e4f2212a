"""Card payments at the counter: on disk, then on the terminal, then what it answered (R15)."""

from contextlib import suppress
from typing import Any

from flask import Response, g, request, url_for

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import _
from pos.ids import paper_number
from pos.money import format_euros, parse_euros
from pos.till import card, card_refund, refusals, sell, tables
from pos.till.events import SaleCompleted, SaleRefunded
from pos.till.invoices import desk as invoicing
from pos.till.screens import bill, cooking, paper, terminal
from pos.till.screens.counter import answer, answer_paid, asked_tab, bp
from pos.till.screens.machines import kick_for
from pos.till.tab import CARD, CASH


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
            terminal.ask(tab.card, tab.card_amount, settle_for_terminal)
    return _as_it_stands(tab_id)


def _as_it_stands(tab_id: str, payment: str = "") -> str:
    """Draw the sale that a bill became, or the bill."""
    with screens.store().reading() as conn:
        done = bill.sale_of_tab(screens.store(), conn, tab_id)
    if done is None:
        return answer(tab_id)
    screens.say(_("Card accepted, sale recorded"), icon="card")
    _warn(terminal.desk().despite.pop(payment, ""))
    return answer_paid(done)


def settle_for_terminal(payment: str, outcome: str, ref: str) -> None:
    """Write what the terminal said, and do what follows; nobody need be before the screen."""
    with screens.store().reading() as conn:
        row = tables.card(conn, payment)
    if row is None:
        return
    try:
        _settle(row, outcome, ref=paper_number(ref), source="terminal")
    except refusals.NoSuchCardPayment:
        # Somebody tired of waiting spoke first; the terminal may say something else.
        with screens.store().reading() as conn:
            row = tables.card(conn, payment)
        if row is not None and row["outcome"] != outcome:
            terminal.desk().against[payment] = outcome


def _settle(
    row: Any, outcome: str, *, ref: str = "", source: str = "operator", attempt: str = ""
) -> SaleCompleted | None:
    """Write what became of money on a card, and do what follows; return the sale it completed."""
    store, by = screens.store(), screens.clerk()
    if row["action"] != terminal.PAY:
        done = card_refund.settle_refund(store, row["payment"], outcome, ref=ref, source=source, by=by, attempt=attempt)
        if done is not None:
            after_refund(done)
        return None
    if outcome == card.ACCEPTED:
        cooking.tell(row["tab"])
    led = card.settle_card(store, row["payment"], outcome, ref=ref, source=source, by=by, attempt=attempt)
    if led.sale is not None:
        _after(led.sale)
        said = " ".join(one.what() for one in led.objections)
        _warn(said)
        if said and source == "terminal":
            # No screen listens in this thread: the one that waits says it.
            terminal.desk().despite[row["payment"]] = said
    return led.sale


def _warn(said: str) -> None:
    """Say what a rule had against a sale that the card had already paid."""
    if said:
        screens.say(
            _("The card has paid, it is recorded. But: %(said)s", said=said),
            tone="wait", icon="alert", remedy=_("Refund what cannot be given."),
        )  # fmt: skip


@bp.post("/bill/card/undo")
def card_undo() -> str:
    """Undo the last part payment of a bill, by card: written, then asked of the terminal."""
    tab_id = asked_tab()
    with suppress(AlreadyDone):
        started = card_refund.start_undo(screens.store(), tab_id, by=screens.clerk(), attempt=screens.attempt())
        terminal.ask(started.payment, started.amount, settle_for_terminal, started.action)
    return answer(tab_id)


@bp.get("/bill/card/<payment>/wait")
def card_wait(payment: str) -> Any:
    """Answer a waiting screen when the terminal answered, nothing when it did not: asked of memory."""
    was = request.args.get("was", "")
    said = terminal.desk().wait(payment, was)
    if said.outcome == terminal.ASKING and said.why == was:
        return Response("", 204)
    g.machines_changed = True
    tab_id = request.args.get("tab", "") or bill.held()
    with screens.store().reading() as conn:
        row = tables.card(conn, payment)
    if row is not None and row["outcome"]:
        say_outcome(row)
    return _as_it_stands(tab_id, payment)


@bp.post("/bill/card/<payment>/leave")
def card_leave(payment: str) -> str:
    """Wait no more: the question about the terminal's slip stands instead."""
    terminal.desk().leave(payment)
    return answer(asked_tab())


@bp.post("/bill/card/<payment>/<outcome>")
def card_settle(payment: str, outcome: str) -> str:
    """Say what the terminal answered."""
    tab_id = asked_tab()
    terminal.wait_for(payment)
    with screens.store().reading() as conn:
        row = tables.card(conn, payment)
    if row is None:
        raise refusals.NoSuchCardPayment
    try:
        sale = _settle(row, outcome, attempt=screens.attempt())
    except AlreadyDone as told:
        sale = sell.done_before(screens.store(), told).sale
    except refusals.NoSuchCardPayment:
        if not row["outcome"]:
            raise
        # The terminal spoke while the question stood: its word is on the screen.
        say_outcome(row)
        return _as_it_stands(tab_id)
    if sale is not None:
        return answer_paid(sale)
    say_outcome({**dict(row), "outcome": outcome})
    return answer(tab_id)


def _after(sale: SaleCompleted) -> None:
    """Open the drawer for a cash-back, print the note the law wants."""
    if sale.cashback:
        kick_for(_("Sale recorded, drawer open"), _("Sale recorded"))
    else:
        screens.say(_("Card accepted, sale recorded"), icon="card")
    paper.hand_over_note(sale)


def after_refund(done: SaleRefunded, *, by_hand: bool = False) -> None:
    """Take the invoice of a refunded ticket back in the same breath, open the drawer for its cash, say the rest."""
    invoicing.credit_refund(screens.store(), done.no, by=screens.clerk())
    card_part = -sum(payment.amount for payment in done.payments if payment.means == CARD)
    if any(payment.means == CASH for payment in done.payments):
        kick_for(_("Refunded, drawer open"), _("Refunded"))
    elif card_part and by_hand:
        screens.say(
            _("Recorded. Now type on the terminal: credit, %(amount)s.", amount=format_euros(card_part)),
            tone="wait", icon="card",
        )  # fmt: skip
    else:
        screens.say(
            _("Refunded on the card") if card_part else _("Refunded: give it back the way it came"), icon="undo"
        )


def say_outcome(row: Any) -> None:
    """Say what became of money on a card."""
    outcome, back = row["outcome"], row["action"] != terminal.PAY
    if back:
        said = {
            card.ACCEPTED: _("Part payment given back"), card.REFUSED: _("Refused by the terminal: nothing was given back"),
            card.CANCELLED: _("Given up: nothing was given back"),
        }  # fmt: skip
    else:
        said = {
            card.ACCEPTED: _("Part payment taken"), card.REFUSED: _("Card refused: nothing was taken"),
            card.CANCELLED: _("Card payment cancelled"),
        }  # fmt: skip
    screens.say(said[outcome], tone="good" if outcome == card.ACCEPTED else "wait", icon="card")


@bp.get("/cards")
def cards() -> str:
    """Show what went to a card and has no outcome: after a power cut, before closing (R15)."""
    against = terminal.desk().against
    with screens.store().reading() as conn:
        rows = [(tables.card(conn, payment), said) for payment, said in against.items()]
        return screens.draw("till/cards.html", cards=card.unsettled(conn), against=[one for one in rows if one[0]])


@bp.post("/cards/<payment>/seen")
def card_seen(payment: str) -> Any:
    """Somebody put right what the terminal said against the till: it need not be shown any more."""
    terminal.desk().against.pop(payment, None)
    return screens.go(url_for("till.cards"))


@bp.post("/cards/<payment>/<outcome>")
def card_settle_later(payment: str, outcome: str) -> Any:
    """Say afterwards what the terminal's own roll tells."""
    settle_by_clerk(payment, outcome)
    return screens.go(url_for("till.cards"))


def settle_by_clerk(payment: str, outcome: str) -> None:
    """Take the clerk's word for the terminal's; an answer given twice counts once."""
    terminal.wait_for(payment)
    with screens.store().reading() as conn:
        row = tables.card(conn, payment)
    if row is None:
        raise refusals.NoSuchCardPayment
    with suppress(AlreadyDone):
        sale = _settle(row, outcome, attempt=screens.attempt())
        if row["action"] == terminal.PAY:
            if sale is None:
                screens.say(_("Noted"), icon="card")
        elif outcome != card.ACCEPTED or row["tab"]:
            say_outcome({**dict(row), "outcome": outcome})
