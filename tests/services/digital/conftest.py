"""A café with two public posts on a Sunday morning, and its screens."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kiosk.app import create_app
from kiosk.replay import begin_menu
from kiosk.wiring import Kiosk
from pos.clock import StoppedClock
from pos.hardware import open_devices
from pos.services.digital import desk
from pos.store import Store
from pos.till import close, people
from tests.conftest import open_test_store

BY = {"by": "g1"}
DAY = "2026-04-26"


class Posts:
    """A store, and its two posts."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.ids = [desk.list_post(store, label=f"Ordinateur {n}", **BY) for n in (1, 2)]

    def at(self, hour: str) -> None:
        """Move the clock to an hour of the day."""
        self.store.clock.set(f"{DAY}T{hour}:00+02:00")  # type: ignore[attr-defined]

    def begin(self, n: int = 1) -> str:
        """Sit somebody down; return the session."""
        return desk.start(self.store, self.ids[n - 1], **BY).session


@pytest.fixture
def cafe(tmp_path: Path) -> Iterator[Posts]:
    """Sunday 26 April 2026, nine o'clock, day open."""
    store = open_test_store(tmp_path / "cafe.db", StoppedClock(f"{DAY}T09:00:00+02:00"))
    begin_menu(store)
    desk.set_terms(
        store, free_minutes=30, block_minutes=30, block_price=100, print_price=20, colour_price=50, scan_price=10, **BY
    )
    posts = Posts(store)
    close.open_day(store, 10_000, **BY)
    yield posts
    store.close()


@pytest.fixture
def screen(cafe: Posts, tmp_path: Path) -> FlaskClient:
    """The posts' screens, the manager signed in."""
    op = people.add_operator(cafe.store, role="manager", name="Bea", pin="5293", by="g1")
    kiosk = Kiosk(store=cafe.store, devices=open_devices({"kind": "simulated"}), data=tmp_path, settings={})
    client = create_app(kiosk).test_client()
    client.post("/sign-in", data={"op": op, "pin": "5293"})
    return client
