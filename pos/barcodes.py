"""What a scanned text is before anybody is asked whose it is: prefixes off, check digits, forms an article may take. Pure.

A scanner may put an AIM identifier before the code (« ]E0 »), may strip the leading zero of a UPC, may
read the two or five digits beside a cover with it. A GS1 code carries its article number among others.
"""

import re
from dataclasses import dataclass

_AIM = re.compile(r"^\s*\]([A-Za-z][0-9A-Za-z])")
# GS1-128, GS1 DataBar, GS1 DataMatrix, GS1 QR: data with application identifiers.
_GS1_SIGNS = ("C1", "e0", "e1", "e2", "d2", "Q3", "J1")
# What may follow the article's number in a GS1 code that says nothing of itself: batch, dates, serial, weight…
_GS1_NEXT = re.compile(r"(1[0-7]|2[0-2]|30|31\d|37|39\d|41\d|42\d|71\d|80\d|9\d)")
_ADDONS = ("977", "978", "979", "378", "379")

ARTICLE, IN_STORE, COUPON, PRESS, BOOK, OTHER = "article", "in_store", "coupon", "press", "book", "other"
# Prefixes of GS1: what shops label themselves; coupons and refund receipts, American ones first.
IN_STORE_PREFIXES = ("02", *(str(n) for n in range(20, 30)))
COUPON_PREFIXES = ("05", "98", "99")


def clean(raw: str) -> str:
    """Return the code without scanner prefix, separators and spaces: upper case, `[0-9A-Z%]` only."""
    return re.sub(r"[^0-9A-Z%]", "", _AIM.sub("", raw).upper())


def ean_digit(digits: str) -> int:
    """Return the key with weights 3, 1, 3… from the right (EAN, UPC, GTIN, Colissimo)."""
    return -sum(int(d) * (3, 1)[i % 2] for i, d in enumerate(reversed(digits))) % 10


def is_right(digits: str) -> bool:
    """Tell whether the last of these digits checks the others."""
    return len(digits) > 1 and digits.isascii() and digits.isdecimal() and ean_digit(digits[:-1]) == int(digits[-1])


def price_digit(digits: str) -> int:
    """Return GS1's check digit of a price or weight in four or five digits inside a label (General Specifications 7.9)."""
    two, plus, minus = (2, -1), (5, 1), (5, -1)
    weights = {4: (two, two, (3, 0), minus), 5: (plus, two, minus, plus, two)}[len(digits)]
    total = sum(_weighted(int(d), *weight) for d, weight in zip(digits, weights, strict=True))
    if len(digits) == 4:
        return total * 3 % 10
    return next(n for n in range(10) if _weighted(n, *minus) == -total % 10)


def _weighted(digit: int, factor: int, tens: int) -> int:
    """Multiply, and add or take away the tens of the product."""
    product = digit * factor
    return (product + tens * (product // 10)) % 10


@dataclass(frozen=True, slots=True)
class Scanned:
    """A scanned text, its prefix off."""

    # As printed: no AIM identifier, no group separators.
    text: str
    # What the article may be listed under, likeliest first; empty when it is no article's number.
    forms: tuple[str, ...] = ()
    # Issue or price beside a cover.
    addon: str = ""

    @property
    def sort(self) -> str:
        """Say what GS1 gave the number for; « other » when it is none, or was read wrong."""
        ean = next((form for form in self.forms if len(form) in (8, 13) and is_right(form)), "")
        if not ean:
            return OTHER
        if len(ean) == 8:
            return IN_STORE if ean[0] in "02" else ARTICLE
        by_prefix = {
            IN_STORE: IN_STORE_PREFIXES,
            COUPON: COUPON_PREFIXES,
            PRESS: ("977", "378", "379"),
            BOOK: ("978", "979"),
        }
        return next((sort for sort, prefixes in by_prefix.items() if ean.startswith(prefixes)), ARTICLE)

    @property
    def listed(self) -> str:
        """Return the number an article would be listed under, empty when this is none."""
        return next((form for form in self.forms if len(form) in (8, 13) and is_right(form)), "")

    @property
    def misread(self) -> bool:
        """Tell thirteen digits whose check digit is wrong: no article's number, most likely one read badly."""
        return len(self.text) == 13 and self.text.isdecimal() and not is_right(self.text)


def read(raw: str) -> Scanned:
    """Return what a scanned text is."""
    aim = _AIM.match(raw)
    data = _AIM.sub("", raw).strip()
    inside = _article_of_gs1(data, sure=aim is not None and aim[1] in _GS1_SIGNS)
    text = data.replace("\x1d", "")
    if inside:
        return Scanned(text, (inside,))
    digits = re.sub(r"[\s-]", "", text)
    if not (digits.isascii() and digits.isdecimal()):
        return Scanned(text)
    addon = ""
    if len(digits) in (15, 18) and digits.startswith(_ADDONS) and is_right(digits[:13]):
        digits, addon = digits[:13], digits[13:]
    return Scanned(text, _forms(digits), addon)


def _article_of_gs1(data: str, *, sure: bool) -> str:
    """Return the article's number of a GS1 code, « 01 » and fourteen digits; « sure » when the scanner says it is one."""
    bare = re.sub(r"^\(01\)", "01", data.lstrip("\x1d"))
    if bare[:2] != "01" or not is_right(bare[2:16]) or len(bare) < 16:
        return ""
    rest = bare[16:].lstrip("(")
    if not sure and bare == data and not _GS1_NEXT.match(rest):
        return ""
    # Thirteen digits of an article follow the zero; another first digit is a box of several.
    return bare[3:16] if bare[2] == "0" else bare[2:16]


def _forms(digits: str) -> tuple[str, ...]:
    """Return the forms under which an article of these digits may be listed: as read, then with its zeros."""
    found = [digits]
    if len(digits) == 12 and is_right(digits):
        found.append("0" + digits)
    elif len(digits) in (13, 14) and digits.startswith("0") and is_right(digits):
        found.append(digits[1:])
    elif len(digits) == 8 and digits[0] in "01" and not is_right(digits):
        wide = _from_upc_e(digits)
        found += ["0" + wide] if is_right(wide) else []
    return tuple(found)


def _from_upc_e(digits: str) -> str:
    """Return the twelve digits that eight of a narrow UPC stand for."""
    system, body, check = digits[0], digits[1:7], digits[7]
    last = body[5]
    if last in "012":
        middle = body[:2] + last + "0000" + body[2:5]
    elif last == "3":
        middle = body[:3] + "00000" + body[3:5]
    elif last == "4":
        middle = body[:4] + "00000" + body[4]
    else:
        middle = body[:5] + "0000" + last
    return system + middle + check
