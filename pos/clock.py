"""Time is UTC milliseconds inside and Europe/Paris on the screen; the clock is suspect.

A box may have no clock battery: order is the entry's number, never the time. What its time is worth is
looked up (BoxClock): set by the network since the last start, kept by a chip, or only what was kept on disk.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
# R33: the day of a café ends in the night, not at midnight.
DAY_CUTOFF_HOUR = 5

NEVER_SET, KEPT, NETWORK, HARDWARE = 0, 1, 2, 3
# No box ran before this (1 November 2026): an earlier time was never set.
RELEASED_MS = 1_793_491_200_000
# A chip and the kernel's clock that was set from it part by seconds a day.
CHIP_DRIFT_MS = 60_000


class Clock(Protocol):
    """What the till asks of a clock."""

    def now_ms(self) -> int:
        """Return UTC milliseconds since 1970."""

    def mono_ms(self) -> int:
        """Return milliseconds since boot; never goes back."""

    def quality(self) -> int:
        """Return 0 never set, 1 kept, 2 network or HQ, 3 hardware."""

    def machine_quality(self) -> int:
        """Return the same of the machine's own time, whatever a person confirmed."""

    def boot(self) -> str:
        """Return what is another after each start of the machine; empty when it cannot be known."""


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

    def machine_quality(self) -> int:
        """Return what the machine's time is worth."""
        return self._quality

    def boot(self) -> str:
        """A machine that is taken at its word has no starts to tell apart."""
        return ""


def kernel_is_disciplined() -> bool:
    """Tell whether the kernel says that something keeps its time right: chrony, ntpd, the host of a virtual machine."""
    import ctypes

    # struct timex: modes (0: only look), offset, freq, maxerror, esterror, status, and more that is not read.
    told = (ctypes.c_long * 64)()
    with suppress(OSError, AttributeError):
        state: int = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(told))
        # TIME_ERROR is 5; refused is -1.
        return 0 <= state < 5
    return False


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a box says what its time is worth; a test lays its own."""

    # No systemd: a workstation or a container, where nothing can be known. Its time is believed.
    systemd: Path = Path("/run/systemd/system")
    # Made by systemd-timesyncd when the network first set the clock; gone with the power.
    synchronized: Path = Path("/run/systemd/timesync/synchronized")
    rtc: Path = Path("/sys/class/rtc/rtc0/since_epoch")
    boot_id: Path = Path("/proc/sys/kernel/random/boot_id")
    disciplined: Callable[[], bool] = kernel_is_disciplined

    def quality(self, now_ms: int) -> int:
        """Return what the machine's time is worth, `now_ms` being what it says."""
        if not self.systemd.exists() or self.synchronized.exists() or self.disciplined():
            return NETWORK
        if self._chip_agrees(now_ms):
            return HARDWARE
        return KEPT if now_ms >= RELEASED_MS else NEVER_SET

    def _chip_agrees(self, now_ms: int) -> bool:
        # A chip without battery begins in 1970, far from the time that was kept on disk.
        try:
            chip_ms = int(self.rtc.read_text()) * 1000
        except (OSError, ValueError):
            return False
        return chip_ms >= RELEASED_MS and abs(chip_ms - now_ms) < CHIP_DRIFT_MS

    def boot(self) -> str:
        """Return the kernel's name of this start."""
        try:
            return self.boot_id.read_text().strip()
        except OSError:
            return ""


class BoxClock(SystemClock):
    """The clock of a box: looked into at each entry until the network or a chip vouches for it."""

    def __init__(self, evidence: Evidence | None = None) -> None:
        super().__init__()
        self._evidence = evidence or Evidence()
        # Once right, right until the next start: a quartz loses a second or two a day.
        self._vouched = 0

    def quality(self) -> int:
        """Return what this clock is worth: a person's word is less than the network's."""
        if not self.offset_ms:
            return self.machine_quality()
        return KEPT if self.now_ms() >= RELEASED_MS else NEVER_SET

    def machine_quality(self) -> int:
        """Return what the machine's time is worth now."""
        if self._vouched:
            return self._vouched
        found = self._evidence.quality(time.time_ns() // 1_000_000)
        self._vouched = found if found >= NETWORK else 0
        return found

    def boot(self) -> str:
        """Return the kernel's name of this start."""
        return self._evidence.boot()


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

    def machine_quality(self) -> int:
        """A stopped clock is right by definition."""
        return NETWORK

    def boot(self) -> str:
        """Nothing starts again."""
        return ""


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
