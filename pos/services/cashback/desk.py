"""Cash with a card purchase: asked for before the payment, checked against the law and the drawer.

    propose --> (the card bears purchase + cash) --> the sale says it --> the cash leaves the drawer
       ^  withdraw

The same rule stands before the card amount is shown and before the sale is written, whatever the
way in; once the terminal said yes the money has moved, so only what can still be put right refuses.
"""

import sqlite3

from pos.clock import parse_day
from pos.money import format_euros
from pos.services.cashback import refusals as no
from pos.services.cashback.events import LimitsSet
from pos.services.cashback.limits import Limits, in_force, legal
from pos.store import Store, Writing
from pos.till import card, sell, tables
from pos.till import refusals as till_no
from pos.till.tab import CARD, CASH, Tab

# All other means are cheques, titles, vouchers or prepaid: the law keeps them away from cash-back (R93.4).
BESIDE = (CARD, CASH)
# Amounts a screen proposes at once: one key each.
KEYS_MAX = 6


def propose(store: Store, tab_id: str, amount: int, *, private_use: bool = True, by: str, attempt: str = "") -> Tab:
    """Agree to give `amount` cents in cash with the card payment of a bill, at the customer's request.

    A card amount already shown is cancelled and shown anew with the cash. Raises ProfessionalUse,
    AfterPayment, NotOffered, PurchaseTooSmall, TooMuchCashBack, WrongStep, NotWithTheseMeans,
    DrawerCannot, DayNotOpen.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        day = sell.require_day(tx)
        tab = _before_payment(tx, tab_id)
        if not private_use:
            raise no.ProfessionalUse
        _check_cash(tx.conn, day, amount)
        _check_means(tab)
        _check_purchase(tx.conn, day, _card_part(tx.conn, tab))
        card.change_cashback(tx, tab, amount, day)
        return tab


def withdraw(store: Store, tab_id: str, *, by: str, attempt: str = "") -> Tab:
    """Take the cash off a bill again. Raises AfterPayment, DayNotOpen."""
    with store.writing(by=by, attempt=attempt) as tx:
        day = sell.require_day(tx)
        tab = _before_payment(tx, tab_id)
        if tab.cashback:
            card.change_cashback(tx, tab, 0, day)
        return tab


def _before_payment(tx: Writing, tab_id: str) -> Tab:
    """Return a bill whose cash-back may still change."""
    tab = sell.current_tab(tx.conn, tab_id)
    if tab is None:
        raise no.AfterPayment if tables.ticket_of_tab(tx.conn, tab_id) else till_no.NoSuchBill
    if tab.cashback_borne:
        raise no.AfterPayment
    if not tab.lines:
        raise till_no.EmptyBill
    return tab


def _card_part(conn: sqlite3.Connection, tab: Tab) -> int:
    """Return what the card will pay of the purchase: what is shown for the terminal, else all that is due."""
    shown = tables.card(conn, tab.card) if tab.card else None
    return shown["amount"] - shown["cashback"] if shown is not None else tab.due


def may_be_paid(conn: sqlite3.Connection, day: str, tab: Tab) -> None:
    """Refuse a sale, or a card payment about to start, whose cash-back the law or the drawer forbids.

    The rule of every sale (`Feature.sale_rules`).
    """
    if not tab.cashback:
        return
    _check_means(tab)
    bearing = [payment for payment in tab.payments if payment.cashback]
    if any(payment.ref for payment in bearing):
        return  # the terminal said yes: customer and bank hold the café to it
    if bearing:
        part = bearing[0].amount
    elif tab.card:
        part = tab.card_amount - tab.cashback
    else:
        raise no.ByCardOnly(amount=format_euros(tab.cashback))
    _check_purchase(conn, day, part)
    _check_cash(conn, day, tab.cashback)


def _check_means(tab: Tab) -> None:
    if any(payment.means not in BESIDE for payment in tab.payments):
        raise no.NotWithTheseMeans


def _check_purchase(conn: sqlite3.Connection, day: str, part: int) -> None:
    least = in_force(conn, day).min_purchase
    if part < least:
        raise no.PurchaseTooSmall(least=format_euros(least), amount=format_euros(part))


def _check_cash(conn: sqlite3.Connection, day: str, amount: int) -> None:
    limits = in_force(conn, day)
    if not limits.offered:
        raise no.NotOffered
    if amount > limits.max_cash:
        raise no.TooMuchCashBack(amount=format_euros(amount), most=format_euros(limits.max_cash))
    if amount <= 0 or amount % limits.step:
        raise no.WrongStep(step=format_euros(limits.step), amount=format_euros(amount))
    most = spare_cash(conn, day, limits)
    if amount > most:
        raise no.DrawerCannot(reserve=format_euros(limits.reserve), most=format_euros(most - most % limits.step))


def spare_cash(conn: sqlite3.Connection, day: str, limits: Limits) -> int:
    """Return what the drawer holds above its reserve; it may be nothing, never less (R98)."""
    return max(0, tables.drawer_expected(conn, day) - limits.reserve)


def amounts(conn: sqlite3.Connection, day: str, tab: Tab | None = None) -> list[int]:
    """Return the amounts that could be given now, smallest first: none when none may be."""
    limits = in_force(conn, day)
    if tab is not None and (
        tab.cashback_borne
        or any(payment.means not in BESIDE for payment in tab.payments)
        or _card_part(conn, tab) < limits.min_purchase
    ):
        return []
    most = min(limits.max_cash, spare_cash(conn, day, limits))
    every = list(range(limits.step, most + 1, limits.step))
    # Small steps: tens first, they are notes.
    notes = [cents for cents in every if cents % 1_000 == 0]
    return (every if len(every) <= KEYS_MAX else notes or every)[:KEYS_MAX]


def set_limits(
    store: Store, *, min_purchase: int, max_cash: int, step: int, reserve: int, valid_from: str = "",
    source: str = "cafe", by: str, attempt: str = "",
) -> LimitsSet:  # fmt: skip
    """Set the café's own limits from `valid_from` on (today when left out); `max_cash` 0 offers none.

    Raises ManagerNeeded, OutsideTheLaw, BadLimits.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        if tables.role_of(tx.conn, by) != "manager":
            raise till_no.ManagerNeeded
        valid_from = _day(valid_from) if valid_from else tx.today
        _check_limits(min_purchase, max_cash, step, reserve, valid_from)
        event = LimitsSet(
            min_purchase=min_purchase, max_cash=max_cash, step=step, reserve=reserve, valid_from=valid_from,
            source=source[:24],
        )  # fmt: skip
        tx.record(event)
        return event


def _day(text: str) -> str:
    try:
        return parse_day(text).isoformat()
    except ValueError:
        raise no.BadLimits from None


def _check_limits(min_purchase: int, max_cash: int, step: int, reserve: int, valid_from: str) -> None:
    law = legal(valid_from)
    if min_purchase < law.min_purchase or max_cash > law.max_cash:
        raise no.OutsideTheLaw(least=format_euros(law.min_purchase), most=format_euros(law.max_cash))
    if step <= 0 or reserve < 0 or max_cash < 0 or max_cash % step:
        raise no.BadLimits
