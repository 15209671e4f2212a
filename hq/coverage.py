"""How much of a period was received: days heard of against days the café was expected to be open.

Under 90 % a figure is shown grey; under 60 % it is not added to the network's.
"""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import Connection, exists, func, select
from sqlalchemy.engine import RowMapping

from hq.days import days_between
from hq.db import rollup_day, rollup_use
from hq.register import calendars

GREY_UNDER_PERCENT, COUNTED_FROM_PERCENT = 90, 60


@dataclass(frozen=True, slots=True)
class Coverage:
    """Days received and expected; nothing expected means that nothing can be missing."""

    received: int = 0
    expected: int = 0

    @property
    def percent(self) -> int:
        """Return the share received, rounded down."""
        return 100 if not self.expected else min(100, self.received * 100 // self.expected)

    @property
    def counted(self) -> bool:
        """Whether enough was received to be added up."""
        return self.percent >= COUNTED_FROM_PERCENT

    @property
    def grey(self) -> bool:
        """Whether the figure needs a word of caution."""
        return self.percent < GREY_UNDER_PERCENT


def days_heard(conn: Connection, first: str, last: str, only: list[int] | None = None) -> dict[int, set[str]]:
    """Return, by café, the days with anything received: an opening, a sale, a use, a closing."""
    heard: dict[int, set[str]] = defaultdict(set)
    told = exists().where(rollup_day.c.cafe_id == rollup_use.c.cafe_id, rollup_day.c.day == rollup_use.c.day)
    for table in (rollup_day, rollup_use):
        query = select(table.c.cafe_id, table.c.day).where(table.c.day >= first, table.c.day <= last)
        if table is rollup_use:
            # A day of uses alone, without an opening or a sale, is rare: only those are fetched.
            query = query.where(~told).distinct()
        if only is not None:
            query = query.where(table.c.cafe_id.in_(only))
        for number, day in conn.execute(query):
            heard[number].add(day)
    return heard


def first_days(conn: Connection) -> dict[int, str]:
    """Return the first day each café was heard of: nothing was expected of it before."""
    query = select(rollup_day.c.cafe_id, func.min(rollup_day.c.day)).group_by(rollup_day.c.cafe_id)
    return {row[0]: row[1] for row in conn.execute(query)}


def coverage_of(conn: Connection, rows: list[RowMapping], first: str, last: str, today: str) -> dict[int, Coverage]:
    """Return each café's coverage: from its first day heard to yesterday, on days its calendar says open."""
    only = [row["id"] for row in rows] if len(rows) < 60 else None
    heard, since, plans = days_heard(conn, first, last, only), first_days(conn), calendars(conn, rows)
    result = {}
    for row in rows:
        number = row["id"]
        mine, begun = heard.get(number, set()), since.get(number)
        if begun is None:
            result[number] = Coverage()
            continue
        until = min(last, row["closed_on"] or last)
        expected = [
            day for day in days_between(max(first, begun), until)
            if day < today and plans[number].plan(day) == "open"
        ] if max(first, begun) <= until else []  # fmt: skip
        received = sum(1 for day in expected if day in mine)
        result[number] = Coverage(received if expected else len(mine), len(expected))
    return result
