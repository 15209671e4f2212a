"""Parcels with real taps and a real scanner's burst of keys: tap budgets, sizes, words whole."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe

from kiosk.wiring import Kiosk
from pos.services.parcels import desk, numbers, reading
from tests.browser.conftest import SMALL, USUAL, Screen, Windows
from tests.browser.test_looks import CUT, FREQUENT

pytestmark = pytest.mark.browser

MR = "mondial-relay"
PAGES = ("", "driver", "drop", "count", "carriers", "month/2026-11", "intake")


def label(n: int) -> str:
    """A Mondial Relay label with both keys right."""
    head, tail = f"12{n:08d}0101", "0662312345"
    return f"{head}{numbers.mondial_relay_digit(head)}{tail}{numbers.mondial_relay_digit(tail)}"


BURST = """codes => { for (const code of codes)
  (document.activeElement || document.body).dispatchEvent(new KeyboardEvent("keydown", {code, bubbles: true, cancelable: true})); }"""


def scan(screen: Screen, code: str) -> Screen:
    """Read a code: the scanner types places of keys, faster than any finger, and ends with Enter."""
    screen.page.evaluate(BURST, [*(f"Digit{s}" if s.isdigit() else f"Key{s}" for s in code), "Enter"])
    return screen.settle()


@pytest.fixture
def parcels(kiosk: Kiosk) -> dict[str, str]:
    """A shelf with five parcels of three carriers; one is Mme Le Goff's."""
    for carrier in (MR, "pickup", "ups"):
        desk.set_carrier(kiosk.store, by="g1", carrier=carrier, pay_handed=35)
    told = {}
    for name, n, place in (
        ("Mme Le Goff", 29410386, "B3"),
        ("Mme Petit", 1, "B1"),
        ("Mme Petit", 2, "D4"),
        ("", 3, ""),
    ):
        told[f"{name}{n}"] = desk.receive(
            kiosk.store, by="g1", carrier=MR, code=label(n), name=name, place=place
        ).parcel
    told["ups"] = desk.receive(
        kiosk.store, by="g1", carrier="ups", code="1Z999AA10123456784", name="Mme O’Brien", place="F"
    ).parcel
    told["pickup"] = desk.receive(
        kiosk.store, by="g1", carrier="pickup", code="6A15602676300", name="Atelier Roux", place="C"
    ).parcel
    return told


def state(kiosk: Kiosk, parcel: str) -> str:
    """Where a parcel stands."""
    with kiosk.store.reading() as conn:
        found = reading.parcel(conn, parcel)
    assert found is not None
    return found.state


def test_a_code_hands_over_in_one_scan_and_one_tap(screen: Screen, kiosk: Kiosk, parcels: dict[str, str]) -> None:
    """From the counter itself: the label is read, the parcel is there, one tap and it is gone."""
    scan(screen, label(29410386)).sees("#parcel .plate")
    screen.tap("#parcel .main").sees(".plate.handed")
    assert screen.taps == 1
    assert state(kiosk, parcels["Mme Le Goff29410386"]) == "handed"


def test_a_name_hands_over_in_three_taps_and_four_keys(screen: Screen, kiosk: Kiosk, parcels: dict[str, str]) -> None:
    """The field, four letters on the screen's keyboard, the parcel, Remettre."""
    screen.open("/parcels/").tap("#q").sees("#keyboard:not([hidden])")
    for letter in "goff":
        screen.page.click(f"#keyboard [data-letter={letter}]")
    screen.sees(".hits .row").tap(".hits .row").sees("#parcel .plate")
    screen.tap("#parcel .main").sees(".plate.handed")
    assert screen.taps == 3
    assert state(kiosk, parcels["Mme Le Goff29410386"]) == "handed"


