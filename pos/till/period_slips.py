"""Slips of a month and an accounting year, as the journal closed them. Pure."""

from pos.i18n import N_, _, ngettext
from pos.slips import Columns, Part, Rule, Slip, Text
from pos.till.closure_events import MonthClosed, YearClosed
from pos.till.day_slips import MODES_SAID, Labels, _acked, _grouped, _keyed, _signed, _third_parties
from pos.till.events import CafeDescribed
from pos.till.slip_parts import MEANS_SAID, Issued, amount, foot, heading, regime_said, vat_table, when

MONTHS = (
    N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"), N_("July"), N_("August"),
    N_("September"), N_("October"), N_("November"), N_("December"),
)  # fmt: skip


def period_said(period: str) -> str:
    """Return « novembre 2026 » for a month; a year as it is."""
    if len(period) != 7:
        return period.replace("-", "\u2013")
    return _("%(month)s %(year)s", month=_(MONTHS[int(period[5:]) - 1]), year=period[:4])


def name_of(closed: MonthClosed | YearClosed) -> str:
    """Return what a closing is called on paper: « Clôture mensuelle n° 3 »."""
    number = f"{closed.number:04d}"
    if isinstance(closed, MonthClosed):
        return _("Monthly closing no. %(number)s", number=number)
    return _("Yearly closing no. %(number)s", number=number)


def period(closed: MonthClosed | YearClosed, cafe: CafeDescribed, shown: Issued, *, labels: Labels = None) -> Slip:
    """Return a month's or a year's closing: every total that its entry says (R32)."""
    name = name_of(closed)
    title = _("CLOSING OF THE MONTH") if isinstance(closed, MonthClosed) else _("CLOSING OF THE YEAR")
    parts: list[Part] = [
        *heading(cafe, shown), Text(title, bold=True, tall=True, align="center"),
        Text(f"{name}   {period_said(closed.period)}", bold=True, align="center"), *_bounds(closed), Rule("="),
        Columns(_("TURNOVER incl. VAT"), amount(closed.turnover), bold=True, tall=True),
        *([vat_table(closed.vat)] if closed.vat else []),
        *([Text(regime_said(cafe.regime))] if regime_said(cafe.regime) else []),
        *_keyed(_("MEANS OF PAYMENT"), closed.means, MEANS_SAID, labels),
        *_keyed(_("FAMILIES"), closed.families, {"": N_("Without family")}, labels),
        *_keyed(_("ON SITE / TAKEAWAY"), closed.modes, MODES_SAID, labels),
        *_third_parties(closed, labels), *_cash(closed), *_grand(closed), Rule("="), Text(_("JOURNAL"), bold=True),
        Columns(_("Head, entry no. %(seq)s", seq=closed.head_seq), ""),
        Text(_grouped(closed.head), bold=True, align="center"), *_acked(closed.acked), Rule(), *foot(shown, closed.sw),
        Text(_("Keep this slip: it proves the journal has not changed.")),
    ]  # fmt: skip
    return Slip(f"{name} {period_said(closed.period)}", tuple(parts), titled=False)


def _bounds(closed: MonthClosed | YearClosed) -> list[Part]:
    tickets = f"{closed.first_no:06d} > {closed.last_no:06d}" if closed.last_no else _("no ticket")
    days = f"Z {closed.first_z:06d} > {closed.last_z:06d}" if closed.days else _("no day opened")
    return [
        Rule(),
        Columns(ngettext("%(n)s day closed", "%(n)s days closed", closed.days), days),
        Columns(_("Closed at"), when(closed.closed_at)),
        Columns(_("Tickets"), tickets),
        Columns(_("Journal entries"), f"{closed.first_seq} > {closed.last_seq}"),
        Columns(
            ngettext("%(n)s sale", "%(n)s sales", closed.tickets),
            ngettext("%(n)s refund", "%(n)s refunds", closed.refunds),
        ),
        Columns(_("Voids before payment"), str(closed.voids)),
        Columns(_("Duplicates"), str(closed.duplicates)),
        Columns(_("Drawer opened without sale"), str(closed.drawer_openings)),
    ]


def _cash(closed: MonthClosed | YearClosed) -> list[Part]:
    rows = [
        (_("Cash sales"), closed.cash_sales), (_("Cash put in"), closed.cash_in), (_("Cash taken out"), -closed.cash_out),
        (_("Cash withdrawals"), -closed.cashback), (_("Paid to third parties"), -closed.settled_cash),
        (_("Third parties, without a ticket"), closed.third_party_cash),
    ]  # fmt: skip
    parts: list[Part] = [Rule(), Text(_("DRAWER"), bold=True)]
    parts += [Columns(label, amount(cents)) for label, cents in rows if cents]
    parts.append(Columns(_("Differences counted"), _signed(closed.difference), bold=True))
    if closed.counted_after:
        parts.append(Columns(_("Counted after their Z"), _signed(closed.counted_after), bold=True))
    return parts


def _grand(closed: MonthClosed | YearClosed) -> list[Part]:
    return [
        Rule("="),
        Text(_("GRAND TOTALS"), bold=True),
        Columns(_("Accounting year to date"), amount(closed.year_to_date)),
        Columns(_("Perpetual total"), amount(closed.perpetual), bold=True),
        Columns(_("Perpetual total, absolute"), amount(closed.perpetual_absolute)),
    ]
