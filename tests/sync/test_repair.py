"""Restored, cloned and cut boxes: found at the first contact, healed by a recorded act, nothing counted twice (R6, R23)."""

from pathlib import Path

import pytest
from msgspec import structs
from sqlalchemy import func, select

from hq import audit as hq_audit
from hq import balances, db, enrolment
from hq.local import LocalHq, LocalTransport
from hq.wiring import Office
from pos import drafts
from pos.archive import verifier
from pos.audit import against_last_ack, check_everything
from pos.clock import StoppedClock
from pos.house import FEATURES
from pos.store import Store
from pos.system import Carried
from pos.till import close, refund, sell, tables
from pos.till.sell import SoldLine
from sync import ackfile, agent, books, repair, trouble, wire
from sync.line import Line, Welcome
from tests.cast import CAFE as CAFE_SHEET
from tests.cast import open_cafe
from tests.conftest import key_of
from tests.hq.conftest import JoinCafe

CAFE = 17
PRICE = 160


def sales(store: Store, n: int) -> None:
    """Sell a coffee `n` times."""
    for _ in range(n):
        sell.sell(store, lines=[SoldLine(product="cafe")], by="g1")


def copy_of(store: Store, path: Path) -> Store:
    """Open a copy of a café's file as another box would: same key, same journal."""
    store._writer.execute("VACUUM INTO ?", (str(path),))
    return Store(path, clock=store.clock, keyring=store.keyring, features=FEATURES)


def sold(store: Store) -> tuple[int, int]:
    """Return the last receipt number and the perpetual total of a box."""
    with store.reading() as conn:
        return tables.next_no(conn) - 1, tables.total(conn, tables.EVER, "turnover", "algebraic")


def at_hq(office: Office) -> tuple[int, int]:
    """Return tickets and turnover of the café as HQ counts them."""
    day = db.rollup_day.c
    with office.db.reading() as conn:
        row = conn.execute(select(func.sum(day.tickets), func.sum(day.turnover_cents)).where(day.cafe_id == CAFE)).one()
    return int(row[0]), int(row[1])


def state(office: Office) -> str:
    """Return how HQ sees the box."""
    with office.db.reading() as conn:
        return str(conn.execute(select(db.cafe_health.c.state)).scalar_one())


def heal(office: Office, store: Store, line: LocalHq) -> repair.Reopened:
    """Repair with a code of the coordinator, then send: the box and HQ agree again, all checks pass."""
    with office.db.writing() as conn:
        code = enrolment.make_code(conn, CAFE, enrolment.REPAIR, by="test", at=office.clock.now_ms())
    done = repair.reopen(store, line, str(code), hw="test")
    agent.push(store, line)
    agent.push(store, line)
    assert agent.status(store).state == state(office) == "normal"
    assert check_everything(store).findings == ()
    assert hq_audit.check(office).faults == []
    return done


@pytest.fixture
def cafe(join: JoinCafe, line: LocalHq) -> Store:
    """A café that sold three coffees, all at HQ."""
    store = join()
    open_cafe(store)
    sales(store, 3)
    agent.push(store, line)
    return store


def test_an_old_copy_put_back_is_found_and_healed(cafe: Store, office: Office, line: LocalHq, tmp_path: Path) -> None:
    """R23: the gap is found at first contact; the new journal continues numbers and totals; HQ counts once."""
    old = copy_of(cafe, tmp_path / "old.db")
    sales(cafe, 5)
    agent.push(cafe, line)
    with pytest.raises(trouble.HistoriesDiffer):
        agent.push(old, line)
    assert agent.status(old).state == state(office) == "anomaly"
    sales(old, 2)  # it keeps selling
    with pytest.raises(trouble.HistoriesDiffer):
        agent.push(old, line)
    done = heal(office, old, line)
    assert (done.lost > 0, done.kept > 0, done.no) == (True, True, 8)
    assert sold(old) == (8, 10 * PRICE)
    sales(old, 1)
    agent.push(old, line)
    assert sold(old) == (9, 11 * PRICE)
    assert at_hq(office) == (11, 11 * PRICE)


