"""How much of a period was received: days heard of against days the café was expected to be open.

Under 90 % a figure is shown grey; under 60 % it is not added to the network's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy.engine import RowMapping

from hq.days import back, days_between, month_end, months_between, weekday
from hq.register import Calendar

GREY_UNDER_PERCENT, COUNTED_FROM_PERCENT = 90, 60


@dataclass(frozen=True, slots=True)
class Coverage:
    """Days received and expected; nothing expected means that nothing can be missing."""

    received: int = 0
    expected: int = 0

    @property
    def percent(self) -> int:
        """Return the share received, rounded down."""
        return 100 if not self.expected else min(100, self.received * 100 // self.expected)

    @property
    def counted(self) -> bool:
        """Whether enough was received to be added up."""
        return self.percent >= COUNTED_FROM_PERCENT

    @property
    def grey(self) -> bool:
        """Whether the figure needs a word of caution."""
        return self.percent < GREY_UNDER_PERCENT


def coverage_of(
    row: RowMapping, plan: Calendar, since: str, heard: Mapping[str, int], period: tuple[str, str], today: str
) -> Coverage:
    """Return a café's coverage: from its first day heard to yesterday, on days its calendar says open.

    `heard`: the days something was received on, as the bits of each month.
    """
    if not since:
        return Coverage()
    first, last = period
    until = min(last, row["closed_on"] or last, back(today, 1))
    expected = received = 0
    for month in months_between(first, last):
        days = open_bits(plan.week, month) & span_bits(month, max(first, since), until)
        for away in plan.closures:
            days &= ~span_bits(month, *away)
        expected += days.bit_count()
        received += (days & heard.get(month, 0)).bit_count()
    if not expected:
        received = sum((bits & span_bits(month, first, last)).bit_count() for month, bits in heard.items())
    return Coverage(received, expected)


@lru_cache(maxsize=4096)
def open_bits(week: tuple[str, ...], month: str) -> int:
    """Return the days of a month that a week's opening hours say open, as bits."""
    days = days_between(f"{month}-01", month_end(month))
    return sum(1 << n for n, day in enumerate(days) if week and week[weekday(day)])


@lru_cache(maxsize=4096)
def span_bits(month: str, first: str, last: str) -> int:
    """Return the days of a month from `first` to `last`, as bits."""
    return sum(1 << n for n in range(31) if first <= f"{month}-{n + 1:02d}" <= last)
