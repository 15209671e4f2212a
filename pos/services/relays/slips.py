"""The relays' papers: the two halves of a ticket, the list for a provider, a key's label, a settlement. Pure."""

from collections.abc import Sequence

from pos.engines.shelf import Thing
from pos.i18n import _, ngettext
from pos.money import format_euros
from pos.services.relays import words
from pos.services.relays.events import ProviderPaid
from pos.services.relays.kinds import Relay
from pos.slips import Barcode, Columns, Cut, Feed, Part, Rule, Slip, Text


def ticket_slip(*, cafe: str, relay: Relay, thing: Thing, what: str, name: str, due: int) -> Slip:
    """Return a ticket in two halves: the customer's, with the number to bring back, and the one that stays on the thing."""
    both: list[Part] = [
        Columns(relay.label, ngettext("%(n)s piece", "%(n)s pieces", thing.pieces)),
        Columns(_("Left on"), f"{words.long_day(thing.kept_on)}, {words.hour(thing.kept_at)}"),
    ]
    return Slip(
        thing.number,
        (
            Text(cafe, align="center"),
            *both,
            *([Columns(_("To pay when fetched"), format_euros(due))] if due else []),
            Text(ngettext("Bring this ticket back. Kept %(n)s day once ready.", "Bring this ticket back. Kept %(n)s days once ready.", relay.hold_days)),
            Barcode("CODE128", thing.number),
            Cut(),
            Text(thing.number, bold=True, wide=True, align="center"),
            *both,
            *([Text(what)] if what else []),
            *([Text(name)] if name else []),
            *([Columns(_("Shelf"), thing.place, bold=True)] if thing.place else []),
            Barcode("CODE128", thing.number),
        ),
    )  # fmt: skip


def sent_slip(*, cafe: str, relay: Relay, provider: str, things: Sequence[tuple[Thing, str]], day: str) -> Slip:
    """Return the list that goes with what a provider takes away: numbers and pieces, no name of a customer."""
    pieces = sum(thing.pieces for thing, _what in things)
    return Slip(
        _("For %(label)s", label=relay.label),
        (
            Text(cafe, align="center"),
            *([Text(provider, align="center")] if provider else []),
            Text(words.long_day(day), align="center"),
            Rule(),
            *(Columns(f"{thing.number}  {what}".strip(), str(thing.pieces)) for thing, what in things),
            Rule(),
            Columns(ngettext("%(n)s ticket", "%(n)s tickets", len(things)), ngettext("%(n)s piece", "%(n)s pieces", pieces), bold=True),
            Text(_("Signature of the provider:")),
            Feed(4),
        ),
    )  # fmt: skip


def key_slip(*, number: str, code: str) -> Slip:
    """Return the label of a key's envelope: its number and code name. Never an address, never a name."""
    return Slip(
        number,
        (
            Text(code, bold=True, wide=True, align="center"),
            Text(_("Sealed envelope. Sign across the flap."), align="center"),
            Barcode("CODE128", number),
        ),
    )


def settlement_slip(*, cafe: str, relay: Relay, provider: str, told: ProviderPaid, at_ms: int) -> Slip:
    """Return the receipt a provider signs."""
    return Slip(
        _("Paid to %(label)s", label=relay.label),
        (
            Text(cafe, align="center"),
            *([Text(provider, align="center")] if provider else []),
            Text(f"{words.long_day(told.day)}, {words.hour(at_ms)}", align="center"),
            Rule(),
            Columns(_("Paid by customers"), format_euros(told.collected)),
            Columns(_("Kept by the café"), format_euros(told.commission)),
            Columns(_("Handed over"), format_euros(told.paid), bold=True),
            Columns(_("Means"), words.means(told.means)),
            *([Columns(_("Reference"), told.ref)] if told.ref else []),
            Rule(),
            Text(_("Signature:")),
            Feed(3),
        ),
    )  # fmt: skip
