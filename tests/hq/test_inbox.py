"""What HQ takes from a box, and what it refuses: the checks of the protocol, on both databases."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hq import audit, desk, enrolment
from hq.desk import Ask
from hq.local import LocalHq
from hq.wiring import Office
from pos import journal
from pos.clock import StoppedClock
from pos.seal import Keyring
from pos.system import TroubleNoted
from pos.till.events import DayOpened
from sync import agent, books, ingest, trouble, wire
from tests.hq.conftest import ENGINES, JoinCafe

V = json.loads((Path(__file__).parents[1] / "golden" / "zjp.json").read_text())
BOX, HQ = (Keyring(bytes.fromhex(V["keys"][name]["seed"])) for name in ("box", "hq"))
both = pytest.mark.parametrize("hq_db", ENGINES, indirect=True)


def vector_batch(**changes: Any) -> bytes:
    """The published batch of seven entries; `bodies`, `head`, `sig` replace its parts."""
    head = wire.parse(changes.get("head", V["head"]["bytes"]), wire.Head)
    bodies = changes.get("bodies", [entry["body"].encode() for entry in V["entries"]])
    sig = bytes.fromhex(changes.get("sig", V["head"]["sig"]))
    return wire.make_batch(head, sig, bytes.fromhex(V["grant"]["genesis_hash"]), 0, bodies)


@pytest.fixture
def vectors(office: Office) -> Office:
    """An HQ that signed the published grant."""
    office.keyring = HQ
    with office.db.writing() as conn:
        enrolment.learn_grant(conn, HQ, V["grant"]["bytes"].encode(), bytes.fromhex(V["grant"]["sig"]), at=1)
    return office


def take(office: Office, raw: bytes, *, at: int = 5) -> ingest.Verdict:
    with office.db.writing() as conn:
        return ingest.accept(conn, office.projections.tell, wire.pack(raw), at=at, types=office.projections.types)


def state(office: Office) -> dict[str, str]:
    """Everything HQ holds, as hashes; to see that nothing moved."""
    with office.db.reading() as conn:
        return {t.name: audit.digest(conn, t) for t in (books.journal, books.cursor, books.segment)} | audit.digests(
            conn
        )


@both
def test_the_published_batch_is_taken_and_acknowledged(vectors: Office) -> None:
    """Seven entries in, cursor at 6 with the published head; again: the same ack, nothing new."""
    verdict = take(vectors, vector_batch())
    assert (verdict.status, verdict.seq, verdict.head.hex()) == (200, 6, V["entries"][6]["hash"])
    before = state(vectors)
    again = take(vectors, vector_batch(), at=99)
    assert (again.status, again.seq, again.stored) == (200, 6, 0)
    assert state(vectors) == before
    with vectors.db.reading() as conn:
        assert ingest.entry_body(conn, 17, 1, 3) == V["entries"][3]["body"].encode()
        assert ingest.entry_body(conn, 17, 1, 7) is None
        assert ingest.verify(conn) == []


def test_an_entry_that_must_be_looked_at_alone_is_taken_too(vectors: Office) -> None:
    """A sign written as its number cannot be judged at a glance: the batch is read entry by entry, and is as good."""
    odd = ENTRY0.replace(b'"hw":"b8-27-eb"', b'"hw":"b8\\u0007eb"')
    verdict = take(vectors, signed_batch([odd]))
    assert (verdict.status, verdict.seq, verdict.stored) == (200, 0, 1)
    with vectors.db.reading() as conn:
        assert ingest.entry_body(conn, 17, 1, 0) == odd


@both
def test_the_published_fork_is_refused_with_its_proof(vectors: Office) -> None:
    """Same place, other head, both signed: 409, and both heads are kept."""
    take(vectors, vector_batch())
    other = [*(entry["body"].encode() for entry in V["entries"][:6]), V["fork"]["body"].encode()]
    verdict = take(vectors, vector_batch(bodies=other, head=V["fork"]["head"], sig=V["fork"]["sig"]))
    assert (verdict.status, verdict.code) == (409, "fork")
    with vectors.db.reading() as conn:
        proof = conn.execute(select(books.fork_proof)).one()
    assert bytes(proof.head_a_bytes).decode() == V["head"]["bytes"]
    assert bytes(proof.head_b_bytes).decode() == V["fork"]["head"]
    assert (bytes(proof.sig_a).hex(), bytes(proof.sig_b).hex()) == (V["head"]["sig"], V["fork"]["sig"])


@pytest.mark.parametrize(("change", "status", "code"), [
    ({"bodies": 0}, 422, "chain_mismatch"),
    ({"sig": V["negative"][2]["sig"]}, 401, "bad_signature"),
    ({"sig": "00" * 64}, 401, "bad_signature"),
])  # fmt: skip
def test_published_negative_cases(vectors: Office, change: dict[str, Any], status: int, code: str) -> None:
    """An altered body, a head signed for another purpose: refused, nothing stored."""
    if "bodies" in change:
        bodies = [entry["body"].encode() for entry in V["entries"]]
        bodies[2] = bodies[2].replace(b'"total":620', b'"total":520')
        change = {"bodies": bodies}
    before = state(vectors)
    verdict = take(vectors, vector_batch(**change))
    assert (verdict.status, verdict.code) == (status, code)
    assert state(vectors) == before


def signed_batch(bodies: list[bytes], *, first: int = 0, prev: bytes = b"", **fields: Any) -> bytes:
    """A batch signed by the vectors' box over whatever bodies."""
    prev = prev or bytes.fromhex(V["grant"]["genesis_hash"])
    head = wire.Head(**{
        "boot": 1, "cafe": 17, "head": wire.fold(prev, bodies)[-1].hex(), "j": V["grant"]["jid"], "kid": BOX.kid,
        "mono": 1, "seq": first + len(bodies) - 1, "t": 1, "tq": 2, **fields,
    })  # fmt: skip
    return wire.make_batch(head, wire.sign_head(BOX, head), prev, first, bodies)


