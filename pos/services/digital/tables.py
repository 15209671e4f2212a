"""The public posts as the journal tells them: prices, posts, sessions, help, what sessions brought."""

import sqlite3

from pos.journal import Envelope
from pos.projections import Projection
from pos.services.digital import events as ev
from pos.till.events import SaleCompleted, SaleLine, SaleRefunded

Conn = sqlite3.Connection

CODE = "digital"
OPEN, CLOSED, CANCELLED = "open", "closed", "cancelled"
TIME, PRINT, COLOUR, SCAN = "time", "print", "colour", "scan"
REF = "digital."

SCHEMA = """
CREATE TABLE digital_terms (
  valid_from TEXT NOT NULL, seq INTEGER NOT NULL, free_minutes INTEGER NOT NULL, block_minutes INTEGER NOT NULL,
  block_price INTEGER NOT NULL, print_price INTEGER NOT NULL, colour_price INTEGER NOT NULL, scan_price INTEGER NOT NULL,
  PRIMARY KEY (valid_from, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE digital_post (
  post TEXT PRIMARY KEY, label TEXT NOT NULL, in_use INTEGER NOT NULL, session TEXT NOT NULL, to_clear INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE digital_session (
  session TEXT PRIMARY KEY, post TEXT NOT NULL, state TEXT NOT NULL, opened_at INTEGER NOT NULL, planned INTEGER NOT NULL,
  day TEXT NOT NULL, visit TEXT NOT NULL, closed_at INTEGER NOT NULL, minutes INTEGER NOT NULL, time_due INTEGER NOT NULL,
  prints INTEGER NOT NULL, colour INTEGER NOT NULL, scans INTEGER NOT NULL, pages_due INTEGER NOT NULL, paid INTEGER NOT NULL,
  ticket INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX digital_session_by_day ON digital_session (day);
CREATE TABLE digital_help (
  seq INTEGER PRIMARY KEY, session TEXT NOT NULL, theme TEXT NOT NULL, minutes INTEGER NOT NULL, outcome TEXT NOT NULL,
  day TEXT NOT NULL
) STRICT;
CREATE INDEX digital_help_by_day ON digital_help (day);
CREATE TABLE digital_income (
  day TEXT NOT NULL, what TEXT NOT NULL, amount INTEGER NOT NULL, PRIMARY KEY (day, what)
) STRICT, WITHOUT ROWID
"""

_POST = """INSERT INTO digital_post (post, label, in_use, session, to_clear) VALUES (?, ?, ?, '', 0)
ON CONFLICT (post) DO UPDATE SET label = excluded.label, in_use = excluded.in_use"""
_OPENED = "INSERT INTO digital_session VALUES (?, ?, 'open', ?, ?, ?, ?, 0, 0, 0, 0, 0, 0, 0, 0, 0)"
_CLOSED = """UPDATE digital_session SET state = 'closed', closed_at = ?, minutes = ?, time_due = ?, prints = ?, colour = ?,
scans = ?, pages_due = ? WHERE session = ?"""
_TAKEN = "UPDATE digital_post SET session = ?, to_clear = ? WHERE post = ?"
_HELP = "INSERT INTO digital_help (seq, session, theme, minutes, outcome, day) VALUES (?, ?, ?, ?, ?, ?)"
_PAID = "UPDATE digital_session SET paid = paid + ?, ticket = ? WHERE session = ?"
_INCOME = """INSERT INTO digital_income (day, what, amount) VALUES (?, ?, ?)
ON CONFLICT (day, what) DO UPDATE SET amount = amount + excluded.amount"""


def ref(what: str, session: str) -> str:
    """Return what a bill's line says of its session."""
    return f"{REF}{what}:{session}"


def referred(text: str) -> tuple[str, str]:
    """Return what a line's reference is of a session: time or pages, and the session; or two empty texts."""
    if not text.startswith(REF):
        return "", ""
    what, _colon, session = text.removeprefix(REF).partition(":")
    return what, session


def _terms_set(conn: Conn, entry: Envelope, e: ev.TermsSet) -> None:
    conn.execute(
        "INSERT INTO digital_terms VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            e.valid_from,
            entry.seq,
            e.free_minutes,
            e.block_minutes,
            e.block_price,
            e.print_price,
            e.colour_price,
            e.scan_price,
        ),
    )


def _listed(conn: Conn, _entry: Envelope, e: ev.PostListed) -> None:
    conn.execute(_POST, (e.post, e.label, int(e.in_use)))


def _opened(conn: Conn, entry: Envelope, e: ev.SessionOpened) -> None:
    conn.execute(_OPENED, (e.session, e.post, e.happened_at or entry.t, e.minutes, e.day, e.visit))
    conn.execute(_TAKEN, (e.session, 0, e.post))


def _extended(conn: Conn, _entry: Envelope, e: ev.SessionExtended) -> None:
    conn.execute("UPDATE digital_session SET planned = planned + ? WHERE session = ?", (e.minutes, e.session))


def _closed(conn: Conn, entry: Envelope, e: ev.SessionClosed) -> None:
    conn.execute(
        _CLOSED, (e.happened_at or entry.t, e.minutes, e.time_due, e.prints, e.colour, e.scans, e.pages_due, e.session)
    )
    conn.execute(_TAKEN, ("", int(not e.cleared), e.post))


def _cancelled(conn: Conn, _entry: Envelope, e: ev.SessionCancelled) -> None:
    conn.execute("UPDATE digital_session SET state = 'cancelled' WHERE session = ?", (e.session,))
    conn.execute(_TAKEN, ("", 0, e.post))


def _helped(conn: Conn, entry: Envelope, e: ev.HelpGiven) -> None:
    conn.execute(_HELP, (entry.seq, e.session, e.theme, e.minutes, e.outcome, e.day))


def _cleared(conn: Conn, _entry: Envelope, e: ev.HistoryCleared) -> None:
    conn.execute("UPDATE digital_post SET to_clear = 0 WHERE post = ?", (e.post,))


def _lines(conn: Conn, day: str, lines: list[SaleLine], no: int) -> None:
    for line in lines:
        what, session = referred(line.ref)
        if session:
            conn.execute(_PAID, (line.gross, no, session))
            conn.execute(_INCOME, (day[:10], what, line.gross))


def _sold(conn: Conn, _entry: Envelope, e: SaleCompleted) -> None:
    _lines(conn, e.day, e.lines, e.no)


def _refunded(conn: Conn, _entry: Envelope, e: SaleRefunded) -> None:
    _lines(conn, e.day, e.lines, e.original)


PROJECTION = Projection(
    "digital",
    SCHEMA,
    {
        ev.TermsSet: _terms_set, ev.PostListed: _listed, ev.SessionOpened: _opened, ev.SessionExtended: _extended,
        ev.SessionClosed: _closed, ev.SessionCancelled: _cancelled, ev.HelpGiven: _helped, ev.HistoryCleared: _cleared,
        SaleCompleted: _sold, SaleRefunded: _refunded,
    },
)  # fmt: skip
