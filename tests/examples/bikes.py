"""Examples of the bikes' facts: a fleet of one, its hire of half a day, late and with a flat tyre."""

from pos.events import Event
from pos.services.bikes import events as e

DAY = "2026-04-26"
RENTAL, CONTRACT, BIKE, PERSON = (
    "019dc8a9a4000a1b2c3d",
    "019dc8a9a4000badcafe",
    "019dc4d1c0000a1b2c3d",
    "019dc8a9a4000a9e1d0c",
)

_ALL: tuple[Event, ...] = (
    e.TermsSet(valid_from="2026-04-01", grace_minutes=15, late_minutes=60, late_price=300),
    e.PriceSet(rule="half_day", sort="standard", minutes=240, price=800, valid_from="2026-04-01"),
    e.BikeListed(bike=BIKE, number=2, sort="standard", label="bleu", deposit=15_000),
    e.BikeMoved(bike=BIKE, state="maintenance", reason="flat_tyre", day=DAY),
    e.BikeHired(
        rental=RENTAL, contract=CONTRACT, number=7, bike=BIKE, rule="half_day", minutes=240, price=800,
        out_at=1_777_186_800_000, due_at=1_777_201_200_000, deposit_kind="cheque", deposit=15_000, proof="id_card",
        condition="good", accessories=["helmet", "lock"], person=PERSON, visit="019dc8a9a4000000feed", day=DAY,
        happened_at=1_777_186_800_000,
    ),
    e.HireCancelled(rental=RENTAL, bike=BIKE, visit="019dc8a9a4000000feed", day=DAY),
    e.BikeReturned(
        rental=RENTAL, bike=BIKE, back_at=1_777_203_600_000, late_minutes=40, late_due=300, repair_due=1_200,
        condition="damaged", damages=["flat_tyre"], missing=["lock"], state="maintenance", day=DAY,
        happened_at=1_777_203_600_000,
    ),
    e.DepositReleased(rental=RENTAL, deposit_kind="cheque", amount=15_000, day=DAY),
    e.WelcomeGiven(what="pump", n=1, day=DAY),
)  # fmt: skip

EXAMPLES: dict[str, Event] = {event.kind: event for event in _ALL}
