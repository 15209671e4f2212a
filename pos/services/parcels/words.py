"""French for what events say in codes: carriers, states, reasons, days."""

from datetime import date, timedelta

from pos.clock import local
from pos.i18n import N_, _
from pos.services.parcels import terms

STATES = {
    "stored": N_("On the shelf"),
    "overdue": N_("To return"),
    "handed": N_("Handed over"),
    "returned": N_("Returned to the driver"),
    "refused": N_("Refused, to return"),
    "missing": N_("Not found yet"),
    "lost": N_("Declared lost"),
    "refused_at_intake": N_("Refused on arrival"),
    "out": N_("To send"),
    "given": N_("Gone with the driver"),
    "taken_back": N_("Taken back"),
}
INTAKE_REASONS = {
    "damaged": N_("Damaged parcel"),
    "wrong_shop": N_("Not for us"),
    "no_room": N_("No room left"),
    "over_size": N_("Too big"),
}
RECIPIENT_REASONS = {
    "damaged": N_("Damaged parcel"),
    "opened": N_("Already opened"),
    "not_mine": N_("Not theirs"),
    "unwanted": N_("No longer wanted"),
}
RETURN_REASONS = {
    "overdue": N_("Not fetched in time"),
    "refused": N_("Refused by the recipient"),
    "recalled": N_("Asked back by the carrier"),
}
DROP_OFF_REASONS = {
    "no_label": N_("No label"),
    "not_our_network": N_("Another network"),
    "over_size": N_("Too big"),
    "saturated": N_("No room left"),
}
SIZES = {"S": N_("small parcel"), "M": N_("medium parcel"), "L": N_("large parcel")}
CHECKS = {
    "valid": N_("number checked"),
    "invalid": N_("check digit wrong"),
    "no_check_known": N_("number without check digit"),
}
_WEEKDAYS = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"),
)  # fmt: skip
_MONTHS = (
    N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"), N_("July"), N_("August"),
    N_("September"), N_("October"), N_("November"), N_("December"),
)  # fmt: skip


def carrier(slug: str) -> str:
    """Return a carrier's name."""
    name = terms.NAMES.get(slug, slug)
    return _(name) if slug == "other" else name


def proof(kind: str) -> str:
    """Return what a proof is called."""
    return _(terms.PROOFS[kind]) if kind in terms.PROOFS else kind


def within(text: str) -> str:
    """Return a title as it stands within a sentence: small first letter."""
    return text[:1].lower() + text[1:]


def proofs(kinds: tuple[str, ...]) -> str:
    """Return a list of proofs, in the middle of a sentence."""
    names = list(dict.fromkeys(within(proof(kind)) for kind in kinds))
    return _(" or ").join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def check(status: str) -> str:
    """Return what the check of a number gave."""
    return _(CHECKS.get(status, status))


def state(code: str) -> str:
    """Return what a state is called."""
    return _(STATES.get(code, code))


def weekday(n: int) -> str:
    """Return a weekday's name, 0 for Monday."""
    return _(_WEEKDAYS[n])


def long_day(day: str) -> str:
    """Return "mardi 18 novembre"."""
    moment = date.fromisoformat(day)
    return f"{weekday(moment.weekday())} {_day_number(moment)} {_(_MONTHS[moment.month - 1])}"


def short_day(day: str) -> str:
    """Return "dimanche 23"."""
    moment = date.fromisoformat(day)
    return f"{weekday(moment.weekday())} {_day_number(moment)}"


def _day_number(moment: date) -> str:
    return _("1st") if moment.day == 1 else str(moment.day)


def hour(at_ms: int) -> str:
    """Return "10:41", Paris time."""
    return local(at_ms).strftime("%H:%M")


def days_between(first: str, last: str) -> int:
    """Return the days from `first` to `last`; negative when it has passed."""
    return (date.fromisoformat(last) - date.fromisoformat(first)).days


def add_days(day: str, n: int) -> str:
    """Return the day `n` days later."""
    return (date.fromisoformat(day) + timedelta(days=n)).isoformat()
