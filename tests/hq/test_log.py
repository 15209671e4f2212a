"""HQ's log as its people and its auditors handle it: commands, export, the stand-alone verifier, a backup put back."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import delete, update

from hq import log_archive, log_verifier, publishing
from hq.cli import main
from hq.config import Config
from hq.local import LocalHq
from hq.wiring import Office
from pos.clock import StoppedClock
from sync import agent, books
from tests.hq.conftest import ENGINES, JoinCafe

DAY = 24 * 3600 * 1000


@pytest.fixture
def filled(office: Office, line: LocalHq, join: JoinCafe, clock: StoppedClock) -> Office:
    """An HQ that heard two cafés on three days, with a checkpoint each night, and one at the first call."""
    cafes = [join(17), join(18)]
    for _ in range(3):
        for store in cafes:
            agent.push(store, line)
        clock.tick(DAY)
        publish(office)
    return office


def publish(office: Office) -> None:
    """Make a checkpoint."""
    with office.db.writing() as conn:
        publishing.publish(office, conn)


def export(office: Office, folder: Path) -> tuple[int, int]:
    """Write the log to a folder."""
    with office.db.reading() as conn:
        return log_archive.export(office, conn, folder)


def faults(office: Office) -> list[str]:
    """What HQ's own check finds."""
    with office.db.reading() as conn:
        return log_archive.verify(office, conn)


@pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
def test_an_auditor_checks_an_export_without_zinc(filled: Office, tmp_path: Path) -> None:
    """The exported verifier runs alone; openssl says the same of the signature."""
    folder = tmp_path / "auditor"
    leaves, notes = export(filled, folder)
    assert (leaves, notes) == (6, 4)
    assert faults(filled) == []
    # -I: nothing of the house can be imported.
    alone = [sys.executable, "-I", str(folder / "verifier.py"), str(folder), "--key", filled.keyring.public.hex()]
    done = subprocess.run(alone, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("INTACT\n")
    if shutil.which("openssl"):
        note = folder / "checkpoints" / f"{6:012}.txt"
        script = (
            f"head -n 3 {note} > text; tail -n 1 {note} | cut -d' ' -f3 | base64 -d | tail -c 64 > sig;"
            f" openssl pkeyutl -verify -pubin -inkey {folder}/hq-key.pem -rawin -in text -sigfile sig"
        )
        subprocess.run(["sh", "-ec", script], check=True, capture_output=True, cwd=tmp_path)


def test_whatever_is_changed_in_an_export_is_found(filled: Office, tmp_path: Path, capsys) -> None:
    """A leaf dropped, changed or moved, a note changed, an empty folder: each is said."""
    folder = tmp_path / "auditor"
    export(filled, folder)
    leaves = (folder / "leaves.ndjson").read_text().splitlines(keepends=True)
    last = folder / "checkpoints" / f"{6:012}.txt"
    note = last.read_text()
    for told in (
        leaves[1:], leaves[:-1], [*leaves[:2], leaves[3], leaves[2], *leaves[4:]],
        [leaves[0].replace('"cafe":17', '"cafe":19'), *leaves[1:]], [leaves[0], leaves[0], *leaves[2:]],
        ["rubbish\n", *leaves[1:]],
    ):  # fmt: skip
        (folder / "leaves.ndjson").write_text("".join(told))
        assert log_verifier.main([str(folder)]) == 1
    (folder / "leaves.ndjson").write_text("".join(leaves))
    for bad in (note.replace("\n6\n", "\n5\n"), note[:-20] + "\n", "rubbish"):
        last.write_text(bad)
        assert log_verifier.main([str(folder)]) == 1
    last.write_text(note)
    assert log_verifier.main([str(folder), "--key", "00" * 32]) == 1
    assert log_verifier.main([str(tmp_path)]) == 2
    elsewhere = tmp_path / "from a till.txt"
    elsewhere.write_text(note)
    assert log_verifier.main([str(folder), "--note", str(elsewhere)]) == 0
    assert "ANOMALIE" in capsys.readouterr().out


def test_an_export_goes_on_where_the_last_one_ended(
    filled: Office, line: LocalHq, join: JoinCafe, tmp_path: Path
) -> None:
    """The same folder takes what came since; one with another history is left as it is."""
    folder = tmp_path / "auditor"
    export(filled, folder)
    before = (folder / "leaves.ndjson").read_bytes()
    agent.push(join(19), line)
    publish(filled)
    assert export(filled, folder) == (7, 5)
    assert (folder / "leaves.ndjson").read_bytes().startswith(before)
    longer = (folder / "leaves.ndjson").read_bytes()
    for told in (longer + longer[:1], b"{}\n" + longer):
        (folder / "leaves.ndjson").write_bytes(told)
        with pytest.raises(log_archive.NotThisLog):
            export(filled, folder)
        assert (folder / "leaves.ndjson").read_bytes() == told
    (folder / "leaves.ndjson").write_bytes(longer)
    (folder / "checkpoints" / "000000000009.txt").write_text("another")
    with pytest.raises(log_archive.NotThisLog):
        export(filled, folder)


@pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
def test_a_log_put_back_from_a_backup_is_brought_up_by_its_export(filled: Office, tmp_path: Path) -> None:
    """Leaves and checkpoints come back as they were signed; what does not continue the log is refused."""
    folder = tmp_path / "auditor"
    export(filled, folder)
    with filled.db.writing() as conn:
        conn.execute(delete(books.log_leaf).where(books.log_leaf.c.place >= 2))
        conn.execute(delete(books.log_checkpoint).where(books.log_checkpoint.c.size > 2))
        conn.execute(delete(books.log_tile))
        rows = list(log_archive.leaves(conn))
        conn.execute(delete(books.log_leaf))
        publishing.add_leaves(conn, 0, [(r.cafe_id, r.jid, r.seq, bytes(r.head)) for r in rows])
    assert faults(filled) == []
    with filled.db.writing() as conn:
        assert log_archive.restore(filled, conn, folder) == 4
    assert faults(filled) == []
    assert export(filled, folder) == (6, 4)
    with filled.db.writing() as conn:
        assert log_archive.restore(filled, conn, folder) == 0
        conn.execute(update(books.log_leaf).where(books.log_leaf.c.place == 1).values(head=bytes(32)))
    with pytest.raises(log_archive.NotThisLog), filled.db.writing() as conn:
        log_archive.restore(filled, conn, folder)


def test_a_folder_that_hq_did_not_sign_brings_nothing_back(filled: Office, tmp_path: Path) -> None:
    """Without a checkpoint of this key, or with leaves that have not its root, nothing is taken."""
    folder = tmp_path / "auditor"
    with pytest.raises(log_archive.NotALog), filled.db.writing() as conn:
        log_archive.restore(filled, conn, folder)
    export(filled, folder)
    with filled.db.writing() as conn:
        for table in (books.log_leaf, books.log_checkpoint, books.log_tile):
            conn.execute(delete(table))
    good = (folder / "leaves.ndjson").read_text()
    for bad in (good.replace('"cafe":17', '"cafe":19'), "rubbish\n" + good, good.replace("head", "tail"), good[:10]):
        (folder / "leaves.ndjson").write_text(bad)
        with pytest.raises(log_archive.NotALog), filled.db.writing() as conn:
            log_archive.restore(filled, conn, folder)
    (folder / "leaves.ndjson").write_text(good)
    (folder / "checkpoints" / f"{6:012}.txt").write_text("another")
    with pytest.raises(log_archive.NotALog), filled.db.writing() as conn:
        log_archive.restore(filled, conn, folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (delete(books.log_leaf).where(books.log_leaf.c.place == 1), "leaf 1 is missing"),
        (delete(books.log_leaf).where(books.log_leaf.c.place >= 4), "the log 4"),
        (update(books.log_leaf).where(books.log_leaf.c.place == 1).values(head=bytes(32)), "another root"),
        (update(books.log_checkpoint).values(note="rubbish"), "not signed"),
        (update(books.log_tile).values(hashes=bytes(192)), "tile 0/0"),
        (delete(books.segment).where(books.segment.c.cafe_id == 17), "no longer holds entry"),
    ],
)
def test_hq_s_own_check_names_what_was_changed(filled: Office, change, said: str) -> None:
    """Whoever changes a table of the log, or a journal under it, is found."""
    with filled.db.writing() as conn:
        conn.execute(change)
    assert any(said in fault for fault in faults(filled))