def test_of_two_clones_the_second_is_found_and_both_sets_of_sales_count_once(
    cafe: Store, office: Office, line: LocalHq, tmp_path: Path
) -> None:
    """A cloned box sells beside the first: found at its first contact, healed, nothing lost or twice."""
    clone = copy_of(cafe, tmp_path / "clone.db")
    sales(cafe, 4)
    sales(clone, 9)
    agent.push(cafe, line)
    with pytest.raises(trouble.HistoriesDiffer):
        agent.push(clone, line)
    # The clone's history is the longer one: HQ learns of it all the same, with the proof, at this contact.
    assert state(office) == "anomaly"
    with office.db.reading() as conn:
        assert conn.execute(select(func.count()).select_from(books.fork_proof)).scalar_one() == 1
    sales(clone, 1)
    heal(office, clone, line)
    assert at_hq(office) == (17, 17 * PRICE)
    assert sold(clone)[1] == 17 * PRICE
    sales(cafe, 1)
    with pytest.raises(trouble.BoxReplaced):
        agent.push(cafe, line)
    # The tail of the replaced box was taken before it locked.
    assert at_hq(office) == (18, 18 * PRICE)


def test_a_second_repair_of_the_same_box_imports_nothing_again(
    cafe: Store, office: Office, line: LocalHq, tmp_path: Path
) -> None:
    """An import keeps its first hash: repaired twice, each sale still counts once."""
    old = copy_of(cafe, tmp_path / "old.db")
    sales(cafe, 2)
    agent.push(cafe, line)
    sales(old, 3)
    with pytest.raises(trouble.HistoriesDiffer):
        agent.push(old, line)
    heal(office, old, line)
    sales(old, 1)
    older = copy_of(old, tmp_path / "older.db")
    sales(old, 1)
    agent.push(old, line)
    sales(older, 2)
    with pytest.raises(trouble.HistoriesDiffer):
        agent.push(older, line)
    heal(office, older, line)
    # 3 + 2 + 3, then 1 common, 1 on the first copy, 2 on the second.
    assert at_hq(office) == (12, 12 * PRICE)
    assert sold(older)[1] == 12 * PRICE


def test_an_import_sent_again_by_an_unrepaired_copy_counts_once(
    cafe: Store, office: Office, line: LocalHq, tmp_path: Path
) -> None:
    """Two copies of one unrepaired box, both repaired: the entries they share count once at HQ."""
    old = copy_of(cafe, tmp_path / "old.db")
    sales(cafe, 1)
    agent.push(cafe, line)
    sales(old, 2)
    twin = copy_of(old, tmp_path / "twin.db")
    heal(office, old, line)
    heal(office, twin, line)
    assert at_hq(office) == (6, 6 * PRICE)
    assert sold(twin)[1] == 6 * PRICE


def test_a_repaired_box_says_that_its_number_is_awaited(
    cafe: Store, office: Office, line: LocalHq, tmp_path: Path
) -> None:
    """From the moment the code is typed: no anomaly any more, a number to read; its hello says it has written nothing."""
    old = copy_of(cafe, tmp_path / "old.db")
    sales(cafe, 1)
    agent.push(cafe, line)
    with pytest.raises(trouble.HistoriesDiffer):
        agent.push(old, line)
    with office.db.writing() as conn:
        code = enrolment.make_code(conn, CAFE, enrolment.REPAIR, by="test", at=office.clock.now_ms())
    heads: list[wire.Head] = []

    class Heard(Line):
        def hello(self, signed: bytes) -> Welcome:
            heads.append(wire.read_hello(signed)[0].head)
            return super().hello(signed)

    repair.reopen(old, Heard(LocalTransport(office)), str(code), hw="test")
    assert old.journal is not None
    told = agent.status(old)
    assert (told.state, told.trouble, told.pending) == ("normal", "", True)
    assert [(one.seq, one.head, one.j) for one in heads] == [(-1, old.journal.genesis.hex(), old.journal.jid)]
    agent.push(old, line)


def test_a_repaired_journal_names_those_before_it_and_goes_on_from_their_numbers(
    cafe: Store, office: Office, line: LocalHq
) -> None:
    """A box that comes back from HQ reads in its second entry: name, sixteen signs of the last hash, last entry."""
    close.close_day(cafe, counted=15_000, by="g1")
    first, tip = cafe.journal, cafe.tip()
    assert first is not None
    heal(office, cafe, line)
    (continued,) = repair.continuations(cafe)
    assert continued.held == [Carried(key=f"{first.jid}.{tip.hash.hex()[:16]}", amount=tip.seq)]
    assert (continued.no, continued.z, continued.lost) == (3, 1, 0)


