"""The depot's screens over HTTP: every form does its act, every refusal is a French sentence."""

import pytest

from kiosk.app import create_app
from pos.services.bread import desk, orders, pictures, reading, slips
from pos.services.bread.bags import order_row
from pos.slips import as_text
from pos.till import sell
from pos.till import tables as till
from tests.kiosk import cafe
from tests.services.bread.conftest import BOULE, BY, TODAY, TOMORROW, TRADITION, agree, came, loaves


@pytest.fixture
def kiosk(tmp_path, clock):
    kiosk = cafe.open_cafe(tmp_path, clock)
    yield kiosk
    kiosk.store.close()


@pytest.fixture
def client(kiosk):
    """The manager at the counter."""
    client = create_app(kiosk).test_client()
    client.post("/sign-in", data={"op": cafe.MANAGER, "pin": cafe.MANAGER_PIN, "back": "/"})
    return client


def tap(client, url, **data):
    """A tap, as htmx sends it."""
    return client.post(url, data=data, headers={"HX-Request": "true"})


def test_a_café_without_a_baker_meets_its_baker_first(client, kiosk):
    """Name, terms, breads, needs: from nothing to the first order."""
    assert client.get("/bread").headers["Location"].endswith("/bread/bakers")
    assert client.get("/bread/delivery").status_code == 303
    there = tap(client, "/bread/bakers", name="M. Aubry", phone="0471").headers["HX-Redirect"]
    assert there.endswith("/bread/baker/b1")
    tap(client, "/bread/baker/b1/article", article=BOULE, price="2,40")
    tap(client, "/bread/baker/b1/article", article=TRADITION)
    terms = {
        "mode": "on_behalf", "commission": "12,5", "unsold": "capped", "cap": "15", "period": "day", "cut_off": "18:00",
        "release": "12:30", "unclaimed": "free", "weekdays": ["0", "5"],
    }  # fmt: skip
    assert tap(client, "/bread/baker/b1/contract", **terms).status_code == 204
    assert (
        tap(client, "/bread/baker/b1/needs", weekday="5", **{f"q-{BOULE}": "4", f"q-{TRADITION}": "20"}).status_code
        == 204
    )
    tap(client, "/bread/baker/b1/drop/" + TRADITION)
    tap(client, "/bread/baker/b1/who", name="Mme Aubry", phone="")
    with kiosk.store.reading() as conn:
        contract = reading.contract_on(conn, "b1", TODAY)
        assert (contract["commission_bp"], contract["unsold_cap_bp"], contract["weekdays"]) == (1250, 1500, "05")
        assert till.product(conn, BOULE)["owner"] == "baker:b1"
        assert till.product(conn, TRADITION)["owner"] == ""
    page = client.get("/bread").get_data(as_text=True)
    assert "Mme Aubry" in page
    wrong = tap(client, "/bread/baker/b1/contract", **{**terms, "commission": "beaucoup"})
    assert wrong.status_code == 422
    assert "ne convient pas" in wrong.get_data(as_text=True)


def test_the_weekday_without_bread_is_set_and_lifted(client, kiosk):
    """The prefect's order, by its number."""
    agree(kiosk.store)
    tap(client, "/bread/closing", weekday="4", order_no="2019-114")
    assert "2019-114" in client.get("/bread").get_data(as_text=True)
    tap(client, "/bread/closing", weekday="-1")
    assert "2019-114" not in client.get("/bread").get_data(as_text=True)


def test_customers_are_found_paused_and_ended(client, kiosk):
    """A regular: every Saturday, away for a while, back, no more."""
    agree(kiosk.store)
    tap(client, "/bread/save", name="Mme Noël", day=TOMORROW, weekly="1", **{f"q-{BOULE}~": "1", f"q-{TRADITION}": "2"})
    with kiosk.store.reading() as conn:
        (due,) = reading.standing_due(conn, TOMORROW)
        assert [line["sliced"] for line in reading.standing_lines(conn, due["standing"])] == [1, 0]
    person, standing = due["person"], due["standing"]
    assert "Mme Noël" in client.get("/bread/people?q=noel").get_data(as_text=True)
    assert "tranché" in client.get(f"/bread/order/{standing}@{TOMORROW}").get_data(as_text=True)
    assert "tranché" in client.get(f"/bread/new?order={standing}@{TOMORROW}").get_data(as_text=True)
    assert client.get(f"/bread/new?standing={standing}").status_code == 200
    tap(client, f"/bread/person/{person}/pause", from_day=TODAY, to_day=TOMORROW)
    with kiosk.store.reading() as conn:
        (pause,) = reading.pauses_of(conn, person, TODAY)
        assert reading.standing_due(conn, TOMORROW) == []
    assert "du vendredi 20" in client.get(f"/bread/person/{person}").get_data(as_text=True)
    tap(client, f"/bread/person/{person}/resume/{pause['pause']}")
    tap(client, f"/bread/person/{person}/end/{standing}")
    with kiosk.store.reading() as conn:
        assert reading.standings_of(conn, person, TODAY) == []
    assert client.get("/bread/person/nobody").status_code == 303


