"""Printers that answer, sulk, die or are not there: real sockets, real terminals, nothing waits for ever."""

import contextlib
import os
import pty
import socket
import threading
import time
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from pos.errors import DeviceTrouble
from pos.hardware import Devices, open_devices, port_printer, ports
from pos.hardware.port_printer import PortPrinter, PrinterModel
from pos.hardware.printer import render
from pos.hardware.simulated import (
    COVER_OPEN,
    DIES_AFTER,
    DIES_MID_JOB,
    HANGS,
    LOW_PAPER,
    MUTE,
    NO_PAPER,
    OFF,
    RESETS,
    RUNS_OUT,
    SimulatedPrinter,
)
from pos.hardware.simulated_tcp import TcpPrinter
from pos.hardware.troubles import (
    BadSettings,
    CoverOpen,
    DrawerLate,
    DrawerTrouble,
    NoDrawer,
    NoPrinter,
    NotAPrinter,
    PaperOut,
    PrinterBusy,
    PrinterOff,
    PrinterSilent,
    PrinterStopped,
    PrinterTrouble,
    PrinterUnreachable,
)  # fmt: skip
from pos.slips import Slip, Text

SLIP = Slip("Essai", (Text("é €"),) * 5)


@pytest.fixture
def tcp() -> Iterator[TcpPrinter]:
    """A printer on the network."""
    printer = TcpPrinter(SimulatedPrinter())
    yield printer
    printer.close()


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deadlines short enough for a test."""
    monkeypatch.setattr(ports, "WRITE_SECONDS", 0.5)
    monkeypatch.setattr(port_printer, "DONE_SECONDS", 0.5)
    monkeypatch.setattr(port_printer, "SETTLED_SECONDS", 0.1)
    monkeypatch.setattr(port_printer, "ANSWER_SECONDS", 0.2)


def simulated(**settings: object) -> Devices:
    """Devices with a simulated printer."""
    return open_devices({"kind": "simulated", **settings})


def job(devices: Devices) -> bytes:
    """A rendered slip."""
    return render(SLIP, devices.printer.model)


def test_a_network_printer_prints_and_opens_the_drawer(tcp: TcpPrinter) -> None:
    """The same machine, through a real socket."""
    devices = open_devices({"kind": "network", "address": tcp.address})
    devices.printer.send(job(devices))
    devices.drawer.kick()
    time.sleep(0.05)
    assert [line.text for line in tcp.machine.paper()[0]].count("é €") == 5
    assert tcp.machine.drawer.opened == 1
    assert devices.printer.trouble is None


def test_nobody_at_the_address_is_told_at_once() -> None:
    """Connection refused: unreachable, nothing printed."""
    devices = open_devices({"kind": "network", "address": "127.0.0.1:1"})
    with pytest.raises(PrinterUnreachable) as told:
        devices.printer.send(b"x")
    assert not told.value.maybe_printed
    assert "127.0.0.1:1" in told.value.what()


def test_an_address_that_is_no_address_is_a_trouble_not_a_crash() -> None:
    """A typo in the settings."""
    for address in ("printer:abc", "127.0.0.1:999999", "no.such.host.invalid"):
        with pytest.raises(PrinterUnreachable):
            open_devices({"kind": "network", "address": address}).printer.send(b"x")


def test_a_line_cut_in_the_middle_leaves_a_doubt(tcp: TcpPrinter, fast: None) -> None:
    """Reset after some bytes: PrinterStopped, and paper may have come out."""
    tcp.resets_after = 100
    devices = open_devices({"kind": "network", "address": tcp.address})
    with pytest.raises(PrinterTrouble) as told:
        devices.printer.send(job(devices) * 20)
    assert told.value.maybe_printed
    assert devices.printer.trouble is told.value


def test_a_printer_that_never_reads_does_not_hold_the_till(fast: None) -> None:
    """Megabytes into a full pipe end with a trouble, in time."""
    server = socket.create_server(("127.0.0.1", 0))
    devices = open_devices({"kind": "network", "address": f"127.0.0.1:{server.getsockname()[1]}"})
    started = time.monotonic()
    with pytest.raises(PrinterStopped):
        devices.printer.send(b"x" * 20_000_000)
    assert time.monotonic() - started < 5
    server.close()


@pytest.mark.parametrize(("habit", "trouble"), [(NO_PAPER, PaperOut), (COVER_OPEN, CoverOpen), (OFF, PrinterOff)])
def test_trouble_found_before_the_first_byte_leaves_nothing(habit: str, trouble: type[PrinterTrouble]) -> None:
    """Asked first: the job is not in a buffer to come out by surprise when the paper is back."""
    devices = simulated()
    assert devices.simulated_printer
    devices.simulated_printer.switch(habit, True)
    with pytest.raises(trouble) as told:
        devices.printer.send(job(devices))
    assert not told.value.maybe_printed
    assert told.value.what() != type(told.value).__name__
    assert told.value.how()
    devices.simulated_printer.switch(habit, False)
    assert devices.simulated_printer.paper() == []
    devices.printer.send(job(devices))
    assert len(devices.simulated_printer.paper()) == 1


def test_a_printer_that_dies_mid_job_shows_half_a_slip() -> None:
    """The half is on the paper, the trouble says maybe, and the printer is off."""
    devices = simulated()
    assert devices.simulated_printer
    devices.simulated_printer.switch(DIES_MID_JOB, True)
    with pytest.raises(PrinterStopped) as told:
        devices.printer.send(job(devices))
    assert told.value.maybe_printed
    half = devices.simulated_printer.paper()
    assert 0 < len(half[0]) < 9
    state = devices.simulated_printer.state()
    assert state[OFF]
    assert not state[DIES_MID_JOB]


def test_a_printer_that_says_nothing_is_trusted_with_what_it_takes() -> None:
    """Cheap printers answer no question: the job is sent all the same."""
    devices = simulated()
    assert devices.simulated_printer
    devices.simulated_printer.switch(MUTE, True)
    devices.printer.send(job(devices))
    devices.simulated_printer.switch(MUTE, False)
    assert len(devices.simulated_printer.paper()) == 1


def test_what_says_that_a_slip_is_out_is_the_best_the_printer_can(tcp: TcpPrinter, fast: None) -> None:
    """The number sent back, else the answer in order, else a clean state, else only that the bytes were taken."""

    def evidence(confirm: str = "auto") -> str:
        devices = open_devices({"kind": "network", "address": tcp.address, "confirm": confirm})
        return devices.printer.send(job(devices))

    assert [evidence("process_id"), evidence(), evidence("status"), evidence("none")] == [
        "process_id", "in_order", "status", "written",
    ]  # fmt: skip
    tcp.machine.knows.clear()
    assert evidence() == "status"
    with pytest.raises(PrinterStopped):
        evidence("process_id")
    tcp.machine.switch(MUTE, True)
    assert evidence() == "written"
    with pytest.raises(PrinterSilent) as told:
        evidence("in_order")
    assert not told.value.maybe_printed


def test_set_up_finds_what_the_printer_can_say(tcp: TcpPrinter, fast: None) -> None:
    """Asked once, with the test page, and kept as a setting of the printer."""
    driver = open_devices({"kind": "network", "address": tcp.address}).printer
    assert isinstance(driver, PortPrinter)
    assert driver.probe() == "process_id"
    tcp.machine.knows = {"in_order"}
    assert driver.probe() == "in_order"
    tcp.machine.knows = set()
    assert driver.probe() == "status"
    tcp.machine.switch(MUTE, True)
    assert driver.probe() == "none"


def test_a_printer_that_answered_once_is_not_trusted_when_it_falls_silent(tcp: TcpPrinter, fast: None) -> None:
    """A job is not thrown at a printer that used to answer: it stays in the queue, no doubt about it."""
    devices = open_devices({"kind": "network", "address": tcp.address})
    devices.printer.send(job(devices))
    tcp.machine.switch(MUTE, True)
    with pytest.raises(PrinterSilent):
        devices.printer.send(job(devices))
    assert len(tcp.machine.paper()) == 1


@pytest.mark.parametrize(
    ("habit", "slips"), [(DIES_MID_JOB, 1), (DIES_AFTER, 1), (RESETS, 0), (HANGS, 0), (RUNS_OUT, 0)]
)
def test_whatever_happens_after_the_first_byte_is_a_doubt(tcp: TcpPrinter, fast: None, habit: str, slips: int) -> None:
    """Half a slip, a whole one or none: the till cannot know, and says so."""
    devices = open_devices({"kind": "network", "address": tcp.address, "confirm": "process_id"})
    tcp.machine.switch(habit, True)
    with pytest.raises(PrinterTrouble) as told:
        devices.printer.send(job(devices))
    assert told.value.maybe_printed
    assert len(tcp.machine.paper()) == slips
    tcp.machine.switch(OFF, False)
    if habit == RUNS_OUT:
        # Paper is back before anybody answered: what waited in the printer comes out.
        tcp.machine.switch(NO_PAPER, False)
        slips = 1
    assert devices.printer.send(job(devices)) == "process_id"
    assert len(tcp.machine.paper()) == slips + 1


def test_a_slip_given_up_is_cleared_from_the_printer_before_the_next(fast: None) -> None:
    """Half of it may lie in the printer's memory: what was asked about and replaced must not come out later."""
    cable = Scripted(b"")
    printer = PortPrinter(port_printer.PrinterModel(), lambda: cable, "process_id")
    for _slip in range(2):
        cable.said, cable.taken = b"\x12" * 4, b""
        with pytest.raises(PrinterStopped):
            printer.send(b"SLIP")
    assert 0 < cable.taken.index(b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08") < cable.taken.index(b"SLIP")


def test_paper_has_four_states_and_silence_is_none_of_the_good_ones() -> None:
    """Ok, low, out, unknown; python-escpos takes a printer that says nothing for a full one."""
    assert [port_printer.paper_of(byte) for byte in (0x12, 0x1E, 0x72, 0x7E, None)] == [
        "ok", "low", "out", "out", "unknown",
    ]  # fmt: skip
    devices = simulated()
    assert devices.simulated_printer
    assert devices.printer.paper_left == "unknown"
    for habit, said in ((LOW_PAPER, "low"), (NO_PAPER, "out")):
        devices.simulated_printer.switch(habit, True)
        with contextlib.suppress(PaperOut):
            devices.printer.send(job(devices))
        assert devices.printer.paper_left == said
        devices.simulated_printer.switch(habit, False)
    devices.printer.send(job(devices))
    assert devices.printer.paper_left == "ok"
    assert simulated(kind="none").printer.paper_left == "unknown"


def test_noise_is_no_status() -> None:
    """Bytes without the fixed bits of an answer are passed over, automatic packets included."""
    port = Scripted(b"\x00\xff\x10\x00\x00\x0f" + b"\x12")
    assert port_printer._ask(port, 1) == 0x12
    assert port_printer._ask(Scripted(b"\xff" * 3), 1) is None
    assert port_printer._answers_in_order(Scripted(b"\x12\x16\x00"), 1)
    assert not port_printer._answers_in_order(Scripted(b"\x12\x16"), 1)


class Scripted:
    """A port whose printer says what it was told to."""

    def __init__(self, said: bytes) -> None:
        self.said = said
        self.taken = b""

    def write(self, data: bytes) -> None:
        """Take anything."""
        self.taken += data

    def read(self, size: int, seconds: float) -> bytes:
        """Give the next bytes."""
        piece, self.said = self.said[:size], self.said[size:]
        return piece

    def close(self) -> None:
        """Nothing to let go."""


def test_the_simulated_printer_shows_two_sizes_of_paper() -> None:
    """80 and 58 mm, and throws the paper away on demand."""
    for width, columns in ((80, 48), (58, 32)):
        devices = simulated(width=width)
        assert devices.simulated_printer
        devices.printer.send(job(devices))
        (slip,) = devices.simulated_printer.paper()
        assert max(len(line.text) for line in slip) <= columns
        assert any(line.text == "=" * columns for line in slip)
        assert devices.simulated_printer.raw() == b"\x1da\x00" + job(devices)
        devices.simulated_printer.tear()
        assert devices.simulated_printer.paper() == []


def test_the_drawer_opens_apart_from_any_ticket_even_without_paper() -> None:
    """R110: a pulse of its own; the real-time one when the ordinary one would wait for paper."""
    devices = simulated()
    assert devices.simulated_printer
    assert devices.simulated_drawer
    devices.drawer.kick()
    assert devices.simulated_drawer.is_open()
    devices.simulated_drawer.shut()
    devices.simulated_printer.switch(NO_PAPER, True)
    devices.drawer.kick()
    assert devices.simulated_drawer.opened == 2
    devices.simulated_printer.switch(NO_PAPER, False)
    assert devices.simulated_drawer.opened == 2
    assert devices.simulated_printer.paper() == []


def test_a_drawer_pulse_dies_after_three_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a long ticket it gives up: no drawer opens minutes later with nobody before it."""
    monkeypatch.setattr("pos.hardware.drawer.PULSE_LIFE_SECONDS", 0.1)
    devices = simulated()
    assert devices.simulated_printer
    assert devices.simulated_drawer
    with devices.simulated_printer.driver.line(1), pytest.raises(DrawerLate):
        devices.drawer.kick()
    assert devices.simulated_drawer.opened == 0


def test_a_pulse_that_waited_for_a_hand_dies_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its three seconds run from the tap, not from when a hand is free."""
    monkeypatch.setattr("pos.hardware.drawer.PULSE_LIFE_SECONDS", 0.02)
    devices = simulated()
    assert devices.simulated_drawer
    pulse = devices.drawer.pulse()
    time.sleep(0.03)
    with pytest.raises(DrawerLate):
        pulse()
    assert devices.simulated_drawer.opened == 0


def test_a_busy_printer_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting behind another slip has an end."""
    monkeypatch.setattr(port_printer, "LOCK_SECONDS", 0.05)
    devices = simulated()
    assert devices.simulated_printer
    with devices.simulated_printer.driver.line(1), pytest.raises(PrinterBusy):
        devices.printer.send(b"x")


def test_a_cafe_without_machines_is_told_what_to_do() -> None:
    """Kind none: show the ticket on the screen, open the drawer with its key."""
    devices = open_devices({})
    assert not devices.has_printer
    with pytest.raises(NoPrinter):
        devices.printer.send(b"x")
    with pytest.raises(NoDrawer):
        devices.drawer.kick()
    with pytest.raises(DrawerTrouble):
        simulated(drawer="none").drawer.kick()


@pytest.mark.parametrize(
    "settings",
    [{"kind": "laser"}, {"width": 70}, {"kind": "network"}, {"code_page_slot": 300}, {"colour": "red"}, {"euro": "E"},
     {"code_page": "utf-8"}, {"speed": True}, {"kind": []}],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(settings: dict) -> None:
    """A wrong word in the settings is told by name."""
    with pytest.raises(BadSettings):
        open_devices(settings)


def test_a_file_printer_adds_the_bytes_and_a_full_disk_is_told(tmp_path: Path) -> None:
    """The plain file; /dev/full stands for a disk without room, a folder for a typo."""
    path = tmp_path / "out.bin"
    devices = open_devices({"kind": "file", "address": str(path)})
    devices.printer.send(b"un\n")
    devices.printer.send(b"deux\n")
    assert b"un\n" in path.read_bytes()
    assert path.read_bytes().endswith(b"deux\n")
    with pytest.raises(NotAPrinter):
        open_devices({"kind": "file", "address": str(tmp_path)}).printer.send(b"x")
    with pytest.raises(PrinterUnreachable):
        open_devices({"kind": "file", "address": str(tmp_path / "no" / "x.bin")}).printer.send(b"x")


def test_a_file_that_is_not_meant_for_a_printer_is_left_alone(tmp_path: Path) -> None:
    """A typo under /dev makes no file of lost tickets, and no other file is written into; a device keeps its deadlines."""
    mine = tmp_path / "cafe.db"
    mine.write_bytes(b"precious")
    for address in ("/dev/usb/lpO", "/dev/zinc.bin", str(mine), str(tmp_path / "new")):
        with pytest.raises(NotAPrinter) as told:
            open_devices({"kind": "file", "address": address}).printer.send(b"x")
        assert told.value.lasting
    assert mine.read_bytes() == b"precious"
    assert [path.name for path in tmp_path.iterdir()] == ["cafe.db"]
    with pytest.raises(PrinterOff):
        open_devices({"kind": "file", "address": "/dev/full"}).printer.send(b"x")


def test_a_usb_port_that_is_not_there_is_never_made_by_mistake(tmp_path: Path) -> None:
    """/dev/usb/lpO with a letter O must not become a file of lost tickets."""
    missing, plain = tmp_path / "lp0", tmp_path / "file"
    plain.touch()
    with pytest.raises(PrinterOff):
        open_devices({"kind": "usb", "address": str(missing)}).printer.send(b"x")
    assert not missing.exists()
    with pytest.raises(NotAPrinter):
        open_devices({"kind": "usb", "address": str(plain)}).printer.send(b"x")
    with pytest.raises(PrinterTrouble):
        open_devices({"kind": "usb", "address": "/dev/full"}).printer.send(b"x")


@pytest.mark.parametrize("kind", ["usb", "serial"])
def test_a_printer_on_a_wire_gets_every_byte(kind: str, fast: None) -> None:
    """A pseudo-terminal stands for the character device of a USB printer and for a serial line."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    got: list[bytes] = []

    def listen() -> None:
        with contextlib.suppress(OSError):
            while data := os.read(ours, 4096):
                got.append(data)

    threading.Thread(target=listen, daemon=True).start()
    devices = open_devices({"kind": kind, "address": os.ttyname(theirs), "speed": 115200})
    data = job(devices)
    devices.printer.send(data)
    deadline = time.monotonic() + 3
    while not b"".join(got).endswith(data) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert b"".join(got).endswith(data)
    os.close(theirs)


@pytest.mark.parametrize("kind", ["usb", "serial"])
def test_a_wire_nobody_reads_does_not_hold_the_till(kind: str, fast: None) -> None:
    """python-escpos would wait for ever on a serial line without reader."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    devices = open_devices({"kind": kind, "address": os.ttyname(theirs)})
    started = time.monotonic()
    with pytest.raises(PrinterStopped) as told:
        devices.printer.send(b"x" * 200_000)
    assert time.monotonic() - started < 5
    assert told.value.maybe_printed
    os.close(ours)
    os.close(theirs)


def test_a_usb_printer_that_takes_not_one_byte_leaves_no_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its buffer is full from before: the slip waits, and nobody is asked what came out. One byte taken is a doubt."""
    monkeypatch.setattr(ports, "WRITE_SECONDS", 0.1)
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    port = ports.UsbPort(os.ttyname(theirs))
    with pytest.raises(PrinterStopped):
        port.write(b"x" * 200_000)
    with pytest.raises(PrinterOff):
        port.write(b"x" * 200)
    port.close()

    class Asked:
        """Takes the question of how it is, then nothing more."""

        def write(self, data: bytes) -> None:
            if len(data) > 3:
                raise PrinterOff

        def read(self, _size: int, _seconds: float) -> bytes:
            return b""

        def close(self) -> None:
            """Nothing to let go."""

    with pytest.raises(PrinterOff) as told:
        PortPrinter(PrinterModel(), Asked).send(b"x" * 200)
    assert not told.value.maybe_printed
    os.close(ours)
    os.close(theirs)


def test_a_serial_port_that_is_not_there_is_a_trouble() -> None:
    """No such device: off or unplugged, in French."""
    with pytest.raises(DeviceTrouble) as told:
        open_devices({"kind": "serial", "address": "/dev/ttyNOWHERE"}).printer.send(b"x")
    assert told.value.what() == "L’imprimante est éteinte ou débranchée."
