"""Words for states, reasons and days."""

from datetime import date

from pos.clock import local
from pos.engines.shelf import BACK, CALLED, COLLECTED, GIVEN_UP, KEPT, SENT
from pos.i18n import N_, _

STATES = {
    KEPT: N_("left here"), SENT: N_("at the provider’s"), BACK: N_("back, to call for"), CALLED: N_("its owner was called"),
    COLLECTED: N_("collected"), GIVEN_UP: N_("gone without its owner"),
}  # fmt: skip
KEY_STATES = {
    KEPT: N_("in its envelope"), SENT: N_("out of its envelope"), BACK: N_("in its envelope"), CALLED: N_("in its envelope"),
    COLLECTED: N_("given back to its owner"), GIVEN_UP: N_("no longer here"),
}  # fmt: skip
BASKET_STATES = {KEPT: N_("to collect"), COLLECTED: N_("collected"), GIVEN_UP: N_("not collected")}
MEANS = {"cash": N_("Cash"), "transfer": N_("Bank transfer"), "cheque": N_("Cheque")}
_WEEKDAYS = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))
_MONTHS = (
    N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"), N_("July"), N_("August"),
    N_("September"), N_("October"), N_("November"), N_("December"),
)  # fmt: skip


def state(code: str, sort: str = "") -> str:
    """Return what a state is called for a sort of relay."""
    told = {"keys": KEY_STATES, "baskets": BASKET_STATES}.get(sort, STATES)
    return _(told.get(code, STATES.get(code, code)))


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
