"""What the number on a label says: shapes, check digits, whose it may be. Pure functions.

Lengths overlap from carrier to carrier, so reading a label gives candidates with a confidence, never
a verdict. A wrong check digit is worth a second reading and nothing more: the parcel is on the counter.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from pos.engines.labels import clean, ean_digit, s10_digit

VALID, INVALID, UNCHECKED = "valid", "invalid", "no_check_known"
CHECKS = (VALID, INVALID, UNCHECKED)

# Pickup is La Poste group's relay network: its driver brings parcels of the three.
PICKUP_FAMILY = ("pickup", "chronopost", "dpd", "colissimo")

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_KNOWN_COLISSIMO = "6A 6C 6M 7Q 8L 8Q 8R 8V 9L 9V 1H 1K 1L 2L 3C"
# ISO 3166-1, two by two.
_COUNTRIES = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a label."""

    carrier: str
    shape: str
    # One parcel, one number: the routing label and the plain label give the same.
    number: str
    check: str
    # Percent.
    confidence: int
    # The number as the recipient's notice shows it.
    said: str = ""


def readings(raw: str) -> list[Reading]:
    """Return what a scanned or typed code may be, likeliest first; empty when no shape fits."""
    found = list(_read(clean(raw))) if not _is_sentence(raw) else list(_read_sentence(raw))
    return sorted(found, key=lambda r: (-r.confidence, r.carrier))


def understand(raw: str, carrier: str = "") -> Reading:
    """Return the best reading; the carrier whose driver is here weighs more than the shape.

    A code no carrier is known for is kept as it is, `invalid`: intake is never blocked.
    """
    found = readings(raw)
    family = PICKUP_FAMILY if carrier == "pickup" else (carrier,)
    own = [r for r in found if r.carrier in family]
    if own:
        return own[0]
    if found:
        return found[0]
    number = clean(raw).strip("%")[:40]
    return Reading(carrier, "unknown", number, INVALID, 0, number)


def _is_sentence(raw: str) -> bool:
    return "://" in raw or raw.lstrip().startswith("{")


