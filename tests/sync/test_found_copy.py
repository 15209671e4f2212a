"""A stick found after the first sale of the new box: what it has beyond HQ comes in once, and says what it was (§2.10)."""

import contextlib
import shutil
import sqlite3
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from hq import audit as hq_audit
from hq.local import LocalHq
from hq.wiring import Office
from pos import journal, private
from pos.archive import verifier
from pos.audit import check_everything
from pos.clock import StoppedClock
from pos.errors import AlreadyDone
from pos.store import Store
from pos.system import Carried, JournalImport, JournalTailFound
from pos.till import close, sell
from pos.till.sell import SoldLine
from sync import agent, found_copy, orphans, repair, trouble
from tests.cast import open_cafe
from tests.conftest import key_of
from tests.hq.conftest import JoinCafe
from tests.sync.test_repair import PRICE, at_hq, copy_of, heal, sales, sold
from tests.sync.test_restore import asked, blank, restored


@pytest.fixture
def cafe(join: JoinCafe, line: LocalHq) -> Store:
    """A café with three sales at HQ, and four since."""
    store = join()
    open_cafe(store)
    sales(store, 3)
    agent.push(store, line)
    sales(store, 4)
    return store


@pytest.fixture
def stick(cafe: Store, tmp_path: Path) -> Path:
    """The database of the stick's copy."""
    cafe._writer.execute("VACUUM INTO ?", (str(tmp_path / "stick.db"),))
    return tmp_path / "stick.db"


def back_from_hq(cafe: Store, office: Office, line: LocalHq, name: str = "spare") -> Store:
    """The café on a new box, from HQ alone; it has sold twice since."""
    box = blank(cafe, name)
    told = asked(office, line, box)
    store = restored(line, box, told)
    box.close()
    repair.follow(store, line, told)
    sales(store, 2)
    return store


def agrees(store: Store, office: Office, line: LocalHq, tickets: int, last_no: int) -> None:
    """HQ counts each sale once; so does the box; every check and an auditor's reckoning pass."""
    agent.push(store, line)
    agent.push(store, line)
    assert at_hq(office) == (tickets, tickets * PRICE)
    assert sold(store) == (last_no, tickets * PRICE)
    assert check_everything(store).findings == ()
    assert hq_audit.check(office).faults == []
    assert store.tables_that_differ() == []
    assert verifier.main([str(store.path), "--all-seals"]) == 0


def test_a_stick_found_after_the_first_sale_comes_in_once(
    cafe: Store, stick: Path, office: Office, line: LocalHq
) -> None:
    """Four sales HQ never had: counted once there and here, numbers go on, a second time adds nothing."""
    store = back_from_hq(cafe, office, line)
    assert sold(store) == (5, 5 * PRICE)
    found = found_copy.look(store, stick)
    assert (found.kinds["till.sale_completed"], found.sums.turnover) == (4, 4 * PRICE)
    assert found.first_t <= found.last_t
    taken = found_copy.take(store, stick, by="g1", attempt="tap")
    assert taken.imports == found.imports
    with pytest.raises(AlreadyDone):
        found_copy.take(store, stick, by="g1", attempt="tap")
    with pytest.raises(found_copy.NothingMore):
        found_copy.take(store, stick, by="g1")
    # Numbers given twice stand in two journals: the next one comes after both.
    agrees(store, office, line, 9, 7)
    sales(store, 1)
    agrees(store, office, line, 10, 8)
    close.close_day(store, counted=15_000, by="g1")
    agrees(store, office, line, 10, 8)
    store.close()


def test_what_a_stick_holds_is_told_and_recorded(
    cafe: Store, office: Office, line: LocalHq, tmp_path: Path, clock: StoppedClock
) -> None:
    """From which entry to which, from when to when, of each kind how many: before it is taken, and in one entry after."""
    for _ in range(2):
        clock.tick(60_000)
        sales(cafe, 1)
    cafe._writer.execute("VACUUM INTO ?", (str(tmp_path / "stick.db"),))
    store = back_from_hq(cafe, office, line)
    found = found_copy.look(store, tmp_path / "stick.db")
    assert cafe.journal is not None
    assert store.journal is not None
    with cafe.reading() as conn:
        tail = [journal.read_envelope(one.body) for one in journal.entries(conn, cafe.journal, found.after + 1)]
    with store.reading() as conn:
        assert journal.tip(conn, store.journals()[0]).seq == found.after, "what HQ had is here"
    assert (found.jid, found.last, len(found.imports)) == (cafe.journal.jid, cafe.tip().seq, len(tail))
    assert found.kinds == Counter(one.kind for one in tail)
    assert (found.first_t, found.last_t) == (tail[0].t, tail[-1].t)
    assert found.first_t < found.last_t
    found_copy.take(store, tmp_path / "stick.db", by="g1")
    with store.reading() as conn:
        last = list(journal.entries(conn, store.journal, store.tip().seq - len(tail)))
    told = [journal.read_envelope(one.body) for one in last]
    assert [one.kind for one in told] == [JournalImport.kind] * len(tail) + [JournalTailFound.kind]
    assert msgspec.json.decode(told[-1].data, type=JournalTailFound) == JournalTailFound(
        jid=found.jid, after=found.after, last=found.last, kept=len(tail), no=9, z=0,
        turnover=6 * PRICE, absolute=6 * PRICE,
        spans=[Carried(key=span, amount=6 * PRICE) for span in ("2026", "2026-11")],
    )  # fmt: skip
    store.close()


