"""A café with four relays on Friday 13 March 2026, and its screens."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kiosk.app import create_app
from kiosk.replay import begin_menu
from kiosk.wiring import Kiosk
from pos.clock import StoppedClock
from pos.hardware import open_devices
from pos.services.relays import desk
from pos.store import Store
from pos.till import close, people
from tests.conftest import open_test_store

BY = {"by": "g1"}
DAY = "2026-03-13"
MORNING = f"{DAY}T09:00:00+01:00"


def choose(store: Store) -> None:
    """The relays of the café: clothes, shoes, keys, baskets, things left for somebody."""
    desk.set_relay(
        store,
        "pressing",
        sort="laundry",
        label="Pressing",
        commission_bp=1_500,
        provider="Pressing du Bourg",
        phone="0611223344",
        **BY,
    )
    desk.set_relay(store, "cordonnier", sort="repair", label="Cordonnier", **BY)
    desk.set_relay(store, "cles", sort="keys", label="Clés", **BY)
    desk.set_relay(store, "amap", sort="baskets", label="Paniers", **BY)
    desk.set_relay(store, "depot", sort="other", label="Dépôt", hold_days=7, **BY)


@pytest.fixture
def cafe(tmp_path: Path) -> Iterator[Store]:
    """100 € in the drawer, five relays."""
    store = open_test_store(tmp_path / "cafe.db", StoppedClock(MORNING))
    begin_menu(store)
    choose(store)
    close.open_day(store, 10_000, **BY)
    yield store
    store.close()


@pytest.fixture
def screen(cafe: Store, tmp_path: Path) -> FlaskClient:
    """The screens, the manager signed in."""
    op = people.add_operator(cafe, role="manager", name="Bea", pin="5293", by="g1")
    kiosk = Kiosk(store=cafe, devices=open_devices({"kind": "simulated"}), data=tmp_path, settings={})
    client = create_app(kiosk).test_client()
    client.post("/sign-in", data={"op": getattr(op, "op", op), "pin": "5293"})
    return client


def at(store: Store, when: str) -> None:
    """Move the clock."""
    store.clock.set(when)  # type: ignore[attr-defined]


def new_day(store: Store, day: str) -> None:
    """Close the day and open another."""
    close.close_day(store, counted=None, **BY)  # type: ignore[arg-type]
    at(store, f"{day}T09:00:00+01:00")
    close.open_day(store, 10_000, **BY)
