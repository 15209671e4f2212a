"""HQ's end of the line: a batch is checked, kept as it came, told, and only then acknowledged (§2.5).

`accept` runs in one transaction of the caller, with the café's cursor row locked. It is the only way
in: over HTTP, in process, for the demo. Sending again what is already there changes nothing.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, exists, func, insert, select, union, update
from sqlalchemy.dialects import postgresql, sqlite

from pos import journal, seal, zcj
from pos.events import Event, EventTypes
from pos.journal import Envelope
from sync import books, imports, reading, sending, wire
from sync.wire import Batch, Malformed

STATUS = {
    "ack": 200, "bad_signature": 401, "unknown_key": 401, "revoked": 403, "pending": 403, "not_a_replacement": 403, "unknown_journal": 404, "gap": 409,
    "behind": 409, "fork": 409, "superseded": 410, "too_large": 413, "chain_mismatch": 422, "not_canonical": 422,
    "bad_field": 422, "no_siret": 422, "no_publisher": 409,
}  # fmt: skip

OPEN, SUPERSEDED, REVOKED = "open", "superseded", "revoked"
CAFE_MAX = 2**31 - 1
# Of one journal: each is up to a batch long, and kept.
PROOFS_MOST = 20
_KIND = re.compile(r"[a-z0-9_.]{1,64}")

_j, _c, _s, _f = books.journal.c, books.cursor.c, books.segment.c, books.fork_proof.c
JOURNAL = select(books.journal).where(_j.cafe_id == bindparam("cafe"), _j.jid == bindparam("jid"))
_CURSOR = select(_c.seq, _c.head).where(_c.cafe_id == bindparam("cafe"), _c.jn == bindparam("jn"))
# All of a café are held, as what is told of it is read, changed and written again; `repaired`: entries came a second time.
# PostgreSQL answers `repaired` as of the statement's start, before it waited for the rows: two batches of one café must
# not wait for each other here. They do not: the row of its bucket is taken first, in the same transaction (`hq.shaping`).
_CURSORS = (
    select(_c.jn, _c.seq, _c.head, exists().where(books.imported.c.cafe_id == bindparam("cafe")).label("repaired"))
    .where(_c.cafe_id == bindparam("cafe"))
    .order_by(_c.jn)
    .with_for_update()
)
_KEEP = insert(books.segment)
_MOVE = (
    update(books.cursor)
    .where(_c.cafe_id == bindparam("cafe"), _c.jn == bindparam("at_jn"))
    .values(seq=bindparam("to"), head=bindparam("to_head"), updated_at=bindparam("at"))
)
_SEGMENT_OF = (
    select(books.segment)
    .where(_s.cafe_id == bindparam("cafe"), _s.jn == bindparam("jn"), _s.last >= bindparam("seq"))
    .order_by(_s.last)
    .limit(1)
)
_SEGMENTS = select(_s.cafe_id, _s.jn, _s.last).order_by(_s.cafe_id, _s.jn, _s.last)
_CAFES = union(select(_s.cafe_id), select(_j.cafe_id), select(_c.cafe_id)).order_by("cafe_id")
_SEGMENTS_OF = _SEGMENTS.where(
    _s.cafe_id == bindparam("cafe"), _s.jn == bindparam("jn"), _s.last > bindparam("after")
)  # fmt: skip
_SEGMENT = select(books.segment).where(
    _s.cafe_id == bindparam("cafe"), _s.jn == bindparam("jn"), _s.last == bindparam("last")
)
_PROOFS = select(func.count(_f.seq)).where(_f.cafe_id == bindparam("cafe"), _f.jn == bindparam("jn"))
_PROOF = {
    "sqlite": sqlite.insert(books.fork_proof).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(books.fork_proof).on_conflict_do_nothing(),
}


@dataclass(frozen=True, slots=True)
class Poison:
    """An entry that is kept but could not be told, and why."""

    seq: int
    kind: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Fresh:
    """Entries of one journal that HQ did not have, in order."""

    cafe: int
    jn: int
    received_at: int
    entries: list[Envelope]
    # What each entry says, where it was read while it was checked; empty: not read yet.
    events: list[Event | None] = field(default_factory=list)
    # A journal after this one was heard already.
    late: bool = False


@dataclass(frozen=True, slots=True)
class Received:
    """A batch as it came: taken apart, its bytes, how they were packed, and when."""

    batch: Batch
    packed: bytes
    enc: str
    at: int


@dataclass(frozen=True, slots=True)
class Proof:
    """The other history: a head the box signed, and the batch that came with it (empty for a hello)."""

    head: wire.Head
    signature: str
    body: bytes
    at: int


Teller = Callable[[Connection, Fresh], list[Poison]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a batch. `seq` and `head` are HQ's cursor, to be acknowledged after COMMIT."""

    code: str
    detail: str = ""
    cafe: int = 0
    jid: str = ""
    seq: int = -1
    head: bytes = b""
    stored: int = 0
    quarantined: list[int] = field(default_factory=list)

    @property
    def status(self) -> int:
        """The HTTP status of §2.5."""
        return 202 if self.code == "ack" and self.quarantined else STATUS[self.code]

    @property
    def acknowledges(self) -> bool:
        """Whether the sender may believe that its entries are safe."""
        return self.code in ("ack", "superseded")


