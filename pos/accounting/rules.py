"""How a café declares: dated, with the source of what holds when nothing was said."""

from collections.abc import Iterable
from dataclasses import dataclass

# Décret 2022-1299, CGI ann. II 242 nonies M ff. (R128): normal regime by the month, normal regime by the
# quarter (usual from 2027, the simplified regime ends), franchise.
MONTHLY, QUARTERLY, FRANCHISE = "monthly", "quarterly", "franchise"
CADENCES = (MONTHLY, QUARTERLY, FRANCHISE)


@dataclass(frozen=True, slots=True)
class Rules:
    """`civil_day`: a sale after midnight is reported on the civil day (R130, unsettled: hence a setting)."""

    valid_from: str = ""
    cadence: str = QUARTERLY
    debits: bool = False
    civil_day: bool = True


def in_force(changed: Iterable[Rules], day: str) -> Rules:
    """Return the rules on a day."""
    return max((one for one in (Rules(), *changed) if one.valid_from <= day), key=lambda one: one.valid_from)
