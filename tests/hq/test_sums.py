"""Sums of months, and what is kept of them, against counting day by day."""

from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert

from hq import access, db, register, reports
from hq import tables as register_tables
from hq.days import days_between, month_end
from hq.db import Database
from hq.distances import confirm
from hq.kept import kept
from hq.projections import Projections
from hq.reports import Period
from pos import demo
from pos.events import Event
from pos.till.events import DayOpened
from sync.books import metadata
from sync.ingest import Fresh
from tests.hq.conftest import ENGINES
from tests.hq.made_up import find, sheet
from tests.hq.plain_impact import plain
from tests.hq.test_projections import SAMPLE, Happened, entries

both = pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
TODAY, NOW = "2026-03-20", 1773990000000
# Edges of months and years, the day itself, and a clock that runs ahead.
DAYS = st.sampled_from(
    ("2025-01-31", "2025-02-28", "2025-03-01", "2025-03-19", "2025-03-25", "2025-12-31", "2026-01-01", "2026-02-14",
     "2026-02-28", "2026-03-01", "2026-03-02", "2026-03-19", "2026-03-20", "2026-03-28")
)  # fmt: skip
SERVICES = ("bread", "cash_out", "parcel", "press")
HAPPENED = st.builds(
    Happened,
    uses=st.lists(st.tuples(st.sampled_from(SERVICES), st.sampled_from("abcdef"), st.sampled_from([1, 1, 2, -1])), max_size=3),
    day=DAYS, aggregated=st.sampled_from([False, False, False, True]),
)  # fmt: skip
_TIMES = count()
STEPS = st.lists(
    st.one_of(
        st.lists(st.one_of(HAPPENED, st.builds(DayOpened, day=DAYS, float_cents=st.just(0))), min_size=1, max_size=6),
        st.tuples(st.sampled_from(SERVICES), DAYS, st.one_of(st.none(), st.integers(0, 30_000)), st.sampled_from("AB")),
    ),
    min_size=2, max_size=7,
)  # fmt: skip
PERIODS = (
    Period("2026-01-01", TODAY), Period("2025-01-01", "2025-03-20"), Period("2026-03-01", TODAY),
    Period("2025-02-10", "2026-03-02"), Period("2025-03-19", "2025-03-19"), Period("2025-01-01", "2025-12-31"),
)  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
@both
def test_sums_of_months_are_what_the_days_say(hq_db: Database, steps: list[object]) -> None:
    """Whatever comes after the page was drawn — uses late, cancelled, typed, a distance that moves — it is counted to the metre."""
    with hq_db.writing() as conn:
        for table in reversed(metadata.sorted_tables):
            conn.execute(table.delete())
        # Another database each time, for what is kept of the one before.
        now = NOW + 1000 * next(_TIMES)
        register.add_cafe(conn, sheet(demo.CAFES[0]), by="t", now_ms=now, cafe_id=17)
        register.add_cafe(conn, sheet(demo.CAFES[1]), by="t", now_ms=now, cafe_id=18)
    seq = 0
    for step in steps:
        with hq_db.writing() as conn:
            seq += _take(conn, step, seq)
        with hq_db.reading() as conn:
            for period in PERIODS:
                _compare(conn, period)


def _take(conn: Connection, step: object, seq: int) -> int:
    """Tell some events, or let a distance move; return how many entries."""
    if isinstance(step, list):
        events: list[Event] = step
        Projections([SAMPLE]).tell(conn, Fresh(17, 1, 9, entries(events, first=seq)))
        return len(events)
    service, day, metres, town = step  # type: ignore[misc]
    confirm(conn, find(conn, 17), service, metres, by="t", now_ms=NOW, valid_from=day, town=town, town_name=town,
            source="test", note="it moved")  # fmt: skip
    return 0


def _compare(conn: Connection, period: Period) -> None:
    """The report's café is the one counted plainly."""
    report = reports.impact_report(conn, period, access.OFFICE, today=TODAY)
    (mine,) = (one for one in report.cafes if one.cafe["id"] == 17)
    plan = register.calendars(conn, [mine.cafe])[17]
    told = plain(conn, 17, period.first, period.last, plan, TODAY, list(days_between("2025-01-01", "2026-12-31")))
    assert {code: vars_of(part) for code, part in mine.by_service.items()} == {
        code: vars_of(part) for code, part in told.by_service.items()
    }
    assert (mine.trips, mine.extended_trips) == (told.trips, told.extended_trips)
    assert mine.coverage.expected == told.expected
    if told.expected:
        assert mine.coverage.received == told.received
    if mine.counted:
        assert sum(sum(row.values()) for row in report.by_month.values()) == mine.headline.metres


def vars_of(part: object) -> tuple[int, ...]:
    """The three numbers of a gross figure."""
    return tuple(getattr(part, name) for name in ("uses", "metres", "without"))


def test_what_is_kept_is_worked_out_again_when_its_key_differs(hq_db: Database) -> None:
    """Per café, whichever way the key moves; within a transaction that writes nothing is kept at all."""
    asked: list[list[int]] = []

    def work(stale: list[int]) -> dict[int, str]:
        asked.append(stale)
        return {cafe: f"{cafe}" for cafe in stale}

    with hq_db.reading() as conn:
        for keys in ({1: 5, 2: 5}, {1: 5, 2: 6}, {1: 5, 2: 5}, {1: 5, 2: 5}):
            assert kept(conn, "test", keys, work) == {1: "1", 2: "2"}
    with hq_db.writing() as conn:
        kept(conn, "test", {1: 7}, work)
    with hq_db.reading() as conn:
        kept(conn, "test", {1: 7}, work)
    assert asked == [[1, 2], [2], [2], [1], [1]]


@both
def test_months_of_an_older_database_are_added_up_once(hq_db: Database) -> None:
    """Days told before there were months: opening the office adds them up; what is there is left alone."""
    from hq import months

    with hq_db.writing() as conn:
        conn.execute(insert(db.rollup_day).values(cafe_id=3, day="2026-02-28", tickets=4))
        conn.execute(insert(db.rollup_use).values(cafe_id=3, day="2026-02-28", service="bread", uses=2))
    for touched in (2, 2):
        months.sum_once(hq_db)
        with hq_db.reading() as conn:
            rows = conn.execute(db.cafe_month.select().order_by(db.cafe_month.c.month)).all()
            assert [tuple(row)[1:] for row in rows] == [
                ("", 0, 0, 0, "2026-02-28", touched - 1), ("2026-02", 1 << 27, 1 << 27, 1 << 27, None, 1),
            ]  # fmt: skip
            assert conn.execute(db.month_sum.select()).all() == [(3, "2026-02", "use", "bread", 2, 0)]
    assert month_end("2026-02") == "2026-02-28"
    assert register_tables.cafe is register.cafe
