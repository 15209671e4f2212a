"""Stops of an itinerant café: no sale without one, late sales, one Z each, cups that always add up."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos.clock import StoppedClock, to_ms
from pos.services.tour import _on_closing, _todo, cups, desk, reading, tables
from pos.services.tour import refusals as no
from pos.services.tour.tables import CUP, CUPS_OWNER
from pos.store import Store
from pos.till import catalogue, close, people, refund, sell
from pos.till import refusals as till_no
from pos.till import tables as till
from pos.till.events import OperatorAdded
from pos.till.sell import SoldLine, TakenPayment
from tests.conftest import open_test_store
from tests.kiosk import cafe

DAY = "2026-11-20"
SOFT = SoldLine(product="sirop_a_l_eau")


@pytest.fixture
def van(store: Store) -> Store:
    """A café that travels, its menu, its till open at seven in the morning."""
    return on_the_road(store)


def on_the_road(store: Store) -> Store:
    """Make a store an itinerant café's."""
    with store.writing(by="g1") as tx:
        tx.record(OperatorAdded(op="g1", role="manager"))
        tx.record(OperatorAdded(op="v1", role="seller"))
    catalogue.load_starter(store, by="g1")
    desk.set_up(store, itinerant=True, cup_price=100, by="g1")
    close.open_day(store, 10000, by="g1")
    return store


def planned(store: Store, town: str = "Narcy", commune: str = "52347", on_day: str = DAY) -> str:
    """A stop in a village."""
    return desk.plan_stop(store, on_day=on_day, commune=commune, town=town, place="Cour de l’école", by="g1").stop


def test_the_model_of_the_café_makes_it_travel(store: Store) -> None:
    """An itinerant café is one by its model, until it says otherwise."""
    import msgspec

    people.describe_cafe(store, msgspec.structs.replace(cafe.CAFE, model="itinerant"), by="box")
    with store.reading() as conn:
        assert tables.itinerant(conn, DAY)
    with store.writing(by="g1") as tx:
        tx.record(OperatorAdded(op="g1", role="manager"))
    desk.set_up(store, itinerant=False, by="g1")
    with store.reading() as conn:
        assert not tables.itinerant(conn, DAY)


def test_nothing_is_sold_without_an_open_stop(van: Store) -> None:
    """Refused before, taken during, refused after; a card amount is not even shown."""
    stop = planned(van)
    with pytest.raises(no.NoOpenStop):
        sell.sell(van, lines=[SOFT], by="v1")
    desk.open_stop(van, stop, by="g1")
    sale = sell.sell(van, lines=[SOFT], by="v1").sale
    assert sale is not None and (sale.stop, sale.commune) == (stop, "52347")
    given_back = refund.refund_sale(van, sale.no, reason="mistake", by="g1")
    assert (given_back.stop, given_back.commune) == (stop, "52347")
    desk.close_stop(van, stop, by="g1")
    with pytest.raises(no.NoOpenStop):
        sell.sell(van, lines=[SOFT], by="v1")
    assert van.tables_that_differ() == []


def test_a_sale_forgotten_belongs_to_its_stop(van: Store, clock: StoppedClock) -> None:
    """Typed the next morning beside another village's stop, it keeps the evening's commune."""
    first, second = planned(van), planned(van, "Maurupt-le-Montois", "51358", "2026-11-21")
    desk.open_stop(van, first, by="g1")
    clock.set("2026-11-20T22:00:00+01:00")
    desk.close_stop(van, first, by="g1")
    close.close_day(van, counted=10000, by="g1")
    clock.set("2026-11-21T10:00:00+01:00")
    close.open_day(van, 10000, by="g1")
    desk.open_stop(van, second, by="g1")
    tab = desk.begin_late_sale(van, first, by="g1")
    sell.add_product(van, tab.tab_id, "sirop_a_l_eau", by="g1")
    late = sell.take_payment(van, tab.tab_id, "cash", by="g1").sale
    now = sell.sell(van, lines=[SOFT], by="g1").sale
    assert late is not None and now is not None
    assert (late.stop, late.commune, now.commune) == (first, "52347", "51358")
    with pytest.raises(no.NoOpenStop):
        sell.sell(van, lines=[SOFT], happened_at=to_ms("2026-11-20T03:00:00+01:00"), by="g1")
    with van.reading() as conn:
        assert reading.report(conn, tables.stop(conn, first)).takings == late.total
    assert van.tables_that_differ() == []