class Refused(Exception):
    """A batch or a head is not taken; nothing of it is stored but a proof, where there is one."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


NO_TYPES = EventTypes(())


def accept(
    conn: Connection,
    tell: Teller,
    packed: bytes,
    *,
    at: int,
    enc: str = "gzip",
    caller: tuple[int, str] | None = None,
    types: EventTypes = NO_TYPES,
) -> Verdict:
    """Check a batch, keep it, move the cursor, tell the rollups. The caller commits, then signs the ack.

    Entries of the kinds in `types` are read once, for the check and for the teller.
    """
    if len(packed) > wire.PACKED_MAX:
        return Verdict("too_large")
    try:
        batch = wire.read_batch(wire.unpack(packed) if enc == "gzip" else packed)
        told = known_journal(conn, batch.header.head, bytes.fromhex(_hex(batch.header.sig)), caller)
        return _take(conn, tell, told, Received(batch, packed, enc, at), types)
    except (Malformed, Refused) as problem:
        return Verdict(problem.code, problem.detail)


def _hex(text: str) -> str:
    return wire.unhex(text, 64, "bad_signature").hex()


def known_journal(conn: Connection, head: wire.Head, signature: bytes, caller: tuple[int, str] | None = None) -> Any:
    """Return the row of the journal whose box signed `head`; raise Refused."""
    if not 0 <= head.cafe <= CAFE_MAX or caller not in (None, (head.cafe, head.j)):
        raise Refused("unknown_key", "another café's head")
    told = next(iter(sending.rows(conn, JOURNAL, {"cafe": head.cafe, "jid": head.j})), None)
    if told is None:
        raise Refused("unknown_journal")
    if told.kid != head.kid:
        raise Refused("unknown_key")
    if told.state == REVOKED:
        raise Refused("revoked")
    if not seal.verify(told.box_key, seal.HEAD, wire.dump(head), signature):
        raise Refused("bad_signature")
    return told


def _take(conn: Connection, tell: Teller, told: Any, got: Received, types: EventTypes) -> Verdict:
    batch, header, at = got.batch, got.batch.header, got.at
    last = header.first + header.count - 1
    if not 0 < header.count == len(batch.bodies) or header.first < 0 or header.head.seq != last:
        raise Refused("bad_field", "count, first and head do not agree")
    prev, end = wire.unhex(header.prev, 32), wire.unhex(header.head.head, 32)
    cursors = sending.rows(conn, _CURSORS, {"cafe": told.cafe_id})
    cursor = next(one for one in cursors if one.jn == told.jn)
    here = {"cafe": told.cafe_id, "jid": told.jid}
    if header.first > cursor.seq + 1:
        return Verdict("gap", seq=cursor.seq, head=cursor.head, **here)
    hashes, entries, events = check_chain(batch, told, types)
    common = min(last, cursor.seq)
    ours = hash_at(conn, told, common) if common < cursor.seq else cursor.head
    if ours != (hashes[common - header.first] if common >= header.first else prev):
        keep_proof(conn, told, common, Proof(header.head, header.sig, got.packed, at))
        return Verdict("fork", seq=cursor.seq, head=cursor.head, **here)
    code = "superseded" if told.state == SUPERSEDED else "ack"
    if last <= cursor.seq:
        return Verdict(code, seq=cursor.seq, head=cursor.head, **here)
    new = cursor.seq + 1 - header.first
    fresh_entries = entries[new:]
    twice = imports.note(conn, told, fresh_entries, at=at) or cursor.repaired
    counted = imports.once(
        imports.counted_of(conn, told.cafe_id) if twice else {}, told.jn, fresh_entries, hashes[new:]
    )
    late = any(one.jn > told.jn and one.seq >= 0 for one in cursors)
    fresh = Fresh(told.cafe_id, told.jn, at, counted, events[new:] if counted is fresh_entries else [], late)
    with sending.at_once(conn):
        sending.send(conn, _KEEP, {
            "cafe_id": told.cafe_id, "jn": told.jn, "last": last, "first": header.first, "fresh": cursor.seq + 1,
            "prev": prev, "head": end, "head_bytes": batch.head_bytes, "sig": bytes.fromhex(header.sig),
            "kid": header.head.kid, "enc": got.enc, "body": got.packed, "received_at": at,
        })  # fmt: skip
        sending.send(conn, _MOVE, {"cafe": told.cafe_id, "at_jn": told.jn, "to": last, "to_head": end, "at": at})
    poison = tell(conn, fresh)
    return Verdict(code, seq=last, head=end, stored=last - cursor.seq, quarantined=[bad.seq for bad in poison], **here)


def check_chain(
    batch: Batch, told: Any, types: EventTypes = NO_TYPES
) -> tuple[list[bytes], list[Envelope], list[Event | None]]:
    """Return the hash and the envelope of each body of a batch that holds together, and what they say where it was read.

    Raise Refused, Malformed.
    """
    header = batch.header
    prev, end = wire.unhex(header.prev, 32), wire.unhex(header.head.head, 32)
    hashes = wire.fold(prev, batch.bodies)
    if hashes[-1] != end or (header.first == 0 and prev != told.genesis):
        raise Refused("chain_mismatch")
    cafe, jid, first = told.cafe_id, told.jid, header.first
    found = reading.at_once(batch.bodies, types)
    if found and _all_in_place(found[0], cafe, jid, first):
        return hashes, *found
    return hashes, [_read(body, cafe, jid, first + i) for i, body in enumerate(batch.bodies)], []


def _all_in_place(entries: list[Envelope], cafe: int, jid: str, first: int) -> bool:
    places = [(entry.seq, entry.j, entry.cafe, entry.v) for entry in entries]
    expected = [(seq, jid, cafe, 1) for seq in range(first, first + len(entries))]
    return places == expected and all(map(_KIND.fullmatch, {entry.kind for entry in entries}))


def _in_place(entry: Envelope, cafe: int, jid: str, seq: int) -> bool:
    return (entry.seq, entry.j, entry.cafe, entry.v) == (seq, jid, cafe, 1) and bool(_KIND.fullmatch(entry.kind))


def _read(body: bytes, cafe: int, jid: str, seq: int) -> Envelope:
    """Return the envelope of a body that is canonical and in its place; raise Refused."""
    if len(body) > zcj.ENTRY_MAX_BYTES:
        raise Refused("too_large", f"entry {seq}")
    try:
        zcj.decode(body)
        entry = journal.read_envelope(body)
    except zcj.NotCanonical as problem:
        raise Refused("not_canonical", f"entry {seq}: {problem}"[:200]) from problem
    except msgspec.DecodeError as problem:
        raise Refused("bad_field", f"entry {seq}: {problem}"[:200]) from problem
    if not _in_place(entry, cafe, jid, seq):
        raise Refused("bad_field", f"entry {seq} belongs elsewhere, or its kind is none")
    return entry


def keep_proof(conn: Connection, told: Any, seq: int, other: Proof) -> None:
    """Keep both signed heads of two histories of one box, which part at or before `seq`; of many proofs the first."""
    if conn.execute(_PROOFS, {"cafe": told.cafe_id, "jn": told.jn}).scalar_one() >= PROOFS_MOST:
        return
    ours = conn.execute(_SEGMENT_OF, {"cafe": told.cafe_id, "jn": told.jn, "seq": max(seq, 0)}).one_or_none()
    conn.execute(_PROOF[conn.dialect.name], {
        "cafe_id": told.cafe_id, "jn": told.jn, "seq": seq, "head_b": bytes.fromhex(other.head.head),
        "head_a_bytes": ours.head_bytes if ours else b"", "sig_a": ours.sig if ours else b"",
        "head_b_bytes": wire.dump(other.head), "sig_b": bytes.fromhex(other.signature), "body": other.body,
        "at": other.at,
    })  # fmt: skip


# Reading what is kept


def cursor_of(conn: Connection, told: Any) -> tuple[int, bytes]:
    """Return the last entry HQ holds of a journal, and its hash."""
    row = conn.execute(_CURSOR, {"cafe": told.cafe_id, "jn": told.jn}).one()
    return row.seq, row.head


def hash_at(conn: Connection, told: Any, seq: int) -> bytes:
    """Return HQ's chain hash at entry `seq`; empty when HQ has it not."""
    return hashes_at(conn, told, [seq])[seq]


