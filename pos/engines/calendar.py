"""When the café is open: its week, closures, public holidays, market day, the day without bread.

Deadlines and "expected open" follow from it. Holidays are computed: eleven, two more in Alsace-Moselle.
"""

import sqlite3
from collections.abc import Sequence
from datetime import date, timedelta

from pos.errors import Refusal
from pos.events import Event
from pos.feature import Feature
from pos.i18n import N_
from pos.journal import Envelope
from pos.projections import Projection
from pos.store import Store

# Départements where Good Friday and 26 December are holidays too.
ALSACE_MOSELLE = ("57", "67", "68")


class NotADay(Refusal):
    """A date or a weekday is wrong."""

    sentence = N_("“%(text)s” is not a day.")
    remedy = N_("Choose a day in the calendar.")


class NotHours(Refusal):
    """Opening hours are written wrong."""

    sentence = N_("“%(text)s” are not opening hours.")
    remedy = N_("Write them like 7:00-13:30 16:30-19:30; nothing for a day of rest.")


class WeekSet(Event, frozen=True, kw_only=True):
    """The café's week from a day on: seven texts of hours, Monday first, empty for rest."""

    kind = "calendar.week_set"
    valid_from: str
    hours: list[str]
    # Weekday of the village market, −1 for none.
    market: int = -1


class ClosureDeclared(Event, frozen=True, kw_only=True):
    """The café will be closed from a day to another, both included."""

    kind = "calendar.closure_declared"
    first: str
    last: str
    reason: str


class ClosureLifted(Event, frozen=True, kw_only=True):
    """A closure is called off from a day on."""

    kind = "calendar.closure_lifted"
    first: str


EVENTS = (WeekSet, ClosureDeclared, ClosureLifted)
REASONS = ("holidays", "illness", "works", "weather", "other")

SCHEMA = """
CREATE TABLE calendar_week (
  valid_from TEXT PRIMARY KEY, hours TEXT NOT NULL, market INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE calendar_closure (first TEXT PRIMARY KEY, last TEXT NOT NULL, reason TEXT NOT NULL) STRICT, WITHOUT ROWID
"""


def _week_set(conn: sqlite3.Connection, entry: Envelope, e: WeekSet) -> None:
    conn.execute(
        "INSERT OR REPLACE INTO calendar_week (valid_from, hours, market) VALUES (?, ?, ?)",
        (e.valid_from, "|".join(e.hours), e.market),
    )


def _closed(conn: sqlite3.Connection, entry: Envelope, e: ClosureDeclared) -> None:
    conn.execute(
        "INSERT OR REPLACE INTO calendar_closure (first, last, reason) VALUES (?, ?, ?)", (e.first, e.last, e.reason)
    )


def _lifted(conn: sqlite3.Connection, entry: Envelope, e: ClosureLifted) -> None:
    conn.execute("DELETE FROM calendar_closure WHERE first = ?", (e.first,))


PROJECTION = Projection("calendar", SCHEMA, {WeekSet: _week_set, ClosureDeclared: _closed, ClosureLifted: _lifted})


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotADay(text=text[:12]) from None


def set_week(
    store: Store, hours: Sequence[str], *, market: int = -1, valid_from: str = "", by: str, attempt: str = ""
) -> None:
    """Say when the café is open, from today or a later day. Raises NotHours."""
    with store.writing(by=by, attempt=attempt) as tx:
        if len(hours) != 7 or not -1 <= market <= 6:
            raise NotHours(text=" | ".join(hours)[:40])
        for text in hours:
            spans(text)
        day = valid_from or tx.today
        _day(day)
        tx.record(WeekSet(valid_from=day, hours=[" ".join(text.split()) for text in hours], market=market))


def declare_closure(store: Store, first: str, last: str, reason: str, *, by: str, attempt: str = "") -> None:
    """Say that the café will be closed. Raises NotADay."""
    with store.writing(by=by, attempt=attempt) as tx:
        if _day(last) < _day(first) or reason not in REASONS:
            raise NotADay(text=f"{first}…{last}")
        tx.record(ClosureDeclared(first=first, last=last, reason=reason))


