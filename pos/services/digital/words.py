"""Words for themes of help, outcomes, pages, days."""

from pos.clock import local
from pos.i18n import N_, _

# Themes of B.9; « France Services » is a label with trained agents and is never printed here.
THEMES = {
    "taxes": N_("Taxes"), "caf": N_("Family allowances (CAF)"), "pension": N_("Pension"),
    "vehicle": N_("Vehicle registration"), "doctor": N_("Medical appointment"), "mail": N_("Letter, e-mail"),
    "other": N_("Other form"),
}  # fmt: skip
OUTCOMES = {"solved": N_("Solved"), "referred": N_("Sent on to those who can")}


def theme(code: str) -> str:
    """Return what a theme is called."""
    return _(THEMES[code]) if code in THEMES else code


def hour(at_ms: int) -> str:
    """Return "10:41", Paris time."""
    return local(at_ms).strftime("%H:%M")
