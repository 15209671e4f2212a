"""Days a dead box took with it, as HQ works them out, where HQ itself was put back from an older backup."""

import pytest

from hq import attestation, enrolment
from hq.lost_days import lost_days
from hq.wiring import Office
from pos.clock import StoppedClock
from sync import wire
from sync.attestation import Asked
from tests.conftest import key_of
from tests.hq.conftest import ENGINES
from tests.hq.test_attestations import PUBLISHER

CAFE, DAY = 17, 24 * 3_600_000
both = pytest.mark.parametrize("hq_db", ENGINES, indirect=True)


def learn(office: Office, n: int, box: str, *, issued: int, learnt: int) -> None:
    """HQ learns of a grant it signed, at the hour it was signed or when the box shows it again."""
    with office.db.writing() as conn:
        grant, sig = wire.make_grant(
            office.keyring, cafe=CAFE, box_key=key_of(box).public, n=n, issued=issued, base=None
        )
        enrolment.learn_grant(conn, office.keyring, grant, sig, at=learnt)


@both
def test_days_lost_with_a_box_do_not_depend_on_when_hq_learnt_of_the_next(office: Office, clock: StoppedClock) -> None:
    """From the day it was last heard to the day the next box was given, though HQ has no journal in between."""
    start = clock.now_ms()
    learn(office, 3, "new", issued=start + 4 * DAY, learnt=start + 20 * DAY)
    learn(office, 1, "old", issued=start, learnt=start)
    with office.db.reading() as conn:
        assert lost_days(conn, [CAFE, 18]) == lost_days(conn, [CAFE]) == {CAFE: (("2026-11-20", "2026-11-23"),)}


def test_an_attestation_says_the_day_the_first_box_was_given(office: Office, clock: StoppedClock) -> None:
    """R2: the day since which a café uses the till is that of its first grant, not that of HQ's learning it again."""
    learn(office, 1, "old", issued=clock.now_ms(), learnt=clock.now_ms() + 20 * DAY)
    clock.tick(25 * DAY)
    asked = Asked(siret="1" * 14, name="Bar", address="rue", version="1", fiscal="1.0", perimeter="0" * 64)
    with office.db.writing() as conn:
        attestation.name_publisher(conn, PUBLISHER)
        first = enrolment.boxes(conn, CAFE)[0]
        attestation.make(conn, office.keyring, CAFE, first.jid, asked, at=clock.now_ms())
        told = attestation.latest(conn, CAFE)
    assert told is not None and told.acquired == "20/11/2026"
