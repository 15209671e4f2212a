"""How much of HQ one café may take, and how many may send at once: 429 and 503 with the seconds to wait (§2.16).

After an outage of the whole country every box calls in the same minutes: those that have something to send are
given a seat, fifty at a time, the others are told when to come back, each at another moment. A café that loops is
told to wait before it slows the others. Seats and buckets are rows, so that any worker of HQ decides alike.
"""

import random
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, bindparam, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hq import limits
from hq.db import Upsert
from sync import books

HOUR_MS, DAY_MS = 3_600_000, 24 * 3_600_000
# A night is four calls and some hundred entries. Each is a bucket that fills again little by little; a box that
# has a year to send again, after HQ was put back from an old backup, takes three days.
CALLS_AN_HOUR, ENTRIES_A_DAY = 60, 50_000
# Who has to wait comes back to half a bucket of calls: with one, a hello that leaves none for a batch would be all it
# ever says, and a repair asks for each former journal anew.
AGAIN_MS = HOUR_MS // 2
# No café has this number: who has no code yet, or a wrong one.
NOBODY = -1
# A box that says nothing for a minute has left its seat.
SEAT_MS = 60_000
# Nobody waits less than the first; the last is for a network of thousands: see `_spread`.
WAIT_S = (30, 60, 900)
# Boxes that come back in a second: what one worker serves without being felt on the pages.
A_SECOND = 10
SIZE_KEPT_MS = 600_000
# Of the network, before it was counted.
SIZE_AT_FIRST = 1_000

_bucket, _seat = books.line_bucket, books.line_seat
_FILL = Upsert(_bucket, replace=("at", "calls_ms", "entries_ms"))
_HELD = select(_bucket.c.at, _bucket.c.calls_ms, _bucket.c.entries_ms).where(
    _bucket.c.cafe_id == bindparam("cafe")).with_for_update()  # fmt: skip
