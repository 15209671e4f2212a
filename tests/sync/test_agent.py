"""The café's end of the line: nothing lost, nothing twice, never stops selling."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from hq import audit as hq_audit
from hq import desk, enrolment
from hq.local import LocalHq, LocalTransport
from hq.wiring import Office
from pos import drafts, journal
from pos.clock import StoppedClock
from pos.errors import SyncTrouble
from pos.house import FEATURES
from pos.store import NotEnrolled, Store
from pos.till.events import DayOpened, SignedIn
from sync import agent, books, ingest, trouble, wire
from sync.line import Answer, Line
from tests.conftest import key_of
from tests.hq.conftest import ENGINES, JoinCafe

both = pytest.mark.parametrize("hq_db", ENGINES, indirect=True)


def work(store: Store, n: int = 5) -> None:
    """Write `n` ordinary entries."""
    with store.writing(by="g1") as tx:
        for i in range(n):
            tx.record(SignedIn(op=f"g{i % 3}"))


def held(office: Office, cafe: int = 17) -> int:
    """The last entry HQ holds of the café's newest journal."""
    with office.db.reading() as conn:
        return ingest.cursor_of(conn, enrolment.boxes(conn, cafe)[-1])[0]


class Faulty:
    """A transport that mistreats chosen requests on their way to the real desk."""

    def __init__(self, office: Office, mistreat: Callable[[int, str, Callable[[], Answer]], Answer]) -> None:
        self._real, self._mistreat = LocalTransport(office), mistreat
        self.asked: list[str] = []

    def send(self, method: str, path: str, body: bytes = b"", *, packed: bool = False, token: str = "") -> Answer:
        self.asked.append(path)
        return self._mistreat(
            len(self.asked), path, lambda: self._real.send(method, path, body, packed=packed, token=token)
        )


@both
def test_a_push_brings_everything_and_the_ack_is_kept_twice(
    join: JoinCafe, office: Office, line: LocalHq, tmp_path: Path
) -> None:
    """HQ holds all up to the nonce; the signed ack is in the drafts, in the file and in the chain."""
    store = join()
    work(store)
    keep = tmp_path / "box" / "ack.json"
    done = agent.push(store, line, keep=keep)
    assert done.seq == held(office) == 7
    assert done.pending
    with store.reading() as conn:
        kept = drafts.get(conn, "hq_ack")
    assert kept["seq"] == json.loads(keep.read_bytes())["seq"] == 7
    last = list(_kinds(store))[-1]
    assert last == "sync.acked"
    assert agent.backlog(store) == 0
    told = agent.status(store)
    assert (told.enrolled, told.last_heard, told.waiting, told.state, told.trouble) == (
        True, store.clock.now_ms(), 0, "normal", "",
    )  # fmt: skip


def _kinds(store: Store) -> list[str]:
    with store.reading() as conn:
        return [journal.read_envelope(row.body).kind for row in journal.entries(conn, store.journal)]  # type: ignore[arg-type]


def test_the_line_does_not_talk_about_itself_for_ever(join: JoinCafe, line: LocalHq) -> None:
    """What a push writes does not make a backlog; an ack is noted once."""
    store = join()
    for _ in range(3):
        agent.push(store, line)
        assert agent.backlog(store) == 0
    assert [k for k in _kinds(store) if k.startswith("sync.")] == ["sync.open", "sync.acked"] * 3


def test_what_waits_is_counted_whenever_it_is_asked(join: JoinCafe, line: LocalHq) -> None:
    """The mark on each page reads only new entries, and never another number than all of them."""
    store = join()
    agent.push(store, line)
    for n in range(1, 4):
        with store.writing(by="g1") as tx:
            tx.record(DayOpened(day=f"2026-11-{20 + n}", float_cents=5_000))
        assert agent.backlog(store) == agent.backlog(store) == n
    with store.bulk():
        with store.writing(by="g1") as tx:
            tx.record(DayOpened(day="2026-11-25", float_cents=5_000))
        assert agent.backlog(store) == 4
    assert agent.backlog(store) == 4
    agent.push(store, line)
    assert agent.backlog(store) == 0


