"""A machine is pulled out while the till works: it is told within two seconds, selling goes on, it is taken back by itself.

The printers and the drawer here, over true sockets and a true terminal of the kernel; the customer's display in
`test_customer`, scanners and the card terminal beside their own tests.
"""

import contextlib
import os
import pty
import re
import select
import socket
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from kiosk.wiring import Kiosk, connect_machines
from pos import drafts
from pos.clock import SystemClock
from pos.hardware import KITCHEN, plugs, port_printer, ports, queue
from pos.hardware.simulated import SimulatedPrinter
from pos.hardware.simulated_tcp import TcpPrinter
from tests import escpos
from tests.kiosk import cafe
from tests.kiosk.conftest import Counter

PROMISED_S = 2.0
SLIP = b"\x1b@Soupe\n\x1dVB\0"


def until(true: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait for a condition; for what a person is promised, as long as that."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "not in time"
        time.sleep(0.01)


@pytest.fixture
def clock() -> SystemClock:
    """Time that goes on: what waits comes back by it."""
    return SystemClock()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for a printer comes back soon."""
    monkeypatch.setattr(queue, "BACK_OFF_MS", (50, 50, 50))
    monkeypatch.setattr(port_printer, "ANSWER_SECONDS", 0.1)
    monkeypatch.setattr(port_printer, "SETTLED_SECONDS", 0.05)


class Status:
    """The status line of a screen, and how often it was rung."""

    def __init__(self, screen: Counter) -> None:
        self.screen = screen
        self.app = screen.client.application

    def rung(self) -> int:
        return self.app.extensions["zinc.ear"]._changes

    def says(self, *words: str) -> bool:
        text = " ".join(re.sub(r"<[^>]*>", " ", self.screen.client.get("/machines").text).split()).replace(
            "\u00a0", " "
        )
        return all(word in text for word in words)


@pytest.fixture
def status(screen: Counter, kiosk: Kiosk) -> Iterator[Status]:
    """Screens whose printing comes back by itself, as on a box."""
    spooler = screen.client.application.extensions["zinc.spooler"]
    spooler.start()
    yield Status(screen)
    spooler.stop()
    # What is still under way ends before the café's file is closed.
    screen.client.application.extensions["zinc.machines"].shutdown(wait=True)


def set_up(kiosk: Kiosk, **settings: object) -> None:
    """Keep settings of the box, as the screen does, and open its machines."""
    with kiosk.store.writing(by=cafe.MANAGER) as tx:
        drafts.put(tx.conn, "settings", settings)
    connect_machines(kiosk)


def sell(screen: Counter, n: int) -> None:
    """Sell a coffee for cash and ask for its ticket: both are answered whatever the machines do."""
    screen.tap("/bill/add/cafe", attempt=f"add-{n:04d}")
    paid = screen.tap("/bill/pay/cash", attempt=f"pay-{n:04d}", given="5")
    assert "3,70" in paid.text
    number = re.search(r"/tickets/(\d+)/print", paid.text)[1]
    assert screen.tap(f"/tickets/{number}/print", attempt=f"print-{n:04d}").status_code == 200
    screen.page()


class UsbPrinter:
    """A printer behind the kernel's device: pulled out, the name is gone; put back, it is there again."""

    def __init__(self, path: Path) -> None:
        self.path, self.machine = path, SimulatedPrinter()
        self.put()

    def put(self) -> None:
        self._master, slave = pty.openpty()
        tty.setraw(slave)
        self.path.symlink_to(os.ttyname(slave))
        os.close(slave)
        self._stop = threading.Event()
        self._ear = threading.Thread(target=self._listen, args=(self._master,), daemon=True)
        self._ear.start()

    def _listen(self, master: int) -> None:
        while not self._stop.is_set():
            if select.select([master], [], [], 0.01)[0]:
                # Nobody has the other side open between two slips.
                with suppress(OSError):
                    os.write(master, self.machine.receive(os.read(master, 65_536)))

    def pull(self) -> None:
        self._stop.set()
        self._ear.join()
        self.path.unlink()
        os.close(self._master)


class LanPrinter:
    """A printer on the network, always at the same address."""

    def __init__(self) -> None:
        self.machine = SimulatedPrinter()
        self._tcp = TcpPrinter(self.machine)
        self.address = self._tcp.address

    def pull(self) -> None:
        self._tcp.close()

    def put(self) -> None:
        kept = socket.create_server
        port = int(self.address.rpartition(":")[2])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(socket, "create_server", lambda _any: kept(("127.0.0.1", port)))
            self._tcp = TcpPrinter(self.machine)


@pytest.mark.parametrize("kind", ["usb", "network"])
@pytest.mark.parametrize("place", ["printer", "kitchen"])
def test_a_printer_pulled_out_is_told_and_what_waited_comes_out(
    kind: str, place: str, screen: Counter, status: Status, kiosk: Kiosk, tmp_path: Path
) -> None:
    """Counter and kitchen: the status line is rung, three sales are made, then each slip comes out once."""
    there = UsbPrinter(tmp_path / "lp0") if kind == "usb" else LanPrinter()
    address = str(there.path) if isinstance(there, UsbPrinter) else there.address
    wired = {"kind": kind, "address": address}
    if place == "kitchen":
        set_up(kiosk, printer={"kind": "simulated"}, kitchen=wired, routes={"chaud": "kitchen"})
    else:
        set_up(kiosk, printer=wired)
    name = "Cuisine" if place == "kitchen" else "Imprimante"
    sell(screen, 1)
    until(lambda: len(there.machine.paper()) == 1)
    there.pull()
    rung = status.rung()
    sell(screen, 2)
    until(lambda: status.rung() > rung, PROMISED_S)
    assert status.says(f"{name} : 1 en attente")
    sell(screen, 3)
    sell(screen, 4)
    until(lambda: status.says(f"{name} : 3 en attente"))
    rung = status.rung()
    there.put()
    until(lambda: len(there.machine.paper()) == 4)
    until(lambda: status.rung() > rung, PROMISED_S)
    until(lambda: not status.says("en attente"))
    for slip in (there.machine.raw(),):
        escpos.check(slip, 48)
    with kiosk.store.reading() as conn:
        assert queue.doubts(conn) == []
    there.pull()


def test_an_alarm_that_rings_early_leaves_a_printer_in_its_trouble(
    status: Status, kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was tried, so nothing is better: the line is not rung then, and is when the slip comes out."""
    monkeypatch.setattr(queue, "BACK_OFF_MS", (60_000,))
    spooler, there = status.app.extensions["zinc.spooler"], LanPrinter()
    set_up(kiosk, printer={"kind": "simulated"}, kitchen={"kind": "network", "address": there.address})
    there.pull()
    with kiosk.store.writing(by=cafe.MANAGER) as tx:
        queue.enqueue(tx.conn, "Chaud", SLIP, printer=KITCHEN)
    spooler.soon(KITCHEN).result()
    rung = status.rung()
    spooler._again(KITCHEN)
    # The hand does one thing after the other.
    spooler._hands[KITCHEN].submit(int).result()
    assert status.rung() == rung
    there.put()
    assert spooler.soon(KITCHEN).result().printed == 1
    assert status.rung() == rung + 1
    there.pull()


def test_a_printer_set_up_while_another_is_at_work_gets_the_slips_that_come_after(status: Status, kiosk: Kiosk) -> None:
    """A round that began before the settings were kept gives them to the machine of the moment, not to none."""
    there, before, spooler = LanPrinter(), kiosk.devices, status.app.extensions["zinc.spooler"]
    spooler.soon(KITCHEN).result()
    with before.printing[KITCHEN]:
        doing = spooler.soon(KITCHEN)
        # It has looked its machines up, and waits for the one it found.
        until(doing.running)
        set_up(kiosk, printer={"kind": "simulated"}, kitchen={"kind": "network", "address": there.address})
        with kiosk.store.writing(by=cafe.MANAGER) as tx:
            queue.enqueue(tx.conn, "Chaud", SLIP, printer=KITCHEN)
    assert doing.result().printed == 1
    assert len(there.machine.paper()) == 1
    there.pull()


@pytest.mark.parametrize("place", ["printer", "kitchen"])
def test_a_printer_pulled_out_between_two_slips_is_told_by_the_kernel(
    place: str, screen: Counter, status: Status, kiosk: Kiosk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody prints: the line is rung by the plug alone; back in, what waited comes out at once, whatever its pause."""
    monkeypatch.setattr(queue, "BACK_OFF_MS", (60_000,))
    there = UsbPrinter(tmp_path / "lp0")
    wired = {"kind": "usb", "address": str(there.path)}
    own = {"printer": wired} if place == "printer" else {"printer": {"kind": "simulated"}, "kitchen": wired}
    set_up(kiosk, **own, routes={"chaud": "kitchen"} if place == "kitchen" else {})
    kernel, heard = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    presence = status.app.extensions["zinc.presence"]
    presence.look()
    assert plugs.listen(presence.look, open_line=lambda: heard)
    plug = b"@/devices/usb1\0SUBSYSTEM=usbmisc\0DEVNAME=usb/lp0\0"
    rung = status.rung()
    there.pull()
    kernel.send(b"remove" + plug)
    until(lambda: status.rung() > rung, PROMISED_S)
    assert status.says("Imprimante : débranchée" if place == "printer" else "Cuisine : imprimante débranchée")
    sell(screen, 1)
    until(lambda: status.says("1 en attente"))
    rung = status.rung()
    there.put()
    kernel.send(b"add" + plug)
    until(lambda: len(there.machine.paper()) == 1)
    until(lambda: not status.says("en attente") and not status.says("débranchée"))
    assert status.rung() > rung
    kernel.close()
    there.pull()


def test_a_simulated_plug_is_heard_as_a_true_one(
    screen: Counter, status: Status, kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the demonstration a hand switches the printer off and on: the line is rung, what waited comes out at once."""
    monkeypatch.setattr(queue, "BACK_OFF_MS", (60_000,))
    rung = status.rung()
    screen.tap("/demo/paper/off", on="1")
    assert status.rung() > rung
    assert status.says("Imprimante : débranchée")
    sell(screen, 1)
    until(lambda: status.says("1 en attente"))
    screen.tap("/demo/paper/off", on="0")
    until(lambda: len(kiosk.devices.simulated_printer.paper()) == 1)
    until(lambda: status.says("Imprimante prête"))


def test_a_drawer_whose_printer_is_pulled_out_is_told_and_never_opens_late(
    screen: Counter, status: Status, kiosk: Kiosk, tmp_path: Path
) -> None:
    """The sale stands, the line says that it did not open; back in, the next sale opens it, once."""
    there = UsbPrinter(tmp_path / "lp0")
    set_up(kiosk, printer={"kind": "usb", "address": str(there.path)})
    screen.tap("/bill/add/cafe", attempt="add-0001")
    screen.tap("/bill/pay/cash", attempt="pay-0001")
    until(lambda: there.machine.drawer.opened == 1)
    there.pull()
    screen.tap("/bill/add/cafe", attempt="add-0002")
    paid = screen.tap("/bill/pay/cash", attempt="pay-0002")
    assert "C’est réglé" in paid.text
    assert "imprimante" in paid.text
    until(lambda: status.says("Tiroir : pas ouvert"))
    there.put()
    screen.tap("/bill/add/cafe", attempt="add-0003")
    screen.tap("/bill/pay/cash", attempt="pay-0003")
    until(lambda: there.machine.drawer.opened == 2)
    until(lambda: not status.says("Tiroir"))
    there.pull()


def test_a_cable_nobody_refuses_is_told_when_its_time_is_over(
    screen: Counter, status: Status, kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network swallows the call: the tap is answered at once, the line is rung when the wait is over."""
    monkeypatch.setattr(ports, "OPEN_SECONDS", 0.3)
    with contextlib.ExitStack() as held:
        full = held.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _caller in range(4):
            caller = held.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(full.getsockname())
        set_up(kiosk, printer={"kind": "network", "address": f"127.0.0.1:{full.getsockname()[1]}"})
        screen.tap("/bill/add/cafe", attempt="add-0001")
        rung, began = status.rung(), time.monotonic()
        assert screen.tap("/bill/pay/cash", attempt="pay-0001").status_code == 200
        assert time.monotonic() - began < 0.28
        until(lambda: status.rung() > rung, PROMISED_S)
        assert status.says("Tiroir : pas ouvert")
