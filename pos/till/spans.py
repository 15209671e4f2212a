"""Months and accounting years, as texts: pure arithmetic of the calendar."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass

# (month `YYYY-MM` from which it holds, first month of the accounting year), oldest first.
YearStarts = Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Year:
    """An accounting year: its first and last month, `YYYY-MM`."""

    first: str
    last: str

    @property
    def name(self) -> str:
        """`2026` from January to December, else the two years it touches."""
        return self.first[:4] if self.first[:4] == self.last[:4] else f"{self.first[:4]}-{self.last[:4]}"

    @property
    def months(self) -> list[str]:
        """Its months, in order."""
        found = [self.first]
        while found[-1] < self.last:
            found.append(next_month(found[-1]))
        return found


def month_of(day: str) -> str:
    """Return the month of a day's label."""
    return day[:7]


def next_month(month: str) -> str:
    """Return the month after `2026-12`: `2027-01`."""
    year, number = int(month[:4]), int(month[5:7])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def previous_month(month: str) -> str:
    """Return the month before `2026-01`: `2025-12`."""
    year, number = int(month[:4]), int(month[5:7])
    return f"{year - (number == 1):04d}-{(number - 2) % 12 + 1:02d}"


def first_day(month: str) -> str:
    """Return the first day of a month."""
    return f"{month}-01"


def last_day(month: str) -> str:
    """Return the last day of a month."""
    return f"{month}-{monthrange(int(month[:4]), int(month[5:7]))[1]:02d}"


def year_start(month: str, starts: YearStarts) -> bool:
    """Tell whether an accounting year begins with `month`."""
    told = [first for since, first in starts if since <= month]
    return int(month[5:7]) == (told[-1] if told else 1)


def year_of(month: str, starts: YearStarts) -> Year:
    """Return the accounting year that holds `month`.

    Where the first month was changed, the year before ends with the month before the new one begins.
    """
    first = month
    while not year_start(first, starts):
        first = previous_month(first)
    last = month
    while not year_start(next_month(last), starts):
        last = next_month(last)
    return Year(first, last)
