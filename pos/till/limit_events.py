"""Facts of what may be sold to whom: the café's licence, drinks by group, proof of age (R113, R115)."""

from pos.events import Event


class SaleLimitsSet(Event, frozen=True, kw_only=True):
    """The café's drinks licence, and whether the till asks for proof of age, from a day on."""

    kind = "till.sale_limits_set"
    # A key of `pos.till.law.LICENCES`; empty: not said.
    permit: str
    # `off`, or `ask`: no bill with alcohol is paid before somebody says that the age was seen.
    age: str
    valid_from: str


class DrinkGroupSet(Event, frozen=True, kw_only=True):
    """The group of a drink in law (1, 3, 4 or 5)."""

    kind = "till.drink_group_set"
    product: str
    group: int


class AgeChecked(Event, frozen=True, kw_only=True):
    """Proof of age was asked for a bill: a yes or a no, and nothing of the person (R113)."""

    kind = "till.age_checked"
    tab: str
    adult: bool
    day: str


EVENTS: tuple[type[Event], ...] = (SaleLimitsSet, DrinkGroupSet, AgeChecked)
