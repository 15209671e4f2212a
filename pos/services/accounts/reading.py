"""What the screens and reports read of accounts: who has what, old slates, statements, the month."""

import sqlite3
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pos import private
from pos.i18n import _
from pos.services.accounts import paying, tables
from pos.services.accounts.tables import LOCAL, PREPAID, SLATE, SUSPENDED

# Purposes under which a person may be known and have an account.
PURPOSES = ("accounts", "members")
# A fund nobody draws on is money that waits for nothing.
FUND_ASLEEP_DAYS = 30

_MOVES = "SELECT * FROM accounts_move WHERE what = ? AND ref = ? ORDER BY seq DESC, place DESC LIMIT ?"
_CHARGES = "SELECT day, amount FROM accounts_move WHERE what = 'slate' AND ref = ? AND amount > 0 ORDER BY seq, place"
_CREDITS = "SELECT coalesce(-sum(amount), 0) FROM accounts_move WHERE what = 'slate' AND ref = ? AND amount < 0"
_MONTH = """SELECT what, why, count(*) AS n, sum(amount) AS cents FROM accounts_move WHERE day BETWEEN ? AND ?
GROUP BY what, why ORDER BY what, why"""


@dataclass(frozen=True, slots=True)
class Picture:
    """An account as a screen shows it."""

    person: str
    name: str
    phone: str
    prepaid: int
    slate: int
    slate_allowed: bool
    ceiling: int
    # The day of the oldest charge not paid back yet, and how long ago.
    since: str
    days: int
    late: bool


def name_of(conn: sqlite3.Connection, person: str) -> str:
    """Return a person's name, or what is said once it is forgotten."""
    return private.name_of(conn, person) or _("Somebody forgotten")


def picture(conn: sqlite3.Connection, row: sqlite3.Row, day: str) -> Picture:
    """Return what a screen shows of an account."""
    limits = paying.in_force(conn, day)
    since = oldest(conn, row["person"]) if row["slate"] > 0 else ""
    days = (date.fromisoformat(day[:10]) - date.fromisoformat(since)).days if since else 0
    facts = private.recall(conn, row["person"])
    return Picture(
        person=row["person"], name=name_of(conn, row["person"]), phone=str(facts.get("phone", "")), prepaid=row["prepaid"],
        slate=row["slate"], slate_allowed=bool(row["slate_allowed"]), ceiling=row["ceiling"] or limits.person_ceiling,
        since=since, days=days, late=days > limits.alert_days,
    )  # fmt: skip


def oldest(conn: sqlite3.Connection, person: str) -> str:
    """Return the day of the oldest charge that payments do not cover: the first in is the first paid."""
    covered = int(conn.execute(_CREDITS, (person,)).fetchone()[0])
    for row in conn.execute(_CHARGES, (person,)):
        covered -= row["amount"]
        if covered < 0:
            return str(row["day"])
    return ""


def accounts(conn: sqlite3.Connection, day: str) -> list[Picture]:
    """Return open accounts: slates first, the oldest on top, then by name."""
    rows = conn.execute("SELECT * FROM accounts_account WHERE closed = 0").fetchall()
    found = [picture(conn, row, day) for row in rows]
    return sorted(found, key=lambda p: (-p.days, -p.slate, private.fold(p.name)))


def find(conn: sqlite3.Connection, text: str, day: str) -> list[Picture]:
    """Return accounts whose name contains a text."""
    wanted = private.fold(text)
    return [p for p in accounts(conn, day) if wanted in private.fold(p.name)]


def without_account(conn: sqlite3.Connection, text: str) -> list[tuple[str, str]]:
    """Return (id, name) of people known for another reason who have no account yet."""
    found = [hit for purpose in PURPOSES for hit in private.search(conn, purpose, text, 8)]
    known = [(person, str(facts.get("name", ""))) for person, facts in found]
    return [(person, name) for person, name in known if _closed_or_none(tables.account(conn, person))]


def _closed_or_none(row: sqlite3.Row | None) -> bool:
    return row is None or bool(row["closed"])


def late(conn: sqlite3.Connection, day: str) -> list[Picture]:
    """Return slates older than the alert."""
    return [p for p in accounts(conn, day) if p.late]


def moves(conn: sqlite3.Connection, what: str, ref: str, limit: int = 12) -> list[sqlite3.Row]:
    """Return the last moves of an account, a slate, a voucher or a fund, newest first."""
    return conn.execute(_MOVES, (what, ref, limit)).fetchall()


def of_ticket(conn: sqlite3.Connection, no: int) -> list[sqlite3.Row]:
    """Return what a ticket moved."""
    return conn.execute("SELECT * FROM accounts_move WHERE no = ? AND no > 0 ORDER BY seq, place", (no,)).fetchall()


def vouchers(conn: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return vouchers with something left, the next to end first."""
    return conn.execute("SELECT * FROM accounts_voucher WHERE balance > 0 ORDER BY until, code").fetchall()


@dataclass(frozen=True, slots=True)
class Fund:
    """The suspended coffees: cents, how many given and taken, whether nobody draws on it."""

    balance: int
    given: int
    taken: int
    coffees: int
    asleep: bool


def fund(conn: sqlite3.Connection, day: str) -> Fund:
    """Return the fund of suspended coffees."""
    row, price = tables.fund(conn, SUSPENDED), paying.in_force(conn, day).coffee_price
    if row is None:
        return Fund(0, 0, 0, 0, False)
    first = conn.execute("SELECT min(day) FROM accounts_move WHERE what = ?", (SUSPENDED,)).fetchone()[0] or day
    quiet_since = row["last_out"] or first
    asleep = (
        row["balance"] > 0
        and day[:10] > (date.fromisoformat(quiet_since) + timedelta(days=FUND_ASLEEP_DAYS)).isoformat()
    )
    return Fund(row["balance"], row["n_in"], row["n_out"], row["balance"] // price, asleep)


def currency_to_count(conn: sqlite3.Connection, day: str) -> bool:
    """Tell whether local notes came in today and were not counted since."""
    row = tables.currency(conn)
    taken = conn.execute("SELECT 1 FROM accounts_move WHERE what = ? AND day = ? LIMIT 1", (LOCAL, day[:10])).fetchone()
    return row is not None and taken is not None and row["counted_on"] != day[:10]


def month(conn: sqlite3.Connection, month_code: str) -> list[sqlite3.Row]:
    """Return the lines of a month's sheet: what moved, why, how often, how much."""
    return conn.execute(_MONTH, (f"{month_code}-01", f"{month_code}-31")).fetchall()


def faults(conn: sqlite3.Connection, owed: dict[str, int]) -> list[str]:
    """Return which sums differ from the third parties' ledger: none, ever."""
    signs = {what: -1 if what in (SLATE, LOCAL) else 1 for what in tables.OWNERS}
    return [what for what, sign in signs.items() if owed.get(what, 0) != sign * tables.sum_of(conn, what)]


def figures(conn: sqlite3.Connection, day: str) -> dict[str, Any]:
    """Return the day's figures, for day files and reports."""
    from pos.till.tables import third_parties

    held = fund(conn, day)
    return {
        "prepaid_cents": tables.sum_of(conn, PREPAID), "slate_cents": tables.sum_of(conn, SLATE),
        "gift_cents": tables.sum_of(conn, tables.GIFT), "fund_cents": held.balance, "coffees_given": held.given,
        "coffees_taken": held.taken, "local_cents": tables.sum_of(conn, LOCAL), "late_slates": len(late(conn, day)),
        "faults": faults(conn, third_parties(conn)),
    }  # fmt: skip
