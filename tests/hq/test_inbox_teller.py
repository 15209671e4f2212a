"""What HQ's inbox tells of a batch: to the teller what is new, to the box where it stands, to an auditor what is wrong."""

from types import NoneType, SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event, select, update

from hq import enrolment
from hq.local import LocalHq
from hq.wiring import Office
from pos.system import BoxBooted, JournalOpened
from sync import agent, books, ingest, wire
from sync.ingest import CAFE_MAX, Fresh, Verdict
from tests.conftest import key_of
from tests.hq.conftest import JoinCafe
from tests.hq.test_inbox import BOX, ENTRY0, HQ, V, signed_batch, take, vector_batch, vectors
from tests.hq.test_inbox_limits import BODIES, HASHES, ODD

__all__ = ["vectors"]

JID = V["grant"]["jid"]
HEAD = wire.parse(V["head"]["bytes"], wire.Head)


def heard(office: Office, raw: bytes, *poison: int) -> tuple[Verdict, list[Fresh]]:
    """What HQ answers to a batch, and what its teller, who finds these entries bad, is told."""
    told: list[Fresh] = []

    def tell(_conn: Any, fresh: Fresh) -> list[Any]:
        told.append(fresh)
        return [SimpleNamespace(seq=seq) for seq in poison]

    with office.db.writing() as conn:
        verdict = ingest.accept(conn, tell, wire.pack(raw), at=5, types=office.projections.types)
    return verdict, told


def test_the_teller_hears_what_is_new_once(vectors: Office) -> None:
    """Of an overlap the new end only, each entry with what it says; of what HQ had, nothing."""
    (first,) = heard(vectors, signed_batch(BODIES[:3]))[1]
    assert [type(event) for event in first.events] == [JournalOpened, BoxBooted, NoneType]
    overlap = signed_batch(BODIES[1:6], first=1, prev=HASHES[0])
    verdict, (fresh,) = heard(vectors, overlap)
    assert (verdict.seq, verdict.head, verdict.stored) == (5, HASHES[5], 3)
    assert (fresh.cafe, fresh.jn, fresh.received_at, fresh.late) == (17, 1, 5, False)
    assert [entry.seq for entry in fresh.entries] == [3, 4, 5]
    assert len(fresh.events) == 3
    assert heard(vectors, overlap)[1] == []


def test_entries_it_cannot_tell_are_named_to_the_box(vectors: Office) -> None:
    """Taken, kept and acknowledged, with the numbers of those set apart."""
    verdict, _told = heard(vectors, vector_batch(), 2, 4)
    assert (verdict.status, verdict.quarantined, verdict.acknowledges) == (202, [2, 4], True)


@pytest.mark.parametrize(("seq", "late"), [(-1, False), (0, True), (1, True)])
def test_a_tail_that_comes_after_the_next_journal_is_late(vectors: Office, seq: int, late: bool) -> None:
    """The journal after was heard, were it by its first entry: the teller is told; the box, that it is replaced."""
    take(vectors, signed_batch(BODIES[:3]))
    base = wire.Base(head=HASHES[2].hex(), j=JID, seq=2)
    grant, sig = wire.make_grant(HQ, cafe=17, box_key=key_of("next").public, n=2, issued=2, base=base)
    with vectors.db.writing() as conn:
        enrolment.learn_grant(conn, HQ, grant, sig, at=1)
        conn.execute(update(books.cursor).where(books.cursor.c.jn == 2).values(seq=seq))
        conn.execute(update(books.journal).where(books.journal.c.jn == 1).values(state="superseded"))
    verdict, (fresh,) = heard(vectors, vector_batch())
    assert (verdict.code, verdict.acknowledges, fresh.late) == ("superseded", True, late)


def test_each_answer_names_the_journal_it_is_about(vectors: Office) -> None:
    """Taken, had before, a gap, another history: the desk signs and keeps it under this café and journal."""
    last, first = signed_batch(BODIES[6:], first=6, prev=HASHES[5]), signed_batch(BODIES[:3])
    answers = [take(vectors, raw) for raw in (last, first, first, signed_batch([ODD]))]
    assert [one.code for one in answers] == ["gap", "ack", "ack", "fork"]
    assert {(one.cafe, one.jid) for one in answers} == {(17, JID)}
    with vectors.db.reading() as conn:
        assert conn.execute(select(books.segment.c.kid)).scalars().all() == [BOX.kid]