def test_an_older_stick_then_a_newer_one(
    cafe: Store, stick: Path, office: Office, line: LocalHq, tmp_path: Path
) -> None:
    """Two sticks turn up: the second adds only what the first had not."""
    sales(cafe, 2)
    cafe._writer.execute("VACUUM INTO ?", (str(tmp_path / "later.db"),))
    store = back_from_hq(cafe, office, line)
    found_copy.take(store, stick, by="g1")
    assert found_copy.take(store, tmp_path / "later.db", by="g1").kinds["till.sale_completed"] == 2
    with pytest.raises(found_copy.NothingMore):
        found_copy.look(store, stick)
    agrees(store, office, line, 11, 9)
    store.close()


def test_the_dead_box_that_lives_again_counts_nothing_twice(
    cafe: Store, stick: Path, office: Office, line: LocalHq
) -> None:
    """Its tail reaches HQ by itself, before or after the stick: each first hash is counted once."""
    store = back_from_hq(cafe, office, line)
    found_copy.take(store, stick, by="g1")
    agent.push(store, line)
    with pytest.raises(trouble.BoxReplaced):
        agent.push(cafe, line)
    agrees(store, office, line, 9, 7)
    store.close()


def test_where_only_totals_went_on_the_stick_still_comes_in(
    cafe: Store, stick: Path, office: Office, line: LocalHq
) -> None:
    """A box that took up sums only has not the journal before: HQ's last entry, named in its own, is enough."""
    box = blank(cafe, "bare")
    told = asked(office, line, box)
    repair.follow(box, line, told)
    found_copy.take(box, stick, by="box")
    with pytest.raises(found_copy.NothingMore):
        found_copy.look(box, stick)
    agent.push(box, line)
    agent.push(box, line)
    assert at_hq(office) == (7, 7 * PRICE)
    assert sold(box) == (7, 7 * PRICE)
    box.close()


def test_names_the_new_box_forgot_come_back_and_those_it_knows_stay(
    cafe: Store, office: Office, line: LocalHq, tmp_path: Path
) -> None:
    """Names and PINs of those who serve; one given anew since is not overwritten."""
    with cafe.writing(by="g1") as tx:
        private.remember(tx.conn, purpose="team", purge_after="2099-01-01", now_ms=1, person_id="op-x", name="Léo")
        private.remember(tx.conn, purpose="team", purge_after="2099-01-01", now_ms=1, person_id="op-y", name="Ana")
    cafe._writer.execute("VACUUM INTO ?", (str(tmp_path / "stick.db"),))
    store = back_from_hq(cafe, office, line)
    with store.writing(by="g1") as tx:
        private.remember(tx.conn, purpose="team", purge_after="2099-01-01", now_ms=1, person_id="op-y", name="Anaïs")
    found_copy.take(store, tmp_path / "stick.db", by="g1")
    with store.reading() as conn:
        assert (private.recall(conn, "op-x"), private.recall(conn, "op-y")) == ({"name": "Léo"}, {"name": "Anaïs"})
    store.close()


def test_what_is_not_the_box_before_is_refused(
    cafe: Store, stick: Path, office: Office, line: LocalHq, join: JoinCafe, tmp_path: Path
) -> None:
    """Another café's stick, this box's own, a file without a journal, a box that took nothing over."""
    store = back_from_hq(cafe, office, line)
    other = join(18)
    other._writer.execute("VACUUM INTO ?", (str(tmp_path / "other.db"),))
    with pytest.raises(found_copy.AnotherCafesCopy) as no:
        found_copy.look(store, tmp_path / "other.db")
    assert no.value.params == {"cafe": 18, "own": 17}
    store._writer.execute("VACUUM INTO ?", (str(tmp_path / "own.db"),))
    empty = blank(cafe, "empty")
    for box, copy in ((store, tmp_path / "own.db"), (store, empty.path), (empty, stick), (cafe, stick)):
        with pytest.raises(found_copy.NotTheBoxBefore):
            found_copy.look(box, copy)
    empty.close()
    store.close()


