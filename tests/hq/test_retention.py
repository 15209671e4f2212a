"""What HQ forgets, and when: dated settings, each change and each night an act."""

import json
import re

import pytest
from click.testing import CliRunner
from sqlalchemy import BigInteger, Connection, LargeBinary, Table, Text, func, select

from hq import db, retention
from hq.cli import main
from hq.retention import DAY_MS
from hq.tables import hq_act, hq_session, sign_in_try
from hq.wiring import Office
from pos.clock import business_day
from sync import books
from sync.books import metadata
from tests.house.tree import ROOT, text_of
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


def test_each_rule_of_the_page_is_the_rule_of_the_code() -> None:
    """docs/hq.md tells the days of every kind that is forgotten, and none besides."""
    page = text_of(ROOT / "docs" / "hq.md")
    told = page[page.index("## What is forgotten") :]
    rows = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|$", told[: told.index("\n## ", 5)], re.MULTILINE)
    days = {"3 years, never under one": 3 * 365}
    said = [days.get(value, value) for _name, value in rows if value != "days"]
    assert [int(value) for value in said] == [one.days for one in retention.KEPT]
    assert {one.name: one.fewest for one in retention.KEPT if one.fewest > 1} == {"acts": 365}


@pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
@pytest.mark.parametrize("one", retention.KEPT, ids=lambda one: one.name)
def test_a_night_takes_what_is_past_its_day_and_nothing_else(office: Office, one: retention.Kept) -> None:
    """A row of each kind at its last day stays, a day older it goes; no other table loses a row, journals and figures first."""
    now = office.clock.now_ms()
    with office.db.writing() as conn:
        rows = (
            books.journal,
            books.cursor,
            db.rollup_day,
            books.attestation,
            books.log_checkpoint,
            *(k.table for k in retention.KEPT),
        )
        for table in dict.fromkeys(rows):
            ages = (one.days, one.days + 1) if table is one.table else (0,)
            for n, age in enumerate(ages):
                conn.execute(table.insert(), _row(table, n) | {_moment(table): now - age * DAY_MS})
        before = {table.name: _count(conn, table) for table in metadata.sorted_tables}
        assert retention.forget(conn, by="t", now_ms=now)[one.name] == 1
        after = {table.name: _count(conn, table) for table in metadata.sorted_tables}
    lost = {name: n - after[name] for name, n in before.items() if after[name] < n}
    # The night itself is an act: where acts are forgotten, one goes and one comes.
    assert lost == ({} if one.table is hq_act else {one.table.name: 1})


def _moment(table: Table) -> str:
    kept = {known.table.name: known.moment.name for known in retention.KEPT}
    return kept.get(table.name) or next(c.name for c in table.columns if isinstance(c.type, BigInteger))


def _row(table: Table, n: int) -> dict[str, object]:
    """A row of a table, whatever its columns: of use to nobody but a count."""
    made: dict[str, object] = {}
    for column in table.columns:
        if isinstance(column.type, LargeBinary):
            made[column.name] = b"x"
        elif isinstance(column.type, Text):
            made[column.name] = f"2026-11-{n + 1:02d}"
        elif not column.nullable and column.server_default is None:
            made[column.name] = n + 1
    return made


def _count(conn: Connection, table: Table) -> int:
    return int(conn.execute(select(func.count()).select_from(table)).scalar_one())
