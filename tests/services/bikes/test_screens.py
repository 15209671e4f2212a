"""Bikes on the screen and on paper: three taps out, two back, every page drawn, no name in the journal."""

import re

import pytest
from flask.testing import FlaskClient

from pos.feature import ScanHit
from pos.house import FEATURES
from pos.services.bikes import desk, reading, rules, slips
from pos.slips import as_text
from pos.till import sell
from tests.services.bikes.conftest import BY, DAY, Bikes

HX = {"HX-Request": "true"}
BIKES = next(feature for feature in FEATURES if feature.slug == "bikes")


def notices(cafe: Bikes, day: str = DAY) -> list[str]:
    """Return what is due."""
    with cafe.store.reading() as conn:
        return [notice.text for check in BIKES.todo for notice in check(conn, day)]


def test_a_bike_leaves_in_three_taps(cafe: Bikes, screen: FlaskClient) -> None:
    """Its tile, its length (the contract is printed), the money."""
    page = screen.get("/bikes").text
    leaving = re.search(r'id="bike-1" href="([^"]+)"', page)
    assert leaving is not None
    out = screen.get(leaving[1]).text
    assert "8,00" in out and "150,00" in out
    form = {"name": "Zoé Essai", "deposit": "cash", "proof": "passport", "accessories": "helmet", "attempt": "tap-0001"}
    gone = screen.post(f"{leaving[1]}/half_day", data=form, headers=HX)
    assert gone.headers["HX-Redirect"] == "/"
    screen.post("/bill/pay/cash", data={"attempt": "tap-0002"}, headers=HX)
    with cafe.store.reading() as conn:
        assert reading.figures(conn, DAY)["cash_held"] == 15_000
        assert conn.execute("SELECT count(*) FROM draft_print").fetchone()[0] == 1
    assert "Zoé Essai" in screen.get("/bikes").text


def test_a_bike_is_back_in_two_taps(cafe: Bikes, screen: FlaskClient) -> None:
    """Its row at the right, one key: the deposit is handed back and said."""
    cafe.out(1, deposit="cash", name="Zoé Essai")
    with cafe.store.reading() as conn:
        [tab] = sell.open_tabs(conn)
    sell.take_payment(cafe.store, tab.tab_id, "cash", **BY)
    row = re.search(r'id="out-1" href="([^"]+)"', screen.get("/bikes").text)
    assert row is not None
    assert "Le vélo est rentré" in screen.get(row[1]).text
    gone = screen.post(f"{row[1]}/back", data={"attempt": "tap-0003"}, headers=HX)
    assert gone.headers["HX-Redirect"] == "/bikes"
    assert "150,00" in screen.get("/bikes").text
    with cafe.store.reading() as conn:
        assert reading.out(conn) == []


def test_late_and_broken_goes_through_the_bill(cafe: Bikes, screen: FlaskClient) -> None:
    """Damage touched, repair typed: the counter shows what is due; then the deposit is one key."""
    rental = cafe.out(1)
    with cafe.store.reading() as conn:
        [tab] = sell.open_tabs(conn)
    sell.take_payment(cafe.store, tab.tab_id, "cash", **BY)
    cafe.at("13:40")
    screen.post("/sign-in", data={"op": "g2", "pin": "5293"})
    assert "40" in screen.get(f"/bikes/rental/{rental}").text
    gone = screen.post(
        f"/bikes/rental/{rental}/back",
        data={"damages": "flat_tyre", "repair": "12,00", "attempt": "tap-0004"},
        headers=HX,
    )
    assert gone.headers["HX-Redirect"] == "/"
    assert "15,00" in screen.get("/").text
    refused = screen.post(f"/bikes/rental/{rental}/release", data={"attempt": "tap-0005"}, headers=HX)
    assert refused.status_code == 422 and "15,00" in refused.text
    screen.post("/bill/pay/cash", data={"attempt": "tap-0006"}, headers=HX)
    assert notices(cafe) == ["Vélo 1\u00a0: caution de 150,00\u00a0€ à rendre"]
    screen.post(f"/bikes/rental/{rental}/release", data={"attempt": "tap-0007"}, headers=HX)
    assert notices(cafe) == []


def test_what_is_not_back_is_due(cafe: Bikes) -> None:
    """A bike due today is on the list of today and at closing; one hired for a week is not."""
    desk.set_price(cafe.store, "week", price=4_000, **BY)
    cafe.out(1)
    cafe.out(2, rule="week")
    assert [text for text in notices(cafe) if "pas rentré" in text] == [
        "Vélo 1 pas rentré\u00a0: attendu dimanche 26 avril, 13:00"
    ]
    with cafe.store.reading() as conn:
        assert BIKES.badge is not None and BIKES.badge(conn, DAY) == "2 dehors"
        assert any("pas rentré" in n.text for check in BIKES.day_close_checks for n in check(conn, DAY))


def test_the_contract_is_found_by_its_bars(cafe: Bikes) -> None:
    """`VELO-1` leads to the hire; another code is none of ours."""
    rental = cafe.out(1)
    with cafe.store.reading() as conn:
        assert BIKES.scan is not None
        assert BIKES.scan(conn, DAY, "velo-1") == ScanHit(url=f"/bikes/rental/{rental}")
        assert BIKES.scan(conn, DAY, "VELO-99") is None
        assert BIKES.scan(conn, DAY, "3274080005003") is None


