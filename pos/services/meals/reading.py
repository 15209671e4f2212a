"""What is asked of the meals: a day's meals, who is expected, rounds, a funder's month, the month's sheet."""

import sqlite3
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pos.engines import calendar
from pos.services.meals import refusals as no
from pos.services.meals import rules
from pos.services.meals.schema import ACCEPTED, CANCELLED, OFFERED, OPEN, OWNER, SERVED
from pos.till import tables as till

Conn = sqlite3.Connection
# The meals of one claim are named in one entry: the rest is claimed after it.
CLAIM_MAX = 500
_DUE = """SELECT p.* FROM meal_person p WHERE p.state = 'accepted' AND instr(p.weekdays, ?) > 0 AND p.valid_from <= ?
AND NOT EXISTS (SELECT 1 FROM meal_meal m WHERE m.beneficiary = p.beneficiary AND m.for_day = ?)
AND NOT EXISTS (SELECT 1 FROM meal_pause s WHERE s.beneficiary = p.beneficiary AND s.first <= ? AND s.last >= ?)
ORDER BY p.number"""


def meal(conn: Conn, meal_id: str) -> sqlite3.Row:
    """Return a meal; raise NoSuchMeal."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM meal_meal WHERE meal = ?", (meal_id,)).fetchone()
    if row is None:
        raise no.NoSuchMeal
    return row


def person(conn: Conn, beneficiary: str) -> sqlite3.Row:
    """Return a beneficiary; raise NoSuchBeneficiary."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM meal_person WHERE beneficiary = ?", (beneficiary,)).fetchone()
    if row is None:
        raise no.NoSuchBeneficiary
    return row


def people(conn: Conn, *, ended: bool = False) -> list[sqlite3.Row]:
    """Return beneficiaries by number; those who ended only when asked."""
    return [
        row for row in conn.execute("SELECT * FROM meal_person ORDER BY number") if ended or row["state"] != "ended"
    ]


def of_day(conn: Conn, day: str) -> list[sqlite3.Row]:
    """Return a day's meals in their order, cancelled ones apart."""
    return conn.execute(
        "SELECT * FROM meal_meal WHERE for_day = ? AND state <> ? ORDER BY number", (day[:10], CANCELLED)
    ).fetchall()


def of_round(conn: Conn, round_id: str) -> list[sqlite3.Row]:
    """Return the meals that left with a round."""
    return conn.execute("SELECT * FROM meal_meal WHERE round = ? ORDER BY number", (round_id,)).fetchall()


def due(conn: Conn, day: str) -> list[sqlite3.Row]:
    """Return subscribers who should have a meal that day and for whom none was ordered yet."""
    if not calendar.is_open(conn, day):
        return []
    return conn.execute(_DUE, (str(date.fromisoformat(day).weekday()), day, day, day, day)).fetchall()


def is_closed(conn: Conn, day: str) -> bool:
    """Tell whether the orders of a day are complete."""
    return conn.execute("SELECT 1 FROM meal_closed WHERE for_day = ?", (day,)).fetchone() is not None


def pauses(conn: Conn, beneficiary: str, day: str) -> list[sqlite3.Row]:
    """Return pauses not yet over."""
    return conn.execute(
        "SELECT * FROM meal_pause WHERE beneficiary = ? AND last >= ? AND first <= last ORDER BY first",
        (beneficiary, day),
    ).fetchall()


def rounds(conn: Conn, day: str) -> list[sqlite3.Row]:
    """Return the rounds of a day."""
    return conn.execute("SELECT * FROM meal_round WHERE day = ? ORDER BY number", (day[:10],)).fetchall()


def round_row(conn: Conn, round_id: str) -> sqlite3.Row | None:
    """Return a round by its id or number."""
    row: sqlite3.Row | None = conn.execute(
        "SELECT * FROM meal_round WHERE round = ? OR number = ?",
        (round_id, int(round_id) if round_id.isdecimal() and len(round_id) < 9 else -1),
    ).fetchone()
    return row


