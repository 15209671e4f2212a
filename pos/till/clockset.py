"""Date and time confirmed by a person when the box cannot know them (R13)."""

from pos import journal as journals
from pos.clock import local
from pos.errors import Refusal
from pos.i18n import N_
from pos.store import Store
from pos.system import ClockSet


class BeforeLastEntry(Refusal):
    """Time does not go back behind what is written."""

    sentence = N_("The last entry is of %(last)s: it cannot be earlier now.")
    remedy = N_("Check the date and time on a telephone and type them again.")


def confirm_clock(store: Store, at_ms: int, *, by: str, source: str = "operator", attempt: str = "") -> ClockSet:
    """Set the box's time to `at_ms` (UTC) until it restarts, and record old and new."""
    with store.writing(by=by, attempt=attempt) as tx:
        last = journals.tip(tx.conn, store.journal).t if store.journal else 0
        if at_ms < last:
            raise BeforeLastEntry(last=local(last).strftime("%d/%m/%Y %H:%M"))
        old = tx.now
        store.clock.offset_ms += at_ms - old  # type: ignore[attr-defined]
        tx.trust_clock()
        event = ClockSet(old=old, new=at_ms, source=source)
        tx.record(event)
        return event
