"""Machines of the counter. `open_devices` gives them from the box's settings; nothing is touched until used.

Settings of a printer (all optional); the kitchen has some of its own, without drawer:

    {"kind": "network|usb|serial|file|simulated|none", "address": "192.168.1.50:9100", "width": 80,
     "columns": 48, "code_page": "cp858", "code_page_slot": 19, "euro": "€", "cutter": true, "qr": true,
     "speed": 9600, "confirm": "auto|process_id|in_order|status|none", "drawer": "printer|none", "drawer_pin": 2,
     "logo": "<dots, base64>", "logo_width": 384}

A café with one printer sends nothing to the kitchen. What a terminal and scanners may be told is in their folders.
"""

import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

from msgspec.structs import asdict

from pos.config import PrinterSettings
from pos.hardware.display import Display, NoDisplay, SimulatedDisplay, open_display
from pos.hardware.drawer import Drawer, NoDrawerThere, PrinterDrawer
from pos.hardware.ports import FilePort, NetworkPort, OpenPort, Port, SerialPort, UsbPort
from pos.hardware.printer import CONFIRMS, PortPrinter, Printer, PrinterModel
from pos.hardware.scanners import Scanners, open_scanners
from pos.hardware.simulated import SimulatedDrawer, SimulatedPrinter
from pos.hardware.terminals import open_terminal
from pos.hardware.terminals.answer import Terminal
from pos.hardware.terminals.manual import Manual
from pos.hardware.terminals.simulated import SimulatedTerminal
from pos.hardware.troubles import BadSettings, NoPrinter

COUNTER, KITCHEN = "counter", "kitchen"
KINDS = ("network", "usb", "serial", "file", "simulated", "none")
COLUMNS = {80: 48, 58: 32}
DEFAULTS = asdict(PrinterSettings())
_BASE64 = re.compile("(?:[0-9A-Za-z+/]{4})*(?:[0-9A-Za-z+/]{2}==|[0-9A-Za-z+/]{3}=)?")
_ALLOWED: dict[str, Callable[[Any], bool]] = {
    "kind": lambda v: v in KINDS,
    "address": lambda v: isinstance(v, str),
    "width": lambda v: v in COLUMNS,
    "columns": lambda v: v in (0, 32, 42, 48),
    "code_page": lambda v: v in ("cp858", "cp1252"),
    "code_page_slot": lambda v: _whole(v, 0, 255),
    "euro": lambda v: v in ("€", "EUR"),
    "cutter": lambda v: v is None or isinstance(v, bool),
    "qr": lambda v: isinstance(v, bool),
    "speed": lambda v: _whole(v, 300, 1_000_000),
    "confirm": lambda v: v in CONFIRMS,
    "drawer": lambda v: v in ("printer", "none"),
    "drawer_pin": lambda v: v in (2, 5),
    "logo": lambda v: isinstance(v, str) and len(v) < 32_768 and _BASE64.fullmatch(v) is not None,
    "logo_width": lambda v: _whole(v, 0, 576) and v % 8 == 0,
}


def _whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


class NoPrinterThere:
    """A café without printer: slips are shown on the screen."""

    model = PrinterModel()
    trouble = None
    paper_left = "unknown"

    def here(self) -> bool:
        """Nothing is missed."""
        return True

    def send(self, job: bytes) -> str:
        """Say that there is nothing to print on."""
        raise NoPrinter


