"""The network this morning: what each café's last fortnight looks like, compared with itself alone.

Silence, rest, declared closure and real zero are four different things (services.md D.1).
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, case, func, select
from sqlalchemy.engine import RowMapping

from hq import overdue, register
from hq.access import User
from hq.alerts import Alert, Signs, alerts_of
from hq.box_alerts import DAY_MS
from hq.days import back, within
from hq.db import cafe_health, rollup_use
from hq.distances import kept_of
from hq.kept import among, kept
from hq.limits import limits
from hq.lost_days import Lost, lost_days, wholly_known
from hq.recent import STRIP_DAYS, Sums, recent
from hq.register import Calendar
from hq.tables import follow_up
from pos.clock import business_day
from sync.books import fork_proof, journal, quarantine

WEEKS_DRAWN = 9
# Below it nothing is compared: three weeks of opening.
COMPARED_FROM_DAYS = 21

OPEN, REST, AWAY, MISSED, UNKNOWN, BEFORE = "open", "rest", "away", "missed", "unknown", "before"


@dataclass(slots=True)
class ServiceWeek:
    """Uses of a service in the last seven days, and the café's own weekly habit (four weeks before)."""

    now: int = 0
    habit: int | None = None


@dataclass(slots=True)
class Takings:
    """Own turnover: seven days, habit, and weekly sums, oldest first."""

    week: int = 0
    habit: int | None = None
    weeks: list[int] = field(default_factory=list)
    unknown_since: str = ""

    @property
    def change(self) -> int | None:
        """Return the percentage over or under the habit."""
        return round((self.week - self.habit) * 100 / self.habit) if self.habit else None


@dataclass(slots=True)
class CafeMorning:
    """One line of the network page."""

    cafe: RowMapping
    health: Mapping[str, Any] | None
    enrolled: bool
    since: str
    shares_money: bool
    strip: list[tuple[str, str]] = field(default_factory=list)
    takings: Takings = field(default_factory=Takings)
    uses: dict[str, ServiceWeek] = field(default_factory=dict)
    # Uses of the week and of the habit, of the services anybody took.
    taken: tuple[tuple[str, int], ...] = ()
    alerts: list[Alert] = field(default_factory=list)
    last_call_at: int | None = None
    follow: RowMapping | None = None

    @property
    def level(self) -> str:
        """Return `call`, `watch`, `usual` or `soon` (not equipped yet)."""
        if not self.enrolled and not self.since:
            return "soon"
        if self.follow is not None and self.follow["kind"] == "later":
            return "usual"
        return self.alerts[0].level if self.alerts else "usual"

    @property
    def days_open(self) -> int:
        """Return how many of the fourteen days it opened."""
        return sum(1 for _, state in self.strip if state == OPEN)

    @property
    def days_planned(self) -> int:
        """Return how many of the fourteen days it was open or should have been."""
        return sum(1 for _, state in self.strip if state in (OPEN, MISSED))

    @property
    def days_unknown(self) -> int:
        """Return how many of the fourteen days nothing is known of."""
        return sum(1 for _, state in self.strip if state == UNKNOWN)


def network(
    conn: Connection, user: User, now_ms: int, *, antenna: int | None = None, text: str = "", cafe_id: int | None = None
) -> list[CafeMorning]:
    """Return every café `user` may see, those to call first."""
    rows = [
        r for r in register.cafes(conn, user, antenna=antenna, text=text, cafe_id=cafe_id) if r["status"] != "closed"
    ]
    facts = _Facts(conn, rows, now_ms)
    lines = list(kept(conn, "morning", facts.keys(), facts.lines).values())
    lines.sort(key=lambda line: (-max((a.weight for a in line.alerts), default=0), line.cafe["name"]))
    return lines


# What is shown or compared of a box.
_HEALTH = (
    "cafe_id", "last_contact_at", "last_entry_at", "backlog", "state", "trouble", "clock_offset_ms", "disk_free_bytes", "version",
    "clock_quality", "troubles", "last_trouble", "last_trouble_at", "boots", "unclean_boots",
)  # fmt: skip
_BOX = ("cafe_id", "jn", "confirmed_at", "made_at", "check_number")
# The proof of a journal that a repair has replaced is kept, but asks nothing more of anybody.
_FORKS = select(fork_proof.c.cafe_id).distinct().join(
    journal, (journal.c.cafe_id == fork_proof.c.cafe_id) & (journal.c.jn == fork_proof.c.jn) & (journal.c.state == "open")
)  # fmt: skip


