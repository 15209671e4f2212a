"""Scanners with a line of their own, several at once; those that type like a keyboard are the page's.

Settings of the scanners, a list (each key optional):

    [{"kind": "serial|simulated|none", "address": "/dev/serial/by-id/…", "speed": 9600, "name": "counter"}]
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import asdict

from pos.config import ScannerSettings
from pos.hardware.scanners.reader import GONE, READY, RESTING, SHUT, Scan, Scanner, serial_scanner
from pos.hardware.scanners.simulated import SimulatedScanner
from pos.hardware.troubles import BadScannerSetting

__all__ = ["DEFAULTS", "GONE", "KINDS", "READY", "RESTING", "SHUT", "Scan", "Scanner", "Scanners", "open_scanners"]

KINDS = ("serial", "simulated", "none")
SPEEDS = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)
# More than this many on one box is a mistyped file.
MOST = 8
DEFAULTS = asdict(ScannerSettings())
_ALLOWED: dict[str, Callable[[Any], bool]] = {
    "kind": lambda v: v in KINDS,
    "address": lambda v: isinstance(v, str),
    "speed": lambda v: not isinstance(v, bool) and v in SPEEDS,
    "name": lambda v: isinstance(v, str) and len(v) <= 40,
}


@dataclass(frozen=True, slots=True)
class Scanners:
    """The scanners of a box, started and stopped together."""

    each: tuple[Scanner, ...] = ()
    # By the name of the scanner they are the other end of.
    simulated: Mapping[str, SimulatedScanner] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Scanner]:
        return iter(self.each)

    def __len__(self) -> int:
        return len(self.each)

    def start(self, heard: Callable[[Scan], None], changed: Callable[[], None]) -> None:
        """Listen to all of them; one that listens already goes on."""
        for scanner in self.each:
            scanner.start(heard, changed)

    def stop(self) -> None:
        """Let go of all of them."""
        for scanner in self.each:
            scanner.stop()
        for one in self.simulated.values():
            one.close()

    def away(self) -> list[Scanner]:
        """Return those that are set up and cannot be heard."""
        return [scanner for scanner in self.each if scanner.state() in (GONE, SHUT)]


def open_scanners(settings: Iterable[Mapping[str, Any]] | None = None) -> Scanners:
    """Return the scanners `settings` list; nothing is touched until they are started. Raises BadScannerSetting."""
    asked = list(settings or ())
    if len(asked) > MOST:
        raise BadScannerSetting(name="scanners", value=len(asked))
    each: list[Scanner] = []
    simulated: dict[str, SimulatedScanner] = {}
    for place, one in enumerate(asked, start=1):
        told = _checked(one)
        name = told["name"].strip() or str(place)
        if told["kind"] == "none":
            continue
        if name in (scanner.name for scanner in each):
            raise BadScannerSetting(name="name", value=name)
        if told["kind"] == "simulated":
            simulated[name] = SimulatedScanner()
            each.append(Scanner(name, "", simulated[name].open_line, simulated[name].present))
        else:
            each.append(serial_scanner(name, told["address"], told["speed"]))
    return Scanners(tuple(each), simulated)


def _checked(one: Mapping[str, Any]) -> dict[str, Any]:
    told = {**DEFAULTS, **one}
    for name, value in told.items():
        if name not in _ALLOWED or not _ALLOWED[name](value):
            raise BadScannerSetting(name=name, value=str(value)[:40])
    if told["kind"] == "serial" and not told["address"].startswith("/dev/"):
        raise BadScannerSetting(name="address", value=told["address"][:40])
    return told
