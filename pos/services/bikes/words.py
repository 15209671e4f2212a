"""Words for sorts of bikes, lengths, states, deposits, proofs, damage."""

from pos.clock import business_day, local
from pos.i18n import N_, _

SORTS = {
    "standard": N_("Bike"), "electric": N_("Electric bike"), "child": N_("Child’s bike"), "cargo": N_("Cargo bike"),
    "other": N_("Other cycle"),
}  # fmt: skip
# Lengths offered at first, with their minutes; the café sets its own minutes and prices.
RULES = {
    "hour": (N_("One hour"), 60), "half_day": (N_("Half a day"), 240), "day": (N_("A day"), 1_440),
    "weekend": (N_("Weekend"), 2_880), "week": (N_("A week"), 10_080),
}  # fmt: skip
STATES = {
    "available": N_("free"), "rented": N_("hired"), "maintenance": N_("in maintenance"), "lost": N_("lost"),
    "stolen": N_("stolen"), "retired": N_("given up"),
}  # fmt: skip
DEPOSITS = {
    "cheque": N_("Cheque, not cashed"),
    "card_imprint": N_("Card imprint"),
    "cash": N_("Cash"),
    "none": N_("No deposit"),
}
PROOFS = {
    "id_card": N_("Identity card"), "passport": N_("Passport"), "licence": N_("Driving licence"), "known": N_("Known here"),
}  # fmt: skip
CONDITIONS = {"good": N_("in good condition"), "worn": N_("worn but sound"), "damaged": N_("damaged")}
DAMAGES = {
    "flat_tyre": N_("Flat tyre"), "brakes": N_("Brakes"), "chain": N_("Chain"), "wheel": N_("Wheel"), "lights": N_("Lights"),
    "battery": N_("Battery"), "frame": N_("Frame"), "other": N_("Other damage"),
}  # fmt: skip
ACCESSORIES = {
    "helmet": N_("Helmet"), "lock": N_("Bike lock"), "child_seat": N_("Child seat"), "basket": N_("Basket"), "charger": N_("Charger"),
}  # fmt: skip
CHARGES = {"hire": N_("Hire"), "late": N_("Late return"), "repair": N_("Repair"), "kept": N_("Deposit kept")}
WELCOMES = {"pump": N_("Pump"), "tools": N_("Tools"), "water": N_("Water")}
ENDS = {"out": N_("on the road"), "back": N_("back"), "cancelled": N_("cancelled")}
_WEEKDAYS = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))
_MONTHS = (
    N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"), N_("July"), N_("August"),
    N_("September"), N_("October"), N_("November"), N_("December"),
)  # fmt: skip


def said(words: dict[str, str], code: str) -> str:
    """Return the French word of a code, or the code itself."""
    return _(words[code]) if code in words else code


def rule(code: str) -> str:
    """Return what a length is called."""
    return _(RULES[code][0]) if code in RULES else code


def hour(at_ms: int) -> str:
    """Return "10:41", Paris time."""
    return local(at_ms).strftime("%H:%M")


def moment(at_ms: int) -> str:
    """Return "samedi 2 mai, 13:00"."""
    at = local(at_ms)
    number = _("1st") if at.day == 1 else str(at.day)
    return f"{_(_WEEKDAYS[at.weekday()])} {number} {_(_MONTHS[at.month - 1])}, {at:%H:%M}"


def day_of(at_ms: int) -> str:
    """Return the café's day of a moment."""
    return business_day(at_ms)
