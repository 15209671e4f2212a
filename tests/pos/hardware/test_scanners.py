"""Scanners over a true pseudo-terminal: framing, doubles, rubbish, unplugged and back."""

import os
import queue
import time
import tty
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos.hardware import open_devices
from pos.hardware.scanners import GONE, READY, RESTING, SHUT, Scan, Scanner, Scanners, open_scanners, simulated
from pos.hardware.scanners.framing import LONGEST, Doubles, Framing
from pos.hardware.scanners.reader import serial_scanner
from pos.hardware.scanners.simulated import SimulatedScanner
from pos.hardware.troubles import BadScannerSetting

EAN, OTHER = "3017620422003", "3274080005003"
CODES = st.lists(st.text("0123456789ABCXYZ-.]%", min_size=1, max_size=40), max_size=6)


def until(true: Callable[[], bool], seconds: float = 3.0) -> None:
    """Wait for something that happens in another thread."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def pieces(data: bytes, cuts: list[int]) -> Iterator[bytes]:
    """Cut bytes anywhere."""
    marks = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    for one, following in pairwise(marks):
        yield data[one:following]


# Framing


@given(CODES, st.sampled_from([b"\r", b"\n", b"\r\n", b"\t", b"\x03"]), st.lists(st.integers(0, 260)))
def test_any_cut_of_the_bytes_gives_the_same_codes(codes: list[str], end: bytes, cuts: list[int]) -> None:
    """A line may cut what it carries anywhere: the codes are the ones that were read, in order."""
    framing = Framing()
    found = [
        code for piece in pieces(b"".join(code.encode() + end for code in codes), cuts) for code in framing.feed(piece)
    ]
    assert found == codes
    assert framing.wait_s is None


@given(st.binary(max_size=900), st.lists(st.integers(0, 900)))
def test_no_rubbish_harms(data: bytes, cuts: list[int]) -> None:
    """Whatever comes, however cut: short printable codes, and a clean one after it is read."""
    framing, whole = Framing(), Framing()
    found = [code for piece in pieces(data, cuts) for code in framing.feed(piece)]
    assert found == whole.feed(data)
    assert all(0 < len(code) <= LONGEST and code.replace("\x1d", "").isprintable() and code.isascii() for code in found)
    framing.silent()
    assert framing.feed(EAN.encode() + b"\r") == [EAN]


def test_silence_ends_a_code_of_a_scanner_that_has_no_end_sign() -> None:
    """A tenth of a second without a byte is the end, and nothing is waited for at rest."""
    framing = Framing(silence_s=0.1)
    assert framing.wait_s is None
    assert framing.feed(b"30176204") == []
    assert framing.wait_s == 0.1
    assert framing.feed(b"22003") == []
    assert framing.silent() == [EAN]
    assert framing.wait_s is None


def test_half_a_code_is_said_unread_once_the_scanner_is_known_to_end_its_codes() -> None:
    """What stops in the middle sells nothing and is told, so that it is read again; a late half is waited for."""
    framing = Framing(silence_s=0.1, late_s=1.0)
    framing.feed(EAN.encode() + b"\r\n")
    framing.feed(b"30176")
    assert framing.wait_s == 1.0
    assert framing.silent() == ["30176?"]


def test_a_scanner_set_to_end_its_codes_no_more_is_heard_from_the_second_one_on() -> None:
    """Its sheet was read by mistake: one code is said unread, nothing is lost in silence for the rest of the day."""
    framing = Framing(silence_s=0.1, late_s=1.0)
    framing.feed(EAN.encode() + b"\r\n")
    framing.feed(EAN.encode())
    assert framing.silent() == [EAN + "?"]
    framing.feed(EAN.encode())
    assert framing.wait_s == 0.1
    assert framing.silent() == [EAN]


def test_rubbish_around_a_code_is_dropped_and_inside_it_is_never_guessed() -> None:
    """A lost digit could make another code: what cannot be read stands as a sign that nobody knows."""
    framing = Framing()
    assert framing.feed(b"\x00\xff" + EAN.encode() + b"\x80\r") == [EAN]
    assert framing.feed(b"301762\xff422003\r") == ["301762?422003"]
    assert framing.feed(b"old\x02]E0" + EAN.encode() + b"\x03") == ["]E0" + EAN]
    assert framing.feed(b"]C1010301762042200317261231\x1d10AB\r") == ["]C1010301762042200317261231\x1d10AB"]


def test_a_text_too_long_for_a_code_is_cut() -> None:
    """A square full of words neither fills the memory nor spoils the next code."""
    framing = Framing()
    (cut,) = framing.feed(b"9" * 5000 + b"\r")
    assert cut == "9" * LONGEST
    assert framing.feed(EAN.encode() + b"\r") == [EAN]


def test_the_same_code_at_once_is_one_and_later_is_another_article() -> None:
    """Two croissants are two scans; a trigger that bounces is one (0.4 s)."""
    doubles = Doubles(0.4)
    assert doubles.fresh(EAN, 10.0)
    assert not doubles.fresh(EAN, 10.3)
    assert doubles.fresh(EAN, 10.5)
    assert doubles.fresh(OTHER, 10.6)
    assert doubles.fresh(EAN, 10.7)


# Over a line


class Heard:
    """What a scanner told."""

    def __init__(self) -> None:
        self.codes: queue.Queue[str] = queue.Queue()
        self.changes = 0

    def heard(self, scan: Scan) -> None:
        """Take a code."""
        self.codes.put(scan.code)

    def changed(self) -> None:
        """Count a coming or going."""
        self.changes += 1

    def next(self) -> str:
        """Return the next code."""
        return self.codes.get(timeout=3)


@pytest.fixture
def told() -> Heard:
    """A pair of ears."""
    return Heard()


@pytest.fixture
def pair(told: Heard) -> Iterator[tuple[SimulatedScanner, Scanner]]:
    """A simulated scanner and the till's end of its cable."""
    far = SimulatedScanner(gap_s=0.003)
    near = Scanner("1", "", far.open_line, far.present, again_s=0.05, silence_s=0.03)
    near.start(told.heard, told.changed)
    until(lambda: near.state() == READY)
    yield far, near
    near.stop()
    far.close()


