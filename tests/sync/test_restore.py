"""A dead box's café comes back from HQ alone: its journals byte for byte, its tables, its numbers; nothing twice (§2.10)."""

import gzip
import re
import sqlite3
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from hq import audit as hq_audit
from hq import enrolment
from hq.local import LocalHq
from hq.wiring import Office
from pos import private
from pos.archive import verifier
from pos.archive.make import check, make_archive
from pos.audit import check_everything
from pos.clock import StoppedClock
from pos.house import FEATURES
from pos.projections import digest
from pos.store import Store
from pos.till import close, sell
from pos.till.sell import SoldLine
from sync import agent, brought, enrol, rebuild, repair, restore, trouble, wire
from sync.brought import FETCH, TELL, Brought
from sync.line import Answer, Enrolled, Line
from tests.cast import open_cafe
from tests.conftest import key_of
from tests.hq.conftest import JoinCafe
from tests.sync.coming_down import Bad
from tests.sync.test_repair import CAFE, PRICE, at_hq, copy_of, heal, sales, sold


def blank(store: Store, name: str) -> Store:
    """A box nobody has used, beside another's file."""
    path = store.path.with_name(name) / "cafe.db"
    return Store(path, clock=store.clock, keyring=key_of(name), features=FEATURES)


def asked(office: Office, line: LocalHq, box: Store, *, confirm: bool = True) -> Enrolled:
    """Let a new box in with a replacement code, its number heard on the telephone."""
    with office.db.writing() as conn:
        code = enrolment.make_code(conn, CAFE, enrolment.REPLACE, by="test", at=office.clock.now_ms())
    told = enrol.enrol(box, line, str(code), hw="test")
    if confirm:
        heard(office, told)
    return told


def heard(office: Office, told: Enrolled) -> None:
    """Confirm the check number of a box."""
    with office.db.writing() as conn:
        assert enrolment.confirm_number(conn, CAFE, told.check_number, by="test", at=office.clock.now_ms())


def restored(line: LocalHq, box: Store, told: Enrolled) -> Store:
    """Bring everything and put it together."""
    beside = box.path.with_name("coming.db")
    came = restore.fetch(box, line, told, beside)
    return rebuild.build(beside, came, told, box.path.with_name("restored.db"), box)


def tables(store: Store) -> dict[str, str]:
    """Return a hash of every told table."""
    with store.reading() as conn:
        return {table: digest(conn, table) for table in store.projector.tables}


def bytes_of(store: Store) -> list[tuple[int, int, bytes]]:
    """Return every entry of every journal, as it is."""
    with store.reading() as conn:
        return [tuple(row) for row in conn.execute("SELECT jn, seq, body FROM journal_entry ORDER BY jn, seq")]


@pytest.fixture
def cafe(join: JoinCafe, line: LocalHq) -> Store:
    """A café with a day closed and another begun, all at HQ."""
    store = join()
    open_cafe(store)
    sales(store, 3)
    close.close_day(store, counted=15_000, by="g1")
    close.open_day(store, 15_000, by="g1")
    sales(store, 1)
    agent.push(store, line)
    agent.push(store, line)
    return store


def test_a_dead_box_comes_back_whole_from_hq(cafe: Store, office: Office, line: LocalHq) -> None:
    """S13: journals byte for byte, every table, numbers and totals; the next sale counts once."""
    whole = tables(cafe)
    box = blank(cafe, "spare")
    told = asked(office, line, box, confirm=False)
    with pytest.raises(trouble.NotConfirmed):
        restore.fetch(box, line, told, box.path.with_name("coming.db"))
    heard(office, told)
    back = restored(line, box, told)
    assert tables(back) == whole
    assert bytes_of(back) == bytes_of(cafe)[:-1]  # but the acknowledgement it noted last
    done = repair.follow(back, line, told)
    assert (done.lost, done.kept, done.no) == (0, 0, 4)
    assert sold(back) == (4, 4 * PRICE)
    sell.sell(back, lines=[SoldLine(product="cafe")], by="g1")
    agent.push(back, line)
    assert sold(back) == (5, 5 * PRICE)
    assert at_hq(office) == (5, 5 * PRICE)
    assert check_everything(back).findings == ()
    assert hq_audit.check(office).faults == []
    assert verifier.main([str(back.path), "--all-seals"]) == 0
    with pytest.raises(trouble.BoxReplaced):
        agent.push(cafe, line)
    back.close()
    box.close()


