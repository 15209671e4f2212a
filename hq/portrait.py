"""One café in twelve weeks: its days, its services, its closings, its journal. Compared with itself."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select
from sqlalchemy.engine import RowMapping

from hq import enrolment, morning
from hq.access import User
from hq.days import back, monday
from hq.db import closure, opaque_kind, owner_name, rollup_day, rollup_use
from hq.lost_days import Lost, lost_days
from hq.morning import CafeMorning
from hq.recent import days_heard
from hq.register import Calendar
from hq.tables import follow_up
from pos.clock import business_day
from pos.till.events import DayClosed
from pos.till.owners import owner_said
from sync import imports
from sync.books import cursor, fork_proof, quarantine, segment
from sync.ingest import entry_body

WEEKS = 12
# A tick needs at least this many days of the same weekday behind it.
HABIT_FROM = 3


@dataclass(frozen=True, slots=True)
class DayBar:
    """A day of the twelve weeks: what it took, and what that weekday usually takes."""

    day: str
    state: str
    value: int
    habit: int | None


@dataclass(slots=True)
class Week:
    """Seven days from a Monday; `change` against the four weeks before, when there is a habit."""

    monday: str
    days: list[DayBar] = field(default_factory=list)
    total: int = 0
    change: int | None = None
    unknown: bool = False
    running: bool = False
    # False before the café was first heard: nothing is written under it, not even a zero.
    begun: bool = True


@dataclass(frozen=True, slots=True)
class ServiceCard:
    """A service in twelve times seven days, yesterday last, and the habit of the four weeks before."""

    code: str
    weeks: list[int]
    habit: int | None
    unknown: bool
    aggregated: int = 0

    @property
    def change(self) -> int | None:
        """Return the percentage over or under the habit."""
        return round((self.weeks[-1] - self.habit) * 100 / self.habit) if self.habit else None

    @property
    def used(self) -> bool:
        """Whether anybody took it in the weeks drawn: the others stay folded."""
        return any(self.weeks) or bool(self.habit)


@dataclass(slots=True)
class JournalState:
    """What HQ holds of a café's journal, and whether it may be trusted."""

    boxes: list[Any]
    seq: int = -1
    head: str = ""
    received_at: int = 0
    entries: int = 0
    forks: int = 0
    apart: int = 0
    unknown_kinds: list[tuple[str, int]] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether nothing contradicts it."""
        return not self.forks


@dataclass(frozen=True, slots=True)
class Held:
    """Money of third parties at the last closing: what the café owes them (below zero: they owe it)."""

    day: str
    # what the owner is called, balance in cents
    balances: tuple[tuple[str, int], ...] = ()


def third_parties(conn: Connection, number: int) -> Held | None:
    """Return what a café held for others when it last closed, or None before its first closing."""
    row = conn.execute(
        select(closure.c.jn, closure.c.seq, closure.c.day).where(closure.c.cafe_id == number)
        .order_by(closure.c.jn.desc(), closure.c.seq.desc()).limit(1)
    ).first()  # fmt: skip
    body = entry_body(conn, number, row.jn, row.seq) if row is not None else None
    if row is None or body is None:
        return None
    try:
        closed = msgspec.json.decode(imports.said(body).data, type=DayClosed)
    except msgspec.ValidationError:
        return None
    named = {r.owner: r.label for r in conn.execute(select(owner_name).where(owner_name.c.cafe_id == number))}
    return Held(
        row.day, tuple((owner_said(one.owner, named), one.balance) for one in closed.third_parties if one.balance)
    )


@dataclass(slots=True)
class Portrait:
    """Everything the café page says."""

    line: CafeMorning
    weeks: list[Week]
    services: list[ServiceCard]
    closings: list[RowMapping]
    gap_30_days: int
    journal: JournalState
    said: list[RowMapping]
    top: int


def portrait(conn: Connection, user: User, line: CafeMorning, calendar: Calendar, now_ms: int) -> Portrait:
    """Return one café's page."""
    today, number = business_day(now_ms), line.cafe["id"]
    first = back(monday(today), 7 * (WEEKS - 1))
    early = back(first, 56)
    days = {r["day"]: r for r in conn.execute(select(rollup_day).where(
        rollup_day.c.cafe_id == number, rollup_day.c.day >= early)).mappings()}  # fmt: skip
    heard = days_heard(conn, [number], early, today)[number]
    lost = lost_days(conn, [number]).get(number, ())
    weeks = _weeks(line, calendar, days, heard, first, today, lost)
    closings = list(conn.execute(
        select(closure).where(closure.c.cafe_id == number).order_by(closure.c.day.desc(), closure.c.seq.desc()).limit(9)
    ).mappings())  # fmt: skip
    gap = conn.execute(select(func.coalesce(func.sum(closure.c.cash_difference), 0)).where(
        closure.c.cafe_id == number, closure.c.day >= back(today, 30))).scalar_one()  # fmt: skip
    said = list(conn.execute(
        select(follow_up).where(follow_up.c.cafe_id == number).order_by(follow_up.c.id.desc()).limit(12)
    ).mappings())  # fmt: skip
    top = max([1, *(d.value for w in weeks for d in w.days), *(d.habit or 0 for w in weeks for d in w.days)])
    return Portrait(line, weeks, _cards(conn, line, today), closings, int(gap), journal_state(conn, number), said, top)


