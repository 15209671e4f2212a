"""Examples of the relays' facts: a suit's price, a key out and in, a hand-over of baskets, a provider paid."""

from pos.events import Event
from pos.services.relays import events as e

DAY = "2026-03-14"
THING, PERSON, VISIT, BATCH = (
    "019ce9a3f4100a1b2c3d",
    "019ce9a3f4200a1b2c3d",
    "019ce9a3f4000badcafe",
    "019ce9a3f4300a1b2c3d",
)

_ALL: tuple[Event, ...] = (
    e.RelaySet(
        relay="pressing", sort="laundry", label="Pressing", commission_bp=1_500, hold_days=60, valid_from="2026-03-01", in_use=True
    ),
    e.PriceTold(thing=THING, amount=1_800, day=DAY),
    e.RightGiven(thing=THING, person=PERSON, day=DAY),
    e.RightEnded(thing=THING, person=PERSON, day=DAY),
    e.KeyTaken(thing=THING, person=PERSON, proof="id_seen", day=DAY, visit=VISIT, due_on="2026-03-20"),
    e.KeyBrought(thing=THING, day=DAY, visit=VISIT),
    e.BatchAnnounced(
        batch=BATCH, relay="amap", day="2026-03-13", on=DAY, first="17:00", last="19:00", things=["019ce9a3f4400a1b2c3d", THING]
    ),
    e.BatchEnded(batch=BATCH, day=DAY, collected=2, left=1),
    e.ProviderPaid(
        relay="pressing", day=DAY, collected=2_450, commission=368, paid=2_082, means="transfer", ref="VIR-7"
    ),
)  # fmt: skip

EXAMPLES: dict[str, Event] = {event.kind: event for event in _ALL}
