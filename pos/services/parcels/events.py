"""Facts of the parcel relay: what came, where it waits, to whom it went, what the driver took.

A parcel is an opaque id and a `ref` (keyed pseudonym of its number). Names and tracking numbers stay
in the private store; no event holds one, nor the last characters of one.
"""

from pos.events import Event


class CarrierSet(Event, frozen=True, kw_only=True):
    """What the café and a carrier agreed, from a day on. Pay is cents per act, −1 while not known.

    Zero days, an empty mode or an empty list: as the carrier publishes.
    """

    kind = "parcels.carrier_set"
    carrier: str
    valid_from: str
    in_use: bool
    hold_days: int = 0
    mode: str = ""
    proofs: list[str] = []
    third_proofs: list[str] = []
    pay_received: int = -1
    pay_handed: int = -1
    pay_dropped: int = -1
    pay_returned: int = -1
    detail: bool = True
    source: str = "contract"


class ClosedWeekdaysSet(Event, frozen=True, kw_only=True):
    """The weekdays the café is closed (0 is Monday): they do not count where a carrier counts working days."""

    kind = "parcels.closed_weekdays_set"
    weekdays: list[int]


class DeliveryOpened(Event, frozen=True, kw_only=True):
    """A driver is here; his slip announces so many parcels."""

    kind = "parcels.delivery_opened"
    delivery: str
    carrier: str
    announced: int
    day: str


class DeliveryClosed(Event, frozen=True, kw_only=True):
    """The driver's parcels are all read: announced, accepted, refused."""

    kind = "parcels.delivery_closed"
    delivery: str
    carrier: str
    announced: int
    accepted: int
    refused: int
    day: str


class ParcelReceived(Event, frozen=True, kw_only=True):
    """A parcel was taken in for somebody; it is kept until `deadline`."""

    kind = "parcels.received"
    parcel: str
    carrier: str
    ref: str
    check: str
    shape: str
    deadline: str
    day: str
    delivery: str = ""
    place: str = ""
    size: str = ""
    damaged: bool = False


class ParcelPlaced(Event, frozen=True, kw_only=True):
    """A parcel was put on a shelf, or moved to another."""

    kind = "parcels.placed"
    parcel: str
    place: str
    was: str = ""


class RefusedAtIntake(Event, frozen=True, kw_only=True):
    """A parcel went back with the driver who brought it: damaged, wrong shop, no room, over size."""

    kind = "parcels.refused_at_intake"
    parcel: str
    carrier: str
    reason: str
    day: str
    delivery: str = ""
    ref: str = ""


class HandedOver(Event, frozen=True, kw_only=True):
    """A parcel left with the person who gave the proof. The proof's kind only: never a document number."""

    kind = "parcels.handed_over"
    parcel: str
    carrier: str
    proof: str
    visit: str
    day: str
    third_party: bool = False
    # How the visit was joined to another act: "" alone, "tap" « même client », "person" together.
    visit_by: str = ""
    # An earlier parcel of the same visit already makes the use.
    visit_again: bool = False


class HandOverUndone(Event, frozen=True, kw_only=True):
    """A hand-over of the same day was a mistake: the parcel is back on its shelf."""

    kind = "parcels.hand_over_undone"
    parcel: str
    visit: str
    day: str
    # No other parcel is left in this visit: its use is cancelled.
    cancels: bool = False


class RefusedByRecipient(Event, frozen=True, kw_only=True):
    """The person did not want the parcel (damaged, opened, not theirs): it waits for the driver."""

    kind = "parcels.refused_by_recipient"
    parcel: str
    reason: str
    day: str


class WentMissing(Event, frozen=True, kw_only=True):
    """A parcel is not where it should be."""

    kind = "parcels.went_missing"
    parcel: str
    day: str


class ParcelFound(Event, frozen=True, kw_only=True):
    """A missing parcel was found, and put at a place."""

    kind = "parcels.found"
    parcel: str
    place: str
    day: str


class DeclaredLost(Event, frozen=True, kw_only=True):
    """A missing parcel was declared lost to its carrier."""

    kind = "parcels.declared_lost"
    parcel: str
    day: str


class ReturnedToDriver(Event, frozen=True, kw_only=True):
    """A parcel nobody fetched, or somebody refused, or the carrier asked back, went with the driver."""

    kind = "parcels.returned_to_driver"
    parcel: str
    carrier: str
    reason: str
    day: str


class DroppedOff(Event, frozen=True, kw_only=True):
    """A sender left a parcel for the carrier."""

    kind = "parcels.dropped_off"
    parcel: str
    carrier: str
    ref: str
    check: str
    shape: str
    visit: str
    day: str
    place: str = ""
    visit_by: str = ""
    visit_again: bool = False


class DropOffRefused(Event, frozen=True, kw_only=True):
    """A sender's parcel was not taken: no label, not our network, over size, no room."""

    kind = "parcels.drop_off_refused"
    carrier: str
    reason: str
    day: str


class GivenToDriver(Event, frozen=True, kw_only=True):
    """A sender's parcel went with the driver."""

    kind = "parcels.given_to_driver"
    parcel: str
    carrier: str
    day: str


class TakenBack(Event, frozen=True, kw_only=True):
    """A sender took a parcel back before the driver came; on the same day, no service was given."""

    kind = "parcels.taken_back"
    parcel: str
    visit: str
    day: str
    cancels: bool = False


class Counted(Event, frozen=True, kw_only=True):
    """A day's totals of a carrier, typed at once. They replace those typed before for that day.

    `customers` is how many persons came; `customers_before` what the totals replaced had said.
    """

    kind = "parcels.counted"
    carrier: str
    day: str
    arrived: int
    handed: int
    dropped: int
    customers: int
    returned: int = 0
    customers_before: int = 0


EVENTS: tuple[type[Event], ...] = (
    CarrierSet, ClosedWeekdaysSet, DeliveryOpened, DeliveryClosed, ParcelReceived, ParcelPlaced, RefusedAtIntake,
    HandedOver, HandOverUndone, RefusedByRecipient, WentMissing, ParcelFound, DeclaredLost, ReturnedToDriver,
    DroppedOff, DropOffRefused, GivenToDriver, TakenBack, Counted,
)  # fmt: skip
