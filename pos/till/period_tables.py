"""What days add up to by month, which months and years are closed, how often a closing was printed.

A month is told from the closings of its days alone, so that it can be nothing but their sum (R37).
"""

import sqlite3
from collections.abc import Iterable

from pos.journal import Envelope
from pos.projections import Projection
from pos.till.closure_events import AccountingYearSet, ClosurePrinted, MonthClosed, YearClosed
from pos.till.events import CashCounted, DayClosed
from pos.till.spans import YearStarts, month_of, next_month

Conn = sqlite3.Connection
DAY, MONTH, YEAR = "day", "month", "year"

SCHEMA = """
CREATE TABLE closure_sum (
  month TEXT NOT NULL, what TEXT NOT NULL, key TEXT NOT NULL, amount INTEGER NOT NULL, net INTEGER NOT NULL,
  n INTEGER NOT NULL, PRIMARY KEY (month, what, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE closure_month (
  month TEXT PRIMARY KEY, days INTEGER NOT NULL, first_z INTEGER NOT NULL, last_z INTEGER NOT NULL,
  first_no INTEGER NOT NULL, last_no INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE closure_made (
  closing TEXT NOT NULL, number INTEGER NOT NULL, seq INTEGER NOT NULL, period TEXT NOT NULL, first_day TEXT NOT NULL,
  last_day TEXT NOT NULL, closed_at INTEGER NOT NULL, turnover INTEGER NOT NULL, auto INTEGER NOT NULL,
  PRIMARY KEY (closing, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE closure_print (
  closing TEXT NOT NULL, number INTEGER NOT NULL, prints INTEGER NOT NULL, PRIMARY KEY (closing, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE closure_year_start (since TEXT NOT NULL, seq INTEGER NOT NULL, first_month INTEGER NOT NULL, PRIMARY KEY (since, seq)) STRICT, WITHOUT ROWID
"""

_SUM = """INSERT INTO closure_sum (month, what, key, amount, net, n) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (month, what, key) DO UPDATE SET amount = amount + excluded.amount, net = net + excluded.net, n = n + excluded.n"""
_MONTH = """INSERT INTO closure_month (month, days, first_z, last_z, first_no, last_no) VALUES (?, 1, ?, ?, ?, ?)
ON CONFLICT (month) DO UPDATE SET days = days + 1, last_z = excluded.last_z,
first_no = CASE WHEN first_no = 0 THEN excluded.first_no ELSE first_no END,
last_no = CASE WHEN excluded.last_no = 0 THEN last_no ELSE excluded.last_no END"""
_MADE = """INSERT INTO closure_made (closing, number, seq, period, first_day, last_day, closed_at, turnover, auto)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_PRINTED = """INSERT INTO closure_print (closing, number, prints) VALUES (?, ?, 1)
ON CONFLICT (closing, number) DO UPDATE SET prints = prints + 1"""


def rows_of(z: DayClosed) -> Iterable[tuple[str, str, int, int, int]]:
    """Yield what a day's closing adds to its month: (what, key, amount, net, n)."""
    yield "turnover", "own", z.turnover, 0, 1
    for count in ("tickets", "refunds", "voids", "duplicates", "drawer_openings"):
        yield "count", count, 0, 0, getattr(z, count)
    for cash in ("cash_sales", "cash_in", "cash_out", "cashback", "settled_cash", "third_party_cash", "difference"):
        yield "cash", cash, getattr(z, cash), 0, 1
    for part in z.vat:
        yield "vat", str(part.bp), part.gross, part.net, 1
    for what, keyed in (("means", z.means), ("family", z.families), ("mode", z.modes)):
        for one in keyed:
            yield what, one.key, one.amount, 0, one.n
    for off in z.off:
        yield "off", f"{off.code}:{off.owner}", off.amount, 0, 1
    for owner in z.third_parties:
        if owner.taken or owner.settled:
            yield "owner", owner.owner, owner.taken, owner.settled, 1


def _day_closed(conn: Conn, entry: Envelope, e: DayClosed) -> None:
    month = month_of(e.day)
    conn.executemany(_SUM, [(month, *row) for row in rows_of(e)])
    conn.execute(_MONTH, (month, e.z, e.z, e.first_no, e.last_no))
    conn.execute(_MADE, (DAY, e.z, entry.seq, e.day, e.day[:10], e.day[:10], e.closed_at, e.turnover, int(e.auto)))