def hashes_at(conn: Connection, told: Any, places: Iterable[int]) -> dict[int, bytes]:
    """Return HQ's chain hash at each place, empty where it has none; every segment is opened and folded once."""
    row, folded, found = None, [b""], {}
    for seq in sorted(places):
        if seq >= 0 and (row is None or seq > row.last):
            row = conn.execute(_SEGMENT_OF, {"cafe": told.cafe_id, "jn": told.jn, "seq": seq}).one_or_none()
            folded = hashes_of(row, bodies_of(row)) if row else []
        found[seq] = bytes(told.genesis) if seq < 0 else folded[seq - row.first] if row else b""
    return found


def entry_body(conn: Connection, cafe: int, jn: int, seq: int) -> bytes | None:
    """Return the bytes of one entry as the box wrote them, or None."""
    row = conn.execute(_SEGMENT_OF, {"cafe": cafe, "jn": jn, "seq": seq}).one_or_none()
    return bodies_of(row)[seq - row.first] if row is not None and seq >= row.first else None


def hashes_of(row: Any, bodies: tuple[bytes, ...]) -> list[bytes]:
    """Return the chain hash after each body of a segment."""
    return wire.fold(bytes(row.prev), bodies)


def bodies_of(row: Any) -> tuple[bytes, ...]:
    """Return every body of a kept segment, as the box wrote them."""
    return wire.read_batch(wire.unpack(row.body) if row.enc == "gzip" else row.body).bodies


