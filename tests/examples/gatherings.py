"""Examples of gatherings' facts."""

from pos.events import Event
from pos.services.gatherings.events import EntryCounted, GatheringHeld, GatheringPlanned, Registered

ID, DAY = "01975a2c4b0010aa20cc", "2026-11-20"
EXAMPLES: dict[str, Event] = {
    event.kind: event
    for event in (
        GatheringPlanned(
            gathering=ID, title="Quiz de la rentrée", sort="quiz", on_day=DAY, begins="20:00", place="cafe",
            partner="assoc:la_ruche", tags=["klesia", "reseau"], capacity=40, music=True, day="2026-11-10",
        ),
        Registered(
            registration="01975a2c4b0010aa20cd", gathering=ID, person="01975a2c4b0010aa20ce", day="2026-11-12", children=1,
            adults=2, seniors=1,
        ),
        EntryCounted(gathering=ID, bracket="adults", n=1, day=DAY),
        GatheringHeld(gathering=ID, children=4, adults=21, seniors=9, change=34, method="clicker", day=DAY),
    )
}  # fmt: skip
