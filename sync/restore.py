"""A dead box's café comes back from HQ onto a new one: the journals as they came, checked, put together again (§2.10).

What arrives is kept beside the café's file, batch by batch, so that a cut line or a power cut costs one piece at
most. Then the file is made anew: the journals the old box had and told, byte for byte. What that box had taken
up as sums stays sums; entries of its own that HQ got as imports stand in their first place again, where their
hashes say they were. So every table is what it was, and nothing counts twice.
"""

import sqlite3
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, takewhile
from pathlib import Path
from typing import Any

import msgspec

from pos import drafts, hq_keys, journal, private, seal
from pos.journal import Journal, Tip
from pos.release import VERSION
from pos.store import Store
from pos.system import JournalContinued, JournalImport
from sync import agent, orphans, repair, trouble, wire
from sync.line import Enrolled, Former, Hq, Told
from sync.wire import Grant, Malformed

_SCHEMA = """
CREATE TABLE IF NOT EXISTS coming (
  jid TEXT NOT NULL, last INTEGER NOT NULL, hash BLOB NOT NULL, body BLOB NOT NULL, PRIMARY KEY (jid, last)
) STRICT;
"""
# How much is asked for at once: more while the line is quick, less when it is cut.
FIRST_MOST, LEAST, MOST = 128 * 1024, 16 * 1024, 1024 * 1024
QUICK_S = 5.0
# In the new box's drafts while it waits for its café.
STATE = "coming"
# What a new box knew before, and its café does not: the rest of its drafts goes on with it.
_NOT_CARRIED = ("told_by", "first_run", STATE)

Progress = Callable[[str, int, int], None]
FETCH, CHECK, TELL = "fetch", "check", "tell"
# How often whoever waits is told how far the checking is.
TOLD_EVERY = 2000