_FREE = (
    select(_seat.c.seat)
    .where(
        _seat.c.seat <= bindparam("most"),
        # Kept for longer than any seat is: HQ's clock was ahead when it was taken.
        or_(
            _seat.c.taken_by == bindparam("cafe"),
            _seat.c.left <= 0,
            _seat.c.until <= bindparam("now"),
            _seat.c.until > bindparam("latest"),
        ),
    )
    .order_by((_seat.c.taken_by == bindparam("cafe")).desc(), _seat.c.seat)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_TAKE = update(_seat).where(_seat.c.seat == bindparam("at_seat")).values(
    taken_by=bindparam("by"), until=bindparam("upto"), left=bindparam("entries"))  # fmt: skip
_STAY = update(_seat).where(_seat.c.taken_by == bindparam("by")).values(
    until=bindparam("upto"), left=_seat.c.left - bindparam("stored"))  # fmt: skip
_PLACES = {
    "sqlite": sqlite.insert(_seat).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(_seat).on_conflict_do_nothing(),
}
_COUNT = select(func.count()).select_from(_seat).where(_seat.c.seat <= bindparam("most"))
_SIZE = select(func.count()).select_from(_bucket)
_sizes: weakref.WeakKeyDictionary[Engine, tuple[int, int]] = weakref.WeakKeyDictionary()


class Wait(Exception):
    """HQ asks a box to come back later: 429 for its own use of the line, 503 for everybody's."""

    def __init__(self, status: int, seconds: int) -> None:
        super().__init__(f"{status}, {seconds} s")
        self.status, self.seconds = status, seconds


def let_call(conn: Connection, cafe: int, *, backlog: int, now: int) -> None:
    """Count a call of a café; raise Wait when it calls too often, or has to wait for a seat to send."""
    spend(conn, cafe, now=now, calls=1, sends=backlog > 0)
    if backlog > 0:
        _sit(conn, cafe, backlog, now)


def spend(conn: Connection, cafe: int, *, now: int, calls: int = 0, entries: int = 0, sends: bool = False) -> None:
    """Take calls and entries from a café's buckets; raise Wait when one it needs is empty already.

    A bucket is kept as the time it takes to fill again, so that nothing but the clock refills it. The last
    batch may take more than is left: what it owes is waited for.
    """
    call_ms, entry_ms = HOUR_MS // CALLS_AN_HOUR, DAY_MS // ENTRIES_A_DAY
    row = conn.execute(_HELD, {"cafe": cafe}).one_or_none()
    gone = max(0, now - row.at) if row else 0
    owed_calls, owed_entries = (max(0, row.calls_ms - gone), max(0, row.entries_ms - gone)) if row else (0, 0)
    if calls and owed_calls > HOUR_MS - call_ms:
        raise Wait(429, (owed_calls - HOUR_MS + AGAIN_MS) // 1000 + 1)
    if sends and owed_entries >= DAY_MS:
        raise Wait(429, (owed_entries - DAY_MS) // 1000 + WAIT_S[0])
    _FILL.run(conn, [{
        # Also where HQ's clock has gone back: the bucket fills again from now on, not from a day to come.
        "cafe_id": cafe, "at": now, "calls_ms": owed_calls + calls * call_ms,
        "entries_ms": owed_entries + entries * entry_ms,
    }])  # fmt: skip


def _sit(conn: Connection, cafe: int, backlog: int, now: int) -> None:
    """Give the café a seat; raise Wait when all are taken."""
    most = limits.limits(conn).sending
    asked = {"most": most, "cafe": cafe, "now": now, "latest": now + SEAT_MS}
    seat = conn.execute(_FREE, asked).scalar()
    if seat is None and conn.execute(_COUNT, {"most": most}).scalar_one() < most:
        conn.execute(_PLACES[conn.dialect.name], [{"seat": n} for n in range(1, most + 1)])
        seat = conn.execute(_FREE, asked).scalar()
    if seat is None:
        raise Wait(503, random.randint(WAIT_S[0], _spread(conn, now)))  # noqa: S311  (spread, not secret)
    conn.execute(_TAKE, {"at_seat": seat, "by": cafe, "upto": now + SEAT_MS, "entries": backlog})


class Door:
    """How many boxes one worker greets at a time: a page of the office never waits behind a thousand hellos.

    Batches are not counted: who sends them has a seat.
    """

    def __init__(self, most: int = 2) -> None:
        self._turn, self._most, self._inside = threading.Lock(), most, 0

    @contextmanager
    def greeting(self, engine: Engine) -> Iterator[None]:
        """Hold a place while a box is greeted; raise Wait when there is none."""
        if not self._come(1):
            size = _sizes.get(engine, (0, SIZE_AT_FIRST))[1]
            raise Wait(503, random.randint(WAIT_S[0], _longest(size)))  # noqa: S311
        try:
            yield
        finally:
            self._come(-1)

    def _come(self, n: int) -> bool:
        with self._turn:
            free = self._inside + n <= self._most
            self._inside += n if free else 0
            return free

    def load(self) -> int:
        """Return how many hundredths of this worker's places are taken."""
        return 100 * self._inside // self._most


def _longest(size: int) -> int:
    return min(WAIT_S[2], max(WAIT_S[1], WAIT_S[0] + size // A_SECOND))


def _spread(conn: Connection, now: int) -> int:
    """Return the longest wait: as many seconds as the whole network needs to come back one by one."""
    at, size = _sizes.get(conn.engine, (-SIZE_KEPT_MS, 0))
    if not 0 <= now - at < SIZE_KEPT_MS:
        size = conn.execute(_SIZE).scalar_one()
        _sizes[conn.engine] = (now, size)
    return _longest(size)


def sent(conn: Connection, cafe: int, *, stored: int, now: int) -> None:
    """Count a batch; its café keeps its seat while it has more to send."""
    spend(conn, cafe, now=now, entries=stored)
    conn.execute(_STAY, {"by": cafe, "upto": now + SEAT_MS, "stored": stored})


def let_send(conn: Connection, cafe: int, now: int) -> None:
    """Count a batch that comes; raise Wait when the café has sent more than a café can."""
    spend(conn, cafe, now=now, calls=1, sends=True)
