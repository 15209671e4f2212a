"""Which entry says which use: kept by visit, found by day, brought over from an earlier release."""

import pytest
from sqlalchemy import inspect, select, text

from hq import audit, visits
from hq.db import Database, visit_page
from hq.visits import Use
from tests.hq.conftest import ENGINES

both = pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
MORNING, NOON = "01a18ba5d569839ab65a", "01a18cc5d569839ab65a"
SAID = [
    Use(1, 3, "bread", MORNING, "2026-11-20", 1), Use(1, 4, "cash_out", MORNING, "2026-11-20", 1),
    Use(1, 9, "bread", NOON, "2026-11-20", 1), Use(2, 0, "bread", MORNING, "2026-12-01", -1),
    Use(1, 12, "press", "", "2026-11-20", 14, aggregated=True), Use(1, 13, "bread", 'a "visit" \\ {}', "2026-11-21", 1),
]  # fmt: skip


@both
def test_what_was_kept_a_row_a_use_is_packed_at_the_opening(hq_db: Database) -> None:
    """Every use of an earlier release stands where this one looks for it; its tables are gone; twice changes nothing."""
    with hq_db.writing() as conn:
        conn.execute(text(
            "CREATE TABLE use_entry (cafe_id integer, jn integer, seq bigint, i integer, service text, visit text,"
            " day text, count bigint, aggregated boolean)"
        ))  # fmt: skip
        conn.execute(
            text("CREATE TABLE visit_service (cafe_id integer, visit text, service text, day text, net bigint)")
        )
        for cafe in (7, 8):
            for i, use in enumerate(SAID):
                conn.execute(
                    text(
                        "INSERT INTO use_entry VALUES (:cafe, :jn, :seq, :i, :service, :visit, :day, :count, :aggregated)"
                    ),
                    {"cafe": cafe, "i": i} | {name: getattr(use, name) for name in use.__struct_fields__},
                )
        visits.bring_over(conn)
        packed = audit.digest(conn, visit_page)
        visits.bring_over(conn)
        assert audit.digest(conn, visit_page) == packed
        assert not {"use_entry", "visit_service"} & set(inspect(conn).get_table_names())
        bread = visits.said_of(conn, 8, "bread", "2026-11-20", "2026-11-21")
        assert [(use.seq, use.visit) for use in bread] == [(3, MORNING), (9, NOON), (13, 'a "visit" \\ {}')]
        assert [use.count for use in visits.said_of(conn, 7, "bread", "2026-12-01", "2026-12-31")] == [-1]
        assert visits.said_of(conn, 7, "press", "2026-11-01", "2026-11-30") == [SAID[4]]
        rows = conn.execute(select(visit_page.c.part).where(visit_page.c.cafe_id == 7).order_by(visit_page.c.part))
        assert list(rows.scalars()) == ["01a18b", "01a18c", "2026-11", 'a "vis']


def test_a_visit_is_counted_on_the_day_it_was_first_said() -> None:
    """Taken back a month later, its use leaves the first day; what else it took stays."""
    before, after = visits.counted(SAID[:3]), visits.counted(reversed(SAID))
    assert before[0] == {("2026-11-20", "bread"): 2, ("2026-11-20", "cash_out"): 1}
    assert before[1] == {("2026-11-20", "bread+cash_out"): 1, ("2026-11-20", "bread"): 1}
    assert after[0] == {("2026-11-20", "bread"): 1, ("2026-11-20", "cash_out"): 1, ("2026-11-21", "bread"): 1}
    assert after[1]["2026-11-20", "cash_out"] == 1
