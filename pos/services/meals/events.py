"""Facts of the meals: who may have one (by opaque id), orders, kitchen, rounds, doors, funders, claims.

Diets, allergies, names and addresses are never here: they live in the private store under the same id.
Times of the round may be declared (`happened_at`), temperatures are tenths of a degree.
"""

from pos.events import Event, Part

# A temperature nobody measured: a real one is far below.
UNMEASURED = 9999


class TermsSet(Event, frozen=True, kw_only=True):
    """Prices of a meal and of its delivery, and until when one orders, from a day on."""

    kind = "meals.terms_set"
    valid_from: str
    meal_price: int
    delivery_price: int
    # `HH:MM` of the day before.
    cut_off: str


class FunderSet(Event, frozen=True, kw_only=True):
    """From a month on a partner pays so many meals a month, at a price."""

    kind = "meals.funder_set"
    funder: str
    label: str
    month: str
    quota: int
    price: int
    # How many a month are hoped for; 0 when nobody said.
    target: int = 0


class BeneficiaryProposed(Event, frozen=True, kw_only=True):
    """Somebody was proposed for meals."""

    kind = "meals.beneficiary_proposed"
    beneficiary: str
    number: int
    origin: str
    day: str


class BeneficiaryAccepted(Event, frozen=True, kw_only=True):
    """The person agreed to the meals and to what is kept about them."""

    kind = "meals.beneficiary_accepted"
    beneficiary: str
    day: str


class BeneficiaryEnded(Event, frozen=True, kw_only=True):
    """The person no longer has meals: subscription and orders ahead end too."""

    kind = "meals.beneficiary_ended"
    beneficiary: str
    reason: str
    day: str


class Subscribed(Event, frozen=True, kw_only=True):
    """Meals on these weekdays (Monday is 0) from a day on; replaces the subscription before, none ends it."""

    kind = "meals.subscribed"
    beneficiary: str
    weekdays: list[int]
    place: str
    valid_from: str
    funder: str = ""


class Paused(Event, frozen=True, kw_only=True):
    """No meal from a day to another, both included."""

    kind = "meals.paused"
    beneficiary: str
    first: str
    last: str


class Resumed(Event, frozen=True, kw_only=True):
    """Pauses not yet over end the day before this one."""

    kind = "meals.resumed"
    beneficiary: str
    day: str


class MealOrdered(Event, frozen=True, kw_only=True):
    """A meal is planned for a day, at home or at the café, paid by a funder or (empty) by the person."""

    kind = "meals.meal_ordered"
    meal: str
    number: int
    beneficiary: str
    for_day: str
    place: str
    day: str
    funder: str = ""
    # After the cut-off, agreed with the cook.
    late: bool = False
    # From a subscription.
    standing: bool = False


class MealCancelled(Event, frozen=True, kw_only=True):
    """A planned meal will not be made."""

    kind = "meals.meal_cancelled"
    meal: str
    reason: str
    day: str


class FunderChanged(Event, frozen=True, kw_only=True):
    """Another funder, or nobody, pays a meal."""

    kind = "meals.funder_changed"
    meal: str
    funder: str
    day: str


class OrdersClosed(Event, frozen=True, kw_only=True):
    """The orders of a day are complete: so many meals to make."""

    kind = "meals.orders_closed"
    for_day: str
    meals: int
    day: str


class MealsPrepared(Event, frozen=True, kw_only=True):
    """A batch was cooked, to be kept hot or chilled."""

    kind = "meals.meals_prepared"
    batch: str
    number: int
    meals: list[str]
    chain: str
    day: str
    # A sample of 100 g was put aside for five days.
    witness: bool = False


class ProbeRefused(Event, frozen=True, kw_only=True):
    """A temperature out of its limit was measured: nothing left."""

    kind = "meals.probe_refused"
    chain: str
    temperature: int
    day: str


class RoundLeft(Event, frozen=True, kw_only=True):
    """A round of portage left with these meals, measured at departure."""

    kind = "meals.round_left"
    round: str
    number: int
    meals: list[str]
    chain: str
    temperature: int
    day: str
    happened_at: int = 0


class MealDelivered(Event, frozen=True, kw_only=True):
    """A meal reached its home."""

    kind = "meals.meal_delivered"
    meal: str
    day: str
    # A funder pays it: one use of `meal_offered`, otherwise of `meal_delivered`.
    offered: bool
    temperature: int = UNMEASURED
    happened_at: int = 0


class MealServed(Event, frozen=True, kw_only=True):
    """A meal was eaten at the café."""

    kind = "meals.meal_served"
    meal: str
    day: str
    offered: bool


class DoorUnanswered(Event, frozen=True, kw_only=True):
    """Nobody opened: an incident until somebody was called."""

    kind = "meals.door_unanswered"
    meal: str
    day: str
    happened_at: int = 0


class ContactCalled(Event, frozen=True, kw_only=True):
    """The contact of who did not open was called, with what came of it."""

    kind = "meals.contact_called"
    meal: str
    outcome: str
    day: str
    happened_at: int = 0


class MealDeclined(Event, frozen=True, kw_only=True):
    """The person did not want the meal."""

    kind = "meals.meal_declined"
    meal: str
    day: str


class MealDisposed(Event, frozen=True, kw_only=True):
    """A meal that found nobody was destroyed, or given at once to somebody else."""

    kind = "meals.meal_disposed"
    meal: str
    how: str
    day: str


class MealUndone(Event, frozen=True, kw_only=True):
    """What was said of a meal today was a mistake: it is as before; a use it was is cancelled."""

    kind = "meals.meal_undone"
    meal: str
    was: str
    day: str
    # Code of the use that no longer counts; empty when it was none.
    cancels: str = ""


class RoundClosed(Event, frozen=True, kw_only=True):
    """The carrier is back: the metres driven are the café's own kilometres (`round_km`), against the avoided ones."""

    kind = "meals.round_closed"
    round: str
    metres: int
    day: str


class ClaimedAt(Part, frozen=True, kw_only=True):
    """Meals of a claim that bear one price."""

    price: int
    meals: int


class MonthClaimed(Event, frozen=True, kw_only=True):
    """What a funder owes for a month was stated: meals delivered or served, on a ticket without payment.

    `price` is the month's; meals stated late may bear that of their own month, then each price is in `at`.
    """

    kind = "meals.month_claimed"
    claim: str
    number: int
    funder: str
    month: str
    meals: list[str]
    price: int
    amount: int
    ticket: int
    day: str
    at: list[ClaimedAt] = []


class ClaimPaid(Event, frozen=True, kw_only=True):
    """A funder paid what it owed, all or part."""

    kind = "meals.claim_paid"
    funder: str
    amount: int
    means: str
    day: str
    ref: str = ""


EVENTS: tuple[type[Event], ...] = (
    TermsSet, FunderSet, BeneficiaryProposed, BeneficiaryAccepted, BeneficiaryEnded, Subscribed, Paused, Resumed,
    MealOrdered, MealCancelled, FunderChanged, OrdersClosed, MealsPrepared, ProbeRefused, RoundLeft, MealDelivered,
    MealServed, DoorUnanswered, ContactCalled, MealDeclined, MealDisposed, MealUndone, RoundClosed, MonthClaimed, ClaimPaid,
)  # fmt: skip
