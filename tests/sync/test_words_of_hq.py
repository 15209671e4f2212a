"""What HQ may answer, each word once: what the box makes of it, and that nothing is lost by it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import update

from hq import attestation as written
from hq import enrolment
from hq.local import LocalHq, LocalTransport
from hq.wiring import Office
from pos.clock import StoppedClock
from pos.house import FEATURES
from pos.store import Store
from sync import agent, attestation, books, enrol, former, ingest, orphans, trouble, wire
from sync.line import Answer, Line
from tests.cast import CAFE, open_cafe
from tests.conftest import key_of
from tests.hq.conftest import JoinCafe
from tests.sync.coming_down import Bad
from tests.sync.test_agent import held, work
from tests.sync.test_found import Village, village
from tests.sync.test_repair import at_hq, sales
from tests.sync.test_rotation import box

__all__ = ["box", "village"]

Bend = Callable[[dict[str, Any]], dict[str, Any]]


def bent(office: Office, where: str, bend: Bend) -> Line:
    """HQ whose good answers at one address are changed on their way."""

    def change(path: str, ask: Callable[[], Answer]) -> Answer:
        answer = ask()
        if path.partition("?")[0] != where or answer.status >= 400:
            return answer
        return Answer(answer.status, json.dumps(bend(json.loads(answer.body))).encode())

    return Line(Bad(office, change))


def refusing(office: Office, where: str, status: int, code: str) -> Line:
    """HQ that says no at one address."""
    no = Answer(status, json.dumps({"code": code}).encode())
    return Line(Bad(office, lambda path, ask: no if path.partition("?")[0] == where else ask()))


WORDS = [
    (404, "unknown_journal", trouble.BoxUnknown, "anomaly"), (401, "unknown_key", trouble.BoxUnknown, "anomaly"),
    (401, "bad_signature", trouble.BoxUnknown, "anomaly"), (403, "revoked", trouble.BoxRevoked, "locked"),
    (403, "pending", trouble.NotConfirmed, "normal"), (403, "not_a_replacement", trouble.NotAReplacement, "normal"),
    (409, "fork", trouble.HistoriesDiffer, "anomaly"), (409, "behind", trouble.HistoriesDiffer, "anomaly"),
    (409, "gap", trouble.HqFailed, "normal"), (410, "superseded", trouble.BoxReplaced, "locked"),
    (413, "too_large", trouble.BatchRefused, "anomaly"), (422, "bad_field", trouble.BatchRefused, "anomaly"),
    (426, "upgrade_required", trouble.UpgradeNeeded, "normal"), (418, "teapot", trouble.HqTalksRubbish, "normal"),
    (400, "", trouble.HqTalksRubbish, "normal"), (404, "revoked", trouble.BoxRevoked, "locked"),
]  # fmt: skip


def test_each_word_has_its_meaning(join: JoinCafe, office: Office, line: LocalHq) -> None:
    """Said to a hello, each word of HQ puts the box in its state; once HQ says it no more, everything goes out."""
    store = join()
    for status, code, meant, state in WORDS:
        before = held(office)
        with pytest.raises(meant) as told:
            agent.push(store, refusing(office, "/v1/hello", status, code))
        assert type(told.value) is meant, code
        assert told.value.params == ({"status": status} if meant is trouble.HqTalksRubbish else told.value.params)
        assert (agent.status(store).state, held(office)) == (state, before), code
        done = agent.push(store, line)
        assert (agent.status(store).state, held(office)) == ("normal", done.seq), code


@pytest.mark.parametrize("head", ["00" * 32, "", "genesis"])
@pytest.mark.parametrize("seq", [99, -2])
def test_a_cursor_where_no_entry_can_be_is_another_history(join: JoinCafe, office: Office, seq: int, head: str) -> None:
    """HQ says that it holds more than was ever written here, or less than nothing: nothing is sent."""
    store = join()
    assert store.journal is not None
    head = store.journal.genesis.hex() if head == "genesis" else head
    line = bent(office, "/v1/hello", lambda told: told | {"cursor": {"seq": seq, "head": head}})
    with pytest.raises(trouble.HistoriesDiffer):
        agent.push(store, line)
    assert held(office) == -1


@pytest.mark.parametrize("status", [413, 422])
def test_a_batch_hq_cannot_take_is_halved_until_it_can(join: JoinCafe, office: Office, status: int) -> None:
    """HQ takes twenty entries at a time and no more: all of them arrive; where it takes none, a person is called."""
    store, most = join(), 20
    work(store, 90)

    class Small(LocalTransport):
        def send(self, method: str, path: str, body: bytes = b"", *, packed: bool = False, token: str = "") -> Answer:
            if path == "/v1/batch" and len(wire.read_batch(wire.unpack(body)).bodies) > most:
                return Answer(status, b'{"code":"too_large"}')
            return super().send(method, path, body, packed=packed, token=token)

    done = agent.push(store, Line(Small(office)))
    assert (done.sent, held(office)) == (93, 92)
    most = 0
    work(store, 3)
    with pytest.raises(trouble.BatchRefused) as told:
        agent.push(store, Line(Small(office)))
    assert told.value.params == {"seq": 93}
    assert agent.status(store).state == "anomaly"


def sizes(office: Office) -> list[int]:
    """How many entries came with each batch."""
    with office.db.reading() as conn:
        return [len(one.entries) for one in ingest.stored(conn)]


def test_batches_grow_while_the_line_is_quick_and_not_when_it_is_slow(
    join: JoinCafe, office: Office, line: LocalHq, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each quick answer doubles what is sent next; an answer that took its time leaves it."""
    store = join()
    work(store, 25)
    agent.push(store, line, size=4)
    assert sizes(office) == [4, 8, 16]
    work(store, 6)
    monkeypatch.setattr(agent, "QUICK_S", 0.0)
    agent.push(store, line, size=4)
    assert sizes(office)[3:] == [4, 4]


