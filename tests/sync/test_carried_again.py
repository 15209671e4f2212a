"""Entries that come a second time, in the small: what a box carries again, what HQ counts of it, what is kept of an ack."""

import random
from dataclasses import dataclass

import msgspec
import pytest
from sqlalchemy import select

from hq.db import Database
from hq.local import LocalHq, LocalTransport
from hq.wiring import Office
from pos import seal, zcj
from pos.journal import Envelope, Stored, read_envelope
from pos.store import Store
from pos.system import JournalImport
from sync import ackfile, agent, books, imports, orphans, wire
from sync.imports import Told
from sync.line import Line
from sync.orphans import CARRIED_MAX
from tests.conftest import key_of
from tests.hq.conftest import JoinCafe
from tests.sync.test_agent import work

PREV = b"\1" * 32


def body(
    text: str = "", *, seq: int = 4, kind: str = "note.left", kv: int = 1, cafe: int = 17, data: bytes = b""
) -> bytes:
    """An entry of the journal before."""
    said = data or zcj.encode({"text": text})
    return b'{"boot":1,"cafe":%d,"data":%b,"j":"before","kind":"%b","kv":%d,"mono":1,"op":"","seq":%d,"t":1,"tq":2,"v":1}' % (
        cafe, said, kind.encode(), kv, seq,
    )  # fmt: skip


def stored(raw: bytes, seq: int = 4) -> Stored:
    """The same, whole, as it stands on a card."""
    return Stored(seq, seal.chain(PREV, raw), raw, None)


def carrying(raw: bytes, seq: int) -> Envelope:
    """An entry of the journal after that carries it."""
    event = JournalImport(orig=stored(raw).hash.hex(), prev=PREV.hex(), entry=raw.decode())
    told = read_envelope(body(seq=seq, kind=JournalImport.kind, data=zcj.encode(event)))
    return msgspec.structs.replace(told, j="after")


# The box


def length(event: JournalImport | None) -> int:
    """How long its data is."""
    return len(zcj.encode(event))


def test_an_entry_is_carried_as_text_up_to_the_limit_and_packed_beyond(store: Store) -> None:
    """The limit is taken as it is, one sign more is packed; both give the same entry back under its own hash."""
    room = CARRIED_MAX - length(orphans.as_import(store, PREV, stored(body())))
    for more, packed in ((0, False), (1, True)):
        one = stored(body("x" * (room + more)))
        event = orphans.as_import(store, PREV, one)
        assert event is not None
        assert (bool(event.packed), bool(event.entry)) == (packed, not packed)
        assert packed or length(event) == CARRIED_MAX
        assert orphans.carried_by(event) == one


