"""Facts of the bread depot: what was agreed with a baker, ordered, handed over.

What came, fell, was left unsold and is stated are facts of the consignment engine, owner `baker:b1`, a lot a day.
Quantities are thousandths of a loaf, amounts cents, days `YYYY-MM-DD`, weekdays 0 for Monday. Customers
and bakers are opaque ids: their names live in the private store.
"""

from pos.events import Event, Part


class Loaves(Part, frozen=True, kw_only=True):
    """So many of an article, in words and numbers."""

    article: str
    label: str
    quantity: int
    # What one costs the customer on that day.
    price: int = 0
    sliced: bool = False


class BakerListed(Event, frozen=True, kw_only=True):
    """A baker delivers here, or no longer does."""

    kind = "bread.baker_listed"
    baker: str
    active: bool = True


class TermsSet(Event, frozen=True, kw_only=True):
    """How orders and bags go with a baker, from a day on; the money is in the consignment contract."""

    kind = "bread.terms_set"
    baker: str
    valid_from: str
    # Weekdays on which the baker delivers.
    weekdays: list[int]
    cut_off: str = "17:00"
    release: str = "12:00"
    # free, charge_if_prepaid, charge_always
    unclaimed: str = "charge_if_prepaid"


class ArticleSet(Event, frozen=True, kw_only=True):
    """A product of the menu comes from this baker, at this price; or no longer."""

    kind = "bread.article_set"
    baker: str
    article: str
    label: str
    price: int
    dropped: bool = False


class WeeklyClosingSet(Event, frozen=True, kw_only=True):
    """The weekday on which the prefect forbids to sell bread; −1 lifts it."""

    kind = "bread.weekly_closing_set"
    weekday: int
    valid_from: str
    # Number of the prefect's order.
    order_no: str = ""


class NeedsSet(Event, frozen=True, kw_only=True):
    """What the counter itself wants of a baker: on a weekday, or on one day."""

    kind = "bread.needs_set"
    baker: str
    lines: list[Loaves]
    weekday: int = -1
    for_day: str = ""


class StandingOrderSet(Event, frozen=True, kw_only=True):
    """A customer wants the same every week, on a weekday."""

    kind = "bread.standing_order_set"
    standing: str
    person: str
    weekday: int
    lines: list[Loaves]
    valid_from: str
    valid_until: str = ""


class StandingOrderEnded(Event, frozen=True, kw_only=True):
    """A standing order ends after this day."""

    kind = "bread.standing_order_ended"
    standing: str
    last_day: str


class OrdersPaused(Event, frozen=True, kw_only=True):
    """A customer is away: no standing order of theirs from one day to another, both included."""

    kind = "bread.orders_paused"
    pause: str
    person: str
    from_day: str
    to_day: str


class PauseLifted(Event, frozen=True, kw_only=True):
    """A customer is back earlier than said."""

    kind = "bread.pause_lifted"
    pause: str


class OrderPlaced(Event, frozen=True, kw_only=True):
    """Bread was ordered for a day, once or out of a standing order."""

    kind = "bread.order_placed"
    order: str
    person: str
    for_day: str
    lines: list[Loaves]
    standing: str = ""
    # After the cut-off: the baker was told apart, or the bread is on the shelf.
    late: bool = False


class OrderChanged(Event, frozen=True, kw_only=True):
    """An order now says this: the customer changed it, or the baker brought less."""

    kind = "bread.order_changed"
    order: str
    lines: list[Loaves]
    reason: str
    late: bool = False


class OrderCancelled(Event, frozen=True, kw_only=True):
    """An order is no longer wanted, or could not be served."""

    kind = "bread.order_cancelled"
    order: str
    reason: str
    late: bool = False


class Wanted(Part, frozen=True, kw_only=True):
    """One line of what the baker is told: the counter's share, the orders' share, together."""

    article: str
    label: str
    counter: int
    ordered: int
    total: int


class RequestSent(Event, frozen=True, kw_only=True):
    """The baker was told what to bring: read on the telephone, printed, in a message."""

    kind = "bread.request_sent"
    baker: str
    for_day: str
    lines: list[Wanted]
    channel: str
    orders: list[str] = []


class BagsSetAside(Event, frozen=True, kw_only=True):
    """The bags of these orders stand ready behind the counter."""

    kind = "bread.bags_set_aside"
    day: str
    orders: list[str]


class OrderHandedOver(Event, frozen=True, kw_only=True):
    """A bag already paid left with its customer: this visit is one use."""

    kind = "bread.order_handed_over"
    order: str
    day: str
    visit: str
    lines: list[Loaves]


class HandOverUndone(Event, frozen=True, kw_only=True):
    """The wrong bag was touched: it is behind the counter again."""

    kind = "bread.hand_over_undone"
    order: str
    day: str
    visit: str
    lines: list[Loaves]


class Unclaimed(Part, frozen=True, kw_only=True):
    """One bag nobody fetched. Charged: what was paid stays paid, or is due next time."""

    order: str
    charged: bool = False


class OrdersUnclaimed(Event, frozen=True, kw_only=True):
    """Bags nobody fetched by the release hour: their bread is for sale again."""

    kind = "bread.orders_unclaimed"
    day: str
    orders: list[Unclaimed]


class OrderKept(Event, frozen=True, kw_only=True):
    """A bag is kept longer than the release hour, until the end of this day."""

    kind = "bread.order_kept"
    order: str
    until_day: str


class ReservedAllowed(Event, frozen=True, kw_only=True):
    """The manager let reserved bread be sold."""

    kind = "bread.reserved_allowed"
    tab: str
    day: str
    lines: list[Loaves]


class CustomersCounted(Event, frozen=True, kw_only=True):
    """How many customers came for bread, typed at once; it replaces what was typed before for that day."""

    kind = "bread.customers_counted"
    day: str
    customers: int
    customers_before: int = 0


EVENTS: tuple[type[Event], ...] = (
    BakerListed, TermsSet, ArticleSet, WeeklyClosingSet, NeedsSet, StandingOrderSet, StandingOrderEnded, OrdersPaused,
    PauseLifted, OrderPlaced, OrderChanged, OrderCancelled, RequestSent, BagsSetAside, OrderHandedOver, HandOverUndone,
    OrdersUnclaimed, OrderKept, ReservedAllowed, CustomersCounted,
)  # fmt: skip
