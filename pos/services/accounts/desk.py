"""What is done with accounts: opened, topped up, paid back, paid out, given up; vouchers, fund, local notes.

What comes in goes through the bill, so that it is paid by any means and has its ticket; what goes out
without a sale moves the third party's ledger in the same transaction.
"""

import secrets
from dataclasses import dataclass

from pos import private
from pos.clock import parse_day
from pos.engines import persons
from pos.i18n import N_, _
from pos.ids import new_id
from pos.money import format_euros
from pos.services.accounts import events as ev
from pos.services.accounts import paying, tables
from pos.services.accounts import refusals as no
from pos.services.accounts.tables import GIVEN, LOCAL, PAY_BACK, PREPAID, SLATE, TOP_UP, VOUCHER
from pos.store import Store, Writing
from pos.till import cash, catalogue, sell
from pos.till import refusals as till_no
from pos.till import tables as till
from pos.till.events import ProductListed
from pos.till.people import need_manager
from pos.till.tab import CASH, Tab, TabLine

PURPOSE = "accounts"
AMOUNT_MAX = 50_000
VOUCHER_PREFIX, VOUCHER_SIGNS = "ZV-", "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
WRITE_OFF_REASONS = ("gone", "gesture", "mistake", "deceased", "other")
# What becomes of local notes: euros from their issuer, or a supplier who takes them.
HANDED_TO = ("cash", "transfer", "supplier")
# Article, name on the ticket, role, whose account.
_ARTICLES = {
    paying.TOP_UP_ARTICLE: (N_("Prepaid account, paid ahead"), "advance", PREPAID),
    paying.PAY_BACK_ARTICLE: (N_("Slate, paid back"), "claim", SLATE),
    paying.VOUCHER_ARTICLE: (N_("Gift voucher"), "advance", tables.GIFT),
    paying.GIVEN_ARTICLE: (N_("Suspended coffee, given"), "donation", tables.SUSPENDED),
}


@dataclass(frozen=True, slots=True)
class SoldVoucher:
    """A voucher on a bill: its code opens it once the bill is paid."""

    code: str
    tab: Tab


def set_limits(
    store: Store, *, person_ceiling: int = 5_000, cafe_ceiling: int = 30_000, alert_days: int = 30, coffee_price: int = 130,
    voucher_months: int = tables.VOUCHER_MONTHS, valid_from: str = "", by: str, attempt: str = "",
) -> ev.LimitsSet:  # fmt: skip
    """Set ceilings, the age of an old slate, the price of a suspended coffee. Raises ManagerNeeded, BadLimits."""
    with store.writing(by=by, attempt=attempt) as tx:
        need_manager(tx)
        fits = 0 <= person_ceiling <= cafe_ceiling and 0 < alert_days <= 366 and 0 < coffee_price <= 2_000
        if not fits or not 0 < voucher_months <= 60:
            raise no.BadLimits
        event = ev.LimitsSet(
            valid_from=_day(valid_from) if valid_from else tx.today, person_ceiling=person_ceiling, cafe_ceiling=cafe_ceiling,
            alert_days=alert_days, coffee_price=coffee_price, voucher_months=voucher_months,
        )  # fmt: skip
        tx.record(event)
        return event


def _day(text: str) -> str:
    try:
        return parse_day(text).isoformat()
    except ValueError:
        raise no.BadLimits from None


# Accounts


def open_account(
    store: Store, *, person: str = "", name: str = "", phone: str = "", slate: bool = False, ceiling: int = 0, by: str,
    attempt: str = "",
) -> ev.AccountOpened:  # fmt: skip
    """Open an account for somebody new, or for a person already known (a member), or change what was agreed.

    A slate, or a ceiling of one's own, is agreed by the manager. Raises NameMissing, NobodyKnown, ManagerNeeded.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        if slate or ceiling:
            need_manager(tx)
        if not 0 <= ceiling <= 100_000:
            raise no.BadLimits
        if not person:
            # The same name may be two people: a newcomer never takes over somebody's money.
            person = persons.known(tx, PURPOSE, name, phone=phone, person=new_id(tx.now))
        elif not private.recall(tx.conn, person):
            raise persons.NobodyKnown
        persons.still_needed(tx, person, PURPOSE)
        event = ev.AccountOpened(person=person, slate=slate, ceiling=ceiling, day=tx.today)
        tx.record(event)
        return event


def close_account(store: Store, person: str, *, by: str, attempt: str = "") -> None:
    """Close an account with nothing on it and erase the name. Raises AccountNotEmpty, AccountOnABill."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = paying.open_account(tx.conn, person)
        if row["prepaid"] or row["slate"]:
            raise no.AccountNotEmpty(prepaid=format_euros(row["prepaid"]), slate=format_euros(row["slate"]))
        if paying.on_a_bill(tx.conn, person):
            raise no.AccountOnABill
        tx.record(ev.AccountClosed(person=person, day=tx.today))
        known_for = tx.conn.execute("SELECT purpose FROM private_person WHERE person_id = ?", (person,)).fetchone()
        # A member stays known as a member.
        if known_for is not None and known_for[0] == PURPOSE:
            private.forget(tx.conn, person)
            tx.record(persons.PersonErased(person=person, purpose=PURPOSE))


