"""Examples of the tour's facts."""

from pos.events import Event
from pos.services.tour.events import CupsMoved, EntriesCounted, StopMoved, StopOpened, StopPlanned, StopReported

STOP, DAY = "01975a2c4b0010aa20bb", "2026-06-05"
EXAMPLES: dict[str, Event] = {
    event.kind: event
    for event in (
        StopPlanned(
            stop=STOP, tour="01975a2c4b0010aa20ba", on_day=DAY, commune="51358", town="Maurupt-le-Montois",
            place="Place de l’église", day="2026-06-01", host="assoc:comite_des_fetes",
        ),
        StopOpened(stop=STOP, commune="51358", place="Place de l’église", day=DAY, authorisation="2026-31"),
        StopMoved(stop=STOP, commune="51358", reason="rain", place="Salle des fêtes", day=DAY),
        StopReported(
            stop=STOP, commune="51358", takings=110500, card=51200, cash=59300, turnover=65200, attendance=204, day=DAY
        ),
        EntriesCounted(stop=STOP, commune="51358", n=1, total=204, method="clicker", day=DAY),
        CupsMoved(stop=STOP, n=-2, amount=-200, day=DAY),
    )
}  # fmt: skip
