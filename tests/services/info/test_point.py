"""Information point: one tap is one use, leaflets, tickets sold for others and their money."""

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pos.services.info import desk, reading
from pos.services.info import refusals as no
from pos.store import Store
from pos.till import refusals as till_no
from pos.till import sell, uses
from pos.till import tables as till
from pos.till.refund import refund_sale
from tests.services.info.conftest import BY, DAY

HX = {"HX-Request": "true"}


def counted(cafe: Store) -> dict[str, int]:
    """Return the day's uses."""
    with cafe.reading() as conn:
        return uses.of_day(conn, DAY)


def test_one_tap_is_one_use_of_its_service(cafe: Store) -> None:
    """Tourism counts as tourism, every other theme as information; a tap too many is taken back."""
    for theme in ("townhall", "health", "tourism", "tourism"):
        desk.answer(cafe, theme, **BY)
    assert counted(cafe) == {"info": 2, "tourism": 2}
    desk.undo(cafe, **BY)
    assert counted(cafe) == {"info": 2, "tourism": 1}
    with pytest.raises(no.NotATopic):
        desk.answer(cafe, "gossip", **BY)
    assert cafe.tables_that_differ() == []


def test_there_may_be_nothing_to_take_back(cafe: Store) -> None:
    """Only a tap of today, and once."""
    with pytest.raises(no.NothingToUndo):
        desk.undo(cafe, **BY)
    tap = desk.answer(cafe, "other", **BY).answer
    desk.undo(cafe, tap, **BY)
    with pytest.raises(no.NothingToUndo):
        desk.undo(cafe, tap, **BY)


def test_a_leaflet_counts_and_leaves_the_stand(cafe: Store) -> None:
    """Handed over it is a use of its theme and one copy fewer; below the alert more are asked for."""
    leaflet = desk.list_leaflet(cafe, label="Circuit des moulins", low=2, copies=3, **BY)
    tap = desk.give_leaflet(cafe, leaflet, **BY)
    assert counted(cafe) == {"tourism": 1}
    with cafe.reading() as conn:
        assert [row["copies"] for row in reading.low(conn)] == [2]
    desk.undo(cafe, tap.answer, **BY)
    with cafe.reading() as conn:
        assert reading.leaflet(conn, leaflet)["copies"] == 3
    desk.count_leaflets(cafe, leaflet, 40, **BY)
    with cafe.reading() as conn:
        assert reading.low(conn) == []


def test_a_wrong_leaflet_is_refused(cafe: Store) -> None:
    """Without title, with too many copies, unknown or removed."""
    with pytest.raises(no.NotALeaflet):
        desk.list_leaflet(cafe, label=" ", **BY)
    leaflet = desk.list_leaflet(cafe, label="Plan", **BY)
    with pytest.raises(no.NotALeaflet):
        desk.count_leaflets(cafe, leaflet, 99_999, **BY)
    with pytest.raises(no.NoSuchLeaflet):
        desk.give_leaflet(cafe, "nowhere", **BY)
    desk.list_leaflet(cafe, label="Plan", leaflet=leaflet, in_use=False, **BY)
    with pytest.raises(no.NoSuchLeaflet):
        desk.give_leaflet(cafe, leaflet, **BY)


def test_a_ticket_of_others_is_their_money(cafe: Store) -> None:
    """Two castle tickets: no turnover, a debt; the statement keeps 5 % and hands the rest over; a use of tourism."""
    product = desk.list_ticket(cafe, label="Château adulte", price=800, owner="Château", commission_bp=500, **BY)
    tab = sell.add_product(cafe, "t-0001", product, quantity=2000, **BY)
    sell.take_payment(cafe, tab.tab_id, "cash", **BY)
    assert counted(cafe) == {"tourism": 1}
    with cafe.reading() as conn:
        assert till.total(conn, DAY, "turnover", "own") == 0
        assert till.third_parties(conn) == {"ticket:chateau": 1_600}
    told = desk.hand_over(cafe, "ticket:chateau", means="cash", **BY)
    assert (told.sold, told.commission, told.due) == (1_600, 80, 1_520)
    with cafe.reading() as conn:
        assert till.third_parties(conn)["ticket:chateau"] == 0
        assert till.drawer_expected(conn, DAY) == 10_080
    with pytest.raises(no.NothingToHand):
        desk.hand_over(cafe, "ticket:chateau", **BY)
    assert cafe.tables_that_differ() == []


