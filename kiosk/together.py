"""Several programs run together and ended together: HQ, the counter, the other cafés of the demonstration.

Ctrl-C, SIGTERM and the end of one that the others need all end the same way: each is asked to finish,
last started first, and killed only if it does not. No process is left behind.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Self
from urllib.request import urlopen

# A program that takes longer than this to answer is not starting: say so instead of waiting.
START_WAIT_S = 60
# Time to finish a last request and close a file.
STOP_WAIT_S = 15
_PR_SET_PDEATHSIG = 1


class CannotRun(Exception):
    """A sentence for the person at the keyboard."""


def need_free_port(port: int, setting: str) -> None:
    """Raise CannotRun when something else already answers on `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as problem:
            raise CannotRun(
                f"Port {port} is taken. End what uses it, or choose another: {setting}={port + 1000} python3 dev.py run"
            ) from problem


@dataclass(frozen=True, slots=True)
class Child:
    """A program of ours. One that is needed ends the others when it ends."""

    name: str
    process: subprocess.Popen[bytes]
    needed: bool


class Together:
    """Programs that live between `with` and its end."""

    def __init__(self, *, stop_wait_s: float = STOP_WAIT_S) -> None:
        self.children: list[Child] = []
        self._stop_wait_s = stop_wait_s

    def __enter__(self) -> Self:
        for asked in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(asked, _interrupt)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _value: BaseException | None, _where: TracebackType | None
    ) -> None:
        self.end()

    def start(self, name: str, *arguments: str, needed: bool = True) -> None:
        """Start a module of ours (`"-m", "hq.cli", "run"`) with this Python."""
        # A session of its own: Ctrl-C in the terminal reaches us alone, and we end the others in order.
        process = subprocess.Popen(
            [sys.executable, *arguments],
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - no thread runs here
        )
        self.children.append(Child(name, process, needed))

    def do(self, *arguments: str) -> None:
        """Run a module of ours to its end; raise CannotRun when it fails."""
        self.check()
        done = subprocess.run([sys.executable, *arguments], check=False)
        if done.returncode:
            raise CannotRun(f"{' '.join(arguments)} failed (exit code {done.returncode}): see above.")

    def check(self) -> None:
        """Raise CannotRun when a needed program has ended."""
        for child in self.children:
            code = child.process.poll()
            if child.needed and code is not None:
                raise CannotRun(f"{child.name} ended by itself (exit code {code}): see above.")

    def wait_for(self, url: str) -> None:
        """Wait until a program answers at `url`."""
        until = time.monotonic() + START_WAIT_S
        while time.monotonic() < until:
            self.check()
            with suppress(OSError), urlopen(url, timeout=2) as answer:  # noqa: S310 - an address of ours
                if answer.status == 200:
                    return
            time.sleep(0.1)
        raise CannotRun(f"Nothing answers at {url} after {START_WAIT_S} s.")

    def stay(self) -> None:
        """Stay until Ctrl-C, or until a needed program ends."""
        while True:
            self.check()
            time.sleep(0.5)

    def end(self) -> None:
        """Ask every program to end, last started first; insist after a while, or at a second Ctrl-C."""
        with suppress(KeyboardInterrupt):
            for child in reversed(self.children):
                if child.process.poll() is None:
                    child.process.terminate()
            until = time.monotonic() + self._stop_wait_s
            for child in self.children:
                with suppress(subprocess.TimeoutExpired):
                    child.process.wait(max(0.1, until - time.monotonic()))
        for child in self.children:
            if child.process.poll() is None:
                child.process.kill()
                child.process.wait()


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _die_with_parent() -> None:
    """Have Linux end the child when we are killed ourselves; elsewhere nothing happens."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == 1:
        os._exit(1)
