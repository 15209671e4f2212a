"""Examples of the public posts' facts: one session with a form for the CAF, six pages, an erased history."""

from pos.events import Event
from pos.services.digital import events as e

DAY = "2026-04-26"
POST, SESSION = "019dc4d1c0000a1b2c3e", "019dc8c5f0000a1b2c3d"

_ALL: tuple[Event, ...] = (
    e.TermsSet(
        valid_from="2026-04-01", free_minutes=30, block_minutes=30, block_price=100, print_price=20, colour_price=50, scan_price=10
    ),
    e.PostListed(post=POST, label="Ordinateur 1", in_use=False),
    e.SessionOpened(session=SESSION, post=POST, minutes=30, day=DAY, visit=SESSION, happened_at=1_777_188_600_000),
    e.SessionExtended(session=SESSION, minutes=30),
    e.SessionClosed(
        session=SESSION, post=POST, minutes=50, time_due=100, prints=6, colour=1, scans=2, pages_due=190, day=DAY, cleared=True,
        happened_at=1_777_191_600_000,
    ),
    e.SessionCancelled(session=SESSION, post=POST, visit=SESSION, day=DAY),
    e.HelpGiven(session=SESSION, theme="caf", minutes=10, outcome="solved", day=DAY),
    e.HistoryCleared(post=POST, day=DAY),
)  # fmt: skip

EXAMPLES: dict[str, Event] = {event.kind: event for event in _ALL}
