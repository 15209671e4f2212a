"""What HQ says is still to come gets smaller with each batch."""

from pathlib import Path

from sqlalchemy import select

from hq import db, enrolment
from hq.config import Config
from hq.local import LocalHq
from hq.register import Sheet, add_cafe
from hq.wiring import open_office
from pos.clock import StoppedClock
from pos.house import FEATURES
from pos.seal import Keyring
from pos.store import Store
from pos.till import catalogue
from sync import agent, enrol


def test_nothing_is_left_to_send_once_everything_came(tmp_path: Path) -> None:
    """The backlog of a box that sent everything is zero, not what it announced at its hello."""
    clock = StoppedClock("2026-11-20T07:02:00+01:00")
    office = open_office(Config(data=tmp_path / "hq", database=f"sqlite:///{tmp_path / 'hq.db'}"), clock=clock)
    with office.db.writing() as conn:
        cafe = add_cafe(
            conn, Sheet(name="Café", insee="53195", antenna=4, model="managed"), by="office", now_ms=clock.now_ms()
        )
        code = str(enrolment.make_code(conn, cafe, by="office", at=clock.now_ms()))
    store = Store(
        tmp_path / "cafe.db", clock=clock, keyring=Keyring.load_or_make(tmp_path / "box.key"), features=FEATURES
    )
    line = LocalHq(office)
    enrol.open_first_journal(store, enrol.enrol(store, line, code, hw="test"))
    catalogue.load_starter(store, by="g1")
    agent.push(store, line)
    with office.db.reading() as conn:
        assert conn.execute(select(db.cafe_health.c.backlog)).scalar_one() == 0
    store.close()
    office.close()
