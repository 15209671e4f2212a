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
    # Month and day the accounting year begins.
    year_start: str = "01-01"


def in_force(changed: Iterable[Rules], day: str) -> Rules:
    """Return the rules on a day."""
    return max((one for one in (Rules(), *changed) if one.valid_from <= day), key=lambda one: one.valid_from)


def year_of(rules: Rules, day: str) -> tuple[str, str]:
    """Return the first day of the accounting year of `day`, and the first day of the next."""
    start = f"{day[:4]}-{rules.year_start}"
    year = int(day[:4]) - (day[:10] < start)
    return f"{year:04d}-{rules.year_start}", f"{year + 1:04d}-{rules.year_start}"
