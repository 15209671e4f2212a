"""Facts of the information point: questions by theme, leaflets, tickets sold for others. Nobody is named."""

from pos.events import Event


class QuestionAnswered(Event, frozen=True, kw_only=True):
    """Somebody asked about a theme and was told: one tap, one use."""

    kind = "info.question_answered"
    answer: str
    theme: str
    day: str
    visit: str


class AnswerUndone(Event, frozen=True, kw_only=True):
    """A tap was one too many."""

    kind = "info.answer_undone"
    answer: str
    theme: str
    day: str
    visit: str


class LeafletListed(Event, frozen=True, kw_only=True):
    """A leaflet is on the stand, under a theme; below `low` copies, more are asked for. `in_use` false takes it away."""

    kind = "info.leaflet_listed"
    leaflet: str
    label: str
    theme: str
    low: int
    in_use: bool = True


class LeafletReceived(Event, frozen=True, kw_only=True):
    """Copies were put on the stand, or counted anew: how many there are now."""

    kind = "info.leaflet_received"
    leaflet: str
    copies: int
    day: str


class LeafletGiven(Event, frozen=True, kw_only=True):
    """A leaflet was handed to somebody with a word about it: one tap, one use of its theme."""

    kind = "info.leaflet_given"
    answer: str
    leaflet: str
    theme: str
    day: str
    visit: str


class TicketListed(Event, frozen=True, kw_only=True):
    """A ticket of somebody else is sold here: whose, and the share of its price that is the café's."""

    kind = "info.ticket_listed"
    product: str
    owner: str
    commission_bp: int
    valid_from: str


class TicketsStated(Event, frozen=True, kw_only=True):
    """What was sold for an owner since the last statement, the commission kept, what was handed over."""

    kind = "info.tickets_stated"
    owner: str
    number: int
    sold: int
    commission: int
    due: int
    upto_seq: int
    day: str


EVENTS: tuple[type[Event], ...] = (
    QuestionAnswered, AnswerUndone, LeafletListed, LeafletReceived, LeafletGiven, TicketListed, TicketsStated,
)  # fmt: skip
