"""Market morning (scenario S1) with real clicks: a real kiosk, a real HQ, and the kilometres at the end.

What happened before the counter opened (contract, orders, delivery) is played from the day file; from
7:30 on every sale and every bag is tapped in Chromium, the day is closed and sent by its keys, and the
last look is HQ's impact page.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from hq import access, distances, enrolment, register
from hq.app import create_app as create_hq
from hq.config import Config
from hq.tables import cafe as cafe_table
from hq.wiring import Office, open_office
from kiosk import joining
from kiosk.app import create_app
from kiosk.replay import Player, begin_menu, first_time
from kiosk.wiring import Kiosk
from pos.clock import StoppedClock, to_ms
from pos.hardware import open_devices
from pos.house import FEATURES
from pos.seal import Keyring
from pos.store import Store
from pos.till import people, sell, tables
from tests.browser.conftest import USUAL, Screen, Windows
from tests.kiosk import cafe
from tests.serving import served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

DAY_FILE = Path(__file__).parent.parent / "days" / "s1_market.jsonl"
COUNTER_OPENS, COUNTER_ENDS = "2025-06-14T07:30:00+02:00", "2025-06-14T12:30:00+02:00"
PASSWORD = "correct-horse-battery"


def acts() -> tuple[list[str], list[dict[str, Any]]]:
    """The lines played before the counter opens, and the acts to tap until it ends."""
    before, tapped = [], []
    for text in DAY_FILE.read_text(encoding="utf-8").splitlines():
        if not text.strip() or text.startswith("//"):
            continue
        line = msgspec.json.decode(text)
        if to_ms(line["at"]) < to_ms(COUNTER_OPENS):
            before.append(text)
        elif to_ms(line["at"]) < to_ms(COUNTER_ENDS) and "act" in line:
            tapped.append(line)
    return before, tapped


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """HQ with a coordinator and one café, its bakery 6.4 km away."""
    clock = StoppedClock("2025-06-12T09:00:00+02:00")
    office = open_office(Config(data=tmp_path / "hq", database=f"sqlite:///{tmp_path / 'hq.db'}"), clock=clock)
    with office.db.writing() as conn:
        now = clock.now_ms()
        access.create_user(
            conn, by="office", now_ms=now, username="ines", name="Inès", role="antenna", antenna=1, password=PASSWORD
        )
        sheet = register.Sheet(
            name="Café du scénario", insee="43246", antenna=1, model="managed", services=("bread",), status="open",
            week=("6:00-20:00",) * 7, opened_on="2025-06-01",
        )  # fmt: skip
        number = register.add_cafe(conn, sheet, by="office", now_ms=now)
        row = conn.execute(select(cafe_table).where(cafe_table.c.id == number)).mappings().one()
        distances.confirm(
            conn, row, "bread", 6400, by="office", now_ms=now, valid_from="2025-06-01", town="43137", town_name="Monistrol",
            source="S1",
        )  # fmt: skip
    yield office
    office.close()


@pytest.fixture
def kiosk(tmp_path: Path, office: Office) -> Iterator[Kiosk]:
    """The café at 7:30, joined to HQ: bread delivered, bags set aside."""
    before, _tapped = acts()
    clock = StoppedClock(first_time(before))
    folder = tmp_path / "box"
    store = Store(folder / "cafe.db", clock=clock, keyring=Keyring.load_or_make(folder / "box.key"), features=FEATURES)
    kiosk = Kiosk(
        store=store,
        devices=open_devices({"kind": "simulated"}),
        data=folder,
        settings={"demo": True, "lock_after_s": 0},
    )
    office.clock.set(clock.now_ms())  # type: ignore[attr-defined]
    with office.db.writing() as conn:
        code = str(enrolment.make_code(conn, 1, by="office", at=office.clock.now_ms()))
    with served(create_hq(office)) as url:
        joining.join(kiosk, code, url)
        begin_menu(store)
        assert Player(store, clock).play(before).differences == []
        people.reset_pin(store, "g1", cafe.MANAGER_PIN, by="g1")
        people.describe_cafe(store, cafe.CAFE, by="g1")
        clock.set(COUNTER_OPENS)
        kiosk.hq_url = url  # type: ignore[attr-defined]
        yield kiosk
    store.close()


def tap_sale(screen: Screen, lines: list[dict[str, Any]], means: str) -> None:
    """A whole sale: its tiles, then one money key."""
    ring_up(screen, lines)
    pay(screen, means)


def ring_up(screen: Screen, lines: list[dict[str, Any]]) -> None:
    """Tap the tiles of a sale, in their rows."""
    for line in lines:
        tile = f"#tile-{line['product']}"
        if not screen.page.is_visible(tile):
            screen.tap("nav.tabs .tab:has-text('Pain')").sees(tile)
        for _piece in range(line.get("quantity", 1000) // 1000):
            screen.tap(tile).settle()
        if not screen.page.is_visible("#tile-cafe"):
            screen.tap("nav.tabs .tab:has-text('Favoris')").sees("#tile-cafe")


def pay(screen: Screen, means: str) -> None:
    """Take the money: the exact amount, or the card with the terminal's answer."""
    if means == "card":
        screen.rest().tap("#pay-card").sees("#card-accepted").rest().tap("#card-accepted")
    else:
        screen.rest().tap("#pay-exact")
    screen.sees("#bill.done")


