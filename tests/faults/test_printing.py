"""Three hundred tickets on a printer that fails four times in ten: each comes out once, whole (hardware 1.7).

The operator is truthful: asked whether a ticket is out, they look at the paper. Half a ticket is not one.
"""

import contextlib
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pos.clock import StoppedClock
from pos.hardware import COUNTER, Devices, open_devices, port_printer, queue
from pos.hardware.printer import render
from pos.hardware.simulated import (
    COVER_OPEN,
    DIES_AFTER,
    DIES_MID_JOB,
    HANGS,
    MUTE,
    NO_PAPER,
    OFF,
    RESETS,
    RUNS_OUT,
    SimulatedPrinter,
)
from pos.hardware.simulated_tcp import TcpPrinter
from pos.store import Store
from tests.conftest import MORNING, open_test_store
from tests.faults import counts
from tests.faults.printer_hand import ticket

ROOT = Path(__file__).resolve().parents[2]
FAULTS = (OFF, NO_PAPER, COVER_OPEN, RESETS, DIES_MID_JOB, DIES_AFTER, RUNS_OUT, HANGS, MUTE, "power cut of the box")
FAULTY = 0.4
TICKET = re.compile(r"^Billet (\d+)$")
WHOLE = re.compile(r"^Fin (\d+)$")


def whole_on(machine: SimulatedPrinter) -> Iterator[int]:
    """Tear the paper off and yield the number of each whole ticket on it."""
    slips = machine.paper()
    machine.tear()
    for slip in slips:
        texts = [line.text.strip() for line in slip]
        ended = {found[1] for text in texts if (found := WHOLE.match(text))}
        yield from (int(found[1]) for text in texts if (found := TICKET.match(text)) and found[1] in ended)


class Campaign:
    """A till, a printer on the network with its faults, and somebody who looks at the paper."""

    def __init__(self, store: Store, clock: StoppedClock, seed: int, confirm: str) -> None:
        self.store, self.clock = store, clock
        self.chance = random.Random(seed)
        self.machine = SimulatedPrinter()
        self.tcp = TcpPrinter(self.machine)
        self.devices: Devices = open_devices({"kind": "network", "address": self.tcp.address, "confirm": confirm})
        # Whole tickets, by number.
        self.whole: Counter[int] = Counter()
        self.counts: Counter[str] = Counter()

    def print_ticket(self, number: int) -> None:
        """Queue a ticket and stay until it is settled."""
        with self.store.writing(by="v1") as tx:
            queue.enqueue(tx.conn, str(number), render(ticket(number), self.devices.printer.model), at=tx.now)
        while self.unsettled():
            with self.fault():
                done = queue.work(self.store, self.devices, COUNTER, now=False)
            self.counts["attempts"] += 1
            self.counts["tried again by itself"] += done.again_ms is not None
            self.answer()
            self.clock.tick(done.again_ms or 1)

    def unsettled(self) -> bool:
        """Tell whether something is still to be printed or asked."""
        with self.store.reading() as conn:
            assert queue.failed(conn) == []
            return queue.count(conn) != queue.Waiting()

    @contextmanager
    def fault(self) -> Iterator[None]:
        """Break something for one attempt, four times in ten; then somebody puts it right."""
        fault = self.chance.choice(FAULTS) if self.chance.random() < FAULTY else ""
        if fault == FAULTS[-1]:
            # Stopped between the mark on disk and the first byte; at its next start nobody knows.
            if queue._claim(self.store, COUNTER, now=True) is not None:
                assert queue.recover(self.store) == 1
        elif fault:
            self.machine.switch(fault, True)
        self.counts["faulty"] += bool(fault)
        yield
        assert self.tcp.wait_idle()
        for habit in (OFF, NO_PAPER, COVER_OPEN, MUTE, RESETS, DIES_MID_JOB, DIES_AFTER, RUNS_OUT, HANGS):
            self.machine.switch(habit, False)
        self.look()

    def look(self) -> None:
        """Take the paper and read it."""
        self.whole.update(whole_on(self.machine))

    def answer(self) -> None:
        """Answer each question truthfully."""
        with self.store.reading() as conn:
            asked = queue.doubts(conn)
        for job in asked:
            self.counts["asked"] += 1
            with self.store.writing(by="v1") as tx:
                if self.whole[int(job.what)]:
                    assert queue.settle(tx.conn, job.job_id)
                    self.counts["said yes"] += 1
                else:
                    assert queue.deny(tx.conn, job.job_id)
                    assert queue.reprint(tx.conn, job.job_id, at=tx.now)

    def said(self, tickets: int) -> str:
        """The counts, in a line."""
        once = sum(self.whole[n] == 1 for n in range(tickets))
        lost = sum(self.whole[n] == 0 for n in range(tickets))
        twice = sum(self.whole[n] > 1 for n in range(tickets))
        told = ", ".join(f"{n} {what}" for what, n in self.counts.items())
        return f"{tickets} tickets: {once} once, {lost} lost, {twice} twice ({told})"


