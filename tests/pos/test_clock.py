"""The café's day in Paris: it ends in the night, and twice a year the night is an hour longer or shorter (R33)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.clock import HARDWARE, NETWORK, StoppedClock, SystemClock, business_day, local, parse_day, to_ms


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-11-20T05:00:00+01:00", "2026-11-20"),
        ("2026-11-20T04:59:59+01:00", "2026-11-19"),
        ("2026-11-20T00:30:00+01:00", "2026-11-19"),
        ("2026-11-20T23:59:59+01:00", "2026-11-20"),
        # Summer time begins: there is no 2:30 that night, and 5:00 comes an hour earlier.
        ("2026-03-29T04:59:59+02:00", "2026-03-28"),
        ("2026-03-29T05:00:00+02:00", "2026-03-29"),
        # Winter time begins: 2:30 comes twice, both of the evening's day.
        ("2026-10-25T02:30:00+02:00", "2026-10-24"),
        ("2026-10-25T02:30:00+01:00", "2026-10-24"),
        ("2026-10-25T05:00:00+01:00", "2026-10-25"),
        ("2027-01-01T02:00:00+01:00", "2026-12-31"),
    ],
)
def test_the_day_ends_at_five_in_the_morning(at: str, day: str) -> None:
    """A drink at 1 a.m. belongs to the evening, on both nights when clocks change too."""
    assert business_day(to_ms(at)) == day


@given(at=st.integers(to_ms("2015-01-01T00:00:00+00:00"), to_ms("2040-01-01T00:00:00+00:00")))
def test_days_follow_one_another(at: int) -> None:
    """Later is never an earlier day, and a day is at most 25 hours long."""
    day = business_day(at)
    assert business_day(at + 1) >= day
    assert business_day(at + 25 * 3_600_000) > day
    assert parse_day(day).isoformat() == day


def test_a_time_without_offset_is_paris_time() -> None:
    """As day files write it."""
    assert to_ms("2026-07-14T10:00:00") == to_ms("2026-07-14T08:00:00+00:00")
    assert to_ms("2026-12-14T10:00:00") == to_ms("2026-12-14T09:00:00+00:00")
    assert local(to_ms("2026-12-14T10:00:00")).hour == 10


def test_a_stopped_clock_stands_until_told() -> None:
    """Tests and replayed days own their time; the time since boot never goes back."""
    clock = StoppedClock("2026-11-20T07:02:00+01:00")
    start, boot = clock.now_ms(), clock.mono_ms()
    clock.tick(1500)
    assert (clock.now_ms() - start, clock.mono_ms() - boot) == (1500, 1500)
    clock.set(start - 86_400_000)
    assert clock.now_ms() < start
    assert clock.mono_ms() - boot == 1500
    assert clock.quality() == NETWORK


def test_the_machine_s_clock_bears_a_confirmed_offset() -> None:
    """Confirmed by a person or HQ, the offset moves what the machine says; its quality is what it was made with."""
    clock = SystemClock(HARDWARE)
    before = clock.now_ms()
    clock.offset_ms = 86_400_000
    assert 86_400_000 <= clock.now_ms() - before < 86_460_000
    assert clock.mono_ms() >= 0
    assert clock.quality() == HARDWARE
