"""The pages of a month: the days it has, the months beside it, and addresses that are no month."""

import pytest
from flask import Flask
from werkzeug.exceptions import NotFound

from kiosk.app import create_app
from kiosk.wiring import Kiosk
from pos.till.screens import months


@pytest.fixture
def app(kiosk: Kiosk) -> Flask:
    """The till on 20 November 2026."""
    return create_app(kiosk)


@pytest.mark.parametrize(
    ("month", "last", "before", "after"),
    [
        ("2026-11", "2026-11-30", "2026-10", ""),
        ("2026-02", "2026-02-28", "2026-01", "2026-03"),
        ("2028-02", "2028-02-29", "2028-01", ""),
        ("2025-12", "2025-12-31", "2025-11", "2026-01"),
        ("2026-01", "2026-01-31", "2025-12", "2026-02"),
        ("9999-12", "9999-12-31", "9999-11", ""),
    ],
)
def test_a_month_knows_its_last_day_and_its_neighbours(
    app: Flask, month: str, last: str, before: str, after: str
) -> None:
    """None is offered after the one under way, nor does the end of time break a page."""
    with app.test_request_context():
        shown = months.asked(month)
        assert (shown.first, shown.last) == (f"{month}-01", last)
        assert (shown.drawn()["before"], shown.drawn()["after"]) == (before, after)


def test_what_is_planned_ahead_is_looked_at_ahead(app: Flask) -> None:
    """Gatherings have months to come; the title is in French."""
    with app.test_request_context():
        assert months.asked("2026-12").drawn(ahead=True) == {
            "title": "décembre 2026",
            "before": "2026-11",
            "after": "2027-01",
        }


@pytest.mark.parametrize("month", ["never", "2026-13", "2026-1", "2026", "26-11", "2026-11-20"])
def test_an_address_that_is_no_month_has_no_page(app: Flask, month: str) -> None:
    """Nobody taps such an address: it is not found, and nothing breaks."""
    with app.test_request_context(), pytest.raises(NotFound):
        months.asked(month)
