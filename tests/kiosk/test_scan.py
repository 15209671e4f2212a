"""One scan, from any screen: what each sort of code is, and what is said of those that nobody knows."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.hearing import Ear
from kiosk.wiring import Kiosk
from pos.barcodes import ean_digit
from pos.hardware import open_devices
from pos.hardware.scanners import Scan
from pos.services.grocery import SERVICE as GROCERY
from pos.services.grocery import desk as grocery
from pos.services.grocery.refusals import NoArticleOfLabel
from pos.services.parcels import SERVICE as PARCELS
from pos.services.parcels.refusals import NotHereYet
from pos.till import catalogue, tables
from pos.till.events import ProductListed
from tests.kiosk import cafe
from tests.kiosk.conftest import Counter

EAN = "3017620422003"


def key(body: str) -> str:
    """Return digits with their check digit."""
    return body + str(ean_digit(body))


@pytest.fixture
def shelf(kiosk: Kiosk) -> Kiosk:
    """A café with an article of thirteen digits and one of a UPC."""
    for label, ean in (("Sablés", EAN), ("Sirop", "0036000291452")):
        listed = ProductListed(product=label, label=label, category="epicerie", price=320, vat_class="grocery", ean=ean)
        catalogue.list_product(kiosk.store, listed, by=cafe.MANAGER)
    return kiosk


@pytest.mark.parametrize(
    ("code", "label"),
    [
        (f"]E0{EAN}", "Sablés"),
        (f"]C1010{EAN}17261231", "Sablés"),
        ("036000291452", "Sirop"),
        ("]E00036000291452", "Sirop"),
    ],
)
def test_an_article_is_sold_however_its_code_is_read(screen: Counter, shelf: Kiosk, code: str, label: str) -> None:
    """Zero taps: AIM identifier, GS1 data and the zero of a UPC are no trouble."""
    assert label in screen.tap("/scan", attempt="scan-0001", code=code, bill="1").text


@pytest.mark.parametrize(
    ("code", "word", "link"),
    [
        (key("301762042201"), "Créez", "/catalogue/new?ean=3017620422010"), (key("978207061275"), "prix unique", "/catalogue/new"),
        ("3017620422004", "mal lu", ""), (key("991234567890"), "bon de réduction", ""), (key("211234501500"), "balance", ""),
        ("ZX-NOTHING", "Personne ici", ""), ("https://example.org/a?b=c", "Personne ici", ""), ("?", "Personne ici", ""),
    ],
)  # fmt: skip
def test_what_nobody_knows_is_said_calmly(screen: Counter, shelf: Kiosk, code: str, word: str, link: str) -> None:
    """One sentence for each sort, and where there is something to do, the key that leads to it."""
    answer = screen.tap("/scan", attempt="scan-0001", code=code, bill="1")
    assert answer.status_code == 422
    assert word in answer.text
    assert ("say-act" in answer.text) == bool(link)
    assert link.split("?", maxsplit=1)[0] in answer.text
    assert 'id="bill"' not in answer.text


def test_what_is_weighed_asks_its_weight_and_is_never_a_whole_kilo(screen: Counter, shelf: Kiosk) -> None:
    """On the counter the keys come, as when its tile is touched; elsewhere the line says where."""
    listed = ProductListed(
        product="comte",
        label="Comté",
        category="epicerie",
        price=2190,
        vat_class="grocery",
        ean=key("301762042201"),
        unit="kg",
    )
    catalogue.list_product(shelf.store, listed, by=cafe.MANAGER)
    here = screen.tap("/scan", attempt="scan-0001", code=key("301762042201"), bill="1")
    assert (here.status_code, here.headers["HX-Retarget"]) == (200, "#work")
    assert "balance" in here.text
    away = screen.tap("/scan", attempt="scan-0002", code=key("301762042201"))
    assert away.status_code == 422
    assert "comptoir" in away.text
    assert "Comté" not in screen.page()


def test_only_a_manager_is_led_to_create_an_article(other_screen: Counter, shelf: Kiosk) -> None:
    """Whoever sells is told to ask."""
    answer = other_screen.tap("/scan", attempt="scan-0001", code=key("301762042201"), bill="1")
    assert answer.status_code == 422
    assert "say-act" not in answer.text
    assert "responsable" in answer.text


def test_an_article_is_created_with_the_code_just_read(screen: Counter, shelf: Kiosk) -> None:
    """The card has the thirteen digits; a UPC is listed with its zero."""
    assert 'value="3017620422010"' in screen.page("/catalogue/new?ean=3017620422010")
    form = {"label": "Riz", "category": "epicerie", "price": "2,10", "vat_class": "grocery", "ean": "]E0012345678905"}
    screen.tap("/catalogue/save", attempt="save-0001", **form)
    with shelf.store.reading() as conn:
        row = tables.by_ean(conn, "0012345678905")
    assert row is not None
    assert "Riz" in screen.tap("/scan", attempt="scan-0002", code="012345678905", bill="1").text


def test_the_bars_of_our_own_ticket_lead_to_it(screen: Counter, shelf: Kiosk) -> None:
    """To refund it or print it again; another till's ticket with the same number is not taken for it."""
    screen.tap("/bill/add/cafe", attempt="tap-0001")
    screen.tap("/bill/pay/cash", attempt="pay-0001")
    code = re.search(r"ZR-1-[0-9A-F]{4}", screen.page("/tickets/1"))
    assert code is not None
    assert screen.tap("/scan", attempt="scan-0001", code=code[0]).headers["HX-Redirect"] == "/tickets/1"
    other = code[0][:-1] + ("0" if code[0][-1] != "0" else "1")
    assert screen.tap("/scan", attempt="scan-0002", code=other).status_code == 422
    assert screen.tap("/scan", attempt="scan-0003", code="ZR-2-0000").status_code == 422


