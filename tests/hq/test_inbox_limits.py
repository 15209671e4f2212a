"""What HQ takes of a batch at its very limits, what it says of one it does not take, and what it keeps."""

from typing import Any, NamedTuple

import pytest
from msgspec import Raw, structs
from sqlalchemy import select, update

from hq.local import LocalHq
from hq.wiring import Office
from pos import journal, seal, zcj
from pos.journal import Envelope
from pos.system import JournalImport
from sync import agent, books, imports, ingest, wire
from tests.hq.conftest import JoinCafe
from tests.hq.test_inbox import BOX, ENTRY0, V, signed_batch, state, take, vector_batch, vectors

__all__ = ["vectors"]

BODIES = [entry["body"].encode() for entry in V["entries"]]
HASHES = [bytes.fromhex(entry["hash"]) for entry in V["entries"]]
GENESIS = bytes.fromhex(V["grant"]["genesis_hash"])
# A sign written as its number: nothing of the batch is judged at a glance.
ODD = ENTRY0.replace(b'"hw":"b8-27-eb"', b'"hw":"b8\\u0007eb"')


class Later(NamedTuple):
    """A journal after, as HQ knows it."""

    cafe_id: int
    jn: int


def carrying(body: bytes, prev: bytes, seq: int) -> Envelope:
    """An entry of it that carries one of the journal before."""
    event = JournalImport(orig=seal.chain(prev, body).hex(), prev=prev.hex(), entry=body.decode())
    told = journal.read_envelope(body)
    return structs.replace(told, kind=event.kind, kv=event.kv, seq=seq, data=Raw(zcj.encode(event)))


def headed(bodies: list[bytes], *, count: int, first: int, seq: int) -> bytes:
    """A batch whose header says these numbers, rightly signed."""
    end = wire.fold(GENESIS, bodies)[-1] if bodies else GENESIS
    head = wire.Head(boot=1, cafe=17, head=end.hex(), j=V["grant"]["jid"], kid=BOX.kid, mono=1, seq=seq, t=1, tq=2)
    header = wire.BatchHeader(
        count=count, first=first, head=head, prev=GENESIS.hex(), sig=wire.sign_head(BOX, head).hex()
    )  # fmt: skip
    return b"\n".join((wire.dump(header), *bodies, b""))


@pytest.mark.parametrize(("n", "numbers"), [
    (1, {"count": 2, "first": 0, "seq": 1}), (2, {"count": 1, "first": 0, "seq": 0}),
    (0, {"count": 0, "first": 0, "seq": -1}), (1, {"count": 1, "first": -1, "seq": -1}),
    (1, {"count": 1, "first": 0, "seq": 1}),
])  # fmt: skip
def test_a_batch_says_how_much_it_is(vectors: Office, n: int, numbers: dict[str, int]) -> None:
    """Count, first and head agree with each other and with what came, or nothing is kept."""
    before = state(vectors)
    verdict = take(vectors, headed(BODIES[:n], **numbers))
    assert (verdict.status, verdict.code) == (422, "bad_field")
    assert verdict.detail == "count, first and head do not agree"
    assert state(vectors) == before


def test_a_gap_of_one_entry_is_a_gap(vectors: Office) -> None:
    """HQ has three entries, the fifth comes: where HQ stands is said, for the box to go on from there."""
    take(vectors, signed_batch(BODIES[:3]))
    verdict = take(vectors, signed_batch(BODIES[4:], first=4, prev=HASHES[3]))
    assert (verdict.code, verdict.seq, verdict.head) == ("gap", 2, HASHES[2])
    assert take(vectors, signed_batch(BODIES[3:], first=3, prev=HASHES[2])).seq == 6


def test_what_came_long_ago_is_acknowledged_again_or_is_another_history(vectors: Office) -> None:
    """A batch that ends before where HQ stands is compared at its own end, whoever's it is; HQ's cursor is said."""
    take(vectors, vector_batch())
    before = state(vectors)
    again = take(vectors, signed_batch(BODIES[:3]))
    assert (again.code, again.seq, again.head, again.stored) == ("ack", 6, HASHES[6], 0)
    assert state(vectors) == before
    other = take(vectors, signed_batch([ODD, *BODIES[1:3]]))
    assert (other.code, other.seq, other.head) == ("fork", 6, HASHES[6])


def test_an_overlap_of_one_entry_is_compared_too(vectors: Office) -> None:
    """A batch that begins with HQ's last entry: the same one goes on, another one is another history."""
    take(vectors, signed_batch(BODIES[:3]))
    other = BODIES[2].replace(b'"mono":', b'"mono":9')
    assert take(vectors, signed_batch([other, BODIES[3]], first=2, prev=HASHES[1])).code == "fork"
    assert take(vectors, signed_batch(BODIES[2:4], first=2, prev=HASHES[1])).seq == 3


