"""The month that a page shows: as its address asks for it, and the months beside it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort

from pos import screens
from pos.till import spans
from pos.till.period_slips import period_said


@dataclass(frozen=True, slots=True)
class Month:
    """A month, `YYYY-MM`, with its first and last day."""

    name: str
    first: str
    last: str

    def drawn(self, *, ahead: bool = False) -> dict[str, Any]:
        """Return its title and the months before and after; none after the one under way, unless `ahead`."""
        after = spans.next_month(self.name) if ahead or self.name < screens.today()[:7] else ""
        return {"title": period_said(self.name), "before": spans.previous_month(self.name), "after": after}


def asked(month: str) -> Month:
    """Return the month of an address like `/press/month/2026-11`; there is no page for what is none."""
    try:
        date.fromisoformat(f"{month}-01")
    except ValueError:
        abort(404)
    return Month(month, spans.first_day(month), spans.last_day(month))
