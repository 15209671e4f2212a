"""A bell in memory: who waits for a change sleeps until it rings, and asks neither machine nor disk."""

import threading
import time


class Bell:
    """Rings at each change. One waits at a time: whoever comes later takes the place of whoever waits."""

    def __init__(self, first: int = 0) -> None:
        self._changed = threading.Condition()
        self._count = first
        self._place = 0
        self._shut = False

    @property
    def count(self) -> int:
        """Return how often it rang."""
        return self._count

    def ring(self) -> None:
        """Wake who waits."""
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    def wait(self, heard: int, seconds: float) -> bool:
        """Sleep until it rings after `heard`, or `seconds` are over; False when somebody else took the place."""
        until = time.monotonic() + seconds
        with self._changed:
            self._place += 1
            mine = self._place
            self._changed.notify_all()
            while self._count == heard and mine == self._place and not self._shut:
                left = until - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            return mine == self._place and not self._shut

    def shut(self) -> None:
        """Let everybody go, for good: the kiosk is stopping."""
        with self._changed:
            self._shut = True
            self._changed.notify_all()
