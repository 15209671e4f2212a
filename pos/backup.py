"""A copy of the café's file, private store included, locked by a passphrase or the recovery phrase; and putting it back.

The copy is one moment of the file, taken by SQLite's own backup while the till sells, then packed and encrypted
(`pos.locked`). Between two copies a tail holds the entries since. The box's signing key is in
neither (R22): a new box needs HQ's word besides.
"""

import io
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

import msgspec

from pos import drafts, durable
from pos import journal as journals
from pos.clock import business_day
from pos.errors import Refusal
from pos.i18n import N_
from pos.locked import CHUNK, NotABackup, Secret, Source, lock, seal, unlock, unseal
from pos.store import Store
from pos.system import BackupDone, BackupRestored

PASSPHRASE_MIN = 8
# In the drafts of a copy put back, until the journal says so.
RESTORED = "restored"
_APART, _UNPACKED = "zinc-backup-", "restored.db"


class PassphraseTooShort(Refusal):
    """A short passphrase protects nobody's name."""

    sentence = N_("The passphrase is too short.")
    remedy = N_("Type at least 8 signs, and write it down in a safe place.")


class BackupOfAnother(Refusal):
    """The copy is another box's."""

    sentence = N_("This backup belongs to another till.")
    remedy = N_("Choose this till’s own backup. For a new box, ask HQ for a code.")


class BackupTooOld(Refusal):
    """Putting it back would lose entries."""

    sentence = N_("This backup ends at entry %(last)s; the till is already at %(now)s.")
    remedy = N_("Keep the till as it is: nothing is missing from it.")


class BackupDamaged(Refusal):
    """The copy's journal does not hold."""

    sentence = N_("The journal in this backup is damaged at entry %(seq)s.")
    remedy = N_("Choose another backup, or ask HQ for a code.")


@dataclass(frozen=True, slots=True)
class Copy:
    """A backup: its name, the place of the last entry in it (−1: none), its size; its bytes unless a file holds them."""

    name: str
    last: int
    size: int
    data: bytes = b""


class Tail(msgspec.Struct, frozen=True, array_like=True):
    """What the café wrote since a copy: entries, journals opened, and the people it knows now."""

    # The place and hash of the last entry of the copy it follows.
    base: int
    after: bytes
    journals: list[tuple[int, str, int, bytes, bytes, bytes, bytes, bytes]]
    entries: list[tuple[int, int, bytes, bytes, bytes | None]]
    persons: list[tuple[str, str, str, str, str]]


def make(store: Store, passphrase: str, *, by: str, attempt: str = "") -> Copy:
    """Return an encrypted copy of everything the café knows; the copy is an entry (R30)."""
    if len(passphrase) < PASSPHRASE_MIN:
        raise PassphraseTooShort
    held = io.BytesIO()
    copy = replace(pack(store, passphrase, held), data=held.getvalue())
    note_done(store, copy, by=by, attempt=attempt)
    return copy


def note_done(store: Store, copy: Copy, *, by: str, attempt: str = "", where: str = "", checked: bool = False) -> None:
    """Record that a copy was made (R30)."""
    if store.journal is None:
        return
    with store.writing(by=by, attempt=attempt) as tx:
        tx.trust_clock()
        seq = journals.at_place(copy.last)[1] if copy.last >= 0 else -1
        tx.record(BackupDone(last=seq, size=copy.size, where=where, checked=checked))


def apart(folder: Path) -> tempfile.TemporaryDirectory[str]:
    """Give a folder where the café's file lies in clear for a moment; `sweep` knows it."""
    return tempfile.TemporaryDirectory(prefix=_APART, dir=folder)


def sweep(folder: Path) -> None:
    """Take away what copies, drills and restores left that a power cut ended. Only while nobody else works on these files."""
    for left in folder.glob(f"{_APART}*"):
        shutil.rmtree(left, ignore_errors=True)
    for cut in folder.glob(f"{_UNPACKED}*"):
        cut.unlink(missing_ok=True)


def pack(store: Store, secret: Secret, out: BinaryIO) -> Copy:
    """Write an encrypted copy of the file as it is at one moment; nothing is recorded."""
    with apart(store.path.parent) as folder:
        path = Path(folder) / "cafe.db"
        with store.reading() as conn, closing(sqlite3.connect(path)) as target:
            conn.backup(target)
            last, _hash = _end(target)
        with path.open("rb") as file:
            size = seal(iter(partial(file.read, CHUNK), b""), secret, out)
    return Copy(f"zinc-{business_day(store.clock.now_ms())}-{max(last, -1)}.zinc", last, size)


def _end(conn: sqlite3.Connection) -> tuple[int, bytes]:
    """Return the place and hash of the last entry of a file; (−1, none) in a file without a journal."""
    found = journals.current(conn)
    if found is None:
        return -1, b""
    tip = journals.tip(conn, found)
    return journals.place(found.jn, tip.seq), tip.hash


def pack_tail(store: Store, secret: Secret, *, base: int) -> Copy:
    """Return what was written since the entry at the place `base`, encrypted the same way."""
    jn, seq = journals.at_place(base)
    with store.reading() as conn:
        after = conn.execute("SELECT hash FROM journal_entry WHERE jn = ? AND seq = ?", (jn, seq)).fetchone()
        tail = Tail(
            base=base, after=bytes(after[0]),
            journals=[tuple(row) for row in conn.execute(_JOURNALS_SINCE, (jn,))],
            entries=[tuple(row) for row in conn.execute(_ENTRIES_SINCE, (jn, jn, seq))],
            persons=[tuple(row) for row in conn.execute(_PERSONS)],
        )  # fmt: skip
    last = journals.place(*tail.entries[-1][:2]) if tail.entries else base
    data = lock(msgspec.msgpack.encode(tail), secret)
    return Copy(f"tail-{base}-{last}.zinc", last, len(data), data)


