"""Who may pay what with an account, a slate, a voucher, the fund or local notes (`Feature.means`).

Parts taken on bills still open are counted as spent, so that two bills never share one euro.
"""

import sqlite3
from dataclasses import dataclass
from typing import Any

from pos.feature import Means
from pos.money import format_euros
from pos.services.accounts import refusals as no
from pos.services.accounts import tables
from pos.services.accounts.tables import (
    GIFT,
    GIVEN,
    LOCAL,
    OWNERS,
    PAY_BACK,
    PREPAID,
    SLATE,
    SUSPENDED,
    TOP_UP,
    VOUCHER,
)
from pos.till import sell
from pos.till.tab import Tab, TabLine

Conn = sqlite3.Connection


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a slate goes, when it is old, what a suspended coffee costs, how long a voucher holds."""

    person_ceiling: int = 5_000
    cafe_ceiling: int = 30_000
    alert_days: int = 30
    coffee_price: int = 130
    voucher_months: int = tables.VOUCHER_MONTHS


_IN_FORCE = """SELECT person_ceiling, cafe_ceiling, alert_days, coffee_price, voucher_months FROM accounts_limits
WHERE valid_from <= ? ORDER BY valid_from DESC, seq DESC LIMIT 1"""
# The four articles that money paid ahead or back goes through.
TOP_UP_ARTICLE, PAY_BACK_ARTICLE, VOUCHER_ARTICLE, GIVEN_ARTICLE = (
    "prepaid_top_up",
    "slate_pay_back",
    "gift_voucher",
    "suspended_coffee",
)
ARTICLES = {TOP_UP_ARTICLE: TOP_UP, PAY_BACK_ARTICLE: PAY_BACK, VOUCHER_ARTICLE: VOUCHER, GIVEN_ARTICLE: GIVEN}


def in_force(conn: Conn, day: str) -> Limits:
    """Return the café's settings on `day`."""
    row = conn.execute(_IN_FORCE, (day[:10],)).fetchone()
    return Limits(*row) if row is not None else Limits()


def open_account(conn: Conn, person: str) -> sqlite3.Row:
    """Return a person's account; raise NoSuchAccount."""
    row = tables.account(conn, person) if person else None
    if row is None or row["closed"]:
        raise no.NoSuchAccount
    return row


def pledged(conn: Conn, what: str, ref: str | None, tab: Tab | None) -> int:
    """Return what open bills already took by a means: `tab` as it is in hand, the others as kept."""
    bills = [other for other in sell.open_tabs(conn) if tab is None or other.tab_id != tab.tab_id]
    return sum(
        p.amount
        for bill in ([*bills, tab] if tab is not None else bills)
        for p in bill.payments
        if p.owner == what and ref in (None, p.ref)
    )


def on_a_bill(conn: Conn, person: str) -> bool:
    """Tell whether an open bill pays with a person's account, or pays into it."""
    return any(
        any(p.owner in (PREPAID, SLATE) and p.ref == person for p in bill.payments)
        or any(line.ref in (TOP_UP + person, PAY_BACK + person) for line in bill.lines)
        for bill in sell.open_tabs(conn)
    )


def available(conn: Conn, what: str, ref: str, tab: Tab | None = None) -> int:
    """Return what an account, a voucher or the fund can still pay."""
    return tables.balance_of(conn, what, ref) - pledged(conn, what, ref, tab)


def _mine(line: TabLine) -> bool:
    return line.product in ARTICLES


def payable(tab: Tab, means: str) -> int:
    """Return how much of a bill a means may bear: never money paid ahead; on a slate, neither alcohol nor dues."""
    lines = [line for line in tab.lines if not _mine(line)]
    if means == SLATE:
        lines = [line for line in lines if line.vat_class != "alcohol" and line.role != "dues"]
    return sum(line.gross for line in lines)


def _borne(tab: Tab, means: str = "") -> int:
    return sum(p.amount for p in tab.payments if p.owner in ((means,) if means else OWNERS))


def _lines_allow(tab: Tab, means: str, amount: int) -> None:
    """Refuse what the lines of the bill forbid, with `amount` more by `means`."""
    # More than is due is another refusal, the till's own.
    amount = min(amount, tab.due)
    if _borne(tab) + amount > payable(tab, PREPAID):
        raise no.NotByAccount
    if means == SLATE and _borne(tab, SLATE) + amount > payable(tab, SLATE):
        raise no.AlcoholOnSlate(most=format_euros(max(0, payable(tab, SLATE) - _borne(tab, SLATE))))


def _prepaid(conn: Conn, day: str, tab: Tab, amount: int, ref: str) -> str:
    row = open_account(conn, ref or tab.member)
    _lines_allow(tab, PREPAID, amount)
    left = available(conn, PREPAID, row["person"], tab)
    if amount > left:
        raise no.NotEnoughOnAccount(left=format_euros(left), amount=format_euros(amount))
    return str(row["person"])


