"""Tickets of the till as slips: receipt and note, refund, provisional bill. Pure: facts in, a Slip out.

The day's slips (X, Z, cash, count) are in `pos.till.day_slips` and named here too, so that a screen
has one place to ask:

    slip = slips.receipt(sale, cafe, slips.issued_at(store, conn, seq), copy=0)
    data = hardware.printer.render(slip, devices.printer.model)
"""

from collections.abc import Iterable, Mapping

from pos import vat
from pos.clock import business_day
from pos.i18n import N_, _, ngettext
from pos.money import format_euros, format_quantity
from pos.slips import Columns, Feed, Logo, Part, Rule, Slip, Text
from pos.till import law
from pos.till.day_slips import cash_slip, closure, count_slip, handed_over, reading
from pos.till.events import CafeDescribed, Payment, SaleCompleted, SaleLine, SaleRefunded
from pos.till.slip_parts import (
    MEANS_SAID,
    RATE_LETTERS,
    Issued,
    amount,
    day_said,
    foot,
    heading,
    issued,
    issued_at,
    regime_said,
    said,
    ticket_code,
    vat_table,
    when,
)  # fmt: skip
from pos.till.tab import CARD, Priced, Tab

__all__ = [
    "NOTE_FROM_CENTS", "Issued", "bill", "cash_slip", "closure", "count_slip", "handed_over", "issued", "issued_at",
    "note_due", "reading", "receipt", "refund",
]  # fmt: skip

# Arrêté 83-50/A, as in force: from here on a note is handed over for services (R63).
NOTE_FROM_CENTS = law.value("note.compulsory_from", "9999-12-31")
REFUND_REASONS_SAID = {
    "mistake": N_("Typing mistake"), "returned": N_("Goods returned"), "quality": N_("Not to the customer's liking"),
    "not_served": N_("Not served"), "other": N_("For another reason"),
}  # fmt: skip
OFF_TITLES = {
    vat.DUES: N_("Membership dues, outside VAT"), vat.ADVANCE: N_("Paid ahead, to be spent here"),
    vat.DONATION: N_("Given to the café's fund"), vat.CLAIM: N_("Paid back on the slate"),
}  # fmt: skip


def note_due(lines: Iterable[SaleLine], day: str = "9999-12-31") -> bool:
    """Tell whether the law of `day` wants a note: services of 25 € and more (R63). Food taken away is goods."""
    served = sum(line.gross for line in lines if line.nature == "service" and not line.takeaway)
    return served >= law.value("note.compulsory_from", day)


def _client(sale: SaleCompleted) -> list[Part]:
    """Room for the customer's name on a note; above what a restaurant may leave blank, an invoice is made (R68)."""
    if sum(part.net for part in sale.vat) <= law.value("invoice.client_blank_max", sale.day):
        return [Feed(), Text(_("Customer (name, address), if they wish:")), Feed(2), Rule(".")]
    return [Text(_("An invoice in the customer's name is made on request."))]


def receipt(
    sale: SaleCompleted, cafe: CafeDescribed, shown: Issued, *, copy: int = 0, reprinted_at: int = 0,
    owners: Mapping[str, str] | None = None, said_below: Iterable[str] = (),
) -> Slip:  # fmt: skip
    """Return the ticket of a sale: `copy` 0 is the original, then DUPLICATA no. `copy` (R46, R66).

    `said_below` are sentences of the services, like what is left on a prepaid account.
    """
    number = f"{sale.no:06d}"
    note = note_due(sale.lines, sale.day)
    name = _("Note %(number)s", number=number) if note else _("Ticket %(number)s", number=number)
    onsite = any(not line.takeaway and line.vat_code not in vat.OFF_TURNOVER for line in sale.lines)
    parts: list[Part] = [
        Logo(), *heading(cafe, shown), Text(name, bold=True), *_copy(copy, reprinted_at),
        *_noted(sale.happened_at), *_of_day(sale.day, shown), Rule(),
        *_own_lines(sale.lines, sale.regime), *_totals(sale, owners), Rule(), *_payments(sale), Rule(),
        *_vat(sale), *_counts(sale.lines),
        *([Text(_("Net prices, service included"))] if onsite else []), *(Text(line) for line in said_below),
        *(_client(sale) if note else []), *foot(shown, sale.sw), Text(_("Thank you, see you soon!"), align="center"), *ticket_code(sale.no, shown),
    ]  # fmt: skip
    return Slip(_copied(name, copy), tuple(parts), titled=False)


