"""Who pays: prices, partners with their month, claims as tickets without payment, the bill of a person.

A claim is a sale (turnover and VAT, services.md B.16) borne by the partner's account `funder:<code>`:
below zero it owes the café. No drawer is touched until the partner pays.
"""

import sqlite3
from collections import Counter

from pos.ids import new_id
from pos.money import format_euros
from pos.services.meals import events as ev
from pos.services.meals import reading, rules, words
from pos.services.meals import refusals as no
from pos.services.meals.schema import (
    BILL,
    CLAIM,
    DELIVERY_PRODUCT,
    HOME,
    MEAL_PRODUCT,
    MEANS,
    OFFERED_PRODUCT,
    OWNER,
)  # fmt: skip
from pos.store import Store, Writing
from pos.till import cash, catalogue, sell
from pos.till import means as paying
from pos.till import refusals as till_no
from pos.till import tables as till
from pos.till.events import ProductListed
from pos.till.people import need_manager
from pos.till.tab import CASH, Tab, TabPayment

PAID_BY = tuple(words.MEANS)
# What a partner gave in cash since it was last asked for money: each claim is a debt of its own (R107).
_IN_CASH = """SELECT coalesce(sum(amount), 0) FROM meal_paid WHERE funder = ? AND means = 'cash'
AND seq > coalesce((SELECT max(t.seq) FROM meal_claim c JOIN till_ticket t ON t.no = c.ticket WHERE c.funder = ?), -1)"""


def set_terms(
    store: Store, *, meal_price: int, delivery_price: int = 0, cut_off: str = rules.CUT_OFF, by: str, attempt: str = ""
) -> None:
    """Set the price of a meal and of its delivery from today on, and the hour of the day before to order.

    Both become articles of the menu: the ticket has two lines, because only delivery may give a tax
    credit. Raises ManagerNeeded, BadTerms.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        need_manager(tx)
        hour = rules.hour_of(cut_off)
        if not 0 < meal_price <= rules.PRICE_MAX or not 0 <= delivery_price <= rules.PRICE_MAX:
            raise no.BadTerms(value=format_euros(meal_price))
        _list(tx, MEAL_PRODUCT, words.article(MEAL_PRODUCT), meal_price)
        _list(tx, DELIVERY_PRODUCT, words.article(DELIVERY_PRODUCT), delivery_price)
        tx.record(ev.TermsSet(valid_from=tx.today, meal_price=meal_price, delivery_price=delivery_price, cut_off=hour))


def _list(tx: Writing, product: str, label: str, price: int, *, open_price: bool = False) -> None:
    """Put an article on the menu; the VAT class the café chose for it stays (R75: chilled trays are argued)."""
    old = till.product(tx.conn, product)
    catalogue.put_on_menu(
        tx,
        ProductListed(
            product=product, label=old["label"] if old else label, category="meals", price=price,
            vat_class=old["vat_class"] if old else "meal", open_price=open_price, takeaway=True, icon="plate",
        ),
    )  # fmt: skip


def set_funder(
    store: Store,
    *,
    funder: str,
    label: str,
    quota: int,
    price: int,
    month: str = "",
    target: int = 0,
    by: str,
    attempt: str = "",
) -> None:
    """Note what a partner pays from a month on (this one when left out): quota a month, price of a meal.

    Raises ManagerNeeded, BadTerms, QuotaBelowUsed.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        need_manager(tx)
        code, label = catalogue.slug(funder), " ".join(label.split())[:40]
        first = rules.month_of(month or tx.today)
        if (
            not label
            or not 0 <= quota <= rules.QUOTA_MAX
            or not 0 <= target <= quota
            or not 0 < price <= rules.PRICE_MAX
        ):
            raise no.BadTerms(value=label or str(quota))
        _quota_holds(tx, code, first, quota)
        _list(tx, OFFERED_PRODUCT, words.article(OFFERED_PRODUCT), price, open_price=True)
        tx.record(ev.FunderSet(funder=code, label=label, month=first, quota=quota, price=price, target=target))


def _quota_holds(tx: Writing, code: str, first: str, quota: int) -> None:
    """Refuse a quota below what months from `first` on, up to the next agreement, already promise."""
    after = tx.conn.execute(
        "SELECT min(month) FROM meal_funder WHERE funder = ? AND month > ?", (code, first)
    ).fetchone()[0]
    months = tx.conn.execute(
        "SELECT DISTINCT substr(for_day, 1, 7) FROM meal_meal WHERE funder = ? AND for_day >= ? ORDER BY 1",
        (code, f"{first}-01"),
    ).fetchall()
    for (month,) in months:
        n = rules.promised(tx.conn, code, month)
        if n > quota and (after is None or month < after):
            raise no.QuotaBelowUsed(n=n, month=rules.said_month(month))


