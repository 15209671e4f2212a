"""Who may pass at each of the boxes' doors: a pass opens none for a revoked box, and few for one nobody has heard."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from hq import attestation, desk, enrolment
from hq.desk import Ask, Reply
from hq.local import LocalHq
from hq.wiring import Office
from pos.store import Store
from sync import agent, books, trouble, wire
from sync.attestation import Asked, Publisher
from sync.line import Answer, Line
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
