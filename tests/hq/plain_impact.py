"""Kilometres counted the plain way, day by day and café by café: what the pages' sums of months must equal."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from hq.db import rollup_day, rollup_use, rollup_visit
from hq.distances import confirmed
from hq.impact import Distances, Gross, Trips, UseCount, avoided_trip, gross_of, with_totals_typed
from hq.register import Calendar
from hq.visits import days_used
from pos.house import service_codes


@dataclass(frozen=True, slots=True)
class VisitCount:
    """Visits of a café on a day that took exactly these services."""

    cafe: int
    day: str
    services: tuple[str, ...]
    n: int


def trips_of(visits: Iterable[VisitCount], perimeter: Collection[str], distances: Distances) -> dict[int, Trips]:
    """Return, by café, the de-duplicated metres of `visits` for the services of `perimeter`."""
    sums: dict[int, Trips] = defaultdict(Trips)
    for visit in visits:
        inside = [service for service in visit.services if service in perimeter]
        dedup, strict = avoided_trip(inside, visit.cafe, visit.day, distances)
        sums[visit.cafe].dedup += visit.n * dedup
        sums[visit.cafe].strict += visit.n * strict
    return sums


@dataclass(slots=True)
class Plain:
    """A café's kilometres, counted from its days."""

    by_service: dict[str, Gross]
    trips: Trips
    extended_trips: Trips
    received: int
    expected: int


def plain(conn: Connection, cafe: int, first: str, last: str, plan: Calendar, today: str, days: list[str]) -> Plain:
    """Count a café's days between two, one after the other; `days` are all the days there are between them."""
    distances, known = confirmed(conn, [cafe]), service_codes()
    by_service: dict[str, Gross] = defaultdict(Gross)
    typed = {True: 0, False: 0}
    u, v = rollup_use, rollup_visit
    for row in conn.execute(select(u).where(u.c.cafe_id == cafe, u.c.day.between(first, last))):
        by_service[row.service].add(gross_of(UseCount(cafe, row.service, row.day, row.uses), distances))
        metres = gross_of(UseCount(cafe, row.service, row.day, row.aggregated), distances).metres
        typed[known[row.service].headline] += metres
    visits = [
        VisitCount(cafe, row.day, tuple(row.services.split("+")), row.visits)
        for row in conn.execute(select(v).where(v.c.cafe_id == cafe, v.c.day.between(first, last)))
    ]
    headline = {code for code in known if known[code].headline}
    inside = sum(part.metres for code, part in by_service.items() if code in headline)
    every = sum(part.metres for part in by_service.values())
    short, long = trips_of(visits, headline, distances)[cafe], trips_of(visits, known, distances)[cafe]
    heard = {
        day for table in (rollup_day, u)
        for day in conn.execute(select(table.c.day).where(table.c.cafe_id == cafe)).scalars()
    } | days_used(conn).get(cafe, set())  # fmt: skip
    since = min(conn.execute(select(rollup_day.c.day).where(rollup_day.c.cafe_id == cafe)).scalars(), default="9999")
    expected = [day for day in days if first <= day <= last and since <= day < today and plan.plan(day) == "open"]
    return Plain(
        {code: part for code, part in by_service.items() if part.uses},
        with_totals_typed(short, inside - typed[True], typed[True]),
        with_totals_typed(long, every - typed[True] - typed[False], typed[True] + typed[False]),
        sum(day in heard for day in expected), len(expected),
    )  # fmt: skip
