"""HQ does not begin anew over what another key of its own has signed."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from hq import enrolment, keys, publishing
from hq.cli import main
from hq.config import Config
from hq.serving import application
from hq.wiring import open_office
from pos.clock import StoppedClock
from sync import checkpoint
from sync.checkpoint import Checkpoint
from tests.conftest import MORNING, key_of


@pytest.fixture
def closed(tmp_path: Path) -> Config:
    """The settings of an HQ that granted a journal and signed a checkpoint, and whose key file is gone."""
    config = Config(data=tmp_path / "hq", database=f"sqlite:///{tmp_path / 'hq.db'}")
    office = open_office(config, clock=StoppedClock(MORNING))
    with office.db.writing() as conn:
        enrolment.add_journal(conn, office.keyring, cafe=17, box_key=key_of("b").public, n=1, issued=1, at=1)
    office.close()
    config.key_file.rename(tmp_path / "copy.key")
    return config


def test_an_hq_without_its_key_does_not_open_and_makes_none(
    closed: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong ZINC_DATA, a forgotten copy: refused with the next step, also by command and server; the copy put back opens it."""
    monkeypatch.setenv("ZINC_DATA", str(tmp_path))
    monkeypatch.setenv("ZINC_HQ_DATABASE", closed.database)
    for _again in range(2):
        with pytest.raises(keys.NotOurs):
            open_office(closed)
        assert not closed.key_file.exists()
    typed = CliRunner().invoke(main, ["checkpoint"])
    assert typed.exit_code == 1 and str(closed.key_file) in typed.output
    with pytest.raises(RuntimeError, match=re.escape(str(closed.key_file))):
        application()
    (tmp_path / "copy.key").rename(closed.key_file)
    office = open_office(closed)
    kid = office.keyring.kid
    office.close()
    assert kid in typed.output


def test_a_key_that_is_not_hqs_is_refused_until_the_lost_one_is_named(closed: Config) -> None:
    """Lost for good, and said so: HQ goes on under another key, boxes join it with new codes."""
    closed.key_file.write_text("01" * 32)
    with pytest.raises(keys.NotOurs) as no:
        open_office(closed)
    open_office(replace(closed, lost_key=str(no.value.params["kid"]))).close()


def test_a_checkpoint_of_a_later_key_refuses_an_earlier_one(tmp_path: Path) -> None:
    """Last year's key file beside this year's log would sign a second history of it."""
    config = Config(data=tmp_path / "hq", database=f"sqlite:///{tmp_path / 'hq.db'}")
    office = open_office(config, clock=StoppedClock(MORNING))
    first = config.key_file.read_text()
    with office.db.writing() as conn:
        enrolment.add_journal(conn, office.keyring, cafe=17, box_key=key_of("b").public, n=1, issued=1, at=1)
    keys.rotate(config, office.db, office.secret, typed=office.keyring.kid, why="leaves", by="t", now_ms=1)
    office.close()
    office = open_office(config, clock=StoppedClock(MORNING))
    with office.db.writing() as conn:
        told = Checkpoint(publishing.origin_of(office), 0, publishing.root_at(conn, 0))
        publishing.keep(conn, told, checkpoint.sign(office.keyring, told), 1)
    office.close()
    open_office(config).close()
    config.key_file.write_text(first)
    with pytest.raises(keys.NotOurs):
        open_office(config)
