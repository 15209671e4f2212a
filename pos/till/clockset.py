"""Date and time confirmed by a person when the box cannot know them (R13).

A box without battery that starts without a line asks once, whoever signs in first. The answer holds until the
machine starts again, or until the network sets the clock; both are entries. A date far from the last entry is
asked for twice, of the manager. More than a weekend ahead, no month is closed on it before another day's answer or
the network says the same; until then it may be put right, although entries already bear the wrong time.
"""

import sqlite3
from datetime import timedelta
from typing import Any

from pos import drafts
from pos import journal as journals
from pos.clock import NETWORK, business_day, local
from pos.errors import Refusal
from pos.i18n import N_
from pos.journal import Envelope
from pos.projections import Projection
from pos.store import CLOCK_LEAP_MS, Store, Writing
from pos.system import ClockSet
from pos.till import refusals as no
from pos.till import tables

# Where the answer is kept: the start it was given in, what it adds, whether nothing better was known.
CONFIRMED = "clock"
PERSON, BY_NETWORK = "operator", "network"
# A year typed wrong is no café that stood empty.
AHEAD_MAX_MS = int(timedelta(days=400).total_seconds() * 1000)
# A café is closed for a weekend without anybody wondering.
PLAIN_MS = int(timedelta(days=3).total_seconds() * 1000)
AGREES_MS = int(timedelta(days=1).total_seconds() * 1000)

# One row: since when time is only a person's word and when that says it is (0: it is borne out); when a clock too
# far ahead was put right, and up to where entries say later.
SCHEMA = """
CREATE TABLE till_clock (
  one INTEGER PRIMARY KEY CHECK (one = 1), since INTEGER NOT NULL, said INTEGER NOT NULL, put_right INTEGER NOT NULL,
  ahead INTEGER NOT NULL
) STRICT
"""
_PUT = "INSERT OR REPLACE INTO till_clock (one, since, said, put_right, ahead) VALUES (1, ?, ?, ?, ?)"


class BeforeLastEntry(Refusal):
    """Time does not go back behind what is written."""

    sentence = N_("The last entry is of %(last)s: it cannot be earlier now.")
    remedy = N_("Check the date and time on a telephone and type them again.")


class FarFromLastEntry(Refusal):
    """A date far ahead is more likely a typing mistake than a café closed for years."""

    sentence = N_("The last entry is of %(last)s: more than a year later is surely a mistake.")
    remedy = N_("Check the year and type the date again.")


class TypeItAgain(Refusal):
    """A date months after the last entry is typed twice."""

    sentence = N_("The last entry is of %(last)s, long before.")
    remedy = N_("Look at the date and the year on a telephone and type them once more.")


