"""Examples of the bread depot's facts whose parts must agree with one another."""

from pos.events import Event
from pos.services.bread.events import (
    Counted,
    Delivered,
    DeliveryReceived,
    RequestSent,
    Stated,
    StatementClosed,
    UnsoldCounted,
    Wanted,
)  # fmt: skip

_DAY = "2025-06-14"
_BOULE = {"article": "boule_de_campagne", "label": "Boule de campagne"}

EXAMPLES: dict[str, Event] = {
    RequestSent.kind: RequestSent(
        baker="b1", for_day=_DAY, channel="phone", orders=["1", "5"],
        lines=[Wanted(counter=4000, ordered=6000, total=10000, **_BOULE)],
    ),
    DeliveryReceived.kind: DeliveryReceived(
        delivery="d1", baker="b1", day=_DAY, note_no="BL-0614",
        lines=[Delivered(announced=11000, counted=10000, price=240, **_BOULE)],
    ),
    UnsoldCounted.kind: UnsoldCounted(day=_DAY, lines=[Counted(expected=1000, counted=1000, **_BOULE)]),
    StatementClosed.kind: StatementClosed(
        statement="r1", baker="b1", day=_DAY, from_day=_DAY, to_day=_DAY, mode="on_behalf",
        lines=[
            Stated(price=240, received=10000, sold=8000, unsold=1000, lost=1000, received_value=2400, sold_value=1920,
                   unsold_value=240, lost_value=240, adjusted_value=0, **_BOULE),
        ],
        corrections=[
            Stated(price=240, received=0, sold=-1000, unsold=0, lost=0, received_value=0, sold_value=-240,
                   unsold_value=0, lost_value=0, adjusted_value=240, **_BOULE),
        ],
        received_value=2400, sold_value=1680, unsold_value=240, lost_value=240, adjusted_value=240, uncredited=0,
        billed=2160, commission_bp=1800, commission=389, deduction=100, deduction_reason="quality", due=1671,
    ),
}  # fmt: skip
