"""What may be paid with what: the till's own means, and those a service brings (`Feature.means`).

Also the transaction of a sale: what refuses it is told to the parts that count refusals, apart from
the sale, which leaves no trace.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from pos.errors import AlreadyDone, Refusal
from pos.money import format_euros
from pos.store import Store, Writing
from pos.till import law
from pos.till import refusals as no
from pos.till.tab import CARD, CASH, MEAL_VOUCHER, MEANS, Tab, TabPayment, gross_of


@contextmanager
def selling(store: Store, *, by: str, attempt: str, tab_id: str = "") -> Iterator[Writing]:
    """Open the transaction of a payment; a refusal is passed on once every part was told."""
    try:
        with store.writing(by=by, attempt=attempt) as tx:
            yield tx
    except Refusal as refusal:
        for feature in store.features:
            if feature.refused is not None:
                # A trouble in counting must not hide why the sale was refused.
                with suppress(Refusal, AlreadyDone):
                    feature.refused(store, refusal, tab_id, by)
        raise


def checked_payment(
    tx: Writing, day: str, tab: Tab, means: str, *, amount: int | None = None, given: int | None = None, ref: str = ""
) -> TabPayment:
    """Return a payment done at once, all that is due when no amount is said.

    Raises NoSuchMeans, EmptyBill, PaidTooMuch, NotEnoughGiven, TooMuchCash, NoMealOnBill, TooMuchByVoucher, and what the
    service says of its means.
    """
    brought = tx.store.means.get(means)
    if (means not in MEANS and brought is None) or means == CARD:
        raise no.NoSuchMeans(means=means)
    require_something_due(tab)
    due = tab.due
    most = voucher_most(day, tab) if means == MEAL_VOUCHER and due > 0 else due
    if most == 0 < due:
        raise no.NoMealOnBill
    amount = min(most, given if given is not None else due) if amount is None else amount
    if brought is not None and amount > 0:
        ref = brought.check(tx.conn, day, tab, amount, ref)
    if amount < 0 or amount > due or (amount == 0 and due > 0):
        raise no.NotEnoughGiven(amount=format_euros(amount), due=format_euros(due))
    if amount > most:
        raise no.TooMuchByVoucher(most=format_euros(most))
    if means != CASH:
        owner = brought.owner if brought is not None else ""
        return TabPayment(means=means, amount=amount, ref=ref, before=amount < due, owner=owner)
    taken = amount + sum(p.amount for p in tab.payments if p.means == CASH)
    check_cash(day, taken)
    given = max(amount, given if given is not None else amount)
    return TabPayment(means=CASH, amount=amount, given=given, change=given - amount, before=amount < due)


def require_something_due(tab: Tab) -> None:
    """Raise EmptyBill when there is nothing to pay, PaidTooMuch when part payments are more than the bill."""
    if tab.due < 0:
        raise no.PaidTooMuch(paid=format_euros(tab.paid), over=format_euros(-tab.due))
    if not tab.lines:
        raise no.EmptyBill


def check_cash(day: str, cents: int) -> None:
    """Raise TooMuchCash beyond what may be paid in cash on `day` (R107: a dated figure)."""
    limit = law.value("cash.max_payment", day)
    if cents > limit:
        raise no.TooMuchCash(limit=format_euros(limit))


def voucher_most(day: str, tab: Tab) -> int:
    """Return what one person's meal vouchers may pay of what is due (R100): its meals, up to the day's cap."""
    meals = gross_of(tab, law.meal_classes(day)) - _by_vouchers(tab)
    return max(0, min(meals, tab.due, law.value("meal_voucher.daily_cap", day)))


def _by_vouchers(tab: Tab) -> int:
    return sum(payment.amount for payment in tab.payments if payment.means == MEAL_VOUCHER)


def vouchers_pay_meals(conn: sqlite3.Connection, day: str, tab: Tab) -> None:
    """Refuse a bill whose meals became less than its meal vouchers paid (`Feature.sale_rules`, R100)."""
    paid = _by_vouchers(tab)
    most = gross_of(tab, law.meal_classes(day)) if paid else 0
    if paid > most:
        raise no.VouchersBeyondMeals(paid=format_euros(paid), most=format_euros(most))


def member_to_record(tx: Writing, tab: Tab) -> str:
    """Return who was on the bill, or nothing when a part was paid by somebody who must stay unknown."""
    hidden = any(p.means in tx.store.means and tx.store.means[p.means].anonymous for p in tab.payments)
    return "" if hidden else tab.member