@both
def test_a_lost_answer_is_asked_again_and_counted_once(join: JoinCafe, office: Office) -> None:
    """HQ stored the batch, the answer never came: the next push finds it there."""
    store = join()
    work(store, 20)

    def lose_batches(_n: int, path: str, real: Callable[[], Answer]) -> Answer:
        answer = real()
        if path == "/v1/batch":
            raise trouble.HqUnreachable
        return answer

    with pytest.raises(trouble.HqUnreachable):
        agent.push(store, Line(Faulty(office, lose_batches)))
    assert agent.status(store).trouble
    assert held(office) > 0
    before = held(office)
    work(store, 1)
    assert agent.push(store, LocalHq(office)).sent == 2  # the new sale and the new nonce
    assert held(office) == before + 2
    assert agent.status(store).trouble == ""
    with office.db.reading() as conn:
        assert ingest.verify(conn) == []


def test_an_answer_that_was_lost_is_believed_when_fewer_are_sent_again(join: JoinCafe, office: Office) -> None:
    """HQ took sixty and its word did not come back: the half that is sent again brings an ack beyond it, of our own bytes."""
    store = join()
    work(store, 60)
    lost: list[Answer] = []

    def lose_the_first(_n: int, path: str, real: Callable[[], Answer]) -> Answer:
        answer = real()
        if path == "/v1/batch" and not lost:
            lost.append(answer)
            raise trouble.HqUnreachable
        return answer

    done = agent.push(store, Line(Faulty(office, lose_the_first)))
    assert lost
    assert (done.batches, done.sent) == (1, done.seq + 1)
    assert (held(office), agent.status(store).trouble) == (done.seq, "")


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    chances=st.lists(st.sampled_from(["ok", "lost", "unheard", "rubbish", "busy", "twice"]), max_size=30),
    steps=st.integers(1, 6),
)
def test_whatever_the_line_does_hq_ends_with_the_same(
    tmp_path_factory: pytest.TempPathFactory, chances: list[str], steps: int
) -> None:
    """Any mix of lost requests, lost answers, doubles and rubbish, then a good line: HQ has every byte once."""
    folder = tmp_path_factory.mktemp("line")
    office, store = a_pair(folder)
    left = list(chances)

    def mistreat(_n: int, _path: str, real: Callable[[], Answer]) -> Answer:
        chance = left.pop() if left else "ok"
        if chance == "unheard":
            raise trouble.HqUnreachable
        if chance == "busy":
            return Answer(503, b"", 30)
        answer = real()
        if chance == "lost":
            raise trouble.HqUnreachable
        if chance == "twice":
            answer = real()
        return Answer(200, b"<html>portal</html>") if chance == "rubbish" else answer

    for _ in range(steps):
        work(store, 30)
        try:
            agent.push(store, Line(Faulty(office, mistreat)))
        except SyncTrouble:
            assert agent.status(store).trouble
    agent.push(store, LocalHq(office))
    with store.reading() as conn, office.db.reading() as there:
        ours = [row.body for row in journal.entries(conn, store.journal, 0, held(office))]  # type: ignore[arg-type]
        assert [ingest.entry_body(there, 17, 1, n) for n in range(len(ours))] == ours
        assert ingest.verify(there) == []
    assert hq_audit.check(office).faults == []
    store.close()
    office.close()


