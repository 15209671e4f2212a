"""Facts of the small relays. No name, no address, no code name of a key: only opaque ids and amounts.

Things wait in the shelf engine (`ThingKept`, `ThingMoved`), money of a provider is a line of a ticket:
what is here is what those do not say.
"""

from pos.events import Event


class RelaySet(Event, frozen=True, kw_only=True):
    """The café takes things in for a provider from a day on, keeps them so many days, keeps such a share.

    `sort` is laundry, repair, photo, keys, baskets or other.
    """

    kind = "relays.relay_set"
    relay: str
    sort: str
    label: str
    commission_bp: int
    hold_days: int
    valid_from: str
    in_use: bool = True


class PriceTold(Event, frozen=True, kw_only=True):
    """The provider said what is to pay for a thing, in cents."""

    kind = "relays.price_told"
    thing: str
    amount: int
    day: str


class RightGiven(Event, frozen=True, kw_only=True):
    """Somebody may take a key."""

    kind = "relays.right_given"
    thing: str
    person: str
    day: str


class RightEnded(Event, frozen=True, kw_only=True):
    """Somebody may no longer take a key."""

    kind = "relays.right_ended"
    thing: str
    person: str
    day: str


class KeyTaken(Event, frozen=True, kw_only=True):
    """A key left with somebody who may take it, against a kind of proof; `due_on` is when it should be back."""

    kind = "relays.key_taken"
    thing: str
    person: str
    proof: str
    day: str
    visit: str
    due_on: str = ""


class KeyBrought(Event, frozen=True, kw_only=True):
    """A key came back in its envelope."""

    kind = "relays.key_brought"
    thing: str
    day: str
    visit: str


class BatchAnnounced(Event, frozen=True, kw_only=True):
    """Baskets will be handed over on a day, between two times; each is a thing on the shelf."""

    kind = "relays.batch_announced"
    batch: str
    relay: str
    day: str
    on: str
    first: str
    last: str
    things: list[str]


class BatchEnded(Event, frozen=True, kw_only=True):
    """A hand-over of baskets is over: so many collected, so many left."""

    kind = "relays.batch_ended"
    batch: str
    day: str
    collected: int
    left: int


class ProviderPaid(Event, frozen=True, kw_only=True):
    """A provider's account was settled: what customers paid, what the café keeps of it, what was handed on."""

    kind = "relays.provider_paid"
    relay: str
    day: str
    collected: int
    commission: int
    paid: int
    means: str
    ref: str = ""


EVENTS: tuple[type[Event], ...] = (
    RelaySet, PriceTold, RightGiven, RightEnded, KeyTaken, KeyBrought, BatchAnnounced, BatchEnded, ProviderPaid,
)  # fmt: skip
