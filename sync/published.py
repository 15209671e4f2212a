"""What HQ has published of this café's journal, checked at each call and kept (§2.17).

The box believes a checkpoint that HQ's pinned key signed, that continues the one it knew, and that holds the
box's own head. When one does not, both signed notes are kept, an entry says so, and the line goes on: nothing
here ever stops a sale or a call.
"""

from typing import Any

import msgspec

from pos import drafts, journal, zcj
from pos.journal import Journal
from pos.store import Store, Writing
from pos.system import TroubleNoted
from sync import ackfile, checkpoint, hqkeys, merkle, wire
from sync.checkpoint import Checkpoint, Published

BOX = "box"
DRAFT = "hq_log"
# More proofs of the same would prove nothing more.
DOUBTS_MOST = 20
# HQ publishes every night: a month without is worth a word.
LATE_MS = 30 * 24 * 3_600_000

UNSIGNED, RENAMED, SHRUNK, REWRITTEN, LEFT_OUT, FORGED = (
    "unsigned", "renamed", "shrunk", "rewritten", "left_out", "forged",
)  # fmt: skip


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """The last checkpoint believed, and how far it holds this café's journal."""

    hq_key: str
    note: str
    heard_at: int
    jid: str = ""
    # The box's last entry in HQ's log, and when it was made.
    seq: int = -1
    t: int = 0
    # What the next checkpoint must hold, and the one after it.
    due: int = -1
    then: int = -1


NOTHING_YET = Known(hq_key="", note="", heard_at=0)


class Doubt(msgspec.Struct, frozen=True, kw_only=True):
    """Two notes of HQ that do not fit, or one that does not hold what it must."""

    reason: str
    at: int
    known: str
    shown: str


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the box keeps about HQ's log."""

    known: Known | None = None
    doubts: list[Doubt] = []


def kept(store: Store) -> Kept:
    """Return what is kept."""
    with store.reading() as conn:
        told: Any = drafts.get(conn, DRAFT, {})
    return msgspec.convert(told, Kept)


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a person at the till is told."""

    # The box's last entry in HQ's log, and when it was made; −1 before the first.
    seq: int
    t: int
    heard_at: int
    # When HQ last showed something that did not fit, if ever.
    doubted_at: int | None
    # HQ was heard a month after it last published anything.
    late: bool


def told(store: Store) -> Told | None:
    """Return what to say of HQ's log, once HQ has shown it."""
    have = kept(store)
    known, doubted = have.known, have.doubts[-1].at if have.doubts else None
    if known is None:
        return Told(seq=-1, t=0, heard_at=0, doubted_at=doubted, late=False) if doubted else None
    ack = ackfile.last(store)
    late = ack is not None and ack.heard_at - known.heard_at > LATE_MS
    return Told(seq=known.seq, t=known.t, heard_at=known.heard_at, doubted_at=doubted, late=late)


def notes(store: Store) -> list[tuple[str, str]]:
    """Return the notes of HQ kept here, by the names of their files: the last one, and each pair that did not fit."""
    have = kept(store)
    named = [("siege.txt", have.known.note)] if have.known else []
    for n, doubt in enumerate(have.doubts, 1):
        named += [(f"siege-ecart-{n:02}-avant.txt", doubt.known), (f"siege-ecart-{n:02}-apres.txt", doubt.shown)]
    return [(name, note) for name, note in named if note]


def note_known(store: Store, opened: Journal) -> str:
    """Return the note HQ is shown at each call: the last one believed under its key."""
    known = kept(store).known
    return known.note if known and _signers(store, opened, known) else ""


def _signers(store: Store, opened: Journal, known: Known | None) -> list[bytes]:
    """Return the keys of HQ that may sign what follows a note: its own, and those it led to; none for a strange one."""
    keys = hqkeys.keys(store, opened)
    if known is None:
        return keys
    return next((keys[at:] for at, key in enumerate(keys) if key.hex() == known.hq_key), [])


