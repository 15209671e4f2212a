"""The one question about the time, on the screen (R13)."""

import pytest

from kiosk.scheduler import tick
from kiosk.wiring import Kiosk
from pos.clock import KEPT, StoppedClock, local
from tests.kiosk.conftest import Counter

PAGE = "/settings/clock"


@pytest.fixture
def kept_time(clock: StoppedClock, monkeypatch: pytest.MonkeyPatch) -> StoppedClock:
    """The box was switched off, and knows only the time it had then."""
    monkeypatch.setattr(clock, "quality", lambda: KEPT)
    monkeypatch.setattr(clock, "machine_quality", lambda: KEPT)
    monkeypatch.setattr(clock, "boot", lambda: "first")
    return clock


def test_whoever_signs_in_first_says_what_time_it_is(kiosk: Kiosk, kept_time: StoppedClock, screen: Counter) -> None:
    """Asked at each door until it is answered, then never again before the next start; a sale needs no answer."""
    assert screen.sign_in().headers["Location"] == PAGE
    assert "rien ne lui a donné l’heure" in screen.page(PAGE)
    now = local(kept_time.now_ms())
    screen.tap(PAGE, day=now.strftime("%d/%m/%Y"), time=now.strftime("%H:%M"), attempt="tap-clock")
    assert screen.sign_in().headers["Location"] == "/"
    kept_time.boot = lambda: "second"
    assert screen.sign_in().headers["Location"] == PAGE


def test_a_clock_that_the_network_keeps_is_not_asked_about(screen: Counter, kiosk: Kiosk) -> None:
    """The page says so, for whoever opens it."""
    assert screen.sign_in().headers["Location"] == "/"
    assert "Le réseau ou une horloge à pile" in screen.page(PAGE)
    assert "clock" not in tick(kiosk)


def test_a_date_months_ahead_is_typed_twice(kiosk: Kiosk, kept_time: StoppedClock, screen: Counter) -> None:
    """The year is typed once more into an empty field; another date than the first is asked about again."""
    screen.sign_in()
    there = screen.tap(PAGE, day="21/11/2027", time="08:00", attempt="tap-1").headers["HX-Redirect"]
    page = screen.page(there)
    assert 'name="first" value="21/11/2027"' in page and 'name="day" value=""' in page
    again = screen.tap(PAGE, day="22/11/2027", first="21/11/2027", time="08:00", attempt="tap-2")
    assert again.headers["HX-Redirect"] != "/"
    assert local(kept_time.now_ms()).year == 2026
    done = screen.tap(PAGE, day="22/11/2027", first="22/11/2027", time="08:00", attempt="tap-3")
    assert done.headers["HX-Redirect"] == "/"
    assert local(kept_time.now_ms()).year == 2027
