"""Scenario S7 at HQ, with visits for stamps alone and without: the choice is reversed by a rebuild."""

from dataclasses import replace
from pathlib import Path

import pytest

from hq.access import OFFICE
from hq.config import Config
from hq.projections import Projections
from hq.reports import Period, impact_report
from hq.wiring import Office, open_office
from pos.clock import StoppedClock
from pos.house import FEATURES
from pos.services import post
from tests.test_counter_to_kilometres import DAYS, play_to_hq, registered

DAY = "2026-02-07"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """HQ on a fresh SQLite file."""
    opened = open_office(
        Config(data=tmp_path / "hq", database=f"sqlite:///{tmp_path / 'hq.db'}"),
        clock=StoppedClock("2026-02-01T09:00:00"),
    )
    yield opened
    opened.close()


def told(office: Office) -> tuple[int, int]:
    """Uses of the post, and headline metres."""
    with office.db.reading() as conn:
        reading = impact_report(conn, Period(DAY, DAY), OFFICE, today=DAY).as_json()
    return reading["services"]["post"]["uses"], reading["km_gross_m"]


def test_leaving_stamps_out_is_a_rebuild_and_no_new_event(office: Office, tmp_path: Path) -> None:
    """45.0 km with the visit for a booklet, 37.5 km without: six uses of 7.5 km, then five."""
    cafe = registered(office, "Café du scénario", "53076", {"post": 7500})
    play_to_hq(office, DAYS / "s7_post.jsonl", tmp_path / "box", cafe).close()
    assert told(office) == (6, 45_000)
    without = [replace(f, uses=post.uses_of(stamps_count=False)) if f.slug == "post" else f for f in FEATURES]
    with office.db.writing() as conn:
        Projections(without).rebuild(conn)
    assert told(office) == (5, 37_500)
    with office.db.writing() as conn:
        Projections(FEATURES).rebuild(conn)
    assert told(office) == (6, 45_000)
