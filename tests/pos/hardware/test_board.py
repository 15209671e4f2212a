"""What the customer sees, whatever the screens tell and in whatever order: one bill at a time, and none left behind."""

from collections.abc import Callable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from pos.hardware.display.board import Board
from pos.hardware.display.pole import Step
from pos.hardware.display.rows import rows_of
from pos.hardware.display.sight import BILL, CARD, IDLE, PAID, TRAINING, Shown, Sight
from pos.hardware.troubles import DisplayTrouble

SCREENS = st.sampled_from(["counter", "tablet"])
MOODS = st.sampled_from([BILL, CARD, PAID, TRAINING, IDLE])


class Pole:
    """A pole that keeps what it was given."""

    trouble: DisplayTrouble | None = None
    steps: Sequence[Step] = ()

    def show(self, steps: Sequence[Step], changed: Callable[[], None] | None = None) -> None:
        self.steps = steps

    def close(self) -> None:
        """Nothing to let go of."""


def sight(mood: str, screen: str, n: int) -> Sight:
    """A picture that says which screen told it."""
    if mood == IDLE:
        return Sight()
    lines = (Shown(screen, n),) if mood in (BILL, CARD) else ()
    return Sight(mood, lines, 0, total=n, due=n, given=n + 1, change=1)


@given(told=st.lists(st.tuples(MOODS, SCREENS, st.integers(1, 3)), max_size=12))
def test_one_bill_at_a_time_and_each_ends(told: list[tuple[str, str, int]]) -> None:
    """While a customer is served no other screen shows; page and pole agree; the last step is always nothing."""
    pole = Pole()
    board = Board(lambda: pole)
    owner = ""
    for mood, screen, n in told:
        number, before = board.now()
        board.tell(sight(mood, screen, n), screen)
        after_number, after = board.now()
        if before.mood != IDLE and screen != owner:
            assert (after_number, after) == (number, before)
        elif after != before:
            owner = screen
        assert (after_number == number) == (after == before)
        if pole.steps:
            assert pole.steps[0][0] == rows_of(after, "Zinc", "")
            assert pole.steps[-1] == (rows_of(Sight(), "Zinc", ""), None)


@given(told=st.lists(st.tuples(MOODS, st.integers(1, 3)), min_size=1, max_size=8))
def test_an_empty_bill_never_hides_the_change(told: list[tuple[str, int]]) -> None:
    """The clerk turns the page: the change stays until its time is over; a bill put aside is gone at once."""
    board = Board(Pole)
    for mood, n in told:
        board.tell(sight(mood, "counter", n), "counter")
    shown = board.now()[1].mood
    board.tell(Sight(), "counter")
    assert board.now()[1].mood == (PAID if shown == PAID else IDLE)
