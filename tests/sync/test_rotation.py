"""A box takes another key by itself: a new journal, nothing lost, nobody types a code (§2.7)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from hq import audit, db, enrolment
from hq.local import LocalHq, LocalTransport
from hq.wiring import Office
from pos import box as boxes
from pos import seal, zcj
from pos.archive import verifier
from pos.audit import check_everything
from pos.clock import StoppedClock
from pos.house import FEATURES
from pos.seal import Keyring
from pos.store import Store
from pos.till import sell, tables
from pos.till.sell import SoldLine
from sync import agent, enrol, ingest, repair, trouble, wire
from sync.line import Answer, Line
from tests.cast import open_cafe

V = json.loads((Path(__file__).parents[1] / "golden" / "zjp.json").read_text())


def sales(store: Store, n: int) -> None:
    """Sell a coffee `n` times."""
    for _ in range(n):
        sell.sell(store, lines=[SoldLine(product="cafe")], by="g1")


@pytest.fixture
def box(office: Office, line: LocalHq, clock: StoppedClock, tmp_path: Path) -> Store:
    """A café whose key is in a file, three coffees sold, all at HQ, its check number heard."""
    store = opened(tmp_path / "cafe.db", clock)
    with office.db.writing() as conn:
        code = enrolment.make_code(conn, 17, by="test", at=clock.now_ms())
    enrol.open_first_journal(store, enrol.enrol(store, line, str(code), hw="test"))
    open_cafe(store)
    sales(store, 3)
    agent.push(store, line)
    with office.db.writing() as conn:
        enrolment.confirm(conn, 17, 1, by="test", at=1)
    return store


def opened(path: Path, clock: StoppedClock) -> Store:
    """Open a café's file as each start does."""
    return Store(path, clock=clock, keyring=Keyring.load_or_make(path.with_name("box.key")), features=FEATURES)


def settled(office: Office, store: Store, tickets: int) -> None:
    """One key, one open journal of it, each sale once, all checks good."""
    assert store.journal is not None
    assert store.journal.box_key == store.keyring.public
    with office.db.reading() as conn:
        assert [(row.state, row.confirmed_at) for row in enrolment.boxes(conn, 17)] == [("superseded", 1), ("open", 1)]
        assert conn.execute(select(func.sum(db.rollup_day.c.tickets))).scalar() == tickets
    with store.reading() as own:
        assert tables.next_no(own) == tickets + 1
        assert tables.total(own, tables.EVER, "turnover", "algebraic") == tickets * 160
    assert check_everything(store).findings == ()
    assert verifier.main([str(store.path), "--all-seals"]) == 0
    assert audit.check(office).faults == []


def test_a_key_is_changed_when_hq_asks(box: Store, office: Office, line: LocalHq) -> None:
    """The next call takes the new key; sales of before and after count once; the old key is gone from the disk."""
    old = box.keyring.public
    with office.db.writing() as conn:
        assert enrolment.ask_rotation(conn, 17)
    sales(box, 2)
    agent.push(box, line)
    sales(box, 1)
    agent.push(box, line)
    assert box.keyring.public != old
    assert Keyring.load_or_make(box.path.with_name("box.key")).public == box.keyring.public
    assert not box.path.with_name("box.next").exists()
    settled(office, box, 6)
    agent.push(box, line)
    assert len(box.journals()) == 2


def test_a_key_changed_before_the_first_sale_changes_no_number(
    office: Office, line: LocalHq, clock: StoppedClock, tmp_path: Path
) -> None:
    """The new journal takes up nothing: the first receipt is number 1 all the same."""
    store = opened(tmp_path / "cafe.db", clock)
    with office.db.writing() as conn:
        code = enrolment.make_code(conn, 17, by="test", at=clock.now_ms())
    enrol.open_first_journal(store, enrol.enrol(store, line, str(code), hw="test"))
    open_cafe(store)
    with office.db.writing() as conn:
        enrolment.confirm(conn, 17, 1, by="test", at=1)
        assert enrolment.ask_rotation(conn, 17)
    agent.push(store, line)
    (told,) = repair.continuations(store)
    assert (told.lost, told.no, told.z, told.turnover, told.absolute) == (0, 0, 0, 0, 0)
    sales(store, 1)
    agent.push(store, line)
    settled(office, store, 1)


