"""Date and time confirmed by a person when the box cannot know them (R13).

A box without battery that starts without a line asks once, whoever signs in first. The answer holds until the
machine starts again, or until the network sets the clock; both are entries.
"""

from typing import Any

from pos import drafts
from pos import journal as journals
from pos.clock import NETWORK, local
from pos.errors import Refusal
from pos.i18n import N_
from pos.store import Store
from pos.system import ClockSet

# Where the answer is kept: the start it was given in, what it adds, whether nothing better was known.
CONFIRMED = "clock"
# What is confirmed cannot be taken back: a year typed wrong would stay for ever.
AHEAD_MAX_MS = 400 * 24 * 3_600_000

AGREES_MS = 24 * 3_600_000


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
        # A box unpacked with a clock of last year: what its machine says now is no typing mistake.
        if last and at_ms > last + AHEAD_MAX_MS and abs(at_ms - tx.now) > AGREES_MS:
            raise FarFromLastEntry(last=local(last).strftime("%d/%m/%Y %H:%M"))
        old = tx.now
        tx.trust_clock()
        event = ClockSet(old=old, new=at_ms, source=source)
        store.clock.offset_ms += at_ms - old  # type: ignore[attr-defined]
        told = {"boot": store.clock.boot(), "offset": store.clock.offset_ms}  # type: ignore[attr-defined]
        try:
            tx.record(event)
            drafts.put(tx.conn, CONFIRMED, {**told, "alone": store.clock.machine_quality() < NETWORK})
        except BaseException:
            store.clock.offset_ms -= at_ms - old  # type: ignore[attr-defined]
            raise
        return event


def doubtful(store: Store) -> bool:
    """Tell whether a person must say what time it is: nothing vouches for the clock, and nobody did since the start."""
    if store.journal is None or store.clock.quality() >= NETWORK:
        return False
    with store.reading() as conn:
        told = drafts.get(conn, CONFIRMED, {})
    return bool(told.get("boot") != store.clock.boot())


def resume(store: Store) -> None:
    """Take up what was confirmed since the machine started, when only the till starts again."""
    with store.reading() as conn:
        told = drafts.get(conn, CONFIRMED, {})
    if told.get("boot") and told["boot"] == store.clock.boot():
        store.clock.offset_ms = told["offset"]  # type: ignore[attr-defined]


def settle(store: Store) -> ClockSet | None:
    """Give the clock back to the network when it comes after a person's word; record old and new.

    Waits while that would go behind the last entry: a clock typed a little fast is caught up with.
    """
    with store.reading() as conn:
        told = drafts.get(conn, CONFIRMED, {})
    if not told.get("alone") or store.clock.machine_quality() < NETWORK or store.journal is None:
        return None
    clock: Any = store.clock
    offset = clock.offset_ms
    try:
        with store.writing(by="box") as tx:
            event = ClockSet(old=tx.now, new=tx.now - offset, source="network")
            if event.new < journals.tip(tx.conn, store.journal).t:
                return None
            drafts.put(tx.conn, CONFIRMED, {**told, "offset": 0, "alone": False})
            if not offset:
                return None
            tx.trust_clock()
            clock.offset_ms = 0
            tx.record(event)
    except BaseException:
        clock.offset_ms = offset
        raise
    return event