def top_up(store: Store, tab_id: str, person: str, amount: int, *, by: str, attempt: str = "") -> Tab:
    """Put money for a prepaid account on the bill: no sale, no VAT, the café owes it. Raises NoSuchAccount, BadAmount."""
    with store.writing(by=by, attempt=attempt) as tx:
        paying.open_account(tx.conn, person)
        tab = _bill(tx, tab_id)
        _put(tx, tab, paying.TOP_UP_ARTICLE, amount, TOP_UP + person)
        persons.still_needed(tx, person, PURPOSE)
        return tab


def pay_back(store: Store, tab_id: str, person: str, amount: int, *, by: str, attempt: str = "") -> Tab:
    """Put a payment on a slate on the bill: it was turnover when it was charged. Raises TooMuchPaidBack."""
    with store.writing(by=by, attempt=attempt) as tx:
        paying.open_account(tx.conn, person)
        tab = _bill(tx, tab_id)
        paying.check_pay_back(tx.conn, person, amount, tab)
        _put(tx, tab, paying.PAY_BACK_ARTICLE, amount, PAY_BACK + person)
        return tab


def pay_out(store: Store, person: str, amount: int, *, means: str = CASH, by: str, attempt: str = "") -> None:
    """Give a customer prepaid money back, on request. Raises NotEnoughOnAccount, DrawerTooLow."""
    with store.writing(by=by, attempt=attempt) as tx:
        paying.open_account(tx.conn, person)
        left = paying.available(tx.conn, PREPAID, person)
        if not 0 < amount <= left:
            raise no.NotEnoughOnAccount(left=format_euros(left), amount=format_euros(amount))
        means = means if means in (CASH, "transfer") else CASH
        moved = cash.third_party_move(tx, PREPAID, -amount, reason="paid_out", means=means, ref=person)
        tx.record(ev.PrepaidPaidOut(person=person, amount=amount, means=means, day=moved.day))


def write_off(store: Store, person: str, amount: int, reason: str, *, by: str, attempt: str = "") -> None:
    """Give up a slate, or a part of it, for a reason: the manager only. Raises ManagerNeeded, ReasonNeeded, TooMuchPaidBack."""
    with store.writing(by=by, attempt=attempt) as tx:
        need_manager(tx)
        if reason not in WRITE_OFF_REASONS:
            raise no.ReasonNeeded
        owed = paying.open_account(tx.conn, person)["slate"]
        promised = sum(
            line.gross for tab in sell.open_tabs(tx.conn) for line in tab.lines if line.ref == PAY_BACK + person
        )
        if not 0 < amount <= owed - promised:
            raise no.TooMuchPaidBack(owed=format_euros(max(0, owed - promised)), amount=format_euros(amount))
        moved = cash.third_party_move(tx, SLATE, amount, reason="write_off", means="write_off", ref=person)
        tx.record(ev.SlateWrittenOff(person=person, amount=amount, reason=reason, day=moved.day))


# The bill


def _bill(tx: Writing, tab_id: str) -> Tab:
    sell.require_day(tx)
    tab = sell.current_tab(tx.conn, tab_id)
    if tab is None:
        paid = till.ticket_of_tab(tx.conn, tab_id) if tab_id else None
        if paid:
            raise till_no.AlreadyPaid(no=paid["no"])
        return sell.new_tab(tx, tab_id)
    if tab.card:
        raise till_no.CardPending(amount=format_euros(tab.card_amount))
    return tab


