"""Machines of the counter. `open_devices` gives them from the box's settings; nothing is touched until used.

Settings (all optional):

    {"kind": "network|usb|serial|file|simulated|none", "address": "192.168.1.50:9100", "width": 80,
     "columns": 48, "code_page": "cp858", "code_page_slot": 19, "euro": "€", "cutter": true, "qr": true,
     "speed": 9600, "drawer": "printer|none", "drawer_pin": 2}
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any

from pos.hardware.drawer import Drawer, NoDrawerThere, PrinterDrawer
from pos.hardware.ports import FilePort, NetworkPort, OpenPort, Port, SerialPort, UsbPort
from pos.hardware.printer import PortPrinter, Printer, PrinterModel
from pos.hardware.simulated import SimulatedDrawer, SimulatedPrinter
from pos.hardware.troubles import BadSettings, NoPrinter

KINDS = ("network", "usb", "serial", "file", "simulated", "none")
COLUMNS = {80: 48, 58: 32}
DEFAULTS: dict[str, Any] = {
    "kind": "none", "address": "", "width": 80, "columns": 0, "code_page": "cp858", "code_page_slot": 19, "euro": "€",
    "cutter": None, "qr": True, "speed": 9600, "drawer": "printer", "drawer_pin": 2,
}  # fmt: skip
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
    "drawer": lambda v: v in ("printer", "none"),
    "drawer_pin": lambda v: v in (2, 5),
}


def _whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


@dataclass(frozen=True)
class Devices:
    """The machines of a box, behind their protocols."""

    printer: Printer
    drawer: Drawer
    simulated_printer: SimulatedPrinter | None = None
    simulated_drawer: SimulatedDrawer | None = None
    # Held by whoever empties the print queue: one at a time, in order.
    printing: Lock = field(default_factory=Lock)

    @property
    def has_printer(self) -> bool:
        """Tell whether the café has a printer at all, simulated or real."""
        return not isinstance(self.printer, NoPrinterThere)


class NoPrinterThere:
    """A café without printer: slips are shown on the screen."""

    model = PrinterModel()
    trouble = None

    def send(self, job: bytes) -> None:
        """Say that there is nothing to print on."""
        raise NoPrinter


def open_devices(settings: Mapping[str, Any] | None = None) -> Devices:
    """Return the machines `settings` describe; raise BadSettings for a value that cannot be."""
    told = {**DEFAULTS, **(settings or {})}
    for name, value in told.items():
        if name not in _ALLOWED or not _ALLOWED[name](value):
            raise BadSettings(name=name, value=str(value)[:40])
    model = model_of(told)
    if told["kind"] == "none":
        return Devices(NoPrinterThere(), NoDrawerThere())
    has_drawer = told["drawer"] == "printer"
    if told["kind"] == "simulated":
        drawer = SimulatedDrawer()
        simulated = SimulatedPrinter(model, drawer)
        kicked = PrinterDrawer(simulated.driver, told["drawer_pin"]) if has_drawer else NoDrawerThere()
        return Devices(simulated, kicked, simulated, drawer if has_drawer else None)
    if not told["address"]:
        raise BadSettings(name="address", value="")
    printer = PortPrinter(model, _port(told))
    return Devices(printer, PrinterDrawer(printer, told["drawer_pin"]) if has_drawer else NoDrawerThere())


def model_of(settings: Mapping[str, Any]) -> PrinterModel:
    """Return what slips are rendered for under `settings` (a paper without cutter is the 58 mm one)."""
    told = {**DEFAULTS, **settings}
    cutter = told["width"] == 80 if told["cutter"] is None else told["cutter"]
    return PrinterModel(
        columns=told["columns"] or COLUMNS[told["width"]], code_page=told["code_page"],
        slot=told["code_page_slot"], euro=told["euro"], cutter=cutter, qr=told["qr"],
    )  # fmt: skip


def _port(told: Mapping[str, Any]) -> OpenPort:
    address: str = told["address"]
    if told["kind"] == "serial":
        return partial(SerialPort, address, told["speed"])
    kinds: dict[str, Callable[[str], Port]] = {"network": NetworkPort, "usb": UsbPort, "file": FilePort}
    return partial(kinds[told["kind"]], address)
