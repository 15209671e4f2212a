"""A box out of its packet: the calm screens of the first run, up to the first coffee, with a real HQ."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hq import enrolment, register
from hq.app import create_app as create_hq
from hq.config import Config
from hq.wiring import Office, open_office
from kiosk.app import create_app
from kiosk.wiring import Kiosk
from pos.clock import StoppedClock
from pos.hardware import open_devices
from pos.house import FEATURES
from pos.store import Store
from pos.till import tables
from tests.browser.conftest import SMALL, Screen, Windows
from tests.conftest import MORNING, key_of
from tests.serving import served

pytestmark = pytest.mark.browser


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """HQ on its own file."""
    opened = open_office(
        Config(data=tmp_path / "hq", database=f"sqlite:///{tmp_path / 'hq.db'}"), clock=StoppedClock(MORNING)
    )
    yield opened
    opened.close()


@pytest.fixture
def hq_address(office: Office) -> Iterator[str]:
    """HQ's own address."""
    with served(create_hq(office)) as address:
        yield address


@pytest.fixture
def new_kiosk(tmp_path: Path, clock: StoppedClock) -> Iterator[Kiosk]:
    """A box that nobody has set up."""
    store = Store(tmp_path / "cafe.db", clock=clock, keyring=key_of("new box"), features=FEATURES)
    kiosk = Kiosk(store=store, devices=open_devices({"kind": "none"}), data=tmp_path, settings={})
    yield kiosk
    kiosk.store.close()


@pytest.fixture
def new_screen(windows: Windows, new_kiosk: Kiosk) -> Iterator[Screen]:
    """The new box's screen."""
    with served(create_app(new_kiosk)) as address, windows("counter", SMALL) as page, Screen(page, address) as screen:
        yield screen


def code_for_a_cafe(office: Office) -> str:
    """Register a café at HQ and make its code."""
    with office.db.writing() as conn:
        sheet = register.Sheet(
            name="Café de la Halle", insee="10076", antenna=1, model="managed", services=("bread",), week=("6:00-20:00",) * 7,
            status="open", opened_on="2026-01-01",
        )  # fmt: skip
        cafe = register.add_cafe(conn, sheet, by="office", now_ms=office.clock.now_ms())
        return str(enrolment.make_code(conn, cafe, by="office", at=office.clock.now_ms()))


def fill_cafe(screen: Screen) -> None:
    """Type who the café is."""
    told = {
        "sign": "Café de la Halle", "legal_entity": "Commune de Pâlis", "siret": "732 829 320 00074", "street": "2 place de la Halle",
        "postcode": "10190", "town": "Pâlis",
    }  # fmt: skip
    for name, text in told.items():
        screen.page.fill(f"#f-{name}", text)


def test_a_new_box_sells_its_first_coffee(
    new_screen: Screen, new_kiosk: Kiosk, office: Office, hq_address: str
) -> None:
    """Café, people, printer, menu, HQ's code: then the facts are in the journal and the counter opens."""
    page = new_screen.open().page
    page.wait_for_url("**/start/")
    page.click("text=Commencer")
    fill_cafe(new_screen)
    page.fill("#f-siret", "732 829 320 00075")
    page.click("text=Suite")
    new_screen.sees("#say.bad")
    assert "SIRET" in page.inner_text("#say")
    page.fill("#f-siret", "732 829 320 00074")
    page.keyboard.press("Enter")
    page.wait_for_url("**/start/team")
    page.fill("#f-name", "Maëlle")
    page.fill("#f-pin", "2580")
    page.fill("#f-again", "2580")
    page.keyboard.press("Enter")
    page.wait_for_selector("a:has-text('Suite')")
    with new_kiosk.store.reading() as conn:
        assert "2580" not in str([row[0] for row in conn.execute("SELECT value FROM draft_value")])
    page.click("a:has-text('Suite')")
    page.wait_for_url("**/start/printer")
    page.select_option("#f-kind", "simulated")
    page.click("text=Imprimer la page d’essai")
    new_screen.sees("#say.good")
    assert new_kiosk.devices.simulated_printer.state()["slips"] == 1
    page.click("button:has-text('Suite')")
    page.wait_for_url("**/start/menu")
    page.click("text=Suite")
    page.wait_for_url("**/start/hq")
    page.fill("#f-url", hq_address)
    page.fill("#f-code", "AAAA-AAAA-AAAA")
    page.keyboard.press("Enter")
    new_screen.sees("#say.bad, #say.wait")
    assert new_kiosk.store.journal is None
    page.fill("#f-code", code_for_a_cafe(office))
    page.keyboard.press("Enter")
    new_screen.sees(".check-number")
    page.click("text=Au comptoir")
    page.wait_for_url("**/lock**")
    page.keyboard.type("2580")
    page.keyboard.press("Enter")
    page.wait_for_url("**/day/open")
    for digit in ("1", "5", "00", "0"):
        page.click(f".other-float [data-type='{digit}']")
    page.click("text=Ouvrir avec ce fond")
    new_screen.tap("#tile-cafe").tap("#pay-exact").sees("#bill.done")
    with new_kiosk.store.reading() as conn:
        assert tables.next_no(conn) == 2
        assert len(tables.products(conn)) >= 120


def test_what_was_typed_is_kept_until_the_journal_opens(new_screen: Screen, new_kiosk: Kiosk) -> None:
    """A power cut in the middle of the first run loses nothing; nothing is a fact yet."""
    page = new_screen.open("/start/cafe").page
    fill_cafe(new_screen)
    page.keyboard.press("Enter")
    page.wait_for_url("**/start/team")
    new_screen.open("/start/cafe")
    assert page.input_value("#f-town") == "Pâlis"
    assert new_kiosk.store.journal is None


def test_the_keyboard_on_the_screen_types_french(new_screen: Screen) -> None:
    """Accents, capitals and the apostrophe come from the keys on the screen."""
    page = new_screen.open("/start/cafe").page
    page.click("#f-sign")
    new_screen.sees("#keyboard.letters")
    for key in ("c", "a", "f", "é", " ", "’"):
        page.click(f"#keyboard [data-letter='{key}'], #keyboard [data-type='{key}']")
    assert page.input_value("#f-sign") == "Café ’"
    page.click("#f-postcode")
    new_screen.sees("#keyboard.digits")
    for key in "10190":
        page.click(f"#keyboard .pad [data-type='{key}']")
    assert page.input_value("#f-postcode") == "10190"
