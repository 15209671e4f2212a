"""kill -9 of the kiosk while it sells, prints and takes cards: each customer one sale, one ticket, one payment.

The true kiosk, a process of its own served over HTTP, killed at random moments and started again on the same files.
The printer and the terminal live on the other side of true sockets, here, and survive it, as in a café.
"""

import http.client
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter as Tally
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from pos import drafts
from pos.clock import SystemClock
from pos.hardware import queue
from pos.hardware.simulated import SimulatedPrinter
from pos.hardware.simulated_tcp import TcpPrinter
from pos.hardware.terminals import simulated as habits
from pos.hardware.terminals.answer import LineDown, LineQuiet
from pos.hardware.terminals.simulated_ap import SimulatedAp
from tests.conftest import key_of
from tests.faults.clerk import Clerk, Customer, Gone, check_books, tickets_in, tickets_on
from tests.faults.counts import campaign
from tests.kiosk import cafe
from tests.kiosk.test_serve import free_port

ROOT = Path(__file__).parents[2]
HABITS = (
    habits.REFUSES,
    habits.VANISHES,
    habits.VANISHES_PAID,
    habits.FRAGMENTS,
    habits.WRONG_AMOUNT,
    habits.BAD_CHECK,
)


class SlowPrinter(SimulatedPrinter):
    """One that needs a moment for each slip: time enough to pull the plug."""

    def receive(self, data: bytes) -> bytes:
        """Take bytes, slowly when they are a slip."""
        if len(data) > 100:
            time.sleep(0.02)
        return super().receive(data)


class TerminalOnTheNetwork:
    """The simulated terminal at an address that outlives the till: each connection is a payment."""

    def __init__(self, chance: random.Random) -> None:
        self.simulated = SimulatedAp(thinks_s=0.04)
        self._chance = chance
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._server.getsockname()[1]}"
        self._idle = threading.Event()
        self._idle.set()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                till, _from = self._server.accept()
                self._idle.clear()
                with till, suppress(OSError, LineDown, LineQuiet):
                    self._pay(till)
                self.simulated.wait_idle()
                self._idle.set()

    def _pay(self, till: socket.socket) -> None:
        for habit in HABITS:
            self.simulated.switch(habit, False)
        if self._chance.random() < 0.3:
            self.simulated.switch(self._chance.choice(HABITS), True)
        line = self.simulated.open_line()
        try:
            if asked := till.recv(1024):
                line.write(asked)
                while True:
                    till.sendall(line.read(1024, 5.0))
        finally:
            line.close()

    def took(self) -> set[str]:
        """What its roll says, once nobody pays any more."""
        # What a dead till still had on the wire arrives first.
        time.sleep(0.02)
        assert self._idle.wait(10)
        roll = [one.reference for one in self.simulated.roll()]
        assert len(roll) == len(set(roll)), "asked twice"
        return set(roll)

    def close(self) -> None:
        """Leave the network."""
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()


@dataclass
class Answer:
    """What came back over HTTP."""

    status: int
    text: str


