"""Card terminals in memory, behind true lines: the other side of each protocol, with the bad habits of real ones.

Each payment gets a line of its own and a thread that plays the terminal until it is over, the till gone or not.
"""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from pos.hardware.terminals.answer import Line

OFF, BUSY, REFUSES = "off", "busy", "refuses"
VANISHES, VANISHES_PAID = "vanishes", "vanishes_paid"
BAD_CHECK, FRAGMENTS, LATE, WRONG_AMOUNT = "bad_check", "fragments", "late", "wrong_amount"
# It lasts too: it gives nothing back for a till.
NO_REFUNDS = "no_refunds"
# The first lasts until it is switched off; each other spoils one payment.
HABITS = (OFF, BUSY, REFUSES, VANISHES, VANISHES_PAID, BAD_CHECK, FRAGMENTS, LATE, WRONG_AMOUNT)


@dataclass(frozen=True, slots=True)
class Taken:
    """Money the terminal took; below zero: gave back."""

    reference: str
    amount: int


class SimulatedTerminal(ABC):
    """What both sorts share: habits, the customer's card, the roll of what was taken."""

    def __init__(self, *, thinks_s: float = 0.0, late_s: float = 12.0) -> None:
        # How long the customer takes, and how long after it a late answer comes.
        self._thinks_s, self._late_s = thinks_s, late_s
        self._habits = dict.fromkeys((*HABITS, NO_REFUNDS), False)
        self._roll: list[Taken] = []
        self._lock = threading.Lock()
        self._playing: threading.Thread | None = None

    def switch(self, habit: str, on: bool) -> None:
        """Give or take a bad habit."""
        self._habits[habit] = on

    def state(self) -> dict[str, bool]:
        """Return which habits it has now."""
        return dict(self._habits)

    def roll(self) -> list[Taken]:
        """Return what its own roll says was taken."""
        with self._lock:
            return list(self._roll)

    @abstractmethod
    def open_line(self) -> Line:
        """Return a line to this terminal, for one payment; raise LineDown when it is off."""

    def plugged(self) -> bool:
        """Tell whether it can be seen from the till."""
        return not self._habits[OFF]

    def wait_idle(self, seconds: float = 5.0) -> None:
        """Wait until the last payment is over on the terminal's side."""
        if self._playing is not None:
            self._playing.join(seconds)

    def _play(self, part: Callable[[], None]) -> None:
        def played() -> None:
            with suppress(OSError):
                part()

        playing = threading.Thread(target=played, name="simulated-terminal", daemon=True)
        playing.start()
        self._playing = playing

    def _seized(self) -> str:
        """Return the habit that spoils this payment, and drop it."""
        found = next((one for one in HABITS if one != OFF and self._habits[one]), "")
        if found:
            self._habits[found] = False
        return found

    def _served(self, reference: str, amount: int, habit: str, *, back: bool = False) -> bool:
        """Let the customer pay, or be paid `back`; tell whether the money moved."""
        time.sleep(self._thinks_s + (self._late_s if habit == LATE else 0))
        if habit in (REFUSES, VANISHES):
            return False
        with self._lock:
            self._roll.append(Taken(reference, -amount if back else amount))
        return True
