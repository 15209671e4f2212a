"""HQ's log between HQ and its boxes: published each night, shown with proofs, believed only when they hold (§2.17)."""

import msgspec
import pytest
from sqlalchemy import delete, func, select, update

from hq import log_archive, publishing
from hq.local import LocalHq
from hq.wiring import Office
from pos import hq_keys, journal
from pos.clock import StoppedClock
from pos.seal import Keyring
from pos.store import Store
from pos.system import TroubleNoted
from sync import ackfile, agent, books, checkpoint, hqkeys, merkle, published
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


def believe(store: Store, **more: object) -> None:
    """Let the box have another checkpoint than the one it believed."""
    with store.writing(by="box") as tx:
        published._keep(tx, published.Kept(known=msgspec.structs.replace(known(store), **more)))


def log_of(store: Store, seq: int, keyring: Keyring, origin: str = "log") -> Published:
    """A log that holds one entry of ours and nothing else, as whoever has this key shows it."""
    assert store.journal is not None
    with store.reading() as conn:
        (ours,) = journal.entries(conn, store.journal, seq, seq)
    root = merkle.leaf_hash(checkpoint.leaf(store.journal.cafe, store.journal.jid, seq, ours.hash.hex()))
    return Published(note=checkpoint.sign(keyring, Checkpoint(origin, 1, root)), seq=seq, index=0)


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
    assert troubles(store) == [f"shrunk {sizes[-1]}>{sizes[0]}"]
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
    ack = ackfile.last(store)
    assert ack is not None
    for more, late in ((0, False), (1, True)):
        believe(store, heard_at=ack.heard_at - published.LATE_MS - more)
        told = published.told(store)
        assert told is not None
        assert told.late is late
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


def test_what_was_acknowledged_is_owed_two_checkpoints_later(join: JoinCafe, clock: StoppedClock) -> None:
    """The first entry, in the first leaf, counts; what is owed is asked once, and by a log begun anew nothing is."""
    store, hq = join(), key_of("hq")
    assert store.journal is not None
    with store.reading() as conn:
        made = [journal.read_envelope(row.body).t for row in journal.entries(conn, store.journal)]
    zero, one = log_of(store, 0, hq), log_of(store, 1, hq)
    none = msgspec.structs.replace(zero, seq=-1, index=-1)
    steps = (
        # Shown, acknowledged before; wrong with it, believed up to, owed next and after.
        (none, 0, "", -1, -1, 0), (none, 1, "", -1, 0, 1), (none, 1, "left_out", -1, -1, 1), (none, 0, "", -1, 1, 0),
        (zero, 0, "left_out", 0, -1, 0), (none, 0, "", 0, 0, 0), (zero, 0, "", 0, 0, 0), (one, 2, "rewritten", 1, -1, 2),
        (one, 5, "", 1, 2, 5), (zero, 5, "rewritten", 0, -1, 5),
    )  # fmt: skip
    for show, acked, wrong, seq, due, then in steps:
        clock.tick(1000)
        assert published.take(store, store.journal, show, acked) == wrong
        assert known(store) == published.Known(
            hq_key=hq.public.hex(), note=show.note, heard_at=clock.now_ms(), jid=store.journal.jid, seq=seq,
            t=made[seq] if seq >= 0 else 0, due=due, then=then,
        )  # fmt: skip
    assert troubles(store) == ["left_out 1>1", "rewritten 1>1", "rewritten 1>1"]


def test_a_log_owes_nothing_of_another_journal_nor_of_another_hq(join: JoinCafe, clock: StoppedClock) -> None:
    """Repaired, a box has another journal; sold on, another HQ: what it knew of the one before accuses nobody."""
    store, hq = join(), key_of("hq")
    assert store.journal is not None
    first = log_of(store, 1, hq)
    assert published.take(store, store.journal, first, 1) == ""
    other = log_of(store, 0, key_of("other"), "elsewhere")
    for before in ({"jid": "0" * 16}, {"hq_key": key_of("other").public.hex(), "note": other.note}):
        believe(store, **before, seq=9, t=9, due=9, then=9)
        if "note" in before:
            assert published.note_known(store, store.journal) == ""
        nothing = msgspec.structs.replace(first, seq=-1, index=-1)
        assert published.take(store, store.journal, nothing, 3) == ""
        told = known(store)
        assert (told.jid, told.seq, told.t, told.due, told.then) == (store.journal.jid, -1, 0, -1, 3)
        assert published.note_known(store, store.journal) == first.note
    assert troubles(store) == []


def test_a_key_that_hq_left_signs_no_more_checkpoints(join: JoinCafe) -> None:
    """Whoever stole a former key shows a log that goes on: it is no log of HQ's."""
    store, hq, new = join(), key_of("hq"), key_of("new")
    assert store.journal is not None
    hqkeys.learn(store, store.journal, [hq_keys.make(hq, new, n=1, at=1)])
    for keyring, wrong in ((hq, ""), (new, ""), (hq, published.UNSIGNED)):
        assert published.take(store, store.journal, log_of(store, 1, keyring), 1) == wrong
    assert published.note_known(store, store.journal) == log_of(store, 1, new).note


def test_the_same_rubbish_is_said_once(join: JoinCafe, clock: StoppedClock) -> None:
    """Before anything is believed, a note nobody signed is evidence by itself, however long, however often it is shown."""
    store = join()
    assert store.journal is not None
    for note in ("rubbish", "x" * (checkpoint.NOTE_MAX + 1)):
        for _ in range(2):
            assert published.take(store, store.journal, Published(note=note), -1) == published.UNSIGNED
    assert troubles(store) == ["unsigned", "unsigned"]
    assert published.told(store) == published.Told(seq=-1, t=0, heard_at=0, doubted_at=clock.now_ms(), late=False)
    names = ["siege-ecart-01-apres.txt", "siege-ecart-02-apres.txt"]
    assert published.notes(store) == list(zip(names, ("rubbish", "x" * checkpoint.NOTE_MAX), strict=True))
    forged = msgspec.structs.replace(log_of(store, 1, key_of("hq")), seq=0)
    assert published.take(store, store.journal, forged, -1) == published.FORGED
    assert (known(store).seq, known(store).t, troubles(store)[2:]) == (-1, 0, ["forged 0>1"])
    lying = msgspec.structs.replace(forged, seq=-(2**70))
    assert published.take(store, store.journal, lying, -1) == published.FORGED
