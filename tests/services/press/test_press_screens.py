"""The press screens through the real application: scans and taps."""

import re

import pytest
from flask.testing import FlaskClient

from pos.services.press import desk, reading
from pos.store import Store
from pos.till import sell
from tests.services.press.conftest import BY, DAILY, DAILY_CODE, DAY, WEEKLY, at, deliver, with_key

HX = {"HX-Request": "true"}


@pytest.mark.parametrize(
    "page",
    ["", "/delivery", "/deliveries", "/returns", "/games", "/titles", f"/title/{DAILY}", "/account", "/month/2026-11"],
)
def test_every_page_is_drawn_in_french(screen: FlaskClient, shop: Store, page: str) -> None:
    """Each page has its words and its way back."""
    deliver(shop)
    told = screen.get(f"/press{page}")
    assert told.status_code == 200
    assert "presse" in told.text.lower()
    assert screen.get("/press/month/2026-99").status_code == 404
    assert screen.get("/press/title/rien").status_code == 404


def test_a_copy_is_one_tap_or_one_scan(screen: FlaskClient, shop: Store) -> None:
    """Its tile or its cover puts it on the bill, and the bill is next."""
    deliver(shop)
    assert screen.post(f"/press/sell/{DAILY}", data={"attempt": "tap-0001"}, headers=HX).headers["HX-Redirect"] == "/"
    assert (
        screen.post("/press/scan", data={"code": DAILY_CODE + "07", "attempt": "tap-0002"}, headers=HX).headers[
            "HX-Redirect"
        ]
        == "/"
    )
    with shop.reading() as conn:
        assert [line.quantity for tab in sell.open_tabs(conn) for line in tab.lines] == [2000]
    changed = screen.post("/press/scan", data={"code": with_key("378191110350"), "attempt": "tap-0003"}, headers=HX)
    assert changed.headers["HX-Redirect"].startswith(f"/press/title/{WEEKLY}")
    assert screen.post("/press/scan", data={"code": "12", "attempt": "tap-0004"}, headers=HX).status_code == 422


def test_the_delivery_is_scanned_then_taken_in(screen: FlaskClient, shop: Store) -> None:
    """Each cover counts one more; one tap takes all in under its slip; a difference leads to the claim."""
    first = screen.post("/press/delivery/scan", data={"code": DAILY_CODE + "07", "attempt": "tap-0010"}, headers=HX)
    assert re.search(rf'name="got:{DAILY}" value="1"', first.text)
    second = screen.post(
        "/press/delivery/scan", data={"code": DAILY_CODE + "07", f"got:{DAILY}": "1", "attempt": "tap-0011"}, headers=HX
    )
    assert re.search(rf'name="got:{DAILY}" value="2"', second.text)
    done = screen.post(
        "/press/delivery",
        data={"slip": "77", f"got:{DAILY}": "2", f"said:{DAILY}": "3", f"issue:{DAILY}": "07", "attempt": "tap-0012"},
        headers=HX,
    )
    assert done.headers["HX-Redirect"] == "/press/deliveries"
    page = screen.get("/press/deliveries").text
    found = re.search(r"/press/claim/\w+", page)
    assert found is not None
    screen.post(found.group(), data={"attempt": "tap-0013"}, headers=HX)
    with shop.reading() as conn:
        assert reading.to_claim(conn, DAY, 2) == []
        assert conn.execute("SELECT count(*) FROM draft_print").fetchone()[0] == 1


def test_unsold_copies_are_scans_and_two_taps(screen: FlaskClient, shop: Store) -> None:
    """Scan, scan, compare, give back: missing copies are shown before they are charged, and the slip is printed."""
    delivery = deliver(shop, daily=3, weekly=0)
    at(shop, "2026-11-17T05:30:00+01:00")
    key = f"n:{delivery}:{DAILY}"
    once = screen.post("/press/returns/scan", data={"code": DAILY_CODE, key: "", "attempt": "tap-0020"}, headers=HX)
    assert re.search(rf'name="{re.escape(key)}" value="1"', once.text)
    twice = screen.post("/press/returns/scan", data={"code": DAILY_CODE, key: "1", "attempt": "tap-0021"}, headers=HX)
    assert re.search(rf'name="{re.escape(key)}" value="2"', twice.text)
    compared = screen.post("/press/returns/compare", data={key: "2", "attempt": "tap-0022"}, headers=HX)
    assert "1,40" in compared.text
    screen.post("/press/returns", data={key: "2", "attempt": "tap-0023"}, headers=HX)
    with shop.reading() as conn:
        assert reading.on_sale(conn) == []
        assert conn.execute("SELECT count(*) FROM draft_print").fetchone()[0] == 1
    assert (
        screen.post("/press/returns/scan", data={"code": DAILY_CODE, "attempt": "tap-0024"}, headers=HX).status_code
        == 422
    )