def open_rounds(conn: Conn) -> list[sqlite3.Row]:
    """Return rounds whose carrier is not back."""
    return conn.execute("SELECT * FROM meal_round WHERE metres < 0 ORDER BY number").fetchall()


def probes(conn: Conn, first: str, last: str) -> list[sqlite3.Row]:
    """Return the register of temperatures."""
    return conn.execute("SELECT * FROM meal_probe WHERE day >= ? AND day <= ? ORDER BY seq", (first, last)).fetchall()


def to_call(conn: Conn) -> list[sqlite3.Row]:
    """Return meals whose door stayed closed and nobody was reached since."""
    return conn.execute(
        "SELECT * FROM meal_meal WHERE absent_at > 0 AND outcome IN ('', 'no_answer') AND state <> ? ORDER BY absent_at",
        (SERVED,),
    ).fetchall()


def left_open(conn: Conn, day: str) -> list[sqlite3.Row]:
    """Return meals of `day` or before that are not settled."""
    marks = ", ".join("?" * len(OPEN))
    return conn.execute(
        f"SELECT * FROM meal_meal WHERE for_day <= ? AND state IN ({marks}) ORDER BY for_day, number",
        (day[:10], *OPEN),
    ).fetchall()


def unpaid(conn: Conn, beneficiary: str, day: str) -> list[sqlite3.Row]:
    """Return meals a person pays and has not paid, oldest first; those planned for later days apart."""
    return conn.execute(
        "SELECT * FROM meal_meal WHERE beneficiary = ? AND funder = '' AND paid_no = 0 AND for_day <= ?"
        " AND state IN ('planned', 'prepared', 'out', 'delivered', 'served') ORDER BY for_day, meal",
        (beneficiary, day[:10]),
    ).fetchall()


def debtors(conn: Conn, day: str) -> dict[str, int]:
    """Return how many meals each person still pays, only those delivered or served."""
    rows = conn.execute(
        "SELECT beneficiary, count(*) FROM meal_meal WHERE funder = '' AND paid_no = 0 AND for_day <= ?"
        " AND state IN ('delivered', 'served') GROUP BY beneficiary",
        (day[:10],),
    )
    return {row[0]: row[1] for row in rows}


def claimable(conn: Conn, funder: str, month: str) -> list[sqlite3.Row]:
    """Return a funder's meals delivered or served up to the end of a month and not claimed: as many as one claim holds."""
    return conn.execute(
        "SELECT * FROM meal_meal WHERE funder = ? AND for_day <= ? AND claim = '' AND state IN ('delivered', 'served')"
        " ORDER BY for_day, number LIMIT ?",
        (funder, rules.last_day(month), CLAIM_MAX),
    ).fetchall()


def claimed_at(conn: Conn, funder: str, month: str) -> dict[int, int]:
    """Return how many meals are to be claimed at each price, oldest first: each at that of its own month."""
    found: dict[int, int] = {}
    for row in claimable(conn, funder, month):
        agreed = rules.funder(conn, funder, row["for_day"]) or rules.funder(conn, funder, month)
        if agreed is not None:
            found[agreed["price"]] = found.get(agreed["price"], 0) + 1
    return found


@dataclass(frozen=True, slots=True)
class FunderMonth:
    """A partner's month: what it agreed, what is used and promised, what is claimed and owed."""

    code: str
    label: str
    quota: int
    price: int
    target: int
    used: int
    promised: int
    to_claim: int
    to_claim_cents: int
    claims: list[sqlite3.Row]
    owes: int

    @property
    def left(self) -> int:
        """Meals that may still be ordered."""
        return max(0, self.quota - self.promised)


