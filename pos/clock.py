"""Time is UTC milliseconds inside and Europe/Paris on the screen; the clock is suspect.

A box has no clock battery: order is the entry's number, never the time.
"""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
# R33: the day of a café ends in the night, not at midnight.
DAY_CUTOFF_HOUR = 5

NEVER_SET, KEPT, NETWORK, HARDWARE = 0, 1, 2, 3


class Clock(Protocol):
    """What the till asks of a clock."""

    def now_ms(self) -> int:
        """Return UTC milliseconds since 1970."""

    def mono_ms(self) -> int:
        """Return milliseconds since boot; never goes back."""

    def quality(self) -> int:
        """Return 0 never set, 1 kept, 2 network or HQ, 3 hardware."""


class SystemClock:
    """The clock of the machine, with an offset the operator or HQ confirmed."""

    def __init__(self, quality: int = NETWORK) -> None:
        self._started = time.monotonic()
        self._quality = quality
        self.offset_ms = 0

    def now_ms(self) -> int:
        """Return UTC milliseconds."""
        return time.time_ns() // 1_000_000 + self.offset_ms

    def mono_ms(self) -> int:
        """Return milliseconds since this process started."""
        return int((time.monotonic() - self._started) * 1000)

    def quality(self) -> int:
        """Return what this clock is worth."""
        return self._quality


class StoppedClock:
    """A clock that stands still until told: tests and replayed days."""

    def __init__(self, at: str | int) -> None:
        self.offset_ms = 0
        self._now = 0
        self._mono = 0
        self._boot_at: int | None = None
        self.set(at)

    def set(self, at: str | int) -> None:
        """Move to an ISO date with offset (or Paris time), or to UTC milliseconds."""
        now = at if isinstance(at, int) else to_ms(at)
        if self._boot_at is None:
            self._boot_at = now
        self._mono += max(0, now - self._now) if self._now else 0
        self._now = now

    def tick(self, ms: int) -> None:
        """Let `ms` milliseconds pass."""
        self.set(self._now + ms)

    def now_ms(self) -> int:
        """Return the time it was set to."""
        return self._now + self.offset_ms

    def mono_ms(self) -> int:
        """Return the time that passed since it was made."""
        return self._mono

    def quality(self) -> int:
        """A stopped clock is right by definition."""
        return NETWORK


def to_ms(text: str) -> int:
    """Return UTC ms for an ISO date; without offset it is Paris time."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=PARIS)
    return int(moment.timestamp() * 1000)


def local(at_ms: int) -> datetime:
    """Return the Paris date and time of `at_ms`."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(PARIS)


def business_day(at_ms: int, cutoff_hour: int = DAY_CUTOFF_HOUR) -> str:
    """Return the café's day (`YYYY-MM-DD`) that `at_ms` belongs to (R33, daylight saving safe)."""
    moment = local(at_ms)
    day = moment.date() - timedelta(days=1) if moment.hour < cutoff_hour else moment.date()
    return day.isoformat()


def parse_day(text: str) -> date:
    """Return the date of a `YYYY-MM-DD` text."""
    return date.fromisoformat(text)
