"""Backups: everything in one encrypted file, checked before it is put back, never a step backwards."""

import sqlite3
import zlib
from pathlib import Path

import pytest

from pos import backup, private
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


def test_a_backup_shows_nobody_s_name_and_no_key(selling: Store) -> None:
    """Without the passphrase the file says nothing; with it, there is still no signing key (R22, R30)."""
    copy = backup.make(selling, PHRASE, by="g1")
    assert b"Essai" not in copy.data
    seed = bytes(selling.keyring._key)
    assert seed not in backup._unlock(copy.data, PHRASE)
    assert seed.hex().encode() not in backup._unlock(copy.data, PHRASE)


@pytest.mark.parametrize(
    ("spoil", "refusal"),
    [
        (lambda data: data[:40], backup.NotABackup),
        (lambda data: b"PK" + data, backup.NotABackup),
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), backup.NotABackup),
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
    with pytest.raises(backup.WrongPassphrase):
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
    path.write_bytes(backup._unlock(copy.data, PHRASE))
    conn = sqlite3.connect(path)
    conn.execute("DROP TRIGGER journal_entry_is_final")
    conn.execute("UPDATE journal_entry SET body = CAST(body || ' ' AS BLOB) WHERE seq = 21")
    conn.commit()
    conn.close()
    data = backup._lock(zlib.compress(path.read_bytes()), PHRASE)
    with pytest.raises(backup.BackupDamaged):
        backup.unpack(data, PHRASE, tmp_path, selling)
