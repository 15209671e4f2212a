"""Examples of the information point's facts: a question, a leaflet, a castle's ticket."""

from pos.events import Event
from pos.services.info import events as e

DAY = "2026-04-26"
ANSWER, LEAFLET, VISIT = "019dc8c5f0000a1b2c4d", "019dc4d1c0000a1b2c4e", "019dc8c5f0000badcafe"

_ALL: tuple[Event, ...] = (
    e.QuestionAnswered(answer=ANSWER, theme="townhall", day=DAY, visit=VISIT),
    e.AnswerUndone(answer=ANSWER, theme="townhall", day=DAY, visit=VISIT),
    e.LeafletListed(leaflet=LEAFLET, label="Circuit des moulins", theme="tourism", low=10, in_use=False),
    e.LeafletReceived(leaflet=LEAFLET, copies=50, day=DAY),
    e.LeafletGiven(answer=ANSWER, leaflet=LEAFLET, theme="tourism", day=DAY, visit=VISIT),
    e.TicketListed(product="ticket_chateau_adulte", owner="ticket:chateau", commission_bp=500, valid_from=DAY),
    e.TicketsStated(owner="ticket:chateau", number=1, sold=4_000, commission=200, due=3_800, upto_seq=412, day=DAY),
)  # fmt: skip

EXAMPLES: dict[str, Event] = {event.kind: event for event in _ALL}
