"""The impact report: kilometres by service, antenne, café and month, each with what it lacks.

The database adds up; `hq.impact` multiplies. Used by the page, the CSV and `zinc-hq impact`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from hq import avoided, impact, register
from hq.access import User
from hq.avoided import Numbers
from hq.coverage import Coverage, coverage_of
from hq.days import month_end, year_before
from hq.impact import Carbon, Gross, Reading, Trips
from hq.kept import kept, touched
from hq.register import Calendar
from pos.house import service_codes


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
    return Period(f"{month}-01", max(f"{month}-01", min(month_end(month), today)))


@dataclass(frozen=True, slots=True)
class CafeImpact:
    """What one café avoided in the period."""

    cafe: RowMapping
    coverage: Coverage
    # Its row of `hq.avoided`.
    numbers: Numbers
    # Read of the row at each view: metres of the headline, uses of all services, those without a distance.
    metres: int
    uses: int
    without: int
    # Whether the café is in the sums: enough days received.
    counted: bool

    @property
    def by_service(self) -> dict[str, Gross]:
        """The services it was used for."""
        every = ((code, avoided.gross(self.numbers, code)) for code in avoided.CODES)
        return {code: part for code, part in every if part.uses}

    def of(self, service: str) -> Gross:
        """Return one service."""
        return avoided.gross(self.numbers, service)

    @property
    def headline(self) -> Gross:
        """The services of the 2023 perimeter."""
        return avoided.headline(self.numbers)

    @property
    def extended(self) -> Gross:
        """All services."""
        return avoided.extended(self.numbers)

    @property
    def trips(self) -> Trips:
        """De-duplicated, of the 2023 perimeter."""
        return _trips(self.numbers, avoided.DEDUP, avoided.TYPED, avoided.headline)

    @property
    def extended_trips(self) -> Trips:
        """De-duplicated, of all services."""
        return _trips(self.numbers, avoided.EXTENDED_DEDUP, avoided.EXTENDED_TYPED, avoided.extended)

    @property
    def estimated(self) -> bool:
        """Whether totals that stand for kilometres were typed (people at a gathering estimate nothing)."""
        return self.numbers[avoided.EXTENDED_TYPED] > 0

    @property
    def own(self) -> int:
        """Metres the café drove itself."""
        return self.numbers[avoided.OWN]

    @property
    def net(self) -> int:
        """Return the metres avoided by car, less the café's own."""
        return impact.net(self.trips.dedup, self.own)

    @property
    def heard(self) -> bool:
        """Whether anything at all was received for the period."""
        return self.coverage.received > 0 or self.uses > 0

    @property
    def without_trip(self) -> bool:
        """Whether all it was used for stands for no trip: no distance to confirm, no kilometres, not zero of them."""
        return 0 < self.uses == self.without and not any(service_codes()[code].alternatives for code in self.by_service)

    @property
    def in_sums(self) -> bool:
        """Whether kilometres of it are in the sums: enough days, and a use at least with its distance."""
        return self.counted and self.uses > self.without


def _trips(numbers: Numbers, dedup: int, typed: int, gross: Callable[[Numbers], Gross]) -> Trips:
    """Return the de-duplicated metres of a row, with those of totals typed reduced alike."""
    own, totals = Trips(numbers[dedup], numbers[dedup + 1]), numbers[typed]
    return impact.with_totals_typed(own, gross(numbers).metres - totals, totals) if totals else own


@dataclass(slots=True)
class ImpactReport:
    """Everything the impact page says, in metres and counts."""

    period: Period
    reading: Reading
    carbon: Carbon
    cafes: list[CafeImpact]
    by_service: dict[str, dict[int, Gross]]
    # Metres of the headline's services.
    by_month: dict[str, dict[str, int]]
    left_out: int
    without_distance: int
    without_trip: int
    unheard: int
    estimated: bool
    # The first day any of the cafés was heard of.
    since: str

    @property
    def counted(self) -> int:
        """How many cafés are in the sums."""
        return sum(1 for c in self.cafes if c.in_sums)

    @property
    def unused(self) -> int:
        """How many cafés were heard of without a single use."""
        return sum(1 for c in self.cafes if c.counted and not c.uses and c.heard)

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
            "cafes_without_trip": self.without_trip, "estimated": self.estimated,
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