def a_pair(folder: Path) -> tuple[Office, Store]:
    """An HQ and a café that joined it, in `folder`."""
    from hq.config import Config
    from hq.wiring import open_office
    from sync import enrol

    clock = StoppedClock("2026-11-20T07:02:00+01:00")
    office = open_office(Config(data=folder, database=f"sqlite:///{folder / 'hq.db'}"), clock=clock)
    store = Store(folder / "cafe.db", clock=clock, keyring=key_of("box"), features=FEATURES)
    with office.db.writing() as conn:
        code = enrolment.make_code(conn, 17, by="test", at=clock.now_ms())
    enrol.open_first_journal(store, enrol.enrol(store, LocalHq(office), str(code), hw="test"))
    return office, store


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(cuts=st.lists(st.tuples(st.integers(0, 24), st.integers(1, 25)), min_size=1, max_size=12))
def test_any_split_of_the_same_entries_gives_the_same_hq(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[tuple[int, int]]
) -> None:
    """W1: whatever batches they come in, repeated, overlapping or with gaps, the entries make one state."""
    folder = tmp_path_factory.mktemp("split")
    office, store = a_pair(folder)
    work(store, 22)
    with store.reading() as conn:
        rows = list(journal.entries(conn, store.journal))  # type: ignore[arg-type]
    assert len(rows) == 24
    for first, size in [*cuts, (0, 10), (5, 24)]:
        _send(office, store, rows, first, size)
    with office.db.reading() as there:
        assert [ingest.entry_body(there, 17, 1, n) for n in range(24)] == [row.body for row in rows]
        assert ingest.verify(there) == []
    assert hq_audit.check(office).faults == []
    store.close()
    office.close()


def _send(office: Office, store: Store, rows: list[Any], first: int, size: int) -> ingest.Verdict | None:
    part = rows[first : first + size]
    if not part:
        return None
    head = wire.Head(
        boot=1, cafe=17, head=part[-1].hash.hex(), j=store.journal.jid, kid=store.keyring.kid, mono=1,  # type: ignore[union-attr]
        seq=part[-1].seq, t=1, tq=2,
    )  # fmt: skip
    prev = rows[first - 1].hash if first else store.journal.genesis  # type: ignore[union-attr]
    raw = wire.make_batch(head, wire.sign_head(store.keyring, head), prev, first, [row.body for row in part])
    with office.db.writing() as conn:
        verdict = ingest.accept(conn, office.projections.tell, wire.pack(raw), at=7, types=office.projections.types)
    assert verdict.code in ("ack", "gap")
    return verdict


@both
def test_six_days_without_a_line_then_all_at_once(
    join: JoinCafe, office: Office, line: LocalHq, clock: StoppedClock
) -> None:
    """Six days are kept and go out in growing batches; the café noticed nothing but the mark."""
    store = join()
    agent.push(store, line)

    def dead(_n: int, _path: str, _real: Callable[[], Answer]) -> Answer:
        raise trouble.HqUnreachable

    for day in range(6):
        clock.tick(24 * 3600 * 1000)
        with store.writing(by="g1") as tx:
            tx.record(DayOpened(day=f"2026-11-{21 + day}", float_cents=5_000))
        work(store, 450)
        with pytest.raises(trouble.HqUnreachable):
            agent.push(store, Line(Faulty(office, dead)))
    told = agent.status(store)
    assert told.waiting == 6 * 451
    assert "joignable" in told.trouble
    faulty = Faulty(office, lambda _n, _path, real: real())
    done = agent.push(store, Line(faulty))
    assert faulty.asked.count("/v1/batch") == done.batches == 3  # 400, 800, the rest
    assert agent.backlog(store) == 0
    assert held(office) == done.seq
    with office.db.reading() as conn:
        assert len(conn.execute(select(desk.db.rollup_day)).all()) == 6


