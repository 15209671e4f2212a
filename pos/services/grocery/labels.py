"""In-store labels of a certified scale: an article, and a weight, a price or a count inside thirteen digits. Pure.

There is no single French layout: the shop's scale decides, so the layouts are dated settings. A price
on a label is trusted; a weight is multiplied by the price of the menu, half up.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pos.barcodes import IN_STORE_PREFIXES, clean, ean_digit, price_digit
from pos.money import line_total

WEIGHT, PRICE, COUNT = "weight", "price", "count"
KINDS = (WEIGHT, PRICE, COUNT)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A layout: prefix, digits of the article, what the rest says (grams, cents, pieces)."""

    prefix: str
    item_digits: int
    kind: str
    value_digits: int
    # A digit between the article and the value checks the value.
    checked: bool = False

    @property
    def fits(self) -> bool:
        """Tell whether it fills the twelve digits before the check digit with an article and a value."""
        return (
            self.prefix[:2] in IN_STORE_PREFIXES and self.prefix.isdecimal() and len(self.prefix) <= 4 and self.kind in KINDS
            and self.item_digits >= 2 and self.value_digits >= 2
            and len(self.prefix) + self.item_digits + self.checked + self.value_digits == 12
            and (not self.checked or self.value_digits in (4, 5))
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Label:
    """What a label says: the article's number on the scale, and its value."""

    item: str
    kind: str
    value: int


def read(raw: str, patterns: Iterable[Pattern]) -> Label | None:
    """Return what a scanned label says, or None: another code, no layout for it, a wrong check digit."""
    text = clean(raw)
    # Some scanners strip the leading zero.
    text = "0" + text if len(text) == 12 else text
    if len(text) != 13 or not text.isdecimal() or ean_digit(text[:12]) != int(text[12]):
        return None
    for pattern in sorted(patterns, key=lambda one: -len(one.prefix)):
        if text.startswith(pattern.prefix):
            start = len(pattern.prefix)
            middle = start + pattern.item_digits
            written = text[middle + pattern.checked : 12]
            if pattern.checked and price_digit(written) != int(text[middle]):
                return None
            return Label(text[start:middle], pattern.kind, int(written)) if int(written) else None
    return None


def weight_of(cents: int, per_kilo: int) -> tuple[int, int]:
    """Return (grams, price per kilo) that make exactly the price of a label: the menu's price where it can be.

    Above ten euros a kilo one gram is more than one cent: then the price per kilo gives way by some cents.
    """
    if per_kilo <= 0:
        return 1000, cents
    grams = max(1, (2 * cents * 1000 + per_kilo) // (2 * per_kilo))
    for near in sorted(range(max(1, grams - 3), grams + 4), key=lambda g: abs(g - grams)):
        if line_total(near, per_kilo) == cents:
            return near, per_kilo
    for near in sorted(range(max(1, grams - 3), grams + 4), key=lambda g: abs(g - grams)):
        price = (2 * cents * 1000 + near) // (2 * near)
        for fine in (price, price - 1, price + 1):
            if line_total(near, fine) == cents:
                return near, fine
    return 1000, cents
