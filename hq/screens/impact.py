"""The impact page: how many kilometres, counted how, with which limits, from which entries."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, select
from sqlalchemy.engine import RowMapping

from hq import impact, register, reports, visits
from hq.days import year_before
from hq.distances import confirmed
from hq.impact import Gross
from hq.kept import among
from hq.reports import CafeImpact, ImpactReport, Period
from hq.screens import page, paging
from hq.tables import distance
from pos.house import service_codes

blueprint = Blueprint("impact", __name__)
ENTRIES_SHOWN = 200
# The method is shown on one of the first cafés.
EXAMPLES_TRIED = 40


@dataclass(frozen=True, slots=True)
class Against:
    """The same days of the year before, all cafés, and those counted in both years."""

    metres: int
    cafes: int
    same_cafes: int
    same_now: int
    same_before: int

    @property
    def change(self) -> int | None:
        """Return the percentage at constant cafés."""
        return round((self.same_now - self.same_before) * 100 / self.same_before) if self.same_before else None


def asked_period() -> Period:
    """Return the period the address asks for: a year, a month of it, or this year so far."""
    today, text = page.today(), request.args.get("period", "")
    year = int(text[:4]) if text[:4].isdecimal() and 2020 <= int(text[:4]) <= int(today[:4]) else int(today[:4])
    period = reports.year_period(year, today)
    month = text[5:7]
    if len(text) == 7 and month.isdecimal() and 1 <= int(month) <= 12:
        return reports.month_period(f"{year:04d}-{month}", today)
    return period


@blueprint.get("/impact")
def show() -> ResponseReturnValue:
    """Draw the kilometres of a period."""
    user, antenna, period = page.me(), page.asked_antenna(), asked_period()
    with page.reading() as conn:
        report, before = reports.impact_reports(
            conn, (period, period.a_year_before()), user, today=page.today(), antenna=antenna
        )
        opened, ranked = _opened(report), sorted(report.cafes, key=lambda c: -c.metres)
        known = _distances(
            conn, period, [*ranked[:EXAMPLES_TRIED], *((c for c, _g in opened[2].rows) if opened else ())]
        )
    listed = paging.sliced([c for c in ranked if c.uses])
    return page.draw(
        "impact.html", report=report, against=_against(report, before), before=before, antenna=antenna, opened=opened,
        distances=known, years=range(int(page.today()[:4]), int((report.since or page.today())[:4]) - 1, -1), period=period,
        whole_year=reports.year_period(int(period.first[:4]), page.today()) == period, months=_months(report),
        example=_example(ranked[:EXAMPLES_TRIED], known), reference=impact.REFERENCE_2023_M, codes=service_codes(),
        headline=[c for c in report.by_service if service_codes()[c].headline],
        extended=[c for c in report.by_service if not service_codes()[c].headline],
        shown_antennas=[antenna] if antenna else [1, 2, 3, 4, 5], sum_of=reports.sum_of, listed=listed,
        version=f"{impact.METHOD}, {impact.METHOD_VERSION}", period_key=request.args.get("period", ""),
        last_year=year_before(period.first)[:4], factors=impact.FACTORS,
    )  # fmt: skip


def _distances(conn: Connection, period: Period, cafes: Iterable[CafeImpact]) -> dict[tuple[int, str], RowMapping]:
    """Return the distances of some cafés in force at the end of the period."""
    query = select(distance).where(
        among(conn, distance.c.cafe_id, {c.cafe["id"] for c in cafes}), distance.c.valid_from <= period.last
    )
    return {(d["cafe_id"], d["service"]): d for d in conn.execute(query.order_by(distance.c.valid_from)).mappings()}


def _against(report: ImpactReport, before: ImpactReport) -> Against:
    then = {c.cafe["id"]: c.metres for c in before.cafes if c.in_sums}
    now = {c.cafe["id"]: c.metres for c in report.cafes if c.in_sums}
    both = then.keys() & now.keys()
    return Against(
        before.reading.headline.metres, len(then), len(both), sum(now[i] for i in both), sum(then[i] for i in both)
    )


def _months(report: ImpactReport) -> list[tuple[str, dict[str, int], int]]:
    """Return the months of the period up to its end, with the metres of each headline service and their sum."""
    return [(month, metres, sum(metres.values())) for month, metres in report.by_month.items()]


def _opened(report: ImpactReport) -> tuple[str, int | None, paging.Slice] | None:
    """Return the cell the address opens: its service, its antenne, and some of the cafés it is made of."""
    service, at = request.args.get("of", ""), request.args.get("at", type=int)
    if not service or (service != "headline" and service not in report.by_service):
        return None
    chosen: Iterable[CafeImpact] = (c for c in report.cafes if c.counted and at in (None, c.cafe["antenna"]))
    rows = [(c, c.headline if service == "headline" else c.of(service)) for c in chosen]
    made_of = sorted(((c, g) for c, g in rows if g.uses), key=lambda r: (-r[1].metres, -r[1].uses))
    return service, at, paging.sliced(made_of, "deep")


def _example(
    cafes: list[CafeImpact], known: dict[tuple[int, str], RowMapping]
) -> tuple[CafeImpact, str, Gross, RowMapping] | None:
    """Return one café and service whose sum is a single multiplication, to show the method."""
    for mine in cafes:
        for code, part in mine.by_service.items():
            found = known.get((mine.cafe["id"], code))
            metres = found["metres"] if found else None
            if found and metres and not part.without and part.metres == part.uses * metres and mine.counted:
                return mine, code, part, found
    return None


@blueprint.get("/impact/entries")
def entries() -> ResponseReturnValue:
    """List the journal entries that a café's kilometres of a service are counted from."""
    cafe_id, service = request.args.get("cafe", 0, type=int), request.args.get("service", "")
    first, last = register.check_day(request.args.get("first", "")), register.check_day(request.args.get("last", ""))
    skip = max(0, request.args.get("skip", 0, type=int))
    with page.reading() as conn:
        cafe = register.find_cafe(conn, cafe_id, page.me())
        said = visits.said_of(conn, cafe_id, service, first, last)
        distances = confirmed(conn, [cafe_id])
        report = reports.impact_report(conn, Period(first, last), page.me(), today=page.today(), cafe_id=cafe_id)
    part = report.cafes[0].by_service.get(service, Gross()) if report.cafes else Gross()
    newest = sorted(said, key=lambda use: (use.day, use.jn, use.seq), reverse=True)
    return page.draw(
        "entries.html", cafe=cafe, service=service, first=first, last=last, rows=newest[skip : skip + ENTRIES_SHOWN],
        total=len(said), skip=skip,
        part=part, shown=ENTRIES_SHOWN, distance_of=lambda day: distances.at(cafe_id, service, day),
    )  # fmt: skip