@pytest.mark.parametrize(("cafe", "code", "detail"), [
    (-1, "unknown_key", "another café's head"), (0, "unknown_journal", ""), (CAFE_MAX, "unknown_journal", ""),
    (CAFE_MAX + 1, "unknown_key", "another café's head"),
])  # fmt: skip
def test_a_number_that_no_café_can_have_is_never_looked_up(vectors: Office, cafe: int, code: str, detail: str) -> None:
    """A database would refuse it with an error of its own: it is nobody's, as another café's head is."""
    verdict = take(vectors, signed_batch([ENTRY0], cafe=cafe))
    assert (verdict.code, verdict.detail) == (code, detail)


def test_what_is_no_signature_is_a_bad_one(vectors: Office) -> None:
    """Letters that are no bytes: the same word as a hand that is not the box's."""
    header, *rest = vector_batch().split(b"\n")
    sign = V["head"]["sig"].encode()
    assert take(vectors, b"\n".join((header.replace(sign, b"z" * 128), *rest))).code == "bad_signature"


def test_a_heavy_batch_is_opened_up_to_the_limit(vectors: Office) -> None:
    """2 MiB are looked at, one byte more is not."""
    with vectors.db.writing() as conn:
        for more, code in ((0, "bad_field"), (1, "too_large")):
            packed = b"0" * (wire.PACKED_MAX + more)
            assert ingest.accept(conn, vectors.projections.tell, packed, at=1).code == code


def test_a_proof_of_another_beginning_has_what_hq_has_of_it(vectors: Office) -> None:
    """Before the first entry: nothing of ours is beside it, and later the first head HQ took."""
    with vectors.db.writing() as conn:
        told = ingest.known_journal(conn, HEAD, bytes.fromhex(V["head"]["sig"]))
        ingest.keep_proof(conn, told, -1, ingest.Proof(HEAD, "00" * 64, b"", 1))
        proof = conn.execute(select(books.fork_proof)).one()
        assert (proof.seq, proof.head_a_bytes, proof.sig_a) == (-1, b"", b"")
    take(vectors, signed_batch(BODIES[:1]))
    with vectors.db.writing() as conn:
        other = wire.parse(V["fork"]["head"], wire.Head)
        ingest.keep_proof(conn, told, -1, ingest.Proof(other, "00" * 64, b"", 2))
        kept = conn.execute(select(books.fork_proof).where(books.fork_proof.c.at == 2)).one()
        ours = conn.execute(select(books.segment)).one()
    assert (kept.head_a_bytes, kept.sig_a) == (ours.head_bytes, ours.sig)


def test_what_is_kept_is_told_of_one_café_or_of_all(join: JoinCafe, office: Office, line: LocalHq) -> None:
    """Told again: one café's entries alone where one is asked; a cursor that went elsewhere is said with both places."""
    for cafe in (17, 18):
        agent.push(join(cafe), line)
    with office.db.writing() as conn:
        assert {told.cafe for told in ingest.stored(conn, 18)} == {18}
        asked: list[str] = []
        event.listen(conn, "before_cursor_execute", lambda *call: asked.append(str(call[2])))
        assert {told.cafe for told in ingest.stored(conn)} == {17, 18}
        assert ingest.verify(conn) == []
        # The keys of all segments there ever were are never one list: a drill holds one café at a time.
        keys = [one for one in asked if "segment.last \nFROM" in one]
        assert len(keys) == 4 and all("WHERE" in one for one in keys)
        end = conn.execute(select(books.cursor.c.seq).where(books.cursor.c.cafe_id == 18)).scalar_one()
        conn.execute(update(books.cursor).where(books.cursor.c.cafe_id == 18).values(seq=99))
        assert ingest.verify(conn) == [f"café 18, journal 1: the cursor is at 99, the segments end at {end}"]
