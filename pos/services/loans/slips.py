"""The loans' papers: a thing's label, a borrower's reminder, a box's list. Pure."""

from collections.abc import Sequence

from pos.i18n import _
from pos.services.loans import words
from pos.services.loans.reading import Box, Item, Loan
from pos.slips import Barcode, Columns, Feed, Rule, Slip, Text


def label_slip(item: Item, cafe: str) -> Slip:
    """Return the label of a thing that bears no barcode."""
    return Slip(item.number, (Text(item.label, bold=True), Text(cafe), Barcode("CODE128", item.number)))


def due_slip(*, cafe: str, lent: Sequence[tuple[Item, Loan]]) -> Slip:
    """Return what a borrower takes home: what was lent, until when. No name."""
    return Slip(
        _("To bring back"),
        (
            Text(cafe, align="center"),
            Rule(),
            *(Columns(item.label, words.long_day(loan.due_on)) for item, loan in lent),
            Rule(),
            Text(_("You may keep it longer: ask before that day.")),
        ),
    )


def box_slip(*, cafe: str, box: Box, items: Sequence[Item]) -> Slip:
    """Return the list of a library's box: what is in it, what is missing."""
    return Slip(
        _("Library box %(number)s", number=box.number),
        (
            Text(cafe, align="center"),
            Columns(_("Goes back on"), words.long_day(box.due_on)),
            Rule(),
            *(Columns(f"{item.number}  {item.label}", words.state(item.state)) for item in items),
            Rule(),
            Text(_("Signature:")),
            Feed(3),
        ),
    )
