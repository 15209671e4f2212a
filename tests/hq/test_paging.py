"""Long lists, some lines at a time: every café is on one page, and the first are those that need somebody."""

import re

import pytest
from flask import Flask
from sqlalchemy import insert, update

from hq import months, register
from hq.app import create_app
from hq.db import cafe_health, rollup_day, rollup_use, waiting
from hq.overdue import sorts
from hq.wiring import Office
from pos import demo
from sync.books import journal
from tests.hq import made_up
from tests.hq.browsing import Browser

CAFES = 130
FULL = range(1, 76)


@pytest.fixture(scope="module")
def names() -> dict[int, str]:
    """A name for each café, in the order of the register."""
    return {number: f"Café {number:03d}" for number in range(1, CAFES + 1)}


@pytest.fixture
def network(office: Office, names: dict[int, str]) -> Browser:
    """Far more cafés than a page holds: all have a box and a day, the disk of the first is full."""
    made_up.people(office)
    with office.db.writing() as conn:
        now = office.clock.now_ms()
        for number, name in names.items():
            sheet = made_up.sheet(demo.CAFES[0], name=name, antenna=1 + number % 5)
            register.add_cafe(conn, sheet, by="t", now_ms=now, cafe_id=number)
        conn.execute(insert(cafe_health), [{"cafe_id": n, "last_contact_at": now, "state": "normal"} for n in names])
        conn.execute(update(cafe_health).where(cafe_health.c.cafe_id.in_(FULL)).values(disk_free_bytes=1_000))
        conn.execute(insert(journal), [
            {"cafe_id": n, "jn": 1, "jid": f"{n:016x}", "box_key": bytes(32), "kid": "k", "genesis": bytes(32),
             "grant_bytes": b"", "grant_sig": b"", "issued": 1, "state": "open", "confirmed_at": now, "hw": "x"}
            for n in names
        ])  # fmt: skip
        day = "2026-11-19"
        conn.execute(insert(rollup_day), [{"cafe_id": n, "day": day, "closed_at": now, "tickets": 3} for n in names])
        conn.execute(insert(rollup_use), [{"cafe_id": n, "day": day, "service": "bread", "uses": n} for n in names])
        conn.execute(insert(waiting), [
            {"cafe_id": n, "code": next(iter(sorts())), "thing": "t", "due_on": "2026-11-01", "here": True} for n in names
        ])  # fmt: skip
        months.sum_days(conn)
    browser = Browser(app_of(office))
    browser.sign_in("nadia")
    return browser


def app_of(office: Office) -> Flask:
    """The office's application."""
    return create_app(office)


def listed(page: str, names: dict[int, str]) -> list[str]:
    """The cafés whose lines are on a page, in their order."""
    body = page.rpartition("<thead")[2]
    return [name for name in re.findall(r"Café \d{3}", body) if name in names.values()]


def turned(browser: Browser, path: str, names: dict[int, str]) -> list[str]:
    """The cafés of a list, page after page."""
    found: list[str] = []
    while path:
        page = browser.read(path)
        found += listed(page, names)
        after = re.search(r'href="([^"#]+)#\w+">Suivants', page)
        path = after[1].replace("&amp;", "&") if after else ""
    return found


@pytest.mark.parametrize(
    "path", ["/register", "/register?missing=1", "/overdue", "/impact?period=2026", "/impact?of=bread&period=2026"]
)
def test_every_cafe_is_on_one_page(network: Browser, names: dict[int, str], path: str) -> None:
    """Fifty lines, then the next fifty: none is lost, none is there twice."""
    if "of=" in path:
        page = network.read(path)
        assert "1 à 50 sur 130" in page
        assert "51 à 100 sur 130" in network.read(path + "&deep=50")
        return
    assert len(listed(network.read(path), names)) == 50
    assert sorted(turned(network, path, names)) == sorted(names.values())


@pytest.mark.parametrize("path", ["/", "/fleet"])
def test_those_in_need_come_first_and_the_rest_is_one_touch_away(
    network: Browser, names: dict[int, str], path: str
) -> None:
    """Thirty of those to call, some of the others; each level has its pages."""
    page = network.read(path)
    assert "Montrer les 75" in page
    assert len(listed(page, names)) == 30 + min(CAFES - len(FULL), 20 if path == "/" else 12)
    assert sorted(turned(network, f"{path}?level=call", names)) == sorted(names[n] for n in FULL)
    assert listed(network.read(f"{path}?q=café 101"), names) == ["Café 101"]
    assert len(listed(network.read(f"{path}?level=soon"), names)) > 20


def test_addresses_of_pages_stay_in_the_office(network: Browser) -> None:
    """What an address asks for is carried to the next page, and never where a page leads."""
    page = network.read("/register?q=café&endpoint=x&_external=1&_scheme=javascript&_anchor=y&skip=-5")
    assert re.search(r'href="/register\?q=caf%C3%A9&amp;skip=50#l">Suivants', page)
    assert "javascript:" not in page
    assert "101 à 130 sur 130" in network.read("/register?skip=99999")
