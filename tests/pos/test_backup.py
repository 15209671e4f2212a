"""Backups: everything in one encrypted file, checked before it is put back, never a step backwards."""

import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from pos import backup, locked, private, recovery
from pos.clock import StoppedClock
from pos.store import Store
from pos.till import catalogue, close, sell, tables
from pos.till.sell import SoldLine
from tests.conftest import open_test_store

PHRASE = "le chat dort au soleil"


@pytest.fixture
def selling(store: Store) -> Store:
    """A café with a menu, an open day, one sale and one private name."""
    catalogue.load_starter(store, by="g1")
    close.open_day(store, 15000, by="g1")
    sell.sell(store, lines=[SoldLine(product="cafe")], by="g1")
    with store.writing(by="g1") as tx:
        private.remember(
            tx.conn, purpose="parcels", purge_after="2026-12-31", now_ms=tx.now, person_id="p1", name="Mme Essai"
        )
    return store


def test_a_backup_put_back_on_an_empty_disk_is_the_same_cafe(selling: Store, tmp_path: Path) -> None:
    """Journal, tables, drafts and private names come back, and the chain goes on."""
    copy = backup.make(selling, PHRASE, by="g1")
    empty = Store(tmp_path / "new" / "cafe.db", clock=selling.clock, keyring=selling.keyring, features=selling.features)
    path = backup.unpack(copy.data, PHRASE, tmp_path / "new", empty)
    empty.close()
    backup.put_back(path, tmp_path / "new" / "cafe.db")
    back = Store(tmp_path / "new" / "cafe.db", clock=selling.clock, keyring=selling.keyring, features=selling.features)
    backup.note_restored(back, by="g1")
    with back.reading() as conn:
        assert tables.ticket(conn, 1)["total"] == 130
        assert private.name_of(conn, "p1") == "Mme Essai"
    assert back.tables_that_differ() == []
    assert back.tip().seq == copy.last + 1
    back.close()


CUT = """
import os, signal, sys
from pathlib import Path
from kiosk.wiring import open_kiosk
from pos import backup
class Out:
    def write(self, _data):
        os.kill(os.getpid(), signal.SIGKILL)
backup.pack(open_kiosk(Path(sys.argv[1]), settings={"printer": {"kind": "none"}}).store, "le chat dort au soleil", Out())
"""


def test_what_a_cut_copy_left_in_clear_is_gone_at_the_next_start(selling: Store) -> None:
    """The power went while a copy was written: the whole file beside the café's own, for whoever finds the card."""
    from kiosk.wiring import AlreadyRunning, open_kiosk

    data = selling.path.parent
    selling.close()
    done = subprocess.run([sys.executable, "-c", CUT, str(data)], cwd=Path(__file__).parents[2], check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(list(data.glob("zinc-backup-*/cafe.db"))) == 1
    (data / "restored.db").write_bytes(b"a restore that was cut")
    kiosk = open_kiosk(data, alone=True, settings={"printer": {"kind": "none"}})
    assert [*data.glob("zinc-backup-*"), *data.glob("restored.db*")] == []
    with backup.apart(data) as folder:
        with pytest.raises(AlreadyRunning):
            open_kiosk(data, alone=True)
        open_kiosk(data, look=True, settings={}).store.close()
        assert Path(folder).is_dir()
    kiosk.store.close()
    kiosk.lock.close()  # type: ignore[union-attr]


def test_a_backup_shows_nobody_s_name_and_no_key(selling: Store) -> None:
    """Without the passphrase the file says nothing; with it, there is still no signing key (R22, R30)."""
    copy = backup.make(selling, PHRASE, by="g1")
    assert b"Essai" not in copy.data
    seed = bytes(selling.keyring._key)
    assert seed not in locked.unlock(copy.data, PHRASE)
    assert seed.hex().encode() not in locked.unlock(copy.data, PHRASE)


@pytest.mark.parametrize(
    ("spoil", "refusal"),
    [
        (lambda data: data[:40], locked.NotABackup),
        (lambda data: b"PK" + data, locked.NotABackup),
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), locked.NotABackup),
    ],
)
def test_a_file_that_is_no_backup_is_refused(
    selling: Store, tmp_path: Path, spoil: object, refusal: type[Exception]
) -> None:
    """A cut, foreign or altered file leaves the till as it is."""
    copy = backup.make(selling, PHRASE, by="g1")
    with pytest.raises(refusal):
        backup.unpack(spoil(copy.data), PHRASE, tmp_path, selling)  # type: ignore[operator]
    assert not (tmp_path / "restored.db").exists()


