"""A slip becomes bytes (`render`), bytes reach a printer (`Printer.send`).

python-escpos writes the commands and nothing else: our own layout, our own code page, our own ports.
It is imported when the first slip is rendered, not before: it costs a quarter of a second and 16 MB.
"""

import logging
import os
import re
import shutil
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from pos.hardware.port_printer import CONFIRMS, PortPrinter, PrinterModel
from pos.hardware.troubles import PrinterTrouble
from pos.slips import Barcode, Cut, Logo, Qr, Row, Slip, Text, lay, lay_part

__all__ = ["CONFIRMS", "PortPrinter", "Printer", "PrinterModel", "render", "warm"]

PROFILE = Path(__file__).parent / "escpos_profile.json"
# Dots across the paper, for codes: 72 mm and 48 mm at 203 dpi.
DOTS = {48: 576, 42: 512, 32: 384}
QR_MAX_BYTES = 300

_EAN13 = re.compile(r"[0-9]{13}")
_CODE128 = re.compile(r"[ -~]{1,48}")
_import_lock = threading.Lock()


class Printer(Protocol):
    """What the till asks of a printer."""

    @property
    def model(self) -> PrinterModel:
        """Return what to render for."""

    @property
    def trouble(self) -> PrinterTrouble | None:
        """Return how the last job ended: None when it was printed, or none was sent yet."""

    @property
    def paper_left(self) -> str:
        """Return what the printer last said of its paper: ok, low, out, unknown."""

    def here(self) -> bool:
        """Tell whether it is plugged in, as far as can be known without a job."""

    def send(self, job: bytes) -> str:
        """Print `job` and return what says so (`queue.EVIDENCE`), or raise a PrinterTrouble; never wait for ever."""


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
            case Logo():
                _logo(out, model)
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


def _logo(out: Any, model: PrinterModel) -> None:
    """Print the café's sign: `GS v 0`, old but known to every printer. One wider than the paper is left out."""
    height = len(model.logo) // (model.logo_width // 8) if model.logo_width else 0
    if not height or model.logo_width > DOTS.get(model.columns, model.columns * 12):
        return
    out.set(align="center")
    _put(out, b"\x1dv0\x00" + struct.pack("<HH", model.logo_width // 8, height) + model.logo)
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
