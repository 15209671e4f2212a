"""Changing the lines of an open bill: quantity, discount, price, on the house, note, on site or taken away."""

from collections.abc import Collection

from pos import drafts
from pos.money import format_euros, line_total
from pos.store import Store, Writing
from pos.till import network, rights, tables
from pos.till import refusals as no
from pos.till.bills import current_tab, day_label, free_bill, keep, line_of, new_tab
from pos.till.events import LineRepriced, LineVoided
from pos.till.tab import OFF_CODES, Tab, TabLine


def change_quantity(store: Store, tab_id: str, line_id: str, quantity: int, *, by: str, attempt: str = "") -> Tab:
    """Set a line's quantity (thousandths); 0 takes the line off. What is taken off is recorded."""
    with store.writing(by=by, attempt=attempt) as tx:
        tab = free_bill(tx, tab_id)
        line = line_of(tab, line_id)
        if quantity < line.quantity:
            less_after_print(tx, tab)
            _void_part(tx, tab, line, line.quantity - max(0, quantity))
        line.quantity = quantity
        if quantity <= 0:
            tab.lines.remove(line)
        elif line.discount > line.full:
            line.discount = 0
        _keep_or_drop(tx, tab)
        return tab


def remove_line(store: Store, tab_id: str, line_id: str, *, by: str, attempt: str = "") -> Tab:
    """Take a line off a bill; the removal is recorded."""
    return change_quantity(store, tab_id, line_id, 0, by=by, attempt=attempt)


def _void_part(tx: Writing, tab: Tab, line: TabLine, quantity: int) -> None:
    tx.record(
        LineVoided(
            tab=tab.tab_id,
            label=line.label,
            quantity=quantity,
            gross=line_total(quantity, line.unit_price),
            day=day_label(tx),
        )
    )


def _keep_or_drop(tx: Writing, tab: Tab) -> None:
    if tab.lines or tab.payments:
        keep(tx, tab)
    else:
        drafts.drop_tab(tx.conn, tab.tab_id)


def take_off(tx: Writing, tab: Tab, gone: Collection[str]) -> None:
    """Take lines off that this customer may not buy, each recorded, and keep the bill; the law needs no manager."""
    for line in [line for line in tab.lines if line.line_id in gone]:
        _void_part(tx, tab, line, line.quantity)
        tab.lines.remove(line)
    _keep_or_drop(tx, tab)


def discount_line(store: Store, tab_id: str, line_id: str, cents: int, *, by: str, attempt: str = "") -> Tab:
    """Take `cents` off a line. Raises DiscountTooLarge, NoDiscountForOthers."""
    with store.writing(by=by, attempt=attempt) as tx:
        tab = free_bill(tx, tab_id)
        line = line_of(tab, line_id)
        _own(line)
        if not 0 <= cents <= line.full:
            raise no.DiscountTooLarge(most=format_euros(line.full))
        if cents > line.discount:
            less_after_print(tx, tab)
        was, line.discount = line.gross, cents
        noted(tx, tab, line, "discount", was)
        keep(tx, tab)
        return tab


def set_price(store: Store, tab_id: str, line_id: str, cents: int, *, by: str, attempt: str = "") -> Tab:
    """Set a line's unit price, for open prices and weighed goods."""
    with store.writing(by=by, attempt=attempt) as tx:
        tab = free_bill(tx, tab_id)
        line = line_of(tab, line_id)
        if cents < 0:
            raise no.PriceMissing(label=line.label)
        if cents != line.unit_price:
            _own(line)
        row = tables.product(tx.conn, line.product)
        if row is not None:
            network.check_typed(tx.conn, row, cents, tx.today)
        if cents < line.unit_price:
            less_after_print(tx, tab)
        was, line.unit_price = line.gross, cents
        line.discount = min(line.discount, line.full)
        if row is not None and not row["open_price"]:
            line.priced_by = by if cents != row["price"] else ""
            noted(tx, tab, line, "price", was)
        keep(tx, tab)
        return tab


def offer_line(store: Store, tab_id: str, line_id: str, reason: str, *, by: str, attempt: str = "") -> Tab:
    """Give a line free, for a reason (`courtesy`, `staff`, `mistake`); an empty reason takes it back."""
    with store.writing(by=by, attempt=attempt) as tx:
        tab = free_bill(tx, tab_id)
        line = line_of(tab, line_id)
        _own(line)
        if reason:
            less_after_print(tx, tab)
        was, line.offered = line.gross, reason[:24]
        noted(tx, tab, line, "offered", was)
        keep(tx, tab)
        return tab


def noted(tx: Writing, tab: Tab, line: TabLine, what: str, was: int) -> None:
    """Record that a line costs something else than the menu says (R42)."""
    if line.gross != was:
        tx.record(LineRepriced(tab=tab.tab_id, label=line.label, what=what, was=was, now=line.gross, day=day_label(tx)))


def less_after_print(tx: Writing, tab: Tab) -> None:
    """Raise ManagerNeeded when a bill that a customer holds on paper would become less (R28, R47)."""
    if tab.printed:
        rights.need(tx, rights.LESS_AFTER_PRINT)


def _own(line: TabLine) -> None:
    if line.role in OFF_CODES:
        raise no.NoDiscountForOthers(label=line.label)


def note_line(store: Store, tab_id: str, line_id: str, note: str, *, by: str, attempt: str = "") -> Tab:
    """Write a note on a line (« sans sucre »): on screen and paper only, never in the journal."""
    with store.writing(by=by, attempt=attempt) as tx:
        tab = free_bill(tx, tab_id)
        line_of(tab, line_id).note = note.strip()[:60]
        keep(tx, tab)
        return tab


def set_takeaway(store: Store, tab_id: str, takeaway: bool, *, by: str, attempt: str = "") -> Tab:
    """Say that the whole bill is taken away, or eaten here: VAT follows (R75)."""
    with store.writing(by=by, attempt=attempt) as tx:
        tab = current_tab(tx.conn, tab_id)
        if tab is None:
            paid = tables.ticket_of_tab(tx.conn, tab_id)
            if paid:
                raise no.AlreadyPaid(no=paid["no"])
            tab = new_tab(tx, tab_id)
        tab.takeaway = takeaway
        keep(tx, tab)
        return tab