def test_an_order_is_taken_changed_kept_released_and_cancelled(client, kiosk):
    """Every key of an order's page."""
    agree(kiosk.store)
    tap(client, "/bread/save", name="<b>O'Neil</b> 🥖", day=TOMORROW, **{f"q-{BOULE}": "2"})
    page = client.get("/bread/order/1").get_data(as_text=True)
    assert "&lt;b&gt;O&#39;Neil&lt;/b&gt;" in page
    tap(client, "/bread/save", order="1", day=TOMORROW, **{f"q-{BOULE}": "1"})
    tap(client, "/bread/order/1/keep", until=TOMORROW)
    tap(client, "/bread/tell", baker="b1", day=TOMORROW)
    tap(client, "/bread/print/request", baker="b1")
    tap(client, "/bread/print/labels", order="1")
    assert tap(client, "/bread/order/1/cancel", late="1").status_code == 204
    gone = tap(client, "/bread/order/1/bill")
    assert gone.status_code == 422
    assert "Ce sac n’est plus là" in gone.get_data(as_text=True)
    assert client.get("/bread/order/99").status_code == 303
    assert "Annulée" in client.get("/bread/order/1").get_data(as_text=True)
    assert client.get(f"/bread/orders?day={TOMORROW}").status_code == 200
    assert client.get("/bread/orders?day=nonsense").status_code == 200


def test_a_bag_paid_ahead_and_released_free_says_which_ticket_to_refund(client, kiosk):
    """The contract does not charge it: the clerk is told what to give back."""
    agree(kiosk.store, unclaimed="free")
    orders.place_order(kiosk.store, loaves(boule=1), for_day=TODAY, late=True, name="M. Roche", by=BY)
    tap(client, "/bread/order/1/prepay")
    with kiosk.store.reading() as conn:
        (tab,) = sell.open_tabs(conn)
    sell.take_payment(kiosk.store, tab.tab_id, "cash", by=BY)
    told = tap(client, "/bread/release", order="1").get_data(as_text=True)
    assert "À rembourser" in told
    assert "2,40" in told


def test_the_day_is_counted_by_its_forms(client, kiosk):
    """Delivery, correction, fallen bread, customers, unsold, statement, payment."""
    agree(kiosk.store)
    store = kiosk.store
    tap(client, "/bread/delivery", baker="b1", note_no="BL 12", **{f"q-{BOULE}": "10", f"q-{TRADITION}": "0,5"})
    tap(client, f"/bread/delivery/1/{BOULE}", fixed="9")
    assert (
        client.get("/bread/order/1/open", headers={"HX-Request": "true"})
        .headers["HX-Redirect"]
        .endswith("/bread/order/1")
    )
    tap(client, "/bread/withdraw", article=BOULE, reason="staff")
    tap(client, "/bread/customers", customers="12", day=TODAY)
    wrong = tap(client, "/bread/unsold/count", day=TODAY, **{f"q-{BOULE}": "beaucoup"})
    assert wrong.status_code == 422
    tap(client, "/bread/unsold/count", day=TODAY, **{f"q-{BOULE}": "8", f"q-{TRADITION}": "0,5"})
    assert "8" in client.get("/bread/unsold").get_data(as_text=True)
    tap(client, "/bread/unsold/donated", day=TODAY, **{f"q-{BOULE}": "8", f"q-{TRADITION}": "0,5"})
    with store.reading() as conn:
        assert (reading.quantities(conn, TODAY, "donated")[BOULE], reading.identity_faults(conn)) == (8000, [])
    assert tap(client, "/bread/baker/b1/account").status_code == 204
    tap(client, "/bread/baker/b1/statement/1/print")
    assert tap(client, "/bread/baker/b1/statement/9/print").headers["HX-Redirect"].endswith("/bread")
    # Nothing was sold: the loaf the staff ate is what the baker is owed.
    assert tap(client, "/bread/baker/b1/statement/1/pay", means="cash").status_code == 204
    assert "déjà payé" in tap(client, "/bread/baker/b1/statement/1/pay", means="cash").get_data(as_text=True)
    assert client.get("/bread/baker/b9").status_code == 303
    for path in ("/bread/baker/b9/account", "/bread/baker/b9/needs"):
        assert client.get(path).status_code == 303


