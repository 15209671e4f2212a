"""Who may pass at each of the boxes' doors: a pass opens none for a revoked box, and few for one nobody has heard."""

import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from hq import attestation, desk, enrolment, shaping
from hq.desk import Ask, Reply
from hq.local import LocalHq
from hq.wiring import Office
from pos import journal
from pos.clock import StoppedClock
from pos.house import FEATURES
from pos.store import Store
from pos.system import TroubleNoted
from sync import agent, books, enrol, ingest, trouble, wire
from sync.attestation import Asked, Publisher
from sync.line import Answer, Line
from tests.conftest import key_of
from tests.hq.browsing import at_once
from tests.hq.conftest import ENGINES, JoinCafe
from tests.sync.test_agent import Faulty

both = pytest.mark.parametrize("hq_db", ENGINES, indirect=True)

# Asked before there is a pass, or with a signature of its own.
WITHOUT_PASS = {("GET", "/v1/challenge"), ("POST", "/v1/hello"), ("POST", "/v1/enrol"), ("POST", "/v1/grant")}
ASKED = wire.dump(Asked(siret="1" * 14, name="Bar", address="rue", version="1", fiscal="F0.1", perimeter="0" * 64))


def a_pass(office: Office, store: Store) -> str:
    """A pass of the store's box, made now."""
    assert store.journal is not None
    return desk.make_token(office, store.journal.cafe, store.journal.jid, office.clock.now_ms())


def attested(office: Office, token: str) -> Reply:
    """What HQ answers to who asks for an attestation."""
    return desk.answer(office, Ask("POST", "/v1/attestation", ASKED, token=token))


def in_order(office: Office) -> None:
    """HQ says who signs, and has heard the box's check number."""
    with office.db.writing() as conn:
        attestation.name_publisher(conn, dict.fromkeys(Publisher.__struct_fields__, "Troyes"))
        enrolment.confirm(conn, 17, 1, by="test", at=1)


def made(office: Office) -> int:
    """How many attestations HQ has signed."""
    with office.db.reading() as conn:
        return conn.execute(select(func.count()).select_from(books.attestation)).scalar_one()


@both
def test_no_door_opens_for_a_revoked_box_whatever_its_pass_says(join: JoinCafe, office: Office, line: LocalHq) -> None:
    """Each call that takes a pass says `revoked` at the next request, and HQ gives, keeps and signs nothing."""
    store = join()
    in_order(office)
    token, bodies = a_pass(office, store), {"/v1/attestation": ASKED, "/v1/balances": b'{"have":{},"mine":[]}'}
    asks = [
        Ask(method, path, bodies.get(path, b"{}"), token=token, query="at=0&from=0")
        for method, path in desk._HANDLERS if (method, path) not in WITHOUT_PASS and path != "/v1/batch"
    ]  # fmt: skip
    assert len(asks) == 9
    with office.db.writing() as conn:
        enrolment.revoke(conn, 17, 1)
    said = {ask.path: desk.answer(office, ask) for ask in asks}
    assert {path: (reply.status, reply.message.get("code")) for path, reply in said.items()} == dict.fromkeys(
        said, (403, "revoked")
    )
    assert made(office) == 0


@both
def test_a_batch_of_a_box_revoked_meanwhile_is_not_taken(join: JoinCafe, office: Office) -> None:
    """Between its hello and its batch: 403, and nothing is kept."""
    store = join()

    def revoked_meanwhile(_n: int, path: str, answer: Callable[[], Answer]) -> Answer:
        if path == "/v1/batch":
            with office.db.writing() as conn:
                enrolment.revoke(conn, 17, 1)
        return answer()

    with pytest.raises(trouble.BoxRevoked):
        agent.push(store, Line(Faulty(office, revoked_meanwhile)))
    with office.db.reading() as conn:
        assert conn.execute(select(books.segment.c.last)).all() == []


@both
def test_hq_attests_nothing_to_a_box_nobody_has_heard(join: JoinCafe, office: Office) -> None:
    """`pending` until the check number was heard; a box replaced meanwhile is told so; the one in use has its own."""
    store = join()
    in_order(office)
    assert attested(office, a_pass(office, store)).status == 200
    new = join(box="box17b", purpose="replace")
    assert attested(office, a_pass(office, new)).message["code"] == "pending"
    assert attested(office, a_pass(office, store)).message["code"] == "superseded"
    assert made(office) == 1
    with office.db.writing() as conn:
        enrolment.confirm(conn, 17, 2, by="test", at=1)
    assert attested(office, a_pass(office, new)).status == 200


@both
@pytest.mark.parametrize(("method", "path", "body"), [
    ("GET", "/v1/hashes", b""), ("POST", "/v1/balances", b'{"have":{},"mine":[]}'), ("POST", "/v1/attestation", ASKED),
])  # fmt: skip
def test_who_asks_without_end_waits_at_every_door_that_costs(
    join: JoinCafe, office: Office, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch, method: str, path: str, body: bytes
) -> None:  # fmt: skip
    """What a café may ask in an hour is one count for all doors; another is heard, and the café itself again later."""
    monkeypatch.setattr(shaping, "CALLS_AN_HOUR", 4)
    mine, other = join(17), join(18, box="box18")
    in_order(office)

    def ask(store: Store) -> Reply:
        return desk.answer(office, Ask(method, path, body, token=a_pass(office, store), query="at=0"))

    said = [ask(mine) for _ in range(6)]
    assert [reply.status for reply in said] == [200] * 4 + [429] * 2
    assert said[-1].retry_after == 30 * 60 + 1
    assert ask(other).status != 429
    clock.tick(said[-1].retry_after * 1000)
    assert ask(mine).status == 200


