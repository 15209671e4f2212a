"""Facts of the card terminal besides payments: money going back on a card, the day compared with its slip."""

from pos.events import Event, Part
from pos.till.events import Payment


class RefundPart(Part, frozen=True, kw_only=True):
    """A line of the ticket to give back: its place, how much of it in thousandths."""

    place: int
    quantity: int


class CardRefundStarted(Event, frozen=True, kw_only=True):
    """The terminal is about to be asked to give money back; on disk before its first byte leaves (R15).

    The refund itself is recorded once the terminal, or its slip, says that the money went back
    (`CardPaymentSettled` under the same `payment`).
    """

    kind = "till.card_refund_started"
    payment: str
    # Cents that go back on the card, above zero.
    amount: int
    # `cancel`: the payment of today is undone; `refund`: a credit.
    action: str
    day: str
    # The ticket, and what of it goes back by which means; 0 for a part payment of a bill still open.
    no: int = 0
    reason: str = ""
    parts: list[RefundPart] = []
    payments: list[Payment] = []
    # The bill still open, whose last part payment is undone.
    tab: str = ""


class CardsCompared(Event, frozen=True, kw_only=True):
    """At the closing, the day's cards in the till against what the terminal's own slip says."""

    kind = "till.cards_compared"
    day: str
    expected: int
    told: int
    difference: int


EVENTS: tuple[type[Event], ...] = (CardRefundStarted, CardsCompared)
