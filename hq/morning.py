"""The network this morning: what each café's last fortnight looks like, compared with itself alone.

Silence, rest, declared closure and real zero are four different things (services.md D.1).
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, func, select
from sqlalchemy.engine import RowMapping

from hq import overdue, register
from hq.access import User
from hq.alerts import CALL, Alert, Signs, alerts_of
from hq.coverage import days_heard, first_days
from hq.days import back
from hq.db import cafe_health, closure, rollup_day, rollup_use
from hq.distances import confirmed
from hq.limits import limits
from hq.register import Calendar
from hq.tables import cafe, follow_up
from pos.clock import DAY_CUTOFF_HOUR, business_day, local
from sync.books import fork_proof, journal, quarantine

STRIP_DAYS = 14
WEEKS_DRAWN = 9
# Under it, only the rows of the cafés asked for are read.
FEW = 60
# Below it nothing is compared: three weeks of opening.
COMPARED_FROM_DAYS = 21
# A box heard after this hour has told its day.
EVENING_HOUR = 20

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
    health: RowMapping | None
    enrolled: bool
    since: str
    shares_money: bool
    strip: list[tuple[str, str]] = field(default_factory=list)
    takings: Takings = field(default_factory=Takings)
    uses: dict[str, ServiceWeek] = field(default_factory=dict)
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
    today = business_day(now_ms)
    rows = [
        r for r in register.cafes(conn, user, antenna=antenna, text=text)
        if r["status"] != "closed" and cafe_id in (None, r["id"])
    ]  # fmt: skip
    facts = _Facts(conn, rows, today)
    lines = [_line(facts, row, now_ms, today) for row in rows]
    lines.sort(key=lambda line: (-max((a.weight for a in line.alerts), default=0), line.cafe["name"]))
    return lines


class _Facts:
    """Everything the lines are drawn from, read in a few queries for all cafés."""

    def __init__(self, conn: Connection, rows: list[RowMapping], today: str) -> None:
        first = back(today, 7 * (WEEKS_DRAWN + 4))
        self._only = [r["id"] for r in rows] if len(rows) < FEW else None
        self.health = {r["cafe_id"]: r for r in conn.execute(select(cafe_health)).mappings()}
        self.journals = {r["cafe_id"]: r for r in conn.execute(
            select(journal).where(journal.c.state == "open")).mappings()}  # fmt: skip
        self.heard = days_heard(conn, first, today, self._only)
        self.since = first_days(conn)
        self.calendars = register.calendars(conn, rows)
        self.distances = confirmed(conn, self._only)
        self.days: dict[int, dict[str, RowMapping]] = defaultdict(dict)
        for r in conn.execute(self._of(rollup_day, rollup_day.c.day >= first)).mappings():
            self.days[r["cafe_id"]][r["day"]] = r
        self.uses: dict[int, list[tuple[str, str, int]]] = defaultdict(list)
        for r in conn.execute(self._of(rollup_use, rollup_use.c.day >= back(today, 35))).mappings():
            self.uses[r["cafe_id"]].append((r["day"], r["service"], r["uses"]))
        self.differences: dict[int, list[RowMapping]] = defaultdict(list)
        for r in conn.execute(
            self._of(closure, closure.c.day >= back(today, 30)).order_by(closure.c.day, closure.c.seq)
        ).mappings():
            self.differences[r["cafe_id"]].append(r)
        self.limits = limits(conn)
        self.overdue = overdue.late_by_cafe(conn, today, self._only)
        # The proof of a journal that a repair has replaced is kept, but asks nothing more of anybody.
        self.forks = {
            r[0]
            for r in conn.execute(
                select(fork_proof.c.cafe_id)
                .distinct()
                .join(
                    journal,
                    and_(
                        journal.c.cafe_id == fork_proof.c.cafe_id,
                        journal.c.jn == fork_proof.c.jn,
                        journal.c.state == "open",
                    ),
                )
            )
        }
        self.poison: dict[int, int] = {r[0]: r[1] for r in conn.execute(
            select(quarantine.c.cafe_id, func.count()).group_by(quarantine.c.cafe_id))}  # fmt: skip
        self.follow: dict[int, list[RowMapping]] = defaultdict(list)
        for r in conn.execute(self._of(follow_up).order_by(follow_up.c.id)).mappings():
            self.follow[r["cafe_id"]].append(r)

    def _of(self, table: Table, *where: ColumnElement[bool]) -> Select[Any]:
        """Read a table, of the few cafés asked for only."""
        query = select(table).where(*where)
        return query if self._only is None else query.where(table.c.cafe_id.in_(self._only))


def _line(facts: _Facts, row: RowMapping, now_ms: int, today: str) -> CafeMorning:
    number = row["id"]
    box = facts.journals.get(number)
    line = CafeMorning(
        row, facts.health.get(number), box is not None, facts.since.get(number, ""), register.shares_money(row)
    )
    known = known_until(line.health, today)
    line.strip = strip(facts.heard.get(number, set()), facts.calendars[number], line.since, known, today)
    line.takings = _takings(facts.days.get(number, {}), line, today)
    line.uses = _service_weeks(facts.uses.get(number, []), line, today)
    said = facts.follow.get(number, [])
    line.last_call_at = next((f["at"] for f in reversed(said) if f["kind"] == "called"), None)
    line.follow = _current(said, now_ms, today)
    goes_back = [late for code, late in facts.overdue.get(number, {}).items() if overdue.sorts()[code].partner]
    signs = Signs(
        row, line.health, box, facts.days.get(number, {}), facts.differences.get(number, []), line.strip,
        fork=number in facts.forks, poison=facts.poison.get(number, 0), since=line.since, today=today,
        now_ms=now_ms, shares_money=line.shares_money, last_call_at=line.last_call_at,
        without_distance=_without_distance(facts, number, today), limits=facts.limits, overdue=sum(late.n for late in goes_back),
        overdue_since=min((late.oldest for late in goes_back), default=""),
    )  # fmt: skip
    line.alerts = alerts_of(signs)
    return line


def known_until(health: RowMapping | None, today: str) -> str:
    """Return the last day wholly known when the café was last heard."""
    if health is None:
        return ""
    at = max(health["last_contact_at"] or 0, health["last_entry_at"] or 0)
    if not at:
        return ""
    # Heard in the evening or at night: that day is over, and known.
    over = local(at).hour >= EVENING_HOUR or local(at).hour < DAY_CUTOFF_HOUR
    return min(business_day(at) if over else back(business_day(at), 1), back(today, 1))


def strip(
    heard: set[str], calendar: Calendar, since: str, known_until: str, today: str, days: int = STRIP_DAYS
) -> list[tuple[str, str]]:
    """Return the state of each of the last days, yesterday last."""
    result = []
    for offset in range(days, 0, -1):
        day = back(today, offset)
        result.append((day, day_state(day, heard, calendar, since, known_until)))
    return result


def day_state(day: str, heard: set[str], calendar: Calendar, since: str, known_until: str) -> str:
    """Return what a past day was: open, rest, away, missed, unknown, or before the café was heard of."""
    if day in heard:
        return OPEN
    if not since or day < since:
        return BEFORE
    plan = calendar.plan(day)
    if plan in (REST, AWAY):
        return plan
    if day > known_until:
        return UNKNOWN
    return MISSED if plan == "open" else REST


def _takings(days: dict[str, RowMapping], line: CafeMorning, today: str) -> Takings:
    weeks = []
    for week in range(WEEKS_DRAWN, 0, -1):
        start, end = back(today, 7 * week), back(today, 7 * (week - 1))
        weeks.append(sum(r["turnover_cents"] for day, r in days.items() if start <= day < end))
    unknown = [day for day, state in line.strip[-7:] if state == UNKNOWN]
    old = bool(line.since) and line.since <= back(today, 7 + COMPARED_FROM_DAYS)
    habit = sum(weeks[-5:-1]) // 4 if old else None
    if line.since:
        drawn = sum(1 for week in range(WEEKS_DRAWN, 0, -1) if back(today, 7 * (week - 1)) > line.since)
        weeks = weeks[-drawn:] if drawn else []
    return Takings(weeks[-1] if weeks else 0, habit, weeks, unknown[0] if unknown else "")


def _service_weeks(uses: list[tuple[str, str, int]], line: CafeMorning, today: str) -> dict[str, ServiceWeek]:
    week_start, habit_start = back(today, 7), back(today, 35)
    old = bool(line.since) and line.since <= back(today, 7 + COMPARED_FROM_DAYS)
    result = {code: ServiceWeek(0, 0 if old else None) for code in register.services_of(line.cafe)}
    for day, service, n in uses:
        mine = result.setdefault(service, ServiceWeek(0, 0 if old else None))
        if week_start <= day < today:
            mine.now += n
        elif habit_start <= day < week_start and mine.habit is not None:
            mine.habit += n
    for mine in result.values():
        mine.habit = None if mine.habit is None else (mine.habit + 2) // 4
    return result


def _without_distance(facts: _Facts, number: int, today: str) -> dict[str, int]:
    missing: dict[str, int] = defaultdict(int)
    for day, service, n in facts.uses.get(number, []):
        known = register.service_codes().get(service)
        if known is not None and known.alternatives and facts.distances.at(number, service, day) is None:
            missing[service] += n
    return dict(missing)


def _current(said: list[RowMapping], now_ms: int, today: str) -> RowMapping | None:
    """Return what stands now: a call taken today, or an alert put off until a day to come."""
    last = said[-1] if said else None
    if last is None:
        return None
    if last["kind"] == "later":
        return last if last["until"] >= today else None
    return last if now_ms - last["at"] < 20 * 3600 * 1000 else None


def towns(conn: Connection, user: User) -> list[RowMapping]:
    """Return number, antenne and place of every café `user` may see, for the map."""
    return list(conn.execute(
        user.within(select(cafe.c.id, cafe.c.antenna, cafe.c.latitude, cafe.c.longitude))
    ).mappings())  # fmt: skip


def calls(lines: list[CafeMorning]) -> list[CafeMorning]:
    """Return the lines to call this morning."""
    return [line for line in lines if line.level == CALL]