def test_a_desk_that_does_not_know_a_code_leaves_it_to_the_house(screen: Counter, shelf: Kiosk) -> None:
    """The parcels' shelf says that it is none of its labels in a way that the page understands."""
    answer = screen.tap("/parcels/scan", attempt="scan-0001", code=EAN)
    assert answer.status_code == 422
    assert answer.headers["Zinc-Unknown-Code"] == "1"
    assert "Zinc-Unknown-Code" not in screen.tap("/bill/pay/cash", attempt="pay-0001").headers
    read = {"HX-Request": "true", "Origin": "http://localhost", "Zinc-Read": "1"}
    for desk in ("/post/scan", "/relays/find"):
        left = screen.client.post(desk, data={"code": EAN, "attempt": "scan-0002"}, headers=read)
        assert (left.status_code, left.text, left.headers["Zinc-Unknown-Code"]) == (422, "", "1")
        typed = screen.client.post(desk, data={"code": EAN, "attempt": "scan-0003"}, headers={"HX-Request": "true"})
        assert "Zinc-Unknown-Code" not in typed.headers


def test_a_label_of_the_scale_without_article_says_which_number(shelf: Kiosk) -> None:
    """The layout reads it; its number is given to an article in one place."""
    store, code = shelf.store, key("211234501500")
    with store.reading() as conn:
        assert GROCERY.unknown is not None
        assert GROCERY.unknown(conn, "2026-11-20", code) is None
    grocery.set_pattern(store, "21", item_digits=5, value="weight", value_digits=5, by=cafe.MANAGER)
    with store.reading() as conn, pytest.raises(NoArticleOfLabel) as told:
        raise GROCERY.unknown(conn, "9999-12-31", code)  # type: ignore[misc]
    assert "12345" in told.value.what()


def test_layouts_of_labels_are_the_managers(other_screen: Counter, shelf: Kiosk) -> None:
    """A layout decides what a label costs: whoever serves needs the manager."""
    form = {"prefix": "25", "item_digits": "4", "value_digits": "5", "value": "price", "checked": "1"}
    assert other_screen.tap("/grocery/pattern", attempt="tap-0001", **form).status_code == 422
    manager = {"manager": cafe.MANAGER, "manager_pin": cafe.MANAGER_PIN}
    assert other_screen.tap("/grocery/pattern", attempt="tap-0002", **form, **manager).headers["HX-Redirect"]
    assert "contrôlé" in other_screen.page("/grocery/articles")


def test_a_carriers_label_of_a_parcel_that_is_not_here_says_whose_it_is(shelf: Kiosk) -> None:
    """In a café that works with the carrier; nobody else is spoken to of it, and a registered letter is no parcel."""
    from pos.services.parcels import desk

    label = "6A" + key("2941038600")
    with shelf.store.reading() as conn:
        assert PARCELS.unknown is not None
        assert PARCELS.unknown(conn, "2026-11-20", label) is None
    desk.set_carrier(shelf.store, carrier="colissimo", valid_from="2025-01-01", by=cafe.MANAGER)
    with shelf.store.reading() as conn, pytest.raises(NotHereYet) as told:
        raise PARCELS.unknown(conn, "2026-11-20", label)  # type: ignore[misc]
    assert "Colissimo" in told.value.what()
    with shelf.store.reading() as conn:
        assert PARCELS.unknown(conn, "2026-11-20", EAN) is None
        assert PARCELS.unknown(conn, "2026-11-20", "RR123456785FR") is None


@given(st.text(max_size=300))
def test_any_text_gets_an_answer(text: str) -> None:
    """Whatever a square holds, what it is read as has a name to show."""
    from pos.barcodes import read

    assert len(read(text[:256]).text) <= 256


# The held line


def said(ear: Ear, n: int) -> list[str]:
    """Return the next events of a new listener."""
    line = ear.listen()
    next(line)
    return [next(line).decode() for _ in range(n)]


def test_scans_come_down_the_line_in_order_and_wait_for_the_next_page() -> None:
    """A scan between two pages is not lost; one that a page took is not said again; an old one is nobody's."""
    ear, now = Ear(), time.monotonic()
    ear.heard(Scan("1", "TOO-OLD", now - 60))
    ear.heard(Scan("1", EAN, now))
    ear.heard(Scan("1", "ZB-7", now))
    first = said(ear, 2)
    assert [EAN in first[0], "ZB-7" in first[1]] == [True, True]
    assert '"number": 2' in first[0]
    ear.done(2)
    assert "ZB-7" in said(ear, 1)[0]


def test_the_screen_touched_last_has_the_line() -> None:
    """The former one is told so and lets go; a scanner that comes or goes rings too."""
    ear = Ear()
    former, latter = ear.listen(), ear.listen()
    next(former)
    next(latter)
    assert b"event: away" in next(former)
    assert next(former, None) is None
    ear.changed()
    assert b"event: machines" in next(latter)
    ear.close()
    assert next(latter, None) is None


def test_a_page_without_scanners_holds_no_line_and_one_with_them_does(screen: Counter, kiosk: Kiosk) -> None:
    """Nothing is held in a café without machines; nobody listens before somebody is at the counter."""
    from kiosk.wiring import connect_machines

    kiosk.devices = open_devices()
    assert "data-ear" not in screen.page()
    kiosk.settings["scanners"] = [{"kind": "simulated"}]
    connect_machines(kiosk)
    assert 'data-ear="/scans"' in screen.page()
    assert "data-ear" not in screen.page("/lock")
    assert screen.client.post("/scans/done", headers={"Zinc-Scan": "1"}).status_code == 204
    screen.client.get("/lock?leave=1")
    assert screen.client.get("/scans").status_code == 303
    kiosk.devices.scanners.stop()
