"""Facts of what the network sent: a list in force, a price of its own kept against it, the network's taken again."""

from pos.events import Event


class ConfigApplied(Event, frozen=True, kw_only=True):
    """A list of the network is in force from here on: what follows in the journal was sold under it."""

    kind = "config.applied"
    channel: str
    n: int
    sha256: str
    # Of the manifest that named it.
    serial: int


class PriceSetAside(Event, frozen=True, kw_only=True):
    """The café keeps a price of its own against the network's; its author is who wrote the entry."""

    kind = "network.price_set_aside"
    product: str
    price: int
    # The network's price and ceiling then; −1: none.
    network: int
    ceiling: int
    # A key of `pos.till.network.REASONS`; empty when the price is not above the ceiling.
    reason: str = ""


class PriceTaken(Event, frozen=True, kw_only=True):
    """The café takes the network's price again."""

    kind = "network.price_taken"
    product: str
    price: int


class HqKeyFollowed(Event, frozen=True, kw_only=True):
    """From here on HQ signs with another key, which the one before announced and the new one proved."""

    kind = "network.hq_key_followed"
    n: int
    old: str
    key: str
    # When HQ said so; with the rest, all that both signatures are over.
    t: int
    sig: str
    pop: str


EVENTS: tuple[type[Event], ...] = (ConfigApplied, PriceSetAside, PriceTaken, HqKeyFollowed)
