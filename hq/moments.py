"""When an entry was written by HQ's clock: the box's own may lie (§2.12).

A box writes HQ's signed word into its chain as soon as it has it: there two clocks are read at one moment. Within
one start of the box what lies between two entries is told by a clock that nobody sets.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, bindparam, select

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
_KIND = f'"kind":"{SyncAcked.kind}"'.encode()

_s = books.segment.c
_AFTER = (
    select(books.segment)
    .where(_s.cafe_id == bindparam("cafe"), _s.jn == bindparam("jn"), _s.last >= bindparam("seq"))
    .order_by(_s.last)
    .limit(_SEGMENTS_MOST)
)


def by_hq(conn: Connection, cafe: int, jn: int, entry: Envelope) -> int | None:
    """Return the time of an entry by HQ's clock (UTC ms); None when its box's start holds no word of HQ after it."""
    for row in conn.execute(_AFTER, {"cafe": cafe, "jn": jn, "seq": entry.seq}).all():
        bodies = ingest.bodies_of(row)
        for at in range(max(0, entry.seq - row.first), len(bodies)):
            said = _said(bodies, at)
            if said is not None and said[0].boot == entry.boot:
                return said[1] - (said[0].mono - entry.mono)
    return None


def _said(bodies: Sequence[bytes], at: int) -> tuple[Envelope, int] | None:
    """Return an entry that holds HQ's word, and HQ's time in it; None when it holds none, or an old one."""
    if _KIND not in bodies[at]:
        return None
    found = journal.read_envelope(bodies[at])
    after = journal.read_envelope(bodies[at + 1]) if at + 1 < len(bodies) else None
    late = after is not None and after.kind == SyncOpened.kind and after.mono - found.mono < _AT_ONCE_MS
    told = msgspec.json.decode(found.data, type=SyncAcked)
    # An older release did not keep when HQ signed it.
    return None if late or not told.t else (found, told.t)