def test_a_batch_is_cut_where_it_would_be_too_heavy(
    join: JoinCafe, office: Office, line: LocalHq, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few entries where they are long; one that is heavier than all that goes alone."""
    store = join()
    work(store, 6)
    monkeypatch.setattr(agent, "BYTES_MOST", 700)
    done = agent.push(store, line)
    assert (done.sent, max(sizes(office))) == (9, 4)
    monkeypatch.setattr(agent, "BYTES_MOST", 1)
    work(store, 2)
    assert agent.push(store, line).batches == 4
    assert held(office) == 12


@pytest.mark.parametrize(
    "bend",
    [
        lambda told: told | {"ack": told["ack"] + " "}, lambda told: told | {"ack": "{}"},
        lambda told: told | {"sig": "zz"}, lambda told: told | {"sig": "00" * 64},
        lambda told: told | {"ack": told["ack"].replace('"seq":', '"seq":1')},
    ],
)  # fmt: skip
def test_an_ack_that_is_not_hqs_is_not_believed(join: JoinCafe, office: Office, line: LocalHq, bend: Bend) -> None:
    """Other bytes, another place or another hand: the entries count as not heard, and are found there next time."""
    store = join()
    with pytest.raises(trouble.HqTalksRubbish):
        agent.push(store, bent(office, "/v1/batch", bend))
    assert agent.status(store).last_heard is None
    assert agent.push(store, line).sent == 1  # the nonce of this call; the rest was there


# Where both histories part


def test_an_hq_that_does_not_know_a_journal_has_nothing_of_it(join: JoinCafe, office: Office) -> None:
    """Asked for hashes: where HQ knows no such journal all of it is ours; any other word is HQ's, with its meaning."""
    store = join()
    assert store.journal is not None
    assert orphans.common(store, refusing(office, "/v1/hashes", 404, "unknown_journal"), store.journal, "") == -1
    with pytest.raises(trouble.BoxRevoked):
        orphans.common(store, refusing(office, "/v1/hashes", 403, "revoked"), store.journal, "")


def test_the_parting_is_found_wherever_it_is(join: JoinCafe, office: Office) -> None:
    """Of any length of common history, from none to all, the last common entry is found, in few questions."""
    store, asked = join(), []
    work(store, 200)
    assert store.journal is not None
    told = store.journal
    hashes = [stored.hash.hex() for _before, stored in orphans.after(store, told, -1)]

    class Half(Line):
        def hashes(self, jid: str, places: list[int], token: str) -> dict[int, str]:
            asked.append(len(places))
            return {place: hashes[place] if place <= last else "" for place in places}

    for last in (-1, 0, 1, 2, 59, 60, 61, 119, 120, 121, 200, 201):
        asked.clear()
        assert orphans.common(store, Half(LocalTransport(office)), told, "") == last
        assert max(asked) <= orphans.ASKED_AT_ONCE
        assert len(asked) <= 3


def put_back(village: Village) -> list[str]:
    """An HQ that lost what came before a repair; return what the box carries again by then."""
    village.back_up()
    sales(village.box, 2)
    agent.push(village.box, village.line)
    village.join(village.box)
    agent.push(village.box, village.line)
    village.put_back()
    return list(former.carried(village.box, 0))


def test_an_old_hq_that_says_nothing_of_former_journals_is_left_alone(village: Village) -> None:
    """Without a word about them nothing is sent or appended again; with it, HQ has everything."""
    before = put_back(village)
    agent.push(village.box, bent(village.office, "/v1/hello", lambda told: told | {"former": None}))
    assert list(former.carried(village.box, 0)) == before
    assert at_hq(village.office) == (3, 3 * 160)
    agent.push(village.box, village.line)
    assert at_hq(village.office) == (5, 5 * 160)


def test_a_line_cut_while_a_former_journal_goes_up_is_a_cut_line(village: Village) -> None:
    """HQ was put back; the former journal's end is on its way when the line goes: it is sent again, appended never."""
    before = put_back(village)
    jid = village.box.journals()[0].jid
    cut = [True]

    class Cut(LocalTransport):
        def send(self, method: str, path: str, body: bytes = b"", *, packed: bool = False, token: str = "") -> Answer:
            if path == "/v1/batch" and cut[0] and wire.read_batch(wire.unpack(body)).header.head.j == jid:
                raise trouble.HqUnreachable
            return super().send(method, path, body, packed=packed, token=token)

    line = Line(Cut(village.office))
    with pytest.raises(trouble.HqUnreachable):
        agent.push(village.box, line)
    cut[0] = False
    agent.push(village.box, line)
    assert at_hq(village.office) == (5, 5 * 160)
    assert list(former.carried(village.box, 0)) == before


def test_a_former_journal_hq_refuses_is_appended_again(village: Village) -> None:
    """HQ was put back and takes no batch of the former journal: what it lacks goes up in the open one, counted once."""
    before = put_back(village)
    jid = village.box.journals()[0].jid

    class Refusing(LocalTransport):
        def send(self, method: str, path: str, body: bytes = b"", *, packed: bool = False, token: str = "") -> Answer:
            if path == "/v1/batch" and wire.read_batch(wire.unpack(body)).header.head.j == jid:
                return Answer(409, b'{"code":"fork"}')
            return super().send(method, path, body, packed=packed, token=token)

    line = Line(Refusing(village.office))
    done = agent.push(village.box, line)
    assert done.sent == done.seq + 1, "each entry of the open journal once, those that were appended too"
    carried = list(former.carried(village.box, 0))
    assert len(set(carried)) == len(carried) > len(before)
    again = Bad(village.office)
    agent.push(village.box, Line(again))
    assert again.asked.count("/v1/hello") == 1
    assert list(former.carried(village.box, 0)) == carried
    assert at_hq(village.office) == (5, 5 * 160)


# The attestation


@pytest.fixture
def attested(join: JoinCafe, office: Office, line: LocalHq) -> Store:
    """A café that has its attestation."""
    store = join()
    open_cafe(store)
    with office.db.writing() as conn:
        enrolment.confirm(conn, 17, 1, by="test", at=1)
        written.name_publisher(conn, dict.fromkeys(attestation.Publisher.__struct_fields__, "Troyes"))
    attestation.renew(store, line)
    return store


def test_an_attestation_of_another_shop_is_foreign(attested: Store, line: LocalHq) -> None:
    """The café's number of establishment changed since: the paper on the wall names another shop; a shop has a name."""
    assert attestation.state(attested) == attestation.GOOD
    with attested.writing(by="g1") as tx:
        tx.record(msgspec.structs.replace(CAFE, siret="73282932000074", sign="", legal_entity=""))
    assert attestation.state(attested) == attestation.FOREIGN
    with pytest.raises(attestation.NoSiret):
        attestation.renew(attested, line)


def test_what_hq_says_of_an_attestation_is_told(attested: Store, office: Office) -> None:
    """A revoked box reads why it gets none; another hand's signature is refused; what was kept stays."""
    before = attestation.kept(attested)
    assert before is not None
    with pytest.raises(trouble.BoxRevoked):
        attestation.renew(attested, refusing(office, "/v1/attestation", 403, "revoked"))
    with pytest.raises(attestation.NoPublisher):
        attestation.renew(attested, refusing(office, "/v1/attestation", 409, "no_publisher"))
    for rubbish in ({"sig": "zz"}, {"body": "{}"}):
        with pytest.raises(trouble.HqTalksRubbish):
            attestation.renew(attested, bent(office, "/v1/attestation", lambda told, bad=rubbish: told | bad))
    for bend in (
        lambda told: told | {"sig": key_of("other").sign(attestation.DOMAIN, told["body"].encode()).hex()},
        lambda told: told | {"body": told["body"].replace("Troyes", "Reims")},
    ):
        with pytest.raises(trouble.HqNotProven):
            attestation.renew(attested, bent(office, "/v1/attestation", bend))
    assert attestation.kept(attested) == before


def test_no_attestation_is_asked_for_a_café_without_a_name(join: JoinCafe, office: Office) -> None:
    """An attestation names the shop: before its sheet is filled in, and before it has joined, HQ is not even called."""
    store, bad = join(), Bad(office)
    with pytest.raises(attestation.NoSiret):
        attestation.renew(store, Line(bad))
    assert bad.asked == []
    assert attestation.state(store) == attestation.MISSING


# A code, and a key that changes


@pytest.mark.parametrize(
    ("change", "meant"),
    [
        ({"hq_key": "zz"}, trouble.HqTalksRubbish), ({"sig": "00"}, trouble.HqTalksRubbish),
        ({"grant": "{}"}, trouble.HqTalksRubbish), ({"hq_mac": "00" * 32}, trouble.HqNotProven),
        ({"hq_key": key_of("other").public.hex()}, trouble.HqNotProven), ({"sig": "00" * 64}, trouble.HqNotProven),
        ({"check_number": "000000"}, trouble.HqNotProven),
    ],
)  # fmt: skip
def test_a_grant_is_believed_from_the_hq_that_made_the_code_only(
    office: Office, clock: StoppedClock, tmp_path: Path, change: dict[str, str], meant: type[Exception]
) -> None:
    """Another key, another hand, other bytes, another number to say: refused, and the same code still opens the journal."""
    store = Store(tmp_path / "cafe.db", clock=clock, keyring=key_of("box"), features=FEATURES)
    with office.db.writing() as conn:
        code = str(enrolment.make_code(conn, 17, by="test", at=clock.now_ms()))
    with pytest.raises(meant):
        enrol.enrol(store, bent(office, "/v1/enrol", lambda told: told | change), code, hw="test")
    assert store.journal is None
    enrol.open_first_journal(store, enrol.enrol(store, LocalHq(office), code, hw="test"))
    store.close()


def test_a_grant_upon_another_history_changes_no_key(box: Store, office: Office) -> None:
    """HQ grants the next key upon an entry that is not ours, a copy's perhaps: the box keeps its key and its journal."""
    with office.db.writing() as conn:
        enrolment.ask_rotation(conn, 17)
    assert box.journal is not None
    jid = box.journal.jid

    class Other(LocalTransport):
        def send(self, method: str, path: str, body: bytes = b"", *, packed: bool = False, token: str = "") -> Answer:
            if path != "/v1/rotate":
                return super().send(method, path, body, packed=packed, token=token)
            asked = wire.parse(wire.parse(body, wire.SignedRotation).request, wire.RotateRequest)
            grant, sig = wire.make_grant(
                office.keyring, cafe=17, box_key=bytes.fromhex(asked.new), n=2, issued=2,
                base=wire.Base(head="11" * 32, j=jid, seq=1),
            )  # fmt: skip
            return Answer(200, wire.dump({"grant": grant.decode(), "sig": sig.hex()}))

    agent.push(box, Line(Other(office)))
    assert (len(box.journals()), box.journal.jid) == (1, jid)


# What HQ keeps


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (update(books.cursor).values(seq=1), "the cursor is at 1, the segments end at"),
        (update(books.cursor).values(head=b"\0" * 32), "the cursor is at"),
        (update(books.journal).values(jn=7), "no such journal"),
        (update(books.segment).values(body=b"x"), "unreadable (bad_field"),
        (update(books.segment).values(first=1), "its entries are not those it says"),
        (update(books.segment).values(fresh=99), "its entries are not those it says"),
        (update(books.segment).values(fresh=1), "does not continue entry -1"),
        (update(books.segment).values(prev=b"\0" * 32), "does not continue entry -1"),
        (update(books.segment).values(head=b"\0" * 32), "its head is not the one the box signed"),
        (update(books.segment).values(sig=b"\0" * 64), "its head is not the one the box signed"),
        (update(books.segment).values(head_bytes=b"{}"), "its head is not the one the box signed"),
    ],
)
def test_what_was_changed_at_hq_is_found(join: JoinCafe, office: Office, line: LocalHq, spoil: Any, found: str) -> None:
    """A cursor, a journal or a segment that somebody changed is named by the check of what is kept, in words."""
    agent.push(join(), line)
    with office.db.writing() as conn:
        assert ingest.verify(conn) == []
        conn.execute(spoil)
        assert found in "\n".join(ingest.verify(conn))