def test_a_win_and_the_terminals_day(screen: FlaskClient, shop: Store) -> None:
    """A win needs the tick of age; the day's totals and the debit follow on the same page."""
    refused = screen.post("/press/games/fdj/win", data={"amount": "12,00", "attempt": "tap-0030"}, headers=HX)
    assert refused.status_code == 422
    screen.post("/press/games/fdj/win", data={"amount": "12,00", "adult": "1", "attempt": "tap-0031"}, headers=HX)
    screen.post("/press/games/fdj/stakes", data={"amount": "20,00", "adult": "1", "attempt": "tap-0032"}, headers=HX)
    screen.post("/press/games/fdj/day", data={"stakes": "45,00", "wins": "12,00", "attempt": "tap-0033"}, headers=HX)
    with shop.reading() as conn:
        assert reading.owed(conn, "fdj") == 3300
    at(shop, "2026-11-17T05:30:00+01:00")
    from pos.till import close

    close.close_day(shop, counted=23_300, **BY)
    close.open_day(shop, 20_000, **BY)
    screen.post("/press/games/fdj/debit", data={"ref": "FDJ-1", "attempt": "tap-0034"}, headers=HX)
    with shop.reading() as conn:
        assert reading.owed(conn, "fdj") == 0


def test_proof_of_age_is_one_tap_from_the_refusal(screen: FlaskClient, shop: Store) -> None:
    """The page asks, a tap answers, the bill is paid."""
    product = desk.list_game(shop, "fdj", label="Grattage", price=300, **BY)
    sell.add_product(shop, "bill-1", product, **BY)
    assert screen.get("/press/age/bill-1").status_code == 200
    assert screen.get("/press/age/nothing").status_code == 302 or screen.get("/press/age/nothing").status_code == 303
    screen.post("/press/age/bill-1/adult", data={"attempt": "tap-0040"}, headers=HX)
    assert sell.take_payment(shop, "bill-1", "cash", **BY).sale is not None


def test_terms_titles_statements_and_licences_behind_the_counter(screen: FlaskClient, shop: Store) -> None:
    """Everything the manager sets is on the screens; the statement is closed and debited there."""
    deliver(shop)
    sell.sell(shop, lines=[sell.SoldLine(product=DAILY, quantity=10_000)], **BY)
    screen.post(
        "/press/terms",
        data={"commission": "16,00", "claim_days": "3", "period": "month", "attempt": "tap-0050"},
        headers=HX,
    )
    screen.post(
        "/press/titles",
        data={"label": "Mensuel", "price": "5,90", "periodicity": "monthly", "attempt": "tap-0051"},
        headers=HX,
    )
    assert "Mensuel" in screen.get("/press/titles").text
    screen.post(
        f"/press/title/{WEEKLY}/off", data={"quantity": "1", "reason": "damaged", "attempt": "tap-0052"}, headers=HX
    )
    assert "Clôturer" in screen.get("/press/account").text
    screen.post("/press/statement", data={"upto": "today", "attempt": "tap-0053"}, headers=HX)
    # 14,00 sold and 3,20 missing at 16 %: 17,20 − 2,75 = 14,45.
    screen.post("/press/statement/1/pay", data={"amount": "14,45", "attempt": "tap-0054"}, headers=HX)
    with shop.reading() as conn:
        assert reading.owed(conn) == 0
    screen.post(
        "/press/licence/pmu",
        data={"licensed": "1", "commission": "2,00", "win_limit": "300", "reserve": "50", "attempt": "tap-0055"},
        headers=HX,
    )
    assert "PMU" in screen.get("/press/games?operator=pmu").text
    screen.post("/press/count", data={"total": "9", "attempt": "tap-0056"}, headers=HX)
    assert screen.get("/press/month/2026-11").status_code == 200
