"""All services together, in any order: what is told live is what the journal tells."""

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.demo_services import LIVES
from pos.engines import consignment
from tests.properties import village

# Orders are free but for what must be there before: the menu's members, then the rest.
ORDERS = st.permutations(sorted(LIVES))
DAYS = st.lists(ORDERS, min_size=1, max_size=3)
FIRST = date(2026, 3, 12)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(order=ORDERS, days=DAYS, seed=st.integers(0, 1000))
def test_retelling_equals_live_over_all_services_in_any_order(
    order: list[str], days: list[list[str]], seed: int
) -> None:
    """Whatever is refused or done, tables told again from the journal are the same, and goods are accounted for."""
    with TemporaryDirectory() as folder:
        played = village.begin(Path(folder) / "cafe.db", FIRST, order, seed)
        store = played.store
        with store.bulk():
            for n, services in enumerate(days):
                village.play_day(played, FIRST + timedelta(days=n), services)
        assert store.tables_that_differ() == []
        with store.reading() as conn:
            faults = consignment.identity_faults(conn)
        # What was sold before its delivery was entered shows below zero; nothing else is ever out of step.
        assert [fault for fault in faults if "on sale -" not in fault] == []
        store.close()
