"""Which printers are plugged in, as the kernel tells: no job is sent to find out, nothing is asked now and then."""

from collections.abc import Callable
from typing import Any

from pos.hardware import COUNTER, KITCHEN


class Presence:
    """Compares what is there with what was, each time a plug moved."""

    def __init__(self, house: Any, changed: Callable[[], None], back: Callable[[str], object]) -> None:
        self._house, self._changed, self._back = house, changed, back
        self._printers: dict[str, tuple[Any, bool]] = {}

    def look(self) -> None:
        """Ring when a printer came or went; one that is back prints what waits for it, whatever the pause."""
        moved = False
        for place in (COUNTER, KITCHEN):
            printer = self._house.devices.printer_of(place)
            known, was = self._printers.get(place, (None, True))
            here = printer.here()
            self._printers[place] = printer, here
            # One that was set up since the last look is expected to be there.
            if here != (was or printer is not known):
                moved = True
                if here:
                    self._back(place)
        if moved:
            self._changed()
