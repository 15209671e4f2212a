"""The driver of a pole display: a thread of its own, the latest text only, nobody ever waits for it.

A text that comes while another is on its way replaces what has not left; a display that went is said to be
gone as soon as the kernel knows, and is taken back by itself with what it should show by then.
"""

import os
import select
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from pos.hardware.display.cables import Cable, CableDown, CableStuck, OpenCable
from pos.hardware.display.rows import Glass, Rows, picture
from pos.hardware.troubles import DisplayGone, DisplayStuck, DisplayTrouble

WRITE_SECONDS = 1.0
RETRY_SECONDS = 1.0
# A display missed for two minutes is not coming back this second: fewer tries spare a box at rest.
LONG_GONE_SECONDS, LONG_RETRY_SECONDS = 120.0, 5.0

# A text, and after how many seconds the next takes its place; None stays.
Step = tuple[Rows, float | None]


class Display(Protocol):
    """What the till asks of a customer display."""

    @property
    def trouble(self) -> DisplayTrouble | None:
        """Return why it shows nothing, None when all is well."""

    def show(self, steps: Sequence[Step], changed: Callable[[], None] | None = None) -> None:
        """Show texts one after the other, from now on; never wait, never raise. `changed`: it went, or is back."""

    def close(self) -> None:
        """Let go of the cable."""


class NoDisplay:
    """A café without a pole."""

    trouble = None

    def show(self, steps: Sequence[Step], changed: Callable[[], None] | None = None) -> None:
        """Nobody reads."""

    def close(self) -> None:
        """Nothing to let go of."""


class Pole:
    """Two lines of twenty letters behind a cable."""

    def __init__(
        self, open_cable: OpenCable, glass: Glass | None = None, *, write_s: float = WRITE_SECONDS,
        retry_s: float = RETRY_SECONDS,
    ) -> None:  # fmt: skip
        self.trouble: DisplayTrouble | None = None
        self._open, self._glass = open_cable, glass or Glass()
        self._write_s, self._retry_s = write_s, retry_s
        self._lock = threading.Lock()
        self._steps: Sequence[Step] = ()
        self._since, self._fresh = 0.0, False
        self._changed: Callable[[], None] | None = None
        self._closed = False
        self._thread: threading.Thread | None = None
        self._heard, self._wakes = -1, -1
        # Of the thread alone.
        self._cable: Cable | None = None
        self._on_glass: Rows | None = None
        self._missed_since, self._not_before = 0.0, 0.0

    def show(self, steps: Sequence[Step], changed: Callable[[], None] | None = None) -> None:
        """Take the latest texts, and wake the thread; the first call starts it."""
        with self._lock:
            if self._closed:
                return
            self._steps, self._since, self._fresh = tuple(steps), time.monotonic(), True
            self._changed = changed
            if self._thread is None:
                self._heard, self._wakes = os.pipe()
                for end in (self._heard, self._wakes):
                    os.set_blocking(end, False)
                self._thread = threading.Thread(target=self._live, name="display", daemon=True)
                self._thread.start()
            self._wake()

    def _wake(self) -> None:
        # A full pipe has woken it already.
        with suppress(BlockingIOError):
            os.write(self._wakes, b"!")

    def close(self) -> None:
        """End the thread and let go of the cable, so that another may take it."""
        with self._lock:
            self._closed = True
            thread = self._thread
            if thread is not None:
                self._wake()
        if thread is not None and thread is not threading.current_thread():
            thread.join(self._write_s + 3.0)

    # In the thread

    def _live(self) -> None:
        try:
            while not self._closed:
                rows, wait = self._now()
                if not self._reach() or (rows != self._on_glass and not self._put(rows)):
                    wait = self._not_before - time.monotonic()
                self._sleep(wait)
        finally:
            self._drop()
            with self._lock:
                os.close(self._heard)
                os.close(self._wakes)
                # A text that comes now finds it closed.
                self._closed = True

    def _now(self) -> tuple[Rows, float | None]:
        """Return what to show now, and how long it stays; None is until something new."""
        with self._lock:
            if self._fresh:
                # Even a text that stands there: a display that was dark meanwhile has lost it, and cannot say so.
                self._on_glass, self._fresh = None, False
            left = time.monotonic() - self._since
            for rows, seconds in self._steps:
                if seconds is None or left < seconds:
                    return rows, None if seconds is None else seconds - left
                left -= seconds
            return self._steps[-1][0], None

    def _reach(self) -> bool:
        """Have the cable; tell whether it is there."""
        if self._cable is not None:
            return True
        # One that comes and goes at once must not keep the box busy.
        if time.monotonic() < self._not_before:
            return False
        try:
            self._cable = self._open()
        except CableDown:
            self._miss(DisplayGone())
            return False
        self._on_glass = None
        return True

    def _put(self, rows: Rows) -> bool:
        """Write a picture; tell whether it is on the glass."""
        try:
            if self._cable is not None:
                self._cable.write(picture(rows, self._glass), self._write_s)
        except CableStuck:
            self._miss(DisplayStuck())
            return False
        except CableDown:
            self._miss(DisplayGone())
            return False
        self._on_glass = rows
        self._say(None)
        return True

    def _miss(self, trouble: DisplayTrouble) -> None:
        now = time.monotonic()
        if self.trouble is None:
            self._missed_since = now
        long_gone = now - self._missed_since > LONG_GONE_SECONDS
        self._not_before = now + (LONG_RETRY_SECONDS if long_gone else self._retry_s)
        self._drop()
        self._say(trouble)

    def _drop(self) -> None:
        if self._cable is not None:
            self._cable.close()
        self._cable = None

    def _say(self, trouble: DisplayTrouble | None) -> None:
        changed = type(trouble) is not type(self.trouble)
        self.trouble = trouble
        if changed and self._changed is not None:
            self._changed()

    def _sleep(self, seconds: float | None) -> None:
        """Sleep until a new text, the end of this one, or the end of the cable, whichever comes first."""
        poll = select.poll()
        poll.register(self._heard, select.POLLIN)
        if self._cable is not None:
            poll.register(self._cable.fd, select.POLLIN)
        for fd, _said in poll.poll(None if seconds is None else max(1, int(seconds * 1000))):
            if fd == self._heard:
                with suppress(BlockingIOError):
                    os.read(fd, 4096)
            elif self._cable is not None and self._cable.gone():
                self._miss(DisplayGone())
