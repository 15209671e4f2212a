"""The grocery's screens through the real application."""

import pytest
from flask.testing import FlaskClient

from pos.engines import stock
from pos.services.grocery import dates, desk, reading
from pos.services.grocery.producers import Deposited
from pos.store import Store
from pos.till import sell
from tests.services.grocery.conftest import BY, EGGS, HONEY, MILK, POTATOES, YOGURT, at, with_key

HX = {"HX-Request": "true"}
PAGES = [
    "",
    f"/weigh/{POTATOES}",
    "/delivery",
    "/stock",
    "/dates",
    "/orders",
    "/articles",
    f"/article/{MILK}",
    "/producers",
    "/producer/p1",
    "/month/2026-10",
]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_drawn_in_french(screen: FlaskClient, shop: Store, page: str) -> None:
    """Each page has its words, empty and filled."""
    assert screen.get(f"/grocery{page}").status_code == 200
    desk.receive_delivery(
        shop, "s1", [stock.Received(product=YOGURT, quantity=4000, cost=90, use_by="2026-10-02")], **BY
    )
    desk.take_deposit(shop, "p1", [Deposited(product=HONEY, quantity=4000, use_by="2026-10-03")], **BY)
    stock.follow(shop, EGGS, minimum=3000, supplier="s2", **BY)
    sell.sell(shop, lines=[sell.SoldLine(product=HONEY)], **BY)
    desk.close_statement(shop, "p1", **BY)
    told = screen.get(f"/grocery{page}")
    assert told.status_code == 200
    assert "picerie" in told.text


def test_unknown_things_are_not_found(screen: FlaskClient) -> None:
    """An article, a producer, a label or a month that is not."""
    for page in ("/weigh/x", "/article/x", "/producer/p9", "/label/2112345015002", "/month/2026-99"):
        assert screen.get(f"/grocery{page}").status_code == 404
    assert screen.post("/grocery/article/x/label", data={"attempt": "tap-0000"}, headers=HX).status_code == 404


def test_a_weight_is_a_tile_and_its_grams(screen: FlaskClient, shop: Store) -> None:
    """Touch, grams, and the bill is next; a label of the scale goes there too."""
    gone = screen.post(f"/grocery/weigh/{POTATOES}", data={"grams": "1234", "attempt": "tap-0001"}, headers=HX)
    assert gone.headers["HX-Redirect"] == "/"
    screen.post(
        "/grocery/pattern",
        data={"prefix": "21", "item_digits": "5", "value_digits": "5", "value": "weight", "attempt": "tap-0002"},
        headers=HX,
    )
    code = with_key("210001201500")
    assert "1,5" in screen.get(f"/grocery/label/{code}").text
    screen.post(f"/grocery/label/{code}", data={"attempt": "tap-0003"}, headers=HX)
    with shop.reading() as conn:
        assert sum(tab.total for tab in sell.open_tabs(conn)) == 234 + 285


def test_a_delivery_above_the_cap_is_asked_once(screen: FlaskClient, shop: Store) -> None:
    """The same form comes back with its figures, and one more tap takes it in."""
    form = {"supplier": "s1", f"q:{MILK}": "6", f"c:{MILK}": "0,95", f"d:{MILK}": "2026-12-01"}
    asked = screen.post("/grocery/delivery", data={**form, "attempt": "tap-0010"}, headers=HX)
    assert 'name="above_cap" value="1"' in asked.text and 'value="0,95"' in asked.text
    done = screen.post("/grocery/delivery", data={**form, "above_cap": "1", "attempt": "tap-0011"}, headers=HX)
    assert done.headers["HX-Redirect"] == "/grocery"
    assert "0,95" in screen.get("/grocery/month/2026-10").text
    screen.post("/grocery/supplier", data={"name": "Maraîcher", "local": "1", "attempt": "tap-0012"}, headers=HX)
    assert "Maraîcher" in screen.get("/grocery/delivery").text
    assert (
        screen.post("/grocery/delivery/scan", data={"code": "1", "attempt": "tap-0013"}, headers=HX).status_code == 422
    )


def test_stock_is_counted_written_off_and_ordered(screen: FlaskClient, shop: Store) -> None:
    """Differences are told; losses have a reason; the order is printed once."""
    screen.post(
        f"/grocery/article/{EGGS}/follow",
        data={"minimum": "5", "order": "12", "supplier": "s2", "attempt": "tap-0020"},
        headers=HX,
    )
    screen.post("/grocery/stock", data={f"n:{EGGS}": "4", "attempt": "tap-0021"}, headers=HX)
    screen.post(
        "/grocery/lose", data={"product": EGGS, "quantity": "1", "reason": "broken", "attempt": "tap-0022"}, headers=HX
    )
    screen.post("/grocery/order", data={"supplier": "s2", "attempt": "tap-0023"}, headers=HX)
    screen.post(f"/grocery/article/{EGGS}/label", data={"attempt": "tap-0024"}, headers=HX)
    with shop.reading() as conn:
        assert stock.item(conn, EGGS)["on_hand"] == 3000  # type: ignore[index]
        assert reading.to_order(conn) == {}
        assert conn.execute("SELECT count(*) FROM draft_print").fetchone()[0] == 2
    assert screen.post("/grocery/stock", data={"attempt": "tap-0025"}, headers=HX).status_code == 422


