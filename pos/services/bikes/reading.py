"""What is asked of the bikes: the rack, who is out, deposits held, charges open, a month."""

import sqlite3
from dataclasses import dataclass

from pos.errors import Refusal
from pos.services.bikes import refusals as no
from pos.services.bikes import tables
from pos.services.bikes.tables import AVAILABLE, CASH, HIRE, MAINTENANCE, OUT, RENTED, RETIRED

Conn = sqlite3.Connection

_FLEET = "SELECT * FROM bike_fleet WHERE state <> 'retired' ORDER BY number"
_WITH_BIKE = """SELECT r.*, b.number AS bike_number, b.sort, b.label FROM bike_rental r
JOIN bike_fleet b ON b.bike = r.bike"""
_OPEN = """SELECT c.rental, c.what, c.due, r.bike, b.number AS bike_number FROM bike_charge c
JOIN bike_rental r ON r.rental = c.rental JOIN bike_fleet b ON b.bike = r.bike
WHERE c.settled = 0 AND c.due > 0 ORDER BY r.out_at, c.what"""


def fleet(conn: Conn) -> list[sqlite3.Row]:
    """Return the bikes of the café by number."""
    return conn.execute(_FLEET).fetchall()


def bike(conn: Conn, bike_id: str) -> sqlite3.Row:
    """Return a bike; raise NoSuchBike."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM bike_fleet WHERE bike = ?", (bike_id,)).fetchone()
    if row is None or row["state"] == RETIRED:
        raise no.NoSuchBike
    return row


def rental(conn: Conn, rental_id: str) -> sqlite3.Row | None:
    """Return a hire with its bike, or None."""
    row: sqlite3.Row | None = conn.execute(f"{_WITH_BIKE} WHERE r.rental = ?", (rental_id,)).fetchone()
    return row


def known(conn: Conn, rental_id: str, missing: type[Refusal] = no.NotOut) -> sqlite3.Row:
    """Return a hire; raise `missing`."""
    row = rental(conn, rental_id)
    if row is None:
        raise missing
    return row


def out(conn: Conn) -> list[sqlite3.Row]:
    """Return hires that are running, first due first."""
    return conn.execute(f"{_WITH_BIKE} WHERE r.state = ? ORDER BY r.due_at, b.number", (OUT,)).fetchall()


def held(conn: Conn) -> list[sqlite3.Row]:
    """Return hires whose deposit the café holds, oldest first."""
    return conn.execute(f"{_WITH_BIKE} WHERE r.held > 0 ORDER BY r.out_at, b.number").fetchall()


def to_release(conn: Conn) -> list[sqlite3.Row]:
    """Return ended hires whose deposit is still here."""
    return [row for row in held(conn) if row["state"] != OUT]


def held_total(conn: Conn, kind: str) -> int:
    """Return what deposits of a kind are worth."""
    return int(
        conn.execute("SELECT coalesce(sum(held), 0) FROM bike_rental WHERE deposit_kind = ?", (kind,)).fetchone()[0]
    )


def of_contract(conn: Conn, contract: str) -> list[sqlite3.Row]:
    """Return the hires under one contract, by bike."""
    return conn.execute(f"{_WITH_BIKE} WHERE r.contract = ? ORDER BY b.number", (contract,)).fetchall()


def by_number(conn: Conn, code: str) -> list[sqlite3.Row]:
    """Return the hires of the contract whose slip bears `VELO-12`."""
    prefix, _dash, digits = code.strip().upper().partition("-")
    if prefix != "VELO" or not (digits.isascii() and digits.isdigit()) or len(digits) > 9:
        return []
    return conn.execute(f"{_WITH_BIKE} WHERE r.number = ? ORDER BY b.number", (int(digits),)).fetchall()


def next_number(conn: Conn) -> int:
    """Return the number of the next contract."""
    return int(conn.execute("SELECT coalesce(max(number), 0) + 1 FROM bike_rental").fetchone()[0])


def charges(conn: Conn, rental_id: str) -> list[sqlite3.Row]:
    """Return what a hire costs: due, paid, ticket."""
    return conn.execute("SELECT * FROM bike_charge WHERE rental = ? ORDER BY what", (rental_id,)).fetchall()


def open_charges(conn: Conn, rental_id: str = "") -> list[sqlite3.Row]:
    """Return what is not paid yet, of one hire or of all."""
    rows = conn.execute(_OPEN).fetchall()
    return [row for row in rows if not rental_id or row["rental"] == rental_id]


def history(conn: Conn, bike_id: str) -> list[sqlite3.Row]:
    """Return the last hires of a bike, newest first."""
    return conn.execute(f"{_WITH_BIKE} WHERE r.bike = ? ORDER BY r.out_at DESC LIMIT 12", (bike_id,)).fetchall()


@dataclass(frozen=True, slots=True)
class Rack:
    """How many bikes there are and where they stand."""

    total: int
    available: int
    rented: int
    maintenance: int
    gone: int


def rack(conn: Conn) -> Rack:
    """Return the fleet in figures; lost and stolen bikes are no longer part of its total."""
    states = [row["state"] for row in fleet(conn)]
    n = {state: states.count(state) for state in (AVAILABLE, RENTED, MAINTENANCE)}
    total = sum(n.values())
    return Rack(total, n[AVAILABLE], n[RENTED], n[MAINTENANCE], len(states) - total)


def income(conn: Conn, first: str, last: str) -> dict[str, int]:
    """Return what hires brought between two days, by charge, in cents VAT included."""
    rows = conn.execute(
        "SELECT what, sum(amount) FROM bike_income WHERE day BETWEEN ? AND ? GROUP BY what ORDER BY what", (first, last)
    )
    return {row[0]: int(row[1]) for row in rows}


def welcomes(conn: Conn, first: str, last: str) -> dict[str, int]:
    """Return how often pump, tools and water served between two days."""
    rows = conn.execute("SELECT what, sum(n) FROM bike_welcome WHERE day BETWEEN ? AND ? GROUP BY what", (first, last))
    return {row[0]: int(row[1]) for row in rows}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A month of bikes."""

    hires: int
    by_rule: dict[str, int]
    late: int
    damaged: int
    income: dict[str, int]
    welcomes: dict[str, int]
    deposits_kept: int

    @property
    def total(self) -> int:
        """All that hires brought, VAT included."""
        return sum(self.income.values())


