"""Bytes in order: entries numbered, chained over their stored bytes, sealed one by one (ZJP/1 §2.3).

The table is appended to and never changed; triggers refuse UPDATE and DELETE (R19).
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from pos import seal, zcj
from pos.errors import Refusal
from pos.i18n import N_

_IS_FINAL = """
CREATE TRIGGER IF NOT EXISTS journal_entry_is_final BEFORE UPDATE ON journal_entry
  BEGIN SELECT RAISE(ABORT, 'the journal is never changed'); END;
"""
SCHEMA = (
    """
CREATE TABLE IF NOT EXISTS journal (
  jn INTEGER PRIMARY KEY, jid TEXT NOT NULL UNIQUE, cafe INTEGER NOT NULL, genesis BLOB NOT NULL,
  grant_bytes BLOB NOT NULL, grant_sig BLOB NOT NULL, hq_key BLOB NOT NULL, box_key BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS journal_entry (
  jn INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL, body BLOB NOT NULL, seal BLOB,
  PRIMARY KEY (jn, seq)
) STRICT;
-- Entries that came back from HQ have no seal of their own: the heads their box signed answer for them.
CREATE TABLE IF NOT EXISTS journal_head (
  jn INTEGER NOT NULL, seq INTEGER NOT NULL, head BLOB NOT NULL, sig BLOB NOT NULL, PRIMARY KEY (jn, seq)
) STRICT;
CREATE TRIGGER IF NOT EXISTS journal_entry_is_kept BEFORE DELETE ON journal_entry
  BEGIN SELECT RAISE(ABORT, 'the journal is never cut'); END;
-- INSERT OR REPLACE would otherwise take a row away without asking the trigger above.
CREATE TRIGGER IF NOT EXISTS journal_entry_is_new BEFORE INSERT ON journal_entry
  WHEN EXISTS (SELECT 1 FROM journal_entry WHERE jn = NEW.jn AND seq = NEW.seq)
  BEGIN SELECT RAISE(ABORT, 'the journal is never changed'); END;
CREATE TRIGGER IF NOT EXISTS journal_is_new BEFORE INSERT ON journal
  WHEN EXISTS (SELECT 1 FROM journal WHERE jn = NEW.jn OR jid = NEW.jid)
  BEGIN SELECT RAISE(ABORT, 'a journal is never changed'); END;
CREATE TRIGGER IF NOT EXISTS journal_is_final BEFORE UPDATE ON journal
  BEGIN SELECT RAISE(ABORT, 'a journal is never changed'); END;
CREATE TRIGGER IF NOT EXISTS journal_is_kept BEFORE DELETE ON journal
  BEGIN SELECT RAISE(ABORT, 'a journal is never removed'); END;
"""
    + _IS_FINAL
)


class Envelope(msgspec.Struct, frozen=True):
    """An entry as written: the envelope fields of ZJP/1 and the event's data, still bytes."""

    boot: int
    cafe: int
    data: msgspec.Raw
    j: str
    kind: str
    kv: int
    mono: int
    op: str
    seq: int
    t: int
    tq: int
    v: int


@dataclass(frozen=True, slots=True)
class Journal:
    """One box incarnation: its number in the café, its name, its first hash, its keys."""

    jn: int
    jid: str
    cafe: int
    genesis: bytes
    box_key: bytes
    hq_key: bytes


@dataclass(frozen=True, slots=True)
class Tip:
    """Where a journal stands: last number, last hash, last time (seq −1 when empty)."""

    seq: int
    hash: bytes
    t: int


@dataclass(frozen=True, slots=True)
class Stored:
    """A row of the journal."""

    seq: int
    hash: bytes
    body: bytes
    seal: bytes | None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and at which entry."""

    seq: int
    code: str
    detail: str = ""


_IMPORT = b'"kind":"journal.import"'
_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(Envelope)


def read_envelope(body: bytes) -> Envelope:
    """Return the envelope of stored bytes. Raises msgspec.DecodeError, whatever is spoilt in them."""
    try:
        return _decoder.decode(body)
    except (UnicodeDecodeError, RecursionError) as problem:
        raise msgspec.DecodeError(str(problem)) from problem


def current(conn: sqlite3.Connection) -> Journal | None:
    """Return the open journal of this box, or None before it was enrolled."""
    row = conn.execute(
        "SELECT jn, jid, cafe, genesis, box_key, hq_key FROM journal ORDER BY jn DESC LIMIT 1"
    ).fetchone()
    return Journal(*row) if row else None


def open_journal(conn: sqlite3.Connection, *, grant: bytes, signature: bytes, hq_key: bytes, box_key: bytes) -> Journal:
    """Open the journal that HQ's `grant` names; its genesis is the hash of the grant (§2.3)."""
    told = zcj.decode(grant)
    genesis = seal.ds(seal.GENESIS, grant)
    last = conn.execute("SELECT coalesce(max(jn), 0) FROM journal").fetchone()[0]
    journal = Journal(last + 1, genesis[:8].hex(), told["cafe"], genesis, box_key, hq_key)
    conn.execute(
        "INSERT INTO journal (jn, jid, cafe, genesis, grant_bytes, grant_sig, hq_key, box_key)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (journal.jn, journal.jid, journal.cafe, genesis, grant, signature, hq_key, box_key),
    )
    return journal


def tip(conn: sqlite3.Connection, journal: Journal) -> Tip:
    """Return the last number, hash and time of a journal."""
    row = conn.execute(
        "SELECT seq, hash, body FROM journal_entry WHERE jn = ? ORDER BY seq DESC LIMIT 1", (journal.jn,)
    ).fetchone()
    if row is None:
        return Tip(-1, journal.genesis, 0)
    try:
        return Tip(row[0], row[1], read_envelope(row[2]).t)
    except msgspec.DecodeError:
        # It rotted on the card: the till sells on, and the next call says which entry it is.
        return Tip(row[0], row[1], last_time(conn, journal.jn))


def last_time(conn: sqlite3.Connection, jn: int) -> int:
    """Return the time of the last entry that can be read, in a journal or those before it; 0 when there is none."""
    for (body,) in conn.execute(
        "SELECT body FROM journal_entry WHERE jn <= ? ORDER BY jn DESC, seq DESC", (jn,)
    ):  # fmt: skip
        with suppress(msgspec.DecodeError):
            return read_envelope(body).t
    return 0


def append(conn: sqlite3.Connection, journal: Journal, before: Tip, keyring: seal.Keyring, envelope: Envelope) -> Tip:
    """Write one entry after `before`, chained and sealed; return the new tip."""
    body = _encoder.encode(envelope)
    if len(body) > zcj.ENTRY_MAX_BYTES:
        raise EntryTooLarge(kind=envelope.kind, size=len(body))
    digest = seal.chain(before.hash, body)
    conn.execute(
        "INSERT INTO journal_entry (jn, seq, hash, body, seal) VALUES (?, ?, ?, ?, ?)",
        (journal.jn, envelope.seq, digest, body, keyring.sign(seal.SEAL, digest)),
    )
    return Tip(envelope.seq, digest, envelope.t)


# Tables keep one number for an entry of any journal of the café: its number in its journal and, above
# these bits, how many journals came before. The first journal's places are its numbers.
_PLACE_BITS = 40


def place(jn: int, seq: int) -> int:
    """Return the place of an entry among all the journals of this box; places only grow."""
    return (max(jn, 1) - 1 << _PLACE_BITS) + seq


def at_place(place: int) -> tuple[int, int]:
    """Return the journal (`jn`) and the number in it of a place."""
    return (place >> _PLACE_BITS) + 1, place & (1 << _PLACE_BITS) - 1


class EntryTooLarge(Refusal):
    """An entry would pass 16 KiB (§2.2)."""

    sentence = N_("That is too much for one entry of the journal: nothing was recorded.")
    remedy = N_("Enter a half of it, then the other half.")


def entries(conn: sqlite3.Connection, journal: Journal, first: int = 0, last: int | None = None) -> Iterator[Stored]:
    """Yield stored entries from `first` to `last`, in order."""
    rows = conn.execute(
        "SELECT seq, hash, body, seal FROM journal_entry WHERE jn = ? AND seq >= ? AND seq <= ? ORDER BY seq",
        (journal.jn, first, 2**53 if last is None else last),
    )
    for row in rows:
        yield Stored(*row)


def put_back(conn: sqlite3.Connection, journal: Journal, stored: Stored) -> None:
    """Write an entry again as it was, where the card has spoilt it; the caller has the proof that it was so (§2.8)."""
    conn.execute("DROP TRIGGER IF EXISTS journal_entry_is_final")
    conn.execute(
        "UPDATE journal_entry SET hash = ?, body = ?, seal = ? WHERE jn = ? AND seq = ?",
        (stored.hash, stored.body, stored.seal, journal.jn, stored.seq),
    )
    conn.execute(_IS_FINAL)


def verify(
    conn: sqlite3.Connection,
    journal: Journal,
    *,
    first: int = 0,
    seals: bool = True,
    progress: Callable[[int], None] | None = None,
) -> tuple[Tip, Fault | None]:
    """Check numbers, chain, envelope and seals from `first` on; return the tip and the first fault.

    The bytes are hashed as stored; nothing is re-encoded (R12).
    """
    before, fault = _start(conn, journal, first)
    if fault:
        return before, fault
    heads, unsealed = _heads(conn, journal) if seals else {}, []
    for stored in entries(conn, journal, first):
        fault = _fault_of(stored, before, journal, seals)
        if fault:
            return before, fault
        before = Tip(stored.seq, stored.hash, 0)
        if seals and stored.seal is None:
            unsealed.append(before)
        if unsealed and _signed(heads.get(stored.seq), before, journal):
            unsealed = []
        if progress and stored.seq % 5000 == 0:
            progress(stored.seq)
    return before, _unsealed(conn, journal, unsealed)


def _heads(conn: sqlite3.Connection, journal: Journal) -> dict[int, tuple[bytes, bytes]]:
    """Return the heads kept of a journal, by entry; none in a file of an older release."""
    if not conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'journal_head'").fetchone():
        return {}
    rows = conn.execute("SELECT seq, head, sig FROM journal_head WHERE jn = ?", (journal.jn,))
    return {int(row[0]): (bytes(row[1]), bytes(row[2])) for row in rows}


def _signed(head: tuple[bytes, bytes] | None, tip: Tip, journal: Journal) -> bool:
    """Tell whether the box signed a head over this entry, and so over all before it."""
    if head is None or not seal.verify(journal.box_key, seal.HEAD, *head):
        return False
    told = zcj.decode(head[0])
    return (told["cafe"], told["j"], told["seq"], told["head"]) == (
        journal.cafe, journal.jid, tip.seq, tip.hash.hex()
    )  # fmt: skip


def _unsealed(conn: sqlite3.Connection, journal: Journal, tips: list[Tip]) -> Fault | None:
    """Return the first entry that neither a seal, nor a head, nor an import of a later journal answers for."""
    if not tips:
        return None
    later = conn.execute("SELECT body FROM journal_entry WHERE jn > ? AND instr(body, ?) > 0", (journal.jn, _IMPORT))
    named = {name for (body,) in later for name in _named(body)}
    # A hash that is named answers for every entry before it.
    sure = max((at for at, tip in enumerate(tips) if tip.hash.hex() in named), default=-1)
    return Fault(tips[sure + 1].seq, "seal", "it does not bear this box's seal") if sure + 1 < len(tips) else None


def _named(body: bytes) -> tuple[str, str]:
    """Return the hashes an import names; one that rotted is a fault of its own journal, and names none."""
    try:
        told = msgspec.json.decode(read_envelope(body).data)
    except msgspec.DecodeError:
        return "", ""
    return told.get("orig", ""), told.get("prev", "")


def _start(conn: sqlite3.Connection, journal: Journal, first: int) -> tuple[Tip, Fault | None]:
    if first == 0:
        grant = conn.execute("SELECT grant_bytes, grant_sig FROM journal WHERE jn = ?", (journal.jn,)).fetchone()
        start = Tip(-1, journal.genesis, 0)
        if seal.ds(seal.GENESIS, grant[0]) != journal.genesis or journal.genesis[:8].hex() != journal.jid:
            return start, Fault(0, "genesis", "the journal's first hash is not its grant's")
        if not seal.verify(journal.hq_key, seal.GRANT, grant[0], grant[1]):
            return start, Fault(0, "grant", "HQ did not sign this grant")
        return start, None
    row = conn.execute("SELECT hash FROM journal_entry WHERE jn = ? AND seq = ?", (journal.jn, first - 1)).fetchone()
    if row is None:
        return Tip(-1, b"", 0), Fault(first - 1, "missing")
    return Tip(first - 1, row[0], 0), None


def _fault_of(stored: Stored, before: Tip, journal: Journal, seals: bool) -> Fault | None:
    if stored.seq != before.seq + 1:
        return Fault(before.seq + 1, "missing", f"the next entry is {stored.seq}")
    if seal.chain(before.hash, stored.body) != stored.hash:
        return Fault(stored.seq, "chain", "its bytes are not those that were written")
    if not seals:
        return None
    if stored.seal is not None and not seal.verify(journal.box_key, seal.SEAL, stored.hash, stored.seal):
        return Fault(stored.seq, "seal", "it does not bear this box's seal")
    try:
        envelope = read_envelope(stored.body)
    except msgspec.DecodeError as problem:
        return Fault(stored.seq, "envelope", str(problem))
    if (envelope.seq, envelope.j, envelope.cafe) != (stored.seq, journal.jid, journal.cafe):
        return Fault(stored.seq, "envelope", "it belongs to another place")
    return None
