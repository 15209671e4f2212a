"""The days an archive covers: a day, a month, a year, from..to; and where they lie in the journal."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pos.archive.tables import Closing, last_day_of
from pos.errors import Refusal
from pos.i18n import N_

_SHAPE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


class BadPeriod(Refusal):
    """The period cannot be read."""

    sentence = N_("“%(text)s” is no period.")
    remedy = N_("Give a month like 2026-10, a year, a day, or 2026-10-01..2026-12-31; at most one year.")


class PeriodNotOver(Refusal):
    """Days that are still to come, or open, cannot be archived."""

    sentence = N_("The period ends on %(day)s and is not closed.")
    remedy = N_("Close the day, wait until the period is over, or archive an earlier one.")


class NothingClosed(Refusal):
    """No day of the period was closed."""

    sentence = N_("No day was closed from %(first)s to %(last)s.")
    remedy = N_("Choose another period: the list of closings shows which days there are.")


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day, and the words it was asked by."""

    text: str
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Span:
    """Entries of one journal, first and last included; before `begin` they only carry totals over."""

    jid: str
    first: int
    last: int
    begin: int = 0


def parse(text: str) -> Period:
    """Return the period that `text` names; raise BadPeriod. More than a year is refused (R53)."""
    begin, dots, end = text.strip().partition("..")
    try:
        first, last = _day(begin, start=True), _day(end if dots else begin, start=False)
        days = (date.fromisoformat(last) - date.fromisoformat(first)).days
    except ValueError as problem:
        raise BadPeriod(text=text[:40]) from problem
    if not 0 <= days <= 366:
        raise BadPeriod(text=text[:40])
    return Period(text.strip(), first, last)


def _day(text: str, *, start: bool) -> str:
    if not _SHAPE.fullmatch(text):
        raise ValueError(text)
    day = f"{text}-01-01"[:10] if start and len(text) == 4 else f"{text}-01" if start and len(text) == 7 else text
    return date.fromisoformat(day if start else last_day_of(text)).isoformat()


def spans(
    closings: Sequence[Closing], journals: Sequence[tuple[str, int]], period: Period, *, months: bool = True
) -> list[Span]:
    """Return the entries of a period, journal by journal, after the Z that they continue.

    `closings` and `journals` (jid and last entry) are in order. An archive begins with the last Z
    before the period that gave a receipt number: totals and numbers are continued from it, and it
    bears the till's seal like every other entry. `months`: a period that ends with a month waits for
    the month's own closing.
    """
    order = {jid: i for i, (jid, _last) in enumerate(journals)}
    before = [c for c in closings if c.last_day < period.first]
    within = [c for c in closings if period.first <= c.last_day <= period.last]
    if not within:
        raise NothingClosed(first=period.first, last=period.last)
    if months and not _month_closed(closings, period):
        raise PeriodNotOver(day=period.last)
    end = max(within, key=lambda c: (order[c.jid], c.seq))
    carried = next((c for c in reversed(before) if c.last_no), None)
    start = (order[carried.jid], carried.seq) if carried else (0, 0)
    ended = max(((order[c.jid], c.seq) for c in before), default=(0, -1))
    found = []
    for i, (jid, last) in enumerate(journals):
        if start[0] <= i <= order[end.jid]:
            begin = ended[1] + 1 if i == ended[0] else last + 1 if i < ended[0] else 0
            found.append(Span(jid, start[1] if i == start[0] else 0, end.seq if jid == end.jid else last, begin))
    return [span for span in found if span.last >= span.first]


def _month_closed(closings: Sequence[Closing], period: Period) -> bool:
    """Tell whether the last month is closed as well, where the period ends with it."""
    if period.last != last_day_of(period.last[:7]):
        return True
    return any(c.kind == "month" and c.last_day >= period.last for c in closings)