def test_a_copied_card_is_found_at_its_first_contact(
    join: JoinCafe, office: Office, line: LocalHq, tmp_path: Path
) -> None:
    """Two boxes with one journal: the second to call is refused, keeps selling, and HQ holds the proof."""
    store = join()
    agent.push(store, line)
    with store.writing(by="g1"):
        store._writer.execute("PRAGMA user_version")
    copy_path = tmp_path / "copy.db"
    store._writer.execute("VACUUM INTO ?", (str(copy_path),))
    copy = Store(copy_path, clock=store.clock, keyring=store.keyring, features=FEATURES)
    agent.push(store, line)
    with pytest.raises(trouble.HistoriesDiffer):
        agent.push(copy, line)
    assert agent.status(copy).state == "anomaly"
    work(copy, 1)  # it keeps selling
    agent.push(store, line)
    with office.db.reading() as conn:
        proof = conn.execute(select(books.fork_proof)).one()
        health = conn.execute(select(desk.db.cafe_health)).one()
    head_b = wire.parse(bytes(proof.head_b_bytes), wire.Head)
    from pos import seal

    assert seal.verify(store.keyring.public, seal.HEAD, bytes(proof.head_b_bytes), bytes(proof.sig_b))
    assert head_b.seq == proof.seq
    assert (health.state, health.trouble) == ("anomaly", "fork")  # until a coordinator has looked
    copy.close()


def test_an_hq_put_back_from_a_copy_is_healed_by_its_boxes(
    join: JoinCafe, office: Office, line: LocalHq, clock: StoppedClock
) -> None:
    """HQ forgot entries it had acknowledged, then the whole café: the box sends them again and shows its grant."""
    store = join()
    agent.push(store, line)
    work(store, 3)
    with office.db.engine.connect() as conn:
        old_cursor = conn.execute(select(books.cursor)).one()
        conn.rollback()
    agent.push(store, line)
    with office.db.writing() as conn:
        conn.execute(books.segment.delete().where(books.segment.c.last > old_cursor.seq))
        conn.execute(books.cursor.update().values(seq=old_cursor.seq, head=old_cursor.head))
        office.projections.rebuild(conn)
    agent.push(store, line)
    agent.push(store, line)
    with office.db.reading() as conn:
        assert conn.execute(select(desk.db.cafe_health)).one().last_trouble == "hq_rollback"
    with office.db.writing() as conn:
        for table in (books.segment, books.cursor, books.journal, books.enrol_code):
            conn.execute(table.delete())
        office.projections.rebuild(conn)
    done = agent.push(store, line)
    assert done.sent == done.seq + 1
    assert hq_audit.check(office).faults == []


@pytest.mark.parametrize("body", [
    b"", b"<html>login</html>", b"{}", b"[]", b"null", b'{"challenge":5}', b"\xff\xfe", b'{"challenge":"x","t":1',
    b"[" * 100_000,
])  # fmt: skip
@pytest.mark.parametrize("status", [200, 302, 404, 418, 500])
def test_rubbish_moves_nothing(join: JoinCafe, office: Office, status: int, body: bytes) -> None:
    """Whatever answers in HQ's place, the box says so in one sentence and keeps its entries."""
    store = join()
    line = Line(Faulty(office, lambda _n, _path, _real: Answer(status, body)))
    with pytest.raises(SyncTrouble):
        agent.push(store, line)
    told = agent.status(store)
    assert (told.waiting, told.last_heard, told.state) == (2, None, "normal")
    assert told.trouble
    assert told.remedy


@pytest.mark.parametrize("spoil", ["sig", "head", "seq", "other_hq", "cafe"])
def test_an_ack_is_believed_only_with_hqs_signature_over_our_bytes(join: JoinCafe, office: Office, spoil: str) -> None:
    """A forged or foreign ack counts for nothing."""
    store = join()

    def forge(_n: int, path: str, real: Callable[[], Answer]) -> Answer:
        answer = real()
        if path != "/v1/batch":
            return answer
        told = json.loads(answer.body)
        ack = json.loads(told["ack"])
        if spoil == "sig":
            told["sig"] = "00" * 64
        else:
            ack |= {"head": {"head": "00" * 32}, "seq": {"seq": 10**6}, "cafe": {"cafe": 18}}.get(spoil, {})
            key = key_of("other hq") if spoil == "other_hq" else office.keyring
            told["ack"] = wire.dump(ack).decode()
            told["sig"] = key.sign(wire.ACK, wire.dump(ack)).hex()
        return Answer(200, json.dumps(told).encode())

    with pytest.raises(trouble.HqTalksRubbish):
        agent.push(store, Line(Faulty(office, forge)))
    assert agent.backlog(store) == 2
    agent.push(store, LocalHq(office))
    assert agent.backlog(store) == 0


