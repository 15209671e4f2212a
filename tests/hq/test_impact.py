"""Kilometres: the worked example, the floor rule, and what must always hold."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, update

from hq import access, impact, months, register, reports
from hq.db import Database, rollup_day, rollup_use, rollup_visit
from hq.distances import confirm, confirmed
from hq.impact import Distance, Distances, Trips, UseCount
from hq.reports import Period
from pos import demo
from pos.house import service_codes
from tests.hq.conftest import ENGINES
from tests.hq.made_up import find, sheet
from tests.hq.plain_impact import VisitCount, trips_of

TODAY, NOW = "2026-11-20", 1_795_160_000_000
SERVICES = ("bread", "cash_out", "parcel")
YEAR = Period("2026-01-01", "2026-11-20")


def test_the_published_figure_is_9_7_turns_of_the_earth() -> None:
    """391 300 km is shown as « 9,7 »: the tenth is rounded down (services.md C.1)."""
    assert impact.earth_turns(391_300_000) == "9,7"
    assert impact.earth_turns(0) == "0,0"
    assert impact.earth_turns(40_075_000) == "1,0"
    assert impact.earth_turns(40_074_999) == "0,9"


def test_the_published_figure_is_a_range_of_co2e() -> None:
    """391 300 km is 44.5 to 85.1 t: lowest factor with the share of cars, highest with all (C.6)."""
    found = impact.carbon(391_300_000)
    assert (found.low_kg, found.high_kg) == (44_546, 85_147)


DISTANCES_C4 = Distances([
    Distance(1, "bread", "2026-01-01", 5_200, "A"), Distance(1, "cash_out", "2026-01-01", 9_000, "B"),
    Distance(1, "parcel", "2026-01-01", 5_200, "A"),
])  # fmt: skip


def test_the_worked_example_comes_out_as_written() -> None:
    """services.md C.4: 318 bread, 12 cash, 9 both; then 41 parcels of which 20 with bread."""
    headline, everything = ("bread", "cash_out"), SERVICES
    visits = [
        VisitCount(1, TODAY, ("bread",), 309), VisitCount(1, TODAY, ("bread", "cash_out"), 9),
        VisitCount(1, TODAY, ("cash_out",), 3),
    ]  # fmt: skip
    uses = [UseCount(1, "bread", TODAY, 318), UseCount(1, "cash_out", TODAY, 12)]
    assert sum(impact.gross_of(use, DISTANCES_C4).metres for use in uses) == 1_761_600
    trips = trips_of(visits, headline, DISTANCES_C4)[1]
    assert (trips.dedup, trips.strict) == (1_761_600, 1_714_800)

    visits[0] = VisitCount(1, TODAY, ("bread",), 289)
    visits += [VisitCount(1, TODAY, ("bread", "parcel"), 20), VisitCount(1, TODAY, ("parcel",), 21)]
    uses.append(UseCount(1, "parcel", TODAY, 41))
    assert sum(impact.gross_of(use, DISTANCES_C4).metres for use in uses) == 1_974_800
    assert trips_of(visits, everything, DISTANCES_C4)[1].dedup == 1_761_600 + 109_200
    assert trips_of(visits, headline, DISTANCES_C4)[1].dedup == 1_761_600


def test_a_use_without_a_distance_has_no_kilometres() -> None:
    """It is counted as a use, apart: never zero kilometres, never an average."""
    part = impact.gross_of(UseCount(1, "press", TODAY, 7), DISTANCES_C4)
    assert (part.uses, part.metres, part.without) == (7, 0, 7)
    before = impact.gross_of(UseCount(1, "bread", "2025-12-31", 7), DISTANCES_C4)
    assert before.without == 7


def test_totals_typed_follow_the_cafe_s_own_visits() -> None:
    """C.4 rule 8: an aggregated count is reduced as the visits of the same café are."""
    assert impact.with_totals_typed(Trips(900, 800), 1_000, 500) == Trips(1_350, 1_200)
    assert impact.with_totals_typed(Trips(), 0, 500) == Trips(500, 500)


days = st.dates(
    min_value=__import__("datetime").date(2026, 1, 1), max_value=__import__("datetime").date(2026, 12, 31)
).map(lambda d: d.isoformat())
combos = st.sets(st.sampled_from(SERVICES), min_size=1).map(lambda s: tuple(sorted(s)))
visit_counts = st.lists(st.builds(VisitCount, st.integers(1, 3), days, combos, st.integers(1, 50)), max_size=25)
rows = st.lists(
    st.builds(
        Distance, st.integers(1, 3), st.sampled_from(SERVICES), days, st.one_of(st.none(), st.integers(0, 60_000)),
        st.sampled_from("ABC"),
    ), max_size=12, unique_by=lambda d: (d.cafe, d.service, d.valid_from),
)  # fmt: skip


def uses_in(visits: list[VisitCount]) -> list[UseCount]:
    """One use per service of each visit."""
    return [UseCount(v.cafe, service, v.day, v.n) for v in visits for service in v.services]


def gross(visits: list[VisitCount], distances: Distances) -> int:
    """Gross metres of the uses in some visits."""
    return sum(impact.gross_of(use, distances).metres for use in uses_in(visits))


def trips(visits: list[VisitCount], distances: Distances) -> Trips:
    """De-duplicated metres of some visits, all cafés."""
    by_cafe = trips_of(visits, SERVICES, distances).values()
    return Trips(sum(t.dedup for t in by_cafe), sum(t.strict for t in by_cafe))


@given(visit_counts, rows)
def test_strict_is_at_most_dedup_is_at_most_gross(visits: list[VisitCount], known: list[Distance]) -> None:
    """However visits and distances fall, no reading exceeds the one above it."""
    distances = Distances(known)
    found = trips(visits, distances)
    assert found.strict <= found.dedup <= gross(visits, distances)


@given(visit_counts, visit_counts, rows)
def test_kilometres_add_up_over_cafes_and_days(
    some: list[VisitCount], more: list[VisitCount], known: list[Distance]
) -> None:
    """Two lots counted together are the two lots counted apart."""
    distances = Distances(known)
    assert gross(some + more, distances) == gross(some, distances) + gross(more, distances)
    assert trips(some + more, distances).dedup == trips(some, distances).dedup + trips(more, distances).dedup


@given(visit_counts, rows, days, st.integers(0, 60_000))
def test_a_distance_changed_from_a_day_changes_nothing_before(
    visits: list[VisitCount], known: list[Distance], day: str, metres: int
) -> None:
    """What was counted before the day of a change stays as it was."""
    before = [v for v in visits if v.day < day]
    kept = [d for d in known if (d.cafe, d.service, d.valid_from) != (1, "bread", day)]
    changed = [*kept, Distance(1, "bread", day, metres, "B")]
    assert gross(before, Distances(kept)) == gross(before, Distances(changed))
    assert trips(before, Distances(kept)) == trips(before, Distances(changed))


@given(visit_counts.filter(bool), rows)
def test_a_void_removes_exactly_its_contribution(visits: list[VisitCount], known: list[Distance]) -> None:
    """A cancelled visit takes away what it had brought, no more and no less."""
    distances, gone = Distances(known), visits[0]
    assert gross(visits, distances) - gross(visits[1:], distances) == gross([gone], distances)
    assert trips(visits, distances).dedup - trips(visits[1:], distances).dedup == trips([gone], distances).dedup


# ── the same, from the database ────────────────────────────────────────────────────────────────


@pytest.fixture
def two_cafes(hq_db: Database) -> Database:
    """Two cafés, a distance for bread and cash in the first, none in the second."""
    with hq_db.writing() as conn:
        for number in (1, 2):
            register.add_cafe(conn, sheet(demo.CAFES[number - 1], week=("",) * 7), by="t", now_ms=NOW, cafe_id=number)
        put_distance(conn, "bread", 5_200, "A")
        put_distance(conn, "cash_out", 9_000, "B")
    return hq_db


def put_distance(
    conn: Connection, service: str, metres: int | None, town: str, day: str = "2026-01-01", **more: Any
) -> None:
    """Confirm a distance of café 1."""
    confirm(conn, find(conn, 1), service, metres, by="t", now_ms=NOW, valid_from=day, town=town, town_name=town,
            source="test", note=more.get("note", "it moved"))  # fmt: skip


def put_day(conn: Connection, cafe: int, day: str, combos_of_day: dict[str, int]) -> None:
    """Write a day's visits and uses into the rollups."""
    conn.execute(insert(rollup_day).values(cafe_id=cafe, day=day, tickets=1))
    for services, n in combos_of_day.items():
        conn.execute(insert(rollup_visit).values(cafe_id=cafe, day=day, services=services, visits=n))
    for service in SERVICES:
        n = sum(n for services, n in combos_of_day.items() if service in services.split("+"))
        if n:
            conn.execute(insert(rollup_use).values(cafe_id=cafe, day=day, service=service, uses=n, aggregated=0))
    months.sum_days(conn)


