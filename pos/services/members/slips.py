"""A member's card as a slip: number, until when, and the square that any scan knows."""

from pos.i18n import _
from pos.slips import Columns, Feed, Qr, Rule, Slip, Text


def card_slip(*, cafe: str, association: str, number: int, card: str, until: str) -> Slip:
    """Return the card to hand over; it bears a number, never a name."""
    return Slip(
        _("Member’s card"),
        (
            Text(cafe, align="center"),
            Text(association, bold=True, align="center"),
            Rule(),
            Columns(_("Member no."), f"{number:04d}", bold=True, tall=True),
            *((Columns(_("Dues paid until"), until),) if until else ()),
            Qr(card),
            Text(card, align="center"),
            Text(_("Show this card at the counter. Lost: a new one ends this one."), align="center"),
            Feed(2),
        ),
    )
