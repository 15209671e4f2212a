"""The last thirteen weeks of each café, added up by the database: what the network page and the register compare.

Kept while the café's figures and the day stand (`hq.kept`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, case, func, select

from hq.days import back
from hq.db import cafe_month, closure, rollup_day, rollup_use
from hq.kept import among, kept, touched

WEEKS = 13
STRIP_DAYS = 14
_GAP_DAYS = 30


@dataclass(frozen=True, slots=True)
class Sums:
    """Seven days: how many were heard of, their own turnover, their tickets."""

    days: int = 0
    cents: int = 0
    tickets: int = 0


@dataclass(slots=True)
class Recent:
    """What a café's last weeks add up to, counted back from yesterday."""

    since: str = ""
    # The last seven days first.
    weeks: list[Sums] = field(default_factory=lambda: [Sums()] * WEEKS)
    # Days that were not closed, and the first of them.
    unclosed: int = 0
    unclosed_since: str = ""
    # By service: the last seven days, the four weeks before, and all since then, today with them.
    uses: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    # Cash differences of the last closings, in order.
    gaps: list[int] = field(default_factory=list)
    # The days something was received on, of the last fourteen.
    heard: set[str] = field(default_factory=set)


def recent(conn: Connection, cafes: Iterable[int], today: str) -> dict[int, tuple[int, Recent]]:
    """Return the last weeks of each café, with how often it was touched."""
    now = touched(conn, cafes)
    found = kept(conn, ("recent", today), now, lambda stale: _read(conn, {cafe: now[cafe][1] for cafe in stale}, today))
    return {cafe: (now[cafe][0], one) for cafe, one in found.items()}


def _read(conn: Connection, since: Mapping[int, str], today: str) -> dict[int, Recent]:
    found = {cafe: Recent(first) for cafe, first in since.items()}
    _read_days(conn, found, today)
    _read_uses(conn, found, today)
    gaps = select(closure.c.cafe_id, closure.c.cash_difference).where(
        among(conn, closure.c.cafe_id, found), closure.c.day >= back(today, _GAP_DAYS),
        closure.c.cash_difference.is_not(None),
    )  # fmt: skip
    for cafe, gap in conn.execute(gaps.order_by(closure.c.day, closure.c.seq)):
        found[cafe].gaps.append(gap)
    days = days_heard(conn, found, back(today, STRIP_DAYS), back(today, 1))
    for cafe, one in found.items():
        one.heard = days[cafe]
    return found


def _read_days(conn: Connection, found: dict[int, Recent], today: str) -> None:
    d = rollup_day.c
    week = case(*((d.day >= back(today, 7 * n), n) for n in range(1, WEEKS)), else_=WEEKS).label("week")
    unclosed = case((d.closed_at.is_(None), d.day))
    query = (
        select(d.cafe_id, week, func.count(), func.sum(d.turnover_cents), func.sum(d.tickets),
               func.count(unclosed), func.min(unclosed))
        .where(among(conn, d.cafe_id, found), d.day >= back(today, 7 * WEEKS), d.day < today)
        .group_by(d.cafe_id, "week")
    )  # fmt: skip
    for cafe, place, days, cents, tickets, missing, first in conn.execute(query):
        one = found[cafe]
        one.weeks[place - 1] = Sums(days, int(cents), int(tickets))
        one.unclosed += missing
        if first:
            one.unclosed_since = min(first, one.unclosed_since or first)


def _read_uses(conn: Connection, found: dict[int, Recent], today: str) -> None:
    u = rollup_use.c
    week, habit = back(today, 7), back(today, 35)
    now = func.sum(case(((u.day >= week) & (u.day < today), u.uses), else_=0))
    before = func.sum(case((u.day < week, u.uses), else_=0))
    query = (
        select(u.cafe_id, u.service, now, before, func.sum(u.uses))
        .where(among(conn, u.cafe_id, found), u.day >= habit).group_by(u.cafe_id, u.service)
    )  # fmt: skip
    for cafe, service, *sums in conn.execute(query):
        found[cafe].uses[service] = (int(sums[0]), int(sums[1]), int(sums[2]))


def days_heard(conn: Connection, cafes: Iterable[int], first: str, last: str) -> dict[int, set[str]]:
    """Return, by café, the days with anything received: an opening, a sale, a use, a closing."""
    heard: dict[int, set[str]] = {cafe: set() for cafe in cafes}
    names: defaultdict[str, dict[int, list[str]]] = defaultdict(dict)
    m = cafe_month.c
    query = select(m.cafe_id, m.month, m.days.bitwise_or(m.used)).where(
        among(conn, m.cafe_id, heard), m.month >= first[:7], m.month <= last[:7]
    )
    for cafe, month, bits in conn.execute(query):
        # Cafés have few different months: each is spelt out once.
        if bits not in names[month]:
            spelt = (f"{month}-{n + 1:02d}" for n in range(31) if bits >> n & 1)
            names[month][bits] = [day for day in spelt if first <= day <= last]
        heard[cafe].update(names[month][bits])
    return heard
