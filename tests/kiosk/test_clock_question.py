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