ENTRY0 = V["entries"][0]["body"].encode()


@pytest.mark.parametrize(("bodies", "fields", "status", "code"), [
    ([ENTRY0.replace(b'"v":1', b'"v": 1')], {}, 422, "not_canonical"),
    ([ENTRY0.replace(b'"boot":41', b'"boot":41.0')], {}, 422, "not_canonical"),
    ([ENTRY0.replace(b'"cafe":17', b'"cafe":18')], {}, 422, "bad_field"),
    ([ENTRY0.replace(b'"seq":0', b'"seq":1')], {}, 422, "bad_field"),
    ([ENTRY0.replace(b'"v":1', b'"v":2')], {}, 422, "bad_field"),
    ([ENTRY0.replace(b'"kind":"journal.open"', b'"kind":"' + b"x" * 3000 + b'"')], {}, 422, "bad_field"),
    ([ENTRY0.replace(b'"hw":"b8-27-eb"', b'"hw":"' + b"x" * 17_000 + b'"')], {}, 413, "too_large"),
    ([b"{}"], {}, 422, "bad_field"),
    ([b""], {}, 422, "not_canonical"),
    ([ENTRY0], {"seq": 1}, 422, "bad_field"),
    ([ENTRY0], {"cafe": 18}, 404, "unknown_journal"),
    ([ENTRY0], {"cafe": 2**40}, 401, "unknown_key"),
    ([ENTRY0], {"j": "0" * 16}, 404, "unknown_journal"),
    ([ENTRY0], {"kid": "0" * 16}, 401, "unknown_key"),
])  # fmt: skip
def test_what_is_not_by_the_book_is_refused(
    vectors: Office, bodies: list[bytes], fields: dict[str, Any], status: int, code: str
) -> None:
    """Each rule of the entry and the head has its word; nothing is stored."""
    before = state(vectors)
    verdict = take(vectors, signed_batch(bodies, **fields))
    assert (verdict.status, verdict.code) == (status, code), verdict
    assert state(vectors) == before