def _weeks(
    line: CafeMorning,
    calendar: Calendar,
    days: Mapping[str, RowMapping],
    heard: set[str],
    first: str,
    today: str,
    lost: Lost,
) -> list[Week]:
    column = "turnover_cents" if line.shares_money else "tickets"
    values = {day: max(0, row[column]) for day, row in days.items()}
    known_until = morning.known_until(line.health, today)
    weeks = []
    for i in range(WEEKS):
        week = Week(back(first, -7 * i))
        for j in range(7):
            day = back(week.monday, -j)
            state = "future" if day >= today else morning.day_state(day, heard, calendar, line.since, known_until, lost)
            week.days.append(DayBar(day, state, values.get(day, 0) if day < today else 0, _habit(values, day)))
        week.total = sum(d.value for d in week.days)
        week.unknown = any(d.state == "unknown" for d in week.days)
        week.begun = bool(line.since) and back(week.monday, -6) >= line.since
        week.running = any(d.state == "future" for d in week.days)
        weeks.append(week)
    _compare(weeks, line.since)
    return weeks


def _habit(values: Mapping[str, int], day: str) -> int | None:
    """Return the median of the same weekday over the eight weeks before."""
    same = [v for i in range(1, 9) if (v := values.get(back(day, 7 * i), 0)) > 0]
    return int(median(same)) if len(same) >= HABIT_FROM else None


def _compare(weeks: list[Week], since: str) -> None:
    for i, week in enumerate(weeks):
        before = [w.total for w in weeks[max(0, i - 4) : i] if since and w.monday >= since]
        if len(before) >= HABIT_FROM and not week.running and not week.unknown and sum(before):
            usual = sum(before) // len(before)
            week.change = round((week.total - usual) * 100 / usual)


def _cards(conn: Connection, line: CafeMorning, today: str) -> list[ServiceCard]:
    number, first = line.cafe["id"], back(today, 7 * WEEKS)
    sums: dict[str, list[int]] = defaultdict(lambda: [0] * WEEKS)
    typed: dict[str, int] = defaultdict(int)
    query = select(rollup_use).where(
        rollup_use.c.cafe_id == number, rollup_use.c.day >= first, rollup_use.c.day < today
    )
    starts = [back(today, 7 * (WEEKS - i)) for i in range(WEEKS)]
    for row in conn.execute(query).mappings():
        place = sum(1 for start in starts if start <= row["day"]) - 1
        sums[row["service"]][place] += row["uses"]
        typed[row["service"]] += row["aggregated"]
    cards = []
    for code, week in line.uses.items():
        drawn = sum(1 for start in starts if not line.since or back(start, -6) >= line.since)
        cards.append(
            ServiceCard(code, sums[code][-drawn:] if drawn else [week.now], week.habit,
                        bool(line.takings.unknown_since), typed[code])
        )  # fmt: skip
    return cards


def journal_state(conn: Connection, number: int) -> JournalState:
    """Return what HQ holds of a café's journals."""
    state = JournalState(enrolment.boxes(conn, number))
    rows = conn.execute(select(cursor).where(cursor.c.cafe_id == number).order_by(cursor.c.jn)).all()
    if rows:
        state.seq, state.head, state.received_at = rows[-1].seq, bytes(rows[-1].head).hex(), rows[-1].updated_at
        state.entries = sum(max(0, row.seq + 1) for row in rows)
    last = conn.execute(select(func.max(segment.c.received_at)).where(segment.c.cafe_id == number)).scalar()
    state.received_at = last or state.received_at
    state.forks = conn.execute(
        select(func.count()).where(
            fork_proof.c.cafe_id == number, fork_proof.c.jn.in_([box.jn for box in state.boxes if box.state == "open"])
        )
    ).scalar_one()
    state.apart = conn.execute(select(func.count()).where(quarantine.c.cafe_id == number)).scalar_one()
    state.unknown_kinds = [(r.kind, r.entries) for r in conn.execute(
        select(opaque_kind).where(opaque_kind.c.cafe_id == number).order_by(opaque_kind.c.kind))]  # fmt: skip
    return state
