"""The print queue: on disk before a byte leaves, nothing lost, nothing printed twice by itself."""

import threading

import pytest

from pos.hardware import Devices, open_devices, queue
from pos.hardware.printer import render
from pos.hardware.simulated import DIES_MID_JOB, NO_PAPER
from pos.hardware.troubles import PaperOut, PrinterStopped
from pos.slips import Slip, Text
from pos.store import Store


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
                at=1000 + i,
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
    assert states(store) == ["printed"] * 3


def test_a_failed_slip_keeps_its_reason_until_somebody_taps(store: Store, devices: Devices) -> None:
    """No paper: it and those behind it fail with the reason; paper back, nothing moves before the tap."""
    assert devices.simulated_printer
    devices.simulated_printer.switch(NO_PAPER, True)
    jobs = put(store, devices, "Ticket 1", "Ticket 2")
    worked = queue.work(store, devices)
    assert isinstance(worked.trouble, PaperOut)
    with store.reading() as conn:
        failed = queue.failed(conn)
    assert [type(job.trouble) for job in failed] == [PaperOut, PaperOut]
    assert failed[0].trouble
    assert failed[0].trouble.what() == "L’imprimante n’a plus de papier."
    devices.simulated_printer.switch(NO_PAPER, False)
    assert queue.work(store, devices) == queue.Worked(0)
    assert printed(devices) == []
    with store.writing(by="g1") as tx:
        assert all(queue.retry(tx.conn, job) for job in jobs)
    assert queue.work(store, devices) == queue.Worked(2)
    assert printed(devices) == ["Ticket 1", "Ticket 2"]


def test_a_slip_that_may_be_out_says_so_and_those_behind_do_not(store: Store, devices: Devices) -> None:
    """Dies mid-job: doubt about the first, none about the second."""
    assert devices.simulated_printer
    devices.simulated_printer.switch(DIES_MID_JOB, True)
    first, second = put(store, devices, "Ticket 1", "Ticket 2")
    queue.work(store, devices)
    with store.reading() as conn:
        doubts = {job.job_id: job.trouble.maybe_printed for job in queue.failed(conn) if job.trouble}
    assert doubts == {first: True, second: False}
    with store.writing(by="g1") as tx:
        assert queue.settle(tx.conn, first)
        assert queue.drop(tx.conn, second)
    assert states(store) == ["printed"]


def test_a_power_cut_while_sending_leaves_a_question_not_a_second_copy(store: Store, devices: Devices) -> None:
    """At start, a job that was being sent is failed in doubt; the next round does not send it."""
    (job,) = put(store, devices, "Ticket 1")
    claimed = queue._claim(store)
    assert claimed is not None
    assert claimed[0] == job
    assert states(store) == ["sending"]
    assert queue.recover(store) == 1
    assert queue.work(store, devices) == queue.Worked(0)
    with store.reading() as conn:
        (told,) = queue.failed(conn)
    assert isinstance(told.trouble, PrinterStopped)
    assert told.trouble.maybe_printed


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
        assert queue.reprint(tx.conn, job, at=5000) > job
    queue.work(store, devices)
    assert printed(devices) == ["Ticket 1"] * 2
    with store.writing(by="g1") as tx:
        assert queue.forget(tx.conn, 3000) == 1
    assert states(store) == ["printed"]


def test_a_slip_leaves_with_the_transaction_that_asked_for_it(store: Store, devices: Devices) -> None:
    """An act that fails queues nothing."""

    def fails() -> None:
        with store.writing(by="g1") as tx:
            queue.enqueue(tx.conn, "Ticket 1", b"x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert states(store) == []
