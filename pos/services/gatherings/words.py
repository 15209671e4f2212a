"""French words of gatherings: kinds, places, ages, states, reasons, funders."""

from collections.abc import Mapping
from datetime import date
from typing import TypeVar

from pos.i18n import N_, _

K = TypeVar("K")
DAYS = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))
MONTHS = (
    N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"), N_("July"), N_("August"),
    N_("September"), N_("October"), N_("November"), N_("December"),
)  # fmt: skip

SORTS = {
    "concert": N_("Concert"), "quiz": N_("Quiz"), "games": N_("Games"), "cinema": N_("Cinema"), "theatre": N_("Theatre"),
    "digital": N_("Digital workshop"), "cooking": N_("Cooking"), "health": N_("Health"), "sport": N_("Gentle sport"),
    "market": N_("Market"), "meeting": N_("Meeting"), "other": N_("Something else"),
}  # fmt: skip
PLACES = {
    "cafe": N_("At the café"),
    "square": N_("On the square"),
    "village_hall": N_("Village hall"),
    "elsewhere": N_("Elsewhere"),
}
BRACKETS = {"children": N_("Children"), "adults": N_("Adults"), "seniors": N_("Seniors")}
METHODS = {"clicker": N_("counted at the door"), "list": N_("from the list"), "estimate": N_("estimated")}
STATES = {
    "idea": N_("an idea"), "planned": N_("on the calendar"), "announced": N_("announced"), "held": N_("held"),
    "cancelled": N_("cancelled, not held"), "reviewed": N_("looked back at"),
}  # fmt: skip
TONES = {"planned": "warn", "announced": "good", "held": "good"}
CANCELLED = {
    "weather": N_("Weather"), "too_few": N_("Too few people"), "illness": N_("Illness"), "place": N_("No room for it"),
    "partner": N_("Partner cannot"), "other": N_("Something else"),
}  # fmt: skip
TAGS = {
    "klesia": "KLESIA", "tournee_des_villages": N_("Tournée des villages"), "reseau": N_("Network"),
    "association": N_("Association"), "commune": N_("Municipality"), "departement": N_("Département"), "caf_msa": "CAF, MSA",
}  # fmt: skip
RATINGS = {3: N_("It went well"), 2: N_("So-so"), 1: N_("It did not work")}


def said(words: dict[str, str], code: str) -> str:
    """Return a code's word in French."""
    return _(words[code]) if code in words else code


def pairs(words: Mapping[K, str]) -> list[tuple[K, str]]:
    """Return (code, French) in order, for choices."""
    return [(code, _(word)) for code, word in words.items()]


def long_day(day: str) -> str:
    """Return « vendredi 20 novembre »."""
    moment = date.fromisoformat(day)
    number = _("1st") if moment.day == 1 else str(moment.day)
    return f"{_(DAYS[moment.weekday()])} {number} {_(MONTHS[moment.month - 1])}"
