"""The board asks as much of four bags as of four hundred, and lets them all go at once."""

import pytest

from kiosk.app import create_app
from pos.services import bread
from pos.services.bread import desk, orders, pictures, reading
from tests.kiosk import cafe
from tests.services.bread.conftest import BY, TODAY, TOMORROW, agree, loaves


@pytest.fixture
def kiosk(tmp_path, clock):
    kiosk = cafe.open_cafe(tmp_path, clock)
    agree(kiosk.store)
    yield kiosk
    kiosk.store.close()


def order(store, first, after, day=TODAY):
    """Bags set aside, one for each customer."""
    with store.bulk():
        for n in range(first, after):
            orders.place_order(store, loaves(boule=1, tradition=1), for_day=day, late=True, name=f"Client {n}", by=BY)
        if day == TODAY:
            desk.set_aside(store, by=BY)


def asked(store):
    """How many questions the board asks."""
    seen = []
    with store.reading() as conn:
        conn.set_trace_callback(seen.append)
        try:
            pictures.board(conn, TODAY, store.clock.now_ms())
        finally:
            conn.set_trace_callback(None)
    return len(seen)


def test_a_bag_whose_name_did_not_come_back_waits_by_its_number(kiosk):
    """After a restore from HQ there are no names: the bag is said by the number on the board."""
    order(kiosk.store, 1, 3)
    with kiosk.store.reading() as conn:
        assert [one.text for one in bread._todo(conn, TODAY)] == [
            "Le sac de Client 1 attend",
            "Le sac de Client 2 attend",
        ]
    with kiosk.store.writing(by=BY) as tx:
        tx.conn.execute("DELETE FROM private_person")
    with kiosk.store.reading() as conn:
        assert [one.text for one in bread._todo(conn, TODAY)] == ["Le sac 1 attend", "Le sac 2 attend"]


def test_the_board_asks_no_more_of_many_bags(kiosk):
    """The number of questions does not grow with the bags, waiting, ready or late."""
    store = kiosk.store
    order(store, 1, 4)
    few = asked(store)
    order(store, 4, 60)
    order(store, 60, 70, TOMORROW)
    assert asked(store) == few
    store.clock.set("2026-11-20T12:30:00+01:00")
    with store.reading() as conn:
        assert pictures.board(conn, TODAY, store.clock.now_ms()).unclaimed_n == 59
    assert asked(store) == few


def test_many_unclaimed_bags_go_back_on_sale_in_one_tap(kiosk):
    """Two dozen are shown, the others counted; one key sells them all again."""
    order(kiosk.store, 1, 31)
    kiosk.store.clock.set("2026-11-20T12:30:00+01:00")
    client = create_app(kiosk).test_client()
    client.post("/sign-in", data={"op": cafe.MANAGER, "pin": cafe.MANAGER_PIN, "back": "/"})
    page = client.get("/bread").get_data(as_text=True)
    assert page.count('class="bag left"') == 25
    assert "et 6 autres" in page
    told = client.post("/bread/release", data={}, headers={"HX-Request": "true"}).get_data(as_text=True)
    assert 'id="late-all"' not in told
    with kiosk.store.reading() as conn:
        assert len(reading.orders(conn, TODAY, ("unclaimed",))) == 30
