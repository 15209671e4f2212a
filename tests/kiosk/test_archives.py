"""The archives' screen: one key gives the signed file of a closed month, to the manager."""

import io
import re
import zipfile

from kiosk.app import create_app
from kiosk.wiring import Kiosk
from pos.archive.events import ArchiveMade
from pos.clock import StoppedClock
from pos.till import close
from tests.kiosk import cafe
from tests.kiosk.conftest import Counter


def a_month_later(kiosk: Kiosk, clock: StoppedClock, screen: Counter) -> None:
    """A coffee sold in November, and December begun."""
    screen.tap("/bill/add/cafe", attempt="add-0001")
    screen.tap("/bill/pay/cash", attempt="pay-0001")
    close.close_day(kiosk.store, by=cafe.MANAGER)
    clock.set("2026-12-01T08:00:00")
    close.close_forgotten(kiosk.store)
    screen.sign_in()


def test_one_key_gives_the_file_of_a_closed_month(kiosk: Kiosk, clock: StoppedClock, screen: Counter) -> None:
    """R58: the closings lead to the archives; the key downloads a ZIP and records it; the month is marked."""
    a_month_later(kiosk, clock, screen)
    assert '/archives/"' in screen.page("/day/z/1")
    page = screen.page("/archives/")
    assert 'value="2026-11"' in page
    assert "novembre 2026" in page
    attempt = re.search(r'name="attempt" value="(\w+)"', page)
    assert attempt is not None
    answer = screen.client.post("/archives/make", data={"period": "2026-11", "attempt": attempt[1]}, buffered=True)
    assert answer.status_code == 200
    assert "zinc-archive-17-2026-11.zip" in answer.headers["Content-Disposition"]
    assert "verifier.py" in zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
    recorded = kiosk.store.event(kiosk.store._writer, kiosk.store.tip().seq).event
    assert isinstance(recorded, ArchiveMade)
    assert recorded.size == len(answer.data)
    assert "archivé" in screen.page("/archives/")


def test_days_that_are_not_over_are_refused_in_words(kiosk: Kiosk, clock: StoppedClock, screen: Counter) -> None:
    """A sentence and its remedy; nothing recorded."""
    a_month_later(kiosk, clock, screen)
    at = kiosk.store.tip().seq
    answer = screen.client.post("/archives/make", data={"first": "2026-11-20", "last": "2026-12-24"})
    assert answer.status_code == 422
    assert "n’est pas clôturée" in answer.text
    assert kiosk.store.tip().seq == at


def test_whoever_else_serves_sees_the_list_and_makes_none(kiosk: Kiosk, clock: StoppedClock, screen: Counter) -> None:
    """R28: the file holds all the takings: the manager makes it."""
    a_month_later(kiosk, clock, screen)
    other = Counter(create_app(kiosk).test_client())
    other.sign_in(cafe.SELLER, cafe.SELLER_PIN)
    assert "disabled" in other.page("/archives/")
    assert other.client.post("/archives/make", data={"period": "2026-11"}).status_code == 422
