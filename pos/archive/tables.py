"""Where each period ends in the journal, and which archives were made: told from the journal alone."""

import calendar
import sqlite3
from dataclasses import dataclass

from pos.archive.events import ArchiveChecked, ArchiveMade
from pos.journal import Envelope, at_place
from pos.projections import Projection
from pos.till.closure_events import MonthClosed, YearClosed
from pos.till.events import DayClosed

SCHEMA = """
CREATE TABLE archive_closing (
  jid TEXT NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, last_day TEXT NOT NULL, last_no INTEGER NOT NULL,
  first_day TEXT NOT NULL,
  PRIMARY KEY (jid, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE archive_made (
  jid TEXT NOT NULL, seq INTEGER NOT NULL, t INTEGER NOT NULL, period TEXT NOT NULL, shape TEXT NOT NULL,
  size INTEGER NOT NULL, sha256 TEXT NOT NULL, manifest TEXT NOT NULL, PRIMARY KEY (jid, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE archive_checked (
  jid TEXT NOT NULL, seq INTEGER NOT NULL, t INTEGER NOT NULL, period TEXT NOT NULL, fault TEXT NOT NULL,
  PRIMARY KEY (jid, seq)
) STRICT, WITHOUT ROWID
"""
_CLOSING = "INSERT INTO archive_closing (jid, seq, kind, last_day, last_no, first_day) VALUES (?, ?, ?, ?, ?, ?)"
_MADE = "INSERT INTO archive_made (jid, seq, t, period, shape, size, sha256, manifest) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_CHECKED = "INSERT INTO archive_checked (jid, seq, t, period, fault) VALUES (?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Closing:
    """A closure's place: its journal and entry, the last day it covers, the last receipt number of a Z."""

    jid: str
    seq: int
    last_day: str
    last_no: int = 0
    kind: str = "day"


def last_day_of(period: str) -> str:
    """Return the last day of a period written `2026-10-05`, `2026-10` or `2026`."""
    if len(period) == 4:
        return f"{period}-12-31"
    if len(period) == 7:
        return f"{period}-{calendar.monthrange(int(period[:4]), int(period[5:]))[1]:02d}"
    return period[:10]


def _day_closed(conn: sqlite3.Connection, entry: Envelope, e: DayClosed) -> None:
    conn.execute(_CLOSING, (entry.j, at_place(entry.seq)[1], "day", e.day[:10], e.last_no, e.day[:10]))


def _period_closed(conn: sqlite3.Connection, entry: Envelope, e: MonthClosed | YearClosed) -> None:
    kind = "month" if isinstance(e, MonthClosed) else "year"
    conn.execute(_CLOSING, (entry.j, at_place(entry.seq)[1], kind, e.last_day, 0, e.first_day))


def _made(conn: sqlite3.Connection, entry: Envelope, e: ArchiveMade) -> None:
    conn.execute(_MADE, (entry.j, at_place(entry.seq)[1], entry.t, e.period, e.shape, e.size, e.sha256, e.manifest))


def _checked(conn: sqlite3.Connection, entry: Envelope, e: ArchiveChecked) -> None:
    conn.execute(_CHECKED, (entry.j, at_place(entry.seq)[1], entry.t, e.period, e.fault))


PROJECTION = Projection(
    "archive",
    SCHEMA,
    {
        DayClosed: _day_closed, MonthClosed: _period_closed, YearClosed: _period_closed, ArchiveMade: _made,
        ArchiveChecked: _checked,
    },
)  # fmt: skip


def closings(conn: sqlite3.Connection) -> list[Closing]:
    """Return every closure, in the order of the journals."""
    rows = conn.execute(
        "SELECT jid, seq, last_day, last_no, kind FROM archive_closing JOIN journal USING (jid) ORDER BY jn, seq"
    )
    return [Closing(*row) for row in rows]


def made(conn: sqlite3.Connection, limit: int = 60) -> list[sqlite3.Row]:
    """Return the archives made, newest first."""
    return conn.execute("SELECT * FROM archive_made ORDER BY t DESC, seq DESC LIMIT ?", (limit,)).fetchall()


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed month or accounting year, as it is asked for: `2026-10`, `2026`, or `2026-07..2027-06`."""

    period: str


def closed(conn: sqlite3.Connection, kind: str, limit: int = 36) -> list[Closed]:
    """Return the closed months or years in which a day was closed, newest first."""
    rows = conn.execute(
        "SELECT first_day, last_day FROM archive_closing a WHERE kind = ? AND EXISTS (SELECT 1 FROM archive_closing d"
        " WHERE d.kind = 'day' AND d.last_day BETWEEN a.first_day AND a.last_day) ORDER BY last_day DESC LIMIT ?",
        (kind, limit),
    )
    return [Closed(_asked(row["first_day"], row["last_day"])) for row in rows]


def _asked(first: str, last: str) -> str:
    if first[:7] == last[:7]:
        return first[:7]
    return (
        first[:4]
        if (first[5:], last[5:]) == ("01-01", "12-31") and first[:4] == last[:4]
        else f"{first[:7]}..{last[:7]}"
    )
