"""Numbers that several services read on La Poste's labels: S10 and Colissimo, with their check digits. Pure.

A wrong check digit is worth a second reading and nothing more: the letter is on the counter.
"""

import re
from dataclasses import dataclass

from pos.barcodes import clean, ean_digit

__all__ = ["PostalLabel", "clean", "ean_digit", "read_postal", "s10_digit"]

VALID, INVALID, UNCHECKED = "valid", "invalid", "no_check_known"

REGISTERED, TRACKED, PARCEL, OTHER = "registered", "tracked", "parcel", "other"
# Two first characters of letters followed without signature, beside Colissimo's own.
_TRACKED_LETTERS = ("1H", "1K", "1L", "2L", "3C")


@dataclass(frozen=True, slots=True)
class PostalLabel:
    """A number as La Poste prints it: its shape, what sort of mail it likely is, what its key says."""

    number: str
    shape: str
    sort: str
    check: str

    @property
    def tail(self) -> str:
        """The last four digits: enough to tell two pieces apart, not enough to follow one."""
        return re.sub(r"\D", "", self.number)[-4:]


def s10_digit(digits: str) -> int:
    """Return the UPU S10 key of 8 digits."""
    key = 11 - sum(int(d) * w for d, w in zip(digits, (8, 6, 4, 2, 3, 5, 9, 7), strict=True)) % 11
    return {10: 0, 11: 5}.get(key, key)


def read_postal(raw: str) -> PostalLabel:
    """Return what a scanned or typed number is; one of no known shape is kept as it is, without a check."""
    text = clean(raw).replace("%", "")[:30]
    if re.fullmatch(r"[A-Z]{2}\d{9}[A-Z]{2}", text):
        right = s10_digit(text[2:10]) == int(text[10])
        sort = {"R": REGISTERED, "C": PARCEL, "E": PARCEL, "L": TRACKED}.get(text[0], OTHER)
        return PostalLabel(text, "s10", sort, VALID if right else INVALID)
    if re.fullmatch(r"\d[A-Z]\d{11}", text):
        right = ean_digit(text[2:12]) == int(text[12])
        sort = TRACKED if text[:2] in _TRACKED_LETTERS else PARCEL
        return PostalLabel(text, "colissimo", sort, VALID if right else INVALID)
    return PostalLabel(text, "other", OTHER, UNCHECKED)
