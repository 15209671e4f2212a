"""A slip becomes bytes (`render`), bytes reach a printer (`Printer.send`).

python-escpos writes the commands and nothing else: our own layout, our own code page, our own ports.
It is imported when the first slip is rendered, not before: it costs a quarter of a second and 16 MB.
"""

import logging
import os
import re
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from pos.hardware.ports import OpenPort, Port
from pos.hardware.troubles import (
    CoverOpen,
    PaperOut,
    PrinterBusy,
    PrinterJammed,
    PrinterOff,
    PrinterStopped,
    PrinterTrouble,
)  # fmt: skip
from pos.slips import Barcode, Cut, Qr, Row, Slip, Text, lay, lay_part

PROFILE = Path(__file__).parent / "escpos_profile.json"
# Dots across the paper, for codes: 72 mm and 48 mm at 203 dpi.
DOTS = {48: 576, 42: 512, 32: 384}
QR_MAX_BYTES = 300
LOCK_SECONDS = 20.0
ANSWER_SECONDS = 0.5
# A long closing slip prints in four seconds; a printer that has not answered by then is asked why.
DONE_SECONDS = 8.0

_EAN13 = re.compile(r"[0-9]{13}")
_CODE128 = re.compile(r"[ -~]{1,48}")
_ASK, _ASK_IN_ORDER = b"\x10\x04", b"\x1dr\x01"
_import_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class PrinterModel:
    """What differs from one printer to the next. The slot of a page is found with the test page."""

    columns: int = 48
    code_page: str = "cp858"
    slot: int = 19
    euro: str = "€"
    cutter: bool = True
    qr: bool = True


class Printer(Protocol):
    """What the till asks of a printer."""

    @property
    def model(self) -> PrinterModel:
        """Return what to render for."""

    @property
    def trouble(self) -> PrinterTrouble | None:
        """Return how the last job ended: None when it was printed, or none was sent yet."""

    def send(self, job: bytes) -> None:
        """Print `job`, or raise a PrinterTrouble; never waits for ever."""


def render(slip: Slip, model: PrinterModel) -> bytes:
    """Return the bytes that print `slip` on a printer of `model`."""
    out = _dummy()(profile="default")
    out.hw("INIT")
    _put(out, b"\x1bt" + bytes([model.slot]))
    for laid in lay(slip, model.columns, model.euro):
        match laid:
            case Row():
                _row(out, laid, model)
            case Barcode():
                _barcode(out, laid, model)
            case Qr():
                _qr(out, laid, model)
            case Cut():
                _cut(out, model)
    _cut(out, model)
    return bytes(out.output)


def _put(out: Any, data: bytes) -> None:
    # The library's own name for « these bytes as they are »: `text` would choose code pages for us.
    out._raw(data)  # noqa: SLF001


def _row(out: Any, row: Row, model: PrinterModel) -> None:
    # Spaces before the style: the pad is counted in ordinary columns.
    _put(out, b" " * row.pad)
    if row.wide or row.tall:
        out.set(custom_size=True, width=2 if row.wide else 1, height=2)
    if row.bold:
        out.set(bold=True)
    _put(out, row.text.encode(model.code_page, "replace"))
    if row.bold:
        out.set(bold=False)
    if row.wide or row.tall:
        out.set(custom_size=True, width=1, height=1)
    _put(out, b"\n")


def _barcode(out: Any, code: Barcode, model: PrinterModel) -> None:
    """Print a code to scan, or its text when the code is not valid or wider than the paper."""
    ean = code.symbology == "EAN13"
    valid = (_EAN13 if ean else _CODE128).fullmatch(code.code) is not None
    modules = 113 if ean else 11 * len(code.code) + 55
    dots = DOTS.get(model.columns, model.columns * 12)
    if not valid or modules * 2 > dots:
        _told(out, f"[{code.symbology} {code.code}]", model)
        return
    data = code.code if ean else "{B" + code.code.replace("{", "{{")
    # The inner call: the outer one prints a sentence on standard output.
    out._hw_barcode(  # noqa: SLF001
        data, code.symbology, height=80, width=3 if modules * 3 <= dots else 2,
        function_type="A" if ean else "B", check=False,
    )  # fmt: skip
    out.set(align="left")