def _silent(_step: str, _done: int, _total: int) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What came back: the journals, entries among them, and when HQ last heard the box that is no more."""

    journals: list[Former]
    entries: int
    heard_at: int


def fetch(
    store: Store, line: Hq, told: Enrolled, beside: Path, *, progress: Progress = _silent, sw: str = VERSION
) -> Brought:
    """Bring what HQ holds of the café beside its file; go on where it stopped. Raises SyncTrouble.

    Raises NotConfirmed while the check number is not confirmed.
    """
    grant = wire.parse(told.grant, Grant)
    with closing(_open(beside)) as conn:
        try:
            token = repair.let_in(store, line, told, grant.cafe, sw)
            held = line.restorable(token)
        except Told as no:
            raise agent.meant(no, 0) from no
        named = [_believed(told, grant, one) for one in held]
        total, size = sum(one.seq + 1 for one in held), FIRST_MOST
        for one, opened in zip(held, named, strict=True):
            before = sum(other.seq + 1 for other in held[: held.index(one)])
            tip = _reached(conn, opened)
            while tip.seq < one.seq:
                progress(FETCH, before + tip.seq + 1, total)
                started = time.monotonic()
                try:
                    raw = line.piece(one.jid, tip.seq + 1, size, token)
                except trouble.HqUnreachable:
                    if size <= LEAST:
                        raise
                    size = max(LEAST, size // 4)
                    continue
                except Told as no:
                    if no.code != "unknown_key":
                        raise agent.meant(no, 0) from no
                    # A slow line: the pass of half an hour is over.
                    token = repair.let_in(store, line, told, grant.cafe, sw)
                    continue
                tip = _keep(conn, opened, tip, raw)
                if time.monotonic() - started < QUICK_S:
                    size = min(MOST, size * 2)
        progress(FETCH, total, total)
        _check_base(conn, grant, held)
    return Brought(held, total, max((one.heard_at for one in held), default=0))


def _open(path: Path) -> sqlite3.Connection:
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute("PRAGMA synchronous=FULL")
    conn.executescript(_SCHEMA)
    return conn


def _believed(told: Enrolled, grant: Grant, one: Former) -> Journal:
    """Return the journal of a grant that the same HQ signed for the same café; raise HqTalksRubbish."""
    raw = one.grant.encode()
    genesis = seal.ds(seal.GENESIS, raw)
    try:
        former = wire.parse(raw, Grant)
        key = _signer(told, former)
        good = seal.verify(key, seal.GRANT, raw, wire.unhex(one.sig, 64)) and former.cafe == grant.cafe
    except Malformed as problem:
        raise trouble.HqTalksRubbish from problem
    if not good or genesis[:8].hex() != one.jid:
        raise trouble.HqTalksRubbish
    return Journal(0, one.jid, former.cafe, genesis, bytes.fromhex(former.key), key)


def _signer(told: Enrolled, grant: Grant) -> bytes:
    """Return the key of HQ that a grant names: the one in force, or one that led to it."""
    now = bytes.fromhex(told.hq_key)
    return next((key for key in hq_keys.before(now, told.keys) if seal.kid_of(key) == grant.hq), now)


def _reached(conn: sqlite3.Connection, opened: Journal) -> Tip:
    row = conn.execute(
        "SELECT last, hash FROM coming WHERE jid = ? ORDER BY last DESC LIMIT 1", (opened.jid,)
    ).fetchone()
    return Tip(row[0], row[1], 0) if row else Tip(-1, opened.genesis, 0)


def _keep(conn: sqlite3.Connection, opened: Journal, tip: Tip, raw: bytes) -> Tip:
    """Keep each whole batch of a piece that follows; return where the journal stands. Raises HqTalksRubbish."""
    rows = []
    try:
        for packed, batch in members(raw):
            tip = follows(opened, tip, batch)
            rows.append((opened.jid, tip.seq, tip.hash, packed))
    except Malformed as problem:
        raise trouble.HqTalksRubbish from problem
    conn.execute("BEGIN")
    conn.executemany("INSERT OR REPLACE INTO coming VALUES (?, ?, ?, ?)", rows)
    conn.execute("COMMIT")
    return tip


def members(raw: bytes) -> Iterator[tuple[bytes, wire.Batch]]:
    """Yield each batch of a piece, as it was packed and taken apart; never more than one inflated."""
    while raw:
        inflater = zlib.decompressobj(wbits=31)
        try:
            body = inflater.decompress(raw, wire.UNPACKED_MAX + 1)
        except zlib.error as problem:
            raise Malformed("bad_field", "not gzip") from problem
        if not inflater.eof:
            raise Malformed("bad_field", "a batch cut short, or too large")
        rest = inflater.unused_data
        yield raw[: len(raw) - len(rest)], wire.read_batch(body)
        raw = rest


def follows(opened: Journal, tip: Tip, batch: wire.Batch) -> Tip:
    """Check that a batch goes on from `tip` and bears its box's signature; return the new tip. Raises Malformed."""
    header, head = batch.header, batch.header.head
    last = header.first + len(batch.bodies) - 1
    fits = header.count == len(batch.bodies) > 0 and header.first <= tip.seq + 1 <= last == head.seq
    if not fits or (head.cafe, head.j) != (opened.cafe, opened.jid):
        raise Malformed("bad_field", "another batch than asked for")
    hashes = [wire.unhex(header.prev, 32), *wire.fold(wire.unhex(header.prev, 32), batch.bodies)]
    if hashes[tip.seq + 1 - header.first] != tip.hash or hashes[-1].hex() != head.head:
        raise Malformed("chain_mismatch")
    if not seal.verify(opened.box_key, seal.HEAD, batch.head_bytes, wire.unhex(header.sig, 64)):
        raise Malformed("bad_signature")
    return Tip(last, hashes[-1], 0)


def _check_base(conn: sqlite3.Connection, grant: Grant, held: list[Former]) -> None:
    """The chain that came must pass through the entry that the grant names. Raises HqTalksRubbish."""
    base = grant.base
    if base is None or base.seq < 0:
        return
    if not any(one.jid == base.j for one in held) or _hash_at(conn, base.j, base.seq) != base.head:
        raise trouble.HqTalksRubbish


# Putting the file together


def _batches(conn: sqlite3.Connection, jid: str, first: int = 0) -> Iterator[wire.Batch]:
    """Yield what came of a journal, batch by batch, from the one that holds entry `first`."""
    kept = conn.execute("SELECT last FROM coming WHERE jid = ? AND last >= ? ORDER BY last", (jid, first)).fetchall()
    for (last,) in kept:
        (packed,) = conn.execute("SELECT body FROM coming WHERE jid = ? AND last = ?", (jid, last)).fetchone()
        yield wire.read_batch(wire.unpack(packed))


def _entries(conn: sqlite3.Connection, jid: str, first: int = 0) -> Iterator[journal.Stored]:
    """Yield what came of a journal from `first` on, entry by entry."""
    done = first - 1
    for batch in _batches(conn, jid, first):
        hashes = wire.fold(bytes.fromhex(batch.header.prev), batch.bodies)
        for seq, (body, digest) in enumerate(zip(batch.bodies, hashes, strict=True), batch.header.first):
            if seq > done:
                done = seq
                yield journal.Stored(seq, digest, body, None)