def test_what_a_copy_sent_in_our_place_is_not_taken_up_twice(cafe: Store, office: Office, line: LocalHq) -> None:
    """Repaired but not yet heard, its copy repaired and heard first: the box's own totals stay right."""
    sales(cafe, 5)
    copy = copy_of(cafe, cafe.path.with_name("copy.db"))
    with office.db.writing() as conn:
        code = enrolment.make_code(conn, CAFE, enrolment.REPAIR, by="test", at=office.clock.now_ms())
    repair.reopen(cafe, line, str(code), hw="test")
    heal(office, copy, line)
    heal(office, cafe, line)
    assert at_hq(office) == (8, 8 * PRICE)
    assert sold(cafe)[1] == sold(copy)[1] == 8 * PRICE


def test_a_late_tail_that_was_imported_meanwhile_is_not_taken_up_twice(
    join: JoinCafe, office: Office, line: LocalHq
) -> None:
    """A box never heard, its copy repaired and heard, then the box's own tail: each sale once, on both ends."""
    box = join()
    open_cafe(box)
    sales(box, 2)
    copy = copy_of(box, box.path.with_name("copy.db"))
    heal(office, copy, line)
    with pytest.raises(trouble.BoxReplaced):
        agent.push(box, line)
    heal(office, box, line)
    assert at_hq(office) == (2, 2 * PRICE)
    assert sold(box)[1] == 2 * PRICE


def test_an_empty_box_takes_up_numbers_and_totals(cafe: Store, office: Office, line: LocalHq) -> None:
    """R6: a replacement continues receipt numbers, Z numbers, totals and what is owed to third parties."""
    close.close_day(cafe, counted=15_000, by="g1")
    agent.push(cafe, line)
    agent.push(cafe, line)
    spare = Store(cafe.path.with_name("spare.db"), clock=cafe.clock, keyring=key_of("spare"), features=FEATURES)
    heal(office, spare, line)
    with spare.reading() as conn:
        assert (tables.next_no(conn), tables.next_z(conn)) == (4, 2)
        assert tables.total(conn, "2026-11", "turnover", "own") == 3 * PRICE
    assert sold(spare)[1] == 3 * PRICE
    (continued,) = repair.continuations(spare)
    assert (continued.common, continued.no, continued.z, continued.kept) == (-1, 3, 1, 0)
    with pytest.raises(trouble.BoxReplaced):
        agent.push(cafe, line)


def test_a_code_of_another_cafe_repairs_nothing(cafe: Store, join: JoinCafe, office: Office, line: LocalHq) -> None:
    """A box never changes café."""
    with office.db.writing() as conn:
        code = enrolment.make_code(conn, 42, by="test", at=office.clock.now_ms())
    with pytest.raises(repair.AnotherCafe) as told:
        repair.reopen(cafe, line, str(code), hw="test")
    assert told.value.params == {"cafe": 42, "own": CAFE}
    assert len(cafe.journals()) == 1


def cut_tail(store: Store, from_seq: int) -> None:
    """What somebody with the file and SQLite can do: drop the last entries, tell the tables again."""
    conn = store._writer
    conn.executescript("DROP TRIGGER journal_entry_is_kept; DROP TRIGGER journal_entry_is_final;")
    conn.execute("DELETE FROM journal_entry WHERE seq >= ?", (from_seq,))
    with store.writing(by="box") as tx:
        drafts.put(tx.conn, ackfile.DRAFT, {})
    store.retell()


@pytest.mark.parametrize("with_file", [True, False])
def test_a_cut_tail_is_found_with_and_without_the_file_beside(
    cafe: Store, office: Office, line: LocalHq, tmp_path: Path, *, with_file: bool
) -> None:
    """R23: the file beside the database tells it before any contact; without it HQ does at the first."""
    keep = tmp_path / "ack.json"
    start = cafe.tip().seq
    sales(cafe, 6)
    agent.push(cafe, line, keep=keep)
    cut_tail(cafe, start + 3)
    if not with_file:
        keep.unlink()
    found = against_last_ack(cafe, keep)
    assert (found is not None and found.code == "cut") is with_file
    with pytest.raises(trouble.HistoriesDiffer):
        agent.push(cafe, line, keep=keep)
    assert agent.status(cafe).state == state(office) == "anomaly"
    sales(cafe, 1)
    keep.unlink(missing_ok=True)
    heal(office, cafe, line)
    assert at_hq(office) == (10, 10 * PRICE)
    assert sold(cafe) == (9, 10 * PRICE)


