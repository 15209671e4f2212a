"""Days as `YYYY-MM-DD` texts: going back, counting, listing."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache


def back(day: str, days: int) -> str:
    """Return the day `days` before (after, when negative)."""
    return (date.fromisoformat(day) - timedelta(days=days)).isoformat()


@lru_cache(maxsize=512)
def days_between(first: str, last: str) -> tuple[str, ...]:
    """Return every day from `first` to `last`, both included; none when `last` comes before."""
    return tuple(back(first, -i) for i in range(span(first, last) + 1))


@lru_cache(maxsize=4096)
def weekday(day: str) -> int:
    """Return 0 for a Monday."""
    return date.fromisoformat(day).weekday()


def span(first: str, last: str) -> int:
    """Return how many days lie between two days."""
    return (date.fromisoformat(last) - date.fromisoformat(first)).days


def within(day: str, spans: Iterable[tuple[str, str]]) -> bool:
    """Tell whether a day lies in one of these spans, first and last days included."""
    return any(first <= day <= last for first, last in spans)


def monday(day: str) -> str:
    """Return the Monday of the week of `day`."""
    return back(day, date.fromisoformat(day).weekday())


def year_before(day: str) -> str:
    """Return the same day a year before; 28 February for the 29th."""
    d = date.fromisoformat(day)
    return d.replace(year=d.year - 1, day=28 if (d.month, d.day) == (2, 29) else d.day).isoformat()


def month_end(month: str) -> str:
    """Return the last day of a month `YYYY-MM`."""
    return f"{month}-{monthrange(int(month[:4]), int(month[5:7]))[1]:02d}"


@lru_cache(maxsize=512)
def months_between(first: str, last: str) -> tuple[str, ...]:
    """Return every month `YYYY-MM` that has a day between two days."""
    start, end = (12 * int(day[:4]) + int(day[5:7]) - 1 for day in (first, last))
    return tuple(f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(start, end + 1))
