"""Card payments in two steps: started on disk, then shown; settled by what the terminal said (R15).

An outcome nobody knows stays open and is asked again at the next start; it is never guessed.
"""

import sqlite3

from pos.ids import new_id
from pos.money import format_euros
from pos.store import Store, Writing
from pos.till import refusals as no
from pos.till import sell, tables, weight
from pos.till.events import CardPaymentSettled, CardPaymentStarted
from pos.till.means import require_something_due, selling
from pos.till.sell import Outcome
from pos.till.tab import CARD, Tab, TabPayment

ACCEPTED, REFUSED, CANCELLED = "accepted", "refused", "cancelled"


def start_card(store: Store, tab_id: str, *, amount: int | None = None, by: str, attempt: str = "") -> Tab:
    """Commit that a card payment starts; only then may its amount be shown.

    `amount` is the part of the bill to pay by card (all that is due when left out). A cash-back
    agreed on the bill comes on top. Raises EmptyBill, PaidTooMuch, CardPending, NotEnoughGiven,
    TooManyParts, UnknownVatClass, and what a rule of the sale says.
    """
    with selling(store, by=by, attempt=attempt, tab_id=tab_id) as tx:
        day = sell.require_day(tx)
        tab = sell.current_tab(tx.conn, tab_id)
        if tab is None:
            paid = tables.ticket_of_tab(tx.conn, tab_id)
            raise no.AlreadyPaid(no=paid["no"]) if paid else no.NoSuchBill
        if tab.card:
            return tab
        require_something_due(tab)
        part = tab.due if amount is None else amount
        if not 0 < part <= tab.due:
            raise no.NotEnoughGiven(amount=format_euros(part), due=format_euros(tab.due))
        if part < tab.due:
            weight.require_room_to_pay(tx, tab)
        _begin(tx, tab, part, day)
        return tab


def _begin(tx: Writing, tab: Tab, part: int, day: str) -> None:
    """Record that a card payment of `part` starts, with the cash-back no other payment bore."""
    cashback = tab.cashback - tab.cashback_borne
    tab.card, tab.card_amount = new_id(tx.now), part + cashback
    for feature in tx.features:
        for rule in feature.sale_rules:
            rule(tx.conn, day, tab)
    # What has no VAT class is refused now: not once the money has moved.
    weight.priced(tx, tab)
    tx.record(CardPaymentStarted(payment=tab.card, tab=tab.tab_id, amount=tab.card_amount, cashback=cashback, day=day))
    sell.keep(tx, tab)


def change_cashback(tx: Writing, tab: Tab, cashback: int, day: str) -> None:
    """Agree on another cash-back, before the payment.

    An amount already shown for the terminal is cancelled and shown anew: nobody paid it yet.
    """
    shown = tables.card(tx.conn, tab.card) if tab.card else None
    tab.cashback, tab.cashback_asked_at = cashback, tx.now if cashback else 0
    if shown is None:
        sell.keep(tx, tab)
        return
    if shown["action"] != "pay":
        raise no.CardPending(amount=format_euros(tab.card_amount))
    tx.record(CardPaymentSettled(payment=tab.card, outcome=CANCELLED, source="cashback"))
    _begin(tx, tab, shown["amount"] - shown["cashback"], day)


def settle_card(
    store: Store, payment: str, outcome: str, *, ref: str = "", source: str = "operator", by: str, attempt: str = ""
) -> Outcome:
    """Say what became of a card payment: `accepted`, `refused` or `cancelled`.

    Accepted completes the sale when nothing else is due, whatever rules say meanwhile: the money has moved, and their
    objections come back with it. Raises NoSuchCardPayment when it is settled.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        row = tables.card(tx.conn, payment)
        if row is None or row["outcome"] or row["action"] != "pay" or outcome not in (ACCEPTED, REFUSED, CANCELLED):
            raise no.NoSuchCardPayment
        tx.record(CardPaymentSettled(payment=payment, outcome=outcome, source=source, ref=ref[:24]))
        tab = sell.current_tab(tx.conn, row["tab"])
        if tab is None:
            return Outcome()
        tab.card, tab.card_amount = "", 0
        if outcome != ACCEPTED:
            sell.keep(tx, tab)
            return Outcome(tab=tab)
        part = TabPayment(means=CARD, amount=row["amount"] - row["cashback"], ref=payment, cashback=row["cashback"])
        if part.amount < tab.due:
            tab.payments.append(part)
            sell.keep(tx, tab)
            return Outcome(tab=tab)
        part.before = False
        return sell.complete(tx, tab, part, borne=True)


def unsettled(conn: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return card payments to ask the clerk about: after a power cut, before closing."""
    return tables.unsettled_cards(conn)
