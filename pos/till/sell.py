"""From the first tile to the last cent: open bills, payments, the sale that completes them, refunds.

A bill is a draft until it is paid; then one `SaleCompleted` says everything. Every act here is one
transaction: what was paid is on disk before anything moves.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import msgspec

from pos import drafts, vat
from pos.errors import AlreadyDone, Refusal
from pos.feature import Place
from pos.ids import new_id
from pos.money import NotAQuantity, format_euros, format_quantity
from pos.release import FISCAL_VERSION, VERSION
from pos.store import Store, Writing
from pos.system import TroubleNoted
from pos.till import refusals as no
from pos.till import set_menus, tables, weight
from pos.till.bills import (
    Outcome,
    count_aside,
    current_tab,
    day_label,
    day_of_money,
    free_bill,
    keep,
    line_of,
    line_of_product,
    new_tab,
    open_bill,
    open_tabs,
    require_day,
    tabs_aside,
)  # fmt: skip
from pos.till.events import (
    Payment,
    PaymentTaken,
    PaymentUndone,
    SaleCompleted,
    SaleLine,
    TabVoided,
)  # fmt: skip
from pos.till.lines import (
    change_quantity,
    discount_line,
    less_after_print,
    note_line,
    offer_line,
    remove_line,
    set_price,
    set_takeaway,
)
from pos.till.means import checked_payment, member_to_record, selling
from pos.till.tab import CARD, CASH, Tab, TabLine, TabPayment, price
from pos.till.weight import LINES_MAX

# Bills and their lines are in `bills` and `lines`; an act is looked for here.
__all__ = [
    "LINES_MAX", "Outcome", "change_quantity", "count_aside", "current_tab", "day_label", "day_of_money", "discount_line", "free_bill", "keep", "line_of",
    "line_of_product", "new_tab", "note_line", "offer_line", "open_bill", "open_tabs", "remove_line",
    "require_day", "set_price", "set_takeaway", "tabs_aside",
]  # fmt: skip

SOFTWARE = f"{VERSION}/{FISCAL_VERSION}"


def add_product(
    store: Store, tab_id: str, product: str, *, quantity: int = 1000, price: int | None = None,
    takeaway: bool | None = None, by: str, attempt: str = "",
) -> Tab:  # fmt: skip
    """Put a product on a bill (opened when `tab_id` is new); the same product adds up on its line.

    `quantity` in thousandths, `price` in cents for open prices. Raises NoSuchProduct, ProductGone,
    PriceMissing, DayNotOpen, AlreadyPaid.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        require_day(tx)
        tab = current_tab(tx.conn, tab_id)
        if tab is None:
            paid = tables.ticket_of_tab(tx.conn, tab_id)
            if paid:
                raise no.AlreadyPaid(no=paid["no"])
            tab = new_tab(tx, tab_id)
        elif tab.card:
            raise no.CardPending(amount=format_euros(tab.card_amount))
        put_product(tx, tab, product, quantity=quantity, unit_price=price, takeaway=takeaway)
        keep(tx, tab)
        return tab


def put_product(
    tx: Writing, tab: Tab, product: str, *, quantity: int = 1000, unit_price: int | None = None,
    takeaway: bool | None = None,
) -> TabLine:  # fmt: skip
    """Add a product's line to `tab` in memory; the caller keeps the bill."""
    row = tables.product(tx.conn, product)
    if row is None or row["retired"]:
        raise no.NoSuchProduct(product=product)
    if quantity <= 0:
        raise NotAQuantity(text=format_quantity(quantity))
    if row["ran_out"]:
        raise no.ProductGone(label=row["label"])
    if (row["open_price"] and unit_price is None) or (unit_price or 0) < 0:
        raise no.PriceMissing(label=row["label"])
    line = line_of_product(row, new_id(tx.now))
    line.parts = set_menus.parts_of(tx.conn, product)
    line.quantity = quantity
    line.unit_price = _price_for(tx, tab, row) if unit_price is None else unit_price
    if takeaway is not None:
        line.takeaway = takeaway
    for old in tab.lines:
        if _same(old, line):
            old.quantity += quantity
            tab.lines.remove(old)
            tab.lines.append(old)
            return old
    tab.lines.append(line)
    weight.require_room(tx, tab, None)
    return line


def _price_for(tx: Writing, tab: Tab, row: sqlite3.Row) -> int:
    """Return what a product costs whoever is on the bill (a member's price), else as listed."""
    told = (f.price(tx.conn, tx.today, tab, row) for f in tx.features if f.price is not None)
    return next((cents for cents in told if cents is not None), int(row["price"]))


def _same(old: TabLine, new: TabLine) -> bool:
    """Tell whether a new line is more of an old one."""
    plain = not (old.discount or old.note or old.offered or old.ref) and old.quantity % 1000 == 0
    return plain and new.quantity % 1000 == 0 and (old.product, old.unit_price, old.takeaway) == (
        new.product, new.unit_price, new.takeaway,
    )  # fmt: skip


