"""The relay's papers: proof of deposit, the list of a bag, the day compared, a settlement. Pure."""

from collections.abc import Sequence

from pos.i18n import _, ngettext
from pos.money import format_euros
from pos.services.post import words
from pos.services.post.reading import Item
from pos.slips import Barcode, Columns, Feed, Part, Rule, Slip, Text


def proof_slip(*, cafe: str, item: Item, number: str) -> Slip:
    """Return the proof of deposit a sender goes home with; La Poste's own receipt stays the one that counts."""
    parts: list[Part] = [
        Text(cafe, align="center"),
        Rule(),
        Columns(words.sort(item.sort), str(item.pieces) if item.pieces > 1 else ""),
        *([Text(number or f"…{item.tail}", bold=True)] if item.tail else []),
        Columns(_("Handed in here"), f"{words.long_day(item.day)}, {words.hour(item.taken_at)}"),
        *([Columns(_("Postage"), format_euros(item.due))] if item.due else []),
        Rule(),
        Text(_("Keep this paper. La Poste’s tracking tells when it left.")),
    ]
    return Slip(_("Proof of deposit"), tuple(parts))


def bag_slip(
    *, cafe: str, number: int, day: str, at_ms: int, items: Sequence[tuple[Item, str]], collected_ms: int = 0
) -> Slip:
    """Return the list that goes with a bag: each number, the pieces, the hour La Poste took it."""
    pieces = sum(item.pieces for item, _number in items)
    gone = words.hour(collected_ms) if collected_ms else ""
    return Slip(
        _("Bag %(number)s for La Poste", number=number),
        (
            Text(cafe, align="center"),
            Text(f"{words.long_day(day)}, {words.hour(at_ms)}", align="center"),
            Rule(),
            *(Columns(f"{n or '…' + item.tail if item.tail else words.sort(item.sort)}", words.sort(item.sort) if item.tail else str(item.pieces)) for item, n in items),
            Rule(),
            Columns(_("In all"), ngettext("%(n)s piece", "%(n)s pieces", pieces), bold=True),
            *([Columns(_("Taken by La Poste at"), gone)] if gone else []),
            Text(_("Name and signature of La Poste’s carrier:")),
            Feed(4),
        ),
    )  # fmt: skip


def instance_slip(*, number: str, place: str, sort: str, due_on: str) -> Slip:
    """Return the label that goes on an instance: its short number, to scan, its place, its last day."""
    return Slip(
        number,
        (
            Columns(words.sort(sort), place, bold=True),
            Columns(_("Kept until"), words.long_day(due_on)),
            Barcode("CODE128", number),
        ),
    )  # fmt: skip


def settlement_slip(*, cafe: str, amount: int, means: str, ref: str, day: str, at_ms: int, owed: int) -> Slip:
    """Return the receipt of a settlement: above zero La Poste paid, below zero the café did."""
    title = _("Received from La Poste") if amount > 0 else _("Paid to La Poste")
    return Slip(
        title,
        (
            Text(cafe, align="center"),
            Text(f"{words.long_day(day)}, {words.hour(at_ms)}", align="center"),
            Rule(),
            Columns(title, format_euros(abs(amount)), bold=True),
            Columns(_("Means"), means),
            *([Columns(_("Reference"), ref)] if ref else []),
            Rule(),
            Columns(_("The café still owes La Poste") if owed >= 0 else _("La Poste still owes the café"), format_euros(abs(owed))),
            Text(_("Signature:")),
            Feed(3),
        ),
    )  # fmt: skip