_JOURNALS_SINCE = (
    "SELECT jn, jid, cafe, genesis, grant_bytes, grant_sig, hq_key, box_key FROM journal WHERE jn > ? ORDER BY jn"
)
_ENTRIES_SINCE = (
    "SELECT jn, seq, hash, body, seal FROM journal_entry WHERE jn > ? OR (jn = ? AND seq > ?) ORDER BY jn, seq"
)
_PERSONS = "SELECT person_id, purpose, purge_after, body, search FROM private_person ORDER BY person_id"


def lay(source: Source, secret: Secret, path: Path, tail: Source = b"") -> int:
    """Write the database of a copy to `path`, and what its tail adds; return the place of its last entry.

    Raises NotABackup, WrongPassphrase. A tail that is spoilt or follows another copy adds nothing.
    """
    # What a power cut left of another try is not this copy's.
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    try:
        with path.open("wb") as file:
            unseal(source, secret, file)
        with closing(sqlite3.connect(path, isolation_level=None)) as conn:
            if tail:
                with suppress(Refusal, sqlite3.DatabaseError, msgspec.DecodeError, OSError):
                    _add(conn, msgspec.msgpack.decode(unlock(tail, secret), type=Tail))
            return _end(conn)[0]
    except sqlite3.DatabaseError as problem:
        path.unlink(missing_ok=True)
        raise NotABackup from problem
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _add(conn: sqlite3.Connection, tail: Tail) -> None:
    """Append a tail to the file it follows, all or nothing; the tables are told anew at the next opening."""
    if _end(conn) != (tail.base, tail.after):
        return
    conn.execute("BEGIN IMMEDIATE")
    try:
        conn.executemany("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?)", tail.journals)
        conn.executemany("INSERT INTO journal_entry VALUES (?, ?, ?, ?, ?)", tail.entries)
        conn.execute("DELETE FROM private_person")
        conn.executemany("INSERT INTO private_person VALUES (?, ?, ?, ?, ?)", tail.persons)
        conn.execute("DELETE FROM draft_value WHERE name = 'told_by'")
        if any(journals.verify(conn, one)[1] for one in _last_journals(conn, tail)):
            raise sqlite3.DatabaseError("the tail does not follow")
        conn.execute("COMMIT")
    except BaseException:
        conn.execute("ROLLBACK")
        raise


def _last_journals(conn: sqlite3.Connection, tail: Tail) -> list[journals.Journal]:
    rows = conn.execute(
        "SELECT jn, jid, cafe, genesis, box_key, hq_key FROM journal WHERE jn >= ?", (journals.at_place(tail.base)[0],)
    )
    return [journals.Journal(*row) for row in rows]


def unpack(
    source: Source, secret: Secret, folder: Path, store: Store, *, tail: Source = b"", new_box: bool = False
) -> Path:
    """Check a backup and write its database beside the café's; return the path.

    Raises NotABackup, WrongPassphrase, BackupOfAnother, BackupTooOld, BackupDamaged; the running
    file is not touched. The caller closes the store and calls `put_back`. `new_box` takes the copy of a box
    that is no more: its journal is closed for this key, and the caller opens another with HQ's code.
    """
    path = folder / _UNPACKED
    lay(source, secret, path, tail)
    conn = sqlite3.connect(path)
    try:
        found = journals.current(conn)
        if found is None or (found.box_key != store.keyring.public and not new_box):
            raise BackupOfAnother
        tip, fault = journals.verify(conn, found)
        if fault is not None:
            raise BackupDamaged(seq=fault.seq)
        if store.journal is not None and store.journal.jid == found.jid and store.tip().seq > tip.seq:
            raise BackupTooOld(last=tip.seq, now=store.tip().seq)
    except sqlite3.DatabaseError as problem:
        path.unlink(missing_ok=True)
        raise NotABackup from problem
    except Refusal:
        path.unlink(missing_ok=True)
        raise
    finally:
        conn.close()
    return path


def put_back(restored: Path, database: Path, mark: Callable[[sqlite3.Connection], object] = lambda _conn: None) -> None:
    """Put an unpacked backup in the place of a closed database; the old file is kept beside it.

    At each moment the café's file is the old one or the new one, whole. `mark` writes in the copy what must be
    known from its first start on.
    """
    with closing(sqlite3.connect(restored, isolation_level=None)) as conn:
        conn.execute("PRAGMA synchronous=FULL")
        conn.execute("BEGIN IMMEDIATE")
        drafts.put(conn, RESTORED, True)
        mark(conn)
        conn.execute("COMMIT")
    # A log of changes belongs to its own file: whatever is left of the old one's goes into it first.
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(database)) as conn:
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for suffix in ("-wal", "-shm"):
        left = database.with_name(database.name + suffix)
        if left.exists():
            left.replace(_aside(left))
    if database.exists():
        _aside(database).unlink(missing_ok=True)
        os.link(database, _aside(database))
    durable.sync_folder(database.parent)
    durable.put(restored, database)


def _aside(path: Path) -> Path:
    return path.with_name("before-restore-" + path.name)


def finish(store: Store) -> None:
    """At start: record a restore that a power cut kept from being recorded."""
    with store.reading() as conn:
        cut = store.journal is not None and drafts.get(conn, RESTORED, False)
    if cut:
        note_restored(store, by="box")


def note_restored(store: Store, *, by: str) -> None:
    """Record that the file was put back (R30)."""
    last = store.tip().seq
    with store.writing(by=by) as tx:
        tx.trust_clock()
        tx.record(BackupRestored(last=last))
        drafts.put(tx.conn, RESTORED, False)