class Box:
    """A box that starts the kiosk and has its plug pulled; for the clerk it is a screen that goes and comes back."""

    def __init__(self, folder: Path, seed: int, *, kills: int, forks: bool) -> None:
        self.folder, self.chance, self.kills_left, self.forks = folder, random.Random(seed), kills, forks
        self.counts: Tally[str] = Tally()
        self.printer = SlowPrinter()
        self.tcp = TcpPrinter(self.printer)
        self.terminal = TerminalOnTheNetwork(self.chance)
        self.paper: Tally[tuple[int, int]] = Tally()
        self.port, self.cookie = free_port(), ""
        folder.mkdir(exist_ok=True)
        (folder / "box.key").write_text(bytes(key_of("box")._key).hex())
        made = cafe.open_cafe(folder, SystemClock())  # type: ignore[arg-type]
        machines = {
            "printer": {"kind": "network", "address": self.tcp.address, "confirm": "process_id"},
            "terminal": {"kind": "caisse_ap", "address": self.terminal.address},
        }
        with made.store.writing(by="box") as tx:
            drafts.put(tx.conn, "settings", machines)
        made.store.close()
        self.arguments = ["--data", str(folder), "run", "--port", str(self.port)]
        self.log = (folder / "kiosk.log").open("w")
        self.nursery: subprocess.Popen[str] | None = None
        if forks:
            command = [sys.executable, "-m", "tests.faults.kiosk_nursery", *self.arguments]
            self.nursery = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True
            )
        self.start()
        self.wait_back()

    # The process

    def start(self) -> None:
        """Start the kiosk, and the clock of the next kill."""
        self.counts["starts"] += 1
        if self.nursery is not None:
            assert self.nursery.stdin
            assert self.nursery.stdout
            self.nursery.stdin.write("\n")
            self.nursery.stdin.flush()
            self.pid = int(self.nursery.stdout.readline())
        else:
            command = [sys.executable, "-m", "kiosk.cli", *self.arguments]
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=self.log, stderr=self.log)
            self.pid = self.process.pid
        self.ready = threading.Event()
        if self.kills_left:
            self.kills_left -= 1
            # One in eight is killed while it starts.
            early = self.chance.random() < 0.12
            threading.Thread(
                target=self._kill_later, args=(self.pid, early, self.chance.random(), self.ready), daemon=True
            ).start()

    def _kill_later(self, pid: int, early: bool, moment: float, ready: threading.Event) -> None:
        if early:
            time.sleep(moment * (0.3 if self.forks else 2.0))
        else:
            ready.wait()
            time.sleep(moment * (0.8 if self.forks else 1.6))
        self.counts["killed while it started" if early else "killed while it served"] += 1
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def is_alive(self) -> bool:
        """Tell whether the process runs."""
        if not self.forks:
            return self.process.poll() is None
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def wait_back(self) -> None:
        """Wait for the till, started again when it is dead, and sign in."""
        until = time.monotonic() + 60
        while True:
            assert time.monotonic() < until, self.story("/healthz")
            if not self.is_alive():
                assert self.tcp.wait_idle()
                self.start()
            try:
                if self.ask("GET", "/healthz").status == 200:
                    self.ask("POST", "/sign-in", op=cafe.MANAGER, pin=cafe.MANAGER_PIN, back="/")
                    self.ready.set()
                    return
            except Gone:
                time.sleep(0.01)

    def pull_the_plug(self) -> None:
        """Kill -9, now."""
        os.kill(self.pid, signal.SIGKILL)
        while self.is_alive():
            time.sleep(0.002)

    def end(self) -> None:
        """Stop everything."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        if self.nursery is not None:
            assert self.nursery.stdin
            assert self.nursery.stdout
            self.nursery.stdin.close()
            self.nursery.wait(10)
            self.nursery.stdout.close()
        else:
            self.process.wait(10)
        self.log.close()
        self.tcp.close()
        self.terminal.close()

    # The screen

    def ask(self, method: str, url: str, **form: Any) -> Answer:
        """Send a request as a browser does; raise Gone when nobody answers it to the end."""
        headers = {"HX-Request": "true", "Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as line:
                line.request(method, url, urlencode(form) if form else None, headers)
                answer = line.getresponse()
                text = answer.read().decode()
                if told := answer.getheader("Set-Cookie"):
                    self.cookie = told.split(";")[0]
        except (OSError, http.client.HTTPException) as gone:
            raise Gone from gone
        return Answer(answer.status, text)

    def page(self, url: str = "/") -> str:
        """Open a page."""
        answer = self.ask("GET", url)
        if answer.status == 401:
            raise Gone
        assert answer.status in (200, 204), self.story(url, answer)
        return answer.text

    def tap(self, url: str, /, **form: Any) -> Answer:
        """Tap a key."""
        answer = self.ask("POST", url, **form)
        # The till was started again behind our back: it asks who is there.
        if answer.status == 401:
            raise Gone
        assert answer.status in (200, 204), self.story(url, answer)
        return answer

    def story(self, url: str, answer: Answer | None = None) -> str:
        """What to read when the till answered oddly."""
        return f"{url} {answer}\n{(self.folder / 'kiosk.log').read_text()[-4000:]}"

    # What people see

    def reading(self) -> sqlite3.Connection:
        """Look at the café's file."""
        conn = sqlite3.connect(f"file:{self.folder / 'cafe.db'}?mode=ro", uri=True, timeout=10)
        conn.row_factory = sqlite3.Row
        return conn

    def collect(self) -> Tally[tuple[int, int]]:
        """Take the paper out of the printer and return all there ever was."""
        assert self.tcp.wait_idle()
        with self.printer._lock:
            self.paper.update(tickets_on(self.printer))
            self.printer.tear()
        return self.paper

    def out(self, job_id: int) -> bool:
        """Tell whether a job's slip is on paper."""
        with closing(self.reading()) as conn:
            (data,) = conn.execute("SELECT bytes FROM draft_print WHERE job_id = ?", (job_id,)).fetchone()
        ((number, copy),) = tickets_in(data)
        return (number, copy) in self.collect()

    def settle(self, clerk: Clerk) -> None:
        """Stay until all paper is out and every question answered."""
        while True:
            clerk.serve(Customer(0, card=False, ticket=False, no=-1))
            with closing(self.reading()) as conn:
                if queue.count(conn) == queue.Waiting():
                    return
            time.sleep(0.02)


