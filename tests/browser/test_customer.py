"""The customer's side before a real browser: the second screen follows the counter, the counter hears the pole."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from kiosk.wiring import Kiosk, connect_machines
from pos.hardware.display.simulated import UNPLUGGED
from tests.browser.conftest import SMALL, Screen

pytestmark = pytest.mark.browser
PROMISED_MS = 2000
# Nothing is cut, nothing scrolls, nothing can be touched.
WHOLE = """() => {
  const cut = [...document.querySelectorAll("#seen *")].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.right > innerWidth + 1 || box.bottom > innerHeight + 1 || one.scrollWidth > one.clientWidth + 1 && one.clientWidth;
  });
  return cut.length === 0 && !document.querySelector("a, button, input, form");
}"""


@pytest.fixture
def kiosk(kiosk: Kiosk) -> Iterator[Kiosk]:
    """A café with a pole."""
    kiosk.settings["display"] = {"kind": "simulated"}
    connect_machines(kiosk)
    yield kiosk
    kiosk.devices.display.close()


@pytest.fixture
def second(chromium: Browser, address: str) -> Iterator[Page]:
    """The customer's screen, where nobody signs in."""
    context = chromium.new_context(viewport={"width": SMALL[0], "height": SMALL[1]})
    page = context.new_page()
    page.goto(f"{address}/customer/")
    yield page
    context.close()


def test_the_second_screen_follows_every_tap(screen: Screen, second: Page) -> None:
    """Bill, rest, change: each is there within a blink of the tap, whole on the smallest screen."""
    second.wait_for_selector("main.idle")
    screen.tap("#tile-cafe").settle()
    second.wait_for_selector("text=1,30", timeout=PROMISED_MS)
    for tile in (
        "cafe_creme",
        "allonge",
        "noisette",
        "chocolat_chaud",
        "the_infusion",
        "croissant",
        "baguette",
        "panache",
    ):
        screen.tap(f"#tile-{tile}").settle()
    second.wait_for_selector(".more", timeout=PROMISED_MS)
    assert second.evaluate(WHOLE)
    screen.tap("#pay-5000").settle()
    second.wait_for_selector("main.paid", timeout=PROMISED_MS)
    assert second.evaluate(WHOLE)
    assert "Panaché" not in second.inner_text("body")


def test_the_counter_says_that_the_pole_is_out_and_that_it_is_back(screen: Screen, kiosk: Kiosk) -> None:
    """Nobody touches anything: the line is rung by the cable itself, both times within two seconds."""
    glass = kiosk.devices.simulated_display
    screen.tap("#tile-cafe").settle()
    until = time.monotonic() + 2
    while not glass.lines()[0].startswith("Café "):
        assert time.monotonic() < until
        time.sleep(0.01)
    glass.switch(UNPLUGGED, True)
    screen.page.wait_for_selector("#machines >> text=Afficheur client", timeout=PROMISED_MS)
    glass.switch(UNPLUGGED, False)
    screen.page.wait_for_selector("#machines >> text=Afficheur client", state="detached", timeout=PROMISED_MS)
    assert glass.lines()[0].startswith("Café ")
