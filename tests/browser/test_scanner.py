"""Scanners before a real page: keys of a French keyboard, a line that the box hears, two screens, a pulled cable."""

import time

import pytest

from kiosk.wiring import Kiosk, connect_machines
from pos.hardware.scanners import READY, simulated
from pos.till import catalogue, sell
from pos.till.events import ProductListed
from tests.browser.conftest import Screen

pytestmark = pytest.mark.browser

EAN, OTHER = "3017620422003", "3274080005003"
# What a French keyboard writes where the signs of a code are on an American one.
AZERTY = dict(zip("0123456789-", "à&é\"'(-è_ç)", strict=True)) | dict(zip("QAWZ", "AQZW", strict=True))


@pytest.fixture
def kiosk(kiosk: Kiosk) -> Kiosk:
    """A café with two articles that bear a code, and a scanner on a line."""
    for label, ean in (("Sablés", EAN), ("Galettes", OTHER)):
        catalogue.list_product(
            kiosk.store,
            ProductListed(product=label, label=label, category="epicerie", price=320, vat_class="grocery", ean=ean),
            by="g1",
        )
    kiosk.settings["scanners"] = [{"kind": "simulated", "name": "comptoir"}]
    connect_machines(kiosk)
    yield kiosk
    kiosk.devices.scanners.stop()


def keys(
    screen: Screen, text: str, *, french: bool = False, gap_ms: int = 4, first: str = "", end: str = "Enter", repeat: bool = False,
) -> None:  # fmt: skip
    """Press the keys of a code as a USB scanner does, on a box whose keyboard is AZERTY; a hand is slower, and ends by nothing."""
    line = screen.page.context.new_cdp_session(screen.page)
    # The hour of each key is said: a busy machine must not make a slow scanner of it.
    at = time.time()

    def press(code: str, key: str, written: str = "", *, shift: bool = False) -> None:
        told = {"code": code, "key": key, "modifiers": 8 if shift else 0, "timestamp": at, "autoRepeat": repeat}
        line.send("Input.dispatchKeyEvent", {"type": "keyDown", **told} | ({"text": written} if written else {}))
        line.send("Input.dispatchKeyEvent", {"type": "keyUp", **told})

    if first:
        press(first, first)
    for sign in text:
        at += gap_ms / 1000
        code = "Minus" if sign == "-" else f"Digit{sign}" if sign.isdigit() else f"Key{sign}"
        if french:
            code = "Digit6" if sign == "-" else f"Key{AZERTY[sign]}" if sign in AZERTY and sign.isalpha() else code
        written = sign if french else AZERTY.get(sign, sign)
        press(code, written, written, shift=sign.isdigit() and french)
    if end and (gap_ms < 50 or first) and not repeat:
        press(end, end, "\r")
    line.detach()


def until_said(screen: Screen, word: str) -> None:
    """Wait for a word in the message line."""
    screen.page.wait_for_function("word => document.getElementById('say').textContent.includes(word)", arg=word)


def labels(kiosk: Kiosk) -> list[str]:
    """Return what is on the one open bill."""
    with kiosk.store.reading() as conn:
        return sorted(f"{line.quantity // 1000} {line.label}" for line in sell.open_tabs(conn)[0].lines)


def test_a_scanner_that_types_is_read_by_its_places_and_a_hand_by_its_letters(screen: Screen, kiosk: Kiosk) -> None:
    """Zero taps; set for an American or a French keyboard, on an AZERTY box; a hand's letters stay in their field."""
    keys(screen, EAN)
    screen.sees("text=Sablés")
    keys(screen, OTHER, french=True)
    screen.sees("text=Galettes")
    assert labels(kiosk) == ["1 Galettes", "1 Sablés"]
    keys(screen, "ZQA-7", french=True)
    until_said(screen, "ZQA-7")
    screen.open("/settings/cafe").page.fill("#f-sign", "Café 5")
    keys(screen, EAN)
    until_said(screen, "Sablés")
    assert screen.page.input_value("#f-sign") == "Café 5"
    keys(screen, "12345678", gap_ms=60)
    assert screen.page.input_value("#f-sign") == "Café 5" + "".join(AZERTY[digit] for digit in "12345678")
    for _again in range(12):
        keys(screen, "4", repeat=True)
    assert screen.page.input_value("#f-sign").endswith("'" * 12)
    keys(screen, EAN, gap_ms=90, first="F12", end="Enter")
    until_said(screen, "Sablés")
    keys(screen, OTHER, end="")
    until_said(screen, "Galettes")
    screen.open("/parcels/")
    keys(screen, OTHER)
    until_said(screen, "Galettes")
    screen.open("/catalogue/new").page.focus("#f-label")
    keys(screen, "3256220452002")
    screen.page.wait_for_function("() => document.getElementById('f-ean').value === '3256220452002'")
    assert screen.page.input_value("#f-label") == ""
    assert screen.taps == 0
    assert labels(kiosk) == ["3 Galettes", "3 Sablés"]


def test_a_scanner_on_a_line_sells_on_the_screen_touched_last_and_says_when_it_is_unplugged(
    screen: Screen, kiosk: Kiosk
) -> None:
    """Without a tap, in order, once; told within two seconds; taken back by itself."""
    far, near = kiosk.devices.scanners.simulated["comptoir"], kiosk.devices.scanners.each[0]
    screen.page.wait_for_function("() => document.body.dataset.hears")
    while near.state() != READY:
        screen.page.wait_for_timeout(20)
    far.switch(simulated.DOUBLES, True)
    far.scan(EAN)
    far.scan(OTHER)
    screen.sees("text=Galettes")
    assert labels(kiosk) == ["1 Galettes", "1 Sablés"]
    second = Screen(screen.page.context.new_page(), screen.address).open("/settings/cafe")
    second.page.wait_for_function("() => document.body.dataset.hears")
    far.scan(EAN)
    until_said(second, "Sablés")
    screen.page.bring_to_front()
    screen.tap("#bill .due").page.wait_for_function("() => document.body.dataset.hears")
    pulled = time.monotonic()
    far.switch(simulated.UNPLUGGED, True)
    screen.sees("#machines a.wait >> text=Douchette")
    assert time.monotonic() - pulled < 2
    screen.tap("#tile-cafe").settle()
    far.switch(simulated.UNPLUGGED, False)
    screen.page.wait_for_selector("#machines a.wait", state="detached")
    far.scan(OTHER)
    screen.page.wait_for_function("() => document.querySelector('#bill .due').textContent.includes('14,10')")
    assert labels(kiosk) == ["1 Café", "2 Galettes", "2 Sablés"]
