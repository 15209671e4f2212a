"""Ways to reach a machine, each with a deadline: network, USB, serial, plain file. Nothing here waits for ever.

A port lives for one job: opened, written, read, closed. Trouble before the first byte leaves nothing
behind (PrinterOff, PrinterUnreachable); trouble after it is PrinterStopped, because bytes may already be ink.
"""

import os
import select
import socket
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from pos.hardware.troubles import NotAPrinter, PrinterOff, PrinterStopped, PrinterUnreachable

# Two tries of the network, and still within the two seconds a person is promised.
OPEN_SECONDS = 1.5
WRITE_SECONDS = 8.0
# A printer may hold its line open after a job; this is how long the last bytes are waited for.
LINGER_SECONDS = 0.3
RAW_PORT = 9100
FILE_SUFFIXES = (".bin", ".prn")


class Port(Protocol):
    """A line to a machine, for one job."""

    def write(self, data: bytes) -> None:
        """Send all of `data`, or raise a PrinterTrouble."""

    def read(self, size: int, seconds: float) -> bytes:
        """Return up to `size` bytes that came within `seconds`; empty when the machine says nothing."""

    def close(self) -> None:
        """Let go. Never raises."""


OpenPort = Callable[[], Port]


class NetworkPort:
    """Raw TCP, port 9100 as a rule."""

    def __init__(self, address: str) -> None:
        host, _colon, port = address.rpartition(":") if ":" in address else (address, "", "")
        try:
            self._socket = socket.create_connection((host, int(port or RAW_PORT)), timeout=OPEN_SECONDS)
        except (OSError, ValueError, OverflowError) as problem:
            raise PrinterUnreachable(address=address) from problem

    def write(self, data: bytes) -> None:
        """Send; a printer that takes nothing for eight seconds has stopped."""
        self._socket.settimeout(WRITE_SECONDS)
        try:
            self._socket.sendall(data)
        except OSError as problem:
            raise PrinterStopped from problem

    def read(self, size: int, seconds: float) -> bytes:
        """Return what came in time; raise PrinterStopped when the printer hung up."""
        self._socket.settimeout(seconds)
        try:
            data = self._socket.recv(size)
        except TimeoutError:
            return b""
        except OSError as problem:
            raise PrinterStopped from problem
        if not data:
            raise PrinterStopped
        return data

    def close(self) -> None:
        """Say goodbye and drain answers: closing on unread bytes would throw away the ticket."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
            self._socket.settimeout(LINGER_SECONDS)
            while self._socket.recv(256):
                pass
        with suppress(OSError):
            self._socket.close()


class UsbPort:
    """The kernel's printer device, `/dev/usb/lp0`: a missing one is never created by mistake."""

    def __init__(self, address: str) -> None:
        try:
            if not stat.S_ISCHR(Path(address).stat().st_mode):
                raise NotAPrinter(address=address)
            self._fd = os.open(address, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
        except (OSError, ValueError) as problem:
            raise PrinterOff(address=address) from problem
        # What the printer said after the last job was given up is no answer to this one.
        with suppress(OSError):
            for _packet in range(16):
                if not os.read(self._fd, 256):
                    break

    def write(self, data: bytes) -> None:
        """Send piece by piece, as fast as the printer takes it; PrinterOff when it took not one byte."""
        deadline = time.monotonic() + WRITE_SECONDS
        left = memoryview(data)
        problem: OSError | None = None
        try:
            while left:
                # Past the deadline even a port that says it is ready, and takes nothing, has stopped.
                wait = deadline - time.monotonic()
                if wait <= 0 or not self._ready(select.POLLOUT, wait):
                    break
                with suppress(BlockingIOError):
                    written = os.write(self._fd, left[:4096])
                    left = left[written:]
                    deadline = time.monotonic() + WRITE_SECONDS
        except OSError as told:
            problem = told
        if left:
            raise (PrinterOff if len(left) == len(data) else PrinterStopped) from problem

    def read(self, size: int, seconds: float) -> bytes:
        """Return what the printer says, if it can."""
        try:
            return os.read(self._fd, size) if self._ready(select.POLLIN, seconds) else b""
        except BlockingIOError:
            return b""
        except OSError as problem:
            raise PrinterStopped from problem

    def _ready(self, wanted: int, seconds: float) -> bool:
        poll = select.poll()
        poll.register(self._fd, wanted)
        return bool(poll.poll(max(0, int(seconds * 1000))))

    def close(self) -> None:
        """Give the device back."""
        with suppress(OSError):
            os.close(self._fd)


class SerialPort:
    """A serial line, with a limit on writing: without one an unplugged cable would hang the till."""

    def __init__(self, address: str, speed: int) -> None:
        import serial

        try:
            self._line = serial.Serial(address, speed, timeout=0.5, write_timeout=WRITE_SECONDS, exclusive=True)
            self._line.reset_input_buffer()
        except (OSError, ValueError) as problem:
            raise PrinterOff(address=address) from problem

    def write(self, data: bytes) -> None:
        """Send piece by piece: a slow line gets its time, a dead one does not."""
        try:
            for start in range(0, len(data), 512):
                self._line.write(data[start : start + 512])
        except OSError as problem:
            raise PrinterStopped from problem

    def read(self, size: int, seconds: float) -> bytes:
        """Return what the printer says, if its cable has a way back."""
        try:
            self._line.timeout = seconds
            answer: bytes = self._line.read(size)
        except OSError as problem:
            raise PrinterStopped from problem
        return answer

    def close(self) -> None:
        """Wait for the last bytes a little, then let go."""
        deadline = time.monotonic() + LINGER_SECONDS
        with suppress(Exception):  # termios.error when the cable was pulled: nothing left to save
            while self._line.out_waiting and time.monotonic() < deadline:
                time.sleep(0.01)
        with suppress(Exception):
            self._line.close()


class FilePort:
    """A plain file the bytes are added to: for a look, or for another program to send.

    Only where its name says what it is (`.bin`, `.prn`): `/dev/usb/lpO`, with a letter O, would take
    tickets for ever and print none, and the café's own file would be spoilt.
    """

    def __init__(self, address: str) -> None:
        try:
            path = Path(address)
            if (
                path.suffix not in FILE_SUFFIXES
                # Memory lent as files is no device.
                or (path.is_relative_to("/dev") and not path.is_relative_to("/dev/shm"))  # noqa: S108
                or (path.exists() and not path.is_file())
            ):
                raise NotAPrinter(address=address)
            self._file = path.open("ab", buffering=0)
        except (OSError, ValueError) as problem:
            raise PrinterUnreachable(address=address) from problem

    def write(self, data: bytes) -> None:
        """Add the bytes."""
        left = memoryview(data)
        try:
            while left:
                left = left[self._file.write(left) or 0 :]
        except OSError as problem:
            raise PrinterStopped from problem

    def read(self, size: int, seconds: float) -> bytes:
        """A file says nothing."""
        return b""

    def close(self) -> None:
        """Close the file."""
        with suppress(OSError):
            self._file.close()
