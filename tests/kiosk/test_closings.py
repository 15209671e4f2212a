"""Closings on the screens: forgotten ones told in a sentence, counted later, listed, printed again as duplicates."""

import re
from typing import Any

import pytest

from kiosk import scheduler
from kiosk.wiring import Kiosk
from pos.clock import StoppedClock
from pos.till import close, period_tables, tables
from tests.kiosk import cafe


def months_later(kiosk: Kiosk, clock: StoppedClock) -> None:
    """Leave the day open, come back in the next year."""
    clock.set("2027-01-03T08:30:00+01:00")
    assert scheduler.close_due(kiosk)
    scheduler.close_forgotten(kiosk)
    assert not scheduler.close_due(kiosk)


def test_a_forgotten_evening_is_told_in_one_sentence(kiosk: Kiosk, screen: Any, clock: StoppedClock) -> None:
    """R35: closed by itself at the next start, said on the first screen of the morning, with the way to count."""
    months_later(kiosk, clock)
    screen.sign_in()
    page = screen.page("/day/open")
    assert "elle l’a été toute seule" in page
    assert "/drawer/count?day=2026-11-20" in page


def test_it_is_counted_later_and_the_closing_stays(kiosk: Kiosk, screen: Any, clock: StoppedClock) -> None:
    """R40: its own event, with expected and difference of the evening; the sentence goes away."""
    months_later(kiosk, clock)
    screen.sign_in()
    page = screen.page("/drawer/count?day=2026-11-20")
    assert "sa clôture reste telle quelle" in page
    screen.tap("/drawer/count", day="2026-11-20", n5000="2")
    event = kiosk.store.event
    with kiosk.store.reading() as conn:
        counted = event(conn, kiosk.store.tip().seq).event
        assert (counted.kind, counted.day, counted.counted) == ("till.cash_counted", "2026-11-20", 10_000)  # type: ignore[attr-defined]
        assert counted.difference == 10_000 - cafe.FLOAT  # type: ignore[attr-defined]
        row = tables.day_row(conn, "2026-11-20")
        assert row is not None
        assert event(conn, row["closed_seq"]).event.counted == -1  # type: ignore[attr-defined]
    assert "elle l’a été toute seule" not in screen.page("/day/open")


def test_months_and_years_are_listed_and_read(kiosk: Kiosk, screen: Any, clock: StoppedClock) -> None:
    """R31, R32: each kind has its list; the slip says the period, its totals and the head of the journal."""
    months_later(kiosk, clock)
    screen.sign_in()
    assert screen.client.get("/day/closings/month").headers["Location"] == "/day/closings/month/2"
    page = screen.page("/day/closings/month/1")
    for said in ("CLÔTURE DU MOIS", "novembre 2026", "décembre 2026", "Total perpétuel", "Cumul de l"):
        assert said in page, said
    assert "CLÔTURE DE L" in screen.page("/day/closings/year/1")
    assert screen.client.get("/day/closings/month/9").status_code == 404
    assert screen.client.get("/day/closings/hour/1").status_code == 404


def test_without_a_month_the_screen_says_when_it_comes(kiosk: Kiosk, screen: Any) -> None:
    """R31: nothing to do by hand: it closes by itself."""
    close.close_day(kiosk.store, by=cafe.MANAGER)
    answer = screen.client.get("/day/closings/month", follow_redirects=True)
    assert "se clôture tout seul" in answer.text


def test_the_accounting_year_is_set_by_a_key(kiosk: Kiosk, screen: Any) -> None:
    """R37: while no year was closed its tab leads here; the month is an entry, dated today."""
    close.close_day(kiosk.store, by=cafe.MANAGER)
    assert screen.client.get("/day/closings/year").headers["Location"] == "/day/year"
    assert "Exercice" in screen.page("/day/year")
    assert screen.tap("/day/year/4").status_code == 204
    with kiosk.store.reading() as conn:
        event = kiosk.store.event(conn, kiosk.store.tip().seq).event
    assert (event.kind, event.first_month) == ("till.accounting_year_set", 4)  # type: ignore[attr-defined]
    assert screen.tap("/day/year/13").status_code == 422


def test_a_closing_is_printed_once_then_as_a_duplicate(kiosk: Kiosk, screen: Any) -> None:
    """R46: the evening's Z is the original; the next one says DUPLICATA n° 1 with its hour, and is an event."""
    page = screen.page("/day/close")
    attempt = re.search(r'name="attempt" value="([^"]+)"', page)
    assert attempt is not None
    assert screen.tap("/day/close", attempt=attempt[1]).headers["HX-Redirect"] == "/day/z/1"
    screen.tap("/day/closings/day/1/print")
    screen.tap("/day/closings/day/1/print")
    with kiosk.store.reading() as conn:
        slips = [row[0] for row in conn.execute("SELECT what FROM draft_print ORDER BY job_id")]
        assert period_tables.prints(conn, "day", 1) == 3
    assert [("duplicata n° 1" in what, "duplicata n° 2" in what) for what in slips] == [
        (False, False), (True, False), (False, True),
    ]  # fmt: skip


def waiting(kiosk: Kiosk) -> list[str]:
    """What is in the print queue."""
    with kiosk.store.reading() as conn:
        return [row[0] for row in conn.execute("SELECT what FROM draft_print ORDER BY job_id")]


def test_a_kill_right_after_the_closing_leaves_its_paper(
    kiosk: Kiosk, screen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R14, R23: the Z and its slip are one transaction; the tap repeated after the kill makes no second one."""
    truly = close.close_day

    def killed(*args: Any, **told: Any) -> None:
        truly(*args, **told)
        raise KeyboardInterrupt

    monkeypatch.setattr(close, "close_day", killed)
    with pytest.raises(KeyboardInterrupt):
        screen.tap("/day/close", attempt="tap-close")
    monkeypatch.setattr(close, "close_day", truly)
    assert screen.tap("/day/close", attempt="tap-close").headers["HX-Redirect"] == "/day/open"
    assert waiting(kiosk) == ["Z n° 000001"]
    with kiosk.store.reading() as conn:
        assert period_tables.prints(conn, "day", 1) == 1


def test_what_the_opening_closes_comes_on_paper(
    kiosk: Kiosk, screen: Any, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A forgotten day and the month that ended with it: queued with the opening, where there is a printer."""
    monkeypatch.setattr(type(kiosk.devices), "has_printer", True)
    clock.set("2026-12-01T08:30:00+01:00")
    screen.sign_in()
    screen.tap("/day/open", float="0", attempt="tap-open")
    assert waiting(kiosk) == ["Z n° 000001", "Clôture mensuelle n° 0001 novembre 2026"]