def report(database: Database, period: Period = YEAR, **more: Any) -> reports.ImpactReport:
    """The impact report, seen from HQ."""
    with database.reading() as conn:
        return reports.impact_report(conn, period, access.OFFICE, today=TODAY, **more)


@pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
def test_the_report_tells_the_worked_example(two_cafes: Database) -> None:
    """From rollups to kilometres, on both databases; parcels without a distance stay apart."""
    with two_cafes.writing() as conn:
        put_day(conn, 1, "2026-03-10", {"bread": 300, "bread+cash_out": 9, "cash_out": 3, "parcel": 4})
        put_day(conn, 1, "2026-04-10", {"bread": 9})
        put_day(conn, 2, "2026-04-10", {"bread": 50})
    found = report(two_cafes)
    assert found.reading.headline.metres == 318 * 5_200 + 12 * 9_000
    assert found.reading.headline.uses == 318 + 12 + 50
    assert found.reading.headline.without == 50
    assert found.reading.dedup == 1_761_600
    assert found.reading.strict == 1_714_800
    assert found.reading.extended.without == 54
    assert found.by_month["2026-03"]["bread"] + found.by_month["2026-04"]["bread"] == 318 * 5_200
    assert found.without_distance == 1
    # The second café has uses and no distance: it is not in the sums.
    assert (found.counted, found.left_out) == (1, 0)


@pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
def test_a_distance_that_moves_in_mid_month_counts_from_its_day(two_cafes: Database) -> None:
    """The distance in force on the day of use applies; a bakery that comes back makes the km fall."""
    with two_cafes.writing() as conn:
        for day in ("2026-03-10", "2026-03-20"):
            put_day(conn, 1, day, {"bread": 10})
    before = report(two_cafes).reading.headline.metres
    with two_cafes.writing() as conn:
        put_distance(conn, "bread", 200, "A", "2026-03-15")
    after = report(two_cafes)
    assert before == 20 * 5_200
    assert after.reading.headline.metres == 10 * 5_200 + 10 * 200
    assert report(two_cafes, Period("2026-01-01", "2026-03-14")).reading.headline.metres == 10 * 5_200


def test_an_alternative_that_disappeared_leaves_uses_without_kilometres(two_cafes: Database) -> None:
    """From that day on the distance is unknown again: « distance à confirmer »."""
    with two_cafes.writing() as conn:
        put_distance(conn, "bread", None, "", "2026-03-15")
        put_day(conn, 1, "2026-03-10", {"bread": 10})
        put_day(conn, 1, "2026-03-20", {"bread": 4})
    found = report(two_cafes).reading.headline
    assert (found.metres, found.without) == (10 * 5_200, 4)


