"""One question about the time after a start without network nor chip, and the network has the last word (R13)."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pos.archive.make import check, make_archive
from pos.audit import check_everything
from pos.clock import HARDWARE, KEPT, NETWORK, NEVER_SET, BoxClock, Evidence, StoppedClock
from pos.house import FEATURES
from pos.slips import as_text
from pos.store import ClockBehind, Store
from pos.till import clockset, close, slips, training
from pos.till.refusals import ManagerNeeded
from tests.cast import BEA, CAFE, VICTOR, of, open_cafe, sold
from tests.conftest import MORNING, open_test_store

HOUR_MS = 3_600_000


class Machine:
    """What a box says of its clock, laid in a folder."""

    def __init__(self, folder: Path) -> None:
        self.synchronized = folder / "synchronized"
        self.rtc = folder / "since_epoch"
        self.boot_id = folder / "boot_id"
        self.boot_id.write_text("first\n")
        (folder / "systemd").mkdir()
        self._evidence = Evidence(folder / "systemd", self.synchronized, self.rtc, self.boot_id, lambda: False)

    def clock(self) -> BoxClock:
        """The clock of a till that starts."""
        return BoxClock(self._evidence)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A box without chip, that no network reached yet."""
    return Machine(tmp_path)


def started(tmp_path: Path, machine: Machine) -> Store:
    """The till starts on the machine's clock."""
    store = open_test_store(tmp_path / "cafe.db", machine.clock())  # type: ignore[arg-type]
    clockset.resume(store)
    return store


def told(store: Store, kind: str) -> list[dict[str, object]]:
    """The bodies of a kind of entries."""
    with store.reading() as conn:
        rows = [bytes(row[0]) for row in conn.execute("SELECT body FROM journal_entry ORDER BY seq")]
    return [body for body in map(json.loads, rows) if body["kind"] == kind]


def test_what_a_clock_is_worth(machine: Machine) -> None:
    """Kept on disk, or agreeing with a chip, or set by the network; a chip without battery begins in 1970."""
    clock = machine.clock()
    assert clock.quality() == KEPT
    machine.rtc.write_text("41\n")
    assert clock.quality() == KEPT
    machine.rtc.write_text(f"{clock.now_ms() // 1000}\n")
    assert clock.quality() == HARDWARE
    machine.synchronized.touch()
    assert machine.clock().quality() == NETWORK
    assert Evidence(boot_id=machine.boot_id).boot() == "first"


def test_a_time_before_the_first_box_was_never_set(machine: Machine) -> None:
    """A Pi that lost everything begins in 1970."""
    clock = machine.clock()
    assert machine._evidence.quality(1000) == NEVER_SET
    clock.offset_ms = -clock.now_ms()
    assert clock.quality() == NEVER_SET


def test_right_once_is_right_until_the_next_start(machine: Machine) -> None:
    """The line may go: a quartz loses a second a day."""
    clock = machine.clock()
    machine.synchronized.touch()
    assert clock.quality() == NETWORK
    machine.synchronized.unlink()
    assert clock.quality() == NETWORK


def test_without_systemd_the_time_is_believed(tmp_path: Path) -> None:
    """A workstation says nothing of its clock, and nobody is asked."""
    assert Evidence(systemd=tmp_path / "none", synchronized=tmp_path / "none").quality(0) == NETWORK


def test_the_question_is_asked_once_a_start(tmp_path: Path, machine: Machine) -> None:
    """Asked until answered; not again when only the till starts again, and the answer still holds; again after the next start."""
    store = started(tmp_path, machine)
    open_cafe(store)
    assert clockset.doubtful(store)
    clockset.confirm_clock(store, store.clock.now_ms() + HOUR_MS, by=BEA)
    assert not clockset.doubtful(store)
    assert store.clock.quality() == KEPT
    sold(store, "cafe")
    last = store.tip().t
    store.close()

    store = started(tmp_path, machine)
    assert not clockset.doubtful(store)
    assert store.clock.now_ms() >= last
    sold(store, "cafe")
    store.close()

    machine.boot_id.write_text("second\n")
    store = started(tmp_path, machine)
    assert clockset.doubtful(store)
    with pytest.raises(ClockBehind):
        sold(store, "cafe")
    store.close()


