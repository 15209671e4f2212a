"""What is asked of gatherings: places left, who came, the evening's takings, a period in figures."""

import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from pos.clock import to_ms
from pos.engines import hosts
from pos.services.gatherings import tables
from pos.services.gatherings.tables import CANCELLED, COMING, DONE, PLANNED
from pos.till import tables as till

# A poster goes up two weeks before; later than an evening's six hours, a ticket is not the gathering's.
POSTER_DAYS, EVENING_MS = 14, 6 * 3_600_000


def total(row: sqlite3.Row) -> int:
    """Return how many came in all."""
    return int(row["children"] + row["adults"] + row["seniors"])


def registered(conn: sqlite3.Connection, gathering: str) -> int:
    """Return how many are on the list."""
    return sum(row["places"] for row in tables.registrations(conn, gathering))


def places_left(conn: sqlite3.Connection, row: sqlite3.Row) -> int | None:
    """Return the places left, None when there is no limit."""
    return max(0, row["capacity"] - registered(conn, row["gathering"])) if row["capacity"] else None


def came(conn: sqlite3.Connection, gathering: str) -> dict[str, int]:
    """Return who was ticked at the door, by age."""
    rows = [row for row in tables.registrations(conn, gathering) if row["state"] == "came"]
    return {age: sum(row[age] for row in rows) for age in ("children", "adults", "seniors")}


def takings(conn: sqlite3.Connection, row: sqlite3.Row) -> int:
    """Return what the till took from the beginning of a gathering to six hours later, others' money included."""
    begins = to_ms(f"{row['on_day']}T{row['begins']}:00")
    days = [row["on_day"], *(f"{row['on_day']}.{n}" for n in range(2, till.periods(conn, row["on_day"]) + 1))]
    return sum(t["total"] for day in days for t in till.tickets(conn, day) if begins <= t["t"] <= begins + EVENING_MS)


def today(conn: sqlite3.Connection, day: str) -> list[sqlite3.Row]:
    """Return what takes place today and is not over."""
    return [row for row in tables.between(conn, day[:10], day[:10]) if row["state"] in COMING]


def uncounted(conn: sqlite3.Connection, day: str) -> list[sqlite3.Row]:
    """Return what took place before today and nobody counted."""
    return [row for row in tables.between(conn, "", _plus(day, -1)) if row["state"] in COMING]


def to_announce(conn: sqlite3.Connection, day: str) -> list[sqlite3.Row]:
    """Return what comes soon without a poster."""
    return [row for row in tables.between(conn, day[:10], _plus(day, POSTER_DAYS)) if row["state"] == PLANNED]


def to_declare(conn: sqlite3.Connection, day: str) -> list[sqlite3.Row]:
    """Return gatherings of the last month and the next two weeks whose music is not declared."""
    rows = tables.between(conn, _plus(day, -31), _plus(day, POSTER_DAYS))
    return [row for row in rows if row["music"] and not row["declared"] and row["state"] in (*COMING, *DONE)]


def to_hand_over(conn: sqlite3.Connection, day: str) -> list[hosts.Association]:
    """Return partners of gatherings held whose money is still here."""
    partners = {row["partner"] for row in tables.between(conn, _plus(day, -62), day[:10]) if row["state"] in DONE}
    return [one for one in hosts.associations(conn) if one.owner in partners and one.balance > 0]


def _plus(day: str, days: int) -> str:
    return (date.fromisoformat(day[:10]) + timedelta(days=days)).isoformat()


@dataclass
class Sheet:
    """Gatherings between two days, in figures. One counts once, whatever its funders."""

    held: int = 0
    cancelled: int = 0
    coming: int = 0
    funded: int = 0
    participants: int = 0
    children: int = 0
    adults: int = 0
    seniors: int = 0
    estimated: int = 0
    helpers: int = 0
    minutes: int = 0
    sorts: Counter[str] = field(default_factory=Counter)
    # By funder: the same gathering is in each of its funders' lines, never twice in `held`.
    tags: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def per_event(self) -> int:
        """Participants per gathering, rounded."""
        return (2 * self.participants + self.held) // (2 * self.held) if self.held else 0

    @property
    def cancelled_bp(self) -> int:
        """Called off, of all that were to take place by now, in basis points."""
        due = self.held + self.cancelled
        return (20_000 * self.cancelled + due) // (2 * due) if due else 0

    @property
    def funded_bp(self) -> int:
        """Held with a funder, of all held, in basis points."""
        return (20_000 * self.funded + self.held) // (2 * self.held) if self.held else 0


def sheet(conn: sqlite3.Connection, first: str, last: str) -> Sheet:
    """Return a period in figures."""
    told = Sheet()
    for row in tables.between(conn, first, last):
        if row["state"] in DONE:
            _add(conn, told, row)
        told.cancelled += row["state"] == CANCELLED
        told.coming += row["state"] in COMING
    return told


def _add(conn: sqlite3.Connection, told: Sheet, row: sqlite3.Row) -> None:
    n, tags = total(row), tables.tags(conn, row["gathering"])
    told.held += 1
    told.funded += bool(tags)
    told.participants += n
    told.children += row["children"]
    told.adults += row["adults"]
    told.seniors += row["seniors"]
    told.estimated += row["method"] == "estimate"
    told.helpers += row["helpers"]
    told.minutes += row["minutes"]
    told.sorts[row["sort"]] += 1
    for tag in tags:
        events, people = told.tags.get(tag, (0, 0))
        told.tags[tag] = (events + 1, people + n)


def figures(conn: sqlite3.Connection, day: str) -> dict[str, Any]:
    """Return the day's figures, for day files."""
    told = sheet(conn, day[:10], day[:10])
    rows = tables.between(conn, day[:10], day[:10])
    return {
        "held": told.held, "participants": told.participants, "per_event": told.per_event, "cancelled": told.cancelled,
        "coming": told.coming, "registered": sum(registered(conn, row["gathering"]) for row in rows),
        "clicked": sum(sum(tables.entries(conn, row["gathering"]).values()) for row in rows), "minutes": told.minutes,
        "to_announce": len(to_announce(conn, day)), "tags": {tag: n for tag, (n, _people) in told.tags.items()},
    }  # fmt: skip