def _slate(conn: Conn, day: str, tab: Tab, amount: int, ref: str) -> str:
    row = open_account(conn, ref or tab.member)
    if not row["slate_allowed"]:
        raise no.NoSlate
    _lines_allow(tab, SLATE, amount)
    limits = in_force(conn, day)
    would = row["slate"] + pledged(conn, SLATE, row["person"], tab) + amount
    ceiling = row["ceiling"] or limits.person_ceiling
    if would > ceiling:
        raise no.SlateTooHigh(would=format_euros(would), ceiling=format_euros(ceiling))
    together = tables.sum_of(conn, SLATE) + pledged(conn, SLATE, None, tab) + amount
    if together > limits.cafe_ceiling:
        raise no.SlatesTooHigh(would=format_euros(together), ceiling=format_euros(limits.cafe_ceiling))
    return str(row["person"])


def _gift(conn: Conn, day: str, tab: Tab, amount: int, ref: str) -> str:
    row = tables.voucher(conn, ref.strip().upper())
    if row is None or not row["sold"]:
        raise no.NoSuchVoucher(code=ref[:20])
    if row["until"] < day[:10]:
        raise no.VoucherExpired(until="/".join(reversed(row["until"].split("-"))))
    _lines_allow(tab, GIFT, amount)
    left = available(conn, GIFT, row["code"], tab)
    if amount > left:
        raise no.VoucherEmpty(left=format_euros(left), amount=format_euros(amount))
    return str(row["code"])


def _suspended(conn: Conn, day: str, tab: Tab, amount: int, ref: str) -> str:
    """Who takes a suspended coffee is written nowhere: there is no reference."""
    _lines_allow(tab, SUSPENDED, amount)
    left = available(conn, SUSPENDED, "", tab)
    if amount > left:
        raise no.FundTooLow(left=format_euros(left), amount=format_euros(amount))
    return ""


def _local(conn: Conn, day: str, tab: Tab, amount: int, ref: str) -> str:
    row = tables.currency(conn)
    if row is None or not row["accepted"]:
        raise no.NoLocalCurrency
    if amount > tab.due:
        raise no.NoChangeInEuros(due=format_euros(tab.due))
    _lines_allow(tab, LOCAL, amount)
    return ""


MEANS = {
    PREPAID: Means(PREPAID, _prepaid), SLATE: Means(SLATE, _slate), GIFT: Means(GIFT, _gift),
    SUSPENDED: Means(SUSPENDED, _suspended, anonymous=True), LOCAL: Means(LOCAL, _local),
}  # fmt: skip


def lines_fit(conn: Conn, day: str, tab: Tab) -> None:
    """Refuse a bill whose money paid ahead is nobody's, or whose lines changed under its payments (`sale_rules`)."""
    for line in tab.lines:
        if _mine(line):
            _line_fits(conn, line)
    for person in {line.ref.removeprefix(PAY_BACK) for line in tab.lines if line.ref.startswith(PAY_BACK)}:
        check_pay_back(conn, person, 0, tab)
    for means in {p.owner for p in tab.payments if p.owner in OWNERS}:
        _lines_allow(tab, means, 0)


def _line_fits(conn: Conn, line: TabLine) -> None:
    kind = ARTICLES[line.product]
    ref = line.ref.removeprefix(kind)
    if not line.ref.startswith(kind) or line.gross <= 0:
        raise no.WhoseIsIt
    if kind not in (VOUCHER, GIVEN):
        open_account(conn, ref)


def check_pay_back(conn: Conn, person: str, amount: int, tab: Tab) -> None:
    """Refuse to take more for a slate than what is owed, other bills being paid counted."""
    others = [other for other in sell.open_tabs(conn) if other.tab_id != tab.tab_id and (other.card or other.payments)]
    asked = amount + sum(line.gross for bill in [tab, *others] for line in bill.lines if line.ref == PAY_BACK + person)
    owed = tables.balance_of(conn, SLATE, person)
    if asked > owed:
        raise no.TooMuchPaidBack(owed=format_euros(max(0, owed)), amount=format_euros(asked))


def may_go_back(conn: Conn, day: str, sale: Any, lines: Any, payments: Any) -> None:
    """Refuse a refund of money already spent, or onto a slate already paid (`refund_rules`)."""
    back: dict[tuple[str, str], int] = {}
    for line in lines:
        kind, _sep, ref = line.ref.partition(":")
        what = {TOP_UP: PREPAID, VOUCHER: GIFT, GIVEN: SUSPENDED}.get(f"{kind}:")
        if what is not None:
            key = (what, "" if what == SUSPENDED else ref)
            back[key] = back.get(key, 0) - line.gross
    for (what, ref), amount in back.items():
        left = available(conn, what, ref)
        if amount > left:
            raise no.AlreadySpent(left=format_euros(max(0, left)))
    for payment in payments:
        if payment.owner == SLATE and -payment.amount > tables.balance_of(conn, SLATE, payment.ref):
            raise no.SlateAlreadyPaid
        if payment.owner == LOCAL and -payment.amount > tables.balance_of(conn, LOCAL):
            raise no.NotInTheBox(held=format_euros(tables.balance_of(conn, LOCAL)))
