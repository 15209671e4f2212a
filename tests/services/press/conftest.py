"""A café with a press depot and an FDJ licence, on a Monday morning, and its screens."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kiosk.app import create_app
from kiosk.replay import begin_menu
from kiosk.wiring import Kiosk
from pos.clock import StoppedClock
from pos.engines.labels import ean_digit
from pos.hardware import open_devices
from pos.services.press import desk
from pos.services.press.deliveries import Copies
from pos.store import Store
from pos.till import close, people
from tests.conftest import open_test_store

BY = {"by": "g1"}
MORNING = "2026-11-16T07:00:00+01:00"
DAY = "2026-11-16"
DAILY, WEEKLY = "presse_quotidien", "presse_hebdo"


def with_key(digits: str) -> str:
    """Return twelve digits with their check digit."""
    return digits + str(ean_digit(digits))


DAILY_CODE = with_key("977039520300")
WEEKLY_CODE = with_key("378191110320")


def at(store: Store, when: str) -> None:
    """Move the clock."""
    store.clock.set(when)  # type: ignore[attr-defined]


def furnish(store: Store) -> None:
    """Agree with the depot at 15 %, list a daily at 1.40 and a weekly at 3.20, take a licence."""
    begin_menu(store)
    desk.set_depot(store, commission_bp=1500, **BY)
    desk.list_title(store, label="Quotidien", price=140, code=DAILY_CODE, product=DAILY, **BY)
    desk.list_title(store, label="Hebdo", price=320, code=WEEKLY_CODE, product=WEEKLY, periodicity="weekly", **BY)
    desk.set_licence(store, "fdj", commission_bp=500, **BY)
    close.open_day(store, 20_000, **BY)


def deliver(store: Store, slip: str = "100", daily: int = 10, weekly: int = 5) -> str:
    """Receive copies; return the delivery."""
    lines = [Copies(product=DAILY, received=daily * 1000), Copies(product=WEEKLY, received=weekly * 1000)]
    return desk.receive_delivery(store, slip, lines, **BY).delivery


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Store]:
    """A café whose day is open, nothing delivered yet."""
    store = open_test_store(tmp_path / "cafe.db", StoppedClock(MORNING))
    furnish(store)
    yield store
    store.close()


@pytest.fixture
def screen(shop: Store, tmp_path: Path) -> FlaskClient:
    """Its screens, the manager signed in."""
    op = people.add_operator(shop, role="manager", name="Bea", pin="5293", by="g1")
    kiosk = Kiosk(store=shop, devices=open_devices({"kind": "simulated"}), data=tmp_path, settings={"lock_after_s": 0})
    client = create_app(kiosk).test_client()
    client.post("/sign-in", data={"op": getattr(op, "op", op), "pin": "5293"})
    return client
