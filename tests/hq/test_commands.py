"""The office's commands, as typed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from hq import enrolment, parting
from hq.cli import main
from hq.config import Config, database_url, read_config
from hq.db import Database
from hq.tables import cafe, hq_act, hq_user
from hq.wiring import open_office
from tests.hq.conftest import ENGINES


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Type a command on a machine of one's own."""
    monkeypatch.setenv("ZINC_DATA", str(tmp_path))
    monkeypatch.delenv("ZINC_HQ_DATABASE", raising=False)
    office = open_office(read_config())
    with office.db.writing() as conn:
        conn.execute(cafe.insert().values(id=17, name="Chez Nous", antenna=1, latitude=48.2, longitude=4.0))
    office.close()

    def run(*words: str, line: str = "") -> Result:
        return CliRunner().invoke(main, list(words), input=line)

    return run


def test_a_code_is_made_shown_once_and_refused_for_strangers(typed) -> None:
    """A code for a café of the register; a clear sentence for another; a wrong number confirms nothing."""
    made = typed("enrol", "17")
    assert made.exit_code == 0
    assert len(made.output.split("\n")[0].split("-")) == 4
    unknown = typed("enrol", "99")
    assert unknown.exit_code == 1
    assert "registre" in unknown.output
    assert typed("enrol", "17", "--confirm", "123456").exit_code == 1


def test_a_second_till_needs_its_purpose_said(typed, tmp_path: Path) -> None:
    """A café with a box gets a replacing code only; the check number confirms the box."""
    office = open_office(read_config())
    with office.db.writing() as conn:
        row = enrolment.add_journal(conn, office.keyring, cafe=17, box_key=b"\1" * 32, n=1, issued=1, at=1)
    office.close()
    assert typed("enrol", "17").exit_code == 1
    assert typed("enrol", "17", "--purpose", "replace").exit_code == 0
    said = typed("enrol", "17", "--confirm", f"{row.check_number[:3]} {row.check_number[3:]}")
    assert said.exit_code == 0
    assert typed("enrol", "17", "--confirm", row.check_number).exit_code == 1


def test_what_is_typed_leaves_its_row_too(typed) -> None:
    """A code, a repair, a check number heard, another key, entries tried again: by the office, in the trail, as on the pages."""
    office = open_office(read_config())
    with office.db.writing() as conn:
        row = enrolment.add_journal(conn, office.keyring, cafe=17, box_key=b"\1" * 32, n=1, issued=1, at=1)
    for words in (
        ["enrol", "17", "--purpose", "replace"], ["enrol", "17", "--purpose", "repair"],
        ["enrol", "17", "--confirm", row.check_number], ["rotate", "17"], ["retry"],
    ):  # fmt: skip
        assert typed(*words).exit_code == 0
    assert (typed("enrol", "17").exit_code, typed("rotate", "18").exit_code) == (1, 1)
    with office.db.reading() as conn:
        told = conn.execute(select(hq_act.c.by, hq_act.c.act, hq_act.c.cafe_id).order_by(hq_act.c.id)).all()
    office.close()
    made = ["code.made", "repair.allowed", "box.confirmed", "box.rotation_asked"]
    assert [tuple(one) for one in told] == [*(("office", act, 17) for act in made), ("office", "apart.retried", None)]


def test_figures_are_printed_rebuilt_and_verified(typed) -> None:
    """Impact as words and as JSON; rebuild and verify say what they did."""
    assert json.loads(typed("impact", "--year", "2026", "--json").output)["km_gross_m"] == 0
    assert "2026" in typed("impact", "--year", "2026").output
    assert typed("rebuild").output.startswith("0")
    assert typed("verify").exit_code == 0


def test_settings_say_where_the_database_is() -> None:
    """Empty: beside HQ's key; a path: SQLite; a PostgreSQL address: psycopg. A port that is none is refused."""
    assert read_config({"ZINC_DATA": "/x"}) == Config(Path("/x/hq"), "sqlite:////x/hq/hq.db", 8090)
    assert database_url("/y/hq.db", Path()) == "sqlite:////y/hq.db"
    assert database_url("postgresql://u@h/d", Path()) == "postgresql+psycopg://u@h/d"
    assert database_url("postgres://u@h/d", Path()) == "postgresql+psycopg://u@h/d"
    for port in ("x", "0", "70000", "-1"):
        with pytest.raises(SystemExit):
            read_config({"ZINC_HQ_PORT": port})


def test_hqs_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Mode 0600, made once, kept."""
    config = read_config({"ZINC_DATA": str(tmp_path)})
    first = open_office(config)
    again = open_office(config)
    assert config.key_file.stat().st_mode & 0o777 == 0o600
    assert (first.keyring.public, first.secret) == (again.keyring.public, again.secret)
    first.close()
    again.close()


def test_another_key_is_asked_of_a_till_that_is_there(typed) -> None:
    """The next call changes the key; a café without a till is said to have none."""
    assert typed("rotate", "17").exit_code == 1
    office = open_office(read_config())
    with office.db.writing() as conn:
        enrolment.add_journal(conn, office.keyring, cafe=17, box_key=b"\1" * 32, n=1, issued=1, at=1)
    office.close()
    told = typed("rotate", "17")
    assert (told.exit_code, "prochain appel" in told.output) == (0, True)


def test_another_server_s_address_is_asked_for_and_never_an_argument(typed, monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds a password, which every account of the machine would read in the list of processes."""
    said: list[tuple[str, str]] = []
    monkeypatch.setattr(parting, "add", lambda _db, name, url: said.append((name, url)))
    address = "postgresql://zinc-hq:secret@10.0.0.2/zinc_hq"
    assert typed("servers", "add", "second", address).exit_code == 2
    asked = typed("servers", "add", "second", line=address + "\n")
    assert (asked.exit_code, said) == (0, [("second", address)])
    assert "secret" not in asked.output


@pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
def test_what_was_typed_is_not_in_the_trouble_of_a_statement(hq_db: Database) -> None:
    """A name, sometimes a password in its place: a trouble of the database goes to the machine's log without them."""
    typed_wrong = {"username": "x", "name": "hunter2 in the wrong box"}
    with hq_db.writing() as conn:
        conn.execute(hq_user.insert(), [typed_wrong])
    with hq_db.reading() as conn, pytest.raises(DBAPIError) as told:
        conn.execute(hq_user.insert(), [typed_wrong])
    assert "hunter2" not in str(told.value)