def take(store: Store, opened: Journal, shown: Published, acked: int) -> str:
    """Check and keep what HQ shows of its log; return what is wrong with it, or ""."""
    before = kept(store)
    signers = _signers(store, opened, before.known)
    known = before.known if signers else None
    signed = _read(shown.note, signers or hqkeys.keys(store, opened))
    if signed is None:
        _doubt(store, before, UNSIGNED, known, shown.note)
        return UNSIGNED
    signer, new = signed
    old = checkpoint.read(known.note, bytes.fromhex(known.hq_key)) if known else None
    # Of another journal of this box nothing is owed.
    since = known if known and known.jid == opened.jid else NOTHING_YET
    held, unproven = _holds(store, opened, new, shown, since.due)
    fault = (_continues(old, new, shown) if old else "") or unproven
    seq, t = held or (since.seq, since.t)
    now = Known(
        hq_key=signer.hex(), note=shown.note, heard_at=store.clock.now_ms(), jid=opened.jid, seq=seq, t=t,
        due=-1 if fault else since.then, then=acked,
    )  # fmt: skip
    have = Kept(known=now, doubts=before.doubts)
    if fault:
        _doubt(store, have, fault, known, shown.note, f" {old.size if old else 0}>{new.size}")
    else:
        with store.writing(by=BOX) as tx:
            _keep(tx, have)
    return fault


def _read(note: str, keys: list[bytes]) -> tuple[bytes, Checkpoint] | None:
    """Return which of these keys signed a note, and what it says."""
    return next(((key, told) for key in keys if (told := checkpoint.read(note, key)) is not None), None)


def _continues(old: Checkpoint, new: Checkpoint, shown: Published) -> str:
    """Return why a checkpoint does not continue the one known, or ""."""
    if old.origin != new.origin:
        return RENAMED
    if new.size < old.size:
        return SHRUNK
    return "" if merkle.consistent(old.size, old.root, new.size, new.root, _steps(shown.consistency)) else REWRITTEN


def _steps(told: list[str]) -> list[bytes]:
    try:
        return [wire.unhex(step, merkle.SIZE) for step in told]
    except wire.Malformed:
        return []


def _holds(
    store: Store, opened: Journal, new: Checkpoint, shown: Published, due: int
) -> tuple[tuple[int, int] | None, str]:
    """Return up to which of our entries the checkpoint goes and when that was made, and what is wrong, or ""."""
    if shown.index < 0:
        return None, LEFT_OUT if due >= 0 else ""
    with store.reading() as conn:
        # No entry is beyond what the canonical form can number: SQLite would not take it.
        found = journal.entries(conn, opened, shown.seq, shown.seq) if abs(shown.seq) <= zcj.INTEGER_MAX else iter(())
        ours = next(found, None)
    if ours is None:
        return None, FORGED
    leaf = merkle.leaf_hash(checkpoint.leaf(opened.cafe, opened.jid, shown.seq, ours.hash.hex()))
    if not merkle.included(leaf, shown.index, new.size, _steps(shown.inclusion), new.root):
        return None, FORGED
    return (shown.seq, journal.read_envelope(ours.body).t), LEFT_OUT if shown.seq < due else ""


def _doubt(store: Store, have: Kept, reason: str, known: Known | None, shown: str, sizes: str = "") -> None:
    """Keep both notes as evidence, once, and say it in the journal."""
    shown = shown[: checkpoint.NOTE_MAX]
    again = any(d.reason == reason and d.shown == shown for d in have.doubts)
    with store.writing(by=BOX) as tx:
        if not again and len(have.doubts) < DOUBTS_MOST:
            doubt = Doubt(reason=reason, at=tx.now, known=known.note if known else "", shown=shown)
            have = msgspec.structs.replace(have, doubts=[*have.doubts, doubt])
            tx.trust_clock()
            tx.record(TroubleNoted(what="hq_log", detail=reason + sizes))
        _keep(tx, have)


def _keep(tx: Writing, told: Kept) -> None:
    drafts.put(tx.conn, DRAFT, msgspec.to_builtins(told))
