"""A village grocery with two suppliers and a beekeeper on deposit, and its screens."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kiosk.app import create_app
from kiosk.replay import begin_menu
from kiosk.wiring import Kiosk
from pos.clock import StoppedClock
from pos.engines import stock
from pos.engines.labels import ean_digit
from pos.hardware import open_devices
from pos.services.grocery import desk
from pos.store import Store
from pos.till import close, people
from tests.conftest import open_test_store

BY = {"by": "g1"}
MORNING = "2026-10-01T07:00:00+02:00"
DAY = "2026-10-01"
YOGURT, MILK, EGGS, POTATOES, HONEY = (
    "yaourts_nature_4",
    "lait_demi_ecreme_1_l",
    "oeufs_la_boite_de_6",
    "pommes_de_terre_le_kilo",
    "miel_de_pays_500_g",
)


def with_key(digits: str) -> str:
    """Return twelve digits with their check digit."""
    return digits + str(ean_digit(digits))


def at(store: Store, when: str) -> None:
    """Move the clock."""
    store.clock.set(when)  # type: ignore[attr-defined]


def furnish(store: Store) -> None:
    """List the shelf, two suppliers (s1, s2 local), yoghurt with use-by dates, potatoes by weight, honey on deposit."""
    begin_menu(store)
    desk.list_shelf(store, **BY)
    stock.list_supplier(store, "Grossiste Essai", **BY)
    stock.list_supplier(store, "Ferme Essai", local=True, **BY)
    desk.set_item(store, YOGURT, dates_kind="dlc", **BY)
    desk.set_item(store, MILK, content=1000, content_unit="ml", dates_kind="ddm", cap=90, **BY)
    desk.set_item(store, POTATOES, plu="12", by_weight=True, **BY)
    desk.set_producer(store, name="Rucher Essai", commission_bp=1500, products=[HONEY], self_billing=True, **BY)
    close.open_day(store, 20_000, **BY)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Store]:
    """The grocery, its day open, shelves empty."""
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