def run(path: Path, monkeypatch: pytest.MonkeyPatch, *, tickets: int, seed: int, confirm: str) -> Campaign:
    """Print so many tickets and hold the result to the rule."""
    for name, seconds in (("DONE_SECONDS", 0.3), ("ANSWER_SECONDS", 0.15), ("SETTLED_SECONDS", 0.02)):
        monkeypatch.setattr(port_printer, name, seconds)
    clock = StoppedClock(MORNING)
    store = open_test_store(path / f"{confirm}-{seed}.db", clock)
    campaign = Campaign(store, clock, seed, confirm)
    try:
        for number in range(tickets):
            campaign.print_ticket(number)
        assert campaign.whole == Counter(dict.fromkeys(range(tickets), 1)), campaign.said(tickets)
        with store.reading() as conn:
            ended = queue.jobs(conn, 100_000)
        assert {job.state for job in ended} <= {queue.CONFIRMED, queue.DENIED}
        # What the till holds for printed is printed, and nothing else is.
        assert Counter(int(job.what) for job in ended if job.state == queue.CONFIRMED) == campaign.whole
        assert all(job.evidence in queue.EVIDENCE for job in ended)
    finally:
        campaign.tcp.close()
        store.close()
    return campaign


def test_thirty_tickets_on_a_bad_printer_come_out_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bad morning, on each run of the suite: some asked about, some tried again, none lost or doubled."""
    campaign = run(tmp_path, monkeypatch, tickets=30, seed=30, confirm="process_id")
    assert campaign.counts["faulty"] > 8
    assert campaign.counts["asked"] > 2


def kill_while_printing(path: Path, *, tickets: int, most_seconds: float) -> tuple[Counter[int], int]:
    """Kill -9 the hand that prints at random moments until all is printed; return whole tickets and questions."""
    chance = random.Random(str(tickets))
    machine = SimulatedPrinter()
    tcp = TcpPrinter(machine)
    whole: Counter[int] = Counter()
    asked = 0
    said = path.with_suffix(".said")
    command = [sys.executable, "-m", "tests.faults.printer_hand", str(path), tcp.address, "0", str(tickets)]
    for _life in range(200):
        with said.open("w") as out:
            hand = subprocess.Popen(command, cwd=ROOT, stdout=out)
            while not said.read_text().startswith("printing") and hand.poll() is None:
                time.sleep(0.002)
            with contextlib.suppress(subprocess.TimeoutExpired):
                hand.wait(chance.random() * most_seconds)
            hand.kill()
            hand.wait()
        assert tcp.wait_idle()
        whole.update(whole_on(machine))
        store = open_test_store(path, StoppedClock(MORNING))
        # Its next start: what was being sent is asked about.
        queue.recover(store)
        with store.writing(by="v1") as tx:
            for job in queue.doubts(tx.conn):
                asked += 1
                if whole[int(job.what)]:
                    queue.settle(tx.conn, job.job_id)
                else:
                    queue.deny(tx.conn, job.job_id)
                    queue.reprint(tx.conn, job.job_id)
        store.close()
        if said.read_text().endswith("done\n"):
            break
    tcp.close()
    return whole, asked


def test_a_killed_hand_prints_each_ticket_once(tmp_path: Path) -> None:
    """Kill -9 while it prints: at its next start the ticket under way is asked about, the others come out."""
    whole, _asked = kill_while_printing(tmp_path / "cafe.db", tickets=16, most_seconds=0.5)
    assert whole == Counter(dict.fromkeys(range(16), 1))


@pytest.mark.faults
def test_five_hundred_tickets_under_kills_come_out_once(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """The long run; the counts are in the table."""
    whole, asked = kill_while_printing(tmp_path / "cafe.db", tickets=500, most_seconds=0.4)
    assert whole == Counter(dict.fromkeys(range(500), 1))
    counts.campaign(record_property, "Kills -9 of the printing hand", trials=500, unit="tickets", asked=asked)


@pytest.mark.faults
@pytest.mark.parametrize(("seed", "confirm"), [(1, "process_id"), (2, "in_order"), (3, "auto")])
def test_three_hundred_tickets_come_out_once(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
    seed: int,
    confirm: str,
) -> None:
    """The long campaign, on printers that say more or less of what they do; the counts are in the table."""
    one = run(tmp_path, monkeypatch, tickets=300, seed=seed, confirm=confirm)
    name = f"Tickets on a bad printer: {confirm.replace('_', ' ')}"
    counts.campaign(record_property, name, trials=300, unit="tickets", **one.counts)