def test_dates_are_cleared_in_one_tap(screen: FlaskClient, shop: Store) -> None:
    """Past its date: off the shelf; near it: marked down, then back."""
    desk.receive_delivery(shop, "s1", [stock.Received(product=MILK, quantity=4000, cost=80, use_by="2026-10-03")], **BY)
    screen.post(f"/grocery/markdown/{MILK}", data={"price": "0,88", "attempt": "tap-0030"}, headers=HX)
    with shop.reading() as conn:
        assert dates.markdown(conn, MILK)["price"] == 88  # type: ignore[index]
    screen.post(f"/grocery/markdown/{MILK}", data={"lift": "1", "attempt": "tap-0031"}, headers=HX)
    desk.receive_delivery(
        shop, "s1", [stock.Received(product=YOGURT, quantity=4000, cost=80, use_by="2026-10-01")], **BY
    )
    at(shop, "2026-10-02T05:30:00+02:00")
    assert "tirer du rayon" in screen.get("/grocery/dates").text
    screen.post(f"/grocery/withdraw/{YOGURT}", data={"attempt": "tap-0032"}, headers=HX)
    with shop.reading() as conn:
        assert dates.all_expired(conn, "2026-10-02") == []


def test_a_producer_is_followed_from_contract_to_payment(screen: FlaskClient, shop: Store) -> None:
    """Contract, deposit, statement printed as the bill, payment: all on the screens."""
    made = screen.post(
        "/grocery/producers",
        data={
            "name": "Maison Exemple",
            "commission": "20,00",
            "minimum": "0",
            "local": "1",
            "self_billing": "1",
            "products": EGGS,
            "attempt": "tap-0040",
        },
        headers=HX,
    )
    assert made.headers["HX-Redirect"] == "/grocery/producer/p2"
    screen.post(
        "/grocery/producer/p2/deposit", data={"product": EGGS, "quantity": "6", "attempt": "tap-0041"}, headers=HX
    )
    screen.post("/grocery/producer/p2/back", data={"product": EGGS, "quantity": "1", "attempt": "tap-0042"}, headers=HX)
    screen.post("/grocery/producer/p2/lose", data={"product": EGGS, "quantity": "1", "attempt": "tap-0043"}, headers=HX)
    sell.sell(shop, lines=[sell.SoldLine(product=EGGS)], **BY)
    screen.post("/grocery/statement/p2", data={"attempt": "tap-0044"}, headers=HX)
    screen.post("/grocery/pay/p2", data={"means": "transfer", "attempt": "tap-0045"}, headers=HX)
    with shop.reading() as conn:
        assert reading.owed(conn)["p2"] == 0
        assert reading.local(conn, "2026")[1] == 192
    screen.post(
        f"/grocery/article/{MILK}",
        data={"content": "1000", "content_unit": "ml", "dates": "ddm", "attempt": "tap-0046"},
        headers=HX,
    )
    screen.post("/grocery/list", data={"attempt": "tap-0047"}, headers=HX)
    screen.post("/grocery/count", data={"total": "4", "attempt": "tap-0048"}, headers=HX)


def test_a_producer_whose_name_did_not_come_back_has_a_number_in_words_and_takes_a_name(
    screen: FlaskClient, shop: Store
) -> None:
    """On a new box names are gone: never « p1 »; the name is typed on its page, and no contract keeps the number as one."""
    with shop.writing(by="box") as tx:
        tx.conn.execute("DELETE FROM private_person WHERE purpose = 'partners'")
    page = screen.get("/grocery/producer/p1").text
    assert "<h1>Producteur n°\u00a01, nom à saisir" in page.replace(' class="sign"', "")
    assert "Producteur n°\u00a01, nom à saisir" in screen.get("/grocery/producers").text
    assert "Mettre sous le contrat" not in page
    before = shop.tip().seq
    typed = {"name": "Rucher Essai", "attempt": "tap-0060"}
    for _tap in range(2):
        assert screen.post("/grocery/producer/p1/name", data=typed, headers=HX).status_code == 204
    assert shop.tip().seq == before
    assert "Rucher Essai" in screen.get("/grocery/producer/p1").text
    assert screen.post("/grocery/producer/p9/name", data=typed | {"attempt": "tap-0061"}, headers=HX).status_code == 422


def test_a_supplier_whose_name_did_not_come_back_takes_it_again(screen: FlaskClient, shop: Store) -> None:
    """Said by number in words; typed again on the deliveries' page, the same supplier has a name, local as before."""
    with shop.writing(by="box") as tx:
        tx.conn.execute("DELETE FROM private_person WHERE purpose = 'partners'")
    assert "Fournisseur n°\u00a02, nom à saisir" in screen.get("/grocery/delivery").text
    told = {"name": "Ferme Essai", "supplier": "s2", "local": "1", "attempt": "tap-0070"}
    screen.post("/grocery/supplier", data=told, headers=HX)
    page = screen.get("/grocery/delivery").text
    assert "Ferme Essai" in page
    assert "Fournisseur n°\u00a02" not in page
    # One that has its name is not renamed by a form that lagged behind: another is entered.
    screen.post("/grocery/supplier", data=told | {"name": "Autre", "attempt": "tap-0071"}, headers=HX)
    with shop.reading() as conn:
        assert [(row["supplier"], row["local"]) for row in stock.suppliers(conn)] == [("s1", 0), ("s2", 1), ("s3", 1)]
