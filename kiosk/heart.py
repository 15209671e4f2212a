"""The sign of life that systemd waits for: ready once served, alive only while the café's file answers.

`sd_notify` is one datagram to the socket that NOTIFY_SOCKET names: no library. Started by hand, a kiosk has
no such socket, and no heart. What does not beat is killed and started again (zinc.service, WatchdogSec).
"""

import http.client
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any

log = logging.getLogger("zinc.heart")

# systemd waits for WatchdogSec: two beats may be late.
BEATS = 3
ANSWER_S = 10.0
FIRST_TRY_S = 0.2
# A backup put back tells every table again, and nobody can write meanwhile: that is work, not death.
GATE_PATIENCE_S = 600.0


def notify(state: str, told: Mapping[str, str] = os.environ) -> bool:
    """Tell systemd `state` (`READY=1`, `WATCHDOG=1`…); return whether somebody listens."""
    address = told.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
        # A name that begins with @ is no file: the kernel's own name space.
        line.connect("\0" + address[1:] if address.startswith("@") else address)
        line.sendall(state.encode())
        return True
    return False


def beat_s(told: Mapping[str, str] = os.environ) -> float:
    """Return the seconds between two beats; 0 when no watchdog waits for this process."""
    if told.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return 0
    return int(told.get("WATCHDOG_USEC") or 0) / 1e6 / BEATS


def page_answers(port: int) -> bool:
    """Tell whether the kiosk draws its page of health: a request thread is free and the file reads."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_S)
    try:
        line.request("GET", "/healthz")
        return line.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


class Heart:
    """Beats in a thread of its own while the store lets writers in and `page` answers."""

    def __init__(
        self, store: Callable[[], Any], page: Callable[[], bool], *, every_s: float, patience_s: float = GATE_PATIENCE_S
    ) -> None:
        # Asked anew at each beat: a backup put back opens another store.
        self._store = store
        self._page = page
        self._every_s = every_s
        self._patience_s = patience_s
        self._gate_seen = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heart", daemon=True)

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    def stop(self) -> None:
        """Say that the end is meant."""
        self._over.set()
        notify("STOPPING=1")

    def alive(self) -> bool:
        """Tell whether a sale could be made: the gate opens, or did not long ago, and a page is drawn."""
        if self._store().answers(ANSWER_S):
            self._gate_seen = time.monotonic()
        elif time.monotonic() - self._gate_seen > self._patience_s:
            log.error("nobody could write for %.0f s", time.monotonic() - self._gate_seen)
            return False
        return self._page()

    def _run(self) -> None:
        while not self.alive():
            if self._over.wait(FIRST_TRY_S):
                return
        notify("READY=1\nSTATUS=The counter is open")
        while self._every_s and not self._over.wait(self._every_s):
            if self.alive():
                notify("WATCHDOG=1")
            else:
                log.error("the till does not answer: no sign of life")


def start(store: Callable[[], Any], port: int) -> Heart | None:
    """Start the heart when systemd started this process; None otherwise."""
    if not os.environ.get("NOTIFY_SOCKET"):
        return None
    heart = Heart(store, lambda: page_answers(port), every_s=beat_s())
    heart.start()
    return heart
