"""A copy of the café's file, private store included, under a passphrase; and putting it back.

The copy is made by SQLite's own backup while the till sells, then packed and encrypted (Argon2id,
XSalsa20-Poly1305). The box's signing key is not in it (R22): a restore needs the box, or HQ.
"""

import os
import sqlite3
import tempfile
import zlib
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from pos import drafts, durable
from pos import journal as journals
from pos.errors import Refusal
from pos.i18n import N_
from pos.store import Store
from pos.system import BackupDone, BackupRestored

MAGIC = b"ZINC-BACKUP-1\n"
PASSPHRASE_MIN = 8
# In the drafts of a copy put back, until the journal says so.
RESTORED = "restored"


class PassphraseTooShort(Refusal):
    """A short passphrase protects nobody's name."""

    sentence = N_("The passphrase is too short.")
    remedy = N_("Type at least 8 signs, and write it down in a safe place.")


class NotABackup(Refusal):
    """The file is something else, or was cut."""

    sentence = N_("This file is not a whole backup of Zinc.")
    remedy = N_("Choose the file that ends with .zinc, copied whole.")


class WrongPassphrase(Refusal):
    """The passphrase does not open the file."""

    sentence = N_("The passphrase does not open this backup.")
    remedy = N_("Look for it where you wrote it down; capitals count.")


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
    """A backup ready to be kept: its name and bytes, and the last entry in it."""

    name: str
    data: bytes
    last: int


def make(store: Store, passphrase: str, *, by: str, attempt: str = "") -> Copy:
    """Return an encrypted copy of everything the café knows; the copy is an entry (R30)."""
    if len(passphrase) < PASSPHRASE_MIN:
        raise PassphraseTooShort
    with tempfile.TemporaryDirectory(prefix="zinc-backup-") as folder:
        path = Path(folder) / "cafe.db"
        with store.reading() as conn, sqlite3.connect(path) as target:
            conn.backup(target)
        target.close()
        plain = path.read_bytes()
    data = _lock(zlib.compress(plain, 6), passphrase)
    last = store.tip().seq if store.journal else -1
    with store.writing(by=by, attempt=attempt) as tx:
        if store.journal is not None:
            tx.record(BackupDone(last=last, size=len(data)))
        return Copy(f"zinc-{tx.today}-{last}.zinc", data, last)


def _lock(plain: bytes, passphrase: str) -> bytes:
    from nacl import pwhash, secret

    salt = os.urandom(pwhash.argon2id.SALTBYTES)
    return MAGIC + salt + bytes(secret.SecretBox(_key(passphrase, salt)).encrypt(plain))


def _key(passphrase: str, salt: bytes) -> bytes:
    from nacl import pwhash, secret

    return pwhash.argon2id.kdf(
        secret.SecretBox.KEY_SIZE, passphrase.encode(), salt,
        opslimit=pwhash.argon2id.OPSLIMIT_INTERACTIVE, memlimit=pwhash.argon2id.MEMLIMIT_INTERACTIVE,
    )  # fmt: skip


def _unlock(data: bytes, passphrase: str) -> bytes:
    from nacl import exceptions, pwhash, secret

    head = len(MAGIC) + pwhash.argon2id.SALTBYTES
    if not data.startswith(MAGIC) or len(data) <= head + secret.SecretBox.NONCE_SIZE + secret.SecretBox.MACBYTES:
        raise NotABackup
    try:
        packed = secret.SecretBox(_key(passphrase, data[len(MAGIC) : head])).decrypt(data[head:])
    except exceptions.CryptoError as problem:
        raise WrongPassphrase from problem
    try:
        return zlib.decompress(packed)
    except zlib.error as problem:
        raise NotABackup from problem


def unpack(data: bytes, passphrase: str, folder: Path, store: Store) -> Path:
    """Check a backup and write its database beside the café's; return the path.

    Raises NotABackup, WrongPassphrase, BackupOfAnother, BackupTooOld, BackupDamaged; the running
    file is not touched. The caller closes the store and calls `put_back`.
    """
    plain = _unlock(data, passphrase)
    path = folder / "restored.db"
    # What a power cut left of another try is not this copy's.
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.write_bytes(plain)
    conn = sqlite3.connect(path)
    try:
        found = journals.current(conn)
        if found is None or found.box_key != store.keyring.public:
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