def _hash_at(conn: sqlite3.Connection, jid: str, seq: int) -> str:
    """Return the hash of an entry as it came; empty when it did not."""
    return next((one.hash.hex() for one in _entries(conn, jid, seq) if one.seq == seq), "")


def _heads(conn: sqlite3.Connection, jid: str) -> Iterator[tuple[int, bytes, bytes]]:
    for batch in _batches(conn, jid):
        yield batch.header.head.seq, batch.head_bytes, bytes.fromhex(batch.header.sig)


@dataclass(frozen=True, slots=True)
class _Part:
    """A journal the old box had: up to which entry, and the beginning of its hash there (empty: whatever came)."""

    former: Former
    upto: int
    hash: str = ""


def build(
    beside: Path, brought: Brought, told: Enrolled, path: Path, store: Store, *, copy: Path | None = None,
    progress: Progress = _silent,
) -> Store:  # fmt: skip
    """Make the café's file anew of what came, and open it; `store` is the new box's, whose settings it takes over.

    `copy`: the database of a stick's copy; what it has beyond HQ is added, and the names. Raises JournalDamaged.
    """
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    with closing(_open(beside)) as coming, closing(sqlite3.connect(path, isolation_level=None)) as conn:
        # A script commits what is under way: tables first, then all that is in them at once.
        conn.executescript(journal.SCHEMA)
        conn.executescript(private.SCHEMA)
        drafts.prepare(conn)
        conn.execute("BEGIN")
        done = 0
        parts = _whole(coming, _parts(coming, brought.journals))
        for jn, part in enumerate(parts, 1):
            done = _lay(coming, conn, jn, part, parts[jn:], told, lambda n: progress(CHECK, n, brought.entries), done)
        if copy is not None and parts:
            done += _add_copy(conn, copy, parts[-1].former.jid)
        _verify(conn)
        with store.reading() as own:
            kept = [tuple(row) for row in own.execute("SELECT name, value FROM draft_value")]
        conn.executemany(
            "INSERT OR REPLACE INTO draft_value (name, value) VALUES (?, ?)",
            [row for row in kept if row[0] not in _NOT_CARRIED],
        )
        conn.execute("COMMIT")
    progress(TELL, 0, done)
    made = Store(path, clock=store.clock, keyring=store.keyring, features=store.features)
    progress(TELL, done, done)
    return made


def _parts(coming: sqlite3.Connection, held: list[Former]) -> list[_Part]:
    """Return the journals that the last box had and told, oldest first: those named by the act it began with."""
    if not held:
        return []
    last = held[-1]
    continued = next(
        (found for e in _entries(coming, last.jid) if e.seq == 1 and (found := _event(e.body, JournalContinued))), None
    )
    known = {one.key.partition(".")[0]: one for one in continued.held} if continued else {}
    if set(known) - {former.jid for former in held}:
        # An HQ put back from a backup no longer knows the grant of one: it cannot be had again.
        return []
    before = [
        _Part(former, known[former.jid].amount, known[former.jid].key.partition(".")[2])
        for former in held[:-1] if former.jid in known
    ]  # fmt: skip
    return [*before, _Part(last, last.seq)]


def _add_copy(conn: sqlite3.Connection, copy: Path, jid: str) -> int:
    """Add what a stick's copy has after HQ's last entry of a journal, and every person it knows; return how many entries."""
    (here,) = [one for one in _journals(conn) if one.jid == jid]
    tip = journal.tip(conn, here)
    with closing(sqlite3.connect(f"{copy.resolve().as_uri()}?mode=ro", uri=True)) as other:
        there = next((one for one in _journals(other) if one.jid == jid), None)
        rows = []
        if there is not None:
            found = other.execute(
                "SELECT hash FROM journal_entry WHERE jn = ? AND seq = ?", (there.jn, tip.seq)
            ).fetchone()
            if found is not None and bytes(found[0]) == tip.hash:
                rows = [(here.jn, e.seq, e.hash, e.body, e.seal) for e in journal.entries(other, there, tip.seq + 1)]
        persons = other.execute("SELECT person_id, purpose, purge_after, body, search FROM private_person").fetchall()
    conn.executemany("INSERT INTO journal_entry (jn, seq, hash, body, seal) VALUES (?, ?, ?, ?, ?)", rows)
    conn.executemany("INSERT OR REPLACE INTO private_person VALUES (?, ?, ?, ?, ?)", persons)
    return len(rows)


