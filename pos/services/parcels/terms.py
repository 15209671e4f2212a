"""Carriers and what each agreed with the café: days kept, proofs, pay. Dated; pure.

Built-in terms are what carriers and merchants publish; a café's contract replaces them from a date
(`parcels.carrier_set`). Pay is cents per act, −1 while the contract has not been typed.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from pos.i18n import N_

CALENDAR, WORKING = "calendar", "working"
MODES = (CALENDAR, WORKING)

# Kinds of proof. The number of an identity document is never noted.
CODE, QR, PIN, ID_SEEN, BOTH_IDS, ID_AND_COPY, SIGNED, PROXY = (
    "code", "qr", "pin", "id_seen", "id_recipient_and_third", "id_and_copy", "signature_on_carrier_pda", "proxy",
)  # fmt: skip
PROOFS = {
    CODE: N_("Code or QR"),
    QR: N_("Code or QR"),
    PIN: N_("Release code"),
    ID_SEEN: N_("Identity document seen"),
    BOTH_IDS: N_("Identity documents of both"),
    ID_AND_COPY: N_("Own document and copy of the recipient’s"),
    SIGNED: N_("Signed on the carrier’s device"),
    PROXY: N_("Written proxy"),
}
# Where terms come from: closed list, since free text never enters the journal.
SOURCES = ("contract", "carrier_site", "merchant_site", "press", "habit", "unverified")
NOT_TYPED = -1
HOLD_DAYS_MAX = 60
PAY_MAX_CENTS = 1000


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one carrier from a date on."""

    carrier: str
    valid_from: str
    hold_days: int
    mode: str = CALENDAR
    proofs: tuple[str, ...] = (CODE, QR, ID_SEEN, SIGNED)
    # What somebody else than the recipient must show.
    third_proofs: tuple[str, ...] = (CODE, QR)
    pay_received: int = NOT_TYPED
    pay_handed: int = NOT_TYPED
    pay_dropped: int = NOT_TYPED
    pay_returned: int = NOT_TYPED
    source: str = "unverified"
    # The café works with this carrier.
    in_use: bool = False
    # False: only the day's totals are typed.
    detail: bool = True


NAMES = {
    "mondial-relay": "Mondial Relay",
    "pickup": "Pickup",
    "colissimo": "Colissimo",
    "chronopost": "Chronopost",
    "dpd": "DPD",
    "vinted-go": "Vinted Go",
    "relais-colis": "Relais Colis",
    "ups": "UPS",
    "gls": "GLS",
    "amazon": "Amazon",
    "colis-prive": "Colis Privé",
    "other": N_("Other carrier"),
}

_PICKUP_PROOFS = (ID_SEEN, CODE, QR, SIGNED)
_ALWAYS = "2000-01-01"

BUILT_IN: tuple[Terms, ...] = (
    Terms("mondial-relay", _ALWAYS, 8, source="carrier_site"),
    # Sundays and holidays included; no extension.
    Terms("mondial-relay", "2025-10-08", 5, source="press"),
    Terms("pickup", _ALWAYS, 8, proofs=_PICKUP_PROOFS, third_proofs=(BOTH_IDS,), source="carrier_site"),
    Terms("chronopost", _ALWAYS, 8, proofs=_PICKUP_PROOFS, third_proofs=(BOTH_IDS,), source="carrier_site"),
    Terms("dpd", _ALWAYS, 7, proofs=_PICKUP_PROOFS, third_proofs=(BOTH_IDS,), source="carrier_site"),
    Terms("colissimo", _ALWAYS, 10, proofs=_PICKUP_PROOFS, third_proofs=(BOTH_IDS,), source="merchant_site"),
    Terms("ups", _ALWAYS, 7, proofs=(ID_SEEN, PIN, CODE, SIGNED), third_proofs=(BOTH_IDS, ID_AND_COPY, PIN)),
    Terms("relais-colis", _ALWAYS, 10, WORKING, source="merchant_site"),
    Terms("vinted-go", _ALWAYS, 5),
    Terms("amazon", _ALWAYS, 14),
    Terms("gls", _ALWAYS, 10),
    Terms("colis-prive", _ALWAYS, 7),
    Terms("other", _ALWAYS, 7, proofs=(CODE, QR, PIN, ID_SEEN, SIGNED), third_proofs=(CODE, QR, BOTH_IDS, ID_AND_COPY)),
)


def built_in(carrier: str, day: str) -> Terms:
    """Return the published terms of a carrier on a day; KeyError for an unknown carrier."""
    dated = [t for t in BUILT_IN if t.carrier == carrier and t.valid_from <= day]
    if not dated:
        raise KeyError(carrier)
    return max(dated, key=lambda t: t.valid_from)


def deadline_on(came_on: str, hold_days: int, mode: str, closed_weekdays: frozenset[int] = frozenset({6})) -> str:
    """Return the last day a parcel is kept; it is overdue the day after, even if the café is closed.

    Calendar: Sundays and holidays count. Working: closed weekdays (0 is Monday) and public holidays
    do not.
    """
    day = date.fromisoformat(came_on)
    if mode == CALENDAR or len(closed_weekdays) > 6:
        return (day + timedelta(days=hold_days)).isoformat()
    left = hold_days
    while left:
        day += timedelta(days=1)
        if day.weekday() not in closed_weekdays and not is_public_holiday(day):
            left -= 1
    return day.isoformat()


def is_public_holiday(day: date) -> bool:
    """Tell whether a day is one of the eleven French public holidays (metropolitan, without Alsace-Moselle)."""
    fixed = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
    return (day.month, day.day) in fixed or (day - _easter(day.year)).days in (1, 39, 50)


def _easter(year: int) -> date:
    """Return Easter Sunday (Meeus, Gregorian calendar)."""
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return date(year, f // 31, f % 31 + 1)