def test_nobody_is_asked_when_something_vouches(tmp_path: Path, machine: Machine) -> None:
    """A clock chip, or the network: no question."""
    machine.synchronized.touch()
    store = started(tmp_path, machine)
    open_cafe(store)
    assert not clockset.doubtful(store)
    assert clockset.settle(store) is None
    store.close()


def test_the_network_has_the_last_word(tmp_path: Path, machine: Machine) -> None:
    """The line comes back after a person's word: old and new are an entry, then the time is the network's."""
    store = started(tmp_path, machine)
    open_cafe(store)
    clockset.confirm_clock(store, store.clock.now_ms() + 150, by=BEA)
    assert clockset.settle(store) is None
    machine.synchronized.touch()
    # Not behind what is written: it waits until the true time has come so far.
    assert clockset.settle(store) is None
    said = None
    while said is None:
        said = clockset.settle(store)
    # The machine's clock is read twice: a tick may lie between.
    assert abs(said.old - said.new - 150) <= 2
    assert said.source == "network"
    assert [body["data"]["source"] for body in told(store, "clock.set")] == ["operator", "network"]
    assert store.clock.quality() == NETWORK
    assert clockset.settle(store) is None
    sold(store, "cafe")
    times = [body["t"] for body in told(store, "till.sale_completed") + told(store, "clock.set")]
    assert times[0] == max(times)
    store.close()


# A date typed wrong

DAY_MS = 24 * HOUR_MS
YEAR_MS = 365 * DAY_MS


class Kept(StoppedClock):
    """A clock without chip nor network: what it says is a person's word, until `vouched`."""

    vouched = False
    start = "first"

    def quality(self) -> int:
        """Kept, unless the network set it."""
        return NETWORK if self.vouched and not self.offset_ms else KEPT

    def machine_quality(self) -> int:
        """What the machine's own time is worth."""
        return NETWORK if self.vouched else KEPT

    def boot(self) -> str:
        """The name of this start."""
        return self.start


@pytest.fixture
def kept() -> Kept:
    """20 November 2026, 7:02, as the disk had it."""
    return Kept(MORNING)


@pytest.fixture
def alone(tmp_path: Path, kept: Kept) -> Iterator[Store]:
    """A café that sold on 20 November, on a box that only a person tells the time."""
    with closing(open_test_store(tmp_path / "cafe.db", kept)) as store:
        open_cafe(store)
        sold(store, "cafe")
        yield store


def a_year_ahead(store: Store, clock: Kept) -> None:
    """The manager types 2027 for 2026, twice."""
    clockset.confirm_clock(store, clock.now_ms() + YEAR_MS, sure=True, by=BEA)


def test_a_date_far_from_the_last_entry_is_typed_twice_by_the_manager(alone: Store, kept: Kept) -> None:
    """A year typed wrong passes neither at once nor from a seller; a weekend's leap is asked of nobody."""
    now = kept.now_ms()
    with pytest.raises(ManagerNeeded):
        clockset.confirm_clock(alone, now + YEAR_MS, sure=True, by=VICTOR)
    with pytest.raises(clockset.TypeItAgain):
        clockset.confirm_clock(alone, now + YEAR_MS, by=BEA)
    assert kept.now_ms() == now
    clockset.confirm_clock(alone, now + 2 * DAY_MS, by=VICTOR)
    a_year_ahead(alone, kept)


def test_no_month_closes_on_one_person_s_word(alone: Store, kept: Kept) -> None:
    """Twelve months and a year wait for another day's answer; the forgotten day closes under its own date."""
    a_year_ahead(alone, kept)
    assert close.close_forgotten(alone) == ["2026-11-20"]
    close.open_day(alone, 0, by=BEA)
    close.close_day(alone, by=BEA)
    assert not told(alone, "till.month_closed") + told(alone, "till.year_closed")
    assert not clockset.doubtful(alone) and not close.something_to_close(alone)
    kept.tick(DAY_MS)
    assert clockset.doubtful(alone)
    clockset.confirm_clock(alone, kept.now_ms(), by=VICTOR)
    assert not clockset.doubtful(alone)
    close.close_forgotten(alone)
    assert [body["data"]["period"] for body in told(alone, "till.year_closed")] == ["2026"]
    with pytest.raises(clockset.BeforeLastEntry):
        clockset.confirm_clock(alone, kept.now_ms() - YEAR_MS, by=BEA)