def test_each_stop_has_its_own_z(van: Store, clock: StoppedClock) -> None:
    """A second stop waits for the first one's Z; the same evening has a second label."""
    first, second = planned(van), planned(van, "Maurupt-le-Montois", "51358")
    desk.open_stop(van, first, by="g1")
    with pytest.raises(no.ZFirst):
        desk.open_stop(van, second, by="g1")
    desk.close_stop(van, first, by="g1")
    with pytest.raises(no.ZFirst):
        desk.open_stop(van, second, by="g1")
    with pytest.raises(no.ZFirst):
        desk.report_stop(van, first, by="g1")
    close.close_day(van, counted=10000, by="g1")
    desk.report_stop(van, first, by="g1")
    close.open_day(van, 10000, by="g1")
    assert desk.open_stop(van, second, by="g1").day == f"{DAY}.2"


def test_a_stop_nobody_closed_ends_with_its_day(van: Store, clock: StoppedClock) -> None:
    """At the cut-off it closes by itself; its deposits are kept the next day, and are still its own."""
    stop = planned(van)
    desk.open_stop(van, stop, by="g1")
    cups.lend_cups(van, n=3, by="v1")
    with van.reading() as conn:
        assert _on_closing(conn, DAY)[0].grave
    clock.set("2026-11-21T09:00:00+01:00")
    close.open_day(van, 10000, by="g1")
    with van.reading() as conn:
        assert tables.stop(conn, stop)["state"] == "closed"
        assert any("3" in notice.text for notice in _todo(conn, "2026-11-21"))
    assert desk.settle_cups(van, stop, by="g1") == 300
    with van.reading() as conn:
        assert (tables.cups_held(conn), till.third_parties(conn)[CUPS_OWNER]) == (0, 0)
        assert reading.report(conn, tables.stop(conn, stop)).deposits_kept == 300
    with pytest.raises(no.NotThatManyCups):
        desk.settle_cups(van, stop, by="g1")
    assert van.tables_that_differ() == []


def test_the_mayors_authorisation_is_warned_of_and_never_blocks(van: Store) -> None:
    """A stop opens without it; the list of things to do says so until it is noted."""
    stop = planned(van)
    with van.reading() as conn:
        before = len(_todo(conn, DAY))
    desk.note_authorisation(van, stop, "2026-12", by="g1")
    with van.reading() as conn:
        assert len(_todo(conn, DAY)) == before - 1
    assert desk.open_stop(van, stop, by="g1").authorisation == "2026-12"


def test_a_kept_deposit_is_given_back_as_a_deposit(van: Store) -> None:
    """Refunding the ticket of kept cups brings the deposit back, never money."""
    stop = planned(van)
    desk.open_stop(van, stop, by="g1")
    sell.sell(van, lines=[SoldLine(product=CUP, quantity=2000)], by="v1")
    assert desk.close_stop(van, stop, by="g1") == 200
    with van.reading() as conn:
        kept = till.tickets(conn, DAY)[0]["no"]
        assert till.total(conn, DAY, "turnover", "own") == 200
    with pytest.raises(no.CupsAreNoMeans):
        refund.refund_sale(van, kept, reason="mistake", means="cash", by="g1")
    refund.refund_sale(van, kept, reason="mistake", by="g1")
    with van.reading() as conn:
        assert tables.cups_held(conn) * 100 == till.third_parties(conn)[CUPS_OWNER] == 200


