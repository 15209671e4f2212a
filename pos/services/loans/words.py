"""Words for states and days."""

from datetime import date

from pos.i18n import N_, _
from pos.services.loans.tables import GONE, IN, LENT, LOST

STATES = {IN: N_("on its shelf"), LENT: N_("lent"), LOST: N_("lost"), GONE: N_("no longer lent")}
_WEEKDAYS = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))
_MONTHS = (
    N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"), N_("July"), N_("August"),
    N_("September"), N_("October"), N_("November"), N_("December"),
)  # fmt: skip


def state(code: str) -> str:
    """Return what a state is called."""
    return _(STATES.get(code, code))


def long_day(day: str) -> str:
    """Return "mardi 18 novembre"."""
    moment = date.fromisoformat(day)
    number = _("1st") if moment.day == 1 else str(moment.day)
    return f"{_(_WEEKDAYS[moment.weekday()])} {number} {_(_MONTHS[moment.month - 1])}"
