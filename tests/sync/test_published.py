"""HQ's log between HQ and its boxes: published each night, shown with proofs, believed only when they hold (§2.17)."""

import msgspec
import pytest
from sqlalchemy import delete, func, select, update

from hq import log_archive, publishing
from hq.local import LocalHq
from hq.wiring import Office
from pos import journal
from pos.clock import StoppedClock
from pos.store import Store
from pos.system import TroubleNoted
from sync import agent, books, checkpoint, published
from sync.checkpoint import Checkpoint, Published
from tests.conftest import key_of
from tests.hq.conftest import ENGINES, JoinCafe

DAY = 24 * 3600 * 1000
BOTH = pytest.mark.parametrize("hq_db", ENGINES, indirect=True)


def night(office: Office, clock: StoppedClock) -> Checkpoint | None:
    """Let a day pass, and make the night's checkpoint."""
    clock.tick(DAY)
    with office.db.writing() as conn:
        return publishing.publish(office, conn)


def troubles(store: Store) -> list[str]:
    """What the journal says of HQ's log."""
    assert store.journal is not None
    with store.reading() as conn:
        told = [journal.read_envelope(row.body) for row in journal.entries(conn, store.journal)]
    data = [msgspec.json.decode(e.data) for e in told if e.kind == TroubleNoted.kind]
    return [one["detail"] for one in data if one["what"] == "hq_log"]


def known(store: Store) -> published.Known:
    """The checkpoint the box believes."""
    told = published.kept(store).known
    assert told is not None
    return told


@BOTH
def test_a_box_checks_what_hq_published_of_its_journal(
    office: Office, line: LocalHq, join: JoinCafe, clock: StoppedClock
) -> None:
    """Each night's checkpoint reaches the box with proofs of its head and of the night before, and is kept."""
    one, two = join(17), join(18)
    before = 0
    for n in range(4):
        for store in (one, two):
            agent.push(store, line)
        told = night(office, clock)
        assert told is not None
        assert told.size >= before + 2
        before = told.size
        agent.push(one, line)
        if n % 2:
            agent.push(two, line)
    assert checkpoint.read(known(one).note, office.keyring.public) == told
    assert known(one).seq > 0
    assert known(one).t > 0
    assert not published.kept(one).doubts
    assert not troubles(one) + troubles(two)
    with office.db.reading() as conn:
        assert log_archive.verify(office, conn) == []


def test_the_first_call_of_the_morning_makes_the_checkpoint(
    office: Office, line: LocalHq, join: JoinCafe, clock: StoppedClock
) -> None:
    """Nobody has to think of it: once a night a call makes it, and only one."""
    store = join()
    for _ in range(3):
        agent.push(store, line)
    clock.tick(DAY)
    for _ in range(3):
        agent.push(store, line)
    with office.db.reading() as conn:
        made = conn.execute(select(func.count()).select_from(books.log_checkpoint)).scalar_one()
    assert made == 2
    assert known(store).seq >= 0


def test_a_box_that_was_away_for_long_believes_the_newest(
    office: Office, line: LocalHq, join: JoinCafe, clock: StoppedClock
) -> None:
    """One proof leads from any old checkpoint to the newest."""
    away, busy = join(17), join(18)
    agent.push(away, line)
    night(office, clock)
    agent.push(away, line)
    for _ in range(9):
        agent.push(busy, line)
        night(office, clock)
    agent.push(away, line)
    assert not published.kept(away).doubts
    assert known(away).note == known(busy).note or known(away).heard_at > known(busy).heard_at


def rewrite(office: Office, line: LocalHq, join: JoinCafe, clock: StoppedClock) -> Store:
    """A café whose heads are in two checkpoints, which HQ then wants to forget."""
    store = join()
    agent.push(store, line)
    night(office, clock)
    agent.push(store, line)
    night(office, clock)
    agent.push(store, line)
    assert not published.kept(store).doubts
    return store


def begin_again(office: Office) -> None:
    """HQ makes its log anew from what its segments say now."""
    with office.db.writing() as conn:
        for table in (books.log_leaf, books.log_tile, books.log_checkpoint):
            conn.execute(delete(table))
        publishing.publish(office, conn)