def test_a_wrong_year_is_put_right(tmp_path: Path, alone: Store, kept: Kept) -> None:
    """By the manager, and no further than what is sure; then the café sells, closes and is proven, under its true days."""
    a_year_ahead(alone, kept)
    close.open_day(alone, 0, by=BEA)
    sold(alone, "cafe")
    ahead = alone.tip().t
    true = kept.now_ms() - YEAR_MS + HOUR_MS
    with pytest.raises(ManagerNeeded):
        clockset.confirm_clock(alone, true, by=VICTOR)
    with pytest.raises(clockset.BeforeLastEntry):
        clockset.confirm_clock(alone, true - DAY_MS, by=BEA)
    clockset.confirm_clock(alone, true, by=BEA)
    kept.tick(DAY_MS)
    close.open_day(alone, 0, by=BEA)
    one = of(sold(alone, "cafe"))
    assert (one.day, alone.tip().t) == ("2026-11-21", ahead)
    with alone.reading() as conn:
        slip = slips.receipt(one, CAFE, slips.issued_at(alone, conn, alone.last_place()))
    assert "21/11/2026" in as_text(slip, 48)
    alone.close()

    store = open_test_store(tmp_path / "cafe.db", kept)
    clockset.resume(store)
    assert store.believed(ahead) == true
    kept.tick(10 * DAY_MS)
    close.open_day(store, 0, by=BEA)
    assert [body["data"]["period"] for body in told(store, "till.month_closed")] == ["2026-11"]
    assert check_everything(store).first_bad is None
    made = make_archive(store, asked="2026-11", folder=tmp_path / "out", by=BEA)
    assert check(made.path, all_seals=True) == ""
    kept.set(true - DAY_MS - kept.offset_ms)
    with pytest.raises(ClockBehind):
        sold(store, "cafe")
    store.close()


def test_practice_follows_a_clock_put_right(tmp_path: Path, alone: Store, kept: Kept) -> None:
    """What was practised a year ahead does not hold the training file there."""
    with closing(training.open_training(tmp_path, clock=kept, features=FEATURES, cafe=17)) as practice:
        a_year_ahead(alone, kept)
        training.start_training(alone, practice, by=BEA)
        clockset.confirm_clock(alone, kept.now_ms() - YEAR_MS, by=BEA)
        training.start_training(alone, practice, by=BEA)
        assert of(sold(practice, "cafe")).day == "2026-11-20"


def test_the_network_puts_a_wrong_year_right(alone: Store, kept: Kept) -> None:
    """At the start after, when its word is months behind what a person typed."""
    now = kept.now_ms()
    a_year_ahead(alone, kept)
    close.close_forgotten(alone)
    kept.offset_ms, kept.start, kept.vouched = 0, "second", True
    kept.set(now + HOUR_MS)
    said = clockset.settle(alone)
    assert said is not None and said.source == "network"
    close.open_day(alone, 0, by=BEA)
    assert of(sold(alone, "cafe")).day == "2026-11-20.2"
    assert check_everything(alone).first_bad is None


def test_the_network_bears_a_long_rest_out(alone: Store, kept: Kept) -> None:
    """A café closed for the winter: its months close as soon as something better than a person says the same."""
    clockset.confirm_clock(alone, kept.now_ms() + 90 * DAY_MS, sure=True, by=BEA)
    close.close_forgotten(alone)
    kept.vouched = True
    kept.set(kept.now_ms())
    kept.offset_ms = 0
    assert clockset.settle(alone) is not None
    close.close_forgotten(alone)
    assert [body["data"]["period"] for body in told(alone, "till.month_closed")] == ["2026-11", "2026-12", "2027-01"]
