"""Made-up days: cafés of several models, each playing the services it offers, the same each time."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from kiosk import demo, demo_days, demo_services
from pos import journal
from pos.clock import StoppedClock, to_ms
from pos.demo import CAFES, DemoCafe
from pos.demo import cafe as demo_cafe
from pos.engines import stock
from pos.events import Event
from pos.services.accounts.tables import SUSPENDED
from pos.services.bread import reading as bread
from pos.services.members import rules
from pos.services.tour.events import StopReported
from pos.store import Store
from pos.till import offer, tables, uses
from pos.till.events import SaleCompleted
from tests.conftest import open_test_store

FIRST, DAYS = date(2026, 9, 1), 16
# What is sold across the till leaves no entry of its own.
WOVEN_IN = ("cashback",)
MODELS = {"managed": 1, "volunteer": 3, "employee": 6, "participatory": 9, "itinerant": 13}


def played(folder: Path, number: int, days: int = DAYS) -> Store:
    clock = StoppedClock(f"{FIRST}T06:30:00")
    store = open_test_store(folder / "cafe.db", clock)
    one = demo_cafe(number)
    with store.bulk():
        demo._set_up(store, one, FIRST)
        demo_days.play_days(store, clock, one, FIRST, days)
    return store


def kinds(store: Store) -> Counter[str]:
    with store.reading() as conn:
        opened = store.journals()[0]
        return Counter(
            journal.read_envelope(entry.body).kind.partition(".")[0] for entry in journal.entries(conn, opened)
        )


@pytest.mark.parametrize("number", MODELS.values(), ids=MODELS)
def test_each_model_of_café_plays_the_services_it_offers(number: int, tmp_path: Path) -> None:
    """Every service with a life of its own leaves entries, and tables told again are the same."""
    store, one = played(tmp_path, number), demo_cafe(number)
    told = kinds(store)
    with store.reading() as conn:
        tiles = [feature.slug for feature in offer.offered(conn, store.features, FIRST.isoformat())]
    assert [slug for slug in one.services if slug in demo_days.LIVES and not told[slug] and slug not in WOVEN_IN] == []
    assert set(tiles) <= set(one.services)
    assert store.tables_that_differ() == []
    store.close()


GOODS_LEFT = """SELECT l.product, sum(l.on_sale) FROM consign_lot l LEFT JOIN till_product p ON p.product = l.product
WHERE l.owner LIKE 'producer:%' OR l.product LIKE 'timbre_%' OR l.product LIKE 'carnet_%' GROUP BY l.owner, l.product"""


@pytest.mark.parametrize("number", [1, 6])
def test_a_made_up_café_sells_no_goods_that_never_came(number: int, tmp_path: Path) -> None:
    """Stamps, a producer’s goods and the followed shelf are brought before they run out."""
    store = played(tmp_path, number)
    with store.reading() as conn:
        left = [tuple(row) for row in conn.execute(GOODS_LEFT)]
        left += [(row["product"], row["on_hand"]) for row in stock.items(conn)]
    assert len(left) > 6
    assert [row for row in left if row[1] < 0] == []
    store.close()


def test_the_café_on_tour_reports_each_stop_with_its_kilometres(tmp_path: Path) -> None:
    """One stop an evening, reported in its own commune, with what the van drove."""
    store = played(tmp_path, 13)
    told = [event for event in facts(store) if isinstance(event, StopReported)]
    assert len(told) == len({event.stop for event in told}) == 6
    assert len({event.commune for event in told}) > 1
    assert all(event.metres > 0 and event.attendance > 0 for event in told)
    store.close()


@pytest.mark.parametrize("hour", [0, 4, 12])
def test_the_counter_is_never_left_with_a_dead_morning(
    hour: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After midnight the day is still yesterday's: it is left as a lively evening, not as an empty morning."""
    now = to_ms(f"2026-09-03T{hour:02d}:40:00")
    monkeypatch.setattr(demo, "SystemClock", lambda: StoppedClock(now))
    clock = StoppedClock(f"{FIRST}T06:30:00")
    store = open_test_store(tmp_path / "cafe.db", clock)
    one = demo_cafe(1)
    with store.bulk():
        demo._set_up(store, one, FIRST)
        rhythm = demo_days.play_days(store, clock, one, FIRST, 1 if hour < 5 else 2)
        demo_services.evening_before(store)
        demo._open_today(store, clock, rhythm)
    with store.reading() as conn:
        opened = tables.open_day(conn)
        sold = tables.total(conn, opened["day"], "turnover", "own") if opened else -1
    assert opened is not None and clock.now_ms() <= now
    assert sold > 20_000 if hour < 5 else sold == 0
    store.close()


def test_made_up_days_are_the_same_each_time(tmp_path: Path) -> None:
    """The same café has the same days, whoever tries it."""
    counts = []
    for n in range(2):
        (tmp_path / str(n)).mkdir()
        store = played(tmp_path / str(n), 9)
        counts.append(kinds(store))
        store.close()
    assert counts[0] == counts[1]


def test_a_members_café_sells_to_members_alone(tmp_path: Path) -> None:
    """No sale of the participatory café is anybody's but a member's, suspended coffees apart: they are nobody's."""
    store = played(tmp_path, 9)
    with store.reading() as conn:
        assert rules.in_force(conn, "2026-09-10").access == rules.MEMBERS_ONLY
        sales = [event for event in facts(store) if isinstance(event, SaleCompleted)]
        counted = Counter[str]()
        for n in range(DAYS):
            counted.update(uses.of_day(conn, f"2026-09-{n + 1:02d}"))
    assert len(sales) > 100
    assert [
        sale.no for sale in sales if not sale.member and all(payment.owner != SUSPENDED for payment in sale.payments)
    ] == []
    assert counted["gathering"] > 0
    store.close()


def facts(store: Store) -> list[Event | None]:
    with store.reading() as conn:
        entries = [journal.read_envelope(row.body) for row in journal.entries(conn, store.journals()[0])]
    return [store.types.decode(entry.kind, entry.kv, entry.data) for entry in entries]


def test_three_models_at_least_have_a_month_of_mixed_days() -> None:
    """The demonstration's cafés differ by model, and so by what they offer."""
    offered: dict[str, DemoCafe] = {one.model: one for one in CAFES}
    assert len(offered) >= 4
    assert len({one.services for one in offered.values()}) == len(offered)


def test_bread_comes_goes_back_and_is_stated_in_made_up_days(tmp_path: Path) -> None:
    """Five weeks with a baker: no loaf more than came, each day counted, the month that is over stated and paid."""
    store = played(tmp_path, 1, 33)
    with store.reading() as conn:
        assert bread.identity_faults(conn) == []
        moved = conn.execute(
            "SELECT sum(received), sum(sold), sum(returned), min(on_sale), max(on_sale) FROM consign_lot WHERE owner LIKE 'baker:%'"
        ).fetchone()
        told = bread.statements(conn, "b1")
    received, sold, returned, least, most = moved
    assert least == most == 0 and received == sold + returned
    assert 0.05 < returned / received < 0.35
    assert [row["due"] - row["paid"] for row in told] == [0]
    store.close()
