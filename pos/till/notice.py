"""The notice to put up where people pay: when a ticket is printed, when a note is due (R63, R64)."""

from pos.i18n import _
from pos.money import format_euros
from pos.slips import Columns, Part, Rule, Slip, Text
from pos.till import law
from pos.till.events import CafeDescribed


def notice(cafe: CafeDescribed, day: str) -> Slip:
    """Return the notice as the law of `day` words it."""
    from_cents = format_euros(law.value("note.compulsory_from", day))
    parts: list[Part] = [Text(cafe.sign, bold=True, wide=True, align="center"), Rule()]
    if not law.value("receipt.printed_by_default", day):
        parts += [
            Text(_("Your ticket is printed if you ask for it."), bold=True, tall=True, align="center"),
            Text(_("Code de l’environnement, art. L. 541-15-10 and D. 541-370 to 372."), align="center"), Rule(),
        ]  # fmt: skip
    parts += [
        Text(_("Note for services (bar, meals on site, hire)"), bold=True),
        Columns(_("from %(amount)s incl. VAT", amount=from_cents), _("always given")),
        Columns(_("below"), _("on request")),
        Text(_("Arrêté 83-50/A of 3 October 1983.")),
    ]
    return Slip(_("Notice: tickets and notes"), tuple(parts), titled=False)
