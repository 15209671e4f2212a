"""A browser's worth of requests against a real application: signed in, with what htmx sends."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from kiosk.app import create_app
from kiosk.wiring import Kiosk
from pos.clock import StoppedClock
from tests.kiosk import cafe


class Counter:
    """A screen of the till: what it shows, and the taps on it."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.tab = ""

    def sign_in(self, op: str = cafe.MANAGER, pin: str = cafe.MANAGER_PIN) -> Any:
        """Type a PIN."""
        return self.client.post("/sign-in", data={"op": op, "pin": pin, "back": "/"})

    def page(self, url: str = "/") -> str:
        """Open a page; remember the bill it shows."""
        answer = self.client.get(url)
        assert answer.status_code == 200, (url, answer.status, answer.headers.get("Location"))
        return self._seen(answer.text)

    def tap(self, url: str, /, **form: Any) -> Any:
        """Tap a key: a post as htmx sends it."""
        headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/", "Origin": "http://localhost"}
        answer = self.client.post(url, data={"tab": self.tab, **form}, headers=headers)
        self._seen(answer.text)
        return answer

    def _seen(self, text: str) -> str:
        found = re.search(r'data-tab="(\w+)"', text)
        self.tab = found[1] if found else self.tab
        return text


@pytest.fixture
def kiosk(tmp_path: Path, clock: StoppedClock) -> Iterator[Kiosk]:
    """A café with its day open."""
    kiosk = cafe.open_cafe(tmp_path, clock)
    yield kiosk
    kiosk.store.close()


@pytest.fixture
def screen(kiosk: Kiosk) -> Counter:
    """A screen where the manager signed in, showing the counter."""
    screen = Counter(create_app(kiosk).test_client())
    screen.sign_in()
    screen.page()
    return screen


@pytest.fixture
def other_screen(kiosk: Kiosk, screen: Counter) -> Counter:
    """A second screen of the same till, showing its own bill."""
    other = Counter(screen.client.application.test_client())
    other.sign_in(cafe.SELLER, cafe.SELLER_PIN)
    other.page()
    return other
