"""A members' café ready to serve: dues of 10 €, members only, grace of 30 days, the day open."""

import pytest

from pos.clock import StoppedClock
from pos.services.members import desk
from pos.store import Store
from pos.till import catalogue, close
from pos.till.events import OperatorAdded

BY = "g1"
TODAY = "2026-11-20"


@pytest.fixture
def open_cafe(store: Store, clock: StoppedClock) -> Store:
    """A café that serves everyone, with its own association's dues set."""
    with store.writing(by=BY) as tx:
        tx.record(OperatorAdded(op=BY, role="manager"))
        tx.record(OperatorAdded(op="v1", role="seller"))
    catalogue.load_starter(store, by=BY)
    close.open_day(store, 10000, by=BY)
    desk.set_association(store, label="Adhésion annuelle", dues=1000, by=BY)
    return store


@pytest.fixture
def circle(open_cafe: Store) -> Store:
    """The same café for members only."""
    desk.set_rules(open_cafe, access="members_only", minutes_per_month=120, by=BY)
    return open_cafe


def enter(store: Store, name: str = "Odile Perrin", until: str = "2027-03-01", **told: object) -> str:
    """Enter a member of the association's list; return the opaque id."""
    return desk.enter_member(store, name=name, until=until, by=BY, **told).member  # type: ignore[arg-type]