@pytest.mark.parametrize("habit", [None, simulated.SPLIT, simulated.DOUBLES, simulated.RUBBISH, simulated.NO_END])
def test_each_bad_habit_gives_each_code_once(
    pair: tuple[SimulatedScanner, Scanner], told: Heard, habit: str | None
) -> None:
    """Split, doubled, with rubbish, without an end: one code, then the other."""
    far, near = pair
    if habit:
        far.switch(habit, True)
        assert far.state()[habit]
    for code in (EAN, OTHER):
        assert far.scan(code)
        assert told.next() == code
    assert told.codes.empty()
    assert near.last is not None
    assert near.last.code == OTHER


def test_a_pulled_cable_is_told_and_taken_back(pair: tuple[SimulatedScanner, Scanner], told: Heard) -> None:
    """Unplugged is known at once, nothing is heard, and back in it is heard again without a hand."""
    far, near = pair
    far.scan(EAN)
    assert told.next() == EAN
    far.switch(simulated.UNPLUGGED, True)
    until(lambda: near.state() == GONE)
    assert told.changes == 1
    assert near.trouble is not None
    assert not far.scan(OTHER)
    far.switch(simulated.UNPLUGGED, False)
    until(lambda: near.state() == READY)
    assert told.changes == 2
    assert near.trouble is None
    far.scan(OTHER)
    assert told.next() == OTHER


def test_half_a_code_before_the_cable_was_pulled_is_nothing(
    pair: tuple[SimulatedScanner, Scanner], told: Heard
) -> None:
    """What the cable carried last is not joined to what comes after."""
    far, near = pair
    far.scan(EAN)
    assert told.next() == EAN
    far._say(b"30176")
    far.switch(simulated.UNPLUGGED, True)
    until(lambda: near.state() == GONE)
    far.switch(simulated.UNPLUGGED, False)
    until(lambda: near.state() == READY)
    far.scan(OTHER)
    assert told.next() == OTHER