def test_the_board_shows_each_bag_in_its_state(client, kiosk, clock):
    """To prepare, set aside, unclaimed, handed over; the reserved bread of a bill."""
    from pos.services.bread import day

    store = kiosk.store
    agree(store)
    day.receive_delivery(store, "b1", came(boule=3, tradition=5), by=BY)
    for name in ("Mme Aubert", "M. Besnard"):
        orders.place_order(store, loaves(boule=1), for_day=TODAY, name=name, by=BY)
    assert "À préparer" in client.get("/bread").get_data(as_text=True)
    assert "2 sacs mis de côté" in tap(client, "/bread/set-aside").get_data(as_text=True)
    assert tap(client, "/bread/set-aside").status_code == 422
    assert tap(client, "/bread/order/1/bill").headers["HX-Redirect"] == "/"
    refused = tap(client, "/bread/order/1/hand-over")
    assert refused.status_code == 422
    clock.set("2026-11-20T12:10:00+01:00")
    client.post("/sign-in", data={"op": cafe.MANAGER, "pin": cafe.MANAGER_PIN, "back": "/"})
    assert "Non réclamés" in client.get("/bread").get_data(as_text=True)
    tap(client, "/bread/release", order="2")
    with store.reading() as conn:
        assert order_row(conn, "2")["state"] == "unclaimed"
    assert client.get("/bread/order/2").status_code == 200


def test_a_forgotten_customer_is_a_bag_number(client, kiosk):
    """After the date to forget, the bag is still a bag."""
    from pos import private

    agree(kiosk.store)
    placed = orders.place_order(kiosk.store, loaves(boule=1), for_day=TODAY, late=True, name="M. Roche", by=BY)
    with kiosk.store.writing(by=BY) as tx:
        private.forget(tx.conn, placed.person)
        private.forget(tx.conn, "bread-b1")
    page = client.get("/bread").get_data(as_text=True)
    assert "Sac 1" in page
    assert "Boulanger n°\u00a01" in page


@pytest.mark.parametrize("width", [48, 42, 32])
def test_papers_fit_every_roll(client, kiosk, width):
    """Order, labels, statement: no row is wider than the paper, and each says what it must."""
    from pos.services.bread import day, statements

    store = kiosk.store
    agree(store)
    day.receive_delivery(store, "b1", came(boule=3), by=BY)
    orders.place_order(store, loaves(boule=1), for_day=TODAY, name="Mme Aubert", by=BY)
    orders.place_order(store, loaves(boule=2), for_day=TOMORROW, name="Mme Aubert", by=BY)
    desk.bill_order(store, "1", "t1", by=BY)
    sell.take_payment(store, "t1", "cash", by=BY)
    day.count_unsold(store, loaves(boule=2), by=BY)
    day.settle_unsold(store, "returned", by=BY)
    stated = statements.close_statement(store, "b1", deduction=10, by=BY)
    with store.reading() as conn:
        told = pictures.telling(conn, "b1", store.clock.now_ms(), TODAY)
        bag = pictures.bag(conn, order_row(conn, "2"))
    papers = [
        slips.request_slip(told, "Café"),
        slips.labels([bag, bag]),
        slips.statement_slip(stated, "M. Aubry", "Café"),
    ]
    for paper in papers:
        assert max(len(row) for row in as_text(paper, width).splitlines()) <= width
    assert "ZB-2" in as_text(papers[1], width)
    assert "Mme Aubert" not in as_text(papers[0], width) + as_text(papers[2], width)
    assert "1,87" in as_text(papers[2], width)  # 2.40 − 0.43 − 0.10
