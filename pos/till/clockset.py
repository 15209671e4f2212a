"""Date and time confirmed by a person when the box cannot know them (R13)."""

from pos import journal as journals
from pos.clock import local
from pos.errors import Refusal
from pos.i18n import N_
from pos.store import Store
from pos.system import ClockSet

# What is confirmed cannot be taken back: a year typed wrong would stay for ever.
AHEAD_MAX_MS = 400 * 24 * 3_600_000


class BeforeLastEntry(Refusal):
    """Time does not go back behind what is written."""

    sentence = N_("The last entry is of %(last)s: it cannot be earlier now.")
    remedy = N_("Check the date and time on a telephone and type them again.")


class FarFromLastEntry(Refusal):
    """A date far ahead is more likely a typing mistake than a café closed for years."""

    sentence = N_("The last entry is of %(last)s: more than a year later is surely a mistake.")
    remedy = N_("Check the year and type the date again.")


def confirm_clock(store: Store, at_ms: int, *, by: str, source: str = "operator", attempt: str = "") -> ClockSet:
    """Set the box's time to `at_ms` (UTC) until it restarts, and record old and new."""
    with store.writing(by=by, attempt=attempt) as tx:
        last = journals.tip(tx.conn, store.journal).t if store.journal else 0
        if at_ms < last:
            raise BeforeLastEntry(last=local(last).strftime("%d/%m/%Y %H:%M"))
        if last and at_ms > last + AHEAD_MAX_MS:
            raise FarFromLastEntry(last=local(last).strftime("%d/%m/%Y %H:%M"))
        old = tx.now
        tx.trust_clock()
        event = ClockSet(old=old, new=at_ms, source=source)
        store.clock.offset_ms += at_ms - old  # type: ignore[attr-defined]
        try:
            tx.record(event)
        except BaseException:
            store.clock.offset_ms -= at_ms - old  # type: ignore[attr-defined]
            raise
        return event
