"""What the small relays tell the network: things left, fetched, given up; keys; what waits past its day."""

from pos.engines.shelf import COLLECTED, GIVEN_UP, HERE, ON_BILL, ThingKept, ThingMoved
from pos.feature import Figure, Indicator, Tells, Wait, Waiting, Waits, services_sold
from pos.i18n import N_
from pos.services.relays import events
from pos.services.relays.tables import CODES
from pos.till.events import SaleCompleted

THING, KEY = "relay_thing", "relay_key"
_COUNTED = {COLLECTED: "relay_collected", GIVEN_UP: "relay_given_up"}


def _left(kept: ThingKept) -> tuple[Figure, ...]:
    return (Figure("relay_left", kept.pieces),) if kept.service in CODES else ()


def _gone(moved: ThingMoved) -> tuple[Figure, ...]:
    code = _COUNTED.get(moved.state) if moved.service in CODES else None
    return (Figure(code, 1),) if code else ()


def _kept(kept: ThingKept) -> tuple[Wait, ...]:
    return (Wait(THING, kept.thing, kept.until or kept.due_on, here=True),) if kept.service in CODES else ()


def _moved(moved: ThingMoved) -> tuple[Wait, ...]:
    return (Wait(THING, moved.thing, moved.until or None, here=moved.state in HERE),) if moved.service in CODES else ()


def _paid(sale: SaleCompleted) -> list[str]:
    """Return the things of ours that a sale handed over."""
    if services_sold(sale).isdisjoint(CODES):
        return []
    return [
        line.ref.removeprefix(ON_BILL) for line in sale.lines if line.ref.startswith(ON_BILL) and line.service in CODES
    ]


INDICATORS = (
    Indicator("relay_left", N_("Things left at the small relays")), Indicator("relay_collected", N_("Things fetched")),
    Indicator("relay_given_up", N_("Things nobody fetched")), Indicator("keys_taken", N_("Keys lent out")),
)  # fmt: skip
TELLS: Tells = {
    ThingKept: _left, ThingMoved: _gone, events.KeyTaken: lambda _taken: (Figure("keys_taken", 1),),
    SaleCompleted: lambda sale: (Figure("relay_collected", 1) for _thing in _paid(sale)),
}  # fmt: skip
WAITING = (Waiting(THING, N_("Things at the small relays")), Waiting(KEY, N_("Keys lent out")))
WAITS: Waits = {
    ThingKept: _kept, ThingMoved: _moved,
    events.KeyTaken: lambda taken: (Wait(KEY, taken.thing, taken.due_on, here=True),),
    events.KeyBrought: lambda brought: (Wait(KEY, brought.thing, here=False),),
    SaleCompleted: lambda sale: (Wait(THING, thing, here=False) for thing in _paid(sale)),
}  # fmt: skip
