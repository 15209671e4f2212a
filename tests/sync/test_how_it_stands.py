"""How the line stands: what each page shows of it, and what a box tells HQ of itself."""

import shutil
from pathlib import Path

import pytest

from hq import enrolment
from hq.local import LocalHq, LocalTransport
from hq.wiring import Office
from pos import journal
from pos.clock import StoppedClock
from pos.errors import SyncTrouble
from pos.house import FEATURES
from pos.i18n import _
from pos.store import NotEnrolled, Store
from pos.system import SyncAcked, SyncOpened, TroubleNoted
from sync import ackfile, agent, trouble, wire
from sync.health import Stats
from sync.line import Answer, Line, Welcome
from tests.conftest import key_of
from tests.hq.conftest import JoinCafe
from tests.sync.coming_down import Bad
from tests.sync.test_agent import work
from tests.sync.test_found import Village, village
from tests.sync.test_repair import sales
from tests.sync.test_rotation import box
from tests.sync.test_words_of_hq import bent, refusing

__all__ = ["box", "village"]


def events(store: Store) -> list[object]:
    """What the open journal says."""
    assert store.journal is not None
    with store.reading() as conn:
        told = [journal.read_envelope(one.body) for one in journal.entries(conn, store.journal)]
    return [store.types.decode(one.kind, one.kv, one.data) for one in told]


def fails(store: Store, line: Line, problem: type[SyncTrouble]) -> agent.Status:
    """How the line stands after a call that ended so."""
    with pytest.raises(problem):
        agent.push(store, line)
    return agent.status(store)


def test_each_page_shows_how_the_line_stands(
    join: JoinCafe, office: Office, clock: StoppedClock, tmp_path: Path
) -> None:
    """Before the code, before the first call, after a good one, after a cut one, in an anomaly, and well again."""
    new = Store(tmp_path / "new.db", clock=clock, keyring=key_of("new"), features=FEATURES)
    assert agent.status(new) == agent.Status(
        False, None, 0, "normal", _(NotEnrolled.sentence), _(NotEnrolled.remedy)
    )  # fmt: skip
    new.close()
    store = join()
    assert agent.status(store) == agent.Status(True, None, 2, "normal", "", "", pending=False, slot=-1)
    agent.push(store, bent(office, "/v1/hello", lambda told: told | {"pending": True, "slot": 77}))
    heard = clock.now_ms()
    assert agent.status(store) == agent.Status(True, heard, 0, "normal", "", "", pending=True, slot=77)

    def cut(_path: str, _ask: object) -> None:
        raise trouble.HqUnreachable

    away, gone = Line(Bad(office, cut)), trouble.HqUnreachable()  # type: ignore[arg-type]
    told = fails(store, away, trouble.HqUnreachable)
    assert told == agent.Status(True, heard, 0, "normal", gone.what(), gone.how(), pending=True, slot=77)
    assert fails(store, refusing(office, "/v1/hello", 409, "fork"), trouble.HistoriesDiffer).state == "anomaly"
    told = fails(store, away, trouble.HqUnreachable)
    assert (told.state, told.trouble) == ("anomaly", gone.what()), "a cut line heals nothing"
    agent.push(store, LocalHq(office))
    told = agent.status(store)
    assert (told.state, told.trouble, told.remedy, told.waiting) == ("normal", "", "", 0)


def test_what_was_taken_back_does_not_wait(join: JoinCafe, line: LocalHq) -> None:
    """A page asked in the middle of an act that fails: its entries are counted while they are there, and no longer."""
    store = join()
    agent.push(store, line)

    def cut() -> None:
        with store.bulk():
            work(store, 3)
            assert agent.backlog(store) == 3
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cut()
    assert agent.backlog(store) == 0
    work(store, 1)
    assert agent.backlog(store) == 1


def test_a_box_tells_hq_how_it_stands(join: JoinCafe, office: Office) -> None:
    """Its own figures, what waits, the room left, and the trouble of the call before: each with the hello."""
    store, said = join(), []

    class Heard(Line):
        def hello(self, signed: bytes) -> Welcome:
            said.append(wire.read_hello(signed)[0])
            return super().hello(signed)

    line = Heard(LocalTransport(office))
    agent.push(store, line, sw="9.9", about=Stats(fiscal="F7", machines=["paper.low"], state="?", trouble="?"))
    fails(store, refusing(office, "/v1/hello", 409, "fork"), trouble.HistoriesDiffer)
    agent.push(store, line)
    first, second = said
    assert (first.sw, first.stats.fiscal, first.stats.machines) == ("9.9", "F7", ["paper.low"])
    assert (first.stats.backlog, first.stats.state, first.stats.trouble) == (2, "normal", "")
    assert (second.stats.backlog, second.stats.state, second.stats.trouble) == (0, "anomaly", "fork")
    free = shutil.disk_usage(store.path.parent).free
    assert abs(first.stats.disk_free - free) < free // 2


def test_a_file_that_went_back_is_noted_and_asks_for_a_code(join: JoinCafe) -> None:
    """Found before any call: an entry says it to HQ, the page says it to the person."""
    store, said = join(), trouble.WentBack()
    agent.went_back(store, "cut:7")
    assert events(store)[-1] == TroubleNoted(what="rollback", detail="cut:7")
    told = agent.status(store)
    assert (told.state, told.trouble, told.remedy) == ("anomaly", said.what(), said.how())