def test_a_refunded_ticket_is_taken_off(cafe: Store) -> None:
    """Given back before the statement it is neither owed nor a use."""
    product = desk.list_ticket(cafe, label="Car", price=300, owner="Région", **BY)
    sell.add_product(cafe, "t-0002", product, **BY)
    sale = sell.take_payment(cafe, "t-0002", "cash", **BY).sale
    assert sale is not None
    refund_sale(cafe, sale.no, reason="mistake", **BY)
    assert counted(cafe) == {}
    with pytest.raises(no.NothingToHand):
        desk.hand_over(cafe, "ticket:region", **BY)


def test_a_wrong_ticket_is_refused(cafe: Store) -> None:
    """No name, no owner, a commission above the whole, a seller's hand, an unknown means."""
    for wrong in ({"label": ""}, {"owner": " "}, {"commission_bp": 10_001}, {"price": 0}, {"valid_from": "soon"}):
        with pytest.raises(no.NotATicket):
            desk.list_ticket(cafe, **{"label": "Car", "price": 300, "owner": "Région", **wrong}, **BY)
    with pytest.raises(till_no.ManagerNeeded):
        desk.list_ticket(cafe, label="Car", price=300, owner="Région", by="v1")
    product = desk.list_ticket(cafe, label="Car", price=300, owner="Région", **BY)
    sell.add_product(cafe, "t-0003", product, **BY)
    sell.take_payment(cafe, "t-0003", "cash", **BY)
    with pytest.raises(till_no.NoSuchMeans):
        desk.hand_over(cafe, "ticket:region", means="chickens", **BY)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pieces=st.lists(st.integers(1, 5), min_size=1, max_size=4), price=st.integers(1, 900), rate=st.integers(0, 10_000)
)
def test_what_is_stated_adds_up(cafe: Store, pieces: list[int], price: int, rate: int) -> None:
    """Sold = commission + handed over, and after each statement nothing of the owner's is left in the till."""
    product = desk.list_ticket(cafe, label="Visite", price=price, owner="Moulin", commission_bp=rate, **BY)
    with cafe.reading() as conn:
        before = till.drawer_expected(conn, DAY)
    for n in pieces:
        tab = sell.add_product(cafe, "", product, quantity=n * 1000, **BY)
        sell.take_payment(cafe, tab.tab_id, "cash", **BY)
    told = desk.hand_over(cafe, "ticket:moulin", means="cash", **BY)
    assert told.sold == told.commission + told.due == sum(pieces) * price
    with cafe.reading() as conn:
        assert till.third_parties(conn)["ticket:moulin"] == 0
        assert till.drawer_expected(conn, DAY) == before + told.commission


def test_one_tap_on_the_screen_counts(cafe: Store, screen: FlaskClient) -> None:
    """The key counts at once, shows how many, and its row takes it back; a tired finger counts once."""
    assert "Mairie" in screen.get("/info").text
    for _twice in range(2):
        told = screen.post("/info/answer/townhall", data={"attempt": "tap-0001"}, headers=HX)
    assert counted(cafe) == {"info": 1}
    undo = told.text.split("/info/undo/")[1].split('"')[0]
    screen.post(f"/info/undo/{undo}", data={"attempt": "tap-0002"}, headers=HX)
    assert counted(cafe) == {}


def test_the_stand_is_kept_from_the_screen(cafe: Store, screen: FlaskClient) -> None:
    """A leaflet and a ticket are entered, handed over and sold from their keys; the money is handed over."""
    screen.post(
        "/info/stand",
        data={"label": "Plan", "theme": "tourism", "copies": "9", "low": "10", "attempt": "tap-0003"},
        headers=HX,
    )
    screen.post(
        "/info/tickets",
        data={"label": "Car", "price": "3,00", "owner": "Région", "commission": "5", "attempt": "tap-0004"},
        headers=HX,
    )
    page = screen.get("/info").text
    leaflet = page.split("/info/leaflet/")[1].split('"')[0]
    assert "Dépliant remis" in screen.post(f"/info/leaflet/{leaflet}", data={"attempt": "tap-0005"}, headers=HX).text
    gone = screen.post("/info/ticket/ticket_car", data={"attempt": "tap-0006"}, headers=HX)
    assert gone.headers["HX-Redirect"] == "/"
    screen.post("/bill/pay/cash", data={"attempt": "tap-0007"}, headers=HX)
    assert "2,85" in screen.get("/info/stand").text
    screen.post("/info/hand-over/ticket:region/cash", data={"attempt": "tap-0008"}, headers=HX)
    with cafe.reading() as conn:
        assert till.third_parties(conn)["ticket:region"] == 0
    assert screen.get("/info/month/2026-04").status_code == 200
    screen.post("/info/count/info", data={"total": "4", "attempt": "tap-0009"}, headers=HX)
    assert counted(cafe)["info"] == 4
