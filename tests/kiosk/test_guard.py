"""The door: hosts, other sites, PINs, the idle lock, headers."""

from pathlib import Path

import pytest

from kiosk.app import create_app
from kiosk.wiring import Kiosk
from pos.clock import StoppedClock
from pos.hardware import open_devices
from pos.store import Store
from sync import wire
from tests.kiosk.conftest import Counter

LOCK_MS = 300_000
CAFE = {
    "sign": "Café de la Halle", "legal_entity": "Commune de Pâlis", "siret": "732 829 320 00074", "street": "2 place de la Halle",
    "postcode": "10190", "town": "Pâlis", "regime": "reel", "model": "managed",
}  # fmt: skip


def test_nothing_is_shown_before_a_pin(kiosk: Kiosk) -> None:
    """Every screen but the lock sends to the lock."""
    client = create_app(kiosk).test_client()
    for url in ("/", "/tickets/", "/menu/", "/settings/cafe", "/drawer/"):
        answer = client.get(url)
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/lock")


def test_another_name_for_the_box_is_refused(screen: Counter) -> None:
    """A site that points its own name at the till gets nothing (DNS rebinding)."""
    answer = screen.client.get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 421
    assert "adresse" in answer.text


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]
)
def test_another_site_cannot_make_the_browser_sell(screen: Counter, headers: dict[str, str]) -> None:
    """A post whose Origin or Sec-Fetch-Site is not ours is refused."""
    answer = screen.client.post("/bill/add/cafe", data={"tab": screen.tab}, headers=headers)
    assert answer.status_code == 403
    assert "Touchez ou scannez" in screen.page()


def test_the_screen_locks_after_a_rest_and_keeps_the_bill(screen: Counter, clock: StoppedClock) -> None:
    """After five minutes the tap leads to the lock; the bill is there after the PIN."""
    screen.tap("/bill/add/cafe", attempt="tap-0001")
    clock.tick(LOCK_MS + 21_000)
    answer = screen.tap("/bill/add/cafe", attempt="tap-0002")
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/lock?back=/"
    screen.sign_in()
    assert "1 ×" in screen.page()


def test_whoever_types_for_long_is_not_sent_away(screen: Counter, clock: StoppedClock) -> None:
    """A long form asks nothing of the till: the page says now and then that somebody is there."""
    for _minute in range(12):
        clock.tick(60_000)
        assert screen.client.get("/here").status_code == 204
    assert screen.client.get("/").status_code == 200
    clock.tick(321_000)
    assert screen.client.get("/here").status_code == 303


def test_a_screen_nobody_touches_is_closed_and_shows_its_machines_still(screen: Counter) -> None:
    """The way back in a browser leads to the lock; the machines are drawn again there without sending anybody away."""
    assert screen.client.get("/lock?rested=1&back=/").status_code == 200
    assert screen.client.get("/").status_code == 303
    machines = screen.client.get("/machines", headers={"HX-Request": "true"})
    assert (machines.status_code, "HX-Redirect" in machines.headers) == (200, False)


def test_a_restart_asks_for_the_pin_again(screen: Counter, kiosk: Kiosk) -> None:
    """A cookie of another run opens nothing."""
    again = create_app(kiosk).test_client()
    cookie = screen.client.get_cookie("zinc_kiosk")
    assert cookie is not None
    again.set_cookie("zinc_kiosk", cookie.value)
    assert again.get("/").headers["Location"].startswith("/lock")


def test_a_wrong_pin_says_so_and_is_slowed_down(kiosk: Kiosk) -> None:
    """After three wrong PINs the next try must wait."""
    screen = Counter(create_app(kiosk).test_client())
    said = [screen.tap("/sign-in", op="g1", pin="9999", back="/") for _ in range(4)]
    assert [answer.status_code for answer in said] == [422] * 4
    assert "secondes" in said[-1].text


def test_the_way_back_stays_in_the_house(screen: Counter) -> None:
    """Nobody is sent to another site after the PIN."""
    for back in ("//evil.example", "https://evil.example", "/\\evil.example"):
        answer = screen.client.post("/sign-in", data={"op": "g1", "pin": "2580", "back": back})
        assert answer.headers["Location"] == "/"


def test_every_answer_forbids_inline_scripts(screen: Counter) -> None:
    """The Content-Security-Policy allows our own files only, and pages obey it."""
    for url in ("/", "/menu/", "/day/close", "/tickets/", "/settings/machines", "/lock"):
        answer = screen.client.get(url)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert " style=" not in answer.text
        assert "<script>" not in answer.text
        assert " onclick" not in answer.text


def test_health_says_version_and_head_without_a_pin(kiosk: Kiosk) -> None:
    """/healthz tells a machine that the till lives; nothing personal."""
    told = create_app(kiosk).test_client().get("/healthz").get_json()
    assert told["head"] == kiosk.store.tip().seq
    assert set(told) == {"version", "head", "heard", "day_open", "quiet_s"}
    assert told["day_open"]


def test_a_journal_without_people_leads_to_the_first_run_and_out_of_it(store: Store, tmp_path: Path) -> None:
    """Cut between HQ's answer and the first names: what was typed is there, no second code is asked, then it is shut."""
    kiosk = Kiosk(store=store, devices=open_devices({"kind": "none"}), data=tmp_path, settings={})
    client = create_app(kiosk).test_client()
    assert client.get("/").headers["Location"] == "/start/"
    assert client.get("/start/back/").headers["Location"] == "/"
    client.post("/start/cafe", data=CAFE)
    client.post("/start/team", data={"name": "Maëlle", "pin": "2580", "again": "2580"})
    assert 'name="code"' not in client.get("/start/hq").text
    assert wire.check_number(store.keyring.public, store.journal.hq_key) in client.post("/start/hq").text
    assert "Maëlle" in client.get("/lock").text
    for path in ("/start/", "/start/team", "/start/restore"):
        assert client.get(path).headers["Location"] == "/"
