"""The impact report: kilometres by service, antenne, café and month, each with what it lacks.

The database adds up; `hq.impact` multiplies. Used by the page, the CSV and `zinc-hq impact`.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Label, Select, case, func, literal, literal_column, select
from sqlalchemy.engine import RowMapping

from hq import impact, register
from hq.access import User
from hq.coverage import Coverage, coverage_of
from hq.days import year_before
from hq.db import rollup_figure, rollup_use, rollup_visit
from hq.distances import confirmed
from hq.impact import Carbon, Distances, Gross, Reading, Trips, UseCount, VisitCount
from hq.tables import cafe, distance
from pos.house import indicators, service_codes

# Beyond so many days on which distances change, each café's own are counted.
_CHANGES_MOST = 12


@dataclass(frozen=True, slots=True)
class Period:
    """Days counted, both included."""

    first: str
    last: str

    def a_year_before(self) -> "Period":
        """Return the same days of the year before."""
        return Period(year_before(self.first), year_before(self.last))


def year_period(year: int, today: str) -> Period:
    """Return a year up to yesterday's figures: to its end, or to `today` in the current year."""
    return Period(f"{year:04d}-01-01", max(f"{year:04d}-01-01", min(f"{year:04d}-12-31", today)))


def month_period(month: str, today: str) -> Period:
    """Return the days of a month `YYYY-MM`, up to `today`."""
    days = monthrange(int(month[:4]), int(month[5:7]))[1]
    return Period(f"{month}-01", max(f"{month}-01", min(f"{month}-{days:02d}", today)))


@dataclass(slots=True)
class CafeImpact:
    """What one café avoided in the period."""

    cafe: RowMapping
    coverage: Coverage
    by_service: dict[str, Gross] = field(default_factory=lambda: defaultdict(Gross))
    headline: Gross = field(default_factory=Gross)
    extended: Gross = field(default_factory=Gross)
    trips: Trips = field(default_factory=Trips)
    extended_trips: Trips = field(default_factory=Trips)
    estimated: bool = False
    # Metres the café drove itself.
    own: int = 0

    @property
    def net(self) -> int:
        """Return the metres avoided by car, less the café's own."""
        return impact.net(self.trips.dedup, self.own)

    @property
    def counted(self) -> bool:
        """Whether the café is in the sums: enough days received."""
        return self.coverage.counted

    @property
    def heard(self) -> bool:
        """Whether anything at all was received for the period."""
        return self.extended.uses > 0 or self.coverage.received > 0

    @property
    def in_sums(self) -> bool:
        """Whether kilometres of it are in the sums: enough days, and a use at least with its distance."""
        return self.counted and self.extended.uses > self.extended.without


@dataclass(slots=True)
class ImpactReport:
    """Everything the impact page says, in metres and counts."""

    period: Period
    reading: Reading
    carbon: Carbon
    cafes: list[CafeImpact]
    by_service: dict[str, dict[int, Gross]]
    by_month: dict[str, dict[str, Gross]]
    left_out: int
    without_distance: int
    unheard: int
    estimated: bool

    @property
    def counted(self) -> int:
        """How many cafés are in the sums."""
        return sum(1 for c in self.cafes if c.in_sums)

    @property
    def unused(self) -> int:
        """How many cafés were heard of without a single use."""
        return sum(1 for c in self.cafes if c.heard and c.counted and not c.extended.uses)

    def to_confirm(self, antenna: int | None = None) -> int:
        """Return the uses, of both perimeters, whose distance somebody could still confirm."""
        return sum(
            part.without for code, row in self.by_service.items() if service_codes()[code].alternatives
            for number, part in row.items() if antenna in (None, number)
        )  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """Return the figures as plain data, in metres, for `zinc-hq impact --json`."""
        reading = self.reading
        return {
            "method": impact.METHOD, "version": impact.METHOD_VERSION, "first": self.period.first,
            "last": self.period.last, "uses": reading.headline.uses, "km_gross_m": reading.headline.metres,
            "uses_without_distance": reading.headline.without, "km_dedup_m": reading.dedup,
            "km_dedup_strict_m": reading.strict, "own_km_m": reading.own, "km_net_m": reading.net,
            "extended_uses": reading.extended.uses,
            "extended_km_gross_m": reading.extended.metres, "extended_km_dedup_m": reading.extended_dedup,
            "earth_turns": impact.earth_turns(reading.headline.metres), "co2e_low_kg": self.carbon.low_kg,
            "co2e_high_kg": self.carbon.high_kg, "cafes": len(self.cafes), "cafes_counted": self.counted,
            "cafes_left_out": self.left_out, "cafes_without_distance": self.without_distance,
            "estimated": self.estimated,
            "services": {
                code: {"uses": total.uses, "km_gross_m": total.metres, "uses_without_distance": total.without}
                for code, row in self.by_service.items() for total in [sum_of(row.values())]
            },
        }  # fmt: skip