def test_a_gap_is_told_with_the_cursor(vectors: Office) -> None:
    """A batch that begins too far ahead: 409 and where HQ stands."""
    last = V["entries"][6]
    raw = signed_batch([last["body"].encode()], first=6, prev=bytes.fromhex(V["entries"][5]["hash"]))
    verdict = take(vectors, raw)
    assert (verdict.status, verdict.code, verdict.seq, verdict.head.hex()) == (
        409, "gap", -1, V["grant"]["genesis_hash"],
    )  # fmt: skip


def test_another_first_hash_than_the_grants_is_refused(vectors: Office) -> None:
    """The chain begins at the grant and nowhere else."""
    verdict = take(vectors, signed_batch([ENTRY0], prev=b"\1" * 32))
    assert (verdict.status, verdict.code) == (422, "chain_mismatch")


def test_limits_hold_while_inflating(vectors: Office) -> None:
    """2 MiB packed, 16 MiB inflated, 5,000 entries."""
    with vectors.db.writing() as conn:
        for packed in (
            b"0" * (wire.PACKED_MAX + 1),
            wire.pack(b"0" * (wire.UNPACKED_MAX + 1)),
            wire.pack(b"\n" * 5_002),
        ):
            assert ingest.accept(conn, vectors.projections.tell, packed, at=1).status == 413


def test_every_flipped_bit_of_the_header_is_refused(vectors: Office) -> None:
    """Change any one bit of the inflated first line or of the first body: 4xx, no change of state."""
    raw = signed_batch([ENTRY0])
    before = state(vectors)
    for place in range(0, len(raw), 3):
        broken = bytearray(raw)
        broken[place] ^= 1 << (place % 8)
        assert 400 <= take(vectors, bytes(broken)).status < 500, place
    assert state(vectors) == before


@both
def test_a_cut_tail_and_an_overlap_continue_where_hq_stands(vectors: Office) -> None:
    """Batches may overlap: what is there is compared, what is new is kept."""
    bodies = [entry["body"].encode() for entry in V["entries"]]
    assert take(vectors, signed_batch(bodies[:3])).seq == 2
    verdict = take(vectors, signed_batch(bodies[1:6], first=1, prev=bytes.fromhex(V["entries"][0]["hash"])))
    assert (verdict.status, verdict.seq, verdict.stored) == (200, 5, 3)
    assert take(vectors, vector_batch()).seq == 6
    with vectors.db.reading() as conn:
        assert [ingest.entry_body(conn, 17, 1, n) for n in range(7)] == bodies
        assert ingest.verify(conn) == []


@both
def test_an_unknown_kind_is_kept_acknowledged_and_counted_as_such(vectors: Office) -> None:
    """What HQ does not understand yet, it keeps."""
    take(vectors, vector_batch())
    with vectors.db.reading() as conn:
        opaque = {row.kind: row.entries for row in conn.execute(select(desk.db.opaque_kind))}
    assert opaque == {"sale": 1, "bread.deposit": 1, "parcel.in": 1, "day.close": 1}


@both
def test_a_poison_entry_is_set_apart_and_the_rest_counts(join: JoinCafe, office: Office, line: LocalHq) -> None:
    """A known kind whose data HQ cannot read or store: 202, quarantined, the others told."""
    store = join()
    with store.writing(by="g1") as tx:
        tx.record(DayOpened(day="2026-11-20", float_cents=10_000))
        tx.record(DayOpened(day="not a day", float_cents=10_000))
        for _ in range(3):
            tx.record(TroubleNoted(what="printer"))
    agent.push(store, line)
    with office.db.reading() as conn:
        bad = conn.execute(select(books.quarantine)).one()
        health = conn.execute(select(desk.db.cafe_health)).one()
    assert (bad.seq, bad.kind, bad.reason) == (3, "till.day_opened", "ValueError")
    assert (health.troubles, health.boots, health.last_seq) == (3, 1, 7)


