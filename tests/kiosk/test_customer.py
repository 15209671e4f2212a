"""What the customer sees, on the pole and on the second screen: the bill, the change, then nothing of it."""

import dataclasses
import re
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from kiosk.app import create_app
from kiosk.wiring import Kiosk
from pos.hardware import open_devices
from pos.hardware.display.board import Board
from pos.hardware.display.pole import Pole
from pos.hardware.display.sight import BILL, IDLE, PAID, THANKS, Shown, Sight
from pos.hardware.display.simulated import UNPLUGGED, SimulatedDisplay
from pos.till import catalogue, sell
from pos.till.menu_events import ProductListed
from tests.kiosk import cafe
from tests.kiosk.conftest import Counter


def until(true: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait for a condition; for what a person is promised, two seconds."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "not in time"
        time.sleep(0.005)


@pytest.fixture
def glass(kiosk: Kiosk, screen: Counter) -> SimulatedDisplay:
    """A pole at the counter."""
    display = SimulatedDisplay()
    kiosk.devices = dataclasses.replace(
        kiosk.devices, display=Pole(display.open_cable, retry_s=0.05), simulated_display=display
    )
    kiosk.board.show_again()
    yield display
    kiosk.devices.display.close()


@pytest.fixture
def second(screen: Counter) -> FlaskClient:
    """The customer's screen: nobody signed in."""
    return screen.client.application.test_client()


def seen(second: FlaskClient) -> str:
    """What the second screen shows, as text."""
    page = second.get("/customer/")
    assert page.status_code == 200
    return " ".join(
        re.sub(r"<[^>]*>", " ", page.text.split("<main", 1)[1].split("</main>")[0]).split(">", 1)[1].split()
    )


def test_the_bill_is_on_both_as_it_is_typed(screen: Counter, second: FlaskClient, glass: SimulatedDisplay) -> None:
    """The last line with its price, and the total; nobody signed in before the customer's screen."""
    assert "Café de la Halle" in seen(second)
    until(lambda: glass.lines()[0].strip() == "Café de la Halle")
    screen.tap("/bill/add/cafe")
    until(lambda: glass.lines() == ["Café            1,30", "Total       1,30 EUR"])
    screen.tap("/bill/add/cafe_creme")
    until(lambda: glass.lines() == ["Café crème      2,20", "Total       3,50 EUR"])
    text = seen(second)
    assert "Café 1,30 €" in text.replace("\u00a0", " ")
    assert "Total 3,50 €" in text.replace("\u00a0", " ")


def test_change_thanks_then_nothing_of_the_sale(
    screen: Counter, second: FlaskClient, glass: SimulatedDisplay, kiosk: Kiosk
) -> None:
    """Given and to give back at once; each follows by itself; no line is left, whatever page the clerk opens."""
    kiosk.board._paid_s, kiosk.board._thanks_s = 0.3, 0.2
    screen.tap("/bill/add/cafe")
    screen.tap("/bill/pay/cash", given="5")
    until(lambda: glass.lines() == ["Reçu            5,00", "A rendre    3,70 EUR"])
    screen.page()
    text = seen(second).replace("\u00a0", " ")
    assert "3,70 €" in text
    assert "Café 1,30" not in text
    until(lambda: glass.lines()[0].strip() == "Merci !")
    until(lambda: glass.lines()[0].strip() == "Café de la Halle")
    assert "3,70" not in seen(second)
    assert kiosk.board.now()[1] == Sight()


def test_a_bill_put_aside_or_cancelled_is_gone(screen: Counter, kiosk: Kiosk) -> None:
    """The next customer does not see the last one's glass of wine."""
    for leave in ("/bill/park", "/bill/cancel/left"):
        screen.tap("/bill/add/cafe")
        assert kiosk.board.now()[1].mood == BILL
        screen.tap(leave)
        assert kiosk.board.now()[1].mood == IDLE


def test_nothing_of_a_person_and_nothing_of_practice(screen: Counter, second: FlaskClient, kiosk: Kiosk) -> None:
    """A note on a line stays at the counter; practice shows its mark alone."""
    screen.tap("/bill/add/cafe")
    with kiosk.store.reading() as conn:
        line = sell.current_tab(conn, screen.tab).lines[0].line_id
    screen.tap(f"/bill/line/{line}", what="note", note="pour Paulette")
    assert "Paulette" not in seen(second)
    assert "Maëlle" not in seen(second)
    screen.client.post("/training/start", headers={"Origin": "http://localhost"})
    screen.page()
    screen.tap("/bill/add/cafe")
    text = seen(second)
    assert "FACTICE" in text
    assert "1,30" not in text
    screen.client.post("/training/end", headers={"Origin": "http://localhost"})
    screen.tap("/bill/park")
    assert "Café de la Halle" in seen(second)


def test_another_screen_of_the_till_does_not_take_the_customers_place(
    screen: Counter, other_screen: Counter, kiosk: Kiosk
) -> None:
    """A waiter with a tablet adds a coffee: the customer at the counter goes on seeing their own bill."""
    screen.tap("/bill/add/cafe")
    other_screen.tap("/bill/add/cafe_creme")
    assert [line.label for line in kiosk.board.now()[1].lines] == ["Café"]
    kiosk.board._hold_s = 0.0
    other_screen.tap("/bill/park")
    assert [line.label for line in kiosk.board.now()[1].lines] == ["Café"]
    other_screen.tap("/bill/add/cafe_creme")
    assert [line.label for line in kiosk.board.now()[1].lines] == ["Café crème"]


def test_the_page_is_for_this_box_alone(second: FlaskClient, kiosk: Kiosk) -> None:
    """From the network, by another name or through a relay, it is refused; with the counter's own rules elsewhere."""
    kiosk.settings["hosts"] = ["cafe.lan"]
    for url in ("/customer/", "/customer/now?seen=1"):
        assert second.get(url, environ_base={"REMOTE_ADDR": "192.168.1.20"}).status_code == 403
        assert second.get(url, headers={"Host": "cafe.lan"}).status_code == 403
        assert second.get(url, headers={"X-Forwarded-For": "192.168.1.20"}).status_code == 403
    assert second.post("/customer/now").status_code == 405
    assert second.get("/menu/").status_code == 303


def test_a_held_request_is_answered_by_the_next_tap(screen: Counter, second: FlaskClient, kiosk: Kiosk) -> None:
    """It sleeps until there is something to see, asks no disk meanwhile, and is told within the tap."""
    number = kiosk.board.now()[0]
    assert second.get(f"/customer/now?seen={number}").status_code == 204
    answers: list[Any] = []
    held = threading.Thread(target=lambda: answers.append(second.get(f"/customer/now?seen={number}&hold=1")))
    held.start()
    time.sleep(0.05)
    assert answers == []
    screen.tap("/bill/add/cafe")
    held.join(2)
    assert "Café" in answers[0].text
    assert 'data-number="' in answers[0].text
    assert "Set-Cookie" not in answers[0].headers


def test_a_held_request_reads_no_file(second: FlaskClient, kiosk: Kiosk) -> None:
    """What is drawn comes from memory: the café's file may even be closed."""
    second.get("/customer/")
    kiosk.board.tell(Sight(BILL, (Shown("Café", 130),), 0, 130, 0, 130))
    kiosk.store.close()
    assert "Café" in second.get("/customer/now?seen=1").text


def test_one_line_is_held_and_the_last_window_has_it() -> None:
    """A second window is no second thread for ever: the first is let go and told to look now and then."""
    board = Board(lambda: open_devices().display)
    number = board.now()[0]
    kept: list[bool] = []
    first = threading.Thread(target=lambda: kept.append(board.wait(number, 5)))
    first.start()
    time.sleep(0.05)
    last = threading.Thread(target=lambda: kept.append(board.wait(number, 5)))
    last.start()
    first.join(1)
    assert kept == [False]
    board.tell(Sight(BILL, (Shown("Café", 130),), 0, 130, 0, 130))
    last.join(1)
    assert kept == [False, True]
    third = threading.Thread(target=lambda: kept.append(board.wait(board.now()[0], 5)))
    third.start()
    board.close()
    third.join(1)
    assert not third.is_alive()


def test_each_picture_ends_by_itself() -> None:
    """A paid sale, thanks, nothing; a bill left lying goes too."""
    board = Board(lambda: open_devices().display, paid_s=0.05, thanks_s=0.05, rest_s=0.05)
    moods = []
    board.tell(Sight(PAID, total=130))
    for _step in range(3):
        number, sight = board.now()
        moods.append(sight.mood)
        board.wait(number, 0.5)
    assert moods == [PAID, THANKS, IDLE]
    board.tell(Sight(BILL, (Shown("Café", 130),), 0, 130, 0, 130))
    board.wait(board.now()[0], 0.5)
    assert board.now()[1].mood == IDLE


def test_pulled_out_in_mid_sale_it_is_told_and_the_sale_goes_on(
    screen: Counter, glass: SimulatedDisplay, kiosk: Kiosk
) -> None:
    """The counter's page is rung within two seconds, sells on, and the pole is back by itself with the right bill."""
    rung = screen.client.application.extensions["zinc.ear"]
    screen.tap("/bill/add/cafe")
    until(lambda: glass.lines()[0].startswith("Café "))
    before = rung._changes
    glass.switch(UNPLUGGED, True)
    until(lambda: rung._changes > before, 2.0)
    assert "débranché" in screen.page("/machines")
    assert screen.tap("/bill/add/cafe_creme").status_code == 200
    glass.switch(UNPLUGGED, False)
    until(lambda: glass.lines() == ["Café crème      2,20", "Total       3,50 EUR"])
    until(lambda: "débranché" not in screen.page("/machines"))


def test_the_manager_sets_the_pole_and_the_message(
    screen: Counter, other_screen: Counter, second: FlaskClient, kiosk: Kiosk
) -> None:
    """A form like the other machines'; the old cable is let go before the new one is taken; a seller sets nothing."""
    form = {
        "kind": "simulated", "address": "", "speed": "9600", "dialect": "cd5220", "code_page": "ascii", "code_page_slot": "0",
        "message": " Marché de Noël samedi ",
    }  # fmt: skip
    assert other_screen.tap("/settings/display", **form).status_code == 422
    assert screen.tap("/settings/display", **form).status_code == 204
    glass = kiosk.devices.simulated_display
    until(lambda: glass.lines() == ["Marche de Noel".center(20), "samedi".center(20)])
    assert "Marché de Noël samedi" in seen(second)
    screen.tap("/settings/display/try")
    until(lambda: glass.lines()[0] == "Creme brulee a  4,90")
    assert "Creme brulee" in screen.page("/settings/display")
    screen.tap("/demo/machines/display/unplugged", on="1")
    until(lambda: "débranché" in screen.page("/settings/display"))
    assert screen.tap("/demo/machines/display/greedy", on="1").status_code == 404
    for wrong in ({"kind": "serial"}, {"speed": "x"}, {"message": "x" * 81}, {"code_page": "x"}):
        assert screen.tap("/settings/display", **form | wrong).status_code == 422
    old = kiosk.devices.display
    assert screen.tap("/settings/display", **form | {"kind": "none"}).status_code == 204
    assert old._thread is not None
    assert not old._thread.is_alive()
    assert screen.tap("/demo/machines/display/off", on="1").status_code == 404


def test_a_restart_begins_with_the_cafes_name(kiosk: Kiosk) -> None:
    """Nobody touched anything yet: the pole and the page say whose café it is."""
    client = create_app(kiosk).test_client()
    assert "Café de la Halle" in client.get("/customer/").text


def test_a_long_bill_shows_its_newest_lines_and_says_how_many_more(screen: Counter, kiosk: Kiosk) -> None:
    """A small second screen has room for seven rows; no line is cut in half, and the touched one is there."""
    for n in range(9):
        kinds = (
            "cafe",
            "cafe_creme",
            "allonge",
            "noisette",
            "the_infusion",
            "croissant",
            "baguette",
            "perrier_33_cl",
            "panache",
        )
        screen.tap(f"/bill/add/{kinds[n]}")
    sight = kiosk.board.now()[1]
    assert (len(sight.lines), sight.more, sight.lit) == (6, 3, 5)
    assert "et 3 autres lignes" in screen.client.get("/customer/").text
    assert sight.total == sight.due > sum(line.amount for line in sight.lines)


def test_what_is_weighed_asks_for_the_scales_figure(screen: Counter, kiosk: Kiosk) -> None:
    """A touch never adds a whole kilo; the customer reads weight, price by the kilo and amount (R16)."""
    catalogue.list_product(
        kiosk.store, ProductListed(
            product="tomme", label="Tomme", price=1890, category="manger", vat_class="grocery", unit="kg",
            favourite=1,
        ), by=cafe.MANAGER,
    )  # fmt: skip
    page = screen.page("/shelf/favourites")
    assert re.search(r'id="tile-tomme"[^>]*hx-get="/product/tomme/keys"', page)
    assert "balance" in screen.page("/product/tomme/keys")
    empty = screen.tap("/product/tomme/add")
    assert empty.status_code == 422
    assert "balance" in empty.text
    bill = screen.tap("/product/tomme/add", quantity="0,350").text
    assert "6,62" in bill
    assert 'id="more"' not in bill
    line = kiosk.board.now()[1].lines[0]
    assert (line.amount, line.count, line.detail.replace("\u00a0", " ")) == (662, 1, "0,350 kg × 18,90 €/kg")
