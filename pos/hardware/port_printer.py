"""A printer behind a port: asked how it is before a slip, and whether it is done after.

What says that a slip is on paper, strongest first:

    process_id   the printer sent our number back after printing (`GS ( H`)
    in_order     it answered a question that stood behind the slip (`GS r 1`)
    status       two seconds later it complains of nothing (`DLE EOT`)
    written      it took the bytes; it never says anything
"""

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pos.hardware.ports import OpenPort, Port
from pos.hardware.troubles import (
    CoverOpen,
    PaperOut,
    PrinterBusy,
    PrinterJammed,
    PrinterOff,
    PrinterSilent,
    PrinterStopped,
    PrinterTrouble,
)  # fmt: skip

PROCESS_ID, IN_ORDER, STATUS, WRITTEN = "process_id", "in_order", "status", "written"
AUTO, NONE = "auto", "none"
# What a printer is known to answer, found at set-up; `auto` learns what can be learnt without risk.
CONFIRMS = (AUTO, PROCESS_ID, IN_ORDER, STATUS, NONE)
LOCK_SECONDS = 20.0
ANSWER_SECONDS = 0.5
# A long closing slip prints in four seconds; a printer that has not answered by then is asked why.
DONE_SECONDS = 8.0
# After so long a printer in trouble says so.
SETTLED_SECONDS = 2.0

_ASK, _ASK_IN_ORDER = b"\x10\x04", b"\x1dr\x01"
# Automatic status off: its packets would mix with the answers.
_NO_PACKETS = b"\x1da\x00"
_CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
_MARK, _MARKED = b"\x1d(H\x06\x0000", b"\x37\x22"


@dataclass(frozen=True, slots=True)
class PrinterModel:
    """What differs from one printer to the next. The slot of a page is found with the test page."""

    columns: int = 48
    code_page: str = "cp858"
    slot: int = 19
    euro: str = "€"
    cutter: bool = True
    qr: bool = True
    # The café's sign: rows of `logo_width` dots, eight to a byte, black is 1; empty when there is none.
    logo: bytes = b""
    logo_width: int = 0


