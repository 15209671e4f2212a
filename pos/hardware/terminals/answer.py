"""What a terminal may answer, and what every driver of one can do."""

from dataclasses import dataclass
from typing import Protocol

# The terminal said so, and its answer is about this payment and this amount.
ACCEPTED, REFUSED = "accepted", "refused"
# The terminal may have taken the money: only its own slip tells.
UNKNOWN = "unknown"
# Nothing was asked of the terminal: the amount is typed on it by hand.
BY_HAND = "by_hand"

# Why, for a sentence on the screen; the last: it does not do this for a till.
UNREACHED, BUSY, SILENT, ODD, CANNOT = "unreached", "busy", "silent", "odd", "cannot"

# What may be asked: money taken, given back on any card, a payment undone, the day sent to the bank.
PAY, REFUND, CANCEL, COLLECT = "pay", "refund", "cancel", "collect"


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
    # What may be asked of it.
    does: frozenset[str]
    # Whether it heard the till in what is under way.
    reached: bool
    # Whether to look for it costs nothing, and it notices nothing.
    free_to_look: bool

    def ask(self, action: str, reference: str, amount: int) -> Answer:
        """Ask once for something about `amount` cents, wait for its outcome. Never raises for a machine's trouble."""

    def pay(self, reference: str, amount: int) -> Answer:
        """Ask for `amount` cents."""

    def here(self) -> bool:
        """Tell whether it can be reached, asking nothing of it."""


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
