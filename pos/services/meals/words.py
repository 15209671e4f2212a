"""Words for states, places, origins and reasons; days as they are said."""

from datetime import date

from pos.i18n import N_, _
from pos.services.meals import schema as s

WEEKDAYS = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))
MONTHS = (
    N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"), N_("July"), N_("August"),
    N_("September"), N_("October"), N_("November"), N_("December"),
)  # fmt: skip
STATES = {
    s.PLANNED: N_("to prepare"), s.PREPARED: N_("meal ready"), s.OUT: N_("on its way"), s.DELIVERED: N_("meal delivered"),
    s.SERVED: N_("served at the café"), s.ABSENT: N_("nobody opened"), s.DECLINED: N_("meal refused"),
    s.DESTROYED: N_("meal destroyed"), s.GIVEN: N_("given to somebody else"), s.CANCELLED: N_("meal cancelled"),
}  # fmt: skip
SIGNS = {
    s.PLANNED: "clock", s.PREPARED: "plate", s.OUT: "truck", s.DELIVERED: "check", s.SERVED: "check", s.ABSENT: "alert",
    s.DECLINED: "cross", s.DESTROYED: "cross", s.GIVEN: "gift", s.CANCELLED: "cross",
}  # fmt: skip
PLACES = {s.HOME: N_("at home"), s.CAFE: N_("at the café")}
CHAINS = {s.HOT: N_("Hot (63 °C or more)"), s.COLD: N_("Chilled (3 °C or less)")}
ORIGINS = {
    "town_hall": N_("the town hall"), "ccas": N_("the CCAS"), "cafe": N_("the café"), "family": N_("the family"),
    "self": N_("the person"), "other": N_("somebody else"),
}  # fmt: skip
OUTCOMES = {
    "reassured": N_("All is well"), "no_answer": N_("No answer: call again"), "help_sent": N_("Somebody goes there"),
    "emergency": N_("Emergency called (15)"), "nobody": N_("No contact: town hall told"),
}  # fmt: skip
MEANS = {"transfer": N_("Bank transfer"), "cheque": N_("Cheque"), "cash": N_("Cash")}
END_REASONS = {
    "asked": N_("The person asks"), "moved": N_("Moved away"), "care_home": N_("Care home"), "other": N_("Other reason"),
}  # fmt: skip


def state(code: str) -> str:
    """Return a meal's state in French."""
    return _(STATES.get(code, code))


def outcome(code: str) -> str:
    """Return what came of a call, or an empty text."""
    return _(OUTCOMES[code]) if code else ""


def place(code: str) -> str:
    """Return where a meal is eaten."""
    return _(PLACES.get(code, code))


def long_day(day: str) -> str:
    """Return `jeudi 11 décembre`."""
    moment = date.fromisoformat(day[:10])
    return _(
        "%(weekday)s %(number)s %(month)s",
        weekday=_(WEEKDAYS[moment.weekday()]),
        number=moment.day,
        month=_(MONTHS[moment.month - 1]),
    )


def short_weekday(number: int) -> str:
    """Return `lun`."""
    return _(WEEKDAYS[number])[:3]


def month(text: str) -> str:
    """Return `décembre 2025`."""
    return f"{_(MONTHS[int(text[5:7]) - 1])} {text[:4]}"


def kilometres(metres: int) -> str:
    """Return `11,5 km`."""
    whole, part = divmod(max(0, metres), 1000)
    digits = f",{part:03d}".rstrip("0") if part else ""
    return f"{whole}{digits}\u00a0km"


ARTICLES = {
    s.MEAL_PRODUCT: N_("Meal of the day"), s.DELIVERY_PRODUCT: N_("Delivery of a meal"), s.OFFERED_PRODUCT: N_("Meals offered"),
}  # fmt: skip


def article(product: str) -> str:
    """Return the label of one of the meals' articles."""
    return _(ARTICLES[product])
