"""The poster the law wants near the till (R95): means, minimum, maximum, and that it is free."""

from pos.i18n import _
from pos.money import format_euros
from pos.services.cashback.limits import Limits
from pos.slips import Columns, Rule, Slip, Text


def poster(limits: Limits) -> Slip:
    """Return the poster for the limits in force."""
    title = _("Cash with your purchase")
    if not limits.offered:
        return Slip(title, (Text(_("This café does not give cash with a purchase."), align="center"),))
    return Slip(
        title,
        (
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
        ),
    )
