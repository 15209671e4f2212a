"""Facts of an itinerant café: tours, stops, who came, cups lent against a deposit.

The commune is a public place and stays in each fact of a stop, so that it reads alone for ever (R9).
`day` is the till's day label of the stop once it is open: what is typed the next morning belongs there.
"""

from pos.events import Event


class SettingsSet(Event, frozen=True, kw_only=True):
    """Whether the café travels, and what a cup is lent for; in force from now on."""

    kind = "tour.settings_set"
    itinerant: bool
    cup_price: int
    day: str
    # VAT class of deposits nobody brought back, as the accountant said from this day on; empty: outside VAT.
    kept_vat: str = ""


class TourPlanned(Event, frozen=True, kw_only=True):
    """A tour begins to be planned, under its public name."""

    kind = "tour.planned"
    tour: str
    label: str
    day: str


class TourEnded(Event, frozen=True, kw_only=True):
    """A tour is over."""

    kind = "tour.ended"
    tour: str
    day: str


class StopPlanned(Event, frozen=True, kw_only=True):
    """A stop was planned, or its plan changed: when, in which commune, where in it, with which host."""

    kind = "tour.stop_planned"
    stop: str
    tour: str
    on_day: str
    commune: str
    town: str
    place: str
    day: str
    # INSEE code of the former commune, where it was merged since.
    delegated: str = ""
    # Host association, as `assoc:<code>`.
    host: str = ""


class StopSetUp(Event, frozen=True, kw_only=True):
    """The van is there and being set up."""

    kind = "tour.stop_set_up"
    stop: str
    commune: str
    day: str


class AuthorisationNoted(Event, frozen=True, kw_only=True):
    """The number of the mayor's order that allows a temporary bar."""

    kind = "tour.authorisation_noted"
    stop: str
    number: str
    day: str


class StopOpened(Event, frozen=True, kw_only=True):
    """The stop serves: every sale from now on carries its commune."""

    kind = "tour.stop_opened"
    stop: str
    commune: str
    place: str
    day: str
    delegated: str = ""
    authorisation: str = ""


class StopMoved(Event, frozen=True, kw_only=True):
    """The stop went elsewhere in the village (rain: to the village hall); same stop, same Z."""

    kind = "tour.stop_moved"
    stop: str
    commune: str
    reason: str
    place: str
    day: str


class StopClosed(Event, frozen=True, kw_only=True):
    """The stop serves no more."""

    kind = "tour.stop_closed"
    stop: str
    commune: str
    day: str


class StopReported(Event, frozen=True, kw_only=True):
    """What a stop came to, once its Z is done: the figures of its report."""

    kind = "tour.stop_reported"
    stop: str
    commune: str
    takings: int
    card: int
    cash: int
    turnover: int
    attendance: int
    day: str
    # Driven for this stop, there and back: the café's own kilometres, against the avoided ones.
    metres: int = 0


class StopCancelled(Event, frozen=True, kw_only=True):
    """The stop does not take place."""

    kind = "tour.stop_cancelled"
    stop: str
    reason: str
    day: str


class EntriesCounted(Event, frozen=True, kw_only=True):
    """People came in: one tap each, or a total typed at once; `n` is the change, below zero when undone."""

    kind = "tour.entries_counted"
    stop: str
    commune: str
    n: int
    total: int
    method: str
    day: str


class CupsMoved(Event, frozen=True, kw_only=True):
    """Cups went out (positive) or came back (negative) for cash, beside the tickets."""

    kind = "tour.cups_moved"
    stop: str
    n: int
    amount: int
    day: str


EVENTS: tuple[type[Event], ...] = (
    SettingsSet, TourPlanned, TourEnded, StopPlanned, StopSetUp, AuthorisationNoted, StopOpened, StopMoved, StopClosed,
    StopReported, StopCancelled, EntriesCounted, CupsMoved,
)  # fmt: skip
