"""The print queue: on disk before a byte leaves, nothing lost, nothing printed twice by itself."""

import sqlite3
import threading
import time
from pathlib import Path

import pytest

from pos.clock import StoppedClock
from pos.hardware import Devices, open_devices, port_printer, queue
from pos.hardware.printer import render
from pos.hardware.simulated import DIES_MID_JOB, NO_PAPER, OFF, RESETS, RUNS_OUT, SimulatedPrinter
from pos.hardware.simulated_tcp import TcpPrinter
from pos.hardware.troubles import NoPrinter, PaperOut, PrinterStopped
from pos.slips import Slip, Text
from pos.store import Store
from tests.conftest import open_test_store


@pytest.fixture
def devices() -> Devices:
    """A simulated printer."""
    return open_devices({"kind": "simulated"})


def put(store: Store, devices: Devices, *names: str) -> list[int]:
    """Queue a slip per name."""
    with store.writing(by="g1") as tx:
        return [
            queue.enqueue(
                tx.conn,
                name,
                render(Slip("", (Text(name),), titled=False), devices.printer.model),
                at=tx.now + i,
            )
            for i, name in enumerate(names)
        ]


def printed(devices: Devices) -> list[str]:
    """What is on the paper, banners apart."""
    assert devices.simulated_printer
    return [line.text for slip in devices.simulated_printer.paper() for line in slip if line.text.startswith("Ticket")]


def states(store: Store) -> list[str]:
    """States of the jobs, oldest first."""
    with store.reading() as conn:
        return [job.state for job in reversed(queue.jobs(conn))]


def test_slips_come_out_in_order_and_once(store: Store, devices: Devices) -> None:
    """A second round prints nothing more."""
    put(store, devices, "Ticket 1", "Ticket 2", "Ticket 3")
    assert queue.work(store, devices) == queue.Worked(3)
    assert queue.work(store, devices) == queue.Worked(0)
    assert printed(devices) == ["Ticket 1", "Ticket 2", "Ticket 3"]
    assert states(store) == ["confirmed"] * 3


