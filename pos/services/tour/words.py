"""French words of a tour: where a stop stands, why it moved or was called off."""

from pos.i18n import N_, _

STATES = {
    "planned": N_("planned"), "setting_up": N_("being set up"), "open": N_("open now"), "closed": N_("closed now"),
    "reported": N_("reported"), "cancelled": N_("called off"),
}  # fmt: skip
MOVED = {
    "rain": N_("Rain"),
    "wind": N_("Wind"),
    "heat": N_("Heat"),
    "place_taken": N_("Place taken"),
    "other": N_("Something else"),
}
CANCELLED = {
    "weather": N_("Weather"), "breakdown": N_("Breakdown"), "illness": N_("Illness"), "host": N_("Host cannot"),
    "other": N_("Something else"),
}  # fmt: skip
TONES = {"open": "good", "setting_up": "warn", "closed": "warn"}


def state(code: str) -> str:
    """Return where a stop stands, in French."""
    return _(STATES.get(code, code))


def moved(code: str) -> str:
    """Return why a stop moved, in French."""
    return _(MOVED.get(code, code))
