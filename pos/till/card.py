"""Card payments in two steps: started on disk, then shown; settled by what the terminal said (R15).

An outcome nobody knows stays open and is asked again at the next start; it is never guessed.
"""

import sqlite3

from pos.ids import new_id
from pos.money import format_euros
from pos.store import Store
from pos.till import refusals as no
from pos.till import sell, tables
from pos.till.events import CardPaymentSettled, CardPaymentStarted
from pos.till.sell import Outcome
from pos.till.tab import CARD, Tab, TabPayment

ACCEPTED, REFUSED, CANCELLED = "accepted", "refused", "cancelled"


def start_card(store: Store, tab_id: str, *, amount: int | None = None, by: str, attempt: str = "") -> Tab:
    """Commit that a card payment starts; only then may its amount be shown.

    `amount` is the part of the bill to pay by card (all that is due when left out). A cash-back
    agreed on the bill comes on top. Raises EmptyBill, CardPending, NotEnoughGiven.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        day = sell.require_day(tx)
        tab = sell.current_tab(tx.conn, tab_id)
        if tab is None:
            paid = tables.ticket_of_tab(tx.conn, tab_id)
            raise no.AlreadyPaid(no=paid["no"]) if paid else no.NoSuchBill
        if tab.card:
            return tab
        if not tab.lines:
            raise no.EmptyBill
        part = tab.due if amount is None else amount
        if not 0 < part <= tab.due:
            raise no.NotEnoughGiven(amount=format_euros(part), due=format_euros(tab.due))
        for feature in tx.features:
            for rule in feature.sale_rules:
                rule(tx.conn, day, tab)
        tab.card, tab.card_amount = new_id(tx.now), part + tab.cashback
        tx.record(
            CardPaymentStarted(payment=tab.card, tab=tab.tab_id, amount=tab.card_amount, cashback=tab.cashback, day=day)
        )
        sell.keep(tx, tab)
        return tab


def settle_card(
    store: Store, payment: str, outcome: str, *, ref: str = "", source: str = "operator", by: str, attempt: str = ""
) -> Outcome:
    """Say what became of a card payment: `accepted`, `refused` or `cancelled`.

    Accepted completes the sale when nothing else is due. Raises NoSuchCardPayment when it is settled.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        row = tables.card(tx.conn, payment)
        if row is None or row["outcome"] or outcome not in (ACCEPTED, REFUSED, CANCELLED):
            raise no.NoSuchCardPayment
        tx.record(CardPaymentSettled(payment=payment, outcome=outcome, source=source, ref=ref[:24]))
        tab = sell.current_tab(tx.conn, row["tab"])
        if tab is None:
            return Outcome()
        tab.card, tab.card_amount = "", 0
        if outcome != ACCEPTED:
            sell.keep(tx, tab)
            return Outcome(tab=tab)
        part = TabPayment(means=CARD, amount=row["amount"] - row["cashback"], ref=payment)
        if part.amount < tab.due:
            tab.payments.append(part)
            sell.keep(tx, tab)
            return Outcome(tab=tab)
        part.before = False
        return sell.complete(tx, tab, part)


def unsettled(conn: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return card payments to ask the clerk about: after a power cut, before closing."""
    return tables.unsettled_cards(conn)