def confirm_clock(
    store: Store, at_ms: int, *, sure: bool = False, by: str, source: str = PERSON, attempt: str = ""
) -> ClockSet:
    """Set the box's time to `at_ms` (UTC) until it restarts, and record old and new. `sure`: it was typed twice.

    Raises BeforeLastEntry, FarFromLastEntry, ManagerNeeded, TypeItAgain.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        last = store.believed(journals.tip(tx.conn, store.journal).t) if store.journal else 0
        _check_plausible(tx, at_ms, last, sure)
        old = tx.now
        tx.trust_clock(leap=True)
        event = ClockSet(old=old, new=at_ms, source=source, last=last)
        store.clock.offset_ms += at_ms - old  # type: ignore[attr-defined]
        told = {"boot": store.clock.boot(), "offset": store.clock.offset_ms}  # type: ignore[attr-defined]
        try:
            tx.record(event)
            drafts.put(tx.conn, CONFIRMED, {**told, "alone": store.clock.machine_quality() < NETWORK})
        except BaseException:
            store.clock.offset_ms -= at_ms - old  # type: ignore[attr-defined]
            raise
        right = _row(tx.conn)
    store.put_right = (right["put_right"], right["ahead"]) if right else (0, 0)
    return event


def _check_plausible(tx: Writing, at_ms: int, last: int, sure: bool) -> None:
    """Refuse a time that goes behind what is sure; ask again, and the manager, for one far from it."""
    said = local(last).strftime("%d/%m/%Y %H:%M")
    if at_ms < last:
        row = _row(tx.conn)
        if row is None or not row["since"] or at_ms < row["since"]:
            raise BeforeLastEntry(last=said)
        # The way back from a date typed wrong: nothing was closed on it.
        if tables.role_of(tx.conn, tx.by) != "manager":
            raise no.ManagerNeeded
    if not last or at_ms <= last + CLOCK_LEAP_MS:
        return
    # A box unpacked with a clock of last year: what its machine says now is no typing mistake.
    agrees = abs(at_ms - tx.now) <= AGREES_MS
    if agrees and tx.store.clock.quality() >= NETWORK:
        return
    if at_ms > last + AHEAD_MAX_MS and not agrees:
        raise FarFromLastEntry(last=said)
    if tables.role_of(tx.conn, tx.by) != "manager":
        raise no.ManagerNeeded
    if not sure:
        raise TypeItAgain(last=said)


def _told(conn: sqlite3.Connection, entry: Envelope, e: ClockSet) -> None:
    if not e.last:
        return
    row = _row(conn)
    since, said = (row["since"], row["said"]) if row else (0, 0)
    right = (row["put_right"], row["ahead"]) if row else (0, 0)
    if entry.tq < NETWORK and e.new > e.last + PLAIN_MS:
        since, said = since or e.last, e.new
    elif entry.tq >= NETWORK or e.new < e.last or business_day(e.new) > business_day(said):
        since = said = 0
    if e.new < entry.t:
        right = (e.new, entry.t)
    conn.execute(_PUT, (since, said, *right))


PROJECTION = Projection("clock", SCHEMA, {ClockSet: _told})


def _row(conn: sqlite3.Connection) -> sqlite3.Row | None:
    row: sqlite3.Row | None = conn.execute("SELECT * FROM till_clock").fetchone()
    return row


def sure_day(conn: sqlite3.Connection) -> str:
    """Return the last day that is sure, while what came after is only one person's word; else an empty text."""
    row = _row(conn)
    return business_day(row["since"]) if row is not None and row["since"] else ""


def to_bear_out(store: Store) -> bool:
    """Tell whether it is a day after the one on which a person said a time far ahead, and nobody said it again since."""
    with store.reading() as conn:
        row = _row(conn)
    return row is not None and bool(row["since"]) and business_day(store.clock.now_ms()) > business_day(row["said"])


def doubtful(store: Store) -> bool:
    """Tell whether a person must say what time it is: nothing vouches for the clock, and nobody did since the start.

    A time far ahead is asked for once more, another day.
    """
    if store.journal is None or store.clock.quality() >= NETWORK:
        return False
    with store.reading() as conn:
        told = drafts.get(conn, CONFIRMED, {})
    return bool(told.get("boot") != store.clock.boot()) or to_bear_out(store)


def resume(store: Store) -> None:
    """Take up what was confirmed since the machine started, when only the till starts again."""
    with store.reading() as conn:
        told, right = drafts.get(conn, CONFIRMED, {}), _row(conn)
    store.put_right = (right["put_right"], right["ahead"]) if right else (0, 0)
    if told.get("boot") and told["boot"] == store.clock.boot():
        store.clock.offset_ms = told["offset"]  # type: ignore[attr-defined]


def settle(store: Store) -> ClockSet | None:
    """Give the clock back to the network when it comes after a person's word; record old and new.

    Waits while that would go behind what is sure: a clock typed a little fast is caught up with.
    """
    with store.reading() as conn:
        told, row = drafts.get(conn, CONFIRMED, {}), _row(conn)
    doubted = row["since"] if row is not None else 0
    if not (told.get("alone") or doubted) or store.clock.machine_quality() < NETWORK or store.journal is None:
        return None
    clock: Any = store.clock
    offset = clock.offset_ms
    try:
        with store.writing(by="box") as tx:
            last = store.believed(journals.tip(tx.conn, store.journal).t)
            event = ClockSet(old=tx.now, new=tx.now - offset, source=BY_NETWORK, last=last)
            if event.new < (doubted or last):
                return None
            drafts.put(tx.conn, CONFIRMED, {**told, "offset": 0, "alone": False})
            if not offset and not doubted:
                return None
            tx.trust_clock(leap=True)
            clock.offset_ms = 0
            tx.record(event)
            row = _row(tx.conn)
    except BaseException:
        clock.offset_ms = offset
        raise
    store.put_right = (row["put_right"], row["ahead"]) if row else (0, 0)
    return event
