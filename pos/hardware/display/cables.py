"""Cables to a pole display: serial, USB node, network. Each is a descriptor that never blocks and tells its own end.

The kernel watches the cable: it says at once that a plug was pulled, without anybody asking now and then.
"""

import fcntl
import os
import select
import socket
import stat
import struct
import termios
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

RAW_PORT = 9100
CONNECT_SECONDS = 2.0
# The kernel asks a silent network display each second whether it is still there.
_KEEPALIVE = ((socket.TCP_KEEPIDLE, 1), (socket.TCP_KEEPINTVL, 1), (socket.TCP_KEEPCNT, 1), (socket.TCP_USER_TIMEOUT, 1500))  # fmt: skip
_LOOK_SECONDS = 0.01


class CableDown(Exception):
    """The display is not there, or no longer."""


class CableStuck(CableDown):
    """It is there and takes nothing."""


class Cable:
    """An open line to a display."""

    def __init__(self, fd: int, let_go: Callable[[], object]) -> None:
        self.fd = fd
        self._let_go = let_go
        os.set_blocking(fd, False)

    def write(self, data: bytes, seconds: float) -> None:
        """Send `data` and see it leave within `seconds`: what is still in the box's hands is not on the glass."""
        until = time.monotonic() + seconds
        left = memoryview(data)
        try:
            while left:
                wait = until - time.monotonic()
                poll = select.poll()
                poll.register(self.fd, select.POLLOUT)
                if wait <= 0 or not poll.poll(wait * 1000):
                    raise CableStuck
                with suppress(BlockingIOError):
                    left = left[os.write(self.fd, left) :]
            while self._held():
                if time.monotonic() >= until:
                    raise CableStuck
                time.sleep(_LOOK_SECONDS)
        except OSError as problem:
            raise CableDown from problem

    def _held(self) -> int:
        """Return how many bytes the kernel has not sent yet; nothing where it cannot say."""
        try:
            count: int = struct.unpack("i", fcntl.ioctl(self.fd, termios.TIOCOUTQ, b"\0" * 4))[0]
        except OSError:
            return 0
        return count

    def gone(self) -> bool:
        """Tell whether the kernel says that the other end went; what a display says is thrown away."""
        poll = select.poll()
        poll.register(self.fd, select.POLLIN)
        try:
            for _fd, said in poll.poll(0):
                if said & (select.POLLHUP | select.POLLERR | select.POLLNVAL):
                    return True
                return not os.read(self.fd, 256)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return False

    def close(self) -> None:
        """Let go, and take back what has not left: old news is worth nothing when the display is back."""
        with suppress(OSError, termios.error):
            termios.tcflush(self.fd, termios.TCOFLUSH)
        with suppress(Exception):  # termios.error when the plug was pulled: nothing left to save
            self._let_go()


OpenCable = Callable[[], Cable]


def open_serial(address: str, speed: int) -> Cable:
    """Open a serial line, ours alone."""
    import serial

    try:
        line: Any = serial.Serial(address, speed, timeout=0, write_timeout=1, exclusive=True)
        return Cable(line.fileno(), line.close)
    except (OSError, ValueError) as problem:
        raise CableDown from problem


def open_node(address: str) -> Cable:
    """Open a device of the kernel, `/dev/usb/lp1`; anything else is never created nor written to."""
    try:
        if not stat.S_ISCHR(Path(address).stat().st_mode):
            raise CableDown
        fd = os.open(address, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
    except (OSError, ValueError) as problem:
        raise CableDown from problem
    return Cable(fd, lambda: os.close(fd))


def open_network(address: str) -> Cable:
    """Connect by raw TCP, port 9100 as a rule."""
    host, _colon, port = address.rpartition(":") if ":" in address else (address, "", "")
    try:
        line = socket.create_connection((host, int(port or RAW_PORT)), timeout=CONNECT_SECONDS)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEPALIVE:
            line.setsockopt(socket.IPPROTO_TCP, name, value)
    except (OSError, ValueError, OverflowError) as problem:
        raise CableDown from problem
    return Cable(line.fileno(), line.close)
