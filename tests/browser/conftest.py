"""A real kiosk on a free port, and Chromium before it, with every tap counted."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from kiosk.app import create_app
from kiosk.wiring import Kiosk
from pos.clock import StoppedClock
from tests.kiosk import cafe
from tests.serving import served

# 10.1 inches, the usual screen; and the smallest one we promise.
USUAL, SMALL = (1280, 800), (1024, 600)
# When the finger last touched a money key, as the page itself counts.
LAST_MONEY = """addEventListener("click", (event) => {
  if (event.target.closest?.(".money")) window.lastMoney = performance.now();
}, true)"""


class Screen:
    """A page of the till, with its taps counted."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.taps = 0
        self.complaints: list[str] = []
        page.add_init_script(LAST_MONEY)
        page.on("pageerror", lambda problem: self.complaints.append(str(problem)))
        page.on(
            "console",
            lambda said: self.complaints.append(said.text) if "Content Security Policy" in said.text else None,
        )

    def open(self, path: str = "/") -> "Screen":
        """Go to a page."""
        self.page.goto(self.address + path)
        return self

    def sign_in(self, op: str = cafe.MANAGER, pin: str = cafe.MANAGER_PIN) -> "Screen":
        """Type a PIN on a keyboard, and arrive at the counter."""
        self.open(f"/lock?op={op}")
        self.page.keyboard.type(pin)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "/lock" not in url)
        return self

    def tap(self, selector: str) -> "Screen":
        """Tap, and count it."""
        self.page.click(selector)
        self.taps += 1
        return self

    def settle(self) -> "Screen":
        """Wait until nothing is under way."""
        self.page.wait_for_function("() => !document.querySelector('.htmx-request')")
        return self

    def sees(self, selector: str) -> "Screen":
        """Wait until something is there."""
        self.page.wait_for_selector(selector)
        return self

    def rest(self) -> "Screen":
        """Let a finger's bounce pass: money keys ignore it for 0.4 s after the last one."""
        self.page.wait_for_function("() => !(performance.now() - window.lastMoney <= 410)")
        return self


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def kiosk(tmp_path: Path, clock: StoppedClock) -> Iterator[Kiosk]:
    """A café with its day open."""
    kiosk = cafe.open_cafe(tmp_path, clock)
    yield kiosk
    kiosk.store.close()


@pytest.fixture
def address(kiosk: Kiosk) -> Iterator[str]:
    """The kiosk served as on the box: waitress and its threads."""
    with served(create_app(kiosk)) as address:
        yield address


@pytest.fixture
def screen(chromium: Browser, address: str) -> Iterator[Screen]:
    """The manager at the counter, on a 10-inch screen."""
    context = chromium.new_context(viewport={"width": USUAL[0], "height": USUAL[1]})
    screen = Screen(context.new_page(), address).sign_in()
    yield screen
    context.close()
    assert screen.complaints == []


@pytest.fixture
def other_screen(chromium: Browser, address: str) -> Iterator[Screen]:
    """The seller at a second screen of the same till."""
    context = chromium.new_context(viewport={"width": SMALL[0], "height": SMALL[1]})
    yield Screen(context.new_page(), address).sign_in(cafe.SELLER, cafe.SELLER_PIN)
    context.close()