def refund(
    back: SaleRefunded, cafe: CafeDescribed, shown: Issued, *, copy: int = 0, reprinted_at: int = 0,
    owners: Mapping[str, str] | None = None,
) -> Slip:  # fmt: skip
    """Return the ticket of a refund: its own number, negative lines, the ticket it undoes (R48)."""
    name = _("Refund %(number)s", number=f"{back.no:06d}")
    parts: list[Part] = [
        Logo(), *heading(cafe, shown), Text(name, bold=True, tall=True), *_copy(copy, reprinted_at),
        *_of_day(back.day, shown), Text(_("Of ticket %(number)s", number=f"{back.original:06d}")),
        Text(_("Reason: %(reason)s", reason=said(REFUND_REASONS_SAID, back.reason))), Rule(),
        *_own_lines(back.lines, back.regime), *_off_block(back.lines, owners),
        Columns(_("TOTAL REFUNDED"), amount(back.total), bold=True, tall=True), Rule(),
        *(Columns(_("Given back: %(means)s", means=said(MEANS_SAID, p.means)), amount(-p.amount)) for p in back.payments),
        Rule(), *_vat(back), *_counts(back.lines), *foot(shown, back.sw),
    ]  # fmt: skip
    return Slip(_copied(name, copy), tuple(parts), titled=False)


def bill(tab: Tab, priced: Priced, cafe: CafeDescribed, shown: Issued) -> Slip:
    """Return the bill before payment: no receipt number, and not a proof of payment (R47)."""
    name = _("PROVISIONAL BILL")
    paid = [
        Columns(_("Already paid: %(means)s", means=said(MEANS_SAID, p.means)), amount(-p.amount)) for p in tab.payments
    ]
    due = [*paid, Columns(_("LEFT TO PAY"), amount(tab.due), bold=True, tall=True)] if paid else []
    regime = cafe.regime
    parts: list[Part] = [
        *heading(cafe, shown), Text(name, bold=True, tall=True, align="center"),
        Text(_("Not a proof of payment"), align="center"), *([Text(tab.label, bold=True)] if tab.label else []), Rule(),
        *_own_lines(priced.lines, regime), *_off_block(priced.lines, None),
        Columns(_("TOTAL TO PAY"), amount(priced.total), bold=True, tall=True), *due, Rule(),
        *([Text(regime_said(regime))] if regime_said(regime) else [vat_table(priced.vat)] if priced.vat else []), Rule(),
        *_counts(priced.lines), Text(_("Net prices, service included")),
        Text(_("Your ticket is handed to you after payment, if you ask for it.")),
    ]  # fmt: skip
    return Slip(name, tuple(parts), titled=False)


def _copied(name: str, copy: int) -> str:
    return _("%(slip)s, duplicate no. %(copy)s", slip=name, copy=copy) if copy else name


def _copy(copy: int, reprinted_at: int) -> list[Part]:
    if not copy:
        return []
    told: list[Part] = [Text(_("DUPLICATE no. %(copy)s", copy=copy), bold=True, tall=True, align="center")]
    if reprinted_at:
        told.append(Text(_("Printed again on %(when)s", when=when(reprinted_at)), align="center"))
    return told


def _noted(happened_at: int) -> list[Part]:
    return [Text(_("Sale noted on paper on %(when)s", when=when(happened_at)))] if happened_at else []


def _of_day(day: str, shown: Issued) -> list[Part]:
    """Say the day where the date is another's: the clock of the till had been set too far ahead."""
    return [Text(_("Day of the sale: %(day)s", day=day_said(day)))] if business_day(shown.at) != day[:10] else []


