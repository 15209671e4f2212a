"""What a terminal may answer, and what every driver of one can do."""

from dataclasses import dataclass
from typing import Protocol

# The terminal said so, and its answer is about this payment and this amount.
ACCEPTED, REFUSED = "accepted", "refused"
# The terminal may have taken the money: only its own slip tells.
UNKNOWN = "unknown"
# Nothing was asked of the terminal: the amount is typed on it by hand.
BY_HAND = "by_hand"

# Why, for a sentence on the screen.
UNREACHED, BUSY, SILENT, ODD = "unreached", "busy", "silent", "odd"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one amount. `ref` is the number the terminal gave it, `why` the reason of a doubt."""

    outcome: str
    ref: str = ""
    why: str = ""


class Terminal(Protocol):
    """A card terminal."""

    # Whether the till speaks to it; otherwise somebody types the amount.
    linked: bool

    def pay(self, reference: str, amount: int) -> Answer:
        """Ask for `amount` cents once, wait for the outcome, and say it. Never raises for a machine's trouble."""


class LineDown(Exception):
    """The line cannot be opened, or was cut."""


class LineQuiet(Exception):
    """Nothing came in time."""


class Line(Protocol):
    """A line to a terminal, for one payment. A cut line raises LineDown."""

    def write(self, data: bytes) -> None:
        """Send all of `data`."""

    def read(self, size: int, seconds: float) -> bytes:
        """Return one to `size` bytes as they come; raise LineQuiet after `seconds` without any."""

    def close(self) -> None:
        """Let go. Never raises."""