def test_taking_in_is_one_scan_and_one_tap(screen: Screen, kiosk: Kiosk, parcels: dict[str, str]) -> None:
    """The label, then the letter of the shelf; the next label follows it there without a tap."""
    desk.open_delivery(kiosk.store, by="g1", carrier=MR, announced=3)
    screen.open("/parcels/intake")
    scan(screen, label(70000001)).sees(".letters:not(.digits) .letter:not([disabled])")
    screen.tap(".letters:not(.digits) .letter >> text=B").sees(".letter.here")
    assert screen.taps == 1
    scan(screen, label(70000002))
    screen.page.wait_for_function("() => document.querySelector('.plate.count b').textContent.startsWith('2')")
    with kiosk.store.reading() as conn:
        (delivery,) = reading.open_deliveries(conn)
        assert [p.place for p in reading.of_delivery(conn, delivery.delivery_id)] == ["B", "B"]


def test_a_torn_label_is_typed(screen: Screen, kiosk: Kiosk, parcels: dict[str, str]) -> None:
    """Eight digits on the screen's keyboard, taken in without a key to check."""
    desk.open_delivery(kiosk.store, by="g1", carrier=MR, announced=1)
    screen.open("/parcels/intake").tap(".doing .key >> nth=2").sees("#f-code").tap("#f-code")
    for digit in "31415926":
        screen.page.click(f"#keyboard [data-type='{digit}'] >> visible=true")
    screen.page.keyboard.press("Enter")
    screen.page.wait_for_function("() => document.querySelector('.plate.count b').textContent.startsWith('1')")


def test_the_driver_comes_and_goes(screen: Screen, kiosk: Kiosk, parcels: dict[str, str]) -> None:
    """A sender's parcel is ticked; one tap gives it, and the list is on paper."""
    sent = desk.drop_off(kiosk.store, by="g1", carrier=MR, code=label(88)).parcel
    screen.open(f"/parcels/driver?carrier={MR}").tap(".takes .main").sees(".takes .nothing")
    assert state(kiosk, sent) == "given"


@pytest.fixture(params=[USUAL, SMALL], ids=["1280x800", "1024x600"])
def sized(
    request: pytest.FixtureRequest, windows: Windows, address: str, kiosk: Kiosk, parcels: dict[str, str]
) -> Iterator[Screen]:
    """The usual and the smallest screen, with parcels on the shelves and a delivery being read."""
    desk.open_delivery(kiosk.store, by="g1", carrier=MR, announced=30)
    desk.receive(kiosk.store, by="g1", code=label(555), name="Mme Aubert")
    with windows("counter", request.param) as page, Screen(page, address) as screen:
        screen.size = request.param  # type: ignore[attr-defined]
        yield screen.sign_in()


def test_every_screen_fits_its_frame_with_whole_words(sized: Screen, parcels: dict[str, str]) -> None:
    """No page scrolls, no word is cut, axe finds nothing serious, at both sizes."""
    for path in (*PAGES, *parcels.values(), f"{parcels['ups']}/hand"):
        sized.open(f"/parcels/{path}")
        if path.endswith("/hand"):
            sized.open(f"/parcels/{parcels['ups']}").tap("#parcel .main").sees(".plate.handed")
        assert sized.page.evaluate("() => document.documentElement.scrollHeight - innerHeight") <= 1, path
        assert sized.page.evaluate(CUT) == [], path
        found = [v for v in Axe().run(sized.page).response["violations"] if v["impact"] in ("serious", "critical")]
        assert found == [], (path, [(v["id"], [n["html"][:120] for n in v["nodes"]][:3]) for v in found])


def test_what_is_touched_all_day_is_twenty_millimetres(sized: Screen, parcels: dict[str, str]) -> None:
    """Remettre, and the letters of the shelves."""
    least = FREQUENT[sized.size]  # type: ignore[attr-defined]
    for path, selector in ((parcels["ups"], "#parcel .main"), ("intake", ".letters:not(.digits) .letter")):
        box = sized.open(f"/parcels/{path}").page.locator(selector).first.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= least, (path, box)