def test_a_wrong_or_short_passphrase_is_told(selling: Store, tmp_path: Path) -> None:
    """The passphrase is asked again, not guessed."""
    with pytest.raises(backup.PassphraseTooShort):
        backup.make(selling, "court", by="g1")
    copy = backup.make(selling, PHRASE, by="g1")
    with pytest.raises(locked.WrongPassphrase):
        backup.unpack(copy.data, PHRASE + "!", tmp_path, selling)


def test_an_older_backup_does_not_replace_a_newer_till(selling: Store, tmp_path: Path) -> None:
    """Going back would lose entries: the till says how many it has."""
    copy = backup.make(selling, PHRASE, by="g1")
    sell.sell(selling, lines=[SoldLine(product="cafe")], by="g1")
    with pytest.raises(backup.BackupTooOld):
        backup.unpack(copy.data, PHRASE, tmp_path, selling)


def test_another_till_s_backup_is_refused(selling: Store, tmp_path: Path) -> None:
    """A box takes back only its own journal."""
    other = open_test_store(tmp_path / "other" / "cafe.db", StoppedClock("2026-11-20T07:02:00+01:00"), box="other")
    copy = backup.make(other, PHRASE, by="g1")
    with pytest.raises(backup.BackupOfAnother):
        backup.unpack(copy.data, PHRASE, tmp_path, selling)
    other.close()


def test_a_damaged_journal_inside_a_backup_is_found(selling: Store, tmp_path: Path) -> None:
    """The chain of the copy is checked before it may come back."""
    copy = backup.make(selling, PHRASE, by="g1")
    path = tmp_path / "bad.db"
    path.write_bytes(locked.unlock(copy.data, PHRASE))
    conn = sqlite3.connect(path)
    conn.execute("DROP TRIGGER journal_entry_is_final")
    conn.execute("UPDATE journal_entry SET body = CAST(body || ' ' AS BLOB) WHERE seq = 21")
    conn.commit()
    conn.close()
    data = locked.lock(path.read_bytes(), PHRASE)
    with pytest.raises(backup.BackupDamaged):
        backup.unpack(data, PHRASE, tmp_path, selling)


def test_a_copy_made_before_the_frames_still_opens(selling: Store, tmp_path: Path) -> None:
    """The first format was one box of packed bytes: what a café keeps in a drawer is read for ever."""
    from nacl.secret import SecretBox

    plain = locked.unlock(backup.make(selling, PHRASE, by="g1").data, PHRASE)
    held = recovery.key_of(PHRASE)
    old = locked.MAGIC_1 + held.salt + bytes(SecretBox(held.key).encrypt(zlib.compress(plain)))
    assert locked.unlock(old, PHRASE) == plain
    with pytest.raises(locked.WrongPassphrase):
        locked.unlock(old, "une autre phrase")
    with pytest.raises(locked.NotABackup):
        locked.unlock(old[:40], PHRASE)


def test_a_copy_of_many_frames_is_the_same_file_and_no_frame_can_be_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames are numbered and the last is marked: left out, exchanged or cut, with a right sum, they do not open."""
    monkeypatch.setattr(locked, "CHUNK", 1000)
    plain, key = os.urandom(7500), recovery.BackupKey(b"s" * 16, b"k" * 32)
    data = locked.lock(plain, key)
    assert locked.unlock(data, key) == plain
    head = len(locked.MAGIC) + locked.SALT + locked.NONCE
    frames, at = [], head
    while at < len(data) - locked.DIGEST:
        size = locked.LENGTH + int.from_bytes(data[at : at + locked.LENGTH], "big")
        frames.append(data[at : at + size])
        at += size
    assert len(frames) > 5
    for moved in (
        frames[1:],
        frames[:-1],
        [frames[1], frames[0], *frames[2:]],
        [*frames, frames[-1]],
        frames[:2] + frames[3:],
    ):
        body = data[:head] + b"".join(moved)
        with pytest.raises((locked.NotABackup, locked.WrongPassphrase)):
            locked.unlock(body + hashlib.sha256(body).digest(), key)