def test_what_a_printer_cannot_say_is_not_learnt_again_at_each_start(
    tmp_path: Path, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its first slip held the hand, and the drawer with it, for eight seconds; saving its settings forgets it."""
    from kiosk.wiring import connect_machines, open_kiosk

    monkeypatch.setattr(port_printer, "SETTLED_SECONDS", 0.05)
    tcp = TcpPrinter(SimulatedPrinter())
    tcp.machine.knows.clear()
    settings = {"printer": {"kind": "network", "address": tcp.address}}

    def first_slip(*, anew: bool = False) -> float:
        kiosk = open_kiosk(tmp_path, clock=clock, settings=settings)
        if anew:
            connect_machines(kiosk)
        put(kiosk.store, kiosk.devices, "Ticket")
        begun = time.monotonic()
        assert queue.work(kiosk.store, kiosk.devices, "counter") == queue.Worked(1)
        kiosk.store.close()
        return time.monotonic() - begun

    monkeypatch.setattr(port_printer, "DONE_SECONDS", 0.5)
    assert first_slip() > 0.5
    assert first_slip(anew=True) > 0.5
    monkeypatch.setattr(port_printer, "DONE_SECONDS", 30.0)
    assert first_slip() < 15
    tcp.close()


def test_what_could_not_leave_waits_and_comes_out_by_itself(
    store: Store, devices: Devices, clock: StoppedClock
) -> None:
    """No paper: it stays queued with its reason and is tried after 1, 2, 5, 10, 30 s; those behind keep their turn."""
    assert devices.simulated_printer
    devices.simulated_printer.switch(NO_PAPER, True)
    put(store, devices, "Ticket 1", "Ticket 2")
    worked = queue.work(store, devices)
    assert isinstance(worked.trouble, PaperOut)
    waits = [worked.again_ms]
    for _try in range(6):
        assert queue.work(store, devices, now=False) == queue.Worked(0, None, waits[-1])
        clock.tick(waits[-1])
        waits.append(queue.work(store, devices, now=False).again_ms)
    assert waits == [1000, 2000, 5000, 10_000, 30_000, 30_000, 30_000]
    assert states(store) == ["queued", "queued"]
    with store.reading() as conn:
        first = queue.jobs(conn)[-1]
    assert first.trouble
    assert first.trouble.what() == "L’imprimante n’a plus de papier."
    devices.simulated_printer.switch(NO_PAPER, False)
    clock.tick(30_000)
    assert queue.work(store, devices, now=False) == queue.Worked(2)
    assert printed(devices) == ["Ticket 1", "Ticket 2"]


def test_a_tap_does_not_wait_for_the_end_of_a_back_off(store: Store, devices: Devices) -> None:
    """Somebody is there: try at once, in order."""
    assert devices.simulated_printer
    devices.simulated_printer.switch(NO_PAPER, True)
    put(store, devices, "Ticket 1")
    queue.work(store, devices)
    devices.simulated_printer.switch(NO_PAPER, False)
    assert queue.work(store, devices, now=False).printed == 0
    put(store, devices, "Ticket 2")
    assert queue.work(store, devices).printed == 2
    assert printed(devices) == ["Ticket 1", "Ticket 2"]


def test_a_clock_set_back_holds_no_slip(store: Store, devices: Devices, clock: StoppedClock) -> None:
    """No wait is longer than the longest back-off, whatever the clock says."""
    assert devices.simulated_printer
    devices.simulated_printer.switch(NO_PAPER, True)
    put(store, devices, "Ticket 1")
    queue.work(store, devices)
    devices.simulated_printer.switch(NO_PAPER, False)
    clock.offset_ms = -7_200_000
    assert queue.work(store, devices, now=False).printed == 1


def test_after_half_an_hour_a_slip_waits_for_a_person(store: Store, devices: Devices, clock: StoppedClock) -> None:
    """Saturday's tickets do not all come out on Monday: they fail together, and a tap prints the one wanted."""
    assert devices.simulated_printer
    devices.simulated_printer.switch(NO_PAPER, True)
    with store.writing(by="g1") as tx:
        jobs = [queue.enqueue(tx.conn, "Ticket", render(Slip("", (Text(f"Ticket {n}"),)), devices.printer.model),
                              at=tx.now) for n in (1, 2)]  # fmt: skip
    queue.work(store, devices)
    clock.tick(queue.PATIENCE_MS + 1000)
    assert queue.work(store, devices).again_ms is None
    assert states(store) == ["failed", "failed"]
    devices.simulated_printer.switch(NO_PAPER, False)
    assert queue.work(store, devices) == queue.Worked(0)
    with store.writing(by="g1") as tx:
        assert queue.retry(tx.conn, jobs[1], at=tx.now)
        assert queue.drop(tx.conn, jobs[0])
    assert queue.work(store, devices) == queue.Worked(1)
    assert printed(devices) == ["Ticket 2"]


def test_a_cafe_without_printer_does_not_try_for_ever(store: Store) -> None:
    """What a person must set right fails at once, and is not tried again."""
    devices = open_devices({})
    with store.writing(by="g1") as tx:
        queue.enqueue(tx.conn, "Ticket", b"x", at=tx.now)
    worked = queue.work(store, devices)
    assert isinstance(worked.trouble, NoPrinter)
    assert worked.again_ms is None
    assert states(store) == ["failed"]


def test_a_slip_that_may_be_out_is_a_doubt_and_is_never_sent_again_by_itself(store: Store, devices: Devices) -> None:
    """Dies mid-job: doubt about the first, none about the second, which comes out when the printer is back."""
    assert devices.simulated_printer
    devices.simulated_printer.switch(DIES_MID_JOB, True)
    first, second = put(store, devices, "Ticket 1", "Ticket 2")
    queue.work(store, devices)
    assert states(store) == ["doubt", "queued"]
    devices.simulated_printer.switch(OFF, False)
    devices.simulated_printer.tear()
    queue.work(store, devices)
    assert printed(devices) == ["Ticket 2"]
    with store.reading() as conn:
        (doubt,) = queue.doubts(conn)
    assert doubt.job_id == first
    assert doubt.trouble
    assert doubt.trouble.maybe_printed
    with store.writing(by="g1") as tx:
        assert not queue.retry(tx.conn, first)
        assert not queue.deny(tx.conn, second)
        assert queue.settle(tx.conn, first)
        assert not queue.settle(tx.conn, first)
    assert states(store) == ["confirmed", "confirmed"]
    with store.reading() as conn:
        assert [job.evidence for job in queue.jobs(conn)] == ["in_order", "operator"]


def test_a_slip_in_doubt_is_never_said_to_come_out_by_itself(store: Store, devices: Devices) -> None:
    """The roll ends in the middle: a new one brings nothing back, the question does; before a byte left, it does."""
    assert devices.simulated_printer
    devices.simulated_printer.switch(RUNS_OUT, True)
    put(store, devices, "Ticket 1", "Ticket 2")
    queue.work(store, devices)
    assert states(store) == ["doubt", "queued"]
    with store.reading() as conn:
        waits, asked = (job.trouble for job in queue.jobs(conn))
    assert asked
    assert asked.what() == "L’imprimante n’a plus de papier."
    assert "tout seul" not in asked.how()
    assert "répondez à la question" in asked.how()
    assert waits
    assert "tout seul" in waits.how()


def test_a_slip_that_did_not_come_out_is_replaced_by_a_new_job(store: Store, devices: Devices) -> None:
    """« Non »: the old one stays as it ended, a copy takes its place; said twice, once."""
    assert devices.simulated_printer
    devices.simulated_printer.switch(RESETS, True)
    (job,) = put(store, devices, "Ticket 1")
    queue.work(store, devices)
    with store.writing(by="g1") as tx:
        assert queue.deny(tx.conn, job)
        assert not queue.deny(tx.conn, job)
        assert queue.reprint(tx.conn, job)
    queue.work(store, devices)
    assert states(store) == ["denied", "confirmed"]
    assert printed(devices) == ["Ticket 1"]


def test_a_power_cut_while_sending_leaves_a_question_not_a_second_copy(store: Store, devices: Devices) -> None:
    """At start, a job that was being sent is in doubt; the next round does not send it."""
    (job,) = put(store, devices, "Ticket 1")
    claimed = queue._claim(store, queue.COUNTER, now=True)
    assert claimed is not None
    assert claimed["job_id"] == job
    assert states(store) == ["sending"]
    assert queue.recover(store) == 1
    assert queue.work(store, devices) == queue.Worked(0)
    with store.reading() as conn:
        (told,) = queue.doubts(conn)
    assert isinstance(told.trouble, PrinterStopped)
    assert told.trouble.maybe_printed


def test_the_kitchen_has_a_queue_of_its_own(store: Store) -> None:
    """A printer without paper in the kitchen holds no ticket at the counter, and slips go where they belong."""
    devices = open_devices({"kind": "simulated"}, {"kind": "simulated", "width": 58})
    assert devices.simulated_kitchen
    assert devices.simulated_printer
    devices.simulated_kitchen.switch(NO_PAPER, True)
    with store.writing(by="g1") as tx:
        for place in ("kitchen", "counter"):
            data = render(Slip("", (Text(f"Ticket {place}"),)), devices.printer_of(place).model)
            queue.enqueue(tx.conn, place, data, printer=place)
    queue.work(store, devices)
    assert printed(devices) == ["Ticket counter"]
    with store.reading() as conn:
        assert queue.count(conn) == queue.Waiting()
        assert queue.count(conn, "kitchen") == queue.Waiting(busy=1, stuck=1, held=1)
    devices.simulated_kitchen.switch(NO_PAPER, False)
    queue.work(store, devices)
    assert [line.text for line in devices.simulated_kitchen.paper()[0] if "kitchen" in line.text] == ["Ticket kitchen"]


def test_a_box_of_an_older_version_keeps_its_queue(tmp_path: Path, clock: StoppedClock) -> None:
    """The table of drafts gets its new columns at start; what was printed is still printed."""
    path = tmp_path / "cafe.db"
    old = sqlite3.connect(path)
    old.executescript(
        "CREATE TABLE draft_print (job_id INTEGER PRIMARY KEY, made_at INTEGER NOT NULL, what TEXT NOT NULL,"
        " state TEXT NOT NULL, bytes BLOB NOT NULL, error TEXT NOT NULL DEFAULT '') STRICT;"
        "INSERT INTO draft_print (made_at, what, state, bytes) VALUES (1, 'Ticket 1', 'printed', x'00'),"
        " (2, 'Ticket 2', 'queued', x'00')"
    )
    old.close()
    store = open_test_store(path, clock)
    assert states(store) == ["confirmed", "queued"]
    store.close()
    store = open_test_store(path, clock)
    assert states(store) == ["confirmed", "queued"]
    store.close()


def test_a_job_is_marked_on_disk_before_its_first_byte(store: Store, devices: Devices) -> None:
    """The printer, when it gets bytes, can read `sending` in the file."""
    seen: list[list[str]] = []
    assert devices.simulated_printer
    inner = devices.simulated_printer.receive

    def receive(data: bytes) -> bytes:
        seen.append(states(store))
        return inner(data)

    devices.simulated_printer.receive = receive  # type: ignore[method-assign]
    put(store, devices, "Ticket 1")
    queue.work(store, devices)
    assert seen
    assert all(row == ["sending"] for row in seen)


def test_two_hands_at_once_print_each_slip_once(store: Store, devices: Devices) -> None:
    """Four threads empty the queue together."""
    names = [f"Ticket {n:02d}" for n in range(12)]
    put(store, devices, *names)
    hands = [threading.Thread(target=queue.work, args=(store, devices)) for _hand in range(4)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert printed(devices) == names


def test_a_printed_slip_is_copied_by_a_new_job_and_forgotten_later(store: Store, devices: Devices) -> None:
    """A Z may be printed again; bytes of old slips do not stay."""
    (job,) = put(store, devices, "Ticket 1")
    with store.writing(by="g1") as tx:
        assert queue.reprint(tx.conn, job) == 0
    queue.work(store, devices)
    with store.writing(by="g1") as tx:
        assert queue.reprint(tx.conn, job, at=tx.now + 5000) > job
    queue.work(store, devices)
    assert printed(devices) == ["Ticket 1"] * 2
    with store.writing(by="g1") as tx:
        assert queue.forget(tx.conn, tx.now + 3000) == 1
    assert states(store) == ["confirmed"]


def test_a_slip_leaves_with_the_transaction_that_asked_for_it(store: Store, devices: Devices) -> None:
    """An act that fails queues nothing."""

    def fails() -> None:
        with store.writing(by="g1") as tx:
            queue.enqueue(tx.conn, "Ticket 1", b"x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert states(store) == []


def test_slips_of_a_backup_are_asked_about(store: Store, devices: Devices) -> None:
    """They may have come out since it was made: nothing of them leaves by itself."""
    put(store, devices, "Ticket 1", "Ticket 2")
    with store.writing(by="v1") as tx:
        assert queue.restored(tx.conn) == 2
    assert queue.work(store, devices) == queue.Worked(0)
    assert states(store) == ["doubt", "doubt"]


def test_a_slip_nobody_wanted_is_forgotten_with_the_others(store: Store) -> None:
    """Some bear a customer's name: three days later a failed slip goes too; a question stays."""
    put(store, open_devices({}), "Ticket 1")
    queue.work(store, open_devices({}))
    put(store, open_devices({}), "Ticket 2")
    with store.writing(by="v1") as tx:
        assert queue.restored(tx.conn) == 2
    with store.writing(by="g1") as tx:
        assert queue.forget(tx.conn, tx.now + 1000) == 0
        tx.conn.execute("UPDATE draft_print SET state = 'failed'")
        assert queue.forget(tx.conn, tx.now + 1000) == 2


def test_a_round_that_could_not_write_its_end_leaves_a_doubt(store: Store, devices: Devices) -> None:
    """A disk full at the wrong moment: the next round asks, and prints what came after."""
    put(store, devices, "Ticket 1", "Ticket 2")
    assert queue._claim(store, queue.COUNTER, now=True) is not None
    assert queue.work(store, devices).printed == 1
    assert states(store) == ["doubt", "confirmed"]
