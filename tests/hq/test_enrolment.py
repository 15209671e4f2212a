"""Joining with a one-time code: who may, how often, and what the café reads when it may not."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hq import desk, enrolment
from hq.desk import Ask
from hq.local import LocalHq, LocalTransport
from hq.wiring import Office
from pos import journal
from pos.clock import StoppedClock
from pos.house import FEATURES
from pos.seal import Keyring
from pos.store import Store
from sync import agent, books, code_card, enrol, trouble, wire
from sync.line import Answer, Line
from tests.conftest import key_of
from tests.hq.conftest import ENGINES, JoinCafe

V = json.loads((Path(__file__).parents[1] / "golden" / "zjp.json").read_text())
both = pytest.mark.parametrize("hq_db", ENGINES, indirect=True)


@pytest.fixture
def box(tmp_path: Path, clock: StoppedClock) -> Any:
    """A box that has not joined yet."""
    store = Store(tmp_path / "box.db", clock=clock, keyring=key_of("new box"), features=FEATURES)
    yield store
    store.close()


def code_for(office: Office, cafe: int = 17, purpose: str = "new") -> str:
    with office.db.writing() as conn:
        return str(enrolment.make_code(conn, cafe, purpose, by="marie", at=office.clock.now_ms()))


def spoilt(code: str) -> str:
    """The same public id, another secret, the check sign right."""
    read = wire.read_code(code)
    other = wire.EnrolCode(read.code_id, read.secret[::-1] if read.secret != read.secret[::-1] else "0" * 11)
    return str(other)


@both
def test_a_box_joins_and_both_ends_show_the_same_number(office: Office, line: LocalHq, box: Store) -> None:
    """Grant for this café and key; two first entries; pending until the number was heard; then confirmed."""
    told = enrol.enrol(box, line, code_for(office).lower().replace("-", " "), hw="pi4")
    opened = enrol.open_first_journal(box, told)
    with box.reading() as conn:
        kinds = [journal.read_envelope(row.body).kind for row in journal.entries(conn, opened)]
    assert (opened.cafe, kinds) == (17, ["journal.open", "box.boot"])
    with office.db.reading() as conn:
        (row,) = enrolment.pending(conn)
    assert (row.cafe_id, row.jid, row.check_number, row.hw) == (17, opened.jid, told.check_number, "pi4")
    assert agent.push(box, line).pending
    assert agent.status(box).pending
    with office.db.writing() as conn:
        assert enrolment.confirm(conn, 17, 1, by="marie", at=1)
        assert not enrolment.confirm(conn, 17, 1, by="marie", at=2)
        assert enrolment.pending(conn) == []
    assert not agent.push(box, line).pending


def test_the_published_request_is_answered_with_the_published_proof(office: Office) -> None:
    """Vector `enrol`: HQ accepts mac and pop, and its own proof follows the vector's form."""
    office.keyring = Keyring(bytes.fromhex(V["keys"]["hq"]["seed"]))
    code = wire.read_code(V["enrol"]["code"])
    with office.db.writing() as conn:
        conn.execute(books.enrol_code.insert().values(
            cafe_id=17, code_id="K7QF", purpose="new", code_key=code.key(), made_by="m", made_at=0,
            expires_at=1795149000000, tries=0,
        ))  # fmt: skip
        asked = wire.dump({key: V["enrol"][key] for key in ("request", "mac", "pop")})
        told = enrolment.enrol(conn, office.keyring, asked, at=1795149000000)
    assert told.grant.decode() == V["grant"]["bytes"]
    assert (told.signature.hex(), told.hq_mac.hex()) == (V["grant"]["sig"], V["enrol"]["hq_mac"])
    assert told.check_number == V["enrol"]["sas"]


def test_a_scanned_code_names_the_hq_that_drew_it(office: Office, line: LocalHq, box: Store) -> None:
    """Address, code and key in one drawing; an answer under another key than the drawn one is not believed."""
    code, kid = code_for(office), office.keyring.kid
    assert code_card.read(code) == code_card.Card(code)
    drawn = code_card.write("https://siege.example.org/", code, kid)
    assert drawn == f"https://siege.example.org/#{code}.{kid}"
    assert code_card.read(f" {drawn} ") == code_card.Card(code, "https://siege.example.org", kid)
    with pytest.raises(trouble.HqNotProven):
        enrol.enrol(box, line, code_card.write("https://siege.example.org", code, key_of("other").kid), hw="pi4")
    assert enrol.enrol(box, line, drawn, hw="pi4").check_number


@both
def test_a_lost_answer_gives_the_same_box_the_same_grant(office: Office, line: LocalHq, box: Store) -> None:
    """The code is used up, but the box that used it may ask again; another may not."""
    code = code_for(office)
    first = enrol.enrol(box, line, code, hw="pi4")
    assert enrol.enrol(box, line, code, hw="pi4").grant == first.grant
    box.keyring = key_of("somebody else")
    with pytest.raises(trouble.CodeUsed):
        enrol.enrol(box, line, code, hw="pi4")


@both
def test_five_wrong_tries_kill_a_code(office: Office, line: LocalHq, box: Store) -> None:
    """Each wrong try says how many are left; after the fifth even the right one is refused."""
    code = code_for(office)
    for left in (4, 3, 2, 1):
        with pytest.raises(trouble.CodeWrong) as told:
            enrol.enrol(box, line, spoilt(code), hw="x")
        assert str(left) in told.value.what()
    for typed in (spoilt(code), code):
        with pytest.raises(trouble.CodeDead):
            enrol.enrol(box, line, typed, hw="x")


