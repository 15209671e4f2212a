"""The depot's account: stated by week or month at the commission of each day, then debited."""

from datetime import date, timedelta

from pos.engines import consignment
from pos.engines import consignment_tables as consigned
from pos.engines.consignment_events import StatementClosed
from pos.ids import paper_number
from pos.services.press import reading
from pos.services.press import refusals as no
from pos.services.press.events import StatementPaid
from pos.services.press.tables import OWNER
from pos.store import Store
from pos.till import sell
from pos.till.cash import third_party_move

MEANS = ("debit", "transfer", "cheque", "cash")


def period_end(period: str, today: str) -> str:
    """Return the last day of the last finished period: Sunday, end of month, or yesterday."""
    day = date.fromisoformat(today)
    back = {"week": day.weekday() + 1, "month": day.day}.get(period, 1)
    return (day - timedelta(days=back)).isoformat()


def close_statement(store: Store, *, last: str = "", by: str, attempt: str = "") -> StatementClosed:
    """State the depot's account up to `last` (the last finished period when left out); missing copies are charged.

    Raises NoContract, NothingToState.
    """
    if not last:
        with store.reading() as conn:
            today = reading.today_of(store)
            agreed = consigned.contract(conn, OWNER, today)
            last = period_end(agreed["period"], today) if agreed else today
    return consignment.close_statement(store, OWNER, last=last, by=by, attempt=attempt)


def pay_statement(
    store: Store,
    number: int,
    *,
    amount: int | None = None,
    means: str = "debit",
    ref: str = "",
    by: str,
    attempt: str = "",
) -> StatementPaid:
    """Note what the depot debited for a statement: as stated when no amount is given; a difference stays on the account.

    Raises NoSuchStatement, DrawerTooLow.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        row = reading.statement(tx.conn, number)
        if row is None or row["paid_on"] or means not in MEANS:
            raise no.NoSuchStatement(n=number)
        amount = row["due"] if amount is None else amount
        event = StatementPaid(
            number=number,
            amount=amount,
            difference=amount - row["due"],
            means=means,
            day=sell.require_day(tx),
            ref=paper_number(ref),
        )
        if amount:
            third_party_move(
                tx, OWNER, -amount, reason="settlement", means=means, ref=event.ref or f"statement {number}"
            )
        tx.record(event)
        return event
