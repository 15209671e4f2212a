"""Words for states, reasons and days, and how loaves are said."""

import sqlite3
from collections.abc import Iterable
from datetime import date

from pos.i18n import N_, _
from pos.services.bread.reading import said_quantity
from pos.services.bread.schema import CANCELLED, COLLECTED, CONFIRMED, ORDERED, SET_ASIDE, UNCLAIMED

WEEKDAYS = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))
MONTHS = (
    N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"), N_("July"), N_("August"),
    N_("September"), N_("October"), N_("November"), N_("December"),
)  # fmt: skip
STATES = {
    ORDERED: N_("ordered"), CONFIRMED: N_("told to the baker"), SET_ASIDE: N_("set aside"),
    COLLECTED: N_("handed over"), UNCLAIMED: N_("unclaimed"), CANCELLED: N_("cancelled"),
}  # fmt: skip
MODES = {"own": N_("bought and resold"), "on_behalf": N_("sold for the baker")}
UNSOLD = {
    "returned_100": N_("all taken back"), "capped": N_("taken back up to a share"), "firm": N_("not taken back"),
}  # fmt: skip
UNCLAIMED_POLICIES = {
    "free": N_("not charged"), "charge_if_prepaid": N_("kept if paid ahead"), "charge_always": N_("always due"),
}  # fmt: skip
PERIODS = {"day": N_("every day"), "week": N_("every week"), "month": N_("every month")}
GONE = {"returned": N_("taken back by the baker"), "donated": N_("donated"), "day_old": N_("bread of yesterday")}
WITHDRAWN = {"damaged": N_("damaged"), "staff": N_("eaten by staff"), "offered": N_("given")}


def said(lines: Iterable[sqlite3.Row]) -> str:
    """Return `2 Tradition 250 g, 1 Boule de campagne (tranché)`."""
    return ", ".join(_one(line) for line in lines)


def _one(line: sqlite3.Row) -> str:
    quantity = said_quantity(line["quantity"])
    if line["sliced"]:
        return _("%(n)s %(bread)s, sliced", n=quantity, bread=line["label"])
    return _("%(n)s %(bread)s", n=quantity, bread=line["label"])


def date_words(day: str) -> str:
    """Return `samedi 14 juin`."""
    moment = date.fromisoformat(day[:10])
    return _(
        "%(weekday)s %(number)s %(month)s",
        weekday=_(WEEKDAYS[moment.weekday()]),
        number=moment.day,
        month=_(MONTHS[moment.month - 1]),
    )
