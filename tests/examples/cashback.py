"""Examples of the cash-back service's facts."""

from pos.events import Event
from pos.services.cashback.events import LimitsSet

EXAMPLES: dict[str, Event] = {
    LimitsSet.kind: LimitsSet(
        min_purchase=500, max_cash=4000, step=1000, reserve=5000, valid_from="2026-11-20", source="cafe"
    ),
}
