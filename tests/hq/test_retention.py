"""What HQ forgets, and when: dated settings, each change and each night an act."""

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from hq import retention
from hq.cli import main
from hq.retention import DAY_MS
from hq.tables import hq_act, hq_session, sign_in_try
from hq.wiring import Office
from pos.clock import business_day
from tests.hq.conftest import ENGINES


def count(office: Office) -> tuple[int, int]:
    """Sessions and wrong passwords kept."""
    with office.db.reading() as conn:
        return tuple(conn.execute(select(func.count()).select_from(t)).scalar_one() for t in (hq_session, sign_in_try))


@pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
def test_what_is_past_its_day_is_forgotten_and_the_night_is_noted(office: Office) -> None:
    """A session of 31 days goes, one of 29 stays; nothing to forget leaves no act."""
    now = office.clock.now_ms()
    with office.db.writing() as conn:
        for age in (29, 31):
            conn.execute(hq_session.insert().values(token_hash=f"t{age}", username="n", seen_at=now - age * DAY_MS))
            conn.execute(sign_in_try.insert().values(username=f"u{age}", blocked_until=now - age * DAY_MS))
        gone = retention.forget(conn, by="t", now_ms=now)
        assert gone == {"sessions": 1, "wrong_passwords": 1, "codes": 0, "acts": 0}
        retention.forget(conn, by="t", now_ms=now)
        acts = conn.execute(select(hq_act.c.act, hq_act.c.detail)).all()
    assert [(act, json.loads(detail)["sessions"]) for act, detail in acts] == [("retention.forgot", 1)]
    assert count(office) == (1, 1)


def test_a_setting_counts_from_its_day_on(office: Office) -> None:
    """Kept for ten days from next year on: today's thirty stand until then; the trail stays a year at least."""
    now = office.clock.now_ms()
    with office.db.writing() as conn:
        retention.keep(conn, "sessions", 10, since="2027-01-01", by="t", now_ms=now)
        assert retention.days_kept(conn, "2026-12-31")["sessions"] == 30
        assert retention.days_kept(conn, "2027-01-01")["sessions"] == 10
        for name, days in (("acts", 300), ("sessions", 0), ("journal", 30)):
            with pytest.raises(retention.BadRetention):
                retention.keep(conn, name, days, since="2027-01-01", by="t", now_ms=now)


def test_the_commands_list_change_and_forget(office: Office) -> None:
    """`keep` lists; with a name it changes from today on; an impossible one is refused in a sentence."""

    def typed(*words: str) -> str:
        return CliRunner().invoke(main.commands[words[0]], list(words[1:]), obj=office).output

    assert "30" in typed("keep").splitlines()[0]
    assert "12" in typed("keep", "sessions", "12").splitlines()[0]
    assert "acts" in typed("keep", "acts", "3")
    assert typed("forget").splitlines()[0] == "sessions: 0"
    with office.db.reading() as conn:
        assert retention.days_kept(conn, business_day(office.clock.now_ms()))["sessions"] == 12