def claim_month(store: Store, *, funder: str, month: str, by: str, attempt: str = "") -> ev.MonthClaimed:
    """State what a partner owes for a month: meals delivered or served, each once; late words join the next claim.

    Raises NoSuchFunder, MonthNotOver, NothingToClaim, DayNotOpen.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        day, span = sell.require_day(tx), rules.month_of(month)
        row = rules.funder(tx.conn, funder, span)
        if row is None:
            raise no.NoSuchFunder(funder=funder[:24], month=rules.said_month(span))
        if tx.today < rules.last_day(span):
            raise no.MonthNotOver(month=words.month(span))
        meals = [one["meal"] for one in reading.claimable(tx.conn, funder, span)]
        if not meals:
            raise no.NothingToClaim(month=words.month(span))
        claim, number = (
            new_id(tx.now),
            int(tx.conn.execute("SELECT coalesce(max(number), 0) + 1 FROM meal_claim").fetchone()[0]),
        )
        tab = sell.new_tab(tx)
        at = reading.claimed_at(tx.conn, funder, span)
        for price, n in at.items():
            line = sell.put_product(tx, tab, OFFERED_PRODUCT, quantity=1000 * n, unit_price=price)
            line.label, line.ref = f"{line.label} {rules.said_month(span)}"[:60], CLAIM + claim
        paid = TabPayment(means=MEANS, amount=tab.total, owner=OWNER + funder, ref=f"M-{number}", before=False)
        sale = sell.complete(tx, tab, paid, served=False).sale
        assert sale is not None  # complete() returns the sale, or raises
        event = ev.MonthClaimed(
            claim=claim, number=number, funder=funder, month=span, meals=meals, price=row["price"], amount=sale.total,
            ticket=sale.no, day=day[:10],
            at=[ev.ClaimedAt(price=price, meals=n) for price, n in at.items()] if len(at) > 1 else [],
        )  # fmt: skip
        tx.record(event)
        return event


def receive_payment(
    store: Store, *, funder: str, amount: int, means: str = "transfer", ref: str = "", by: str, attempt: str = ""
) -> None:
    """Note that a partner paid what it owes, all or part. Raises NotOwedByFunder, NotAnOutcome, TooMuchCash, DayNotOpen."""
    with store.writing(by=by, attempt=attempt) as tx:
        if means not in PAID_BY:
            raise no.NotAnOutcome(value=means[:24])
        day = sell.require_day(tx)
        owes = -till.third_parties(tx.conn).get(OWNER + funder, 0)
        if not 0 < amount <= owes:
            row = rules.funder(tx.conn, funder, tx.today)
            raise no.NotOwedByFunder(
                funder=row["label"] if row else funder[:24],
                owed=format_euros(max(0, owes)),
                amount=format_euros(amount),
            )
        if means == CASH:
            paying.check_cash(tx.today, amount + int(tx.conn.execute(_IN_CASH, (funder, funder)).fetchone()[0]))
        paper = "".join(ref.split())[:24]
        cash.third_party_move(tx, OWNER + funder, amount, reason="meals_paid", means=means, ref=paper)
        tx.record(ev.ClaimPaid(funder=funder, amount=amount, means=means, day=day[:10], ref=paper))


def bill(store: Store, beneficiary: str, *, tab_id: str = "", by: str, attempt: str = "") -> Tab:
    """Put a person's unpaid meals on a bill: a line of meals and one of deliveries for each price they had.

    Raises NoSuchBeneficiary, PricesMissing, NothingToPay, DayNotOpen, AlreadyPaid, CardPending.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        sell.require_day(tx)
        reading.person(tx.conn, beneficiary)
        if not rules.terms(tx.conn, tx.today).meal_price:
            raise no.PricesMissing
        meals, ref = reading.unpaid(tx.conn, beneficiary, tx.today), BILL + beneficiary
        if not meals or any(line.ref == ref for tab in sell.open_tabs(tx.conn) for line in tab.lines):
            raise no.NothingToPay
        tab = _a_bill(tx, tab_id)
        agreed = [(rules.prices_of(tx.conn, row["for_day"], tx.today), row["place"] == HOME) for row in meals]
        cooked = Counter(then.meal_price for then, _home in agreed)
        carried = Counter(then.delivery_price for then, home in agreed if home and then.delivery_price)
        for product, at in ((MEAL_PRODUCT, cooked), (DELIVERY_PRODUCT, carried)):
            for price, n in at.items():
                sell.put_product(tx, tab, product, quantity=1000 * n, unit_price=price).ref = ref
        sell.keep(tx, tab)
        return tab


def _a_bill(tx: Writing, tab_id: str) -> Tab:
    tab = sell.current_tab(tx.conn, tab_id) if tab_id else None
    if tab is None:
        paid = till.ticket_of_tab(tx.conn, tab_id) if tab_id else None
        if paid:
            raise till_no.AlreadyPaid(no=paid["no"])
        return sell.new_tab(tx, tab_id)
    if tab.card:
        raise till_no.CardPending(amount=format_euros(tab.card_amount))
    return tab


def meals_are_due(conn: sqlite3.Connection, day: str, tab: Tab) -> None:
    """Refuse to be paid for more of a person's meals than wait to be paid (`Feature.sale_rules`)."""
    paid: Counter[str] = Counter()
    for line in tab.lines:
        if line.product == MEAL_PRODUCT and line.ref.startswith(BILL):
            paid[line.ref.removeprefix(BILL)] += line.quantity
    for beneficiary, quantity in paid.items():
        n = len(reading.unpaid(conn, beneficiary, day))
        if quantity > 1000 * n:
            raise no.MealsNotDue(n=n)


def claim_goes_back_whole(conn: sqlite3.Connection, day: str, sale: object, lines: object, payments: object) -> None:
    """Refuse to take back a part of a claim, or to pay it out (`Feature.refund_rules`)."""
    taken = [line for line in lines if line.ref.startswith(CLAIM)]  # type: ignore[attr-defined]
    if not taken:
        return
    whole = sum(line.quantity for line in sale.lines) == -sum(line.quantity for line in lines)  # type: ignore[attr-defined]
    if not whole or any(not payment.owner for payment in payments):  # type: ignore[attr-defined]
        raise no.ClaimIsWhole
