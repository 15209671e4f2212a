"""What a journal takes up from a repair or a copy found later: numbers that go on, totals not begun anew (R5, R6, R24)."""

import sqlite3

from pos.events import Event
from pos.journal import Envelope
from pos.projections import Teller
from pos.system import JournalContinued, JournalTailFound

_ADD = """INSERT INTO till_total (day, what, key, amount, net, n) VALUES (?, ?, ?, ?, 0, 0)
ON CONFLICT (day, what, key) DO UPDATE SET amount = amount + excluded.amount"""
_FLOOR = """INSERT INTO till_total (day, what, key, amount, net, n) VALUES ('', 'floor', ?, ?, 0, 0)
ON CONFLICT (day, what, key) DO UPDATE SET amount = max(amount, excluded.amount)"""
_OWED = """INSERT INTO till_third_party (owner, balance) VALUES (?, ?)
ON CONFLICT (owner) DO UPDATE SET balance = balance + excluded.balance"""
_FLOOR_OF = "SELECT coalesce(max(amount), 0) FROM till_total WHERE day = '' AND what = 'floor' AND key = ?"


def _continued(conn: sqlite3.Connection, entry: Envelope, e: JournalContinued | JournalTailFound) -> None:
    conn.execute(_FLOOR, ("no", e.no))
    conn.execute(_FLOOR, ("z", e.z))
    conn.execute(_ADD, ("", "turnover", "algebraic", e.turnover))
    conn.execute(_ADD, ("", "turnover", "absolute", e.absolute))
    for span in e.spans:
        conn.execute(_ADD, (span.key, "turnover", "own", span.amount))
    for owed in e.owners:
        conn.execute(_OWED, (owed.key, owed.amount))


TELLERS: dict[type[Event], Teller] = {JournalContinued: _continued, JournalTailFound: _continued}


def after(conn: sqlite3.Connection, series: str, last: str) -> int:
    """Return the number after the last one of a series: the box's own (`last`, a query), or HQ's."""
    own, floor = conn.execute(last).fetchone()[0], conn.execute(_FLOOR_OF, (series,)).fetchone()[0]
    return int(max(own, floor)) + 1