def test_a_change_cut_short_leaves_the_key_before(
    box: Store, office: Office, line: LocalHq, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal could not be opened: no half of the new key signs anything; the next call changes it."""
    old = box.keyring.public
    with office.db.writing() as conn:
        enrolment.ask_rotation(conn, 17)

    def cut() -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(boxes, "hardware_name", cut)
        with pytest.raises(KeyboardInterrupt):
            agent.push(box, line)
    assert (box.keyring.public, len(box.journals())) == (old, 1)
    sales(box, 1)
    agent.push(box, line)
    agent.push(box, line)
    assert box.keyring.public != old
    settled(office, box, 4)


def test_a_key_serves_a_year(box: Store, office: Office, line: LocalHq, clock: StoppedClock) -> None:
    """After 365 days the box is asked to change it, by itself."""
    clock.tick(364 * 24 * 3_600_000)
    agent.push(box, line)
    assert len(box.journals()) == 1
    clock.tick(2 * 24 * 3_600_000)
    agent.push(box, line)
    assert len(box.journals()) == 2
    settled(office, box, 3)


@pytest.mark.parametrize("when", ["unheard", "unanswered"])
def test_a_lost_answer_is_asked_again(
    box: Store, office: Office, line: LocalHq, clock: StoppedClock, when: str
) -> None:
    """HQ granted the new key and nobody heard it; the box started again meanwhile: it does not lock, it asks again."""
    with office.db.writing() as conn:
        enrolment.ask_rotation(conn, 17)

    with pytest.raises(trouble.HqUnreachable):
        agent.push(box, without_answer(office, heard=when == "unanswered"))
    sales(box, 2)
    box.close()
    again = opened(box.path, clock)
    agent.push(again, line)
    settled(office, again, 5)


def without_answer(office: Office, *, heard: bool) -> Line:
    """A line that breaks when a new key is asked, before HQ hears it or after."""

    class Lost(LocalTransport):
        def send(self, method: str, path: str, body: bytes = b"", *, packed: bool = False, token: str = "") -> Answer:
            if path != "/v1/rotate":
                return super().send(method, path, body, packed=packed, token=token)
            if heard:
                super().send(method, path, body, packed=packed, token=token)
            raise trouble.HqUnreachable

    return Line(Lost(office))


def test_two_keys_in_one_call_leave_nothing_behind(box: Store, office: Office, line: LocalHq) -> None:
    """An answer was lost, and HQ asks for another key since: the call takes both, and HQ has the last journal."""
    for _ in range(2):
        with office.db.writing() as conn:
            enrolment.ask_rotation(conn, 17)
        if len(box.journals()) == 1:
            with pytest.raises(trouble.HqUnreachable):
                agent.push(box, without_answer(office, heard=True))
    agent.push(box, line)
    assert len(box.journals()) == 3
    assert agent.backlog(box) == 0
    with office.db.reading() as conn:
        last = enrolment.boxes(conn, 17)[-1]
        assert ingest.cursor_of(conn, last)[0] == box.tip().seq - 1


def test_an_hq_that_never_has_enough_is_left(box: Store, office: Office) -> None:
    """A fault of HQ, or a lie: the call ends, and the till sells on."""

    class Greedy(LocalTransport):
        def send(self, method: str, path: str, body: bytes = b"", *, packed: bool = False, token: str = "") -> Answer:
            if path == "/v1/hello":
                with office.db.writing() as conn:
                    enrolment.ask_rotation(conn, 17)
            return super().send(method, path, body, packed=packed, token=token)

    agent.push(box, Line(Greedy(office)))
    assert len(box.journals()) == 1 + agent.HEARD_AT_ONCE
    sales(box, 1)
    agent.push(box, LocalHq(office))
    assert agent.backlog(box) == 0


def test_a_power_cut_after_the_opening_loses_no_key(
    box: Store, office: Office, line: LocalHq, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal is open under the new key and its file not yet in place: the next start finishes it."""
    with office.db.writing() as conn:
        enrolment.ask_rotation(conn, 17)

    def cut(_key: Keyring, _public: bytes) -> Keyring:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Keyring, "settled", cut)
        with pytest.raises(KeyboardInterrupt):
            agent.push(box, line)
    box.close()
    again = opened(box.path, clock)
    sales(again, 1)
    agent.push(again, line)
    settled(office, again, 4)