@BOTH
def test_an_hq_that_rewrites_what_it_published_is_caught(
    office: Office, line: LocalHq, join: JoinCafe, clock: StoppedClock
) -> None:
    """A leaf changed and signed again does not continue what the box knows: both notes are kept, an entry says it."""
    store = rewrite(office, line, join, clock)
    old = known(store).note
    with office.db.writing() as conn:
        first = conn.execute(select(func.min(books.segment.c.last))).scalar_one()
        conn.execute(update(books.segment).where(books.segment.c.last == first).values(head=bytes(32)))
    begin_again(office)
    agent.push(store, line)
    doubt = published.kept(store).doubts[-1]
    assert doubt.reason in (published.REWRITTEN, published.SHRUNK)
    assert doubt.known == old
    for note in (doubt.known, doubt.shown):
        assert checkpoint.read(note, office.keyring.public)
    assert len(troubles(store)) == 1
    assert agent.status(store).state == "normal"
    with office.db.reading() as conn:
        assert [row.note for row in conn.execute(select(books.log_doubt))] == [old]
    # The line goes on, and the same is not said again.
    night(office, clock)
    agent.push(store, line)
    agent.push(store, line)
    assert len(troubles(store)) == 1


def test_an_hq_put_back_from_a_backup_is_told_by_its_boxes(
    office: Office, line: LocalHq, join: JoinCafe, clock: StoppedClock
) -> None:
    """The log shrank: the box notes it once, shows HQ its own note, and follows the log from there."""
    store = rewrite(office, line, join, clock)
    old = known(store).note
    with office.db.writing() as conn:
        sizes = list(conn.execute(select(books.log_checkpoint.c.size).order_by(books.log_checkpoint.c.size)).scalars())
        for table in (books.log_leaf, books.log_tile, books.log_checkpoint):
            conn.execute(delete(table))
        publishing.add_leaves(conn, 0, list(publishing.fresh(conn))[: sizes[0]])
        told = Checkpoint(publishing.origin_of(office), sizes[0], publishing.root_at(conn, sizes[0]))
        publishing.keep(conn, told, checkpoint.sign(office.keyring, told), clock.now_ms())
    agent.push(store, line)
    assert [d.reason for d in published.kept(store).doubts] == [published.SHRUNK]
    with office.db.reading() as conn:
        assert conn.execute(select(books.log_doubt.c.note)).scalar_one() == old
        assert any("17" in fault for fault in log_archive.verify(office, conn))
    for _ in range(3):
        night(office, clock)
        agent.push(store, line)
    assert len(published.kept(store).doubts) == len(troubles(store)) == 1


def shown(office: Office, store: Store, jid: str = "") -> Published:
    """What HQ would show the box now."""
    assert store.journal is not None
    with office.db.reading() as conn:
        told = conn.execute(select(books.journal).where(books.journal.c.jid == (jid or store.journal.jid))).one()
        found = publishing.shown_to(office, conn, told, "")
    assert found is not None
    return found


