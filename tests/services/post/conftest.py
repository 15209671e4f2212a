"""A relay of La Poste on the morning of scenario S7, and its screens."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kiosk.app import create_app
from kiosk.replay import begin_menu
from kiosk.wiring import Kiosk
from pos.clock import StoppedClock
from pos.hardware import open_devices
from pos.services.post import desk
from pos.store import Store
from pos.till import close, people
from tests.conftest import open_test_store

BY = {"by": "g1"}
MORNING = "2026-02-07T09:00:00+01:00"


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Store]:
    """A relay with 250 € in its drawer on Saturday 7 February 2026, prices of 2026 on its menu."""
    store = open_test_store(tmp_path / "cafe.db", StoppedClock(MORNING))
    begin_menu(store)
    desk.set_terms(store, **BY)
    close.open_day(store, 25_000, **BY)
    yield store
    store.close()


@pytest.fixture
def screen(relay: Store, tmp_path: Path) -> FlaskClient:
    """The relay's screens, somebody signed in."""
    op = people.add_operator(relay, role="manager", name="Bea", pin="5293", by="g1")
    kiosk = Kiosk(store=relay, devices=open_devices({"kind": "simulated"}), data=tmp_path, settings={})
    client = create_app(kiosk).test_client()
    client.post("/sign-in", data={"op": getattr(op, "op", op), "pin": "5293"})
    return client


def at(store: Store, when: str) -> None:
    """Move the clock."""
    store.clock.set(when)  # type: ignore[attr-defined]
