"""What came of a café that HQ gives back: its batches beside the café's file, journal by journal (§2.10)."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pos import hq_keys, journal, seal
from sync import wire
from sync.line import Enrolled, Former
from sync.wire import Grant

_SCHEMA = """
CREATE TABLE IF NOT EXISTS coming (
  jid TEXT NOT NULL, last INTEGER NOT NULL, hash BLOB NOT NULL, body BLOB NOT NULL, PRIMARY KEY (jid, last)
) STRICT;
"""
Progress = Callable[[str, int, int], None]
FETCH, CHECK, TELL = "fetch", "check", "tell"


def silent(_step: str, _done: int, _total: int) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What came back: the journals, entries among them, and when HQ last heard the box that is no more."""

    journals: list[Former]
    entries: int
    heard_at: int


def open_beside(path: Path) -> sqlite3.Connection:
    """Open the file that keeps what comes until the café's own is made."""
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute("PRAGMA synchronous=FULL")
    conn.executescript(_SCHEMA)
    return conn


def signer(told: Enrolled, grant: Grant) -> bytes:
    """Return the key of HQ that a grant names: the one in force, or one that led to it."""
    now = bytes.fromhex(told.hq_key)
    return next((key for key in hq_keys.before(now, told.keys) if seal.kid_of(key) == grant.hq), now)


def batches(conn: sqlite3.Connection, jid: str, first: int = 0) -> Iterator[wire.Batch]:
    """Yield what came of a journal, batch by batch, from the one that holds entry `first`."""
    kept = conn.execute("SELECT last FROM coming WHERE jid = ? AND last >= ? ORDER BY last", (jid, first)).fetchall()
    for (last,) in kept:
        (packed,) = conn.execute("SELECT body FROM coming WHERE jid = ? AND last = ?", (jid, last)).fetchone()
        yield wire.read_batch(wire.unpack(packed))


def entries(conn: sqlite3.Connection, jid: str, first: int = 0) -> Iterator[journal.Stored]:
    """Yield what came of a journal from `first` on, entry by entry."""
    done = first - 1
    for batch in batches(conn, jid, first):
        hashes = wire.fold(bytes.fromhex(batch.header.prev), batch.bodies)
        for seq, (body, digest) in enumerate(zip(batch.bodies, hashes, strict=True), batch.header.first):
            if seq > done:
                done = seq
                yield journal.Stored(seq, digest, body, None)


def hash_at(conn: sqlite3.Connection, jid: str, seq: int) -> str:
    """Return the hash of an entry as it came; empty when it did not."""
    return next((one.hash.hex() for one in entries(conn, jid, seq) if one.seq == seq), "")


def heads(conn: sqlite3.Connection, jid: str) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield each signed head that came with a batch: its entry, its bytes, its signature."""
    for batch in batches(conn, jid):
        yield batch.header.head.seq, batch.head_bytes, bytes.fromhex(batch.header.sig)
