"""How much of HQ one café may take, and how many may send at once: 429 and 503 with the seconds to wait (§2.16).

After an outage of the whole country every box calls in the same minutes: those that have something to send are
let in a few at a time, the others are told when to come back, each at another moment. A café that loops is told
to wait before it slows the others.
"""

import random

from sqlalchemy import Connection, bindparam, delete, func, select

from hq import db
from hq.db import Upsert
from sync import books

HOUR_MS, DAY_MS = 3_600_000, 24 * 3_600_000
# A night is a handful of calls and some hundred entries; a year sent again after a restore takes a day.
CALLS_AN_HOUR, ENTRIES_A_DAY = 240, 200_000
# Cafés within their batches at the same time; one that says nothing for a minute has left its place.
SENDING_MOST, SENDING_MS = 50, 60_000
WAIT_S = (15, 180)

_use = books.line_use.c
_COUNT = Upsert(books.line_use, add=("calls", "entries"))
_USED = select(
    func.coalesce(func.sum(_use.calls).filter(_use.hour == bindparam("hour")), 0),
    func.coalesce(func.sum(_use.entries).filter(_use.hour > bindparam("day")), 0),
).where(_use.cafe_id == bindparam("cafe"))
_FORGET = delete(books.line_use).where(_use.cafe_id == bindparam("cafe"), _use.hour < bindparam("day"))
_SENDING = (
    select(func.count())
    .select_from(db.cafe_health)
    .where(
        db.cafe_health.c.backlog > 0, db.cafe_health.c.last_contact_at > bindparam("since"),
        db.cafe_health.c.cafe_id != bindparam("cafe"),
    )
)  # fmt: skip


class Wait(Exception):
    """HQ asks a box to come back later: 429 for its own use of the line, 503 for everybody's."""

    def __init__(self, status: int, seconds: int) -> None:
        super().__init__(f"{status}, {seconds} s")
        self.status, self.seconds = status, seconds


def let_call(conn: Connection, cafe: int, *, backlog: bool, now: int) -> None:
    """Count a call of a café; raise Wait when it calls too often, or has to wait for its turn to send."""
    hour = now // HOUR_MS
    calls, _entries = _used(conn, cafe, hour)
    if calls >= CALLS_AN_HOUR:
        raise Wait(429, (hour + 1) * 3600 - now // 1000 + 1)
    if backlog and conn.execute(_SENDING, {"since": now - SENDING_MS, "cafe": cafe}).scalar_one() >= SENDING_MOST:
        raise Wait(503, random.randint(*WAIT_S))  # noqa: S311  (spread, not secret)
    _COUNT.run(conn, [{"cafe_id": cafe, "hour": hour, "calls": 1, "entries": 0}])
    conn.execute(_FORGET, {"cafe": cafe, "day": hour - 24})


def let_send(conn: Connection, cafe: int, now: int) -> None:
    """Raise Wait when a café has sent more in a day than a café can."""
    _calls, entries = _used(conn, cafe, now // HOUR_MS)
    if entries >= ENTRIES_A_DAY:
        raise Wait(429, HOUR_MS // 1000)


def count_entries(conn: Connection, cafe: int, entries: int, now: int) -> None:
    """Note what a café has sent."""
    _COUNT.run(conn, [{"cafe_id": cafe, "hour": now // HOUR_MS, "calls": 0, "entries": entries}])


def _used(conn: Connection, cafe: int, hour: int) -> tuple[int, int]:
    calls, entries = conn.execute(_USED, {"cafe": cafe, "hour": hour, "day": hour - 24}).one()
    return int(calls), int(entries)