class _Facts:
    """Everything the lines are drawn from, read in a few queries for all cafés."""

    def __init__(self, conn: Connection, rows: list[RowMapping], now_ms: int) -> None:
        self._conn, self.now_ms, self.today = conn, now_ms, business_day(now_ms)
        self.rows = {r["id"]: r for r in rows}
        self.recent = recent(conn, self.rows, self.today)
        self.health = self._by_cafe(cafe_health, _HEALTH)
        self.boxes = self._by_cafe(journal, _BOX, journal.c.state == "open")
        self.calendars = register.calendars(conn, rows)
        self.limits = limits(conn)
        self.overdue = overdue.late_by_cafe(conn, self.today, self.rows)
        # Asked of every table by its café: a café's own page reads no server but the one it lies on.
        self.forks = set(conn.execute(_FORKS.where(
            among(conn, fork_proof.c.cafe_id, self.rows), among(conn, journal.c.cafe_id, self.rows))).scalars())  # fmt: skip
        self.poison: dict[int, int] = {r[0]: r[1] for r in conn.execute(
            select(quarantine.c.cafe_id, func.count()).where(among(conn, quarantine.c.cafe_id, self.rows))
            .group_by(quarantine.c.cafe_id))}  # fmt: skip
        self.lost = lost_days(conn, self.rows)
        self.follow, self.called = _follow_ups(conn, self.rows)

    def _by_cafe(self, table: Table, names: Sequence[str], *where: ColumnElement[bool]) -> dict[int, tuple[Any, ...]]:
        # Rows as they come: they are compared, and named only when a line is drawn anew.
        query = select(*(table.c[name] for name in names)).where(among(self._conn, table.c.cafe_id, self.rows), *where)
        return {row[0]: row for row in self._conn.execute(query)}

    def keys(self) -> dict[int, Hashable]:
        """Return all that each line depends on."""
        return {number: self._key(number, row) for number, row in self.rows.items()}

    def _key(self, number: int, row: RowMapping) -> Hashable:
        said = self.follow.get(number)
        return (
            register.row_key(row), self.recent[number][0], self.today, self.calendars[number], self.limits,
            self.health.get(number), self.boxes.get(number), number in self.forks,
            self.lost.get(number), self.poison.get(number), tuple(self.overdue.get(number, {}).items()), self._days_since_call(number),
            self.called.get(number), said and tuple(said.values()), _current(said, self.now_ms, self.today) is None,
        )  # fmt: skip

    def _days_since_call(self, number: int) -> int | None:
        at = self.called.get(number)
        return None if at is None else (self.now_ms - at) // DAY_MS

    def lines(self, numbers: list[int]) -> dict[int, CafeMorning]:
        """Draw up the lines of some cafés."""
        missing = self._without_distance(numbers)
        return {number: self._line(number, missing[number]) for number in numbers}

    def _line(self, number: int, missing: dict[str, int]) -> CafeMorning:
        row, one, today = self.rows[number], self.recent[number][1], self.today
        box, health = _named(_BOX, self.boxes.get(number)), _named(_HEALTH, self.health.get(number))
        line = CafeMorning(row, health, box is not None, one.since, register.shares_money(row))
        line.strip = strip(
            one.heard,
            self.calendars[number],
            one.since,
            known_until(line.health, today),
            today,
            self.lost.get(number, ()),
        )
        line.takings = _takings(one.weeks, line, today)
        line.uses = _service_weeks(one.uses, line, today)
        sums = ((code, week.now + (week.habit or 0)) for code, week in line.uses.items())
        line.taken = tuple((code, n) for code, n in sums if n)
        line.last_call_at = self.called.get(number)
        line.follow = _current(self.follow.get(number), self.now_ms, today)
        goes_back = [late for code, late in self.overdue.get(number, {}).items() if overdue.sorts()[code].partner]
        line.alerts = alerts_of(Signs(
            row, line.health, box, one, line.strip, fork=number in self.forks, poison=self.poison.get(number, 0),
            since=one.since, today=today, shares_money=line.shares_money, called=self._days_since_call(number),
            without_distance=missing, limits=self.limits, overdue=sum(late.n for late in goes_back),
            overdue_since=min((late.oldest for late in goes_back), default=""), now_ms=self.now_ms,
            lost=self.lost.get(number, ()),
        ))  # fmt: skip
        return line

    def _without_distance(self, numbers: list[int]) -> dict[int, dict[str, int]]:
        """Return, by café and service, the uses of five weeks on days without a confirmed distance."""
        first, codes = back(self.today, 35), register.service_codes()
        known = kept_of(self._conn, [self.rows[number] for number in numbers])
        missing: dict[int, dict[str, int]] = {number: {} for number in numbers}
        moving = []
        for number in numbers:
            for service, (_now, _before, n) in self.recent[number][1].uses.items():
                if n and service in codes and codes[service].alternatives:
                    series = known.series(number, service)
                    if any(one.valid_from > first for one in series):
                        moving.append(number)
                    elif not series or series[-1].metres is None:
                        missing[number][service] = n
        if moving:
            u = rollup_use.c
            query = select(u.cafe_id, u.service, u.day, u.uses).where(
                among(self._conn, u.cafe_id, moving), u.day >= first
            )
            for number, service, day, n in self._conn.execute(query):
                late = any(one.valid_from > first for one in known.series(number, service))
                if late and codes[service].alternatives and known.at(number, service, day) is None:
                    missing[number][service] = missing[number].get(service, 0) + n
        return missing