def _cafes(conn: Connection) -> Sequence[int]:
    # One after the other: the keys of all segments there ever were are no list to hold.
    return conn.execute(_CAFES).scalars().all()


def stored(conn: Connection, of: int | None = None) -> Iterator[Fresh]:
    """Yield every segment's new entries, of one café or all: by café, by journal, in order."""
    for cafe in _cafes(conn) if of is None else (of,):
        counted = imports.counted_of(conn, cafe)
        for _cafe, jn, last in conn.execute(_SEGMENTS.where(_s.cafe_id == cafe)).all():
            row = sending.rows(conn, _SEGMENT, {"cafe": cafe, "jn": jn, "last": last})[0]
            new, bodies = row.fresh - row.first, bodies_of(row)
            hashes = wire.fold(row.prev, bodies)[new:] if counted else []
            yield Fresh(cafe, jn, row.received_at, imports.once(counted, jn, reading.envelopes(bodies[new:]), hashes))


def entries_after(conn: Connection, told: Any, seq: int) -> Iterator[imports.Told]:
    """Yield what HQ tells of a journal after entry `seq`, each entry with its origin."""
    for cafe, jn, last in conn.execute(_SEGMENTS_OF, {"cafe": told.cafe_id, "jn": told.jn, "after": seq}).all():
        row = conn.execute(_SEGMENT, {"cafe": cafe, "jn": jn, "last": last}).one()
        start, bodies = max(row.fresh, seq + 1) - row.first, bodies_of(row)
        entries = reading.envelopes(bodies[start:])
        yield from imports.with_origin(conn, cafe, jn, entries, wire.fold(row.prev, bodies)[start:])


def verify(conn: Connection, of: int | None = None) -> list[str]:
    """Check every kept segment, of one café or of all, against chain, signed head and cursor; return what is wrong."""
    if of is None:
        return [fault for cafe in _cafes(conn) for fault in verify(conn, cafe)]
    wrong = []
    journals = {row.jn: row for row in conn.execute(select(books.journal).where(_j.cafe_id == of))}
    tips = {jn: (-1, bytes(told.genesis)) for jn, told in journals.items()}
    for cafe, jn, last in conn.execute(_SEGMENTS.where(_s.cafe_id == of)).all():
        row = conn.execute(_SEGMENT, {"cafe": cafe, "jn": jn, "last": last}).one()
        fault = _fault(row, journals.get(jn), *tips.get(jn, (-1, b"")))
        tips[jn] = (last, bytes(row.head))
        if fault:
            wrong.append(f"café {of}, journal {jn}, segment {row.first}..{last}: {fault}")
    for row in conn.execute(select(books.cursor).where(_c.cafe_id == of)):
        tip = tips.get(row.jn, (-1, b""))
        if (row.seq, bytes(row.head)) != tip:
            wrong.append(f"café {of}, journal {row.jn}: the cursor is at {row.seq}, the segments end at {tip[0]}")
    return wrong


def _fault(row: Any, told: Any, seq: int, head: bytes) -> str:
    if told is None:
        return "no such journal"
    try:
        bodies = bodies_of(row)
    except Malformed as problem:
        return f"unreadable ({problem})"
    hashes = [bytes(row.prev), *wire.fold(row.prev, bodies)]
    if row.first + len(bodies) - 1 != row.last or not row.first <= row.fresh <= row.last:
        return "its entries are not those it says"
    if row.fresh != seq + 1 or hashes[row.fresh - row.first] != head:
        return f"does not continue entry {seq}"
    if hashes[-1] != row.head or not seal.verify(told.box_key, seal.HEAD, row.head_bytes, row.sig):
        return "its head is not the one the box signed"
    return ""