def test_nothing_wakes_a_thread_while_nobody_scans(pair: tuple[SimulatedScanner, Scanner]) -> None:
    """At rest a scanner costs no time of the processor at all: it is waited for, never asked."""
    _far, near = pair
    assert near._thread is not None
    clock = time.pthread_getcpuclockid(near._thread.ident or 0)
    before = time.clock_gettime_ns(clock)
    time.sleep(0.15)
    assert time.clock_gettime_ns(clock) == before


def test_a_port_by_its_name_goes_and_comes_back_under_another(tmp_path: Path, told: Heard) -> None:
    """A name under by-id leads to another port after each plugging in; rights that come late are waited for."""
    name = tmp_path / "usb-scanner"
    near = serial_scanner("comptoir", str(name), 9600)
    near._again_s = 0.03
    near.start(told.heard, told.changed)
    until(lambda: near.state() == GONE)
    for code in (EAN, OTHER):
        ours, theirs = os.openpty()
        tty.setraw(theirs)
        name.symlink_to(os.ttyname(theirs))
        until(lambda: near.state() == READY)
        # The till's own hold is then the last one.
        os.close(theirs)
        os.write(ours, code.encode() + b"\r")
        assert told.next() == code
        name.unlink()
        os.close(ours)
        until(lambda: near.state() == GONE)
    near.stop()
    assert near.state() == RESTING


def test_a_port_that_another_program_holds_is_told_as_such(tmp_path: Path, told: Heard) -> None:
    """Two programs on one scanner would each get half of a code: the second one is refused."""
    far = SimulatedScanner()
    line = far.open_line()
    address = os.ttyname(line.fileno())
    near = serial_scanner("comptoir", address, 9600)
    near.start(told.heard, told.changed)
    until(lambda: near.state() == SHUT)
    assert near.trouble is not None
    assert address in near.trouble.what()
    near.stop()
    line.close()
    far.close()


# Settings


def test_several_scanners_are_heard_together(told: Heard) -> None:
    """Each has its name; what one reads is told with it."""
    scanners = open_scanners([{"kind": "simulated", "name": "comptoir"}, {"kind": "none"}, {"kind": "simulated"}])
    assert [one.name for one in scanners] == ["comptoir", "3"]
    assert [one.state() for one in scanners] == [RESTING, RESTING]
    scanners.start(told.heard, told.changed)
    until(lambda: all(one.state() == READY for one in scanners))
    scanners.simulated["3"].scan(EAN)
    assert told.next() == EAN
    scanners.simulated["comptoir"].scan(EAN)
    assert told.next() == EAN
    scanners.simulated["comptoir"].switch(simulated.UNPLUGGED, True)
    until(lambda: [one.name for one in scanners.away()] == ["comptoir"])
    scanners.stop()


def test_a_box_without_scanners_has_none() -> None:
    """Nothing is set up unless it is said, and nothing is touched by opening."""
    assert len(open_devices().scanners) == 0
    assert len(open_devices(scanners=[{"kind": "serial", "address": "/dev/ttyACM9"}]).scanners) == 1
    assert isinstance(open_devices().scanners, Scanners)


@pytest.mark.parametrize(
    "wrong",
    [
        [{"kind": "bluetooth"}], [{"kind": "serial"}], [{"kind": "serial", "address": "scanner.txt"}],
        [{"kind": "simulated", "speed": 9601}], [{"kind": "simulated", "color": "red"}], [{"kind": "simulated"}] * 9,
        [{"kind": "simulated", "name": "a"}, {"kind": "simulated", "name": "a"}],
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_refused(wrong: list[dict[str, object]]) -> None:
    """One sentence names the setting."""
    with pytest.raises(BadScannerSetting):
        open_scanners(wrong)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from([EAN, OTHER, "ZB-7", "]E0" + EAN]), min_size=1, max_size=4, unique=True))
def test_any_run_of_codes_over_a_true_line_is_heard_in_order(codes: list[str]) -> None:
    """Split into threes over a pseudo-terminal: the codes, in order, once each."""
    told, far = Heard(), SimulatedScanner(gap_s=0)
    far.switch(simulated.SPLIT, True)
    near = Scanner("1", "", far.open_line, far.present)
    near.start(told.heard, told.changed)
    until(lambda: near.state() == READY)
    for code in codes:
        far.scan(code)
    assert [told.next() for _ in codes] == codes
    near.stop()
    far.close()