def _journals(conn: sqlite3.Connection) -> list[Journal]:
    rows = conn.execute("SELECT jn, jid, cafe, genesis, box_key, hq_key FROM journal ORDER BY jn")
    return [Journal(*row) for row in rows]


def _verify(conn: sqlite3.Connection) -> None:
    """Check what was put together as every start checks it: grants, numbers, chain, seals and heads. Raises JournalDamaged."""
    for one in _journals(conn):
        _tip, fault = journal.verify(conn, one)
        if fault is not None:
            raise trouble.JournalDamaged(seq=fault.seq)


def _whole(coming: sqlite3.Connection, parts: list[_Part]) -> list[_Part]:
    """Return the journals, when each can be had as the last box had it; else none, and the new one goes on from sums.

    A box repaired twice between two calls, whose first repair already carried entries, cannot be: an import of an
    import keeps the first hash only. Wrong totals would be worse than a menu to type again.
    """
    for at, part in enumerate(parts):
        named = part.hash and part.upto >= 0 and not _own_end(coming, part, parts[at + 1 :])
        if named and not _hash_at(coming, part.former.jid, part.upto).startswith(part.hash):
            return []
    return parts


def _event(body: bytes, shape: type[Any]) -> Any:
    entry = journal.read_envelope(body)
    return msgspec.json.decode(entry.data, type=shape) if entry.kind == shape.kind else None


def _lay(
    coming: sqlite3.Connection, conn: sqlite3.Connection, jn: int, part: _Part, later: list[_Part], told: Enrolled,
    progress: Callable[[int], None], done: int,
) -> int:  # fmt: skip
    """Write one journal into the new file; return how many entries are there by now."""
    former = part.former
    genesis, grant = seal.ds(seal.GENESIS, former.grant.encode()), wire.parse(former.grant, Grant)
    conn.execute("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (
        jn, former.jid, grant.cafe, genesis, former.grant.encode(), bytes.fromhex(former.sig),
        _signer(told, grant), bytes.fromhex(grant.key),
    ))  # fmt: skip
    upto = part.upto
    own = _own_end(coming, part, later)
    if own:
        upto = own[0].seq - 1
    for stored in chain(takewhile(lambda one: one.seq <= upto, _entries(coming, former.jid)), own):
        conn.execute(
            "INSERT INTO journal_entry (jn, seq, hash, body, seal) VALUES (?, ?, ?, ?, NULL)",
            (jn, stored.seq, stored.hash, stored.body),
        )
        done += 1
        if done % TOLD_EVERY == 0:
            progress(done)
    conn.executemany(
        "INSERT INTO journal_head VALUES (?, ?, ?, ?)",
        [(jn, seq, head, sig) for seq, head, sig in _heads(coming, former.jid) if seq <= upto],
    )
    return done


def _own_end(coming: sqlite3.Connection, part: _Part, later: list[_Part]) -> list[journal.Stored]:
    """Return the old box's own end of a journal where HQ's goes another way: its entries came as imports later."""
    jid = part.former.jid
    if not part.hash or part.upto < 0 or _hash_at(coming, jid, part.upto).startswith(part.hash):
        return []
    carried = _imports(coming, jid, later)
    last = (h for h, (one, _before) in carried.items() if one.seq == part.upto and h.hex().startswith(part.hash))
    before, found = next(last, b""), []
    # From its end backwards: other histories of the same journal may have been carried too.
    while before in carried:
        one, before = carried[before]
        found.append(one)
    # What HQ has must go up to where they part: a hole would be no journal.
    first = found[-1].seq if found else part.upto
    genesis = seal.ds(seal.GENESIS, part.former.grant.encode())
    held = genesis.hex() if first == 0 else _hash_at(coming, jid, first - 1)
    return found[::-1] if held == before.hex() else []


def _imports(coming: sqlite3.Connection, jid: str, later: list[_Part]) -> dict[bytes, tuple[journal.Stored, bytes]]:
    """Return the entries of a journal that later ones carry, by their first hash, each with the one before it."""
    found: dict[bytes, tuple[journal.Stored, bytes]] = {}
    for part in later:
        for one in _entries(coming, part.former.jid):
            event = _event(one.body, JournalImport)
            if event is None:
                continue
            stored = orphans.carried_by(event)
            if stored is not None and journal.read_envelope(stored.body).j == jid:
                found[stored.hash] = (stored, bytes.fromhex(event.prev))
    return found