def _counted(conn: Conn, entry: Envelope, e: CashCounted) -> None:
    """A count after its Z is no part of the Z: its difference goes to its month, or to the first one still open."""
    if conn.execute("SELECT 1 FROM closure_made WHERE closing = ? AND period = ?", (DAY, e.day)).fetchone():
        month = max(month_of(e.day), closing_next(conn))
        conn.execute(_SUM, (month, "cash", "counted_after", e.difference, 0, 1))


def _period_closed(conn: Conn, entry: Envelope, e: MonthClosed | YearClosed) -> None:
    closing = MONTH if isinstance(e, MonthClosed) else YEAR
    conn.execute(
        _MADE,
        (closing, e.number, entry.seq, e.period, e.first_day, e.last_day, e.closed_at, e.turnover, int(e.auto)),
    )


def _year_set(conn: Conn, entry: Envelope, e: AccountingYearSet) -> None:
    conn.execute(
        "INSERT INTO closure_year_start (since, seq, first_month) VALUES (?, ?, ?)",
        (month_of(e.valid_from), entry.seq, e.first_month),
    )


def _printed(conn: Conn, entry: Envelope, e: ClosurePrinted) -> None:
    conn.execute(_PRINTED, (e.closing, e.number))


PROJECTION = Projection(
    "closures",
    SCHEMA,
    {
        DayClosed: _day_closed,
        CashCounted: _counted,
        MonthClosed: _period_closed,
        YearClosed: _period_closed,
        AccountingYearSet: _year_set,
        ClosurePrinted: _printed,
    },
)


# Readers


def made(conn: Conn, closing: str, *, most: int = 400) -> list[sqlite3.Row]:
    """Return the closings of a kind, newest first."""
    return conn.execute(
        "SELECT * FROM closure_made WHERE closing = ? ORDER BY number DESC LIMIT ?", (closing, most)
    ).fetchall()


def one_made(conn: Conn, closing: str, number: int) -> sqlite3.Row | None:
    """Return a closing by its number."""
    row: sqlite3.Row | None = conn.execute(
        "SELECT * FROM closure_made WHERE closing = ? AND number = ?", (closing, number)
    ).fetchone()
    return row


def last_made(conn: Conn, closing: str) -> sqlite3.Row | None:
    """Return the last closing of a kind."""
    return next(iter(made(conn, closing, most=1)), None)


def first_month(conn: Conn) -> str:
    """Return the month of the first day ever opened, or an empty text."""
    row = conn.execute("SELECT min(day) FROM till_day").fetchone()
    return month_of(row[0]) if row[0] else ""


def closing_next(conn: Conn) -> str:
    """Return the first month that is not closed; an empty text before the first closing of a month."""
    row = last_made(conn, MONTH)
    return next_month(row["period"]) if row is not None else ""


def closed_up_to(conn: Conn) -> str:
    """Return the last day of the last closed month, or an empty text: nothing enters before it (R34)."""
    row = last_made(conn, MONTH)
    return str(row["last_day"]) if row else ""


def year_starts(conn: Conn) -> YearStarts:
    """Return which month begins the accounting year, by the month from which it holds."""
    rows = conn.execute("SELECT since, first_month FROM closure_year_start ORDER BY since, seq")
    return [(row[0], row[1]) for row in rows]


def sums(conn: Conn, first: str, last: str) -> dict[str, dict[str, tuple[int, int, int]]]:
    """Return what the closed days of some months add up to: by heading and key (amount, net, n)."""
    found: dict[str, dict[str, tuple[int, int, int]]] = {}
    for row in conn.execute(
        "SELECT what, key, sum(amount), sum(net), sum(n) FROM closure_sum WHERE month BETWEEN ? AND ?"
        " GROUP BY what, key ORDER BY what, key",
        (first, last),
    ):
        found.setdefault(row[0], {})[row[1]] = (row[2], row[3], row[4])
    return found


def numbers(conn: Conn, first: str, last: str) -> tuple[int, int, int, int, int]:
    """Return days, first and last Z, first and last ticket of some months; zeros when idle."""
    row = conn.execute(
        "SELECT coalesce(sum(days), 0), coalesce(min(first_z), 0), coalesce(max(last_z), 0),"
        " coalesce(min(nullif(first_no, 0)), 0), coalesce(max(last_no), 0) FROM closure_month WHERE month BETWEEN ? AND ?",
        (first, last),
    ).fetchone()
    return row[0], row[1], row[2], row[3], row[4]


def prints(conn: Conn, closing: str, number: int) -> int:
    """Return how often a closing was printed."""
    row = conn.execute(
        "SELECT prints FROM closure_print WHERE closing = ? AND number = ?", (closing, number)
    ).fetchone()
    return int(row[0]) if row else 0
