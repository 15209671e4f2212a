"""What a bill may weigh: its sale, and the refund of all of it, are each one journal entry of 16 KiB.

A bill is measured as it would be recorded, so that money is never taken for what cannot be written afterwards.
"""

from pos import vat, zcj
from pos.store import Writing
from pos.till import refusals as no
from pos.till import tables
from pos.till.tab import Priced, Tab, price

LINES_MAX = 60
# The envelope and the fields of a sale or a refund that are neither lines, sums by rate or owner, nor payments.
FIXED = 700
PAYMENT = 150
# What a recorded line gains in its refund: minus signs, and its place; what it may gain before: a discount, « to take
# away », digits. A bill that takes a line keeps room for that, and for a payment by each means.
SIGNS, CHANGES, PAYMENTS = 8, 55, 5
# So many recorded lines always fit, whatever their labels: most bills are not measured.
LIGHT, LIGHT_WEIGHT = 10, 9_000


def priced(tx: Writing, tab: Tab) -> Priced:
    """Return a bill as it would be recorded now. Raises UnknownVatClass."""
    cafe = tables.cafe(tx.conn, tx.today)
    return price(tab, tx.today, cafe.regime if cafe else vat.REAL)


def _shares(tab: Tab) -> int:
    """Return how many lines are recorded: each part of a set menu is one."""
    return sum(max(1, len(line.parts)) for line in tab.lines)


def counts(tab: Tab) -> bool:
    """Tell whether a bill must be measured at all."""
    return _shares(tab) > LIGHT


def _of(tx: Writing, tab: Tab) -> int:
    """Return what a bill's sale and its refund weigh in bytes at most, payments apart."""
    if _shares(tab) <= LIGHT:
        return LIGHT_WEIGHT
    try:
        found = priced(tx, tab)
    except vat.UnknownVatClass:
        # It cannot be sold as it stands: it is measured once it can.
        return LIGHT_WEIGHT
    body = zcj.encode({"lines": found.lines, "off": found.off, "vat": found.vat})
    return FIXED + len(body) + SIGNS * len(found.lines)


def require_room(tx: Writing, tab: Tab, before: Tab | None) -> None:
    """Raise TooManyLines when a bill that grew would not fit; `before` is the bill without the change."""
    longer = _shares(tab) > (_shares(before) if before else 0)
    if longer and len(tab.lines) > LINES_MAX:
        raise no.TooManyLines
    weighs = _of(tx, tab)
    needs = weighs + PAYMENT * (PAYMENTS if longer else 2) + (CHANGES * _shares(tab) if longer else 0)
    if needs > zcj.ENTRY_MAX_BYTES and weighs > (_of(tx, before) if before else 0):
        raise no.TooManyLines


def require_room_to_pay(tx: Writing, tab: Tab) -> None:
    """Raise TooManyParts when, after one part payment more, the last one would not fit."""
    if _of(tx, tab) + PAYMENT * (len(tab.payments) + 2) > zcj.ENTRY_MAX_BYTES:
        raise no.TooManyParts
