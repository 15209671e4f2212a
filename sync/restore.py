"""A dead box's café comes back from HQ onto a new one: the journals as they came, each batch checked (§2.10).

What arrives is kept beside the café's file, batch by batch, so that a cut line or a power cut costs one piece at
most. Then the file is made anew (`sync/rebuild.py`).
"""

import sqlite3
import time
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from pos import seal
from pos.journal import Journal, Tip
from pos.release import VERSION
from pos.store import Store
from sync import agent, brought, repair, trouble, wire
from sync.brought import Brought, Progress
from sync.line import Enrolled, Former, Hq, Told
from sync.wire import Grant, Malformed

# How much is asked for at once: more while the line is quick, less when it is cut.
FIRST_MOST, LEAST, MOST = 128 * 1024, 16 * 1024, 1024 * 1024
QUICK_S = 5.0
# In the new box's drafts while it waits for its café.
STATE = "coming"


def fetch(
    store: Store, line: Hq, told: Enrolled, beside: Path, *, progress: Progress = brought.silent, sw: str = VERSION
) -> Brought:
    """Bring what HQ holds of the café beside its file; go on where it stopped. Raises SyncTrouble.

    Raises NotConfirmed while the check number is not confirmed.
    """
    grant = wire.parse(told.grant, Grant)
    with closing(brought.open_beside(beside)) as conn:
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
                progress(brought.FETCH, before + tip.seq + 1, total)
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
        progress(brought.FETCH, total, total)
        _check_base(conn, grant, held)
    return Brought(held, total, max((one.heard_at for one in held), default=0))


def _believed(told: Enrolled, grant: Grant, one: Former) -> Journal:
    """Return the journal of a grant that the same HQ signed for the same café; raise HqTalksRubbish."""
    raw = one.grant.encode()
    genesis = seal.ds(seal.GENESIS, raw)
    try:
        former = wire.parse(raw, Grant)
        key = brought.signer(told, former)
        good = seal.verify(key, seal.GRANT, raw, wire.unhex(one.sig, 64)) and former.cafe == grant.cafe
    except Malformed as problem:
        raise trouble.HqTalksRubbish from problem
    if not good or genesis[:8].hex() != one.jid:
        raise trouble.HqTalksRubbish
    return Journal(0, one.jid, former.cafe, genesis, bytes.fromhex(former.key), key)


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
    fits = header.count == len(batch.bodies) and header.first <= tip.seq + 1 <= last == head.seq
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
    if not any(one.jid == base.j for one in held) or brought.hash_at(conn, base.j, base.seq) != base.head:
        raise trouble.HqTalksRubbish
