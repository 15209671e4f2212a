"""Money is integer cents, quantities are thousandths. No float comes near."""

import re
from collections.abc import Sequence

from pos.errors import Refusal
from pos.i18n import N_

NBSP = "\u00a0"
# What a till may hold in one amount: beyond it, a scanned code was typed as a price.
AMOUNT_MAX_CENTS = 10_000_000

_EUROS = re.compile(r"^\s*(-?)(\d{1,6})(?:[.,](\d{1,2}))?\s*€?\s*$", re.ASCII)
_QUANTITY = re.compile(r"^\s*(\d{1,5})(?:[.,](\d{1,3}))?\s*$", re.ASCII)


class NotAnAmount(Refusal):
    """The text is not an amount of euros."""

    sentence = N_("“%(text)s” is not an amount.")
    remedy = N_("Type euros and cents, like 12,50.")


class NotAQuantity(Refusal):
    """The text is not a positive quantity."""

    sentence = N_("“%(text)s” is not a quantity.")
    remedy = N_("Type a number, like 2 or 0,350.")


def parse_euros(text: str) -> int:
    """Return cents for a text like `12,50`; raise NotAnAmount."""
    match = _EUROS.match(text.replace(NBSP, "").replace("\u202f", ""))
    if not match:
        raise NotAnAmount(text=text[:20])
    sign, whole, part = match.groups()
    cents = int(whole) * 100 + int((part or "").ljust(2, "0"))
    return -cents if sign else cents


def parse_quantity(text: str) -> int:
    """Return thousandths for a text like `2` or `0,350`; raise NotAQuantity."""
    match = _QUANTITY.match(text)
    if not match:
        raise NotAQuantity(text=text[:20])
    whole, part = match.groups()
    return int(whole) * 1000 + int((part or "").ljust(3, "0"))


def format_euros(cents: int) -> str:
    """Return `1 234,50 €` with no-break spaces; a minus sign for negatives."""
    euros, part = divmod(abs(cents), 100)
    grouped = f"{euros:,}".replace(",", NBSP)
    return f"{'−' if cents < 0 else ''}{grouped},{part:02d}{NBSP}€"


def format_quantity(thousandths: int) -> str:
    """Return `2` or `0,350`."""
    whole, part = divmod(thousandths, 1000)
    return str(whole) if part == 0 else f"{whole},{part:03d}"


def line_total(quantity_m: int, unit_cents: int) -> int:
    """Return quantity × unit price in cents, half up (R16)."""
    product = quantity_m * unit_cents
    sign = -1 if product < 0 else 1
    return sign * ((abs(product) + 500) // 1000)


def share_out(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` over `weights` by largest remainder; parts always add up to `total`.

    Ties go to the lowest index (R77). All-zero weights give everything to the first.
    """
    if not weights:
        return []
    whole = sum(weights)
    if whole == 0:
        return [total] + [0] * (len(weights) - 1)
    sign, size = (-1, -total) if total < 0 else (1, total)
    parts = [size * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(size * weights[i] % whole), i))
    for i in by_remainder[: size - sum(parts)]:
        parts[i] += 1
    return [sign * part for part in parts]
