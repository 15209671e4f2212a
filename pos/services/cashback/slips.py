"""The poster the law wants near the till (R95), the receipts of cash without purchase and of a bank's payment. Pure."""

from collections.abc import Sequence

from pos.clock import local
from pos.i18n import N_, _
from pos.money import format_euros
from pos.services.cashback.events import BankSettled, CashPaidOut
from pos.services.cashback.limits import Limits
from pos.services.cashback.mandates import Mandate
from pos.slips import Columns, Feed, Part, Rule, Slip, Text

MEANS = {"transfer": N_("Bank transfer"), "cash": N_("Cash"), "cheque": N_("Cheque")}


def poster(limits: Limits, banks: Sequence[Mandate] = ()) -> Slip:
    """Return the poster for the limits in force, and for the banks whose customers need no purchase."""
    title = _("Cash in this café") if banks else _("Cash with your purchase")
    parts = _with_purchase(limits) if limits.offered or not banks else ()
    return Slip(title, (*parts, *(_without_purchase(banks, rule=bool(parts)) if banks else ())))


def _without_purchase(banks: Sequence[Mandate], *, rule: bool) -> tuple[Part, ...]:
    return (
        *([Rule("=")] if rule else []),
        Text(_("Without a purchase, for customers of:"), bold=True, align="center"),
        *(Columns(bank.label, _("up to %(amount)s", amount=format_euros(bank.max_cash))) for bank in banks),
        Text(_("On the bank’s own terminal, as far as the drawer allows.")),
    )


def receipt(*, cafe: str, bank: Mandate, paid: CashPaidOut, at_ms: int) -> Slip:
    """Return what the customer takes home: cash of their bank, no sale."""
    return Slip(
        _("Cash withdrawal"),
        (
            Text(cafe, align="center"),
            Text(local(at_ms).strftime("%d/%m/%Y %H:%M"), align="center"),
            Rule(),
            Columns(_("Cash handed over"), format_euros(paid.amount), bold=True, tall=True),
            Columns(_("On behalf of"), bank.label),
            Columns(_("Reference of the terminal"), paid.ref),
            Rule(),
            Text(_("This is no sale: no VAT. The bank’s own slip is the proof.")),
        ),
    )


def settlement(*, cafe: str, bank: Mandate, told: BankSettled, at_ms: int, owed: int) -> Slip:
    """Return the paper kept with the accounts when a bank paid."""
    return Slip(
        _("Received from %(label)s", label=bank.label),
        (
            Text(cafe, align="center"),
            Text(local(at_ms).strftime("%d/%m/%Y %H:%M"), align="center"),
            Rule(),
            Columns(_("Cash paid back"), format_euros(told.amount), bold=True),
            Columns(_("Means"), _(MEANS.get(told.means, told.means))),
            *([Columns(_("Reference"), told.ref)] if told.ref else []),
            Columns(_("The bank still owes"), format_euros(owed)),
            Feed(2),
        ),
    )  # fmt: skip


def _with_purchase(limits: Limits) -> tuple[Part, ...]:
    if not limits.offered:
        return (Text(_("This café does not give cash with a purchase."), align="center"),)
    return (
        Text(_("Ask before you pay by card."), bold=True, align="center"),
        Rule(),
        Columns(_("Purchase of at least"), format_euros(limits.min_purchase)),
        Columns(_("Cash at most"), format_euros(limits.max_cash)),
        Columns(_("By multiples of"), format_euros(limits.step)),
        Columns(_("Fee"), _("none, it is free"), bold=True),
        Rule(),
        Text(_("Accepted: bank card.")),
        Text(_("Not accepted: cheque, meal voucher, gift voucher or card, paper voucher.")),
        Text(_("For private needs only, as far as the drawer allows.")),
    )