def reserved_bread_is_refused(screen: Screen, kiosk: Kiosk, lines: list[dict[str, Any]]) -> None:
    """The last loaves wait in bags: the till says so and sells nothing; the bill is cancelled."""
    ring_up(screen, lines)
    screen.rest().tap("#pay-exact").sees("#say:has-text('réserv')")
    with kiosk.store.reading() as conn:
        open_now = sell.open_tabs(conn)
    assert len(open_now) == 1
    sell.void_tab(kiosk.store, open_now[0].tab_id, "changed_mind", by="g1")
    screen.open()


def play_morning(screen: Screen, kiosk: Kiosk) -> None:
    """Tap everything that happened at the counter between 7:30 and 12:30."""
    for line in acts()[1]:
        kiosk.store.clock.set(line["at"])  # type: ignore[attr-defined]
        told = line.get("with", {})
        if line["act"] == "till.sell":
            if "refused" in line:
                reserved_bread_is_refused(screen, kiosk, told["lines"])
            else:
                tap_sale(screen, told["lines"], told.get("payments", [{"means": "cash"}])[0]["means"])
        elif line["act"] == "bread.bill_order":
            screen.open("/bread").tap(f"#bag-{told['order']}").sees("#bill .line").rest()
        elif line["act"] == "till.take_payment":
            pay(screen, told["means"])
        else:
            # Rare acts of the morning (an order shortened, bags released) are the desk's own.
            assert Player(kiosk.store, kiosk.store.clock).play([msgspec.json.encode(line).decode()]).refused == []
            screen.open()


def test_the_morning_of_the_market_becomes_kilometres(windows: Windows, kiosk: Kiosk, office: Office) -> None:
    """52 tickets with bread tapped at the counter are 52 uses and 332,8 km on HQ's impact page."""
    with served(create_app(kiosk)) as address, windows("counter", USUAL) as page:
        with Screen(page, address) as screen:
            play_morning(screen.type_pin(), kiosk)
            with kiosk.store.reading() as conn:
                assert tables.totals(conn, "2025-06-14", "count")["tickets"][2] == 52
                assert tables.third_parties(conn)["baker:b1"] == 11945
            kiosk.store.clock.set("2025-06-14T12:45:00+02:00")  # type: ignore[attr-defined]
            screen.open("/day/close")
            close_the_day(screen)
        office.clock.set("2025-06-14T13:00:00+02:00")  # type: ignore[attr-defined]
        joining.push_now(kiosk)
        look_at_hq(page.context.new_page(), kiosk.hq_url)  # type: ignore[attr-defined]


def look_at_hq(page: Page, address: str) -> None:
    """The coordinator signs in and reads the kilometres of the year."""
    page.goto(f"{address}/impact?year=2025")
    page.fill("input[name=username]", "ines")
    page.fill("input[type=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('kilomètres')")
    text = " ".join(page.inner_text("body").split())
    assert "332,8 km" in text
    assert "52 × 6,4 km" in text


def close_the_day(screen: Screen) -> None:
    """Type what is in the drawer, and close."""
    screen.tap("#close-day")
    screen.page.wait_for_url(lambda url: "/close" not in url)
