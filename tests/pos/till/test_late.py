"""Late entries: what was noted on paper keeps its declared time beside the recorded one."""

import pytest

from pos.clock import StoppedClock, to_ms
from pos.engines import counting
from pos.store import Store
from pos.till import late, sell, slips, tables
from pos.till.events import SaleCompleted
from pos.till.tab import CASH
from tests.cast import BEA, VICTOR, open_cafe

DAY = "2026-11-20"


@pytest.fixture
def cafe(store: Store) -> Store:
    """Open since the morning; it is a quarter to one."""
    open_cafe(store)
    store.clock.set(f"{DAY}T12:45:00+01:00")  # type: ignore[attr-defined]
    return store


def test_a_sale_of_any_service_noted_on_paper_says_both_times(cafe: Store) -> None:
    """Declared at ten past twelve, recorded at a quarter to one; bread, press and coffee alike."""
    tab = late.begin_late_sale(cafe, "1210", by=VICTOR)
    for product in ("baguette", "progres", "cafe"):
        sell.add_product(cafe, tab.tab_id, product, by=VICTOR)
    sell.take_payment(cafe, tab.tab_id, CASH, by=VICTOR)
    with cafe.reading() as conn:
        row = tables.tickets(conn, DAY)[0]
        event, seq = sell.sale_of(cafe, conn, row["no"])
        shown = slips.issued_at(cafe, conn, seq)
    assert isinstance(event, SaleCompleted)
    assert event.happened_at == to_ms(f"{DAY}T12:10:00+01:00")
    assert shown.at == to_ms(f"{DAY}T12:45:00+01:00")
    assert cafe.tables_that_differ() == []


@pytest.mark.parametrize("hour", ["1300", "2561", "1260", "", "12", "midi", "12100"])
def test_an_hour_to_come_or_no_hour_is_refused(cafe: Store, hour: str) -> None:
    """Nobody sold later than now, nor at an hour that does not exist."""
    with pytest.raises(late.NotThen):
        late.begin_late_sale(cafe, hour, by=VICTOR)


def test_after_midnight_the_evening_s_hours_are_of_the_evening(cafe: Store, clock: StoppedClock) -> None:
    """At half past midnight, 2350 was before and 0010 too: one business day."""
    clock.set("2026-11-21T00:30:00+01:00")
    assert late.begin_late_sale(cafe, "2350", by=VICTOR).happened_at == to_ms(f"{DAY}T23:50:00+01:00")
    assert late.begin_late_sale(cafe, "0010", by=VICTOR).happened_at == to_ms("2026-11-21T00:10:00+01:00")


def test_a_total_typed_late_belongs_to_its_day_and_says_when_it_was_typed(cafe: Store) -> None:
    """Yesterday's total counts yesterday; tomorrow's, or a date that is none, is refused."""
    told = counting.count_day(cafe, "bread", 12, day="2026-11-19", by=BEA)
    with cafe.reading() as conn:
        assert counting.total_of(conn, "2026-11-19", "bread") == 12
        at = conn.execute("SELECT max(seq) FROM journal_entry").fetchone()
    assert (told.day, at is not None) == ("2026-11-19", True)
    for day in ("2026-11-21", "2026-13-01", "hier"):
        with pytest.raises(counting.NotACount):
            counting.count_day(cafe, "bread", 12, day=day, by=BEA)
