"""Words for themes and days of the information point."""

from datetime import date

from pos.clock import local
from pos.i18n import N_, _

TOURISM = "tourism"
# theme -> (word, icon)
THEMES = {
    "townhall": (N_("Town hall"), "house"), "transport": (N_("Transport"), "truck"), "health": (N_("Health"), "plus"),
    TOURISM: (N_("Tourism"), "star"), "other": (N_("Other question"), "info"),
}  # fmt: skip
_MONTHS = (
    N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"), N_("July"), N_("August"),
    N_("September"), N_("October"), N_("November"), N_("December"),
)  # fmt: skip


def theme(code: str) -> str:
    """Return what a theme is called."""
    return _(THEMES[code][0]) if code in THEMES else code


def hour(at_ms: int) -> str:
    """Return "10:41", Paris time."""
    return local(at_ms).strftime("%H:%M")


def month(first: str) -> str:
    """Return "mai 2026" for a day of it."""
    at = date.fromisoformat(first)
    return f"{_(_MONTHS[at.month - 1])} {at.year}"