def lift_closure(store: Store, first: str, *, by: str, attempt: str = "") -> None:
    """Call a closure off."""
    with store.writing(by=by, attempt=attempt) as tx:
        tx.record(ClosureLifted(first=_day(first).isoformat()))


def spans(text: str) -> list[tuple[int, int]]:
    """Return opening spans in minutes of the day for a text like `7:00-13:30 16:30-19:30`; raise NotHours."""
    out = []
    for part in text.replace("h", ":").split():
        first, dash, last = part.partition("-")
        try:
            begin, end = (_minutes(first), _minutes(last))
        except ValueError:
            raise NotHours(text=text[:40]) from None
        if not dash or end <= begin:
            raise NotHours(text=text[:40])
        out.append((begin, end))
    return out


def _minutes(text: str) -> int:
    hour, _colon, minute = text.partition(":")
    value = int(hour) * 60 + int(minute or 0)
    # 26:00 is two in the morning: the café's day goes on after midnight.
    if not 0 <= value <= 29 * 60 or not 0 <= int(minute or 0) < 60:
        raise ValueError(text)
    return value


# Readers


def hours_on(conn: sqlite3.Connection, day: str) -> str:
    """Return the hours of a day, empty when closed; without a week every day but Sunday counts as open."""
    if conn.execute("SELECT 1 FROM calendar_closure WHERE first <= ? AND last >= ?", (day, day)).fetchone():
        return ""
    row = conn.execute(
        "SELECT hours FROM calendar_week WHERE valid_from <= ? ORDER BY valid_from DESC LIMIT 1", (day,)
    ).fetchone()
    weekday = date.fromisoformat(day).weekday()
    if row is None:
        return "" if weekday == 6 else "7:00-19:00"
    return str(row[0]).split("|")[weekday]


def is_open(conn: sqlite3.Connection, day: str) -> bool:
    """Tell whether the café is expected to open on a day."""
    return bool(hours_on(conn, day))


def next_open_day(conn: sqlite3.Connection, day: str) -> str:
    """Return the first open day after `day`, within a year; `day` itself when there is none."""
    current = date.fromisoformat(day)
    for n in range(1, 367):
        later = (current + timedelta(days=n)).isoformat()
        if is_open(conn, later):
            return later
    return day


def closures(conn: sqlite3.Connection, day: str) -> list[sqlite3.Row]:
    """Return closures not yet over."""
    return conn.execute("SELECT * FROM calendar_closure WHERE last >= ? ORDER BY first", (day,)).fetchall()


def week(conn: sqlite3.Connection, day: str) -> tuple[list[str], int]:
    """Return the seven texts of hours in force, and the market's weekday."""
    row = conn.execute(
        "SELECT hours, market FROM calendar_week WHERE valid_from <= ? ORDER BY valid_from DESC LIMIT 1", (day,)
    ).fetchone()
    return (str(row[0]).split("|"), int(row[1])) if row else (["7:00-19:00"] * 6 + [""], -1)


def easter(year: int) -> date:
    """Return Easter Sunday (Gregorian, Meeus)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    f = (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def holidays(year: int, department: str = "") -> dict[str, str]:
    """Return the public holidays of a year by day, with their names as msgids (code du travail L3133-1)."""
    sunday = easter(year)
    fixed = ((1, 1, N_("New Year")), (5, 1, N_("Labour Day")), (5, 8, N_("Victory 1945")), (7, 14, N_("14 July")),
             (8, 15, N_("Assumption")), (11, 1, N_("All Saints")), (11, 11, N_("Armistice")), (12, 25, N_("Christmas")))  # fmt: skip
    days = {date(year, month, day).isoformat(): name for month, day, name in fixed}
    moving = [(1, N_("Easter Monday")), (39, N_("Ascension")), (50, N_("Whit Monday"))]
    if department in ALSACE_MOSELLE:
        moving.append((-2, N_("Good Friday")))
        days[date(year, 12, 26).isoformat()] = N_("Saint Stephen")
    days.update({(sunday + timedelta(days=n)).isoformat(): name for n, name in moving})
    return dict(sorted(days.items()))


FEATURE = Feature(
    slug="calendar", title=N_("Calendar"), events=EVENTS, projection=PROJECTION,
    acts=(set_week, declare_closure, lift_closure),
)  # fmt: skip