def test_an_attestation_asked_for_again_is_the_one_of_the_day(join: JoinCafe, office: Office) -> None:
    """The same words on the same day are signed and kept once."""
    store = join()
    in_order(office)
    first, again = (attested(office, a_pass(office, store)).message for _ in range(2))
    assert (first, made(office)) == (again, 1)


def test_a_batch_is_opened_once_however_many_of_its_hashes_are_asked(
    join: JoinCafe, office: Office, line: LocalHq, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many places of two batches: each is inflated and folded once, and the hashes are those of the box."""
    store = join()
    for _ in range(2):
        with store.writing(by="g1") as tx:
            for _ in range(40):
                tx.record(TroubleNoted(what="printer"))
        agent.push(store, line)
    opened: list[int] = []
    monkeypatch.setattr(wire, "unpack", lambda raw: opened.append(1) or zlib.decompress(raw, 31))
    with store.reading() as conn:
        ours = {str(row.seq): row.hash.hex() for row in journal.entries(conn, store.journal, 20, 64)}  # type: ignore[arg-type]
    asked = [*ours]
    reply = desk.answer(office, Ask("GET", "/v1/hashes", token=a_pass(office, store), query="at=" + ",".join(asked)))
    assert reply.message["hashes"] == {place: ours[place] for place in asked}
    assert len(opened) == 2


@both
def test_of_a_box_that_writes_history_after_history_some_proofs_are_kept(
    join: JoinCafe, office: Office, line: LocalHq, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One proof tells that there are two histories; the hundredth would tell nothing more and fill the disk."""
    monkeypatch.setattr(ingest, "PROOFS_MOST", 3)
    store = join()
    agent.push(store, line)
    assert store.journal is not None
    with office.db.writing() as conn:
        told = conn.execute(ingest.JOURNAL, {"cafe": 17, "jid": store.journal.jid}).one()
        for n in range(5):
            head = wire.Head(boot=1, cafe=17, head=f"{n:064}", j=told.jid, kid=told.kid, mono=1, seq=1, t=1, tq=2)
            ingest.keep_proof(conn, told, 1, ingest.Proof(head, "00" * 64, b"", n))
        assert conn.execute(select(books.fork_proof.c.at).order_by(books.fork_proof.c.at)).scalars().all() == [0, 1, 2]


@both
def test_nobody_finds_or_kills_a_code_by_guessing(
    office: Office, line: LocalHq, tmp_path: Path, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wrong tries of everybody are one count: past it none is looked at nor counted, the right code opens all the while."""
    monkeypatch.setattr(shaping, "CALLS_AN_HOUR", 4)
    with office.db.writing() as conn:
        code = str(enrolment.make_code(conn, 17, by="marie", at=clock.now_ms()))
    box = Store(tmp_path / "box.db", clock=clock, keyring=key_of("box"), features=FEATURES)
    there = wire.read_code(code).code_id
    unknown = [str(wire.EnrolCode(sign * 4, "2" * 11)) for sign in wire.ALPHABET if sign * 4 != there][:3]
    for guess in unknown:
        with pytest.raises(trouble.CodeUnknown):
            enrol.enrol(box, line, guess, hw="pi4")
    wrong = str(wire.EnrolCode(there, "2" * 11))
    with pytest.raises(trouble.CodeWrong):
        enrol.enrol(box, line, wrong, hw="pi4")
    for guess in (wrong, unknown[0], wrong, wrong, wrong, wrong):
        with pytest.raises(trouble.HqBusy):
            enrol.enrol(box, line, guess, hw="pi4")
    with office.db.reading() as conn:
        assert conn.execute(select(books.enrol_code.c.tries)).scalar_one() == 1
    assert enrol.enrol(box, line, code, hw="pi4").check_number
    box.close()


@both
def test_a_sign_no_box_writes_is_refused(join: JoinCafe, office: Office) -> None:
    """U+0000 in what a box asks for: PostgreSQL keeps no such text."""
    token = a_pass(office, join())
    for path, query in (
        ("/v1/hashes", "at=0&j=%00"), ("/v1/hashes", "at=0&j=a\0"), ("/v1/restore/a\0", "from=0"), ("/v1/blob/\0", ""),
        ("/v1/release/\0", "from=0"),
    ):  # fmt: skip
        assert desk.answer(office, Ask("GET", path, token=token, query=query)).status == 422, (path, query)


@both
@pytest.mark.parametrize("purpose", [enrolment.NEW, enrolment.REPLACE])
def test_two_boxes_that_join_at_once_join_one_after_the_other(
    join: JoinCafe, office: Office, line: LocalHq, tmp_path: Path, clock: StoppedClock, purpose: str
) -> None:
    """Two codes of one café used at the same moment: one journal each, or the second is told that the first was used."""
    if purpose == enrolment.REPLACE:
        join()
    with office.db.writing() as conn:
        codes = [str(enrolment.make_code(conn, 17, purpose, by="marie", at=clock.now_ms())) for _ in range(4)]
    boxes = [
        Store(tmp_path / f"at_once{n}.db", clock=clock, keyring=key_of(f"at_once{n}"), features=FEATURES)
        for n in range(4)
    ]

    def said(n: int) -> str:
        try:
            return "" if enrol.enrol(boxes[n], line, codes[n], hw="pi4").check_number else "?"
        except trouble.LineTrouble as no:
            return no.code

    answers = at_once(4, said)
    with office.db.reading() as conn:
        states = [row.state for row in enrolment.boxes(conn, 17)]
    for box in boxes:
        box.close()
    if purpose == enrolment.NEW:
        assert (sorted(answers), states) == (["", "code_used", "code_used", "code_used"], ["open"])
    else:
        assert (answers, states) == ([""] * 4, ["superseded"] * 4 + ["open"])
