"""What the customer sees of the sale: goods and amounts, nothing of anybody. Pure."""

from dataclasses import dataclass

# Nobody is served; a bill under way; the card terminal has it; paid, change to take; goodbye; somebody practises.
IDLE, BILL, CARD, PAID, THANKS, TRAINING = "idle", "bill", "card", "paid", "thanks", "training"


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as the customer reads it: `detail` is the quantity and its price, when it is not one piece."""

    label: str
    amount: int
    count: int = 1
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Sight:
    """One picture. Amounts in cents."""

    mood: str = IDLE
    lines: tuple[Shown, ...] = ()
    # Which line was touched last.
    lit: int = -1
    total: int = 0
    paid: int = 0
    due: int = 0
    given: int = 0
    change: int = 0
    # Lines there is no room for.
    more: int = 0


NOTHING = Sight()