def park_tab(store: Store, tab_id: str, *, label: str = "", by: str, attempt: str = "") -> Tab:
    """Put a bill aside."""
    with store.writing(by=by, attempt=attempt) as tx:
        tab = free_bill(tx, tab_id)
        tab.label = label.strip()[:40] or tab.label
        keep(tx, tab, parked=True)
        return tab


def take_up_tab(store: Store, tab_id: str, *, by: str, attempt: str = "") -> Tab:
    """Take up a bill that was put aside."""
    with store.writing(by=by, attempt=attempt) as tx:
        tab = open_bill(tx, tab_id)
        keep(tx, tab)
        return tab


def void_tab(store: Store, tab_id: str, reason: str, *, by: str, attempt: str = "") -> None:
    """Abandon a bill before payment, for a reason. Raises PartPaid, ReasonMissing."""
    if not reason:
        raise no.ReasonMissing
    with store.writing(by=by, attempt=attempt) as tx:
        tab = free_bill(tx, tab_id)
        if tab.payments:
            raise no.PartPaid(amount=format_euros(tab.paid))
        less_after_print(tx, tab)
        day, left = day_label(tx), _left(tx, tab)
        tx.record(
            TabVoided(tab=tab.tab_id, lines=len(tab.lines), total=tab.total, reason=reason[:24], day=day, left=left)
        )
        drafts.drop_tab(tx.conn, tab.tab_id)


# Payments


def take_payment(
    store: Store, tab_id: str, means: str, *, amount: int | None = None, given: int | None = None,
    ref: str = "", by: str, attempt: str = "",
) -> Outcome:  # fmt: skip
    """Take a payment that is done at once: cash, cheque, voucher.

    `amount` defaults to all that is due. Cash `given` beyond it is change; cash below what is due is
    a part payment and the rest stays due. Completes the sale when nothing is due.
    """
    with selling(store, by=by, attempt=attempt, tab_id=tab_id) as tx:
        day = require_day(tx)
        tab = free_bill(tx, tab_id)
        payment = checked_payment(tx, day, tab, means, amount=amount, given=given, ref=ref)
        if payment.amount < tab.due:
            weight.require_room_to_pay(tx, tab)
            tab.payments.append(payment)
            tx.record(PaymentTaken(tab=tab.tab_id, means=means, amount=payment.amount, day=day))
            keep(tx, tab)
            return Outcome(tab=tab)
        return complete(tx, tab, payment)


def undo_payment(store: Store, tab_id: str, *, by: str, attempt: str = "") -> Tab:
    """Give back the last part payment of a bill still open. A card payment stays: refund it after."""
    with store.writing(by=by, attempt=attempt) as tx:
        tab = free_bill(tx, tab_id)
        if not tab.payments:
            raise no.NoSuchLine
        last = tab.payments[-1]
        if last.means == CARD:
            raise no.PartPaid(amount=format_euros(last.amount))
        tab.payments.pop()
        tx.record(PaymentUndone(tab=tab.tab_id, means=last.means, amount=last.amount, day=day_label(tx)))
        keep(tx, tab)
        return tab


def complete(
    tx: Writing, tab: Tab, last: TabPayment | None = None, *, served: bool = True, borne: bool = False
) -> Outcome:
    """Record the sale that `tab` became, with its last payment; the draft ends in the same transaction.

    `served` is off for a partner's invoice: nobody stands at the counter whom a rule might not serve. `borne` is on
    when a card has paid: the sale is recorded whatever rules say, and what they say is returned (R15).
    """
    day = day_of_money(tx) if borne else require_day(tx)
    if not tab.lines:
        raise no.EmptyBill
    if last is not None:
        tab.payments.append(last)
    objections = _objections(tx, day, tab) if served else ()
    if objections and not borne:
        raise objections[0]
    cafe = tables.cafe(tx.conn, day)
    regime = cafe.regime if cafe else vat.REAL
    priced = price(tab, day, regime)
    place = place_of(tx, tab)
    sale = SaleCompleted(
        no=tables.next_no(tx.conn), day=day, tab=tab.tab_id, visit=tab.visit, visit_by=tab.visit_by,
        lines=priced.lines, vat=priced.vat, off=priced.off, total=priced.total, turnover=priced.turnover,
        payments=[Payment(means=p.means, amount=p.amount, given=p.given, change=p.change, ref=p.ref, before=p.before, owner=p.owner) for p in tab.payments],
        regime=regime, sw=SOFTWARE, siret=cafe.siret if cafe else "", cashback=tab.cashback,
        cashback_asked_at=tab.cashback_asked_at, happened_at=tab.happened_at, member=member_to_record(tx, tab),
        stop=place.stop, commune=place.commune,
    )  # fmt: skip
    _assert_adds_up(sale)
    done = tx.record(sale)
    for objection in objections:
        tx.record(TroubleNoted(what="paid_despite", detail=f"{sale.no} {type(objection).__name__}"[:40]))
    drafts.drop_tab(tx.conn, tab.tab_id)
    return Outcome(sale=sale, seq=done.seq, objections=objections)