def test_of_two_copies_none_takes_the_place_by_itself(
    box: Store, office: Office, line: LocalHq, tmp_path: Path
) -> None:
    """A copy found, a key asked for: HQ waits for a person."""
    path = tmp_path / "copy" / "cafe.db"
    path.parent.mkdir()
    box._writer.execute("VACUUM INTO ?", (str(path),))
    path.with_name("box.key").write_text(box.path.with_name("box.key").read_text())
    copy = opened(path, box.clock)  # type: ignore[arg-type]
    agent.push(box, line)
    with pytest.raises(trouble.HistoriesDiffer):
        agent.push(copy, line)
    with office.db.writing() as conn:
        enrolment.ask_rotation(conn, 17)
    agent.push(box, line)
    assert len(box.journals()) == 1
    copy.close()


@pytest.mark.parametrize("spoil", ["sig", "pop", "j", "cafe", "key"])
def test_a_key_is_granted_on_both_keys_word_only(box: Store, office: Office, spoil: str) -> None:
    """A wrong signature of either key, another journal, another café: refused, nothing changed."""
    opened_ = box.journal
    assert opened_ is not None
    new, other = Keyring(b"n" * 32), Keyring(b"o" * 32)
    asked: dict[str, Any] = {"cafe": 17, "j": opened_.jid, "new": new.public.hex()}
    asked |= {"j": {"j": "0" * 16}, "cafe": {"cafe": 18}}.get(spoil, {})
    request = wire.dump(wire.RotateRequest(**asked))
    told = {
        "pop": (other if spoil == "pop" else new).sign(wire.ROTATE, opened_.box_key + new.public).hex(),
        "request": request.decode(),
        "sig": (other if spoil in ("sig", "key") else box.keyring).sign(wire.ROTATED_BY, request).hex(),
    }
    with office.db.writing() as conn, pytest.raises(ingest.Refused):
        enrolment.rotate(conn, office.keyring, (17, opened_.jid), wire.dump(told), at=2)
    with office.db.reading() as conn:
        assert len(enrolment.boxes(conn, 17)) == 1


def test_what_hq_answers_is_checked(box: Store, office: Office) -> None:
    """A grant that is not HQ's, for another key, or rubbish: the box keeps its key and goes on."""
    with office.db.writing() as conn:
        enrolment.ask_rotation(conn, 17)

    def spoilt(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Line:
        class Spoilt(LocalTransport):
            def send(
                self, method: str, path: str, body: bytes = b"", *, packed: bool = False, token: str = ""
            ) -> Answer:
                answer = super().send(method, path, body, packed=packed, token=token)
                if path == "/v1/rotate" and answer.status == 200:
                    return Answer(200, json.dumps(change(json.loads(answer.body))).encode())
                return answer

        return Line(Spoilt(office))

    for change in (
        lambda told: told | {"sig": "00" * 64}, lambda told: told | {"sig": "zz"}, lambda _told: {"grant": "{}", "sig": "00" * 64},
        lambda _told: {"nothing": 1},
    ):  # fmt: skip
        with pytest.raises((trouble.HqTalksRubbish, trouble.HqNotProven)):
            agent.push(box, spoilt(change))
        assert (len(box.journals()), agent.status(box).state) == (1, "normal")
    agent.push(box, LocalHq(office))
    settled(office, box, 3)


def test_the_published_proof_of_the_new_key() -> None:
    """The vector's `pop`, and its entry in the chain, which an HQ keeps as a kind it does not know."""
    told = zcj.decode(V["rotate"]["body"].encode())["data"]
    old, new = (Keyring(bytes.fromhex(V["keys"][name]["seed"])) for name in ("box", "box2"))
    assert new.sign(wire.ROTATE, old.public + new.public).hex() == told["pop"]
    assert new.public.hex() == told["new"]
    before = bytes.fromhex(V["entries"][6]["hash"])
    assert seal.chain(before, V["rotate"]["body"].encode()).hex() == V["rotate"]["hash"]
