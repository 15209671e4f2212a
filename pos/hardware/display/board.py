"""What the customer sees now, in memory: told by the counter, read by the pole and by the second screen.

Each sale ends by itself: change for a while, goodbye, then nothing of it anywhere.
"""

import secrets
import threading
import time
from collections.abc import Callable

from pos.hardware.bell import Bell
from pos.hardware.display.pole import Display
from pos.hardware.display.rows import rows_of
from pos.hardware.display.sight import IDLE, NOTHING, PAID, THANKS, Sight

PAID_SECONDS, THANKS_SECONDS, TRY_SECONDS = 20.0, 6.0, 8.0
# A bill that nobody touches for so long is left lying: its customer went to sit down.
REST_SECONDS = 300.0
# Another screen of the till takes the customer's place only after this rest.
HOLD_SECONDS = 45.0
_STEPS_MAX = 4


class Board:
    """One picture at a time, with what follows it by itself."""

    def __init__(
        self, pole: Callable[[], Display], *, paid_s: float = PAID_SECONDS, thanks_s: float = THANKS_SECONDS,
        rest_s: float = REST_SECONDS, hold_s: float = HOLD_SECONDS, changed: Callable[[], None] | None = None,
    ) -> None:  # fmt: skip
        self._pole, self._changed = pole, changed
        self._paid_s, self._thanks_s, self._rest_s, self._hold_s = paid_s, thanks_s, rest_s, hold_s
        self._lock = threading.RLock()
        # What is shown between two customers.
        self.sign, self.message = "Zinc", ""
        self._steps: list[tuple[Sight, float | None]] = [(NOTHING, None)]
        self._since = time.monotonic()
        # A page that outlived a restart must not find its own number again.
        self._told = secrets.randbelow(1 << 24)
        self._screen = ""
        self._bell = Bell()

    def describe(self, sign: str, message: str) -> None:
        """Say what is shown between two customers."""
        with self._lock:
            if (sign, message) == (self.sign, self.message):
                return
            self.sign, self.message = sign, message
            self._told += 1
            self._show()
        self._bell.ring()

    def tell(self, sight: Sight, screen: str = "") -> None:
        """Show a picture of a screen of the till, at once; never wait for any machine."""
        with self._lock:
            shown = self._now()[1]
            if screen != self._screen and shown.mood != IDLE and time.monotonic() - self._since < self._hold_s:
                return
            # An empty bill right after a sale: its change and its thanks end by themselves. And one screen's empty
            # bill says nothing of another's.
            if sight.mood == IDLE and (shown.mood in (IDLE, PAID, THANKS) or screen != self._screen):
                return
            self._steps = self._followed(sight)
            self._since, self._screen = time.monotonic(), screen
            self._told += sight != shown
            self._show()
        self._bell.ring()

    def try_out(self, sight: Sight) -> None:
        """Show a picture for a moment, to look at; the next tap at the counter takes its place."""
        with self._lock:
            self._steps, self._since = [(sight, TRY_SECONDS), (NOTHING, None)], time.monotonic()
            self._told += 1
            self._show()
        self._bell.ring()

    def show_again(self) -> None:
        """Tell a display that was opened anew what it should show."""
        with self._lock:
            self._show()

    def now(self) -> tuple[int, Sight]:
        """Return the number of the picture and the picture."""
        with self._lock:
            number, sight, _left = self._now()
            return number, sight

    def wait(self, seen: int, seconds: float) -> bool:
        """Wait until the picture is not `seen` any more; False when another page took the place."""
        until = time.monotonic() + seconds
        while True:
            rung = self._bell.count
            with self._lock:
                number, _sight, left = self._now()
            wait = until - time.monotonic()
            if number != seen or wait <= 0:
                return True
            if not self._bell.wait(rung, wait if left is None else min(wait, left + 0.01)):
                return False

    def close(self) -> None:
        """Let who waits go: the kiosk is stopping."""
        # From a signal, which may come while this very thread holds the bell.
        threading.Thread(target=self._bell.shut, daemon=True).start()

    def _followed(self, sight: Sight) -> list[tuple[Sight, float | None]]:
        rest: tuple[Sight, float | None] = (NOTHING, None)
        if sight.mood == PAID:
            return [(sight, self._paid_s), (Sight(THANKS), self._thanks_s), rest]
        return [rest] if sight.mood == IDLE else [(sight, self._rest_s), rest]

    def _now(self) -> tuple[int, Sight, float | None]:
        left = time.monotonic() - self._since
        for place, (sight, seconds) in enumerate(self._steps):
            if seconds is None or left < seconds:
                return self._told * _STEPS_MAX + place, sight, None if seconds is None else seconds - left
            left -= seconds
        return self._told * _STEPS_MAX, NOTHING, None

    def _show(self) -> None:
        """Give the pole what is left of the steps."""
        gone, steps = time.monotonic() - self._since, []
        for sight, seconds in self._steps:
            if seconds is None or gone < seconds:
                steps.append((rows_of(sight, self.sign, self.message), None if seconds is None else seconds - gone))
                gone = 0.0
            else:
                gone -= seconds
        self._pole().show(steps, self._changed)
