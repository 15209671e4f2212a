"""What is asked of the posts: who is where since when, what is due, help by theme, a month."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from pos.errors import Refusal
from pos.services.digital import refusals as no
from pos.services.digital.tables import OPEN

Conn = sqlite3.Connection

_POSTS = """SELECT p.*, s.opened_at, s.planned, s.day FROM digital_post p
LEFT JOIN digital_session s ON s.session = p.session WHERE p.in_use = 1 OR p.session <> '' ORDER BY p.label, p.post"""
_SESSION = """SELECT s.*, p.label FROM digital_session s JOIN digital_post p ON p.post = s.post WHERE s.session = ?"""
_UNPAID = """SELECT s.*, p.label FROM digital_session s JOIN digital_post p ON p.post = s.post
WHERE s.state = 'closed' AND s.ticket = 0 AND s.time_due + s.pages_due > 0 ORDER BY s.closed_at"""
_OF_DAY = """SELECT s.*, p.label FROM digital_session s JOIN digital_post p ON p.post = s.post
WHERE s.day = ? AND s.state <> 'cancelled' ORDER BY s.opened_at DESC"""


def posts(conn: Conn) -> list[sqlite3.Row]:
    """Return the posts by name, with the session of those that are taken."""
    return conn.execute(_POSTS).fetchall()


def post(conn: Conn, post_id: str) -> sqlite3.Row:
    """Return a post; raise NoSuchPost."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM digital_post WHERE post = ?", (post_id,)).fetchone()
    if row is None:
        raise no.NoSuchPost
    return row


def session(conn: Conn, session_id: str, missing: type[Refusal] = no.NoSuchSession) -> sqlite3.Row:
    """Return a session with its post's name; raise `missing`."""
    row: sqlite3.Row | None = conn.execute(_SESSION, (session_id,)).fetchone()
    if row is None:
        raise missing
    return row


def running(conn: Conn, session_id: str) -> sqlite3.Row:
    """Return a session that is open; raise NoSuchSession."""
    row = session(conn, session_id)
    if row["state"] != OPEN:
        raise no.NoSuchSession
    return row


def unpaid(conn: Conn) -> list[sqlite3.Row]:
    """Return closed sessions that are on no ticket yet."""
    return conn.execute(_UNPAID).fetchall()


def of_day(conn: Conn, day: str) -> list[sqlite3.Row]:
    """Return the sessions of a day, newest first."""
    return conn.execute(_OF_DAY, (day[:10],)).fetchall()


def help_of(conn: Conn, session_id: str) -> list[sqlite3.Row]:
    """Return the help given in a session."""
    return conn.execute("SELECT * FROM digital_help WHERE session = ? ORDER BY seq", (session_id,)).fetchall()


def to_clear(conn: Conn) -> list[sqlite3.Row]:
    """Return the posts whose history was not erased yet."""
    return [row for row in posts(conn) if row["to_clear"]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A period of sessions."""

    sessions: int
    minutes: int
    prints: int
    scans: int
    income: int
    # theme -> (times, minutes, solved)
    helped: dict[str, tuple[int, int, int]]


def sheet(conn: Conn, first: str, last: str) -> Sheet:
    """Return a period: sessions, minutes, pages, help by theme, income VAT included."""
    row = conn.execute(
        "SELECT count(*), coalesce(sum(minutes), 0), coalesce(sum(prints + colour), 0), coalesce(sum(scans), 0) FROM digital_session"
        " WHERE day BETWEEN ? AND ? AND state <> 'cancelled'",
        (first, last),
    ).fetchone()
    income = conn.execute(
        "SELECT coalesce(sum(amount), 0) FROM digital_income WHERE day BETWEEN ? AND ?", (first, last)
    ).fetchone()[0]
    helped = {
        r[0]: (int(r[1]), int(r[2]), int(r[3]))
        for r in conn.execute(
            "SELECT theme, count(*), sum(minutes), sum(outcome = 'solved') FROM digital_help WHERE day BETWEEN ? AND ? GROUP BY theme"
            " ORDER BY theme",
            (first, last),
        )
    }
    return Sheet(int(row[0]), int(row[1]), int(row[2]), int(row[3]), int(income), helped)


def figures(conn: Conn, day: str) -> dict[str, Any]:
    """Return a day in figures: sessions, minutes, pages, income, help by theme, posts to clear."""
    told = sheet(conn, day[:10], day[:10])
    return {
        "sessions": told.sessions, "minutes": told.minutes, "prints": told.prints, "scans": told.scans, "income": told.income,
        "helped": {theme: n for theme, (n, _minutes, _solved) in told.helped.items()},
        "help_minutes": sum(minutes for _n, minutes, _solved in told.helped.values()),
        "to_clear": len(to_clear(conn)), "open": sum(1 for row in posts(conn) if row["session"]), "unpaid": len(unpaid(conn)),
    }  # fmt: skip
