"""Entries that come a second time, after a repair: each first hash is counted once per café (§2.9).

`note` decides as a batch arrives and writes down which import counts; `once` only reads that, so that
telling everything again gives the same figures.
"""

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, insert, select

from pos import journal, seal, zcj
from pos.journal import Envelope
from pos.system import JournalImport
from sync import books, wire

_i = books.imported.c
_OF_CAFE = select(_i.orig, _i.jn, _i.seq).where(_i.cafe_id == bindparam("cafe"))
_NOTE = insert(books.imported)
_JOURNAL = select(books.journal).where(
    books.journal.c.cafe_id == bindparam("cafe"), books.journal.c.jid == bindparam("jid")
)


def note(conn: Connection, told: Any, entries: list[Envelope], *, at: int) -> bool:
    """Write down which of the imports in new entries count: those HQ neither holds nor has counted; tell whether any do."""
    from sync import ingest

    known: set[bytes] | None = None
    noted = False
    for entry in entries:
        found = carried(entry) if entry.kind == JournalImport.kind else None
        if found is None or found[1].cafe != told.cafe_id:
            continue
        orig, inner = found
        if known is None:
            known = {bytes(row.orig) for row in conn.execute(_OF_CAFE, {"cafe": told.cafe_id})}
        before = conn.execute(_JOURNAL, {"cafe": told.cafe_id, "jid": inner.j}).one_or_none()
        # A journal that an HQ put back has forgotten may come later, or never again: its entry counts here.
        if orig in known or (before is not None and ingest.hash_at(conn, before, inner.seq) == orig):
            continue
        known.add(orig)
        conn.execute(_NOTE, {"cafe_id": told.cafe_id, "orig": orig, "jn": told.jn, "seq": entry.seq, "at": at})
        noted = True
    return noted


def once(
    counted: dict[bytes, tuple[int, int]], jn: int, entries: list[Envelope], hashes: list[bytes]
) -> list[Envelope]:
    """Return what is told of new entries: an import that counts is told as the entry it carries, in its place.

    A late tail that was imported meanwhile, and an import of what HQ already held, are not told.
    """
    return [one.entry for one in _told(counted, jn, entries, hashes)] if counted else entries


@dataclass(frozen=True, slots=True)
class Told:
    """An entry as it is told, and where it was first written: journal, number, hash."""

    entry: Envelope
    jid: str
    seq: int
    first: bytes


def with_origin(conn: Connection, cafe: int, jn: int, entries: list[Envelope], hashes: list[bytes]) -> list[Told]:
    """Return what is told of new entries (see `once`), each with its origin."""
    return _told(counted_of(conn, cafe), jn, entries, hashes)


def counted_of(conn: Connection, cafe: int) -> dict[bytes, tuple[int, int]]:
    """Return the entries of a café that came a second time: by their first hash, where they count."""
    return {bytes(row.orig): (row.jn, row.seq) for row in conn.execute(_OF_CAFE, {"cafe": cafe})}


def _told(counted: dict[bytes, tuple[int, int]], jn: int, entries: list[Envelope], hashes: list[bytes]) -> list[Told]:
    if not counted:
        return [Told(entry, entry.j, entry.seq, digest) for entry, digest in zip(entries, hashes, strict=True)]
    told = []
    for entry, digest in zip(entries, hashes, strict=True):
        if digest in counted:
            continue
        found = carried(entry)
        if found is not None and counted.get(found[0]) == (jn, entry.seq):
            orig, inner = found
            told.append(Told(msgspec.structs.replace(inner, j=entry.j, seq=entry.seq), inner.j, inner.seq, orig))
        else:
            told.append(Told(entry, entry.j, entry.seq, digest))
    return told


def said(body: bytes) -> Envelope:
    """Return the entry a kept body says: of an import, the one it carries."""
    entry = journal.read_envelope(body)
    found = carried(entry)
    return found[1] if found else entry


def carried(entry: Envelope) -> tuple[bytes, Envelope] | None:
    """Return the first hash and the entry an import carries, when they belong together."""
    if entry.kind != JournalImport.kind:
        return None
    try:
        event = msgspec.json.decode(entry.data, type=JournalImport)
        body = wire.unpack_entry(event.packed) if event.packed else event.entry.encode()
        orig, prev = bytes.fromhex(event.orig), bytes.fromhex(event.prev)
        zcj.decode(body)
        inner = journal.read_envelope(body)
    except (msgspec.DecodeError, ValueError):
        return None
    # An import inside an import keeps the first triple: there is never one to unwrap twice.
    whole = seal.chain(prev, body) == orig and inner.kind != JournalImport.kind
    return (orig, inner) if whole else None
