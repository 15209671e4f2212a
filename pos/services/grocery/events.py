"""Facts of the grocery: what an article is, dates, labels, orders, producers. Names are kept apart.

Deliveries, inventories and losses are facts of the stock engine, deposits' quantities and statements of
the consignment engine; what is here is what those do not say.
"""

from pos.events import Event, Part


class ItemSet(Event, frozen=True, kw_only=True):
    """What an article holds (grams or millilitres), which dates it bears, its number on the scale, the network's price cap."""

    kind = "grocery.item_set"
    product: str
    content: int = 0
    content_unit: str = ""
    dates: str = ""
    plu: str = ""
    cap: int = 0


class PatternSet(Event, frozen=True, kw_only=True):
    """A layout of the scale's labels, from a day on."""

    kind = "grocery.pattern_set"
    prefix: str
    valid_from: str
    item_digits: int
    value: str
    value_digits: int
    in_use: bool = True
    # A digit before the value checks it (GS1's price verifier).
    checked: bool = False


class CapExceeded(Event, frozen=True, kw_only=True):
    """A delivery line cost more than the network's cap; the clerk was warned and took it."""

    kind = "grocery.cap_exceeded"
    supplier: str
    product: str
    cost: int
    cap: int
    day: str


class MarkedDown(Event, frozen=True, kw_only=True):
    """Goods near or past their best-before date cost less until those of that date are gone."""

    kind = "grocery.marked_down"
    product: str
    price: int
    was: int
    use_by: str
    day: str


class MarkdownLifted(Event, frozen=True, kw_only=True):
    """The ordinary price is back."""

    kind = "grocery.markdown_lifted"
    product: str
    day: str


class Ordered(Part, frozen=True, kw_only=True):
    """So many of an article to order."""

    product: str
    quantity: int


class OrderDrawn(Event, frozen=True, kw_only=True):
    """The list of what runs low was made into an order for a supplier."""

    kind = "grocery.order_drawn"
    number: int
    supplier: str
    day: str
    lines: list[Ordered]


class ProducerSet(Event, frozen=True, kw_only=True):
    """A producer deposits goods here: local or not, least amount paid out, statements that stand for their bill."""

    kind = "grocery.producer_set"
    producer: str
    local: bool
    minimum: int
    self_billing: bool


class DatedGoods(Part, frozen=True, kw_only=True):
    """So many of an article with its date."""

    product: str
    quantity: int
    use_by: str = ""
    date_kind: str = ""


class DepositTaken(Event, frozen=True, kw_only=True):
    """A producer deposited goods, with their dates."""

    kind = "grocery.deposit_taken"
    producer: str
    day: str
    lines: list[DatedGoods]


class ProducerPaid(Event, frozen=True, kw_only=True):
    """A producer was paid what statements left due."""

    kind = "grocery.producer_paid"
    producer: str
    numbers: list[int]
    amount: int
    means: str
    day: str
    local: bool
    ref: str = ""


EVENTS: tuple[type[Event], ...] = (
    ItemSet, PatternSet, CapExceeded, MarkedDown, MarkdownLifted, OrderDrawn, ProducerSet, DepositTaken, ProducerPaid,
)  # fmt: skip