def test_refusals_say_what_to_do(van: Store) -> None:
    """Each way to say no, and nothing is written."""
    stop, other = planned(van), planned(van)
    desk.begin_set_up(van, other, by="g1")
    desk.open_stop(van, stop, by="g1")
    cups.lend_cups(van, n=2, by="v1")
    before = van.tip().seq
    refused: list[tuple[type[Exception], Callable[[], Any]]] = [
        (no.BadStop, lambda: planned(van, commune="Narcy")),
        (no.BadStop, lambda: desk.move_stop(van, stop, "rain", " ", by="g1")),
        (no.NoSuchStop, lambda: desk.close_stop(van, "nothing", by="g1")),
        (no.NoSuchTour, lambda: desk.end_tour(van, "nothing", by="g1")),
        (no.NameMissing, lambda: desk.plan_tour(van, " ", by="g1")),
        (no.WrongMoment, lambda: desk.cancel_stop(van, stop, "weather", by="g1")),
        (no.ReasonMissing, lambda: desk.cancel_stop(van, other, "", by="g1")),
        (no.ReasonMissing, lambda: desk.move_stop(van, stop, "", "Salle", by="g1")),
        (no.NotThatManyCups, lambda: cups.take_back_cups(van, n=3, by="v1")),
        (no.NotThatManyCups, lambda: cups.take_back_cups(van, n=0, by="v1")),
        (no.CupsAreOut, lambda: desk.set_up(van, itinerant=True, cup_price=200, by="g1")),
        (no.BadSettings, lambda: desk.set_up(van, itinerant=True, cup_price=5000, by="g1")),
        (till_no.ManagerNeeded, lambda: desk.set_up(van, itinerant=True, by="v1")),
        (no.CupLineWrong, lambda: sell.sell(van, lines=[SoldLine(product=CUP, price=50)], by="v1")),
        (no.CupsAreNoMeans, lambda: sell.sell(van, lines=[SOFT], payments=[TakenPayment(means="cups")], by="v1")),
        (no.NotACount, lambda: desk.count_entry(van, stop, n=-1, by="v1")),
    ]
    for refusal, act in refused:
        with pytest.raises(refusal) as caught:
            act()
        assert caught.value.what() and caught.value.how()  # type: ignore[attr-defined]
    assert van.tip().seq == before
    cups.take_back_cups(van, n=2, by="v1")
    desk.set_up(van, itinerant=True, by="g1")
    with pytest.raises(no.NoCups):
        cups.lend_cups(van, by="v1")


@settings(max_examples=20, deadline=None)
@given(
    moves=st.lists(
        st.tuples(st.sampled_from(["bill", "cash", "back", "refund", "close"]), st.integers(1, 6)), max_size=14
    )
)
def test_deposits_held_are_cups_out_less_cups_back(
    moves: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever is lent, returned, refunded or kept: the deposits held are the cups still out, at their price."""
    clock = StoppedClock("2026-11-20T17:00:00+01:00")
    store = on_the_road(open_test_store(tmp_path_factory.mktemp("van") / "cafe.db", clock))
    stop = planned(store)
    desk.open_stop(store, stop, by="g1")
    tickets: list[int] = []
    for what, n in moves:
        try:
            if what == "bill":
                sale = sell.sell(store, lines=[SoldLine(product=CUP, quantity=n * 1000)], by="v1").sale
                tickets.append(sale.no if sale else 0)
            elif what == "cash":
                cups.lend_cups(store, n=n, by="v1")
            elif what == "back":
                cups.take_back_cups(store, n=n, by="v1")
            elif what == "refund" and tickets:
                refund.refund_sale(store, tickets.pop(), reason="returned", by="g1")
            elif what == "close":
                desk.close_stop(store, stop, by="g1")
        except (no.NoOpenStop, no.NotThatManyCups, no.WrongMoment):
            pass
        with store.reading() as conn:
            went, came, kept = tables.cups(conn)
            assert till.third_parties(conn).get(CUPS_OWNER, 0) == (went - came - kept) * 100 >= 0
            assert till.drawer_expected(conn, DAY) == 10000 + (went - came) * 100
    assert store.tables_that_differ() == []
    store.close()


@pytest.mark.parametrize(("kept_vat", "vat"), [("", {}), ("service", {"2000": 33})])
def test_vat_on_kept_deposits_follows_the_setting_of_the_day(van: Store, kept_vat: str, vat: dict[str, int]) -> None:
    """Turnover either way; with VAT at 20 % from the day the accountant said so, outside VAT before (B.16, S4)."""
    desk.set_up(van, itinerant=True, cup_price=100, kept_vat=kept_vat, by="g1")
    stop = planned(van)
    desk.open_stop(van, stop, by="g1")
    sell.sell(van, lines=[SoldLine(product=CUP, quantity=2000)], by="v1")
    assert desk.close_stop(van, stop, by="g1") == 200
    with van.reading() as conn:
        assert till.total(conn, DAY, "turnover", "own") == 200
        told = {bp: gross - net for bp, (gross, net, _n) in till.totals(conn, DAY, "vat").items() if gross != net}
        assert reading.report(conn, tables.stop(conn, stop)).deposits_kept == 200
    assert told == vat
    with pytest.raises(no.BadSettings):
        desk.set_up(van, itinerant=True, cup_price=100, kept_vat="alcohol", by="g1")
    assert van.tables_that_differ() == []
