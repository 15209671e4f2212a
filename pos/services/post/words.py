"""Words for sorts of mail, states, operations and days."""

from datetime import date

from pos.clock import local
from pos.engines.labels import INVALID, OTHER, PARCEL, REGISTERED, TRACKED, UNCHECKED, VALID
from pos.i18n import N_, _
from pos.services.post.tables import BAGGED, GIVEN_BACK, GONE, TAKEN

SORTS = {
    REGISTERED: N_("Registered letter"), TRACKED: N_("Tracked letter"), PARCEL: N_("Parcel"), "letter": N_("Letters"),
    OTHER: N_("Other mail"),
}  # fmt: skip
STATES = {
    TAKEN: N_("taken in"), BAGGED: N_("in the bag"), GONE: N_("gone with La Poste"), GIVEN_BACK: N_("given back"),
}  # fmt: skip
OPERATIONS = {"withdrawal": N_("Withdrawal"), "mandate": N_("Postal order in cash"), "pay_in": N_("Money paid in")}
MEANS = {"transfer": N_("Bank transfer"), "cash": N_("Cash"), "cheque": N_("Cheque")}
CHECKS = {VALID: N_("number checked"), INVALID: N_("check digit wrong"), UNCHECKED: N_("number not checked")}
_WEEKDAYS = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))
_MONTHS = (
    N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"), N_("July"), N_("August"),
    N_("September"), N_("October"), N_("November"), N_("December"),
)  # fmt: skip


def sort(code: str) -> str:
    """Return what a sort of mail is called."""
    return _(SORTS.get(code, code))


def state(code: str) -> str:
    """Return what a state is called."""
    return _(STATES.get(code, code))


def operation(code: str) -> str:
    """Return what an operation is called."""
    return _(OPERATIONS.get(code, code))


def long_day(day: str) -> str:
    """Return "mardi 18 novembre"."""
    moment = date.fromisoformat(day)
    number = _("1st") if moment.day == 1 else str(moment.day)
    return f"{_(_WEEKDAYS[moment.weekday()])} {number} {_(_MONTHS[moment.month - 1])}"


def hour(at_ms: int) -> str:
    """Return "10:41", Paris time."""
    return local(at_ms).strftime("%H:%M")


def means(code: str) -> str:
    """Return how an account was settled."""
    return _(MEANS.get(code, code))