def _put(tx: Writing, tab: Tab, article: str, amount: int, ref: str, quantity: int = 1000) -> TabLine:
    """Put money paid ahead or back on a bill; the article joins the menu when it is first needed."""
    if not 0 < amount <= AMOUNT_MAX:
        raise no.BadAmount(amount=format_euros(amount), most=format_euros(AMOUNT_MAX))
    if till.product(tx.conn, article) is None:
        label, role, owner = _ARTICLES[article]
        catalogue.put_on_menu(
            tx,
            ProductListed(
                product=article, label=_(label), category="accounts", price=0, vat_class="service", nature="service",
                role=role, owner=owner, open_price=True, icon="coins",
            ),
        )  # fmt: skip
    line = sell.put_product(tx, tab, article, quantity=quantity, unit_price=amount)
    line.ref = ref
    sell.keep(tx, tab)
    return line


# Suspended coffee and vouchers


def give_coffees(store: Store, tab_id: str, *, coffees: int = 1, price: int = 0, by: str, attempt: str = "") -> Tab:
    """Put coffees for somebody unknown on the bill: a gift to the fund, a sale only once it is taken."""
    with store.writing(by=by, attempt=attempt) as tx:
        tab = _bill(tx, tab_id)
        if not 0 < coffees <= 50:
            raise no.BadAmount(amount=str(coffees), most="50")
        cost = price or paying.in_force(tx.conn, tx.today).coffee_price
        _put(tx, tab, paying.GIVEN_ARTICLE, cost, f"{GIVEN}{new_id(tx.now)}", quantity=coffees * 1000)
        return tab


def sell_voucher(store: Store, tab_id: str, amount: int, *, by: str, attempt: str = "") -> SoldVoucher:
    """Put a gift voucher on the bill: several rates of VAT may be bought with it, so its sale is no turnover (R102)."""
    with store.writing(by=by, attempt=attempt) as tx:
        tab = _bill(tx, tab_id)
        signs = "".join(secrets.choice(VOUCHER_SIGNS) for _sign in range(8))
        code = f"{VOUCHER_PREFIX}{signs[:4]}-{signs[4:]}"
        _put(tx, tab, paying.VOUCHER_ARTICLE, amount, VOUCHER + code)
        return SoldVoucher(code, tab)


def extend_voucher(store: Store, voucher: str, until: str, *, by: str, attempt: str = "") -> None:
    """Let a voucher hold until a later day. Raises ManagerNeeded, NoSuchVoucher, BadLimits."""
    with store.writing(by=by, attempt=attempt) as tx:
        need_manager(tx)
        row = tables.voucher(tx.conn, voucher)
        if row is None:
            raise no.NoSuchVoucher(code=voucher[:20])
        if _day(until) < tx.today:
            raise no.BadLimits
        tx.record(ev.VoucherExtended(voucher=voucher, until=_day(until), day=tx.today))


# Local currency


def set_currency(store: Store, *, label: str, accepted: bool = True, by: str, attempt: str = "") -> None:
    """Say which local currency the café takes at par with the euro, or that it no longer does."""
    with store.writing(by=by, attempt=attempt) as tx:
        need_manager(tx)
        label = " ".join(label.split())[:30]
        if not label:
            raise no.BadLimits
        tx.record(ev.CurrencySet(label=label, accepted=accepted, day=tx.today))


def count_currency(store: Store, counted: int, *, by: str, attempt: str = "") -> ev.CurrencyCounted:
    """Record a count of the local notes, apart from the drawer. Raises NoLocalCurrency, BadAmount."""
    with store.writing(by=by, attempt=attempt) as tx:
        if tables.currency(tx.conn) is None:
            raise no.NoLocalCurrency
        if counted < 0:
            raise no.BadAmount(amount=format_euros(counted), most=format_euros(AMOUNT_MAX))
        event = ev.CurrencyCounted(expected=tables.balance_of(tx.conn, LOCAL), counted=counted, day=sell.day_label(tx))
        tx.record(event)
        return event


def hand_over_currency(
    store: Store, amount: int, *, means: str = "transfer", fee: int = 0, by: str, attempt: str = ""
) -> ev.CurrencyHandedOver:
    """Hand local notes to their issuer for euros (in cash or by transfer, less its fee), or to a supplier.

    Raises NotInTheBox, BadAmount.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        box = tables.balance_of(tx.conn, LOCAL)
        if means not in HANDED_TO or not 0 <= fee < amount:
            raise no.BadAmount(amount=format_euros(amount), most=format_euros(box))
        if amount > box:
            raise no.NotInTheBox(held=format_euros(box))
        day = cash.third_party_move(tx, LOCAL, amount - fee, reason="handed_over", means=means).day
        if fee:
            cash.third_party_move(tx, LOCAL, fee, reason="issuer_fee", means="fee")
        event = ev.CurrencyHandedOver(amount=amount, fee=fee, means=means, day=day)
        tx.record(event)
        return event
