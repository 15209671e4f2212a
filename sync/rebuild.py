"""A café's file made anew of what came back: the journals its last box had and told, byte for byte (§2.10).

What that box had taken up as sums stays sums; entries of its own that HQ got as imports stand in their first place
again, where their hashes say they were. So every table is what it was, and nothing counts twice.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, takewhile
from pathlib import Path
from typing import Any

import msgspec

from pos import drafts, journal, private, seal
from pos.journal import Journal
from pos.store import Store
from pos.system import JournalContinued, JournalImport
from sync import brought, orphans, trouble, wire
from sync.brought import CHECK, TELL, Brought, Progress
from sync.line import Enrolled, Former
from sync.restore import STATE
from sync.wire import Grant

# What a new box knew before, and its café does not: the rest of its drafts goes on with it.
_NOT_CARRIED = ("told_by", "first_run", STATE)

# How often whoever waits is told how far the checking is.
TOLD_EVERY = 2000


@dataclass(frozen=True, slots=True)
class _Part:
    """A journal the old box had: up to which entry, and the beginning of its hash there (empty: whatever came)."""

    former: Former
    upto: int
    hash: str = ""


def build(
    beside: Path, came: Brought, told: Enrolled, path: Path, store: Store, *, copy: Path | None = None,
    progress: Progress = brought.silent,
) -> Store:  # fmt: skip
    """Make the café's file anew of what came, and open it; `store` is the new box's, whose settings it takes over.

    `copy`: the database of a stick's copy; what it has beyond HQ is added, and the names. Raises JournalDamaged.
    """
    # What SQLite kept beside it goes with it: a journal of a file that is empty is thrown away when that is opened.
    path.unlink(missing_ok=True)
    with closing(brought.open_beside(beside)) as coming, closing(sqlite3.connect(path, isolation_level=None)) as conn:
        # A script commits what is under way: tables first, then all that is in them at once.
        conn.executescript(journal.SCHEMA)
        conn.executescript(private.SCHEMA)
        drafts.prepare(conn)
        conn.execute("BEGIN")
        done = 0
        parts = _whole(coming, _parts(coming, came.journals))
        for jn, part in enumerate(parts, 1):
            done = _lay(coming, conn, jn, part, parts[jn:], told, lambda n: progress(CHECK, n, came.entries), done)
        if not all(_answered_for(conn, one) for one in _journals(conn)[:-1]):
            # Another box went on with it, and HQ's signed head is over both: the new journal goes on from sums.
            conn.execute("ROLLBACK")
            conn.execute("BEGIN")
            parts, done = [], 0
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
        (
            found
            for e in brought.entries(coming, last.jid)
            if e.seq == 1 and (found := _event(e.body, JournalContinued))
        ),
        None,
    )
    if continued is None and len(held) > 1:
        # An HQ put back to before it knew the café gave a first journal to a box that had one: it names none it had.
        return []
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


def _answered_for(conn: sqlite3.Connection, former: Journal) -> bool:
    """Tell whether a head, or an import of a later journal, answers for all that was laid of a former one."""
    _tip, fault = journal.verify(conn, former)
    return fault is None or fault.code != "seal"


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
        if named and not brought.hash_at(coming, part.former.jid, part.upto).startswith(part.hash):
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
        brought.signer(told, grant), bytes.fromhex(grant.key),
    ))  # fmt: skip
    upto = part.upto
    own = _own_end(coming, part, later)
    if own:
        upto = own[0].seq - 1
    for stored in chain(takewhile(lambda one: one.seq <= upto, brought.entries(coming, former.jid)), own):
        conn.execute(
            "INSERT INTO journal_entry (jn, seq, hash, body, seal) VALUES (?, ?, ?, ?, NULL)",
            (jn, stored.seq, stored.hash, stored.body),
        )
        done += 1
        if done % TOLD_EVERY == 0:
            progress(done)
    conn.executemany(
        "INSERT INTO journal_head VALUES (?, ?, ?, ?)",
        [(jn, seq, head, sig) for seq, head, sig in brought.heads(coming, former.jid) if seq <= upto],
    )
    return done


def _own_end(coming: sqlite3.Connection, part: _Part, later: list[_Part]) -> list[journal.Stored]:
    """Return the old box's own end of a journal where HQ's goes another way: its entries came as imports later."""
    jid = part.former.jid
    if brought.hash_at(coming, jid, part.upto).startswith(part.hash):
        return []
    carried = _imports(coming, jid, later)
    before, found = next((h for h in carried if h.hex().startswith(part.hash)), b""), []
    # From its end backwards: other histories of the same journal may have been carried too.
    while before in carried:
        one, before = carried[before]
        found.append(one)
    if not found:
        return []
    # What HQ has must go up to where they part: a hole would be no journal.
    first = found[-1].seq
    return found[::-1] if first == 0 or brought.hash_at(coming, jid, first - 1) == before.hex() else []


def _imports(coming: sqlite3.Connection, jid: str, later: list[_Part]) -> dict[bytes, tuple[journal.Stored, bytes]]:
    """Return the entries of a journal that later ones carry, by their first hash, each with the one before it."""
    found: dict[bytes, tuple[journal.Stored, bytes]] = {}
    for part in later:
        for one in brought.entries(coming, part.former.jid):
            event = _event(one.body, JournalImport)
            if event is None:
                continue
            stored = orphans.carried_by(event)
            if stored is not None and journal.read_envelope(stored.body).j == jid:
                found[stored.hash] = (stored, bytes.fromhex(event.prev))
    return found
