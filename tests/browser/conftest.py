"""A real kiosk on a free port, and Chromium before it, with every tap counted."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright

from kiosk.app import create_app
from kiosk.wiring import Kiosk
from pos.clock import StoppedClock
from tests.kiosk import cafe
from tests.serving import served

# 10.1 inches, the usual screen; and the smallest one we promise.
USUAL, SMALL = (1280, 800), (1024, 600)
# When the finger last touched a money key, as the page itself counts.
LAST_MONEY = """addEventListener("click", (event) => {
  if (event.target.closest?.(".money, #work[data-work^='pay']")) window.lastMoney = performance.now();
}, true)"""


class Screen:
    """A page of the till, with its taps counted."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.taps = 0
        self.complaints: list[str] = []
        page.on("pageerror", self._failed)
        page.on("console", self._said)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _value: BaseException | None, _where: TracebackType | None
    ) -> None:
        self.page.remove_listener("pageerror", self._failed)
        self.page.remove_listener("console", self._said)
        assert kind or self.complaints == []

    def _failed(self, problem: Error) -> None:
        self.complaints.append(str(problem))

    def _said(self, said: ConsoleMessage) -> None:
        if "Content Security Policy" in said.text:
            self.complaints.append(said.text)

    def open(self, path: str = "/") -> "Screen":
        """Go to a page."""
        self.page.goto(self.address + path)
        return self

    def sign_in(self, op: str = cafe.MANAGER, pin: str = cafe.MANAGER_PIN) -> "Screen":
        """Arrive at the counter with what the lock's page sends."""
        told = {"op": op, "pin": pin, "back": "/"}
        self.page.request.post(self.address + "/sign-in", form=told, headers={"Origin": self.address}, max_redirects=0)
        return self.open()

    def type_pin(self, op: str = cafe.MANAGER, pin: str = cafe.MANAGER_PIN) -> "Screen":
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


Windows = Callable[[str, tuple[int, int]], AbstractContextManager[Page]]


@pytest.fixture(scope="session")
def windows(chromium: Browser) -> Windows:
    """The windows of this worker, by name, each with its own cookies.

    They stay open from test to test, for a new one costs Chromium half a second of work. Each test finds no
    cookie, and an address of its own, where nothing is stored.
    """
    kept: dict[str, Page] = {}

    @contextmanager
    def window(name: str, size: tuple[int, int]) -> Iterator[Page]:
        if name not in kept:
            context = chromium.new_context()
            context.add_init_script(LAST_MONEY)
            kept[name] = context.new_page()
        page = kept[name]
        page.context.clear_cookies()
        page.set_viewport_size({"width": size[0], "height": size[1]})
        try:
            yield page
        finally:
            for other in page.context.pages:
                if other is not page:
                    other.close()
            # Whatever the page holds is let go, so that its server ends at once.
            page.goto("about:blank")

    return window


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
def screen(windows: Windows, address: str) -> Iterator[Screen]:
    """The manager at the counter, on a 10-inch screen."""
    with windows("counter", USUAL) as page, Screen(page, address) as screen:
        yield screen.sign_in()


@pytest.fixture
def other_screen(windows: Windows, address: str) -> Iterator[Screen]:
    """The seller at a second screen of the same till."""
    with windows("second", SMALL) as page, Screen(page, address) as screen:
        yield screen.sign_in(cafe.SELLER, cafe.SELLER_PIN)