def test_a_café_repaired_before_comes_back_as_its_last_box_had_it(
    cafe: Store, office: Office, line: LocalHq, tmp_path: Path
) -> None:
    """What the last box had taken up as sums stays sums, its own end of a parted journal stands where it was."""
    old = copy_of(cafe, tmp_path / "old.db")
    sales(cafe, 5)
    agent.push(cafe, line)
    sales(old, 2)
    heal(office, old, line)
    sales(old, 1)
    agent.push(old, line)
    agent.push(old, line)
    whole, counted = tables(old), at_hq(office)
    box = blank(cafe, "spare")
    told = asked(office, line, box)
    back = restored(line, box, told)
    assert tables(back) == whole
    assert bytes_of(back) == bytes_of(old)[:-1]
    assert check_everything(back).findings == ()
    done = repair.follow(back, line, told)
    assert done.lost == 0
    assert sold(back)[1] == sold(old)[1] == counted[1]
    agent.push(back, line)
    agent.push(back, line)
    assert at_hq(office) == counted
    assert check_everything(back).findings == ()
    assert verifier.main([str(back.path), "--all-seals"]) == 0
    # And the box that came back dies too.
    sales(back, 1)
    agent.push(back, line)
    agent.push(back, line)
    third = blank(cafe, "third")
    again = restored(line, third, asked(office, line, third))
    assert tables(again) == tables(back)
    assert check_everything(again).findings == ()
    for one in (back, box, again, third):
        one.close()


def test_what_a_stick_has_beyond_hq_comes_back_as_it_was(
    cafe: Store, office: Office, line: LocalHq, tmp_path: Path
) -> None:
    """A repaired café's stick: the tail HQ never had follows in its own journal, seals and all, and names with it."""
    heal(office, cafe, line)
    sales(cafe, 2)
    with cafe.writing(by="g1") as tx:
        private.remember(tx.conn, purpose="team", purge_after="2099-01-01", now_ms=1, person_id="op-x", name="Léo")
    cafe._writer.execute("VACUUM INTO ?", (str(tmp_path / "stick.db"),))
    box = blank(cafe, "spare")
    told = asked(office, line, box)
    beside, steps = box.path.with_name("coming.db"), []
    came = restore.fetch(box, line, told, beside)
    back = rebuild.build(
        beside, came, told, box.path.with_name("restored.db"), box, copy=tmp_path / "stick.db",
        progress=lambda *step: steps.append(step),
    )  # fmt: skip
    assert (bytes_of(back), tables(back)) == (bytes_of(cafe), tables(cafe))
    assert steps == [(TELL, done, len(bytes_of(cafe))) for done in (0, len(bytes_of(cafe)))]
    with back.reading() as conn, cafe.reading() as ours:
        last = "SELECT seal FROM journal_entry WHERE jn = 2 ORDER BY seq DESC LIMIT 2"
        assert conn.execute(last).fetchall() == ours.execute(last).fetchall()
        assert private.recall(conn, "op-x") == {"name": "Léo"}
    assert check_everything(back).findings == ()
    back.close()
    box.close()


def test_what_came_back_is_proved_by_the_heads_its_box_signed(
    cafe: Store, office: Office, line: LocalHq, clock: StoppedClock
) -> None:
    """No seal came with the entries: an archive of theirs proves itself by the signed heads, and without them nothing does."""
    box = blank(cafe, "spare")
    told = asked(office, line, box)
    back = restored(line, box, told)
    repair.follow(back, line, told)
    close.close_day(back, counted=15_000, by="g1")
    clock.set("2026-11-21T08:00:00+01:00")
    made = make_archive(back, asked="2026-11-20", folder=back.path.parent, by="g1")
    assert check(made.path, all_seals=True) == ""
    back._writer.execute("UPDATE journal_head SET sig = zeroblob(64) WHERE seq = (SELECT max(seq) FROM journal_head)")
    assert {one.code for one in check_everything(back).findings} == {"seal"}
    assert verifier.main([str(back.path)]) == 1
    back._writer.execute("DELETE FROM journal_head")
    assert {one.code for one in check_everything(back).findings} == {"seal"}
    assert verifier.main([str(back.path)]) == 1
    back.close()
    box.close()


