"""Facts of the bikes: fleet, prices, who has which since when, what came back, deposits. No name: opaque ids.

The money of a hire is an ordinary ticket (`SaleLine.ref` is `bikes.hire:<rental>`…); a cash deposit moves
by `ThirdPartyMoved`; what is here is what those do not say.
"""

from pos.events import Event


class TermsSet(Event, frozen=True, kw_only=True):
    """The rules of hiring from a day on: minutes of grace, then so much per late unit begun."""

    kind = "bikes.terms_set"
    valid_from: str
    grace_minutes: int
    late_minutes: int
    late_price: int


class PriceSet(Event, frozen=True, kw_only=True):
    """What a sort of bike costs for a length of time, from a day on; price 0 no longer offers it."""

    kind = "bikes.price_set"
    rule: str
    sort: str
    minutes: int
    price: int
    valid_from: str


class BikeListed(Event, frozen=True, kw_only=True):
    """A bike joined the fleet or its card changed; `deposit` is the guarantee asked for it."""

    kind = "bikes.bike_listed"
    bike: str
    number: int
    sort: str
    label: str
    deposit: int


class BikeMoved(Event, frozen=True, kw_only=True):
    """A bike went to maintenance, came back to the rack, was lost, stolen, found or given up."""

    kind = "bikes.bike_moved"
    bike: str
    state: str
    reason: str
    day: str


class BikeHired(Event, frozen=True, kw_only=True):
    """A bike left with somebody, under a contract on paper. The proof's kind only, never its number.

    `happened_at` is set when the hire was noted on paper first.
    """

    kind = "bikes.hired"
    rental: str
    contract: str
    number: int
    bike: str
    rule: str
    minutes: int
    price: int
    out_at: int
    due_at: int
    deposit_kind: str
    deposit: int
    proof: str
    condition: str
    accessories: list[str]
    person: str
    visit: str
    day: str
    happened_at: int = 0


class HireCancelled(Event, frozen=True, kw_only=True):
    """The bike did not leave after all: no service was given, its deposit went back."""

    kind = "bikes.hire_cancelled"
    rental: str
    bike: str
    visit: str
    day: str


class BikeReturned(Event, frozen=True, kw_only=True):
    """A bike is back, or will not come back (`state` lost or stolen): how late, how it is, what is due."""

    kind = "bikes.returned"
    rental: str
    bike: str
    back_at: int
    late_minutes: int
    late_due: int
    repair_due: int
    condition: str
    damages: list[str]
    missing: list[str]
    state: str
    day: str
    happened_at: int = 0


class DepositReleased(Event, frozen=True, kw_only=True):
    """A deposit, or what is left of it, was handed back; `amount` leaves the drawer when it was cash."""

    kind = "bikes.deposit_released"
    rental: str
    deposit_kind: str
    amount: int
    day: str


class WelcomeGiven(Event, frozen=True, kw_only=True):
    """A passing cyclist used the pump, the tools or the water; `n` −1 takes a tap back."""

    kind = "bikes.welcome_given"
    what: str
    n: int
    day: str


EVENTS: tuple[type[Event], ...] = (
    TermsSet, PriceSet, BikeListed, BikeMoved, BikeHired, HireCancelled, BikeReturned, DepositReleased, WelcomeGiven,
)  # fmt: skip
