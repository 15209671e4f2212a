"""The press counter's papers: the slip of a bundle, a claim, a statement, a debit of games. Pure."""

from collections.abc import Sequence

from pos.i18n import _
from pos.money import format_euros, format_quantity
from pos.services.press import words
from pos.services.press.events import UnsoldReturned
from pos.services.press.reading import Issue
from pos.slips import Barcode, Columns, Feed, Part, Rule, Slip, Text


def bundle_slip(*, cafe: str, told: UnsoldReturned) -> Slip:
    """Return the slip that goes on a bundle of unsold copies: a line per issue, the number to scan."""
    parts: list[Part] = [
        Text(cafe, align="center"),
        Text(_("Given back on %(day)s", day=words.short(told.day)), align="center"),
        Rule(),
        *(
            Columns(line.label, format_quantity(line.returned), middle=format_euros(line.price))
            for line in told.lines
            if line.returned
        ),
        Rule(),
        Columns(_("Copies given back"), format_quantity(sum(line.returned for line in told.lines)), bold=True),
        Columns(_("Public price"), format_euros(told.returned_cents)),
    ]
    missing = [line for line in told.lines if line.missing]
    if missing:
        parts += [
            Rule(),
            Text(_("Missing, charged to the café:"), bold=True),
            *(Columns(line.label, format_quantity(line.missing), middle=format_euros(line.price)) for line in missing),
            Columns(_("Charged"), format_euros(told.charged)),
        ]
    parts += [Barcode("CODE128", told.slip), Text(_("Taken by the depot, signature:")), Feed(3)]
    return Slip(_("Unsold press %(slip)s", slip=told.slip), tuple(parts))


def claim_slip(*, cafe: str, slip: str, day: str, issues: Sequence[Issue]) -> Slip:
    """Return what is told to the depot: announced and received of each issue that differs."""
    return Slip(
        _("Claim on slip %(slip)s", slip=slip),
        (
            Text(cafe, align="center"),
            Text(_("Delivered on %(day)s", day=words.short(day)), align="center"),
            Rule(),
            *(
                Columns(
                    f"{one.label} {one.issue}".strip(),
                    _(
                        "%(received)s for %(announced)s",
                        received=format_quantity(one.received),
                        announced=format_quantity(one.announced),
                    ),
                )
                for one in issues
            ),
            Rule(),
            Text(_("Please correct the account.")),
            Feed(2),
        ),
    )


def games_slip(
    *, cafe: str, operator: str, first: str, last: str, stakes: int, wins: int, commission: int, due: int
) -> Slip:
    """Return the account of an operator's days, to keep with its debit."""
    return Slip(
        _("%(operator)s, %(first)s to %(last)s", operator=operator, first=words.short(first), last=words.short(last)),
        (
            Text(cafe, align="center"),
            Rule(),
            Columns(_("Stakes"), format_euros(stakes)),
            Columns(_("Wins paid"), format_euros(-wins)),
            Columns(_("Commission kept"), format_euros(-commission)),
            Rule(),
            Columns(_("Debited"), format_euros(due), bold=True),
            Text(_("The operator’s own bill says the VAT on the commission.")),
        ),
    )