def sum_of(parts: Iterable[Gross]) -> Gross:
    """Return the sum of gross figures."""
    total = Gross()
    for part in parts:
        total.add(part)
    return total


def headline_services() -> frozenset[str]:
    """Return the services of the 2023 perimeter."""
    return frozenset(code for code, service in service_codes().items() if service.headline)


def impact_report(
    conn: Connection, period: Period, user: User, *, today: str,
    antenna: int | None = None, cafe_id: int | None = None,
) -> ImpactReport:  # fmt: skip
    """Return the kilometres of the cafés `user` may see, over a period."""
    rows = [r for r in register.cafes(conn, user, antenna=antenna) if cafe_id in (None, r["id"])]
    distances = confirmed(conn, [r["id"] for r in rows])
    coverage = coverage_of(conn, rows, period.first, period.last, today)
    cafes = {r["id"]: CafeImpact(r, coverage[r["id"]]) for r in rows}
    by_month: dict[str, dict[str, Gross]] = defaultdict(lambda: defaultdict(Gross))
    typed = _count_uses(conn, period, cafes, distances, by_month)
    _count_visits(conn, period, cafes, distances, typed)
    _count_own(conn, period, cafes)
    return _summed(period, list(cafes.values()), by_month)


def _count_uses(
    conn: Connection, period: Period, cafes: dict[int, CafeImpact], distances: Distances,
    by_month: dict[str, dict[str, Gross]],
) -> dict[int, tuple[int, int]]:  # fmt: skip
    """Count uses café by café; return the metres of uses typed as totals, headline and extended."""
    headline, known = headline_services(), service_codes()
    typed: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for use, month in _uses(conn, period, cafes):
        if use.service not in known:
            continue
        mine, part = cafes[use.cafe], impact.gross_of(use, distances)
        inside = use.service in headline
        mine.by_service[use.service].add(part)
        mine.extended.add(part)
        if inside:
            mine.headline.add(part)
        if mine.counted:
            by_month[month][use.service].add(part)
        if use.aggregated:
            metres = impact.gross_of(UseCount(use.cafe, use.service, use.day, use.aggregated), distances).metres
            short, long = typed[use.cafe]
            typed[use.cafe] = (short + metres * inside, long + metres)
            # Totals that stand for no kilometre (people at a gathering) estimate nothing.
            mine.estimated |= metres > 0
    return typed


def _count_visits(
    conn: Connection, period: Period, cafes: dict[int, CafeImpact], distances: Distances,
    typed: dict[int, tuple[int, int]],
) -> None:  # fmt: skip
    visits = list(_visits(conn, period, cafes))
    short = impact.trips_of(visits, headline_services(), distances)
    long = impact.trips_of(visits, service_codes().keys(), distances)
    for number, mine in cafes.items():
        headline_m, extended_m = typed.get(number, (0, 0))
        mine.trips = impact.with_totals_typed(short.get(number, Trips()), mine.headline.metres - headline_m, headline_m)
        mine.extended_trips = impact.with_totals_typed(
            long.get(number, Trips()), mine.extended.metres - extended_m, extended_m
        )


def _count_own(conn: Connection, period: Period, cafes: dict[int, CafeImpact]) -> None:
    """Add up what the cafés drove themselves: the indicators that say so (`Indicator.own_motion`)."""
    codes = [one.code for _feature, one in indicators() if one.own_motion]
    query = (
        select(rollup_figure.c.cafe_id, func.sum(rollup_figure.c.amount))
        .where(rollup_figure.c.code.in_(codes)).group_by(rollup_figure.c.cafe_id)
    )  # fmt: skip
    for number, metres in conn.execute(_within(query, rollup_figure, period, cafes)):
        if number in cafes:
            cafes[number].own = int(metres)


