"""A scanner on a line of its own: one thread that sleeps until it says something or its cable is pulled.

Nothing is asked while it is there; while it is away, whether it is back is looked up now and then in
`/dev`, which is memory.
"""

import errno
import os
import select
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pos.errors import DeviceTrouble
from pos.hardware.scanners.framing import Doubles, Framing
from pos.hardware.troubles import ScannerGone, ScannerShut

RESTING, READY, GONE, SHUT = "resting", "ready", "gone", "shut"
# Told and taken back within two seconds.
AGAIN_S = 1.5
_PIECE = 512
_ABSENT = (errno.ENOENT, errno.ENXIO, errno.ENODEV, errno.EIO)


@dataclass(frozen=True, slots=True)
class Scan:
    """A code that was read: by which scanner, what, when (monotonic seconds)."""

    scanner: str
    code: str
    at: float


class Line(Protocol):
    """What a scanner's bytes come from."""

    def fileno(self) -> int:
        """Return what `select` waits on."""

    def close(self) -> None:
        """Let go. Never raises."""


class SerialLine:
    """A serial port or its USB look-alike, taken for ourselves alone."""

    def __init__(self, address: str, speed: int) -> None:
        import serial

        try:
            self._line = serial.Serial(address, speed, timeout=0, write_timeout=1.0, exclusive=True)
        except ValueError as problem:
            raise OSError(errno.EINVAL, str(problem)) from problem
        # What was read before the till listened is nobody's article now.
        with suppress(Exception):  # termios.error on an end that is gone again
            self._line.reset_input_buffer()

    def fileno(self) -> int:
        """Return the port's own number."""
        number: int = self._line.fileno()
        return number

    def close(self) -> None:
        """Let go."""
        with suppress(Exception):  # termios.error when the cable was pulled
            self._line.close()


class Scanner:
    """One scanner: plugged in or not, and what it read last."""

    def __init__(
        self, name: str, address: str, open_line: Callable[[], Line], present: Callable[[], bool], *,
        again_s: float = AGAIN_S, silence_s: float = 0.1, doubles_s: float = 0.4,
    ) -> None:  # fmt: skip
        self.name, self.address = name, address
        self.last: Scan | None = None
        self._state = RESTING
        self._open_line, self._present = open_line, present
        self._again_s, self._silence_s = again_s, silence_s
        self._doubles = Doubles(doubles_s)
        self._heard: Callable[[Scan], None] = lambda _scan: None
        self._changed: Callable[[], None] = lambda: None
        self._thread: threading.Thread | None = None
        self._wake: tuple[int, int] | None = None

    def state(self) -> str:
        """Return « resting » (nobody listens yet), « ready », « gone » or « shut »."""
        return self._state

    @property
    def trouble(self) -> DeviceTrouble | None:
        """What a person has to know of it."""
        if self._state == GONE:
            return ScannerGone(name=self.name)
        return ScannerShut(name=self.name, address=self.address) if self._state == SHUT else None

    def start(self, heard: Callable[[Scan], None], changed: Callable[[], None]) -> None:
        """Listen: `heard` is called with each code, `changed` when it comes or goes."""
        if self._thread is not None:
            return
        self._heard, self._changed = heard, changed
        self._wake = os.pipe()
        self._thread = threading.Thread(
            target=self._run, args=(self._wake[0],), name=f"scanner-{self.name}", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Let go of the line; the thread is over when this returns."""
        thread, wake = self._thread, self._wake
        if thread is None or wake is None:
            return
        os.close(wake[1])
        thread.join(5.0)
        os.close(wake[0])
        self._thread = self._wake = None
        self._state = RESTING

    def _run(self, stop: int) -> None:
        told = False
        while True:
            line = self._opened(quietly=not told)
            told = True
            if line is not None:
                try:
                    stopped = self._listen(line, stop)
                finally:
                    line.close()
                if stopped:
                    return
                self._tell(GONE)
            # A port that opens and dies at once must not keep the box busy: it waits its turn too.
            if select.select([stop], [], [], self._again_s)[0]:
                return

    def _opened(self, *, quietly: bool) -> Line | None:
        try:
            if not self._present():
                self._tell(GONE)
                return None
            line = self._open_line()
        except OSError as problem:
            self._tell(GONE if problem.errno in _ABSENT else SHUT)
            return None
        self._tell(READY, quietly=quietly)
        return line

    def _tell(self, state: str, *, quietly: bool = False) -> None:
        if state != self._state:
            self._state = state
            if not quietly:
                self._changed()

    def _listen(self, line: Line, stop: int) -> bool:
        """Hear codes until the line goes (False) or we are told to stop (True)."""
        framing = Framing(silence_s=self._silence_s)
        port = line.fileno()
        while True:
            ready, _w, _x = select.select([port, stop], [], [], framing.wait_s)
            if stop in ready:
                return True
            if not ready:
                self._take(framing.silent())
                continue
            try:
                data = os.read(port, _PIECE)
            except BlockingIOError:
                continue
            except OSError:
                return False
            if not data:
                return False
            self._take(framing.feed(data))

    def _take(self, codes: list[str]) -> None:
        for code in codes:
            now = time.monotonic()
            if self._doubles.fresh(code, now):
                self.last = Scan(self.name, code, now)
                self._heard(self.last)


def serial_scanner(name: str, address: str, speed: int) -> Scanner:
    """Return the scanner of a serial port; nothing is touched until it is started."""
    return Scanner(name, address, lambda: SerialLine(address, speed), lambda: _there(address))


def _there(address: str) -> bool:
    try:
        return Path(address).is_char_device()
    except ValueError:
        return False