@both
def test_a_revoked_box_is_refused_at_its_next_request(join: JoinCafe, office: Office, line: LocalHq) -> None:
    """403 from then on, at hello and in a batch under way; the box is told to call."""
    store = join()
    agent.push(store, line)
    with office.db.writing() as conn:
        enrolment.revoke(conn, 17, 1)
    with pytest.raises(trouble.BoxRevoked):
        agent.push(store, line)
    assert agent.status(store).state == "locked"


@both
def test_a_replaced_box_sends_its_tail_and_locks(join: JoinCafe, office: Office, line: LocalHq) -> None:
    """The new journal stands on the last entry HQ held; the old tail is still taken."""
    old = join()
    agent.push(old, line)
    with old.writing(by="g1") as tx:
        tx.record(DayOpened(day="2026-11-20", float_cents=1))
    new = join(box="box17b", purpose="replace")
    agent.push(new, line)
    with pytest.raises(trouble.BoxReplaced):
        agent.push(old, line)
    assert agent.status(old).state == "locked"
    with office.db.reading() as conn:
        rows = enrolment.boxes(conn, 17)
        assert [row.state for row in rows] == ["superseded", "open"]
        assert wire.parse(bytes(rows[1].grant_bytes), wire.Grant).base is not None
        assert ingest.cursor_of(conn, rows[0])[0] >= 4


def test_one_cafe_cannot_speak_for_another(join: JoinCafe, office: Office, clock: StoppedClock) -> None:
    """A token opens one café's journal and no other."""
    first, second = join(17), join(18)
    token = desk.make_token(office, 18, second.journal.jid, clock.now_ms())  # type: ignore[union-attr]
    with first.reading() as conn:
        rows = list(journal.entries(conn, first.journal))  # type: ignore[arg-type]
    head = wire.Head(
        boot=1, cafe=17, head=rows[-1].hash.hex(), j=first.journal.jid, kid=first.keyring.kid, mono=1,  # type: ignore[union-attr]
        seq=rows[-1].seq, t=1, tq=2,
    )  # fmt: skip
    raw = wire.make_batch(head, wire.sign_head(first.keyring, head), first.journal.genesis, 0, [r.body for r in rows])  # type: ignore[union-attr]
    reply = desk.answer(office, Ask("POST", "/v1/batch", wire.pack(raw), "gzip", token))
    assert (reply.status, reply.message["code"]) == (401, "unknown_key")
    clock.tick(31 * 60 * 1000)
    reply = desk.answer(office, Ask("POST", "/v1/batch", wire.pack(raw), "gzip", token))
    assert reply.status == 401
    for rubbish in ("", "a.b.c.d", "17", f"17.{'x' * 16}.99999999999999.00", "9" * 400):
        assert desk.answer(office, Ask("POST", "/v1/batch", b"", "gzip", rubbish)).status == 401


def test_hq_tells_its_hashes_to_the_box_they_are_of(join: JoinCafe, office: Office, line: LocalHq) -> None:
    """`/v1/hashes` gives HQ's chain hash at up to 64 places."""
    store = join()
    agent.push(store, line)
    token = desk.make_token(office, 17, store.journal.jid, office.clock.now_ms())  # type: ignore[union-attr]
    reply = desk.answer(office, Ask("GET", "/v1/hashes", token=token, query="at=0,1,99"))
    with store.reading() as conn:
        ours = {str(row.seq): row.hash.hex() for row in journal.entries(conn, store.journal, 0, 1)}  # type: ignore[arg-type]
    assert reply.message["hashes"] == ours | {"99": ""}
    assert desk.answer(office, Ask("GET", "/v1/hashes", token=token, query="at=x")).status == 422
