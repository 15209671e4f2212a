"""Examples of the loans' facts: a novel lent, kept longer, back; a box of the library."""

from pos.events import Event
from pos.services.loans import events as e

DAY = "2026-03-14"
ITEM, LOAN, PERSON, BOX = "019ce9a3f5100a1b2c3d", "019ce9a3f5200a1b2c3d", "019ce9a3f5300a1b2c3d", "019ce9a3f5400a1b2c3d"

_ALL: tuple[Event, ...] = (
    e.ItemListed(
        item=ITEM, number="E-12", label="Le Grand Meaulnes", sort="book", day=DAY, code="9782253005278", loan_days=28, box=BOX
    ),
    e.ItemRetired(item=ITEM, day=DAY, reason="worn"),
    e.ItemLent(
        loan=LOAN, item=ITEM, person=PERSON, day=DAY, due_on="2026-04-04", visit="019ce9a3f5000badcafe", visit_by="tap"
    ),
    e.LoanExtended(loan=LOAN, day="2026-04-04", due_on="2026-04-25"),
    e.ItemReturned(loan=LOAN, item=ITEM, day="2026-04-25"),
    e.ItemLost(loan=LOAN, item=ITEM, day="2026-06-01"),
    e.BoxReceived(box=BOX, number=3, day=DAY, due_on="2026-06-15"),
    e.BoxReturned(box=BOX, day="2026-06-15", returned=38, missing=2),
)  # fmt: skip

EXAMPLES: dict[str, Event] = {event.kind: event for event in _ALL}