def funder_months(conn: Conn, month: str) -> list[FunderMonth]:
    """Return every partner's month."""
    balances, out = till.third_parties(conn), []
    for row in rules.funders(conn, month):
        code = row["funder"]
        used = conn.execute(
            "SELECT count(*) FROM meal_meal WHERE funder = ? AND substr(for_day, 1, 7) = ? AND state IN ('delivered', 'served')",
            (code, month),
        ).fetchone()[0]
        claims = conn.execute(
            "SELECT * FROM meal_claim WHERE funder = ? AND month = ? ORDER BY number", (code, month)
        ).fetchall()
        claim = claimed_at(conn, code, month)
        out.append(FunderMonth(
            code, row["label"], row["quota"], row["price"], row["target"], int(used), rules.promised(conn, code, month),
            sum(claim.values()), sum(price * n for price, n in claim.items()), claims, max(0, -balances.get(OWNER + code, 0)),
        ))  # fmt: skip
    return out


@dataclass(frozen=True, slots=True)
class Sheet:
    """Counts of a span of days: all that leaves the café."""

    planned: int = 0
    produced: int = 0
    delivered: int = 0
    served: int = 0
    offered: int = 0
    paid: int = 0
    absent: int = 0
    calls: int = 0
    declined: int = 0
    destroyed: int = 0
    given: int = 0
    rounds: int = 0
    metres: int = 0
    people: int = 0
    by_funder: dict[str, int] = field(default_factory=dict)


def sheet(conn: Conn, first: str, last: str) -> Sheet:
    """Return the counts of the meals for the days from `first` to `last`."""
    rows = conn.execute(
        "SELECT * FROM meal_meal WHERE for_day >= ? AND for_day <= ? AND state <> ?", (first, last, CANCELLED)
    ).fetchall()
    states: dict[str, int] = {}
    by_funder: dict[str, int] = {}
    for row in rows:
        states[row["state"]] = states.get(row["state"], 0) + 1
        if row["funder"] and row["state"] in ("delivered", "served"):
            by_funder[row["funder"]] = by_funder.get(row["funder"], 0) + 1
    trips = conn.execute(
        "SELECT count(*), coalesce(sum(max(metres, 0)), 0) FROM meal_round WHERE day >= ? AND day <= ?", (first, last)
    ).fetchone()
    delivered, served = states.get("delivered", 0), states.get("served", 0)
    return Sheet(
        planned=len(rows), produced=sum(1 for row in rows if row["made_on"]), delivered=delivered, served=served,
        offered=sum(by_funder.values()), paid=delivered + served - sum(by_funder.values()),
        absent=sum(1 for row in rows if row["absent_at"]), calls=sum(1 for row in rows if row["called_at"]),
        declined=states.get("declined", 0), destroyed=states.get("destroyed", 0), given=states.get("given", 0),
        rounds=trips[0], metres=trips[1], people=len({row["beneficiary"] for row in rows}), by_funder=by_funder,
    )  # fmt: skip


def figures(conn: Conn, day: str) -> dict[str, Any]:
    """Return a day in figures, for day files and reports: counts and cents, nobody."""
    told, months = sheet(conn, day[:10], day[:10]), funder_months(conn, day[:7])
    prices = {one.code: one.price for one in months}
    return {
        "planned": told.planned, "produced": told.produced, "delivered": told.delivered, "served": told.served,
        "funded": told.offered, "claim": sum(n * prices.get(code, 0) for code, n in told.by_funder.items()),
        "month_used": {one.code: one.used for one in months}, "promised": {one.code: one.promised for one in months},
        "quota": {one.code: one.quota for one in months}, "absent": told.absent, "calls": told.calls,
        "destroyed": told.destroyed, "given": told.given, "round_metres": told.metres, "to_call": len(to_call(conn)),
        "people": sum(1 for row in people(conn) if row["state"] == ACCEPTED),
    }  # fmt: skip


def use_code(row: sqlite3.Row, state: str) -> str:
    """Return which use a meal is once delivered or served; a paid one eaten at the café is an ordinary lunch."""
    if row["funder"]:
        return OFFERED
    return "" if state == SERVED else "meal_delivered"