def _read_sentence(raw: str) -> Iterator[Reading]:
    """A QR holds a URL or JSON: a token with a right check digit, else the last long run of digits."""
    tokens = re.findall(r"[0-9A-Z]{8,28}", raw.upper())
    for token in reversed(tokens):
        sure = [r for r in _read(token) if r.check == VALID]
        if sure:
            yield from sure
            return
    runs = re.findall(r"\d{8,}", raw)
    if runs:
        yield from (replace(r, confidence=r.confidence // 2) for r in _read(runs[-1]))


def _read(text: str) -> Iterator[Reading]:
    for shape in _SHAPES:
        yield from shape(text)


# Check digits


def s10_is_valid(number: str, *, country_test: bool = False) -> bool:
    """Tell whether a 13-character S10 number has the right key (and, if asked, a real country)."""
    if not re.fullmatch(r"[A-Z]{2}\d{9}[A-Z]{2}", number):
        return False
    if country_test and not _is_country(number[-2:]):
        return False
    return s10_digit(number[2:10]) == int(number[10])


def _is_country(letters: str) -> bool:
    return letters in _COUNTRIES.split()


def gls_digit(digits: str) -> int:
    """Return GLS's key: weights 3, 1, 3… from the left, plus one."""
    return -(sum(int(d) * (3, 1)[i % 2] for i, d in enumerate(digits)) + 1) % 10


def mod_37_36(text: str) -> str:
    """Return the ISO 7064 MOD 37,36 character of `text` (DPD, Pickup)."""
    p = 36
    for char in text:
        p = (p + _ALPHABET.index(char)) % 36 or 36
        p = 2 * p % 37
    return _ALPHABET[(37 - p) % 36]


def ups_digit(text: str) -> int:
    """Return UPS's key: letters are (ASCII − 63) mod 10, every second place counts twice."""
    values = [int(c) if c.isdigit() else (ord(c) - 63) % 10 for c in text]
    return -sum(v * (1, 2)[i % 2] for i, v in enumerate(values)) % 10


def mondial_relay_digit(digits: str) -> int:
    """Return Mondial Relay's key: weights 2 to 7 from the right, mod 11 (11 and 10 give 0)."""
    key = 11 - sum(int(d) * (2 + i % 6) for i, d in enumerate(reversed(digits))) % 11
    return 0 if key >= 10 else key


# Shapes: each says what `text` may be


def _checked(right: bool) -> str:
    return VALID if right else INVALID


def _s10(text: str) -> Iterable[Reading]:
    if not re.fullmatch(r"[A-Z]{2}\d{9}[A-Z]{2}", text):
        return
    check = _checked(s10_is_valid(text))
    # Chronopost's last two letters need not be a country.
    if text[0] == "X":
        yield Reading("chronopost", "s10", text, check, 97, text)
    else:
        sure = 90 if _is_country(text[-2:]) else 50
        yield Reading("colissimo", "s10", text, check, sure, text)
        yield Reading("chronopost", "s10", text, check, 40, text)


def _chronopost_long(text: str) -> Iterable[Reading]:
    if re.fullmatch(r"X[A-Z]\d{13}", text):
        yield Reading("chronopost", "chronopost_15", text, UNCHECKED, 70, text)


def _colissimo(text: str) -> Iterable[Reading]:
    if re.fullmatch(r"\d[A-Z]\d{11}", text):
        sure = 98 if text[:2] in _KNOWN_COLISSIMO else 60
        yield Reading("colissimo", "colissimo", text, _checked(ean_digit(text[2:12]) == int(text[12])), sure, text)


def _colissimo_handling(text: str) -> Iterable[Reading]:
    if re.fullmatch(r"\d[A-Z]1\d{21}", text):
        check = _checked(ean_digit(text[8:23]) == int(text[23]))
        yield Reading("colissimo", "colissimo_handling", text, check, 80, text)


def _dpd_routing(text: str) -> Iterable[Reading]:
    """Postcode 7, parcel 14, service 3, country 3; the key is printed and not in the bars."""
    bare = text.lstrip("%")
    if not re.fullmatch(r"[0-9A-Z]{7}[0-9A-Z]{2}\d{12}\d{6}[0-9A-Z]?", bare):
        return
    check = _checked(mod_37_36(bare[:27]) == bare[27]) if len(bare) == 28 else UNCHECKED
    parcel, sure = bare[7:21], 95 if text.startswith("%") else 75
    carrier = "dpd" if parcel.isdigit() else "pickup"
    yield Reading(carrier, "dpd_routing", parcel, check, sure, parcel)
    if carrier == "pickup":
        yield Reading("colissimo", "dpd_routing", parcel, check, sure - 20, parcel)


def _dpd_parcel(text: str) -> Iterable[Reading]:
    if re.fullmatch(r"[0-9A-Z]{2}\d{12}[0-9A-Z]?", text):
        check = _checked(mod_37_36(text[:14]) == text[14]) if len(text) == 15 else UNCHECKED
        sure = {VALID: 90, INVALID: 35, UNCHECKED: 60}[check]
        yield Reading("dpd", "dpd_parcel", text[:14], check, sure, text[:14])


def _ups(text: str) -> Iterable[Reading]:
    if re.fullmatch(r"1Z[0-9A-Z]{15}\d", text):
        yield Reading("ups", "ups", text, _checked(ups_digit(text[2:17]) == int(text[17])), 99, text)


def _ups_waybill(text: str) -> Iterable[Reading]:
    if re.fullmatch(r"[AHJKTV]\d{10}", text):
        yield Reading("ups", "ups_waybill", text, _checked(ups_digit(text[1:10]) == int(text[10])), 70, text)


def _mondial_relay_label(text: str) -> Iterable[Reading]:
    """Brand 2, shipment 8, parcel and parcels 2 + 2, key X, agency and run 10, key Y."""
    if not re.fullmatch(r"\d{26}", text):
        return
    right = mondial_relay_digit(text[:14]) == int(text[14]) and mondial_relay_digit(text[15:25]) == int(text[25])
    shipment, place = text[2:10], text[10:14]
    number = shipment if place == "0101" else shipment + place
    yield Reading("mondial-relay", "mondial_relay_label", number, _checked(right), 98 if right else 80, shipment)


def _mondial_relay_number(text: str) -> Iterable[Reading]:
    match = re.fullmatch(r"[A-Z]{0,3}(\d{8}|\d{10}|\d{12})", text)
    if match:
        number = match.group(1)
        number = number[:8] if len(number) == 12 and number.endswith("0101") else number
        sure = 70 if len(number) == 8 else 50
        yield Reading("mondial-relay", "mondial_relay_number", number, UNCHECKED, sure, match.group(1)[:10])


def _gls(text: str) -> Iterable[Reading]:
    if re.fullmatch(r"\d{12}", text):
        right = gls_digit(text[:11]) == int(text[11])
        yield Reading("gls", "gls", text[:11], _checked(right), 65 if right else 25, text)
    elif re.fullmatch(r"\d{11}", text):
        yield Reading("gls", "gls", text, UNCHECKED, 55, text)
    elif re.fullmatch(r"(?=.*[A-Z])(?=.*\d)[0-9A-Z]{8}", text):
        yield Reading("gls", "gls_track", text, UNCHECKED, 30, text)


def _relais_colis(text: str) -> Iterable[Reading]:
    if re.fullmatch(r"\d{10}[0-9A-Z]{0,6}", text):
        sure = 60 if re.search(r"[A-Z]", text) else 30
        yield Reading("relais-colis", "relais_colis", text, UNCHECKED, sure, text)


def _vinted_go(text: str) -> Iterable[Reading]:
    if re.fullmatch(r"\d{16,20}", text):
        yield Reading("vinted-go", "vinted_go", text, UNCHECKED, 60, text)


def _amazon(text: str) -> Iterable[Reading]:
    if re.fullmatch(r"TB[ACM]\d{12}", text):
        yield Reading("amazon", "amazon", text, UNCHECKED, 99, text)


_SHAPES: tuple[Callable[[str], Iterable[Reading]], ...] = (
    _s10, _chronopost_long, _colissimo, _colissimo_handling, _dpd_routing, _dpd_parcel, _ups, _ups_waybill,
    _mondial_relay_label, _mondial_relay_number, _gls, _relais_colis, _vinted_go, _amazon,
)  # fmt: skip