def _objections(tx: Writing, day: str, tab: Tab) -> tuple[Refusal, ...]:
    """Return what the rules of every sale have against a bill."""
    found = []
    for feature in tx.features:
        for rule in feature.sale_rules:
            try:
                rule(tx.conn, day, tab)
            except Refusal as refusal:
                found.append(refusal)
    return tuple(found)


def _left(tx: Writing, tab: Tab) -> list[SaleLine]:
    """Return an abandoned bill's lines as they would have been recorded; nothing of what could not be sold."""
    with suppress(vat.UnknownVatClass):
        return weight.priced(tx, tab).lines
    return []


def place_of(tx: Writing, tab: Tab) -> Place:
    """Return where a bill belongs: the stop of a café that travels, else nowhere in particular."""
    told = (f.place(tx.conn, tab) for f in tx.features if f.place is not None)
    return next((place for place in told if place is not None), Place("", ""))


def _assert_adds_up(sale: SaleCompleted) -> None:
    """Check a sale's own arithmetic just before it is written."""
    lines = sum(line.gross for line in sale.lines)
    paid = sum(payment.amount for payment in sale.payments)
    rates = sum(part.gross for part in sale.vat)
    untaxed = sum(line.gross for line in sale.lines if line.vat_code)
    if not lines == sale.total == paid == rates + untaxed:
        raise AssertionError(f"sale {sale.no}: lines {lines}, total {sale.total}, paid {paid}, rates {rates + untaxed}")


class SoldLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of `sell`: product, quantity in pieces or kilos as thousandths, price when it is open."""

    product: str
    quantity: int = 1000
    price: int | None = None
    takeaway: bool | None = None


class TakenPayment(msgspec.Struct, frozen=True, kw_only=True):
    """A payment of `sell`: means, amount in cents (all that is due when left out), cash given."""

    means: str = CASH
    amount: int | None = None
    given: int | None = None
    ref: str = ""


def sell(
    store: Store, *, lines: Sequence[SoldLine], payments: Sequence[TakenPayment] = (TakenPayment(),),
    takeaway: bool = False, visit: str = "", cashback: int = 0, happened_at: int = 0, member: str = "", by: str,
    attempt: str = "",
) -> Outcome:  # fmt: skip
    """Ring up and complete a whole sale at once: replayed days, late entries from paper.

    Card payments are taken as accepted. `happened_at` (UTC ms) marks a late entry.
    """
    with selling(store, by=by, attempt=attempt) as tx:
        day = require_day(tx)
        tab = new_tab(tx)
        tab.takeaway, tab.visit, tab.happened_at, tab.member = takeaway, visit or tab.visit, happened_at, member
        tab.cashback, tab.cashback_asked_at = cashback, (happened_at or tx.now) if cashback else 0
        for sold in lines:
            put_product(tx, tab, sold.product, quantity=sold.quantity, unit_price=sold.price, takeaway=sold.takeaway)
        if not tab.lines:
            raise no.EmptyBill
        for taken in payments:
            amount = tab.due if taken.amount is None else taken.amount
            if amount < 0 or (amount == 0 and tab.due):
                raise no.NotEnoughGiven(amount=format_euros(amount), due=format_euros(tab.due))
            if taken.means == CARD:
                payment = TabPayment(
                    means=CARD, amount=min(amount, tab.due), before=False, cashback=tab.cashback - tab.cashback_borne
                )
            else:
                payment = checked_payment(
                    tx, day, tab, taken.means, amount=taken.amount, given=taken.given, ref=taken.ref
                )
                payment.before = False
            tab.payments.append(payment)
        if tab.due:
            raise no.NotEnoughGiven(amount=format_euros(tab.paid), due=format_euros(tab.total))
        return complete(tx, tab)


def sale_of(store: Store, conn: sqlite3.Connection, number: int) -> tuple[Any, int]:
    """Return the sale or refund event of a ticket number, and its entry number; raise NoSuchTicket."""
    row = tables.ticket(conn, number)
    if row is None:
        raise no.NoSuchTicket(no=number)
    return store.event(conn, row["seq"]).event, row["seq"]


def done_before(store: Store, told: AlreadyDone) -> Outcome:
    """Return what a repeated tap had led to: the sale among its entries, or the bill as it stands."""
    with store.reading() as conn:
        for seq in range(told.last, told.first - 1, -1):
            event = store.event(conn, seq).event
            if isinstance(event, SaleCompleted):
                return Outcome(sale=event, seq=seq)
    return Outcome()
