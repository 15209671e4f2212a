"""What can be done with bikes; a day file plays these acts by name (`bikes.hire`, `bikes.take_back`…)."""

from pos.services.bikes.fleet import list_bike, move_bike, set_price, set_terms, welcome
from pos.services.bikes.hiring import cancel, charge_again, hire
from pos.services.bikes.returning import keep_deposit, not_back, release, take_back

__all__ = [
    "cancel", "charge_again", "hire", "keep_deposit", "list_bike", "move_bike", "not_back", "release", "set_price", "set_terms",
    "take_back", "welcome",
]  # fmt: skip
ACTS = (
    set_terms, set_price, list_bike, move_bike, welcome, hire, cancel, charge_again, take_back, release, keep_deposit, not_back,
)  # fmt: skip
