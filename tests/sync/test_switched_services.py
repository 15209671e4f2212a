"""HQ switches counted services on per café; the box learns it when it calls, as an entry of its own."""

from pathlib import Path

from sqlalchemy import update

from hq import enrolment
from hq.config import Config
from hq.local import LocalHq
from hq.register import Sheet, add_cafe
from hq.tables import cafe as cafe_table
from hq.wiring import open_office
from pos.clock import StoppedClock
from pos.house import FEATURES
from pos.seal import Keyring
from pos.store import Store
from pos.till import offer
from sync import agent, enrol


def test_a_service_switched_off_at_hq_leaves_the_counter(tmp_path: Path) -> None:
    """What HQ says replaces what it said before; services it does not count stay the café's own choice."""
    clock = StoppedClock("2026-11-20T07:02:00+01:00")
    office = open_office(Config(data=tmp_path / "hq", database=f"sqlite:///{tmp_path / 'hq.db'}"), clock=clock)
    with office.db.writing() as conn:
        sheet = Sheet(name="Café", insee="53195", antenna=4, model="managed", services=("bread", "parcel"))
        cafe = add_cafe(conn, sheet, by="office", now_ms=clock.now_ms())
        code = str(enrolment.make_code(conn, cafe, by="office", at=clock.now_ms()))
    store = Store(
        tmp_path / "cafe.db", clock=clock, keyring=Keyring.load_or_make(tmp_path / "box.key"), features=FEATURES
    )
    line = LocalHq(office)
    enrol.open_first_journal(store, enrol.enrol(store, line, code, hw="test"))
    with store.reading() as conn:
        assert offer.switched(conn) is None
    agent.push(store, line)
    assert slugs(store) >= {"bread", "parcels", "accounts"}
    assert "cashback" not in slugs(store)
    with office.db.writing() as conn:
        conn.execute(update(cafe_table).values(services="bread cash_out"))
    agent.push(store, line)
    assert slugs(store) >= {"bread", "cashback"}
    assert "parcels" not in slugs(store)
    before = store.tip().seq
    assert not offer.switch_services(store, ["cash_out", "bread"], by="hq")
    assert store.tip().seq == before
    assert store.tables_that_differ() == []
    with store.reading() as conn:
        (by_hq,) = conn.execute(
            """SELECT count(*) FROM journal_entry WHERE instr(body, CAST('"op":"hq"' AS BLOB))"""
        ).fetchone()
    assert by_hq == 2, "the journal says who switched them"
    store.close()
    office.close()


def slugs(store: Store) -> set[str]:
    """The services with a tile."""
    with store.reading() as conn:
        return {feature.slug for feature in offer.offered(conn, store.features, "2026-11-20")}