def test_a_cut_line_costs_one_piece_and_asks_for_less(
    cafe: Store, office: Office, line: LocalHq, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came stays, journal by journal; a cut quarters what is asked for, down to a least; each piece is told."""
    heal(office, cafe, line)
    box = blank(cafe, "spare")
    told = asked(office, line, box)
    asks, given, steps, good = [], [], [], [0]

    def change(path: str, ask: Callable[[], Answer]) -> Answer:
        if not path.startswith("/v1/restore/"):
            return ask()
        asks.append(re.findall(r"restore/(\w+)\?from=(\d+)&most=(\d+)$", path)[0])
        if good[0] == 0:
            raise trouble.HqUnreachable
        good[0] -= 1
        given.append(asks[-1][:2])
        return Answer(200, next(restore.members(ask().body))[0])

    def bring(pieces: int) -> Brought:
        good[0] = pieces
        bad = Line(Bad(office, change))
        return restore.fetch(box, bad, told, box.path.with_name("coming.db"), progress=lambda *step: steps.append(step))

    monkeypatch.setattr(restore, "QUICK_S", 60)
    for pieces in (0, 1, 1):
        with pytest.raises(trouble.HqUnreachable):
            bring(pieces)
    assert [int(most) // 1024 for _jid, _first, most in asks] == [128, 32, 16, 128, 256, 64, 16, 128, 256, 64, 16]
    came = bring(99)
    assert [one.jid for one in came.journals] == [one.jid for one in cafe.journals()]
    before = {came.journals[0].jid: 0, came.journals[1].jid: came.journals[0].seq + 1}
    total = sum(one.seq + 1 for one in came.journals)
    assert steps == [
        *((FETCH, before[jid] + int(first), total) for jid, first, _most in asks), (FETCH, total, total)
    ]  # fmt: skip
    assert sorted(set(given)) == sorted(given), "nothing that came is asked for again"
    assert (came.entries, came.heard_at) == (total, max(one.heard_at for one in came.journals))
    box.close()


def test_spoilt_pieces_change_nothing(
    cafe: Store, office: Office, line: LocalHq, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bit turned, the end cut, another journal's batch, the same again: refused, and asked anew."""
    box = blank(cafe, "spare")
    told = asked(office, line, box)
    real = LocalHq.piece
    for spoil in (
        lambda raw: raw[:-9], lambda raw: raw[:40] + bytes([raw[40] ^ 1]) + raw[41:], lambda _raw: b"x",
        lambda raw: raw + wire.pack(b"{}\n"), lambda _raw: wire.pack(b"x" * 100),
        lambda raw: zlib.compress(wire.unpack(next(restore.members(raw))[0])),
    ):  # fmt: skip
        monkeypatch.setattr(LocalHq, "piece", lambda self, *asked, how=spoil: how(real(self, *asked)))
        with pytest.raises(trouble.HqTalksRubbish):
            restore.fetch(box, line, told, box.path.with_name("coming.db"))
    monkeypatch.setattr(LocalHq, "piece", real)
    back = restored(line, box, told)
    assert tables(back) == tables(cafe)
    back.close()
    box.close()


def test_a_code_to_replace_what_never_was_opens_an_empty_café(
    office: Office, line: LocalHq, tmp_path: Path, clock: StoppedClock
) -> None:
    """HQ has nothing of this café: nothing comes, and the box begins as a new one does."""
    box = Store(tmp_path / "new.db", clock=clock, keyring=key_of("new"), features=FEATURES)
    with office.db.writing() as conn:
        code = enrolment.make_code(conn, CAFE, enrolment.REPLACE, by="test", at=clock.now_ms())
    told = enrol.enrol(box, line, str(code), hw="test")
    heard(office, told)
    assert restore.fetch(box, line, told, box.path.with_name("coming.db")) == Brought([], 0, 0)
    back = restored(line, box, told)
    assert back.journals() == []
    repair.follow(back, line, told)
    open_cafe(back)
    agent.push(back, line)
    assert check_everything(back).findings == ()
    back.close()
    box.close()


def test_batches_that_overlap_are_one_history(cafe: Store, office: Office, line: LocalHq) -> None:
    """HQ's answer was lost, and the box sent again from before: HQ keeps both as they came, each entry stands once."""
    box = blank(cafe, "spare")
    told, beside = asked(office, line, box), box.path.with_name("coming.db")
    came = restore.fetch(box, line, told, beside)
    (held,) = came.journals
    with closing(brought.open_beside(beside)) as coming:
        one = next(brought.batches(coming, held.jid))
        bodies = [entry.body for entry in brought.entries(coming, held.jid)]
        before = bytes.fromhex(one.header.prev)
        hashes = wire.fold(before, bodies)
        coming.execute("DELETE FROM coming")
        for first, last in ((0, 9), (5, 12), (13, held.seq)):
            head = msgspec.structs.replace(one.header.head, seq=last, head=hashes[last].hex())
            raw = wire.make_batch(
                head, wire.sign_head(cafe.keyring, head), hashes[first - 1] if first else before, first, bodies[first : last + 1]
            )  # fmt: skip
            coming.execute("INSERT INTO coming VALUES (?, ?, ?, ?)", (held.jid, last, hashes[last], wire.pack(raw)))
        for first in range(held.seq + 1):
            assert [entry.seq for entry in brought.entries(coming, held.jid, first)] == list(range(first, held.seq + 1))
    back = rebuild.build(beside, came, told, box.path.with_name("restored.db"), box)
    assert bytes_of(back) == bytes_of(cafe)[: len(bodies)]
    back.close()
    box.close()


def test_a_batch_is_inflated_up_to_its_limit(
    cafe: Store, office: Office, line: LocalHq, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One as large as may be is taken; of one larger no more is unpacked than shows it."""
    box = blank(cafe, "spare")
    told, beside = asked(office, line, box), box.path.with_name("coming.db")
    restore.fetch(box, line, told, beside)
    with closing(sqlite3.connect(beside)) as conn:
        (raw,) = conn.execute("SELECT body FROM coming ORDER BY last LIMIT 1").fetchone()
    size = len(wire.unpack(raw))
    monkeypatch.setattr(wire, "UNPACKED_MAX", size)
    assert [packed for packed, _batch in restore.members(raw)] == [raw]
    bomb = gzip.compress(b"0" * 2**23)
    tracemalloc.start()
    with pytest.raises(wire.Malformed):
        next(restore.members(bomb))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20
    box.close()