@pytest.mark.parametrize(("status", "body", "raised", "state"), [
    (401, b'{"code":"bad_signature"}', trouble.BoxUnknown, "anomaly"),
    (403, b'{"code":"revoked"}', trouble.BoxRevoked, "locked"),
    (409, b'{"code":"fork"}', trouble.HistoriesDiffer, "anomaly"),
    (409, b'{"code":"behind"}', trouble.HistoriesDiffer, "anomaly"),
    (422, b'{"code":"bad_field"}', trouble.BatchRefused, "anomaly"),
    (426, b'{"code":"upgrade_required"}', trouble.UpgradeNeeded, "normal"),
    (429, b"", trouble.HqBusy, "normal"),
    (503, b"<html>", trouble.HqBusy, "normal"),
    (500, b"oops", trouble.HqFailed, "normal"),
])  # fmt: skip
def test_each_answer_of_hq_has_its_meaning(
    join: JoinCafe, office: Office, status: int, body: bytes, raised: type[SyncTrouble], state: str
) -> None:
    """Every status of the protocol becomes one sentence and one state; selling goes on."""
    store = join()
    line = Line(Faulty(office, lambda _n, path, real: Answer(status, body) if path == "/v1/hello" else real()))
    with pytest.raises(raised):
        agent.push(store, line)
    told = agent.status(store)
    assert told.state == state
    assert told.trouble != type(raised).__name__
    work(store, 1)
    agent.push(store, LocalHq(office))
    assert agent.status(store).state == "normal"


def test_a_batch_too_large_is_halved(join: JoinCafe, office: Office) -> None:
    """413: fewer entries at a time, down to ten, until it passes."""
    store = join()
    work(store, 300)
    tries: list[int] = []

    class Small(LocalTransport):
        def send(self, method: str, path: str, body: bytes = b"", *, packed: bool = False, token: str = "") -> Answer:
            if path == "/v1/batch":
                n = wire.read_batch(wire.unpack(body)).header.count
                tries.append(n)
                if n > 100:
                    return Answer(413, b'{"code":"too_large"}')
            return super().send(method, path, body, packed=packed, token=token)

    agent.push(store, Line(Small(office)))
    assert agent.backlog(store) == 0
    assert max(tries[-2:]) <= 100


def test_a_damaged_journal_signs_no_head(join: JoinCafe, line: LocalHq) -> None:
    """Bytes read back that are not those written: the box says so and sends nothing over them."""
    store = join()
    work(store, 3)
    conn = store._writer
    conn.execute("DROP TRIGGER journal_entry_is_final")
    conn.execute("UPDATE journal_entry SET body = CAST(replace(CAST(body AS TEXT), 'g1', 'g2') AS BLOB) WHERE seq = 3")
    with pytest.raises(trouble.JournalDamaged) as told:
        agent.push(store, line)
    assert "3" in told.value.what()
    assert agent.status(store).state == "anomaly"


def test_two_pushes_at_once_are_one(join: JoinCafe, office: Office) -> None:
    """The button while the night's push runs: the second waits its turn."""
    store = join()

    def again(_n: int, path: str, real: Callable[[], Answer]) -> Answer:
        if path == "/v1/challenge":
            with pytest.raises(trouble.AlreadySending):
                agent.push(store, LocalHq(office))
        return real()

    agent.push(store, Line(Faulty(office, again)))


def test_a_box_that_has_not_joined_says_so(tmp_path: Path, clock: StoppedClock, line: LocalHq) -> None:
    """No journal yet: a sentence, no crash."""
    store = Store(tmp_path / "new.db", clock=clock, keyring=key_of("new"), features=FEATURES)
    with pytest.raises(NotEnrolled):
        agent.push(store, line)
    assert agent.status(store).enrolled is False
    assert agent.backlog(store) == 0
    store.close()