def test_what_hq_lost_is_noted_and_read_again_before_it_goes(village: Village) -> None:
    """HQ put back to an older copy: from where to where is an entry; what rotted since, from the first entry on, stays here."""
    held = agent.push(village.box, village.line).seq
    village.back_up()
    sales(village.box, 2)
    had = agent.push(village.box, village.line).seq
    village.put_back()
    seq = held + 1
    writer, at = village.box._writer, "WHERE jn = 1 AND seq = ?"
    (whole,) = writer.execute(f"SELECT body FROM journal_entry {at}", (seq,)).fetchone()
    writer.execute("DROP TRIGGER journal_entry_is_final")
    writer.execute(f"UPDATE journal_entry SET body = x'00' {at}", (seq,))
    with pytest.raises(trouble.JournalDamaged) as told:
        agent.push(village.box, village.line)
    assert told.value.params == {"seq": seq}
    writer.execute(f"UPDATE journal_entry SET body = ? {at}", (whole, seq))
    agent.push(village.box, village.line)
    village.whole(5)
    notes = [one for one in events(village.box) if isinstance(one, TroubleNoted)]
    assert notes == [TroubleNoted(what="hq_rollback", detail=f"{had}>{held}")]


@pytest.mark.parametrize("calls", [0, 1])
def test_no_entry_goes_that_was_not_read_again(join: JoinCafe, line: LocalHq, calls: int) -> None:
    """Not the journal's first, and not the one right behind what HQ has: no head is signed over what the card changed."""
    store, seq = join(), 0
    for _call in range(calls):
        seq = agent.push(store, line).seq + 1
    store._writer.execute("DROP TRIGGER journal_entry_is_final")
    store._writer.execute("UPDATE journal_entry SET body = x'00' WHERE seq = ?", (seq,))
    with pytest.raises(trouble.JournalDamaged) as told:
        agent.push(store, line)
    assert told.value.params == {"seq": seq}


def one_batch(office: Office) -> Line:
    """A line that breaks behind the first batch."""
    batches = []

    class Breaking(LocalTransport):
        def send(self, method: str, path: str, body: bytes = b"", *, packed: bool = False, token: str = "") -> Answer:
            if path == "/v1/batch":
                batches.append(path)
                if len(batches) > 1:
                    raise trouble.HqUnreachable
            return super().send(method, path, body, packed=packed, token=token)

    return Line(Breaking(office))


def test_an_hq_that_has_the_first_entry_only_gets_the_rest(join: JoinCafe, office: Office, line: LocalHq) -> None:
    """Entry 0 is an entry like any other: it has its own hash, the journal's first hash lies before it."""
    store = join()
    with pytest.raises(trouble.HqUnreachable):
        agent.push(store, one_batch(office), size=1)
    done = agent.push(store, line)
    told = store.journal
    assert told is not None
    assert done.sent == done.seq
    with store.reading() as conn:
        first, second = [one.hash.hex() for one in journal.entries(conn, told, 0, 1)]
    before = told.genesis.hex()
    for seq, head in ((-1, before), (0, first), (1, second)):
        assert [agent.holds(store, told, at, head) for at in (-1, 0, 1)] == [seq == at for at in (-1, 0, 1)]


def test_an_ack_heard_in_a_call_that_was_cut_is_written_down_in_the_next(join: JoinCafe, office: Office) -> None:
    """HQ's signed head goes into the chain once, before the next nonce, and is told word for word."""
    store = join()
    work(store, 6)
    with pytest.raises(trouble.HqUnreachable):
        agent.push(store, one_batch(office), size=4)
    kept = ackfile.last(store)
    assert kept is not None
    agent.push(store, LocalHq(office))
    said = [one for one in events(store) if isinstance(one, SyncAcked | SyncOpened)]
    assert [type(one) for one in said] == [SyncOpened, SyncAcked, SyncOpened, SyncAcked]
    assert said[1] == SyncAcked(seq=3, head=kept.head, kid=kept.kid, sig=kept.sig, t=kept.t)


@pytest.mark.parametrize("cut", [True, False])
def test_what_is_too_much_at_once_is_halved(join: JoinCafe, office: Office, cut: bool) -> None:
    """Each time by half, whether the line broke under it or HQ said so; then it grows again."""
    store, tries, most = join(), [], 20
    work(store, 90)

    class Narrow(LocalTransport):
        def send(self, method: str, path: str, body: bytes = b"", *, packed: bool = False, token: str = "") -> Answer:
            if path == "/v1/batch":
                tries.append(len(wire.read_batch(wire.unpack(body)).bodies))
                if tries[-1] > most:
                    if cut:
                        raise trouble.HqUnreachable
                    return Answer(413, b'{"code":"too_large"}')
            return super().send(method, path, body, packed=packed, token=token)

    done = agent.push(store, Line(Narrow(office)))
    assert tries[:5] == [93, 46, 23, 11, 22]
    taken = [n for n in tries if n <= most]
    assert (done.sent, done.batches) == (sum(taken), len(taken)) == (93, len(taken))
    most = 0
    work(store, 38)
    tries.clear()
    with pytest.raises(trouble.HqUnreachable if cut else trouble.BatchRefused):
        agent.push(store, Line(Narrow(office)))
    assert tries == [40, 20, 10], "ten are not halved"


@pytest.mark.parametrize("word", ["superseded", "fork"])
def test_a_key_that_hq_does_not_grant_ends_no_call(box: Store, office: Office, word: str) -> None:
    """Replaced meanwhile, or a copy about: the entries are gone up, the welcome says it where it is so."""
    with office.db.writing() as conn:
        enrolment.ask_rotation(conn, 17)
    sales(box, 1)
    agent.push(box, refusing(office, "/v1/rotate", 410, word))
    assert (len(box.journals()), agent.status(box).state, agent.backlog(box)) == (1, "normal", 0)
