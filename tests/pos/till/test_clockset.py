"""One question about the time after a start without network nor chip, and the network has the last word (R13)."""

import json
from pathlib import Path

import pytest

from pos.clock import HARDWARE, KEPT, NETWORK, NEVER_SET, BoxClock, Evidence
from pos.store import ClockBehind, Store
from pos.till import clockset
from tests.cast import BEA, open_cafe, sold
from tests.conftest import open_test_store

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
    assert (said.old - said.new, said.source) == (150, "network")
    assert [body["data"]["source"] for body in told(store, "clock.set")] == ["operator", "network"]
    assert store.clock.quality() == NETWORK
    assert clockset.settle(store) is None
    sold(store, "cafe")
    times = [body["t"] for body in told(store, "till.sale_completed") + told(store, "clock.set")]
    assert times[0] == max(times)
    store.close()
