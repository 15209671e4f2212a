"""When an entry was written by HQ's clock: the box's own may lie (§2.12).

A box writes HQ's signed word into its chain as soon as it has it: there two clocks are read at one moment. Within
one start of the box what lies between two entries is told by a clock that nobody sets. A start without a word of HQ lies
between the last entry of the one before and the first of the one after.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, select

from pos import journal
from pos.journal import Envelope
from pos.system import SyncAcked, SyncOpened
from sync import books, ingest

# Beyond the first the page says so, beyond the second it says it loudly.
OFF_MS, FAR_OFF_MS = 5 * 60_000, 55 * 60_000
# HQ's word about an entry stands in the batch after the one it came in, seldom later.
_SEGMENTS_MOST = 4
# A word noted when the next call began is older than the entry that holds it.
_AT_ONCE_MS = 1_000

_s = books.segment.c
_OF = select(books.segment).where(_s.cafe_id == bindparam("cafe"), _s.jn == bindparam("jn")).limit(_SEGMENTS_MOST)
_AFTER = _OF.where(_s.last >= bindparam("seq")).order_by(_s.last)
_BEFORE = _OF.where(_s.fresh < bindparam("seq")).order_by(_s.last.desc())

# An entry, and HQ's time (UTC ms) where it holds HQ's word.
_Step = tuple[Envelope, int | None]


@dataclass(frozen=True, slots=True)
class Moment:
    """When an entry was written, by HQ's clock (UTC ms): not before, not after; None where HQ cannot say."""

    since: int | None
    until: int | None

    @property
    def exact(self) -> int | None:
        """The time, where HQ's word stands in the same start of the box."""
        return self.since if self.since == self.until else None

    def off(self, t: int) -> int:
        """Return how far outside a till's time lies (ms)."""
        return max((self.since or t) - t, t - (self.until or t), 0)


def by_hq(conn: Connection, cafe: int, jn: int, entry: Envelope) -> Moment:
    """Return when an entry was written, from HQ's nearest words after it and before it."""
    of = {"cafe": cafe, "jn": jn, "seq": entry.seq}
    kept = conn.execute(_AFTER, of).all()
    after = _nearest((step for row in kept for step in _steps(row, since=entry.seq)), entry)
    if after[1]:
        return Moment(after[0], after[0])
    earlier = (step for row in conn.execute(_BEFORE, of) for step in reversed(_steps(row, until=entry.seq)))
    before = _nearest(earlier, entry)
    if before[1]:
        return Moment(before[0], before[0])
    # HQ had it when its batch came, whatever was said since.
    until = [at for at in (after[0], kept[0].received_at if kept else None) if at is not None]
    return Moment(before[0], min(until, default=None))


def _nearest(steps: Iterator[_Step], entry: Envelope) -> tuple[int | None, bool]:
    """Return what the first word gives: the entry's own time (True), or that of the nearest entry of another start."""
    edge = entry
    for found, said in steps:
        if found.boot != edge.boot:
            edge = found
        if said is not None:
            return said + edge.mono - found.mono, edge is entry
    return None, False


def _steps(row: Row[Any], *, since: int = 0, until: int | None = None) -> list[_Step]:
    """Return the entries a segment brought first, of those asked for."""
    bodies = ingest.bodies_of(row)
    first = max(row.fresh, since) - row.first
    return [
        _step(bodies, at) for at in range(first, len(bodies) if until is None else min(until, row.last + 1) - row.first)
    ]


def _step(bodies: Sequence[bytes], at: int) -> _Step:
    found = journal.read_envelope(bodies[at])
    if found.kind != SyncAcked.kind:
        return found, None
    after = journal.read_envelope(bodies[at + 1]) if at + 1 < len(bodies) else None
    late = after is not None and after.kind == SyncOpened.kind and after.mono - found.mono < _AT_ONCE_MS
    told = msgspec.json.decode(found.data, type=SyncAcked)
    # An older release did not keep when HQ signed it.
    return found, None if late else told.t or None
