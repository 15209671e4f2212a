"""Figures told again by one process or several, and compared by café and month."""

from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from hq import checksums, db, retelling
from hq.cli import main
from hq.config import Config
from hq.db import Database, open_database
from hq.projections import Projections
from hq.wiring import Office
from pos.clock import StoppedClock
from pos.house import FEATURES
from pos.system import TroubleNoted
from pos.till.events import DayOpened
from sync import agent, books
from sync.ingest import Fresh
from tests.conftest import key_of
from tests.hq.conftest import ENGINES, JoinCafe
from tests.hq.test_projections import entries, refund, sale

both = pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
DAYS = ("2026-10-31", "2026-11-20")


def filled(office: Office, line: Any, join: JoinCafe, cafes: tuple[int, ...] = (17, 18, 19)) -> None:
    """Cafés with sales in two months."""
    for cafe in cafes:
        store = join(cafe)
        with store.writing(by="g1") as tx:
            for n, day in enumerate(DAYS, 1):
                tx.record(DayOpened(day=day, float_cents=10_000))
                for no in (2 * n - 1, 2 * n):
                    tx.record(msgspec.structs.replace(sale(no, turnover=100 * cafe + no, day=day), tab=f"t{no}"))
            tx.record(refund(9, turnover=-cafe))
            tx.record(TroubleNoted(what="printer"))
        agent.push(store, line)


def sums(database: Database) -> list[tuple[int, str, str]]:
    """Every café and month with its checksum."""
    with database.reading() as conn:
        return list(checksums.of_all(conn))


@both
def test_told_again_by_any_number_of_processes_every_month_is_the_same(
    office: Office, line: Any, join: JoinCafe
) -> None:
    """One process, then two: the same checksum for each café and month; a changed figure shows in its month alone."""
    filled(office, line, join)
    before = sums(office.db)
    assert [(cafe, month) for cafe, month, _sum in before] == [
        (cafe, month) for cafe in (17, 18, 19) for month in ("", "2026-10", "2026-11")
    ]
    assert retelling.rebuild(office) == 3 * 11
    assert sums(office.db) == before
    with office.db.writing() as conn:
        conn.execute(db.rollup_day.update().where(db.rollup_day.c.day == DAYS[0]).values(tickets=99))
    spoilt = sums(office.db)
    assert {(c, m) for (c, m, a), (_c, _m, b) in zip(before, spoilt, strict=True) if a != b} == {
        (cafe, "2026-10") for cafe in (17, 18, 19)
    }
    assert retelling.rebuild(office, jobs=2) == 3 * 11
    assert sums(office.db) == before


def test_both_databases_say_the_same(
    postgres_url: str, office: Office, line: Any, join: JoinCafe, clock: StoppedClock
) -> None:
    """The segments of one HQ told by the other: the same checksums."""
    filled(office, line, join)
    other = open_database(postgres_url)
    other.create()
    with other.writing() as conn:
        for table in (books.journal, books.cursor, books.segment):
            conn.execute(table.delete())
    with office.db.reading() as here, other.writing() as there:
        for table in (books.journal, books.cursor, books.segment):
            there.execute(table.insert(), [dict(row) for row in here.execute(select(table)).mappings()])
    twin = Office(Config(data=office.config.data, database=postgres_url), other, key_of("hq"), clock)
    retelling.rebuild(twin)
    # What a café says at its calls is not told from entries: its row may not be there.
    assert [one for one in sums(other) if one[1]] == [one for one in sums(office.db) if one[1]]
    other.close()


@both
def test_what_hq_has_learnt_is_counted_when_it_is_tried_again(office: Office, line: Any, join: JoinCafe) -> None:
    """An HQ that does not know sales sets them aside; the next release counts them, and only then."""
    knows = office.projections
    office.projections = Projections([])
    filled(office, line, join, (17,))
    assert retelling.retry(office).after == retelling.retry(office).before > 0
    with office.db.reading() as conn:
        assert conn.execute(select(db.rollup_day)).all() == []
    office.projections = knows
    done = retelling.retry(office)
    assert (done.cafes, done.after) == (1, 0)
    with office.db.reading() as conn:
        assert conn.execute(select(db.rollup_day.c.tickets).order_by(db.rollup_day.c.day)).scalars().all() == [2, 2]


def test_figures_of_a_cafe_without_a_journal_do_not_outlive_a_rebuild(office: Office) -> None:
    """Rows that no journal tells are nobody's."""
    with office.db.writing() as conn:
        Projections(FEATURES).tell(conn, Fresh(99, 1, 9, entries([sale(1, turnover=100)])))
    retelling.rebuild(office)
    with office.db.reading() as conn:
        assert conn.execute(select(db.rollup_day)).all() == []


def test_the_commands_say_what_they_did(office: Office, line: Any, join: JoinCafe) -> None:
    """`checksum` ends with one line for all; `rebuild` changes nothing of it; `retry` finds nothing to do."""
    filled(office, line, join, (17,))

    def typed(name: str, *words: str) -> str:
        done = CliRunner().invoke(main.commands[name], list(words), obj=office)
        assert done.exit_code == 0, done.output
        return done.output

    before = typed("checksum")
    assert [row.split()[0] for row in before.splitlines()] == ["17", "17", "17", "="]
    assert "11" in typed("rebuild", "--jobs", "2")
    assert typed("checksum") == before
    assert typed("checksum", "--cafe", "18").startswith("= ")
    assert "0" in typed("retry")