def sheet(conn: Conn, first: str, last: str) -> Sheet:
    """Return a period: hires by length, late and damaged returns, income, passing cyclists."""
    rows = conn.execute(
        "SELECT rule, late_minutes, damages, kept FROM bike_rental WHERE substr(day, 1, 10) BETWEEN ? AND ? AND state <> 'cancelled'",
        (first, last),
    ).fetchall()
    by_rule: dict[str, int] = {}
    for row in rows:
        by_rule[row["rule"]] = by_rule.get(row["rule"], 0) + 1
    late = conn.execute(
        "SELECT count(*) FROM bike_charge c JOIN bike_rental r ON r.rental = c.rental WHERE c.what = 'late' AND substr(r.day, 1, 10) BETWEEN ? AND ?",
        (first, last),
    ).fetchone()[0]
    return Sheet(
        len(rows), by_rule, int(late), sum(1 for row in rows if row["damages"]), income(conn, first, last),
        welcomes(conn, first, last), sum(1 for row in rows if row["kept"] > 0),
    )  # fmt: skip


def figures(conn: Conn, day: str) -> dict[str, object]:
    """Return a day in figures: rack, income by charge, deposits held by kind, charges open."""
    now, brought = rack(conn), income(conn, day[:10], day[:10])
    return {
        "total": now.total, "available": now.available, "rented": now.rented, "maintenance": now.maintenance,
        "income": sum(brought.values()), "income_by": brought, "cash_held": held_total(conn, CASH),
        "cheques_held": held_total(conn, tables.CHEQUE), "imprints_held": held_total(conn, tables.IMPRINT),
        "deposits": len(held(conn)), "to_release": len(to_release(conn)), "out": len(out(conn)),
        "unpaid": sum(row["due"] for row in open_charges(conn)), "welcomes": sum(welcomes(conn, day[:10], day[:10]).values()),
        "hires_unpaid": sum(1 for row in open_charges(conn) if row["what"] == HIRE),
    }  # fmt: skip