class PortPrinter:
    """A printer behind a port opened for each job."""

    def __init__(self, model: PrinterModel, open_port: OpenPort, confirm: str = AUTO, *, node: str = "") -> None:
        self.model = model
        # The name the kernel gives it while it is plugged in; empty where nothing can be known without a job.
        self._node = node
        self.confirm = confirm
        self._open = open_port
        self._lock = threading.Lock()
        # Learnt at the first jobs: it talks at all; it answers in order (None: not asked yet).
        self._talks = confirm in (PROCESS_ID, IN_ORDER, STATUS)
        self._in_order: bool | None = {IN_ORDER: True, STATUS: False, NONE: False}.get(confirm)
        # A slip may lie half printed in its memory.
        self._unclean = False
        # How the last job ended and what it said of its paper: asked of memory, never of the machine.
        self.trouble: PrinterTrouble | None = None
        self.paper_left = "unknown"

    def recall(self, evidence: str) -> None:
        """Take up what was learnt before the box started again, from the evidence of the last slip.

        One that answers no question in order would hold the hand for `DONE_SECONDS` at its first slip, and with it
        the drawer.
        """
        if self.confirm == AUTO and evidence == STATUS:
            self._in_order = False

    def here(self) -> bool:
        """Tell whether it is plugged in, as far as a look at its name can tell."""
        return not self._node or Path(self._node).exists()

    def send(self, job: bytes) -> str:
        """Print `job`; return the evidence. Trouble found before its first byte leaves nothing on the paper."""
        try:
            with self.line(LOCK_SECONDS) as port:
                evidence = self._send(port, job)
        except PrinterTrouble as trouble:
            self.trouble = trouble
            raise
        self.trouble = None
        return evidence

    def _send(self, port: Port, job: bytes) -> str:
        talks = self.ask_ready(port)
        if not talks and self._talks:
            raise PrinterSilent
        self._talks = talks
        before = _NO_PACKETS if talks else b""
        if self._unclean and self.confirm == PROCESS_ID:
            before = _CLEAR + before
        was, self._unclean, took = self._unclean, True, False
        try:
            port.write(before + job)
            took = True
            evidence = self._wait_done(port) if talks and self.confirm != NONE else WRITTEN
        except PrinterTrouble as trouble:
            if not took and isinstance(trouble, PrinterOff):
                # Not one byte left the till: nothing to ask anybody.
                self._unclean = was
            else:
                trouble.maybe_printed = True
            raise
        self._unclean = False
        return evidence

    @contextmanager
    def line(self, seconds: float) -> Iterator[Port]:
        """Give the port, to one job at a time; raise PrinterBusy when it stays taken for `seconds`."""
        if not self._lock.acquire(timeout=max(0.0, seconds)):
            raise PrinterBusy
        try:
            port = self._open()
            try:
                yield port
            finally:
                port.close()
        finally:
            self._lock.release()

    def ask_ready(self, port: Port) -> bool:
        """Return whether the printer tells its state; raise what it complains of."""
        try:
            state = _ask(port, 1)
            if state is None:
                self.paper_left = "unknown"
                return False
            self._listen_to(port, state)
        except PrinterStopped as trouble:
            raise PrinterOff from trouble
        return True

    def _listen_to(self, port: Port, state: int) -> None:
        offline, error, paper = _ask(port, 2) or 0, _ask(port, 3) or 0, _ask(port, 4)
        self.paper_left = "out" if offline & 0x20 else paper_of(paper)
        if self.paper_left == "out":
            raise PaperOut
        if offline & 0x04:
            raise CoverOpen
        if offline & 0x40 or error & 0x68:
            raise PrinterJammed
        if state & 0x08:
            raise PrinterOff

    def _wait_done(self, port: Port) -> str:
        """Wait until the slip is printed, as well as this printer can tell; raise when it cannot be believed."""
        if self.confirm == PROCESS_ID:
            if _marked(port, DONE_SECONDS):
                return PROCESS_ID
            self._ask_why(port)
            raise PrinterStopped
        if self._in_order is not False:
            if _answers_in_order(port, DONE_SECONDS):
                self._in_order = True
                return IN_ORDER
            self._ask_why(port)
            if self._in_order:
                raise PrinterStopped
            self._in_order = False
            return STATUS
        time.sleep(SETTLED_SECONDS)
        self._ask_why(port)
        return STATUS

    def _ask_why(self, port: Port) -> None:
        """Raise what the printer complains of now, or that it is dead."""
        state = _ask(port, 1)
        if state is None:
            raise PrinterStopped
        self._listen_to(port, state)

    def probe(self) -> str:
        """Find out, at set-up, how this printer says that it is done; return what to set `confirm` to.

        One that knows nothing of it may print a few odd letters: nobody's ticket, the installer's test.
        """
        with self.line(LOCK_SECONDS) as port:
            if not self.ask_ready(port):
                return NONE
            port.write(_NO_PACKETS)
            if _marked(port, SETTLED_SECONDS):
                return PROCESS_ID
            return IN_ORDER if _answers_in_order(port, SETTLED_SECONDS) else STATUS


def paper_of(status: int | None) -> str:
    """Return what an answer to `DLE EOT 4` says of the paper: ok, low, out, or unknown without answer."""
    if status is None:
        return "unknown"
    return "out" if status & 0x60 else "low" if status & 0x0C else "ok"


def _ask(port: Port, what: int) -> int | None:
    """Return the status byte `DLE EOT what`, or None; noise and other packets are passed over."""
    port.write(_ASK + bytes([what]))
    deadline = time.monotonic() + ANSWER_SECONDS
    while (left := deadline - time.monotonic()) > 0:
        answer = port.read(1, left)
        if not answer:
            return None
        if answer[0] & 0x93 == 0x12:
            return answer[0]
    return None


def _answers_in_order(port: Port, seconds: float) -> bool:
    """Ask what is answered only once all that stands before it is printed; tell whether the answer came."""
    port.write(_ASK_IN_ORDER)
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        answer = port.read(1, left)
        if not answer:
            return False
        if answer[0] & 0x90 == 0:
            return True
    return False


def _marked(port: Port, seconds: float) -> bool:
    """Send a number to give back when all that stands before it is printed; tell whether it came back."""
    mark = bytes(0x21 + secrets.randbelow(0x5D) for _place in range(4))
    port.write(_MARK + mark)
    wanted, heard = _MARKED + mark + b"\0", b""
    deadline = time.monotonic() + seconds
    while wanted not in heard and (left := deadline - time.monotonic()) > 0:
        answer = port.read(16, left)
        if not answer:
            break
        heard += answer
    return wanted in heard
