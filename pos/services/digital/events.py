"""Facts of the public posts: opened, extended, closed with minutes; help by theme. Nobody is named, nothing seen is noted.

The money of a session is an ordinary ticket (`SaleLine.ref` is `digital.time:<session>`…).
"""

from pos.events import Event


class TermsSet(Event, frozen=True, kw_only=True):
    """What a session costs from a day on: so many minutes free, then a price per block begun; paper per page."""

    kind = "digital.terms_set"
    valid_from: str
    free_minutes: int
    block_minutes: int
    block_price: int
    print_price: int
    colour_price: int
    scan_price: int


class PostListed(Event, frozen=True, kw_only=True):
    """A computer, tablet or printer corner was put at people's disposal, or renamed; `in_use` false takes it away."""

    kind = "digital.post_listed"
    post: str
    label: str
    in_use: bool = True


class SessionOpened(Event, frozen=True, kw_only=True):
    """Somebody sat down at a post."""

    kind = "digital.session_opened"
    session: str
    post: str
    minutes: int
    day: str
    visit: str
    happened_at: int = 0


class SessionExtended(Event, frozen=True, kw_only=True):
    """The session goes on: so many minutes more than was said."""

    kind = "digital.session_extended"
    session: str
    minutes: int


class SessionClosed(Event, frozen=True, kw_only=True):
    """Somebody left the post: minutes, pages, what is due. `cleared` when the history was erased at once."""

    kind = "digital.session_closed"
    session: str
    post: str
    minutes: int
    time_due: int
    prints: int
    colour: int
    scans: int
    pages_due: int
    day: str
    cleared: bool = False
    happened_at: int = 0


class SessionCancelled(Event, frozen=True, kw_only=True):
    """A session opened by mistake: no service was given."""

    kind = "digital.session_cancelled"
    session: str
    post: str
    visit: str
    day: str


class HelpGiven(Event, frozen=True, kw_only=True):
    """Somebody was helped with a form: its theme, how long, solved or sent on to those who can."""

    kind = "digital.help_given"
    session: str
    theme: str
    minutes: int
    outcome: str
    day: str


class HistoryCleared(Event, frozen=True, kw_only=True):
    """The history, files and accounts left on a post were erased before the next person."""

    kind = "digital.history_cleared"
    post: str
    day: str


EVENTS: tuple[type[Event], ...] = (
    TermsSet, PostListed, SessionOpened, SessionExtended, SessionClosed, SessionCancelled, HelpGiven, HistoryCleared,
)  # fmt: skip