def _summed(period: Period, cafes: list[CafeImpact], by_month: dict[str, dict[str, Gross]]) -> ImpactReport:
    reading = Reading()
    by_service: dict[str, dict[int, Gross]] = defaultdict(lambda: defaultdict(Gross))
    for mine in cafes:
        if mine.counted:
            reading.headline.add(mine.headline)
            reading.extended.add(mine.extended)
            reading.dedup += mine.trips.dedup
            reading.strict += mine.trips.strict
            reading.extended_dedup += mine.extended_trips.dedup
            reading.own += mine.own
            for service, part in mine.by_service.items():
                by_service[service][mine.cafe["antenna"]].add(part)
    reading.net = impact.net(reading.dedup, reading.own)
    order = list(service_codes())
    return ImpactReport(
        period, reading, impact.carbon(reading.dedup, reading.own), cafes,
        {code: by_service[code] for code in order if code in by_service}, by_month,
        left_out=sum(1 for c in cafes if c.heard and not c.counted),
        without_distance=sum(1 for c in cafes if c.extended.uses and c.extended.without == c.extended.uses),
        unheard=sum(1 for c in cafes if not c.heard and c.cafe["status"] != "closed"),
        estimated=any(c.estimated for c in cafes),
    )  # fmt: skip


def _changes(conn: Connection, period: Period) -> list[str]:
    """Return the days within the period from which some distance counts: few, and none in most periods."""
    since = distance.c.valid_from
    return sorted(conn.execute(select(since).distinct().where(since > period.first, since <= period.last)).scalars())


def _bucket(table: Any, changes: list[str]) -> tuple[Label[str], Label[int]]:
    """Name a month, and how many distances had come into force: within both, none changes."""
    month = func.substr(table.c.day, 1, literal(7)).label("month")
    if len(changes) <= _CHANGES_MOST:
        # By day alone: a question to the distances for each row was most of what a year cost.
        steps = [case((table.c.day >= day, 1), else_=0) for day in changes]
        return month, sum(steps, start=literal_column("0")).label("epoch")
    known = (
        select(func.count()).select_from(distance)
        .where(distance.c.cafe_id == table.c.cafe_id, distance.c.valid_from <= table.c.day)
        .scalar_subquery()
    )  # fmt: skip
    return month, known.label("epoch")


def _within(query: Select[Any], table: Any, period: Period, cafes: dict[int, CafeImpact]) -> Select[Any]:
    here: ColumnElement[bool] = (
        table.c.cafe_id.in_(select(cafe.c.id)) if len(cafes) > 500 else table.c.cafe_id.in_(list(cafes))
    )
    return query.where(here, table.c.day >= period.first, table.c.day <= period.last)


def _uses(conn: Connection, period: Period, cafes: dict[int, CafeImpact]) -> Iterable[tuple[UseCount, str]]:
    t = rollup_use
    month, epoch = _bucket(t, _changes(conn, period))
    query = select(
        t.c.cafe_id, t.c.service, month, epoch, func.min(t.c.day), func.sum(t.c.uses), func.sum(t.c.aggregated)
    ).group_by(t.c.cafe_id, t.c.service, "month", "epoch")
    for number, service, name, _epoch, day, uses, aggregated in conn.execute(_within(query, t, period, cafes)):
        if number in cafes:
            yield UseCount(number, service, day, int(uses), int(aggregated)), name


def _visits(conn: Connection, period: Period, cafes: dict[int, CafeImpact]) -> Iterable[VisitCount]:
    t = rollup_visit
    month, epoch = _bucket(t, _changes(conn, period))
    query = select(t.c.cafe_id, t.c.services, month, epoch, func.min(t.c.day), func.sum(t.c.visits)).group_by(
        t.c.cafe_id, t.c.services, "month", "epoch"
    )
    for number, services, _month, _epoch, day, visits in conn.execute(_within(query, t, period, cafes)):
        if number in cafes:
            yield VisitCount(number, day, tuple(services.split("+")), int(visits))