def test_the_log_s_commands_say_what_they_did(filled: Office, tmp_path: Path, monkeypatch) -> None:
    """Checkpoint, verify, export, restore; a renamed log is refused with its name."""

    def typed(*words: str) -> Result:
        return CliRunner().invoke(main, list(words))

    monkeypatch.setattr("hq.cli.open_office", lambda _config: filled)
    monkeypatch.setattr(filled, "close", lambda: None)
    folder = str(tmp_path / "auditor")
    assert typed("checkpoint").output.split("\n")[:2] == [f"zinc-hq/{filled.keyring.kid}", "6"]
    assert "point de contrôle : 6" in typed("log", "verify").output.replace("\u00a0", " ")
    assert "feuilles, 6 ; points de contrôle, 4" in typed("log", "export", "--to", folder).output.replace("\u00a0", " ")
    assert typed("log", "restore", "--from", folder).output == "Feuilles remises\u00a0: 0.\n"
    assert typed("log", "restore", "--from", str(tmp_path / "nothing")).exit_code == 1
    with filled.db.writing() as conn:
        conn.execute(delete(books.log_tile))
    assert typed("log", "verify").exit_code == 1
    filled.config = Config(data=tmp_path, database="", log_origin="another/log")
    renamed = typed("checkpoint")
    assert renamed.exit_code == 1
    assert filled.keyring.kid in renamed.output