@pytest.mark.parametrize("whole", [True, False])
def test_a_copy_hq_is_beyond_of_holds_nothing_more(
    cafe: Store, office: Office, line: LocalHq, tmp_path: Path, whole: bool
) -> None:
    """A stick of last week: HQ has all of it, be the journal before here or its totals alone."""
    cafe._writer.execute("VACUUM INTO ?", (str(tmp_path / "old.db"),))
    sales(cafe, 1)
    agent.push(cafe, line)
    store = back_from_hq(cafe, office, line) if whole else blank(cafe, "bare")
    if not whole:
        repair.follow(store, line, asked(office, line, store))
    with pytest.raises(found_copy.NothingMore):
        found_copy.look(store, tmp_path / "old.db")
    store.close()


def stick_of_the_other(cafe: Store, line: LocalHq, folder: Path, more: int = 3) -> Path:
    """Let a copied card sell on, and keep its sales on a stick; HQ has heard the other one only."""
    twin = copy_of(cafe, folder / "twin.db")
    sales(cafe, 1)
    agent.push(cafe, line)
    sales(twin, more)
    twin._writer.execute("VACUUM INTO ?", (str(folder / "stick.db"),))
    twin.close()
    return folder / "stick.db"


@pytest.mark.parametrize("more", [1, 3])
def test_a_copy_of_another_history_gives_what_comes_after_the_parting(
    cafe: Store, office: Office, line: LocalHq, tmp_path: Path, more: int
) -> None:
    """The card had been copied: HQ holds the clone's end, the stick ours, longer or shorter; what this box has tells where."""
    stick = stick_of_the_other(cafe, line, tmp_path, more)
    store = back_from_hq(cafe, office, line)
    found = found_copy.take(store, stick, by="g1")
    assert (found.kinds["till.sale_completed"], found.last - found.after) == (more, more)
    agrees(store, office, line, 10 + more, 10)
    store.close()


@pytest.mark.parametrize("more", [2, 3])
def test_a_copy_of_another_history_is_refused_where_nothing_tells_the_parting(
    cafe: Store, office: Office, line: LocalHq, tmp_path: Path, more: int
) -> None:
    """Only totals went on here: HQ's last entry is not in the copy's chain, so nobody can say what is new."""
    stick = stick_of_the_other(cafe, line, tmp_path, more)
    box = blank(cafe, "bare")
    repair.follow(box, line, asked(office, line, box))
    with pytest.raises(found_copy.AnotherHistory):
        found_copy.look(box, stick)
    box.close()


def test_a_spoilt_copy_is_refused(cafe: Store, stick: Path, office: Office, line: LocalHq) -> None:
    """One changed byte anywhere in its chain, or a new entry its box never sealed: nothing comes in."""
    store = back_from_hq(cafe, office, line)
    before, after, last = store.tip().seq, found_copy.look(store, stick).after, cafe.tip().seq
    spoilt, body = stick.with_name("spoilt.db"), "body = CAST(body || ' ' AS BLOB)"
    for seq, change in ((0, body), (1, body), (after, body), (after + 1, NO_SEAL), (last, NO_SEAL), (last, body)):
        spoil(stick, spoilt, seq, change)
        with pytest.raises(found_copy.CopySpoilt) as no:
            found_copy.take(store, spoilt, by="g1")
        assert no.value.params == {"seq": seq}
        assert store.tip().seq == before
    # HQ has it: whose seal it bears is no matter any more.
    spoil(stick, spoilt, after, NO_SEAL)
    assert found_copy.look(store, spoilt).imports == found_copy.look(store, stick).imports
    store.close()


NO_SEAL = "seal = zeroblob(64)"


def spoil(stick: Path, spoilt: Path, seq: int, change: str) -> None:
    """Make a copy of the stick of which one entry was changed."""
    shutil.copyfile(stick, spoilt)
    with contextlib.closing(sqlite3.connect(spoilt)) as conn:
        conn.execute("DROP TRIGGER journal_entry_is_final")
        conn.execute(f"UPDATE journal_entry SET {change} WHERE seq = ?", (seq,))
        conn.commit()