def impact_report(
    conn: Connection, period: Period, user: User, *, today: str,
    antenna: int | None = None, cafe_id: int | None = None,
) -> ImpactReport:  # fmt: skip
    """Return the kilometres of the cafés `user` may see, over a period."""
    return impact_reports(conn, (period,), user, today=today, antenna=antenna, cafe_id=cafe_id)[0]


def impact_reports(
    conn: Connection, periods: Sequence[Period], user: User, *, today: str,
    antenna: int | None = None, cafe_id: int | None = None,
) -> list[ImpactReport]:  # fmt: skip
    """Return the kilometres of the cafés `user` may see, over some periods."""
    rows = {r["id"]: r for r in register.cafes(conn, user, antenna=antenna, cafe_id=cafe_id)}
    now, plans = touched(conn, rows), register.calendars(conn, list(rows.values()))
    keys = {number: (now[number][0], register.row_key(row), plans[number]) for number, row in rows.items()}
    since = min((first for _n, first in now.values() if first), default="")

    def report(period: Period) -> ImpactReport:
        def read(stale: list[int]) -> dict[int, CafeImpact]:
            return _read(conn, period, today, {number: rows[number] for number in stale}, now, plans)

        found = kept(conn, ("impact", period, today), keys, read)
        return _summed(period, since, [found[number] for number in rows])

    return [report(period) for period in periods]


def _read(
    conn: Connection, period: Period, today: str, rows: dict[int, RowMapping], now: dict[int, tuple[int, str]],
    plans: dict[int, Calendar],
) -> dict[int, CafeImpact]:  # fmt: skip
    """Read what some cafés avoided, each from its parts of the period."""
    months = avoided.months_of(conn, rows, period.first, period.last)
    parts = [avoided.avoided(conn, rows, months, span) for span in avoided.parts_of(period.first, period.last)]
    found = {}
    for number, row in rows.items():
        heard = {month: one.heard for month, one in months[number].items()}
        covered = coverage_of(row, plans[number], now[number][1], heard, (period.first, period.last), today)
        numbers = avoided.joined([part[number] for part in parts])
        every = avoided.extended(numbers)
        found[number] = CafeImpact(
            row, covered, numbers, avoided.headline(numbers).metres, every.uses, every.without, covered.counted
        )
    return found


def _summed(period: Period, since: str, cafes: list[CafeImpact]) -> ImpactReport:
    """Add up the cafés of which enough was received."""
    by_antenna: dict[int, list[CafeImpact]] = defaultdict(list)
    for mine in cafes:
        if mine.counted:
            by_antenna[mine.cafe["antenna"]].append(mine)
    sums = {antenna: avoided.summed(mine.numbers for mine in some) for antenna, some in by_antenna.items()}
    every = avoided.summed(sums.values())
    # Totals typed are reduced café by café; most cafés typed none.
    short, long = Trips(every[avoided.DEDUP], every[avoided.STRICT]), every[avoided.EXTENDED_DEDUP]
    for mine in (one for some in by_antenna.values() for one in some if one.estimated):
        short.dedup += mine.trips.dedup - mine.numbers[avoided.DEDUP]
        short.strict += mine.trips.strict - mine.numbers[avoided.STRICT]
        long += mine.extended_trips.dedup - mine.numbers[avoided.EXTENDED_DEDUP]
    reading = Reading(
        avoided.headline(every), short.dedup, short.strict, own=every[avoided.OWN],
        net=impact.net(short.dedup, every[avoided.OWN]), extended=avoided.extended(every),
        extended_dedup=long,
    )  # fmt: skip
    by_service = {
        code: {
            antenna: part for antenna, numbers in sorted(sums.items()) if (part := avoided.gross(numbers, code)).uses
        }
        for code in avoided.CODES
    }
    return ImpactReport(
        period, reading, impact.carbon(reading.dedup, reading.own), cafes,
        {code: row for code, row in by_service.items() if row},
        avoided.by_month(every, period.first, period.last),
        left_out=sum(1 for c in cafes if not c.counted and c.heard),
        without_distance=sum(1 for c in cafes if c.uses and c.uses == c.without and not c.without_trip),
        without_trip=sum(1 for c in cafes if c.without_trip),
        unheard=sum(1 for c in cafes if not c.heard and c.cafe["status"] != "closed"),
        estimated=any(c.estimated for c in cafes), since=since,
    )  # fmt: skip
