"""The one gate: an act is written whole or not at all, once however often it is tapped, and never on a wrong clock."""

import os
import resource
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from subprocess import run

import pytest

from pos import private
from pos.clock import StoppedClock
from pos.errors import AlreadyDone, DiskFull, DiskStuck, Refusal, StoreUnreadable
from pos.house import FEATURES
from pos.ids import new_id
from pos.store import ClockBehind, ClockLeapt, NotEnrolled, Store
from pos.system import TroubleNoted
from pos.till import card, close, means, sell, tables
from pos.till.events import DrawerOpened, LineVoided
from pos.till.sell import SoldLine
from pos.till.tab import CASH
from tests.cast import BEA, VICTOR, open_cafe, ring, sold
from tests.conftest import MORNING, key_of, open_test_store

DAY_MS = 86_400_000


def entries(store: Store) -> int:
    """Return how many entries the journal has."""
    return store.tip().seq + 1


def numbers(store: Store) -> list[int]:
    """Return all receipt numbers."""
    with store.reading() as conn:
        return [row[0] for row in conn.execute("SELECT no FROM till_ticket ORDER BY no")]


# Taps


def test_six_impatient_taps_are_one_sale(store: Store) -> None:
    """The same attempt from six threads at once: one sale, five are told that it is done."""
    open_cafe(store)
    ring(store, "t1", "cafe")
    start = threading.Barrier(6)
    told: list[object] = []

    def tap() -> None:
        start.wait()
        try:
            told.append(sell.take_payment(store, "t1", CASH, by=VICTOR, attempt="tap-1").sale)
        except AlreadyDone as done:
            told.append(done)

    threads = [threading.Thread(target=tap) for _n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert numbers(store) == [1]
    assert sum(isinstance(one, AlreadyDone) for one in told) == 5
    done = next(one for one in told if isinstance(one, AlreadyDone))
    assert sell.done_before(store, done).sale == next(one for one in told if not isinstance(one, AlreadyDone))


def test_a_repeated_tap_is_known_before_any_rule(store: Store) -> None:
    """The bill is paid, the day is closed: the second tap of the payment is still the first one."""
    open_cafe(store)
    ring(store, "t1", "cafe")
    sell.take_payment(store, "t1", CASH, by=VICTOR, attempt="tap-1")
    close.close_day(store, by=BEA)
    with pytest.raises(AlreadyDone) as told:
        sell.take_payment(store, "t1", CASH, by=VICTOR, attempt="tap-1")
    assert told.value.first == told.value.last == entries(store) - 2


def test_a_refused_tap_may_be_tried_again(store: Store) -> None:
    """Nothing was written, so the attempt is not used up."""
    open_cafe(store)
    with pytest.raises(Refusal):
        sell.take_payment(store, "t1", CASH, by=VICTOR, attempt="tap-1")
    ring(store, "t1", "cafe")
    assert sell.take_payment(store, "t1", CASH, by=VICTOR, attempt="tap-1").sale is not None


def test_a_tap_that_only_moved_a_draft_is_known_too(store: Store) -> None:
    """A product added twice by one finger is there once."""
    open_cafe(store)
    sell.add_product(store, "t1", "cafe", by=VICTOR, attempt="tap-1")
    with pytest.raises(AlreadyDone):
        sell.add_product(store, "t1", "cafe", by=VICTOR, attempt="tap-1")
    with store.reading() as conn:
        tab = sell.current_tab(conn, "t1")
    assert tab is not None
    assert tab.lines[0].quantity == 1000


# Whole or not at all


def test_an_act_that_fails_in_the_middle_leaves_no_trace(store: Store) -> None:
    """Entry, table, draft, name and attempt go together."""
    open_cafe(store)
    before, tip = sqlite_dump(store), store.tip()
    with pytest.raises(ZeroDivisionError), store.writing(by=VICTOR, attempt="tap-1") as tx:  # noqa: PT012
        tx.record(DrawerOpened(reason="check", day="2026-11-20"))
        private.remember(tx.conn, purpose="parcels", purge_after="2026-12-01", now_ms=tx.now, name="Zoé")
        1 / 0  # noqa: B018
    assert (sqlite_dump(store), store.tip()) == (before, tip)
    with store.writing(by=VICTOR, attempt="tap-1") as tx:
        tx.record(DrawerOpened(reason="check", day="2026-11-20"))


def sqlite_dump(store: Store) -> str:
    """Return the whole file as SQL."""
    conn = sqlite3.connect(store.path)
    text = "\n".join(conn.iterdump())
    conn.close()
    return text


def test_what_could_not_be_read_back_is_never_written(store: Store) -> None:
    """No float, no number beyond 2^53, no kind the house does not know (R11)."""
    open_cafe(store)
    tip = store.tip()
    for bad in (
        LineVoided(tab="t", label="x", quantity=1000, gross=1.5, day="2026-11-20"),  # type: ignore[arg-type]
        LineVoided(tab="t", label="x", quantity=2**53, gross=1, day="2026-11-20"),
        LineVoided(tab="t", label=None, quantity=1, gross=1, day="2026-11-20"),  # type: ignore[arg-type]
        type("Stray", (TroubleNoted,), {"kind": "box.stray"}, frozen=True, kw_only=True)(what="x"),
    ):
        with pytest.raises(ValueError), store.writing(by=VICTOR) as tx:
            tx.record(bad)
    assert store.tip() == tip


def test_a_reader_cannot_write(store: Store) -> None:
    """Only `writing` writes."""
    with pytest.raises(sqlite3.OperationalError), store.reading() as conn:
        conn.execute("DELETE FROM draft_tab")


def test_a_reader_sees_what_is_committed_and_nothing_less(store: Store) -> None:
    """Never half of an act, from another thread, while it is being written."""
    open_cafe(store)
    seen: list[int] = []

    def look() -> None:
        with store.reading() as conn:
            seen.append(conn.execute("SELECT count(*) FROM till_ticket").fetchone()[0])

    with store.writing(by=VICTOR) as tx:
        tab = sell.new_tab(tx, "t1")
        sell.put_product(tx, tab, "cafe")
        sell.complete(tx, tab, means.checked_payment(tx, tx.today, tab, CASH))
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    look()
    assert seen == [0, 1]


def test_every_write_is_on_the_disk_when_it_is_acknowledged(store: Store) -> None:
    """WAL with synchronous=FULL on the one writer (R14)."""
    with store.writing(by="") as tx:
        assert tx.conn.execute("PRAGMA synchronous").fetchone()[0] == 2
        assert tx.conn.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_a_till_without_grant_records_nothing(tmp_path: Path, clock: StoppedClock) -> None:
    """Before the installation is finished there is no journal to write in."""
    store = Store(tmp_path / "cafe.db", clock=clock, keyring=key_of("box"), features=FEATURES)
    with pytest.raises(NotEnrolled):
        close.open_day(store, 0, by=BEA)
    with pytest.raises(NotEnrolled):
        store.tip()
    store.close()


# Bulk


def test_many_acts_in_one_transaction(store: Store) -> None:
    """Seeding and replaying: each act passes its rules and is refused alone; all are durable together."""
    open_cafe(store)
    with store.bulk():
        for n in range(50):
            assert sold(store, "cafe", attempt=f"seed-{n}").sale is not None
        with pytest.raises(Refusal):
            sold(store, "nothing")
        with pytest.raises(AlreadyDone):
            sold(store, "cafe", attempt="seed-7")
        with store.reading() as conn:
            assert conn.execute("SELECT count(*) FROM till_ticket").fetchone()[0] == 50
    assert numbers(store) == list(range(1, 51))
    assert store.tables_that_differ() == []


def test_a_bulk_that_fails_leaves_nothing(store: Store) -> None:
    """Not one of its acts."""
    open_cafe(store)
    tip = store.tip()
    with pytest.raises(ZeroDivisionError), store.bulk():  # noqa: PT012
        sold(store, "cafe")
        1 / 0  # noqa: B018
    assert store.tip() == tip
    assert numbers(store) == []
    assert sold(store, "cafe").sale is not None


# The clock


def test_a_year_typed_wrong_is_refused(store: Store, clock: StoppedClock) -> None:
    """What is confirmed cannot be taken back, so a date years ahead is asked again, and nothing moves."""
    from pos.till.clockset import FarFromLastEntry, confirm_clock

    with store.writing(by=BEA) as tx:
        tx.record(TroubleNoted(what="printer"))
    before = clock.now_ms()
    with pytest.raises(FarFromLastEntry):
        confirm_clock(store, before + 3650 * DAY_MS, by=BEA)
    assert clock.now_ms() == before


def test_three_days_back_no_sale_until_the_clock_is_confirmed(store: Store, clock: StoppedClock) -> None:
    """The battery-less box woke up in the past: refused with both dates, confirmed, then sold in order (R13)."""
    from pos.till.clockset import BeforeLastEntry, confirm_clock

    open_cafe(store)
    sold(store, "cafe")
    now = clock.now_ms()
    clock.set(now - 3 * DAY_MS)
    with pytest.raises(ClockBehind) as told:
        sold(store, "cafe")
    assert "17/11/2026" in told.value.what()
    assert "20/11/2026" in told.value.what()
    with pytest.raises(ClockBehind):
        close.open_day(store, 0, by=BEA)
    with pytest.raises(BeforeLastEntry):
        confirm_clock(store, now - DAY_MS, by=BEA)
    said = confirm_clock(store, now + 60_000, by=BEA)
    assert (said.old, said.new, said.source) == (now - 3 * DAY_MS, now + 60_000, "operator")
    assert sold(store, "cafe").sale is not None
    with store.reading() as conn:
        times = [row[0] for row in conn.execute("SELECT t FROM till_ticket ORDER BY no")]
    assert times == sorted(times)
    assert clock.now_ms() == now + 60_000


def test_a_small_step_back_is_no_news(store: Store, clock: StoppedClock) -> None:
    """Network time corrects a minute: the entry bears the time of the one before, order is kept."""
    open_cafe(store)
    last = clock.now_ms()
    clock.set(last - 60_000)
    sold(store, "cafe")
    with store.reading() as conn:
        assert conn.execute("SELECT t FROM till_ticket").fetchone()[0] == last


def test_a_leap_of_months_is_asked_about(store: Store, clock: StoppedClock) -> None:
    """A clock at 2031 would seal every date wrong: refused until confirmed; a month of holidays is not."""
    from pos.till.clockset import confirm_clock

    open_cafe(store)
    close.close_day(store, by=BEA)
    clock.set(clock.now_ms() + 30 * DAY_MS)
    close.open_day(store, 0, by=BEA)
    close.close_day(store, by=BEA)
    clock.set(clock.now_ms() + 60 * DAY_MS)
    with pytest.raises(ClockLeapt):
        close.open_day(store, 0, by=BEA)
    confirm_clock(store, clock.now_ms(), by=BEA)
    close.open_day(store, 0, by=BEA)


def test_a_boot_at_a_false_future_moves_no_time(store: Store, clock: StoppedClock) -> None:
    """A bad chip woke the box two years ahead: nobody confirmed it, so the true time is taken again (R13)."""
    from pos import box
    from pos.till.clockset import confirm_clock

    open_cafe(store)
    sold(store, "cafe")
    now, last = clock.now_ms(), store.tip().t
    clock.set(now + 800 * DAY_MS)
    box.start(store)
    assert store.tip().t == last
    with pytest.raises(ClockLeapt):
        sold(store, "cafe")
    clock.set(now + 60_000)
    assert sold(store, "cafe").sale is not None
    confirm_clock(store, now + 120_000, by=BEA)


# The disk


def test_a_full_disk_says_so_and_writes_nothing(store: Store) -> None:
    """The sale that does not fit is refused whole; with room again the same bill is paid once."""
    open_cafe(store)
    ring(store, "t1", "cafe")
    pages = store._writer.execute("PRAGMA page_count").fetchone()[0]
    store._writer.execute(f"PRAGMA max_page_count={pages}")
    sales = 0
    with pytest.raises(DiskFull) as told:  # noqa: PT012
        for _n in range(10_000):
            sold(store, *["cafe", "demi", "croque", "confiture"])
            sales += 1
    assert told.value.how()
    tip = store.tip()
    assert numbers(store) == list(range(1, sales + 1))
    with pytest.raises(DiskFull):  # noqa: PT012
        for n in range(10_000):
            sold(store, "cafe", attempt=f"full-{n}")
    store._writer.execute(f"PRAGMA max_page_count={pages * 10}")
    assert sell.take_payment(store, "t1", CASH, by=VICTOR).sale is not None
    assert store.tip().seq > tip.seq
    assert store.tables_that_differ() == []


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MB of its own; only root may lay one."""
    at = tmp_path / "disk"
    at.mkdir()
    if (
        os.geteuid() != 0
        or run(["mount", "-t", "tmpfs", "-o", "size=8m", "zinc", str(at)], check=False, capture_output=True).returncode
    ):
        pytest.skip("no right to mount a disk")
    yield at
    run(["umount", "-l", str(at)], check=True)


def test_a_disk_really_full_is_called_full(tiny_disk: Path, clock: StoppedClock) -> None:
    """Eight megabytes: whichever write meets the end of them, the sentence is the same; with room the bill is paid."""
    store = open_test_store(tiny_disk / "cafe.db", clock)
    open_cafe(store)
    ballast = tiny_disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"z" * 4096):
            pass
    before = store.tip()
    with pytest.raises(DiskFull):  # noqa: PT012
        for _n in range(2000):
            before = store.tip()
            sold(store, "cafe", "demi")
    assert store.tip() == before
    ballast.unlink()
    sold(store, "cafe", "demi")
    assert store.tables_that_differ() == []
    store.close()


def test_a_disk_made_read_only_is_neither_full_nor_damaged(tiny_disk: Path, clock: StoppedClock) -> None:
    """After an error the kernel gives the box's disk back for reading only: a start on it says what to do."""
    path = tiny_disk / "cafe.db"
    store = open_test_store(path, clock)
    open_cafe(store)
    store.close()
    run(["mount", "-o", "remount,ro", str(tiny_disk)], check=True)
    with pytest.raises(DiskStuck) as told:
        Store(path, clock=clock, keyring=key_of("box"), features=FEATURES)
    assert told.value.how()
    run(["mount", "-o", "remount,rw", str(tiny_disk)], check=True)
    assert Store(path, clock=clock, keyring=key_of("box"), features=FEATURES).tip().seq > 0


def test_a_disk_that_stops_writing_during_work_says_so(store: Store) -> None:
    """A write that fails for another reason than room: nothing of the act stays, and the same bill is paid later."""
    open_cafe(store)
    ring(store, "t1", "cafe")
    tip, limits = store.tip(), resource.getrlimit(resource.RLIMIT_FSIZE)
    wal = Path(f"{store.path}-wal").stat().st_size
    try:
        # From here on the kernel refuses to let a file of this process grow.
        resource.setrlimit(resource.RLIMIT_FSIZE, (wal, limits[1]))
        with pytest.raises(DiskStuck):
            sell.take_payment(store, "t1", CASH, by=VICTOR)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert store.tip() == tip
    assert sell.take_payment(store, "t1", CASH, by=VICTOR).sale is not None
    assert store.tables_that_differ() == []


def broken_file(path: Path, clock: StoppedClock, *, first: int, length: int) -> None:
    """Make a café's file and scribble over a part of it."""
    store = open_test_store(path, clock)
    open_cafe(store)
    for _n in range(40):
        sold(store, "cafe", "demi")
    store.close()
    with path.open("r+b") as file:
        file.seek(first)
        file.write(b"\xa5" * length)


@pytest.mark.parametrize(("first", "length"), [(0, 100), (0, 8192), (100, 4000), (4096, 200_000)])
def test_a_damaged_file_is_called_damaged(tmp_path: Path, clock: StoppedClock, first: int, length: int) -> None:
    """At the start or at the first look: one clear trouble, never a stack of code."""
    path = tmp_path / "cafe.db"
    broken_file(path, clock, first=first, length=length)
    with pytest.raises(StoreUnreadable) as told:  # noqa: PT012
        store = Store(path, clock=clock, keyring=key_of("box"), features=FEATURES)
        try:
            store.tables_that_differ()
            store.tip()
        finally:
            store.close()
    assert told.value.how()


def test_a_file_that_is_no_database_is_called_damaged(tmp_path: Path, clock: StoppedClock) -> None:
    """Somebody saved a text over it."""
    (tmp_path / "cafe.db").write_text("Bonjour, ceci n’est pas une caisse. " * 300)
    with pytest.raises(StoreUnreadable):
        Store(tmp_path / "cafe.db", clock=clock, keyring=key_of("box"), features=FEATURES)


# The next start


def test_everything_is_there_at_the_next_start(tmp_path: Path) -> None:
    """Bill, card under way, day, numbers, attempts."""
    clock = StoppedClock(MORNING)
    store = open_test_store(tmp_path / "cafe.db", clock)
    open_cafe(store)
    sold(store, "cafe", attempt="tap-1")
    ring(store, "t2", "demi")
    tab = card.start_card(store, "t2", by=VICTOR)
    store.close()
    again = open_test_store(tmp_path / "cafe.db", clock)
    with again.reading() as conn:
        (waiting,) = card.unsettled(conn)
        assert tables.open_day(conn) is not None
    assert waiting["payment"] == tab.card
    with pytest.raises(AlreadyDone):
        sold(again, "cafe", attempt="tap-1")
    sale = card.settle_card(again, tab.card, card.ACCEPTED, by=VICTOR).sale
    assert sale is not None
    assert sale.no == 2
    again.close()


def test_ids_are_in_the_order_of_time() -> None:
    """Lists stay in order; two at the same moment still differ."""
    assert new_id(1) < new_id(2) < new_id(1795154520000)
    assert len({new_id(5) for _n in range(1000)}) == 1000
    assert len(new_id(1795154520000)) == 20


# Names


def test_no_name_is_in_the_journal(store: Store) -> None:
    """Staff by pseudonym, notes and labels of bills in drafts: canaries typed everywhere never get in (R17)."""
    from pos.till import people

    open_cafe(store)
    canary = "Zwerbeldine"
    people.add_operator(store, role="seller", name=canary, pin="4821", by=BEA)
    tab = ring(store, "t1", "cafe")
    sell.note_line(store, "t1", tab.lines[0].line_id, f"pour {canary}", by=VICTOR)
    sell.park_tab(store, "t1", label=f"table de {canary}", by=VICTOR)
    sell.take_up_tab(store, "t1", by=VICTOR)
    sell.take_payment(store, "t1", CASH, by=VICTOR)
    sell.sell(store, lines=[SoldLine(product="cafe")], by=VICTOR)
    with store.reading() as conn:
        bodies = b"".join(row[0] for row in conn.execute("SELECT body FROM journal_entry"))
        told = "".join(str(tuple(r)) for t in store.projector.tables for r in conn.execute(f"SELECT * FROM {t}"))
    assert canary.encode() not in bodies
    assert canary not in told