def test_months_and_cafes_add_up_to_the_year(two_cafes: Database) -> None:
    """The year is the sum of its months, the network the sum of its cafés, whatever the distances do."""
    with two_cafes.writing() as conn:
        put_distance(conn, "bread", 4_000, "A", "2026-05-12")
        for month in range(1, 11):
            put_day(conn, 1, f"2026-{month:02d}-11", {"bread": month, "bread+cash_out": 2})
            put_day(conn, 1, f"2026-{month:02d}-12", {"bread": 3})
    year = report(two_cafes)
    months = [report(two_cafes, reports.month_period(f"2026-{m:02d}", TODAY)) for m in range(1, 12)]
    assert sum(m.reading.headline.metres for m in months) == year.reading.headline.metres
    assert sum(m.reading.dedup for m in months) == year.reading.dedup
    assert sum(c.headline.metres for c in year.cafes) == year.reading.headline.metres
    by_service = sum(
        part.metres for code, row in year.by_service.items() for part in row.values() if service_codes()[code].headline
    )
    assert by_service == year.reading.headline.metres


def test_a_cafe_under_60_per_cent_of_its_days_is_not_added_up(two_cafes: Database) -> None:
    """Coverage: 1 day received of 5 expected leaves the café out, and says so."""
    with two_cafes.writing() as conn:
        conn.execute(update(register.cafe).where(register.cafe.c.id == 1).values(week="7:00-13:00|" * 6 + "7:00-13:00"))
        put_day(conn, 1, "2026-11-10", {"bread": 10})
    found = report(two_cafes)
    assert found.left_out == 1
    assert found.reading.headline.uses == 0
    assert found.cafes[0].headline.metres == 52_000


def test_what_is_typed_as_totals_is_marked_estimated(two_cafes: Database) -> None:
    """Aggregated uses count in gross; their de-duplicated part is an estimate and said to be."""
    with two_cafes.writing() as conn:
        put_day(conn, 1, "2026-03-10", {"bread": 90, "bread+cash_out": 10})
        conn.execute(insert(rollup_use).values(cafe_id=1, day="2026-03-11", service="bread", uses=50, aggregated=50))
        months.sum_days(conn)
    found = report(two_cafes)
    assert found.estimated
    assert found.reading.headline.metres == 150 * 5_200 + 10 * 9_000
    assert found.reading.strict < found.reading.dedup <= found.reading.headline.metres


def test_an_antenne_counts_its_own_cafes_only(two_cafes: Database) -> None:
    """The scope of the user is the scope of the sum."""
    with two_cafes.writing() as conn:
        put_day(conn, 1, "2026-03-10", {"bread": 10})
    mine = access.User("x", "x", access.ANTENNA, 2)
    with two_cafes.reading() as conn:
        found = reports.impact_report(conn, YEAR, mine, today=TODAY)
    assert [c.cafe["id"] for c in found.cafes] == [2]
    assert found.reading.headline.uses == 0


def test_the_report_is_plain_data_for_the_command(two_cafes: Database) -> None:
    """`zinc-hq impact --json` prints the page's own report."""
    with two_cafes.writing() as conn:
        put_day(conn, 1, "2026-03-10", {"bread": 10})
    told = report(two_cafes).as_json()
    assert (told["km_gross_m"], told["uses"], told["first"], told["last"]) == (52_000, 10, "2026-01-01", TODAY)
    assert told["services"]["bread"] == {"uses": 10, "km_gross_m": 52_000, "uses_without_distance": 0}


def test_nothing_at_all_is_a_report_too(hq_db: Database) -> None:
    """An empty office has a year of nothing, not an error."""
    found = report(hq_db)
    assert (found.reading.headline.uses, found.counted, found.as_json()["earth_turns"]) == (0, 0, "0,0")
    assert confirmed_is_empty(hq_db)


def confirmed_is_empty(database: Database) -> bool:
    """No distance is known before one is confirmed."""
    with database.writing() as conn:
        conn.execute(delete(rollup_use))
        return confirmed(conn).at(1, "bread", TODAY) is None