def test_what_no_packing_makes_short_enough_is_not_carried(store: Store) -> None:
    """An entry, whole or rotten, that is too long however it is written stays in the journal before."""
    noise = random.Random(9).randbytes(CARRIED_MAX).hex()
    for size in (2 * CARRIED_MAX, CARRIED_MAX // 2):
        one = stored(body(noise[:size]))
        rotten = Stored(4, b"\2" * 32, one.body, None)
        carried = [orphans.as_import(store, PREV, each) for each in (one, rotten)]
        assert [event is None for event in carried] == [size > CARRIED_MAX] * 2


def test_rotten_bytes_are_carried_as_they_are(store: Store) -> None:
    """Under the hash they had: whoever looks at them later has every byte, and nobody counts them."""
    event = orphans.as_import(store, PREV, Stored(4, b"\2" * 32, b"\xff rotten", None))
    assert event == JournalImport(orig="02" * 32, prev="01" * 32, entry="", packed=wire.pack_entry(b"\xff rotten"))
    assert orphans.carried_by(event) is None


def test_rotten_bytes_are_carried_up_to_the_limit(store: Store) -> None:
    """Base 64 goes by fours: the last length that fits fills the limit to the sign."""
    noise, lengths = random.Random(9).randbytes(CARRIED_MAX), []
    for size in range(CARRIED_MAX * 3 // 4 - 200, CARRIED_MAX * 3 // 4):
        event = orphans.as_import(store, PREV, Stored(4, b"\2" * 32, noise[:size], None))
        if event is None:
            break
        lengths.append(length(event))
    assert (lengths[-1], len(lengths) < 200) == (CARRIED_MAX, True)


def test_an_import_of_a_later_release_is_not_carried_by_this_one(store: Store) -> None:
    """A box that fell back to the release before passes over what it cannot read."""
    assert orphans.as_import(store, PREV, stored(body(kind=JournalImport.kind, kv=2, data=b'{"what":1}'))) is None


def test_the_parting_is_found_across_a_hole(join: JoinCafe, office: Office) -> None:
    """An entry is gone from the card: HQ is never believed to hold what it does not, nor less than goes up to the hole."""
    store = join()
    work(store, 130)
    assert store.journal is not None
    hashes = [one.hash.hex() for _before, one in orphans.after(store, store.journal, -1)]
    gone = 70
    for row in store._writer.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        store._writer.execute(f"DROP TRIGGER {row[0]}")
    store._writer.execute("DELETE FROM journal_entry WHERE seq = ?", (gone,))

    class Partly(Line):
        def hashes(self, jid: str, places: list[int], token: str) -> dict[int, str]:
            return {place: hashes[place] if place <= last else "" for place in places}

    for last in (*range(60, gone), gone, gone + 1, 130):
        found = orphans.common(store, Partly(LocalTransport(office)), store.journal, "")
        assert min(last, gone - 1) <= found <= last


# What is kept of an ack


def test_the_last_ack_is_kept_word_for_word(join: JoinCafe, office: Office, line: LocalHq) -> None:
    """For an auditor without the house: HQ's exact text and hand, the key it is checked by, and when the box heard it."""
    store = join()
    assert ackfile.last(store) is None
    work(store, 3)
    agent.push(store, line)
    ack = ackfile.last(store)
    assert ack is not None
    assert store.journal is not None
    said = wire.parse(ack.ack, wire.Ack)
    assert (said.j, said.seq, said.head, said.kid, said.t) == (ack.jid, ack.seq, ack.head, ack.kid, ack.t)
    assert (ack.jid, ack.hq_key, ack.heard_at) == (store.journal.jid, office.keyring.public.hex(), store.clock.now_ms())
    assert seal.verify(bytes.fromhex(ack.hq_key), seal.ACK, ack.ack.encode(), bytes.fromhex(ack.sig))
    assert not seal.verify(key_of("other").public, seal.ACK, ack.ack.encode(), bytes.fromhex(ack.sig))


# HQ


@dataclass(frozen=True)
class Box:
    """The journal after, as HQ knows it."""

    cafe_id: int = 17
    jn: int = 2


def test_each_entry_that_comes_again_is_noted_once(hq_db: Database) -> None:
    """Another café's is none of ours; one that came before or twice counts where it first came, what follows it too."""
    one, two = body("a"), body("b", seq=5)
    first = [carrying(body(cafe=18), 1), carrying(one, 2), carrying(one, 3), read_envelope(body(seq=4))]
    with hq_db.writing() as conn:
        assert imports.note(conn, Box(), [], at=9) is False
        assert imports.note(conn, Box(), first, at=9) is True
        assert imports.note(conn, Box(), [carrying(one, 5)], at=10) is False
        assert imports.note(conn, Box(), [carrying(one, 6), carrying(two, 7)], at=11) is True
        here = books.imported.c
        kept = conn.execute(select(here.orig, here.jn, here.seq, here.at).order_by(here.seq)).all()
    assert [tuple(row) for row in kept] == [(stored(one).hash, 2, 2, 9), (stored(two).hash, 2, 7, 11)]


def test_an_entry_is_told_where_it_counts_with_its_origin(hq_db: Database) -> None:
    """Told in its new place, with the journal, number and hash it was first written under; nothing is told twice."""
    own, again, late = read_envelope(body(seq=1)), carrying(body("a"), 2), read_envelope(body("a"))
    other = carrying(body("b", seq=5), 3)
    entries, hashes = [own, again, other, late], [b"o", b"i", b"x", stored(body("a")).hash]
    plain = [Told(entry, entry.j, entry.seq, digest) for entry, digest in zip(entries, hashes, strict=True)]
    with hq_db.writing() as conn:
        assert imports.with_origin(conn, 17, 2, entries, hashes) == plain
        assert imports.note(conn, Box(), [again], at=9)
        told = imports.with_origin(conn, 17, 2, entries, hashes)
        counted = imports.counted_of(conn, 17)
    moved = msgspec.structs.replace(late, j="after", seq=2)
    assert told == [plain[0], Told(moved, "before", 4, hashes[3]), plain[2]]
    assert imports.once(counted, 2, entries, hashes) == [own, moved, other]
    for known in ({}, counted):
        with pytest.raises(ValueError, match="zip"):
            imports._told(known, 2, entries, hashes[:-1])
