"""What is asked of a tour: a stop's report, what is due, the season."""

import sqlite3
from dataclasses import dataclass, field
from typing import Any

from pos import private
from pos.engines import consignment_tables, hosts
from pos.services.tour import tables
from pos.services.tour.tables import CANCELLED, CLOSED, CUPS_OWNER, OPEN, PLANNED, PRODUCER, REPORTED, SETTING_UP
from pos.till import tables as till
from pos.till.owners import owner_said

HELD = (OPEN, CLOSED, REPORTED)


@dataclass(frozen=True, slots=True)
class Report:
    """What a stop came to. `takings` is all that came in, others' money included, less what went back."""

    takings: int
    means: dict[str, int]
    turnover: int
    vat: dict[str, tuple[int, int]]
    owners: dict[str, int]
    deposits_kept: int
    went: int
    came: int
    kept: int


def report(conn: sqlite3.Connection, stop: sqlite3.Row) -> Report:
    """Return what a stop came to so far, late sales included."""
    means = {key: amount for key, amount in tables.money(conn, stop["stop"], "means").items() if amount}
    vat, gross = tables.money(conn, stop["stop"], "vat"), tables.money(conn, stop["stop"], "gross")
    went, came, kept = tables.cups(conn, stop["stop"])
    return Report(
        takings=sum(means.values()), means=means, turnover=sum(tables.money(conn, stop["stop"], "own").values()),
        vat={bp: (gross[bp], amount) for bp, amount in sorted(vat.items(), key=lambda one: -int(one[0]))},
        owners={o: a for o, a in tables.money(conn, stop["stop"], "off").items() if o != CUPS_OWNER and a},
        deposits_kept=sum(tables.money(conn, stop["stop"], "kept").values()), went=went, came=came, kept=kept,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody whose goods are sold here: an association, or a producer on commission."""

    owner: str
    label: str
    balance: int
    # In basis points, for a producer whose goods are on consignment; −1 for an association.
    commission_bp: int
    # Sold since the last statement: a statement is due before the money leaves.
    to_state: bool


def accounts(conn: sqlite3.Connection, day: str) -> list[Account]:
    """Return associations and producers whose money is kept here."""
    out = [Account(one.owner, one.label, one.balance, -1, False) for one in hosts.associations(conn)]
    balances = till.third_parties(conn)
    for owner in consignment_tables.owners(conn):
        terms = consignment_tables.contract(conn, owner, day[:10])
        if terms is None or not owner.startswith(PRODUCER):
            continue
        sold = any(move["what"] == "sold" for move in consignment_tables.not_stated(conn, owner, day[:10]))
        label = private.name_of(conn, tables.person_of(owner)) or owner_said(owner)
        out.append(Account(owner, label, balances.get(owner, 0), terms["commission_bp"], sold))
    return out


def today(conn: sqlite3.Connection, day: str) -> list[sqlite3.Row]:
    """Return stops of a day that are not over."""
    return [row for row in tables.stops(conn, day[:10], day[:10]) if row["state"] in (PLANNED, SETTING_UP, OPEN)]


def without_z(conn: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return stops that are closed and wait for their Z."""
    return conn.execute("SELECT * FROM tour_stop WHERE state = ? AND z = 0 ORDER BY on_day", (CLOSED,)).fetchall()


def to_report(conn: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return stops whose Z is done and whose report is not."""
    return conn.execute("SELECT * FROM tour_stop WHERE state = ? AND z > 0 ORDER BY on_day", (CLOSED,)).fetchall()


@dataclass
class Season:
    """Stops between two days, in figures."""

    held: int = 0
    cancelled: int = 0
    attendance: int = 0
    takings: int = 0
    turnover: int = 0
    others: int = 0
    communes: set[str] = field(default_factory=set)
    hosts: set[str] = field(default_factory=set)

    @property
    def per_stop(self) -> int:
        """People per stop, rounded."""
        return (2 * self.attendance + self.held) // (2 * self.held) if self.held else 0


def season(conn: sqlite3.Connection, first: str, last: str) -> Season:
    """Return a season in figures."""
    told = Season()
    for row in tables.stops(conn, first, last):
        if row["state"] == CANCELLED:
            told.cancelled += 1
        if row["state"] not in HELD:
            continue
        one = report(conn, row)
        told.held += 1
        told.attendance += row["attendance"]
        told.takings += one.takings
        told.turnover += one.turnover
        told.others += sum(one.owners.values())
        told.communes.add(row["commune"])
        told.hosts |= {row["host"]} - {""}
    return told


def figures(conn: sqlite3.Connection, day: str) -> dict[str, Any]:
    """Return the figures of a day's stops, for day files: of the one open, else the last that served that day."""
    served = [row for row in tables.stops(conn, day[:10], day[:10]) if row["state"] in HELD]
    row = tables.open_stop(conn) or (max(served, key=lambda one: one["opened_at"]) if served else None)
    went, came, kept = tables.cups(conn)
    out: dict[str, Any] = {
        "cups_held": went - came - kept, "deposits_held": till.third_parties(conn).get(CUPS_OWNER, 0),
        "open": row is not None and row["state"] == OPEN,
    }  # fmt: skip
    if row is None:
        return out
    told = report(conn, row)
    commission = sum(amount for amount, _net, _n in till.totals(conn, row["label"], "commission").values())
    return out | {
        "commune": row["commune"], "town": row["town"], "place": row["place"], "state": row["state"], "label": row["label"],
        "z": row["z"], "takings": told.takings, "card": told.means.get("card", 0), "cash": told.means.get("cash", 0),
        "turnover": told.turnover, "drinks": told.turnover - told.deposits_kept, "deposits_kept": told.deposits_kept,
        "commission": commission, "owners": told.owners, "vat": {bp: amount for bp, (_gross, amount) in told.vat.items()},
        "vat_base": {bp: gross for bp, (gross, _amount) in told.vat.items()}, "attendance": row["attendance"],
        "cups_out": told.went, "cups_back": told.came, "cups_kept": told.kept, "moved": row["moved"],
    }  # fmt: skip
