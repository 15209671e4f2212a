"""The customer display: a pole of two lines of twenty letters, and what the customer sees of the sale.

Settings (all optional):

    {"kind": "serial|usb|network|simulated|none", "address": "/dev/ttyUSB0", "speed": 9600,
     "dialect": "escpos|cd5220|plain", "code_page": "cp437|cp850|cp858|cp1252|ascii", "code_page_slot": 0,
     "message": "Marché samedi"}

The message is shown between two customers, on the pole and on the second screen.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from msgspec.structs import asdict

from pos.config import DisplaySettings
from pos.hardware.display.cables import open_network, open_node, open_serial
from pos.hardware.display.pole import Display, NoDisplay, Pole
from pos.hardware.display.rows import CODE_PAGES, DIALECTS, Glass
from pos.hardware.display.simulated import SimulatedDisplay
from pos.hardware.troubles import BadDisplaySetting

KINDS = ("none", "serial", "usb", "network", "simulated")
MESSAGE_MAX = 80
DEFAULTS = asdict(DisplaySettings())
_ALLOWED: dict[str, Callable[[Any], bool]] = {
    "kind": lambda v: v in KINDS,
    "address": lambda v: isinstance(v, str),
    "speed": lambda v: _whole(v, 300, 1_000_000),
    "dialect": lambda v: v in DIALECTS,
    "code_page": lambda v: v in CODE_PAGES,
    "code_page_slot": lambda v: _whole(v, 0, 255),
    "message": lambda v: isinstance(v, str) and len(v) <= MESSAGE_MAX,
}

__all__ = ["DEFAULTS", "KINDS", "Display", "NoDisplay", "Pole", "SimulatedDisplay", "open_display"]


def _whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def open_display(settings: Mapping[str, Any] | None = None) -> tuple[Display, SimulatedDisplay | None]:
    """Return the display `settings` describe, and what it is simulated by; nothing is touched until it shows. Raises BadDisplaySetting."""
    told = {**DEFAULTS, **(settings or {})}
    for name, value in told.items():
        if name not in _ALLOWED or not _ALLOWED[name](value):
            raise BadDisplaySetting(name=name, value=str(value)[:40])
    glass = Glass(told["dialect"], told["code_page"], told["code_page_slot"])
    if told["kind"] == "none":
        return NoDisplay(), None
    if told["kind"] == "simulated":
        simulated = SimulatedDisplay()
        return Pole(simulated.open_cable, glass), simulated
    if not told["address"]:
        raise BadDisplaySetting(name="address", value="")
    if told["kind"] == "serial":
        return Pole(partial(open_serial, told["address"], told["speed"]), glass), None
    opened = open_network if told["kind"] == "network" else open_node
    return Pole(partial(opened, told["address"]), glass), None