def test_a_code_lives_seven_days(office: Office, line: LocalHq, box: Store, clock: StoppedClock) -> None:
    """On the eighth day the café reads that it is too old, and what to do."""
    code = code_for(office)
    clock.tick(7 * 24 * 3600 * 1000 + 1)
    with pytest.raises(trouble.CodeExpired) as told:
        enrol.enrol(box, line, code, hw="x")
    assert "sept jours" in told.value.what()
    assert told.value.how()


def test_a_code_nobody_made_and_a_mistyped_one_are_told_apart(office: Office, line: LocalHq, box: Store) -> None:
    """A typing mistake is caught on the box, without asking HQ."""
    with pytest.raises(trouble.CodeUnknown):
        enrol.enrol(box, line, V["enrol"]["code"], hw="x")
    for typed in ("", "bonjour", V["enrol"]["code"][:-1] + "4"):
        with pytest.raises(trouble.CodeMistyped):
            enrol.enrol(box, line, typed, hw="x")


def test_the_secret_is_neither_sent_nor_kept(office: Office, box: Store) -> None:
    """What travels and what HQ stores do not hold the code's secret part."""
    code = wire.read_code(code_for(office))
    sent: list[bytes] = []

    class Listening(LocalTransport):
        def send(self, method: str, path: str, body: bytes = b"", *, packed: bool = False, token: str = "") -> Answer:
            sent.append(body)
            return super().send(method, path, body, packed=packed, token=token)

    enrol.enrol(box, Line(Listening(office)), str(code), hw="x")
    with office.db.reading() as conn:
        kept = repr(conn.execute(select(books.enrol_code)).all())
    assert code.secret not in kept
    assert all(code.secret.encode() not in body for body in sent)


@pytest.mark.parametrize("spoil", ["hq_mac", "sig", "grant", "hq_key", "check_number"])
def test_an_answer_of_another_hq_is_not_believed(office: Office, box: Store, spoil: str) -> None:
    """The box opens no journal under a grant that the code's HQ did not make."""
    code = code_for(office)
    other = key_of("other hq")

    class Between(LocalTransport):
        def send(self, method: str, path: str, body: bytes = b"", *, packed: bool = False, token: str = "") -> Answer:
            told = json.loads(super().send(method, path, body).body)
            if spoil == "grant":
                told["grant"] = told["grant"].replace('"cafe":17', '"cafe":18')
            else:
                told[spoil] = {"hq_key": other.public.hex(), "check_number": "000000"}.get(
                    spoil, "00" * (len(told[spoil]) // 2)
                )
            return Answer(200, json.dumps(told).encode())

    with pytest.raises(trouble.HqNotProven):
        enrol.enrol(box, Line(Between(office)), code, hw="x")
    assert box.journal is None


def test_a_key_the_box_does_not_own_gets_no_grant(office: Office) -> None:
    """Proof of possession: the request is signed by the key it names."""
    code = wire.read_code(code_for(office))
    request = wire.dump(
        wire.EnrolRequest(code_id=code.code_id, hw="x", key=key_of("a").public.hex(), nonce="00", sw="1")
    )
    asked = wire.dump({
        "request": request.decode(), "mac": wire.enrol_mac(code.key(), request).hex(),
        "pop": key_of("b").sign(wire.ENROL_POP, request).hex(),
    })  # fmt: skip
    assert desk.answer(office, Ask("POST", "/v1/enrol", asked)).status == 401
    for rubbish in (b"", b"{}", b"[]", asked[:-1], asked.replace(b"mac", b"mAc")):
        assert desk.answer(office, Ask("POST", "/v1/enrol", rubbish)).status in {401, 422}


def test_a_first_code_is_refused_for_a_cafe_that_has_a_box(office: Office, join: JoinCafe) -> None:
    """A second box needs a code that says so."""
    join()
    with pytest.raises(enrolment.CafeHasBox):
        code_for(office)
    assert code_for(office, purpose="replace")


def test_a_first_code_left_over_takes_nobody_s_place(office: Office, line: LocalHq, box: Store) -> None:
    """Of two first codes one is used; the other, typed elsewhere later, opens nothing, and the till sells on."""
    left_over, used = code_for(office), code_for(office)
    enrol.open_first_journal(box, enrol.enrol(box, line, used, hw="x"))
    agent.push(box, line)
    mine, box.keyring = box.keyring, key_of("somebody else")
    with pytest.raises(trouble.CodeUsed):
        enrol.enrol(box, line, left_over, hw="y")
    box.keyring = mine
    assert agent.push(box, line).seq > 0
    with office.db.reading() as conn:
        assert [row.state for row in enrolment.boxes(conn, 17)] == ["open"]


def test_a_grant_is_learnt_only_with_hqs_own_signature(office: Office) -> None:
    """An HQ that forgot a café believes its own signature and nothing else."""
    grant, _ = wire.make_grant(key_of("other"), cafe=17, box_key=key_of("a").public, n=1, issued=5)
    shown = wire.dump({"grant": grant.decode(), "sig": key_of("other").sign(b"zinc/grant/1", grant).hex()})
    assert desk.answer(office, Ask("POST", "/v1/grant", shown)).status == 401
    grant, signature = wire.make_grant(office.keyring, cafe=17, box_key=key_of("a").public, n=1, issued=5)
    shown = wire.dump({"grant": grant.decode(), "sig": signature.hex()})
    assert [desk.answer(office, Ask("POST", "/v1/grant", shown)).status for _ in range(2)] == [200, 200]
    with office.db.reading() as conn:
        assert [row.jn for row in enrolment.boxes(conn, 17)] == [1]
