"""Facts of training: when somebody practised, and where the journal of it stands (R45)."""

from pos.events import Event


class TrainingStarted(Event, frozen=True, kw_only=True):
    """Somebody begins to practise, in a journal apart: nothing sold from here on is a sale."""

    kind = "till.training_started"
    # Name of the training journal, and its last entry so far.
    journal: str
    head_seq: int


class TrainingEnded(Event, frozen=True, kw_only=True):
    """Practice is over: the head of the training journal, so that it too is found unchanged."""

    kind = "till.training_ended"
    journal: str
    head_seq: int
    head: str
    tickets: int


EVENTS: tuple[type[Event], ...] = (TrainingStarted, TrainingEnded)
