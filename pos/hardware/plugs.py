"""What the kernel says of plugs: a machine came or went. Heard by a thread that sleeps until then, nothing is asked."""

import contextlib
import errno
import socket
import threading
from collections.abc import Callable

# NETLINK_KOBJECT_UEVENT; what the kernel says, then what udev says once the stable names are there.
_PROTOCOL, _GROUPS = 15, 1 | 2
_MOST_BYTES = 16_384
# Serial lines, and the printers' own ports.
_OURS = (b"SUBSYSTEM=tty\0", b"SUBSYSTEM=usbmisc\0")


def open_kernel() -> socket.socket:
    """Return the line on which the kernel speaks of devices; raise OSError where it may not be heard."""
    line = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, _PROTOCOL)
    try:
        line.bind((0, _GROUPS))
    except OSError:
        line.close()
        raise
    return line


def listen(moved: Callable[[], None], *, open_line: Callable[[], socket.socket] = open_kernel) -> bool:
    """Call `moved` from a thread each time a serial line or a printer came or went; tell whether the kernel can be heard."""
    try:
        line = open_line()
    except (OSError, AttributeError):  # a box that forbids it, a system without it
        return False
    threading.Thread(target=_hear, args=(line, moved), name="plugs", daemon=True).start()
    return True


def _hear(line: socket.socket, moved: Callable[[], None]) -> None:
    with line:
        while True:
            try:
                said = line.recv(_MOST_BYTES)
            except OSError as problem:
                if problem.errno != errno.ENOBUFS:
                    return
                # Too much at once to keep: something moved.
                said = b"SUBSYSTEM=tty"
            if not said:
                return
            if any(one in said + b"\0" for one in _OURS):
                with contextlib.suppress(OSError):
                    moved()