def _own_lines(lines: Iterable[SaleLine], regime: str) -> Iterable[Part]:
    for line in lines:
        if line.vat_code not in vat.OFF_TURNOVER:
            letter = RATE_LETTERS.get(line.vat, "*") if regime == vat.REAL and not line.vat_code else ""
            yield from _line(line, letter)


def _line(line: SaleLine, letter: str = "", indent: int = 0) -> Iterable[Part]:
    """Quantity, label, unit price when it is not plain, amount, rate; then what was taken off."""
    size = abs(line.quantity)
    unit = _("at %(price)s", price=format_euros(line.unit_price)) if size != 1000 else ""
    yield Columns(f"{format_quantity(size)} {line.label}", amount(line.gross, letter), middle=unit, indent=indent)
    if line.offered:
        yield Columns(
            _("On the house (instead of %(price)s)", price=format_euros(line.normal_price)),
            "",
            indent=indent + 2,
        )
    elif line.discount:
        yield Columns(_("of which discount %(amount)s", amount=format_euros(-line.discount)), "", indent=indent + 2)


def _totals(sale: SaleCompleted, owners: Mapping[str, str] | None) -> list[Part]:
    off = _off_block(sale.lines, owners)
    parts: list[Part] = []
    if off or sale.cashback:
        parts.append(Columns(_("TOTAL PURCHASES incl. VAT"), amount(sale.turnover), bold=True))
    parts += off
    parts.append(Columns(_("TOTAL TO PAY"), amount(sale.total), bold=True, tall=True))
    if sale.cashback:
        parts.append(Columns(_("CASH WITHDRAWAL"), amount(sale.cashback), bold=True))
    return parts


def _off_block(lines: list[SaleLine], owners: Mapping[str, str] | None) -> list[Part]:
    """Return what is no sale apart from sales: « Encaissé pour le compte de … », dues, advances (R85, R92)."""
    parts: list[Part] = []
    for code, title in OFF_TITLES.items():
        apart = [line for line in lines if line.vat_code == code]
        parts += [Text(_(title)), *(part for line in apart for part in _line(line, indent=2))] if apart else []
    owed = [line for line in lines if line.vat_code == vat.THIRD_PARTY]
    before = ""
    for owner in dict.fromkeys(line.owner for line in owed):
        name = (owners or {}).get(owner, "")
        told = _("Taken on behalf of %(owner)s", owner=name) if name else _("Taken on behalf of third parties")
        if told != before:
            parts.append(Text(told))
        before = told
        for line in owed:
            if line.owner == owner:
                parts += _line(line, indent=2)
    return parts


def _payments(sale: SaleCompleted) -> list[Part]:
    parts: list[Part] = []
    cards = [payment for payment in sale.payments if payment.means == CARD]
    for payment in sale.payments:
        if sale.cashback and cards and payment is cards[-1]:
            label = _("Bank card, DEBITED")
            parts.append(Columns(label, amount(payment.amount + sale.cashback)))
        else:
            parts += _payment(payment)
    if sale.cashback:
        parts.append(Columns(_("Cash handed to the customer"), amount(sale.cashback)))
    return parts


def _payment(payment: Payment) -> list[Part]:
    parts: list[Part] = [Columns(said(MEANS_SAID, payment.means), amount(payment.given or payment.amount))]
    if payment.change:
        parts.append(Columns(_("Change given"), amount(-payment.change)))
    return parts


def _vat(ticket: SaleCompleted | SaleRefunded) -> list[Part]:
    mention = regime_said(ticket.regime)
    if mention:
        return [Text(mention)]
    return [vat_table(ticket.vat), Rule()] if ticket.vat else []


def _counts(lines: list[SaleLine]) -> list[Part]:
    modes = {line.takeaway for line in lines if line.vat_code not in vat.OFF_TURNOVER}
    words = {(False,): N_("On site"), (True,): N_("Takeaway"), (False, True): N_("On site and takeaway")}
    mode = words.get(tuple(sorted(modes)), "")
    counted = ngettext("%(n)s line", "%(n)s lines", len(lines))
    return [Columns(counted, _(mode) if mode else "")]