def test_a_copy_hq_never_signed_for_is_refused(cafe: Store, office: Office, line: LocalHq, tmp_path: Path) -> None:
    """The journal before is named by its grant, and HQ's key is the one this café knows."""
    store = back_from_hq(cafe, office, line)
    cafe._writer.execute("VACUUM INTO ?", (str(tmp_path / "stick.db"),))
    with contextlib.closing(sqlite3.connect(tmp_path / "stick.db")) as conn:
        conn.execute("DROP TRIGGER journal_is_final")
        conn.execute("UPDATE journal SET hq_key = ?", (key_of("stranger").public,))
        conn.commit()
    with pytest.raises(found_copy.NotTheBoxBefore):
        found_copy.look(store, tmp_path / "stick.db")
    store.close()


def test_what_is_too_long_to_be_carried_stays_on_the_stick(
    cafe: Store, stick: Path, office: Office, line: LocalHq, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others come in; the copy keeps it, whole."""
    store = back_from_hq(cafe, office, line)
    sell.sell(cafe, lines=[SoldLine(product="cafe", quantity=1_000 * n) for n in range(1, 9)], by="g1")
    sales(cafe, 1)
    cafe._writer.execute("VACUUM INTO ?", (str(stick.with_name("later.db")),))
    whole = found_copy.look(store, stick.with_name("later.db"))
    for most in range(800, 100, -20):
        monkeypatch.setattr(orphans, "CARRIED_MAX", most)
        found = found_copy.look(store, stick.with_name("later.db"))
        if len(found.imports) < len(whole.imports):
            break
    assert [one.orig for one in found.imports] == [
        one.orig for n, one in enumerate(whole.imports, -len(whole.imports)) if n != -2
    ]
    assert found.last == whole.last == cafe.tip().seq
    monkeypatch.setattr(orphans, "CARRIED_MAX", 100)
    with pytest.raises(found_copy.NothingMore):
        found_copy.look(store, stick)
    store.close()


def test_a_copy_of_a_box_repaired_and_never_heard_again(
    cafe: Store, office: Office, line: LocalHq, tmp_path: Path
) -> None:
    """Its last journal carried entries again; taken from the stick they count once, with their first hash."""
    twin = copy_of(cafe, tmp_path / "twin.db")
    heal(office, cafe, line)
    sales(twin, 1)
    from tests.sync.test_coming import code_for

    repair.reopen(twin, line, code_for(office, "repair"), hw="test")
    sales(twin, 1)
    twin._writer.execute("VACUUM INTO ?", (str(tmp_path / "stick.db"),))
    twin.close()
    box = blank(cafe, "bare")
    repair.follow(box, line, asked(office, line, box))
    found_copy.take(box, tmp_path / "stick.db", by="box")
    agent.push(box, line)
    agent.push(box, line)
    assert at_hq(office) == (9, 9 * PRICE)
    assert sold(box)[1] == 9 * PRICE
    assert hq_audit.check(office).faults == []
    box.close()


def test_a_file_that_is_no_database_is_a_spoilt_copy(
    cafe: Store, office: Office, line: LocalHq, tmp_path: Path
) -> None:
    """A stick gives back anything: a sentence, and nothing comes in."""
    store = back_from_hq(cafe, office, line)
    (tmp_path / "noise.db").write_bytes(b"\1" * 5_000)
    with pytest.raises(found_copy.CopySpoilt) as no:
        found_copy.look(store, tmp_path / "noise.db")
    assert no.value.params == {"seq": 0}
    store.close()


def test_an_import_that_had_rotted_is_kept_and_counts_nothing(
    cafe: Store, office: Office, line: LocalHq, tmp_path: Path
) -> None:
    """What the dead box itself could not read any more travels as it is; the sales around it count."""
    with cafe.writing(by="box") as tx:
        for _ in range(2):
            tx.record(JournalImport(orig="ab" * 32, prev="cd" * 32, entry="rotten"))
    sales(cafe, 1)
    cafe._writer.execute("VACUUM INTO ?", (str(tmp_path / "stick.db"),))
    store = back_from_hq(cafe, office, line)
    found = found_copy.take(store, tmp_path / "stick.db", by="g1")
    assert (found.kinds["till.sale_completed"], found.sums.turnover) == (5, 5 * PRICE)
    assert [one.orig for one in found.imports].count("ab" * 32) == 1
    agent.push(store, line)
    agent.push(store, line)
    assert at_hq(office) == (10, 10 * PRICE)
    store.close()