def test_a_head_left_out_or_another_cafe_s_is_seen(
    office: Office, line: LocalHq, join: JoinCafe, clock: StoppedClock
) -> None:
    """What was acknowledged two checkpoints ago must be in the newest; a proof for another leaf is none."""
    store, other = join(17), join(18)
    assert store.journal is not None
    for _ in range(3):
        agent.push(store, line)
        agent.push(other, line)
        night(office, clock)
    good = shown(office, store)
    assert known(store).due > 0
    cases = {
        published.FORGED: [
            msgspec.structs.replace(good, index=good.index - 1), msgspec.structs.replace(good, seq=good.seq - 1),
            msgspec.structs.replace(good, seq=10_000), msgspec.structs.replace(good, seq=2**70), msgspec.structs.replace(good, inclusion=good.inclusion[1:]),
            msgspec.structs.replace(good, inclusion=["zz"]), shown(office, other),
        ],
        published.LEFT_OUT: [msgspec.structs.replace(good, seq=-1, index=-1)],
        published.UNSIGNED: [
            msgspec.structs.replace(good, note=checkpoint.sign(key_of("other"), Checkpoint("x", 1, bytes(32))))
        ],
    }  # fmt: skip
    kept = published.kept(store)
    consistency = _since(office, known(store).note)
    for reason, lies in cases.items():
        for lie in lies:
            with store.writing(by="box") as tx:
                published._keep(tx, kept)
            told = msgspec.structs.replace(lie, consistency=consistency)
            assert published.take(store, store.journal, told, 0) == reason
    # Another journal of this box owes nothing of the one before; a note spoilt on the box begins anew.
    for change in ({"jid": "0" * 16, "due": 10_000}, {"note": "spoilt"}):
        assert kept.known is not None
        with store.writing(by="box") as tx:
            published._keep(tx, published.Kept(known=msgspec.structs.replace(kept.known, **change)))
        assert published.take(store, store.journal, msgspec.structs.replace(good, consistency=consistency), 0) == ""
    renamed = Checkpoint("another/log", 10_000, bytes(32))
    with store.writing(by="box") as tx:
        published._keep(tx, kept)
    assert (
        published.take(store, store.journal, Published(note=checkpoint.sign(office.keyring, renamed)), 0) == "renamed"
    )


def _since(office: Office, note: str) -> list[str]:
    with office.db.reading() as conn:
        told = conn.execute(select(books.journal).where(books.journal.c.cafe_id == 17)).one()
        found = publishing.shown_to(office, conn, told, note)
    return found.consistency if found else []


def test_evidence_is_kept_within_bounds(office: Office, line: LocalHq, join: JoinCafe, clock: StoppedClock) -> None:
    """An HQ that lies at every call fills neither the journal nor the drafts."""
    store = join()
    assert store.journal is not None
    for n in range(published.DOUBTS_MOST + 5):
        note = checkpoint.sign(key_of("other"), Checkpoint("x", n, bytes(32)))
        assert published.take(store, store.journal, Published(note=note), -1) == published.UNSIGNED
    assert len(published.kept(store).doubts) == len(troubles(store)) == published.DOUBTS_MOST
    assert published.note_known(store, store.journal) == ""


def test_a_fault_of_the_log_stops_no_call(office: Office, line: LocalHq, join: JoinCafe, clock: StoppedClock) -> None:
    """A tile that is lost is found by the check, and boxes are still heard."""
    store = rewrite(office, line, join, clock)
    with office.db.writing() as conn:
        conn.execute(delete(books.log_tile))
        conn.execute(update(books.log_checkpoint).values(made_at=0))
    with store.writing(by="box") as tx:
        published._keep(tx, published.Kept())
    clock.tick(DAY)
    sent = agent.push(store, line)
    assert sent.sent > 0
    assert published.told(store) is None
    with office.db.reading() as conn:
        assert log_archive.verify(office, conn)


def test_the_page_for_inspectors_says_how_far_hq_published(
    office: Office, line: LocalHq, join: JoinCafe, clock: StoppedClock
) -> None:
    """Nothing before the first checkpoint, then up to when, then that HQ has fallen silent, and for ever what did not fit."""
    store = join()
    agent.push(store, line)
    assert published.told(store) is None
    night(office, clock)
    agent.push(store, line)
    told = published.told(store)
    assert told is not None
    assert (told.seq, told.t) == (known(store).seq, known(store).t)
    assert not told.late
    assert told.doubted_at is None
    with store.writing(by="box") as tx:
        published._keep(tx, published.Kept(known=msgspec.structs.replace(known(store), heard_at=0)))
    told = published.told(store)
    assert told is not None
    assert told.late
    assert store.journal is not None
    published.take(store, store.journal, Published(note="rubbish"), -1)
    told = published.told(store)
    assert told is not None
    assert told.doubted_at == clock.now_ms()
    assert [name for name, _note in published.notes(store)] == [
        "siege.txt",
        "siege-ecart-01-avant.txt",
        "siege-ecart-01-apres.txt",
    ]