def _qr(out: Any, code: Qr, model: PrinterModel) -> None:
    content = "".join(c for c in code.content if c.isprintable())
    size = len(content.encode("utf-8", "replace"))
    if not model.qr or not 0 < size <= QR_MAX_BYTES:
        _told(out, f"[QR {code.content}]", model)
        return
    out.set(align="center")
    out.qr(content.encode("utf-8", "replace").decode(), native=True, size=6 if size <= 100 else 4)
    out.set(align="left")


def _told(out: Any, text: str, model: PrinterModel) -> None:
    for row in lay_part(Text(text, align="center"), model.columns, model.euro):
        if isinstance(row, Row):
            _row(out, row, model)


def _cut(out: Any, model: PrinterModel) -> None:
    if model.cutter:
        out.cut("PART", feed=False)
    else:
        out.print_and_feed(6)


def warm() -> None:
    """Import the library now, from a thread at start: seconds on a small box, that no first ticket should wait for."""
    _dummy()


@cache
def _dummy() -> Any:
    """Return python-escpos' writer, imported now, without what its import leaves behind."""
    with _import_lock, _quiet_import():
        from escpos import capabilities
        from escpos.printer import Dummy

        # Made by the import itself and never removed by it.
        shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)
    return Dummy


@contextmanager
def _quiet_import() -> Iterator[None]:
    """Give the library our small profile, no cache to corrupt, and no hand on our logging."""
    kept = {name: os.environ.pop(name, None) for name in ("ESCPOS_CAPABILITIES_FILE", "ESCPOS_CAPABILITIES_PICKLE_DIR")}
    root, mute = logging.getLogger(), logging.NullHandler()
    root.addHandler(mute)
    os.environ["ESCPOS_CAPABILITIES_FILE"] = str(PROFILE)
    try:
        yield
    finally:
        root.removeHandler(mute)
        del os.environ["ESCPOS_CAPABILITIES_FILE"]
        os.environ.update({name: value for name, value in kept.items() if value is not None})


class PortPrinter:
    """A printer behind a port opened for each job: asked how it is before, and whether it is done after."""

    def __init__(self, model: PrinterModel, open_port: OpenPort) -> None:
        self.model = model
        self._open = open_port
        self._lock = threading.Lock()
        # Learnt at the first job: some printers tell their state but never answer in order.
        self._answers_in_order = True
        # How the last job ended, for the status line: asked of memory, never of the machine.
        self.trouble: PrinterTrouble | None = None

    def send(self, job: bytes) -> None:
        """Print `job`. Trouble found before its first byte leaves nothing on the paper."""
        try:
            with self.line(LOCK_SECONDS) as port:
                self._send(port, job)
        except PrinterTrouble as trouble:
            self.trouble = trouble
            raise
        self.trouble = None

    def _send(self, port: Port, job: bytes) -> None:
        talks = self.ask_ready(port)
        try:
            port.write(job)
            if talks and self._answers_in_order:
                self._wait_done(port)
        except PrinterTrouble as trouble:
            trouble.maybe_printed = True
            raise

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
                return False
            _complain(state, _ask(port, 2) or 0, _ask(port, 3) or 0, _ask(port, 4) or 0)
        except PrinterStopped as trouble:
            raise PrinterOff from trouble
        return True

    def _wait_done(self, port: Port) -> None:
        """Wait for the answer that comes after the last line; without one, ask why."""
        port.write(_ASK_IN_ORDER)
        answer = port.read(1, DONE_SECONDS)
        if answer and answer[0] & 0x90 == 0:
            return
        state = _ask(port, 1)
        if state is None:
            raise PrinterStopped
        _complain(state, _ask(port, 2) or 0, _ask(port, 3) or 0, _ask(port, 4) or 0)
        self._answers_in_order = False


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


def _complain(state: int, offline: int, error: int, paper: int) -> None:
    if offline & 0x20 or paper & 0x60:
        raise PaperOut
    if offline & 0x04:
        raise CoverOpen
    if offline & 0x40 or error & 0x68:
        raise PrinterJammed
    if state & 0x08:
        raise PrinterOff