@dataclass(frozen=True)
class Devices:
    """The machines of a box, behind their protocols."""

    printer: Printer
    drawer: Drawer
    simulated_printer: SimulatedPrinter | None = None
    simulated_drawer: SimulatedDrawer | None = None
    kitchen: Printer = field(default_factory=NoPrinterThere)
    simulated_kitchen: SimulatedPrinter | None = None
    terminal: Terminal = field(default_factory=Manual)
    simulated_terminal: SimulatedTerminal | None = None
    scanners: Scanners = field(default_factory=Scanners)
    display: Display = field(default_factory=NoDisplay)
    simulated_display: SimulatedDisplay | None = None
    # Held by whoever empties a printer's queue: one at a time, in order.
    printing: Mapping[str, Lock] = field(default_factory=lambda: {COUNTER: Lock(), KITCHEN: Lock()})

    @property
    def has_printer(self) -> bool:
        """Tell whether the café has a printer at all, simulated or real."""
        return not isinstance(self.printer, NoPrinterThere)

    @property
    def has_kitchen(self) -> bool:
        """Tell whether the kitchen has a printer of its own."""
        return not isinstance(self.kitchen, NoPrinterThere)

    @property
    def has_display(self) -> bool:
        """Tell whether a pole shows the customer the bill."""
        return not isinstance(self.display, NoDisplay)

    def printer_of(self, name: str) -> Printer:
        """Return the counter's or the kitchen's printer."""
        return self.kitchen if name == KITCHEN else self.printer

    def simulated_of(self, name: str) -> SimulatedPrinter | None:
        """Return the simulated printer of a place, None when a real one or none is there."""
        return self.simulated_kitchen if name == KITCHEN else self.simulated_printer


def open_devices(
    settings: Mapping[str, Any] | None = None, kitchen: Mapping[str, Any] | None = None,
    terminal: Mapping[str, Any] | None = None, scanners: Iterable[Mapping[str, Any]] | None = None,
    display: Mapping[str, Any] | None = None,
) -> Devices:  # fmt: skip
    """Return the machines `settings` describe; raise BadSettings for a value that cannot be."""
    told = _checked(settings)
    printer, simulated = _printer(told)
    cook, simulated_cook = _printer(_checked(kitchen))
    drawer: Drawer = NoDrawerThere()
    if told["drawer"] == "printer" and (simulated or isinstance(printer, PortPrinter)):
        drawer = PrinterDrawer(simulated.driver if simulated else printer, told["drawer_pin"])  # type: ignore[arg-type]
    shown = simulated.drawer if simulated and told["drawer"] == "printer" else None
    cards, simulated_cards = open_terminal(terminal)
    pole, simulated_pole = open_display(display)
    return Devices(
        printer, drawer, simulated, shown, cook, simulated_cook, cards, simulated_cards,
        scanners=open_scanners(scanners), display=pole, simulated_display=simulated_pole,
    )  # fmt: skip


def _checked(settings: Mapping[str, Any] | None) -> dict[str, Any]:
    told = {**DEFAULTS, **(settings or {})}
    for name, value in told.items():
        if name not in _ALLOWED or not _ALLOWED[name](value):
            raise BadSettings(name=name, value=str(value)[:40])
    if told["kind"] not in ("none", "simulated") and not told["address"]:
        raise BadSettings(name="address", value="")
    return told


def _printer(told: Mapping[str, Any]) -> tuple[Printer, SimulatedPrinter | None]:
    if told["kind"] == "none":
        return NoPrinterThere(), None
    model = model_of(told)
    if told["kind"] == "simulated":
        simulated = SimulatedPrinter(model, SimulatedDrawer(), confirm=told["confirm"])
        return simulated, simulated
    node = told["address"] if told["kind"] in ("usb", "serial") else ""
    return PortPrinter(model, _port(told), told["confirm"], node=node), None


def model_of(settings: Mapping[str, Any]) -> PrinterModel:
    """Return what slips are rendered for under `settings` (a paper without cutter is the 58 mm one)."""
    told = {**DEFAULTS, **settings}
    cutter = told["width"] == 80 if told["cutter"] is None else told["cutter"]
    return PrinterModel(
        columns=told["columns"] or COLUMNS[told["width"]], code_page=told["code_page"],
        slot=told["code_page_slot"], euro=told["euro"], cutter=cutter, qr=told["qr"],
        logo=b64decode(told["logo"]), logo_width=told["logo_width"],
    )  # fmt: skip


def _port(told: Mapping[str, Any]) -> OpenPort:
    address: str = told["address"]
    if told["kind"] == "serial":
        return partial(SerialPort, address, told["speed"])
    kinds: dict[str, Callable[[str], Port]] = {"network": NetworkPort, "usb": UsbPort, "file": _file_or_device}
    return partial(kinds[told["kind"]], address)


def _file_or_device(address: str) -> Port:
    """A device written to like a file still needs its deadlines."""
    try:
        device = Path(address).is_char_device()
    except (OSError, ValueError):
        device = False
    return UsbPort(address) if device else FilePort(address)
