"""Banks that let the café pay cash out for them (*cash-in-shop*): what each allows, as dated rows, and what it owes.

100 € a day is what the networks of shops give their own customers (services.md B.4); the bank's terminal
enforces it for each card, we hold the operation to it.
"""

import sqlite3
from dataclasses import dataclass
from datetime import date, timedelta

from pos.services.cashback.limits import RESERVE, STEP
from pos.till import tables as till

Conn = sqlite3.Connection

# Cents in one operation, from a day on, where a bank's contract says nothing else. A new agreement is one more row.
USUAL: tuple[tuple[int, str], ...] = ((10_000, "2018-01-01"),)
MAX_EVER, FEE_MAX, PAY_DAYS = 50_000, 500, 7

_IN_FORCE = """SELECT mandate, label, max_cash, day_max, step, reserve, fee_cents, fee_bp, pay_days, valid_from, in_use
FROM cashback_mandate AS m WHERE valid_from <= ? AND NOT EXISTS (SELECT 1 FROM cashback_mandate AS later
  WHERE later.mandate = m.mandate AND later.valid_from <= ? AND (later.valid_from, later.seq) > (m.valid_from, m.seq))
ORDER BY label"""


@dataclass(frozen=True, slots=True)
class Mandate:
    """What a bank allows on a day, in cents."""

    mandate: str
    label: str
    max_cash: int
    day_max: int
    step: int
    reserve: int
    fee_cents: int
    fee_bp: int
    pay_days: int
    valid_from: str
    in_use: bool

    @property
    def owner(self) -> str:
        """The bank's account: below zero, it owes the café."""
        return f"bank:{self.mandate}"

    def fee(self, amount: int) -> int:
        """Return what the bank owes on top for an operation, half up to the cent."""
        return self.fee_cents + (2 * amount * self.fee_bp + 10_000) // 20_000


def usual_max(day: str) -> int:
    """Return the most that is usual in one operation on a day, 0 before there were any."""
    return max(((since, cents) for cents, since in USUAL if since <= day[:10]), default=("", 0))[1]


def every(conn: Conn, day: str) -> list[Mandate]:
    """Return every bank ever entered, as it stands on a day."""
    rows = conn.execute(_IN_FORCE, (day[:10], day[:10]))
    return [Mandate(**{**dict(row), "in_use": bool(row["in_use"])}) for row in rows]


def offered(conn: Conn, day: str) -> list[Mandate]:
    """Return the banks for which cash is paid out on a day."""
    return [found for found in every(conn, day) if found.in_use]


def one(conn: Conn, mandate: str, day: str) -> Mandate | None:
    """Return a bank as it stands on a day."""
    return next((found for found in every(conn, day) if found.mandate == mandate), None)


def suggested() -> tuple[int, int]:
    """Return the step and the reserve proposed with a new mandate."""
    return STEP, RESERVE


# What was paid out, and what is owed


def paid_on(conn: Conn, day: str, mandate: str = "") -> list[sqlite3.Row]:
    """Return the operations of a day, newest first, for one bank or all."""
    return conn.execute(
        "SELECT * FROM cashback_operation WHERE day = ? AND (? = '' OR mandate = ?) ORDER BY t DESC, operation DESC",
        (day[:10], mandate, mandate),
    ).fetchall()


def by_ref(conn: Conn, mandate: str, ref: str, day: str) -> sqlite3.Row | None:
    """Return the operation of a day under a reference of the bank's terminal."""
    row: sqlite3.Row | None = conn.execute(
        "SELECT * FROM cashback_operation WHERE day = ? AND mandate = ? AND ref = ?", (day[:10], mandate, ref)
    ).fetchone()
    return row


def spare(conn: Conn, day: str, mandate: Mandate) -> int:
    """Return what may be paid out now: the drawer above its change, what is left of the day; never less than nothing."""
    most = till.drawer_expected(conn, day) - mandate.reserve
    if mandate.day_max:
        most = min(most, mandate.day_max - sum(row["amount"] for row in paid_on(conn, day, mandate.mandate)))
    return max(0, most)


def owed(conn: Conn, mandate: Mandate) -> int:
    """Return what a bank owes the café."""
    return -till.third_parties(conn).get(mandate.owner, 0)


def late_since(conn: Conn, mandate: Mandate, day: str) -> str:
    """Return the day of the oldest cash not yet paid back when the bank is late, else an empty text."""
    settled = int(
        conn.execute(
            "SELECT coalesce(sum(settled), 0) FROM cashback_bank_day WHERE mandate = ?", (mandate.mandate,)
        ).fetchone()[0]
    )
    rows = conn.execute(
        "SELECT day, paid_out FROM cashback_bank_day WHERE mandate = ? AND paid_out > 0 ORDER BY day",
        (mandate.mandate,),
    )
    for row in rows:
        settled -= row["paid_out"]
        if settled < 0:
            term = date.fromisoformat(row["day"]) + timedelta(days=mandate.pay_days)
            return str(row["day"]) if term.isoformat() < day[:10] else ""
    return ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A bank's month."""

    label: str
    n: int
    paid_out: int
    fee: int
    settled: int


def sheet(conn: Conn, first: str, last: str) -> list[Sheet]:
    """Return each bank's figures for a span of days."""
    out = []
    for bank in every(conn, last):
        row = conn.execute(
            "SELECT coalesce(sum(n), 0), coalesce(sum(paid_out), 0), coalesce(sum(fee), 0), coalesce(sum(settled), 0)"
            " FROM cashback_bank_day WHERE mandate = ? AND day >= ? AND day <= ?",
            (bank.mandate, first, last),
        ).fetchone()
        out.append(Sheet(bank.label, *map(int, row)))
    return out