def sell_under_kills(folder: Path, *, sales: int, kills: int, seed: int, forks: bool) -> tuple[Box, Clerk]:
    """Serve so many customers on a kiosk that is killed again and again, then compare all that is left."""
    box = Box(folder, seed, kills=kills, forks=forks)
    chance = random.Random(seed + 1)
    customers: list[Customer] = []
    try:
        clerk = Clerk(box, chance, box.out, lambda payment: payment in box.terminal.took())
        # A quick machine serves them all before the last kill: then more customers come.
        while len(customers) < sales or (0 < box.kills_left <= sales and len(customers) < 8 * sales):
            customers.append(Customer.by_chance(chance))
            clerk.serve(customers[-1])
            if len(customers) % 20 == 0:
                box.collect()
        box.kills_left = 0
        box.settle(clerk)
        # The tap that paid last, once more, and again after a last kill: the same ticket, and no other.
        url, form, no = clerk.paid_by
        assert f"/tickets/{no}/print" in box.tap(url, **form).text
        box.pull_the_plug()
        box.wait_back()
        assert f"/tickets/{no}/print" in box.tap(url, **form).text
        with closing(box.reading()) as conn:
            check_books(conn, customers, box.collect(), box.terminal.took())
    finally:
        box.end()
    return box, clerk


def test_a_killed_kiosk_serves_each_customer_once(tmp_path: Path) -> None:
    """A few kills, at each run of the suite."""
    box, _clerk = sell_under_kills(tmp_path / "cafe", sales=6, kills=3, seed=3, forks=True)
    assert box.counts["starts"] >= 4


@pytest.mark.faults
@pytest.mark.parametrize(("sales", "forks"), [(500, True), (60, False)], ids=["forked", "command_line"])
def test_five_hundred_sales_under_kills_are_each_made_once(
    tmp_path: Path, record_property: Callable[[str, object], None], sales: int, forks: bool
) -> None:
    """The long campaign; a shorter one from the box's own command line on. `zinc verify` has the last word."""
    box, clerk = sell_under_kills(tmp_path / "cafe", sales=sales, kills=10_000, seed=sales, forks=forks)
    verified = subprocess.run(
        [sys.executable, "-m", "kiosk.cli", "--data", str(box.folder), "verify"], cwd=ROOT, check=False
    )
    assert verified.returncode == 0
    campaign(
        record_property, f"Kills -9 of the kiosk, {'forked' if forks else 'from its command line'}",
        trials=sales, unit="sales", paper_tickets=sum(box.paper.values()),
        card_payments_taken=len(box.terminal.took()), **box.counts, **clerk.counts,
    )  # fmt: skip