def _named(names: Sequence[str], row: tuple[Any, ...] | None) -> Mapping[str, Any] | None:
    return None if row is None else dict(zip(names, row, strict=True))


def _follow_ups(conn: Connection, cafes: Collection[int]) -> tuple[dict[int, RowMapping], dict[int, int]]:
    """Return what was said last with each café, and when somebody last called."""
    f = follow_up.c
    last = (
        select(f.cafe_id, func.max(f.id).label("id"), func.max(case((f.kind == "called", f.at))).label("called"))
        .where(among(conn, f.cafe_id, cafes)).group_by(f.cafe_id).subquery()
    )  # fmt: skip
    query = select(follow_up, last.c.called).join(last, (last.c.cafe_id == f.cafe_id) & (last.c.id == f.id))
    said = {r["cafe_id"]: r for r in conn.execute(query).mappings()}
    return said, {number: r["called"] for number, r in said.items() if r["called"] is not None}


def known_until(health: Mapping[str, Any] | None, today: str) -> str:
    """Return the last day wholly known when the café was last heard."""
    if health is None:
        return ""
    at = max(health["last_contact_at"] or 0, health["last_entry_at"] or 0)
    if not at:
        return ""
    # Heard in the evening or at night: that day is over, and known.
    return min(wholly_known(at), back(today, 1))


def strip(
    heard: set[str],
    calendar: Calendar,
    since: str,
    known_until: str,
    today: str,
    lost: Lost = (),
    days: int = STRIP_DAYS,
) -> list[tuple[str, str]]:
    """Return the state of each of the last days, yesterday last."""
    result = []
    for offset in range(days, 0, -1):
        day = back(today, offset)
        result.append((day, day_state(day, heard, calendar, since, known_until, lost)))
    return result


def day_state(day: str, heard: set[str], calendar: Calendar, since: str, known_until: str, lost: Lost = ()) -> str:
    """Return what a past day was: open, rest, away, missed, unknown, or before the café was heard of."""
    if day in heard:
        return OPEN
    if not since or day < since:
        return BEFORE
    plan = calendar.plan(day)
    if plan in (REST, AWAY):
        return plan
    if day > known_until or within(day, lost):
        return UNKNOWN
    return MISSED if plan == "open" else REST


def _takings(sums: list[Sums], line: CafeMorning, today: str) -> Takings:
    weeks = [week.cents for week in reversed(sums[:WEEKS_DRAWN])]
    unknown = [day for day, state in line.strip[-7:] if state == UNKNOWN]
    old = bool(line.since) and line.since <= back(today, 7 + COMPARED_FROM_DAYS)
    habit = sum(weeks[-5:-1]) // 4 if old else None
    if line.since:
        drawn = sum(1 for week in range(WEEKS_DRAWN, 0, -1) if back(today, 7 * (week - 1)) > line.since)
        weeks = weeks[-drawn:] if drawn else []
    return Takings(weeks[-1] if weeks else 0, habit, weeks, unknown[0] if unknown else "")


def _service_weeks(uses: dict[str, tuple[int, int, int]], line: CafeMorning, today: str) -> dict[str, ServiceWeek]:
    old = bool(line.since) and line.since <= back(today, 7 + COMPARED_FROM_DAYS)
    result = {code: ServiceWeek(0, 0 if old else None) for code in register.services_of(line.cafe)}
    for service, (now, before, _all) in uses.items():
        result[service] = ServiceWeek(now, (before + 2) // 4 if old else None)
    return result


def _current(last: RowMapping | None, now_ms: int, today: str) -> RowMapping | None:
    """Return what stands now: a call taken today, or an alert put off until a day to come."""
    if last is None:
        return None
    if last["kind"] == "later":
        return last if last["until"] >= today else None
    return last if now_ms - last["at"] < 20 * 3600 * 1000 else None
