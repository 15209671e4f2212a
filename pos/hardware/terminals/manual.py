"""A terminal without a cable to the till: somebody types the amount on it and says what it answered."""

from pos.hardware.terminals.answer import BY_HAND, PAY, Answer


class Manual:
    """The way that always works, and the one every other falls back on."""

    linked = False
    free_to_look = True

    def __init__(self) -> None:
        self.does: frozenset[str] = frozenset()
        self.reached = False

    def ask(self, action: str, reference: str, amount: int) -> Answer:
        """Leave it to the clerk."""
        return Answer(BY_HAND)

    def pay(self, reference: str, amount: int) -> Answer:
        """Leave it to the clerk."""
        return self.ask(PAY, reference, amount)

    def here(self) -> bool:
        """Nobody can tell; somebody holds it."""
        return True