@pytest.mark.parametrize("width", [32, 48])
def test_the_contract_says_all_that_was_agreed(cafe: Bikes, width: int) -> None:
    """Bikes, hours, deposit, lateness, conditions; with a name it is printed, without one it is written by hand."""
    rental = cafe.out(1, 3, accessories=["helmet"])
    with cafe.store.reading() as conn:
        row = reading.rental(conn, rental)
        assert row is not None
        rows, terms = reading.of_contract(conn, row["contract"]), rules.in_force(conn, DAY)
    by_hand = as_text(slips.contract_slip(cafe="Café", rows=rows, terms=terms), width)
    named = as_text(
        slips.contract_slip(cafe="Café", rows=rows, terms=terms, name="Zoé Essai", phone="0600000000"), width
    )
    assert "Nom" in by_hand and "Zoé Essai" in named and "0600000000" in named
    for said in ("VELO-1", "450,00", "3,00", "15 minutes", "12 ans", "13:00", "rouge"):
        assert said in by_hand, said
    assert max(len(line) for line in named.split("\n")) <= width


@pytest.mark.parametrize("page", ["", "/fleet", "/month/2026-04"])
def test_every_page_is_drawn(cafe: Bikes, screen: FlaskClient, page: str) -> None:
    """Each page stands with bikes out, late and lost, and has its way back."""
    cafe.out(1)
    desk.not_back(cafe.store, cafe.out(2), "lost", **BY)
    told = screen.get(f"/bikes{page}")
    assert told.status_code == 200 and "Vélo" in told.text
    for bike in cafe.ids:
        assert screen.get(f"/bikes/bike/{bike}").status_code == 200


def test_a_deposit_is_kept_from_the_screen(cafe: Bikes, screen: FlaskClient) -> None:
    """Lost: the page offers to keep the deposit; the ticket is made, the rest is handed back."""
    rental = cafe.out(1, deposit="cash")
    with cafe.store.reading() as conn:
        [tab] = sell.open_tabs(conn)
    sell.take_payment(cafe.store, tab.tab_id, "cash", **BY)
    screen.post(f"/bikes/rental/{rental}/not-back/lost", data={"attempt": "tap-0010"}, headers=HX)
    assert "Retenir" in screen.get(f"/bikes/rental/{rental}").text
    screen.post(f"/bikes/rental/{rental}/keep", data={"amount": "100,00", "attempt": "tap-0011"}, headers=HX)
    assert "50,00" in screen.get("/bikes").text
    with cafe.store.reading() as conn:
        assert reading.figures(conn, DAY)["income_by"] == {"hire": 800, "kept": 10_000}


def test_setting_up_from_the_screen(cafe: Bikes, screen: FlaskClient) -> None:
    """A bike, a price, the rules, a passing cyclist, maintenance, the day's total: each is one form or one key."""
    screen.post(
        "/bikes/bike", data={"number": "9", "sort": "cargo", "deposit": "300,00", "attempt": "tap-0020"}, headers=HX
    )
    screen.post(
        "/bikes/price", data={"rule": "hour", "sort": "cargo", "price": "5,00", "attempt": "tap-0021"}, headers=HX
    )
    screen.post(
        "/bikes/terms",
        data={"grace": "10", "late_minutes": "30", "late_price": "2,00", "attempt": "tap-0022"},
        headers=HX,
    )
    assert "Pompe" in screen.post("/bikes/welcome/pump", data={"attempt": "tap-0023"}, headers=HX).text
    screen.post(
        f"/bikes/bike/{cafe.ids[0]}/move/maintenance", data={"reason": "brakes", "attempt": "tap-0024"}, headers=HX
    )
    screen.post("/bikes/count", data={"total": "3", "attempt": "tap-0025"}, headers=HX)
    with cafe.store.reading() as conn:
        assert rules.in_force(conn, DAY) == rules.Terms(10, 30, 200)
        assert [one.price for one in rules.lengths(conn, "cargo", DAY)] == [500]
        told = reading.figures(conn, DAY)
    assert (told["total"], told["maintenance"], told["welcomes"]) == (4, 1, 1)


def test_undoing_and_charging_from_the_screen(cafe: Bikes, screen: FlaskClient) -> None:
    """It did not leave after all; a bill abandoned is made again; the contract is printed again."""
    first, second = cafe.out(1), cafe.out(2)
    screen.post(f"/bikes/rental/{first}/cancel", data={"attempt": "tap-0030"}, headers=HX)
    with cafe.store.reading() as conn:
        for tab in sell.open_tabs(conn):
            if tab.lines:
                sell.void_tab(cafe.store, tab.tab_id, "mistake", **BY)
    assert (
        screen.post(f"/bikes/rental/{second}/bill", data={"attempt": "tap-0031"}, headers=HX).headers["HX-Redirect"]
        == "/"
    )
    assert screen.post(f"/bikes/rental/{second}/contract", data={"attempt": "tap-0032"}, headers=HX).status_code == 200
    assert "8,00" in screen.get("/").text
