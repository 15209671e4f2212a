"""What the scanners read goes to the screen that was touched last, at once and once.

One connection is held for the whole till, by the last screen that asked: it costs one sleeping thread.
A scan read while the page changes waits for the next page a moment, then is nobody's; its `attempt` keeps
it from being done twice.
"""

import json
import secrets
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, Flask, Response, current_app, g, request

from pos import screens
from pos.hardware.scanners import Scan

# A page takes less than this to change; an older scan must not act on a screen it was not meant for.
KEPT_S = 3.0
ACK = "Zinc-Scan"
bp = Blueprint("hearing", __name__)


@dataclass(frozen=True, slots=True)
class Heard:
    """A scan that no page took yet."""

    number: int
    code: str
    at: float


class Ear:
    """Where scans wait for a screen, and the coming and going of scanners with them."""

    def __init__(self, *, kept_s: float = KEPT_S) -> None:
        self._bell = threading.Condition()
        self._kept_s = kept_s
        # Attempts of another run of the till are others.
        self._run = secrets.token_hex(4)
        self._numbers, self._changes, self._holder = 0, 0, 0
        self._waiting: deque[Heard] = deque(maxlen=32)
        self._closed = False

    def heard(self, scan: Scan) -> None:
        """Take a code from a scanner."""
        with self._bell:
            self._numbers += 1
            self._waiting.append(Heard(self._numbers, scan.code, scan.at))
            self._bell.notify_all()

    def changed(self) -> None:
        """Note that a scanner came or went."""
        with self._bell:
            self._changes += 1
            self._bell.notify_all()

    def done(self, number: int) -> None:
        """Forget a scan that a page took."""
        with self._bell:
            self._waiting = deque((one for one in self._waiting if one.number != number), maxlen=32)

    def close(self) -> None:
        """Let every held connection go."""
        # No lock: a signal may come while it is held by this very thread.
        self._closed = True
        threading.Thread(target=self._ring, daemon=True).start()

    def _ring(self) -> None:
        with self._bell:
            self._bell.notify_all()

    def listen(self) -> Iterator[bytes]:
        """Yield what happens, as server-sent events, until another screen listens."""
        with self._bell:
            self._holder += 1
            mine, told, changes = self._holder, 0, self._changes
            self._bell.notify_all()
        yield b"retry: 1000\n\n"
        while True:
            with self._bell:
                while not self._closed and self._holder == mine and changes == self._changes and not self._after(told):
                    self._bell.wait()
                if self._closed:
                    return
                left, scans = self._holder != mine, self._after(told)
                changed, changes = changes != self._changes, self._changes
            if left:
                yield b"event: away\ndata: -\n\n"
                return
            if changed:
                yield b"event: machines\ndata: -\n\n"
            for one in scans:
                told = one.number
                yield self._said(one)

    def _after(self, number: int) -> list[Heard]:
        oldest = time.monotonic() - self._kept_s
        return [one for one in self._waiting if one.number > number and one.at > oldest]

    def _said(self, one: Heard) -> bytes:
        told = {"number": one.number, "code": one.code, "attempt": f"scan-{self._run}-{one.number}"}
        return f"event: scan\ndata: {json.dumps(told)}\n\n".encode()


def install(app: Flask) -> None:
    """Give the till its ear; a request that a scan makes says so, and the scan is done."""
    app.extensions["zinc.ear"] = Ear()
    app.before_request(_took)
    app.context_processor(lambda: {"hears": _hears})


def _took() -> None:
    number = request.headers.get(ACK, "")
    if number.isdecimal() and len(number) < 12:
        current_app.extensions["zinc.ear"].done(int(number))


def _hears() -> bool:
    """Tell whether this page has machines to listen to, that come and go by themselves: not before somebody is at the counter."""
    devices = screens.devices()
    if not g.get("op") or devices is None or request.endpoint == "shell.lock":
        return False
    return bool(
        devices.has_printer
        or devices.has_kitchen
        or devices.has_display
        or len(devices.scanners)
        or devices.terminal.linked
    )


@bp.get("/scans")
def scans() -> Response:
    """Hold the line: what the scanners read comes down it. They are listened to from the first page on."""
    ear: Ear = current_app.extensions["zinc.ear"]
    screens.devices().scanners.start(ear.heard, ear.changed)
    return Response(ear.listen(), mimetype="text/event-stream")


@bp.post("/scans/done")
def done() -> Response:
    """Hear that a page used a scan itself: it filled a field."""
    return Response(status=204)
