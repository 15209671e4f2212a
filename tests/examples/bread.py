"""Examples of the bread depot's facts whose parts must agree with one another."""

from pos.events import Event
from pos.services.bread.events import (
    RequestSent,
    Wanted,
)  # fmt: skip

_DAY = "2025-06-14"
_BOULE = {"article": "boule_de_campagne", "label": "Boule de campagne"}

EXAMPLES: dict[str, Event] = {
    RequestSent.kind: RequestSent(
        baker="b1", for_day=_DAY, channel="phone", orders=["1", "5"],
        lines=[Wanted(counter=4000, ordered=6000, total=10000, **_BOULE)],
    ),
}  # fmt: skip