def test_the_stand_alone_verifier_follows_a_repaired_journal(
    cafe: Store, office: Office, line: LocalHq, tmp_path: Path
) -> None:
    """R27: a day opened before the repair and closed after it, with its tickets read and refunded, is whole for a stranger."""
    old = copy_of(cafe, tmp_path / "old.db")
    with old.reading() as conn:
        opened = tables.open_day(conn)["opened_seq"]  # type: ignore[index]
    sales(cafe, 2)
    agent.push(cafe, line)
    heal(office, old, line)
    sales(old, 1)
    with old.reading() as conn:
        before, after = tables.ticket(conn, 3), tables.ticket(conn, 6)
    assert before is not None
    assert after is not None
    assert (old.event(conn, before["seq"]).event.no, old.event(conn, after["seq"]).event.no) == (3, 6)  # type: ignore[attr-defined]
    refund.refund_sale(old, 3, reason="mistake", by="g1")
    done = close.close_day(old, counted=15_000, by="g1")
    assert (done.last_no, done.perpetual) == (7, 5 * PRICE)
    # The day begins in the former journal and ends in the one that continues it.
    assert (done.first_seq, done.last_seq) == (opened, old.tip().seq - 1)
    assert verifier.main([str(old.path), "--all-seals"]) == 0
    assert check_everything(old).findings == ()
    agent.push(old, line)
    assert hq_audit.check(office).faults == []


def test_an_entry_as_long_as_may_be_is_carried_too(cafe: Store, office: Office, line: LocalHq, tmp_path: Path) -> None:
    """An import has the limit of every entry: what would not fit as it is travels packed, and counts under its first hash."""
    old = copy_of(cafe, tmp_path / "old.db")
    sales(cafe, 1)
    agent.push(cafe, line)
    with old.writing(by="g1") as tx:
        tx.record(structs.replace(CAFE_SHEET, sign='«"»' * 2_500))
    long = old.tip()
    heal(office, old, line)
    with office.db.reading() as conn:
        assert long.hash in set(conn.execute(select(books.imported.c.orig)).scalars())
    with old.reading() as conn:
        (body,) = conn.execute(
            "SELECT body FROM journal_entry WHERE instr(body, ?) > 0", (b'"packed":',)
        ).fetchone()  # fmt: skip
    assert len(body) < 2_000
    for bad in ("", "@@", wire.pack_entry(b"x" * 17_000), wire.pack_entry(b"x")[:-4]):
        with pytest.raises(wire.Malformed):
            wire.unpack_entry(bad)


def test_a_repair_code_works_after_hq_s_clock_went_back(join: JoinCafe, office: Office, line: LocalHq) -> None:
    """The box joined while HQ's clock was days ahead: a code made since opens a new journal, it does not repeat the old."""
    clock = office.clock
    assert isinstance(clock, StoppedClock)
    clock.offset_ms += 5 * 24 * 3_600_000
    store = join(CAFE)
    open_cafe(store)
    agent.push(store, line)
    clock.offset_ms -= 5 * 24 * 3_600_000
    for journals in (2, 3):
        with office.db.writing() as conn:
            code = enrolment.make_code(conn, CAFE, enrolment.REPAIR, by="t", at=clock.now_ms())
        repair.reopen(store, line, str(code), hw="t")
        assert len(store.journals()) == journals


def test_sums_are_told_where_a_journal_is_forgotten_that_imports_came_from(
    cafe: Store, office: Office, line: LocalHq
) -> None:
    """HQ put back holds the imports and not the journal they were first written in: each is one the box may lack."""
    first = cafe.journal
    assert first is not None
    sales(cafe, 2)
    heal(office, cafe, line)
    with office.db.writing() as conn:
        conn.execute(books.journal.delete().where(books.journal.c.jid == first.jid))
        asked = wire.BalancesAsked(have={first.jid: 99}, mine=[])
        assert balances.missing(conn, office.projections.types, CAFE, "", asked).turnover >= 2 * PRICE
