"""Words for periodicities, operators, means and days."""

from pos.i18n import N_, _
from pos.services.press.terms import OPERATORS, PERIODICITIES

MEANS = {"debit": N_("Direct debit"), "transfer": N_("Bank transfer"), "cheque": N_("Cheque"), "cash": N_("Cash")}
PERIODS = {"week": N_("every week"), "month": N_("every month")}


def periodicity(code: str) -> str:
    """Return how often a title comes out."""
    return _(PERIODICITIES[code][0]) if code in PERIODICITIES else code


def operator(code: str) -> str:
    """Return what an operator is called."""
    return _(OPERATORS.get(code, code))


def means(code: str) -> str:
    """Return how an account was settled."""
    return _(MEANS.get(code, code))


def short(day: str) -> str:
    """Return "20/11"."""
    return f"{day[8:10]}/{day[5:7]}"
