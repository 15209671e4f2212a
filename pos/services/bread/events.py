"""Facts of the bread depot: what was agreed with a baker, ordered, delivered, handed over, left unsold, stated.

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


class ContractSet(Event, frozen=True, kw_only=True):
    """What the café and a baker agreed, from a day on."""

    kind = "bread.contract_set"
    baker: str
    valid_from: str
    # own: bought and resold; on_behalf: sold in the baker's name, out of turnover (R85, R90).
    mode: str
    commission_bp: int
    # returned_100: all unsold is credited; capped: up to a share of what came; firm: nothing.
    unsold: str
    # Weekdays on which the baker delivers.
    weekdays: list[int]
    unsold_cap_bp: int = 0
    period: str = "week"
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


class Delivered(Part, frozen=True, kw_only=True):
    """One line of a delivery: what the note announced, what was counted, the price of one."""

    article: str
    label: str
    announced: int
    counted: int
    price: int


class DeliveryReceived(Event, frozen=True, kw_only=True):
    """Bread came and was counted; what differs from the note is its discrepancy."""

    kind = "bread.delivery_received"
    delivery: str
    baker: str
    day: str
    lines: list[Delivered]
    note_no: str = ""


class DeliveryCorrected(Event, frozen=True, kw_only=True):
    """A delivery was counted again: this article was so many, not so many."""

    kind = "bread.delivery_corrected"
    delivery: str
    baker: str
    day: str
    article: str
    label: str
    was: int
    counted: int
    price: int


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


class Withdrawn(Event, frozen=True, kw_only=True):
    """Bread left the shelf unsold before the evening: fell, was eaten by staff, was given."""

    kind = "bread.withdrawn"
    day: str
    article: str
    label: str
    quantity: int
    reason: str


class Counted(Part, frozen=True, kw_only=True):
    """What is left of an article, and what should be."""

    article: str
    label: str
    expected: int
    counted: int


class UnsoldCounted(Event, frozen=True, kw_only=True):
    """What was left of the day's bread was counted; what is missing is lost."""

    kind = "bread.unsold_counted"
    day: str
    lines: list[Counted]


class UnsoldGone(Event, frozen=True, kw_only=True):
    """Unsold bread left the day: returned to the baker, donated, or kept to sell as bread of yesterday."""

    kind = "bread.unsold_gone"
    day: str
    how: str
    lines: list[Loaves]


class Stated(Part, frozen=True, kw_only=True):
    """One article of a statement. Values are what customers pay for such quantities."""

    article: str
    label: str
    price: int
    received: int
    sold: int
    unsold: int
    lost: int
    received_value: int
    sold_value: int
    unsold_value: int
    lost_value: int
    # Money without bread: bags charged though nobody fetched them, less refunds of earlier days.
    adjusted_value: int = 0


class StatementClosed(Event, frozen=True, kw_only=True):
    """Accounts with a baker up to a day: sold and billed, commission, what is due.

    billed = sold + adjusted + lost + unsold that is not credited; due = billed − commission − deduction.
    Corrections are what changed of days stated before: they are in the totals.
    """

    kind = "bread.statement_closed"
    statement: str
    baker: str
    day: str
    from_day: str
    to_day: str
    mode: str
    lines: list[Stated]
    corrections: list[Stated] = []
    received_value: int
    sold_value: int
    unsold_value: int
    lost_value: int
    adjusted_value: int = 0
    uncredited: int = 0
    billed: int
    commission_bp: int
    commission: int
    deduction: int = 0
    deduction_reason: str = ""
    due: int


class StatementPaid(Event, frozen=True, kw_only=True):
    """A baker whose bread the café buys was paid what a statement says."""

    kind = "bread.statement_paid"
    statement: str
    baker: str
    amount: int
    means: str
    day: str


class CustomersCounted(Event, frozen=True, kw_only=True):
    """How many customers came for bread, typed at once; it replaces what was typed before for that day."""

    kind = "bread.customers_counted"
    day: str
    customers: int
    customers_before: int = 0


EVENTS: tuple[type[Event], ...] = (
    BakerListed, ContractSet, ArticleSet, WeeklyClosingSet, NeedsSet, StandingOrderSet, StandingOrderEnded,
    OrdersPaused, PauseLifted, OrderPlaced, OrderChanged, OrderCancelled, RequestSent, DeliveryReceived,
    DeliveryCorrected, BagsSetAside, OrderHandedOver, HandOverUndone, OrdersUnclaimed, OrderKept, ReservedAllowed,
    Withdrawn, UnsoldCounted, UnsoldGone, StatementClosed, StatementPaid, CustomersCounted,
)  # fmt: skip
