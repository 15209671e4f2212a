"""Words for themes and days of the information point."""

from pos.clock import local
from pos.i18n import N_, _

TOURISM = "tourism"
# theme -> (word, icon)
THEMES = {
    "townhall": (N_("Town hall"), "house"), "transport": (N_("Transport"), "truck"), "health": (N_("Health"), "plus"),
    TOURISM: (N_("Tourism"), "star"), "other": (N_("Other question"), "info"),
}  # fmt: skip


def theme(code: str) -> str:
    """Return what a theme is called."""
    return _(THEMES[code][0]) if code in THEMES else code


def hour(at_ms: int) -> str:
    """Return "10:41", Paris time."""
    return local(at_ms).strftime("%H:%M")
