"""Facts that put right what was typed, beside what was written and never in its place (R25)."""

from pos.events import Event


class PaymentCorrected(Event, frozen=True, kw_only=True):
    """A part of a ticket was paid by another means than was typed: taken off one, put on the other (R25).

    The ticket stands as it was written. `day` is the day that bears the correction: today's, also when
    the ticket's own day is closed.
    """

    kind = "till.payment_corrected"
    no: int
    original_seq: int
    was: str
    now: str
    amount: int
    reason: str
    day: str


EVENTS: tuple[type[Event], ...] = (PaymentCorrected,)
