"""A café with three bikes on a spring morning, and its screens."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kiosk.app import create_app
from kiosk.replay import begin_menu
from kiosk.wiring import Kiosk
from pos.clock import StoppedClock
from pos.hardware import open_devices
from pos.services.bikes import desk
from pos.store import Store
from pos.till import close, people
from tests.conftest import open_test_store

BY = {"by": "g1"}
DAY = "2026-04-26"
MORNING = f"{DAY}T09:00:00+02:00"


class Bikes:
    """A store, and the bikes in it by number."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.ids = [desk.list_bike(store, number=n, deposit=15_000, **BY) for n in (1, 2)]
        self.ids.append(desk.list_bike(store, number=3, sort="electric", label="rouge", deposit=30_000, **BY))

    def at(self, hour: str, day: str = DAY) -> None:
        """Move the clock to an hour of the day."""
        self.store.clock.set(f"{day}T{hour}:00+02:00")  # type: ignore[attr-defined]

    def out(self, *numbers: int, **how: object) -> str:
        """Let bikes leave for half a day; return the first rental."""
        wanted = {"rule": "half_day", "deposit": "cheque", **how}
        return desk.hire(self.store, bikes=[self.ids[n - 1] for n in numbers or (1,)], **wanted, **BY).first  # type: ignore[arg-type]


def ready(folder: Path, hour: str = MORNING) -> Bikes:
    """Return a café with its day open, three bikes, a price and its rules."""
    store = open_test_store(folder / "cafe.db", StoppedClock(hour))
    begin_menu(store)
    desk.set_terms(store, grace_minutes=15, late_minutes=60, late_price=300, **BY)
    desk.set_price(store, "half_day", price=800, **BY)
    desk.set_price(store, "day", price=1_500, **BY)
    bikes = Bikes(store)
    close.open_day(store, 10_000, **BY)
    return bikes


@pytest.fixture
def cafe(tmp_path: Path) -> Iterator[Bikes]:
    """Sunday 26 April 2026, nine o'clock."""
    bikes = ready(tmp_path)
    yield bikes
    bikes.store.close()


@pytest.fixture
def screen(cafe: Bikes, tmp_path: Path) -> FlaskClient:
    """The bikes' screens, the manager signed in."""
    op = people.add_operator(cafe.store, role="manager", name="Bea", pin="5293", by="g1")
    kiosk = Kiosk(store=cafe.store, devices=open_devices({"kind": "simulated"}), data=tmp_path, settings={})
    client = create_app(kiosk).test_client()
    client.post("/sign-in", data={"op": op, "pin": "5293"})
    return client
