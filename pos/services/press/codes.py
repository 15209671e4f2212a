"""Barcodes of newspapers and magazines: 13 digits, and 2 or 5 more for the issue. Pure.

International titles bear 977 and their ISSN; French distribution bears 378 or 379, the title and,
it is thought, the cover price. So the same title may change its code with its price: the exact code
is looked up first, then the part that names the title, and a person confirms the price.
"""

from dataclasses import dataclass

from pos.engines.labels import clean, ean_digit

ISSN, FRENCH = "issn", "french"
# Thirteen digits alone, with an issue in two digits, with an issue in five.
LENGTHS = (13, 15, 18)


@dataclass(frozen=True, slots=True)
class PressCode:
    """What a press code says."""

    ean: str
    addon: str
    family: str
    # The part that stays the same from issue to issue and from price to price.
    key: str
    issn: str = ""
    # Cents that the code seems to say, 0 when it says none: to be confirmed, never charged by itself.
    price_hint: int = 0


def issn_digit(digits: str) -> str:
    """Return the check character of an ISSN's seven digits: weights 8 to 2, modulo 11."""
    key = -sum(int(d) * w for d, w in zip(digits, range(8, 1, -1), strict=True)) % 11
    return "X" if key == 10 else str(key)


def parse(raw: str) -> PressCode | None:
    """Return what a scanned code is, or None when it is no press code or was read wrong."""
    text = clean(raw)
    if len(text) not in LENGTHS or not text.isdecimal():
        return None
    ean, addon = text[:13], text[13:]
    if ean_digit(ean[:12]) != int(ean[12]):
        return None
    if ean.startswith("977"):
        digits = ean[3:10]
        return PressCode(ean, addon, ISSN, f"977{digits}", issn=f"{digits[:4]}-{digits[4:]}{issn_digit(digits)}")
    if ean.startswith(("378", "379")):
        return PressCode(ean, addon, FRENCH, ean[:8], price_hint=int(ean[8:12]))
    return None
