"""Money going back on a card through the terminal: started on disk, asked once, recorded when it went back (R15, R48).

A refund the terminal refused leaves no ticket; one nobody is sure of stays open and is asked. A part payment of a
bill still open goes back the same way.
"""

import sqlite3
from collections.abc import Sequence

from pos.ids import new_id
from pos.store import Store, Writing
from pos.till import refund, sell, tables
from pos.till import refusals as no
from pos.till.card import ACCEPTED, CANCELLED, REFUSED
from pos.till.card_events import CardRefundStarted, RefundPart
from pos.till.events import CardPaymentSettled, PaymentUndone, SaleRefunded
from pos.till.refund import Prepared
from pos.till.tab import CARD, Tab

REFUND, CANCEL = "refund", "cancel"


def start_refund(
    store: Store, number: int, *, reason: str, lines: Sequence[tuple[int, int]] | None = None, means: str = "",
    by: str, attempt: str = "",
) -> CardRefundStarted | SaleRefunded:  # fmt: skip
    """Commit that money of ticket `number` is about to go back on a card; only then is the terminal asked.

    A refund with no card in it is recorded at once. Raises what `refund.refund_sale` raises.
    """
    if reason not in refund.REASONS:
        raise no.ReasonMissing
    with store.writing(by=by, attempt=attempt) as tx:
        day = sell.require_day(tx)
        found = refund.prepare(tx, day, number, lines=lines, means=means)
        amount = -sum(payment.amount for payment in found.payments if payment.means == CARD)
        if amount <= 0:
            return refund.record(tx, day, found, reason)
        event = CardRefundStarted(
            payment=new_id(tx.now), amount=amount, action=_action(tx, day, found), day=day, no=number, reason=reason,
            parts=[RefundPart(place=at, quantity=-line.quantity) for at, line in zip(found.places, found.lines, strict=True)],
            payments=found.payments,
        )  # fmt: skip
        tx.record(event)
        return event


def _action(tx: Writing, day: str, found: Prepared) -> str:
    """Return `cancel` for the one card payment of today that goes back whole, cash-back apart; else `refund`.

    What the terminal did not undo once is asked as a credit the next time.
    """
    paid, back = found.sale.payments, found.payments
    whole = len(paid) == len(back) == 1 and paid[0].means == CARD == back[0].means and back[0].amount == -paid[0].amount
    today = found.sale.day == day and not found.sale.cashback
    return CANCEL if whole and today and not tables.cancel_refused(tx.conn, found.sale.no) else REFUND


def settle_refund(
    store: Store, payment: str, outcome: str, *, ref: str = "", source: str = "operator", by: str, attempt: str = ""
) -> SaleRefunded | None:
    """Say whether the money went back: `accepted` records the refund or the undone part; else nothing was given.

    Raises NoSuchCardPayment when it is settled.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        row = tables.card(tx.conn, payment)
        if row is None or row["outcome"] or outcome not in (ACCEPTED, REFUSED, CANCELLED):
            raise no.NoSuchCardPayment
        started = store.event(tx.conn, row["seq"]).event if row["seq"] else None
        if not isinstance(started, CardRefundStarted):
            raise no.NoSuchCardPayment
        tx.record(CardPaymentSettled(payment=payment, outcome=outcome, source=source, ref=ref[:24]))
        if started.tab:
            _part_settled(tx, started, outcome == ACCEPTED)
            return None
        if outcome != ACCEPTED:
            return None
        lines = [(part.place, part.quantity) for part in started.parts]
        found = refund.agreed(tx, started.no, lines=lines, payments=started.payments)
        return refund.record(tx, sell.day_of_money(tx), found, started.reason)


def start_undo(store: Store, tab_id: str, *, by: str, attempt: str = "") -> CardRefundStarted:
    """Commit that the last part payment of a bill, by card, is about to be undone on the terminal."""
    with store.writing(by=by, attempt=attempt) as tx:
        day = sell.require_day(tx)
        tab = sell.free_bill(tx, tab_id)
        last = tab.payments[-1] if tab.payments else None
        if last is None or last.means != CARD:
            raise no.NoSuchLine
        event = CardRefundStarted(
            payment=new_id(tx.now), amount=last.amount + last.cashback, action=CANCEL, day=day, tab=tab_id
        )
        tx.record(event)
        tab.card, tab.card_amount = event.payment, event.amount
        sell.keep(tx, tab)
        return event


def _part_settled(tx: Writing, started: CardRefundStarted, went_back: bool) -> None:
    """Take the part payment off its bill, or leave it there."""
    tab: Tab | None = sell.current_tab(tx.conn, started.tab)
    if tab is None:
        return
    tab.card, tab.card_amount = "", 0
    last = tab.payments[-1] if tab.payments else None
    if went_back and last is not None and last.means == CARD:
        tab.payments.pop()
        tx.record(PaymentUndone(tab=tab.tab_id, means=CARD, amount=last.amount, day=sell.day_label(tx)))
    sell.keep(tx, tab)


def unsettled(conn: sqlite3.Connection) -> list[str]:
    """Return what is going back on a card for a ticket, its outcome not said yet."""
    return [row["payment"] for row in tables.unsettled_cards(conn) if row["no"]]
