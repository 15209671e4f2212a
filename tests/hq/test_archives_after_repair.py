"""A till put back from an old copy, then healed: its file, its archive and HQ's archive are whole for a stranger."""

import contextlib
from pathlib import Path

import pytest
from sqlalchemy import update

from hq import archives, portrait
from hq.access import OFFICE
from hq.local import LocalHq
from hq.register import find_cafe
from hq.tables import cafe as cafes
from hq.wiring import Office
from pos.archive import make as box
from pos.archive import period, verifier
from pos.clock import StoppedClock
from pos.store import Store
from pos.till.closure_events import MonthClosed
from sync import agent, imports, ingest, trouble
from tests.hq import made_up
from tests.hq.conftest import JoinCafe
from tests.pos.archive.played import play
from tests.sync.test_repair import CAFE, copy_of, heal


@pytest.fixture
def old(join: JoinCafe, line: LocalHq, clock: StoppedClock, tmp_path: Path) -> Store:
    """A till put back from its copy of the day before, which HQ has told that its histories differ."""
    store = join(CAFE)
    play(store, clock, "2026-11-20", 1)
    agent.push(store, line)
    copy = copy_of(store, tmp_path / "old.db")
    play(store, clock, "2026-11-21", 1)
    agent.push(store, line)
    with contextlib.suppress(trouble.HistoriesDiffer):
        agent.push(copy, line)
    return copy


def shares_money(office: Office) -> None:
    """The café is one of the network's, and lets HQ see its money."""
    made_up.network(office)
    with office.db.writing() as conn:
        conn.execute(update(cafes).where(cafes.c.id == 8).values(id=CAFE, consent_on="2026-01-01"))


def test_a_healed_till_and_its_archives_are_whole(
    office: Office, old: Store, line: LocalHq, clock: StoppedClock, tmp_path: Path
) -> None:
    """R6, R23, R53: two journals, numbers that go on, what was lost is said; nothing is taken for a cut tail."""
    play(old, clock, "2026-11-22", 1)
    done = heal(office, old, line)
    assert done.lost > 0
    play(old, clock, "2026-11-24", 2)
    agent.push(old, line)
    clock.set("2026-12-02T09:00:00")
    assert len(old.journals()) == 2
    old._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    source = verifier.open_source(old.path)
    book, checks = verifier.check(source, all_seals=True)
    assert any("repris après une panne" in line for line in verifier.report(source, book, checks))
    made = box.make_archive(old, asked="2026-11", folder=tmp_path / "box", by="g1")
    assert box.check(made.path, all_seals=True) == ""
    agent.push(old, line)
    agent.push(old, line)
    shares_money(office)
    name, data = archives.make(office, OFFICE, CAFE, "2026-11")
    (tmp_path / name).write_bytes(data)
    book, _checks = verifier.check(verifier.open_source(tmp_path / name))
    assert book.blind


def test_a_journal_that_is_continued_without_the_recorded_act_is_a_cut_tail(
    office: Office, old: Store, line: LocalHq
) -> None:
    """The grant of the second journal says what HQ held of the first: a shorter first one needs the act that heals."""
    heal(office, old, line)
    source = verifier.open_source(old.path)
    verifier.check(source)
    source = verifier.open_source(old.path)
    source.parts[1].rows = lambda: iter(())
    with pytest.raises(verifier.Fault) as found:
        verifier.check(source)
    assert found.value.code == "cut"


def test_a_closing_that_came_as_an_import_is_read_and_the_month_after_it_archived(
    office: Office, old: Store, line: LocalHq, clock: StoppedClock, tmp_path: Path
) -> None:
    """R23, R53: after a repair the last Z may be an import: its month ends with it, the next begins with the Z before."""
    play(old, clock, "2026-11-28", 1)
    play(old, clock, "2026-12-01", 1)
    heal(office, old, line)
    shares_money(office)
    with office.db.reading() as conn:
        held = portrait.third_parties(conn, CAFE)
        november = archives.content_of(conn, office, find_cafe(conn, CAFE, OFFICE), period.parse("2026-11"))
        last = ingest.entry_body(conn, CAFE, 2, november.slices[-1].until)
    assert held is not None and held.day[:10] == "2026-12-01"
    assert last is not None and imports.said(last).kind == MonthClosed.kind
    play(old, clock, "2027-01-05", 1)
    agent.push(old, line)
    agent.push(old, line)
    clock.set("2027-02-02T09:00:00")
    for month in ("2026-11", "2026-12", "2027-01"):
        name, data = archives.make(office, OFFICE, CAFE, month)
        (tmp_path / name).write_bytes(data)
        source = verifier.open_source(tmp_path / name)
        verifier.check(source)
        assert source.parts[-1].jid == old.journals()[-1].jid
