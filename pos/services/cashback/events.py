"""Facts of the cash-back service. The operation itself is part of its sale: `SaleCompleted.cashback`."""

from pos.events import Event


class LimitsSet(Event, frozen=True, kw_only=True):
    """The café chose its own limits, within the law's, from a day on (R93: a volunteer may set lower ones).

    `max_cash` 0: the café does not offer cash-back. `source` is a short code, never free text.
    """

    kind = "cashback.limits_set"
    min_purchase: int
    max_cash: int
    step: int
    reserve: int
    valid_from: str
    source: str


EVENTS: tuple[type[Event], ...] = (LimitsSet,)