def test_entries_looked_at_one_by_one_are_taken_in_their_places(vectors: Office) -> None:
    """One that cannot be judged at a glance: all of its batch are read alone, and are as good; HQ keeps their bytes."""
    odd = [ODD, *BODIES[1:]]
    verdict = take(vectors, signed_batch(odd))
    assert (verdict.status, verdict.seq, verdict.stored) == (200, 6, 7)
    with vectors.db.reading() as conn:
        assert [ingest.entry_body(conn, 17, 1, n) for n in range(7)] == odd


@pytest.mark.parametrize(("body", "code", "detail"), [
    (ODD.replace(b'"seq":0', b'"seq":1'), "bad_field", "entry 0 belongs elsewhere, or its kind is none"),
    (b"{}", "bad_field", "entry 0: Object missing required field `boot`"),
    (ENTRY0.replace(b'"v":1', b'"v": 1'), "not_canonical", "entry 0: not the canonical bytes"),
    (ENTRY0.replace(b'"hw":"b8-27-eb"', b'"hw":"' + b"x" * 17_000 + b'"'), "too_large", "entry 0"),
])  # fmt: skip
def test_a_refusal_names_the_entry_and_why(vectors: Office, body: bytes, code: str, detail: str) -> None:
    """Whoever mends a box reads which of five thousand entries it was."""
    verdict = take(vectors, signed_batch([body]))
    assert (verdict.code, verdict.detail) == (code, detail)


@pytest.mark.parametrize("whole", [b'"hw":"%b"', b'"hw":"\\u0007%b"'])
def test_an_entry_as_long_as_may_be_is_taken(vectors: Office, whole: bytes) -> None:
    """16 KiB are taken at a glance and alone; one more byte is not."""
    room = zcj.ENTRY_MAX_BYTES - len(ENTRY0.replace(b'"hw":"b8-27-eb"', whole % b""))
    for more, code in ((1, "too_large"), (0, "ack")):
        body = ENTRY0.replace(b'"hw":"b8-27-eb"', whole % (b"x" * (room + more)))
        assert take(vectors, signed_batch([body])).code == code


def test_a_batch_that_came_unpacked_is_read_again_as_it_came(vectors: Office) -> None:
    """What the line did not pack is kept as it is: entries, hashes and checks come out the same."""
    with vectors.db.writing() as conn:
        assert ingest.accept(conn, vectors.projections.tell, vector_batch(), at=5, enc="").code == "ack"
    with vectors.db.reading() as conn:
        row = conn.execute(select(books.segment)).one()
        assert ingest.bodies_of(row) == tuple(BODIES)
        assert ingest.hashes_of(row, ingest.bodies_of(row)) == HASHES
        assert ingest.verify(conn) == []
        assert [(told.received_at, len(told.entries)) for told in ingest.stored(conn)] == [(5, 7)]


def test_a_proof_says_where_and_when(vectors: Office) -> None:
    """Both histories part before the last entry both have; HQ knows when the second one came."""
    take(vectors, vector_batch())
    other = [*BODIES[:6], V["fork"]["body"].encode()]
    take(vectors, vector_batch(bodies=other, head=V["fork"]["head"], sig=V["fork"]["sig"]), at=44)
    with vectors.db.reading() as conn:
        proof = conn.execute(select(books.fork_proof)).one()
    assert (proof.seq, proof.at) == (6, 44)


def test_an_entry_hq_holds_is_not_counted_again_when_it_is_carried(vectors: Office) -> None:
    """Carried by a later journal: what came by its own journal counts there, and only there."""
    take(vectors, vector_batch())
    later = Later(cafe_id=17, jn=2)
    other = BODIES[3].replace(b'"mono":', b'"mono":9')
    with vectors.db.writing() as conn:
        assert imports.note(conn, later, [carrying(BODIES[3], HASHES[2], 9)], at=7) is False
        assert imports.note(conn, later, [carrying(other, HASHES[2], 10)], at=7) is True


def spoil(office: Office, cafe: int, **more: Any) -> None:
    """Change what HQ keeps of a café."""
    with office.db.writing() as conn:
        conn.execute(update(books.segment).where(books.segment.c.cafe_id == cafe).values(**more))


@pytest.mark.parametrize(("more", "fault"), [
    ({"sig": b"\0" * 64}, "its head is not the one the box signed"),
    ({"first": 1}, "its entries are not those it says"),
])  # fmt: skip
def test_one_café_s_books_are_checked_alone(
    join: JoinCafe, office: Office, line: LocalHq, more: dict[str, Any], fault: str
) -> None:
    """What is wrong with one is not said of another, and is said when all are asked."""
    for cafe in (17, 18):
        agent.push(join(cafe), line)
    spoil(office, 18, **more)
    with office.db.reading() as conn:
        found = ingest.verify(conn, 18)
        assert (ingest.verify(conn, 17), ingest.verify(conn)) == ([], found)
    assert [one.rpartition(": ")[2] for one in found] == [fault]
