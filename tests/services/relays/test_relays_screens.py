"""The relays' screens through the real application: left, sent, back, handed over; keys, baskets, settings."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from pos.services.relays import desk, reading
from pos.store import Store
from pos.till import sell
from pos.till import tables as till
from tests.services.relays.conftest import BY, DAY

HX = {"HX-Request": "true"}


def printed(store: Store) -> int:
    """Slips sent to the printer."""
    with store.reading() as conn:
        return int(conn.execute("SELECT count(*) FROM draft_print").fetchone()[0])


@pytest.mark.parametrize(
    "page", ["", "?show=call", "/of/pressing", "/of/cles", "/of/amap", "/of/depot", "/settings", "/month/2026-03"]
)
def test_every_page_is_drawn_in_french(screen: FlaskClient, page: str) -> None:
    """No page is left without words, and each has its way back."""
    told = screen.get(f"/relays{page}")
    assert told.status_code == 200
    assert "Dépôts" in unescape(told.text)


def test_a_suit_from_the_counter_to_the_laundry_and_back(screen: FlaskClient, cafe: Store) -> None:
    """Left with its ticket printed, sent with its list, back with its price, paid: three taps to hand over."""
    left = screen.post(
        "/relays/of/pressing/leave",
        data={"name": "M. Essai", "pieces": "2", "what": "costume", "attempt": "tap-0001"},
        headers=HX,
    )
    assert left.headers["HX-Redirect"] == "/relays"
    assert printed(cafe) == 1
    assert "M. Essai" in screen.get("/relays").text
    screen.post("/relays/of/pressing/send", data={"attempt": "tap-0002"}, headers=HX)
    assert printed(cafe) == 2
    page = screen.get("/relays/of/pressing").text
    back = re.search(r'hx-post="(/relays/thing/\w+/back)"', page)
    assert back is not None
    screen.post(back.group(1), data={"due": "12,50", "list": "1", "attempt": "tap-0003"}, headers=HX)
    found = screen.post("/relays/find", data={"code": "essai", "attempt": "tap-0004"}, headers=HX)
    shown = screen.get(found.headers["HX-Redirect"]).text
    assert "12,50" in shown
    hand = re.search(r'hx-post="(/relays/thing/\w+/hand)"', shown)
    assert hand is not None
    gone = screen.post(hand.group(1), data={"due": "12,50", "attempt": "tap-0005"}, headers=HX)
    assert gone.headers["HX-Redirect"] == "/"
    assert "Pressing" in screen.get("/").text
    screen.post("/bill/pay/cash", data={"attempt": "tap-0006"}, headers=HX)
    with cafe.reading() as conn:
        assert till.third_parties(conn) == {"relay:pressing": 1_250}
        assert reading.waiting(conn) == []
    assert screen.get(found.headers["HX-Redirect"]).status_code == 200
    screen.post("/relays/of/pressing/settle", data={"means": "cash", "attempt": "tap-0007"}, headers=HX)
    assert printed(cafe) == 3


def test_a_thing_is_called_priced_and_given_up_on_the_screen(screen: FlaskClient, cafe: Store) -> None:
    """Each key of its page; a refusal is said in the message line."""
    thing = desk.leave(cafe, "cordonnier", name="Mme Modèle", **BY).thing
    desk.send(cafe, "cordonnier", **BY)
    screen.post(f"/relays/thing/{thing}/back", data={"due": "8", "attempt": "tap-0010"}, headers=HX)
    screen.post(f"/relays/thing/{thing}/call", data={"attempt": "tap-0011"}, headers=HX)
    screen.post(f"/relays/thing/{thing}/price", data={"due": "9", "attempt": "tap-0012"}, headers=HX)
    assert "9,00" in screen.get(f"/relays/thing/{thing}").text
    refused = screen.post(f"/relays/thing/{thing}/away/unclaimed", data={"attempt": "tap-0013"}, headers=HX)
    assert (refused.status_code, refused.headers["HX-Retarget"]) == (422, "#say")
    screen.post(f"/relays/thing/{thing}/away/returned", data={"attempt": "tap-0014"}, headers=HX)
    with cafe.reading() as conn:
        assert reading.waiting(conn) == []
    nothing = screen.post("/relays/find", data={"code": "N-77", "attempt": "tap-0015"}, headers=HX)
    assert "N-77" in unescape(nothing.text)
    assert screen.get("/relays/thing/unknown").status_code == 404


def test_a_key_goes_out_and_in_on_the_screen(screen: FlaskClient, cafe: Store) -> None:
    """Envelope, list, out to one of the list, in again, off the list: each a tap; the register shows it."""
    form = {"code": "Mésange", "name": "M. Exemple", "allowed": "Mme Ménage\nM. Jardin", "attempt": "tap-0020"}
    screen.post("/relays/of/cles/key", data=form, headers=HX)
    assert printed(cafe) == 1
    with cafe.reading() as conn:
        (key,) = reading.waiting(conn)
    page = f"/relays/thing/{key.thing}"
    shown = unescape(screen.get(page).text)
    assert "Mésange" in shown and "Mme Ménage" in shown
    out = re.search(rf'hx-post="({page}/out/\w+)"', shown)
    assert out is not None
    screen.post(out.group(1), data={"proof": "known", "due_on": "2026-03-20", "attempt": "tap-0021"}, headers=HX)
    assert f"{page}/in" in screen.get(page).text
    screen.post(f"{page}/in", data={"attempt": "tap-0022"}, headers=HX)
    forbid = re.search(rf'hx-post="({page}/forbid/\w+)"', screen.get(page).text)
    assert forbid is not None
    screen.post(forbid.group(1), data={"attempt": "tap-0023"}, headers=HX)
    screen.post(f"{page}/allow", data={"name": "Mme Autre", "attempt": "tap-0024"}, headers=HX)
    with cafe.reading() as conn:
        assert len(reading.allowed(conn, key.thing)) == 3
        assert len(reading.register(conn, key.thing)) == 2


def test_baskets_are_ticked_one_tap_each(screen: FlaskClient, cafe: Store) -> None:
    """A list typed, one key for each name, the rest left at the end; last list is proposed again."""
    form = {"on": DAY, "first": "17:00", "last": "19:00", "people": "Mme Une\nM. Deux", "attempt": "tap-0030"}
    screen.post("/relays/of/amap/announce", data=form, headers=HX)
    page = screen.get("/relays/of/amap").text
    assert "Mme Une\nM. Deux" in page
    batch = re.search(r'href="(/relays/batch/\w+)"', page)
    assert batch is not None
    hand = re.search(r'hx-post="(/relays/thing/\w+/hand)"', screen.get(batch.group(1)).text)
    assert hand is not None
    done = screen.post(hand.group(1), data={"attempt": "tap-0031"}, headers=HX)
    assert done.headers["HX-Redirect"] == batch.group(1)
    screen.post(f"{batch.group(1)}/end", data={"attempt": "tap-0032"}, headers=HX)
    with cafe.reading() as conn:
        assert reading.batches(conn) == []
    assert screen.get(batch.group(1)).status_code == 200


def test_relays_are_chosen_and_days_counted_on_the_screen(screen: FlaskClient, cafe: Store) -> None:
    """A new relay from its form, one no longer in use, the day's total typed at once."""
    form = {"sort": "photo", "label": "Photos du bourg", "commission": "10", "hold_days": "", "provider": "Photo Plus"}
    screen.post("/relays/settings", data={**form, "attempt": "tap-0040"}, headers=HX)
    assert "Photos du bourg" in screen.get("/relays").text
    stop = {
        "relay": "photos_du_bourg"[:16],
        "sort": "photo",
        "label": "Photos du bourg",
        "hold_days": "90",
        "in_use": "0",
    }
    screen.post("/relays/settings", data={**stop, "attempt": "tap-0041"}, headers=HX)
    assert "Photos du bourg" not in screen.get("/relays").text
    screen.post("/relays/count/laundry", data={"total": "4", "attempt": "tap-0042"}, headers=HX)
    assert 'value="4"' in screen.get("/relays/month/2026-03").text
    assert screen.get("/relays/month/never").status_code == 404
    assert screen.post("/relays/count/bread", data={"total": "4", "attempt": "tap-0043"}, headers=HX).status_code == 404


def test_the_same_customer_as_the_bill_is_one_visit(screen: FlaskClient, cafe: Store) -> None:
    """« même client » joins what is left to the bill on the screen."""
    screen.post("/bill/add/cafe", data={"attempt": "tap-0050"}, headers=HX)
    screen.post("/relays/of/depot/leave", data={"same": "1", "attempt": "tap-0051"}, headers=HX)
    with cafe.reading() as conn:
        (tab,) = sell.open_tabs(conn)
        row = conn.execute("SELECT visit FROM use_visit WHERE service = 'relay'").fetchone()
    assert row[0] == tab.visit
