"""A stick found after a café came back on another box: what the dead box wrote beyond HQ comes in once (§2.10).

Nothing is told in the past: numbers given since would be given twice. Each entry of the tail is appended as an
import with its first hash, for HQ to count once; the box takes up its numbers and totals in one entry.
"""

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from pos import journal
from pos.errors import Refusal
from pos.i18n import N_
from pos.journal import Journal, Stored
from pos.store import Store, Writing
from pos.system import JournalImport, JournalTailFound
from sync import former, orphans, repair
from sync.sums import Sums


class AnotherCafesCopy(Refusal):
    """The copy is of a café that is not this one."""

    sentence = N_("This copy is of café %(cafe)s; this till belongs to café %(own)s.")
    remedy = N_("Give the stick back to the café it belongs to.")


class NotTheBoxBefore(Refusal):
    """The copy's journal is not one that a box of this café took over from."""

    sentence = N_("This copy is not of the box this till took over from.")
    remedy = N_("Look for its other sticks. If it is the only one, give it to your coordinator: nothing on it is lost.")


class AnotherHistory(Refusal):
    """HQ's last entry is not in the copy's chain."""

    sentence = N_("This copy tells another history than the one HQ holds.")
    remedy = N_("Nothing was taken. Keep the stick, and telephone your coordinator.")


class CopySpoilt(Refusal):
    """The journal in the copy does not hold."""

    sentence = N_("The journal in this copy is damaged at entry %(seq)s.")
    remedy = N_("Try an older copy of the same stick, or another stick.")


class NothingMore(Refusal):
    """All of the copy is known."""

    sentence = N_("This copy holds nothing that HQ or this till has not.")
    remedy = N_("There is nothing to do: everything is there already.")


@dataclass(slots=True)
class Tail:
    """What a copy holds beyond HQ: the journal, its last known entry, what follows, and what that comes to."""

    jid: str
    after: int
    last: int
    imports: list[JournalImport]
    sums: Sums
    # How many entries of each kind, the sales among them, and from when to when.
    kinds: Counter[str] = field(default_factory=Counter)
    first_t: int = 0
    last_t: int = 0


def look(store: Store, copy: Path) -> Tail:
    """Return what a copy's database holds that this café lacks; nothing is changed. Raises Refusal."""
    try:
        return _look(store, copy)
    except sqlite3.DatabaseError as problem:
        raise CopySpoilt(seq=0) from problem


def _look(store: Store, copy: Path) -> Tail:
    with closing(sqlite3.connect(f"{copy.resolve().as_uri()}?mode=ro", uri=True)) as other:
        there = journal.current(other)
        if there is None or store.journal is None:
            raise NotTheBoxBefore
        if there.cafe != store.journal.cafe:
            raise AnotherCafesCopy(cafe=there.cafe, own=store.journal.cafe)
        after = _known_up_to(store, other, there)
        _check(other, there, after)
        before, rows = bytes.fromhex(_hash(other, there, after)), list(journal.entries(other, there, after + 1))
    return _tail(store, there, after, before, rows)


def _known_up_to(store: Store, other: sqlite3.Connection, there: Journal) -> int:
    """Return the last entry of the copy's journal that HQ and this café have too. Raises Refusal."""
    ours = next((one for one in store.journals() if one.jid == there.jid), None)
    base = next((one for one in repair.continuations(store) if one.base == there.jid), None)
    if base is None or there.hq_key not in {one.hq_key for one in store.journals()}:
        raise NotTheBoxBefore
    if _hash(other, there, base.base_seq) == base.base_head:
        return base.base_seq
    tip = journal.tip(other, there)
    if ours is None:
        raise NothingMore if base.base_seq > tip.seq else AnotherHistory
    with store.reading() as conn:
        # HQ's history is another, or a longer one: what this café has of its own former journal tells where they part.
        low, high = -1, min(tip.seq, journal.tip(conn, ours).seq) + 1
        while high - low > 1:
            middle = (low + high) // 2
            same = _hash(other, there, middle) == _hash(conn, ours, middle)
            low, high = (middle, high) if same else (low, middle)
    return low


def _hash(conn: sqlite3.Connection, told: Journal, seq: int) -> str:
    if seq < 0:
        return told.genesis.hex()
    row = conn.execute("SELECT hash FROM journal_entry WHERE jn = ? AND seq = ?", (told.jn, seq)).fetchone()
    return bytes(row[0]).hex() if row else ""


def _check(other: sqlite3.Connection, there: Journal, after: int) -> None:
    """The chain from its beginning, and the seal of each entry that is to come in. Raises CopySpoilt."""
    for first, seals in ((0, False), (after + 1, True)):
        _tip, fault = journal.verify(other, there, first=first, seals=seals)
        if fault is not None:
            raise CopySpoilt(seq=fault.seq)


def _tail(store: Store, there: Journal, after: int, before: bytes, rows: list[Stored]) -> Tail:
    held = set(former.carried(store, 0)) | _hashes(store)
    found = Tail(there.jid, after, after + len(rows), [], Sums(store.types))
    for stored in rows:
        event = orphans.as_import(store, before, stored)
        before = stored.hash
        if event is None or event.orig in held:
            continue
        held.add(event.orig)
        found.imports.append(event)
        carried = orphans.carried_by(event)
        if carried is None:
            # It had rotted on the box's card already: kept as it is, and nothing counted of it.
            continue
        inner = journal.read_envelope(carried.body)
        found.sums.add(inner)
        found.kinds[inner.kind] += 1
        found.first_t, found.last_t = found.first_t or inner.t, inner.t
    if not found.imports:
        raise NothingMore
    return found


def _hashes(store: Store) -> set[str]:
    with store.reading() as conn:
        return {bytes(row[0]).hex() for row in conn.execute("SELECT hash FROM journal_entry")}


def take(store: Store, copy: Path, *, by: str, attempt: str = "") -> Tail:
    """Take in what a copy holds beyond HQ, and the names this box lacks; all or nothing. Raises Refusal, AlreadyDone."""
    with store.writing(by=by, attempt=attempt) as tx:
        found = look(store, copy)
        tx.trust_clock()
        for event in found.imports:
            tx.record(event)
        tx.record(JournalTailFound(
            jid=found.jid, after=found.after, last=found.last, kept=len(found.imports), **found.sums.told()
        ))  # fmt: skip
        _add_people(tx, copy)
    return found


def _add_people(tx: Writing, copy: Path) -> None:
    """Add the people of the copy that this box has forgotten; those it knows stay as they are here."""
    with closing(sqlite3.connect(f"{copy.resolve().as_uri()}?mode=ro", uri=True)) as other:
        people = other.execute("SELECT person_id, purpose, purge_after, body, search FROM private_person").fetchall()
    tx.conn.executemany("INSERT OR IGNORE INTO private_person VALUES (?, ?, ?, ?, ?)", people)
