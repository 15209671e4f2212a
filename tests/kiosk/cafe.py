"""A café ready to sell, for tests of the screens: two people, the starter menu, simulated machines."""

from contextlib import closing
from pathlib import Path

from kiosk.wiring import Kiosk
from pos.clock import StoppedClock
from pos.hardware import open_devices
from pos.till import catalogue, close, people
from pos.till.events import CafeDescribed
from tests import once
from tests.conftest import open_test_store

MANAGER, MANAGER_PIN = "g1", "2580"
SELLER, SELLER_PIN = "v1", "1470"
FLOAT = 15_000

CAFE = CafeDescribed(
    sign="Café de la Halle", legal_entity="SAS Café de la Halle", siret="12345678200010", street="2 place de la Halle",
    postcode="56320", town="Le Faouët", insee="56057", model="managed", regime="reel", valid_from="2026-01-01",
)  # fmt: skip


def open_cafe(folder: Path, clock: StoppedClock, *, day_open: bool = True) -> Kiosk:
    """Return a kiosk whose café has its people and menu; its day is open unless told."""
    path = folder / "cafe.db"

    def make() -> None:
        with closing(open_test_store(path, clock)) as store:
            people.add_operator(store, role="manager", name="Maëlle", pin=MANAGER_PIN, by="box")
            people.add_operator(store, role="seller", name="Yann", pin=SELLER_PIN, by=MANAGER)
            people.describe_cafe(store, CAFE, by=MANAGER)
            catalogue.load_starter(store, by=MANAGER)
            if day_open:
                close.open_day(store, FLOAT, by=MANAGER)

    once.file(("café", day_open, clock.now_ms(), clock.mono_ms()), path, make)
    store = open_test_store(path, clock)
    return Kiosk(store=store, devices=open_devices({"kind": "simulated"}), data=folder, settings={"demo": True})
