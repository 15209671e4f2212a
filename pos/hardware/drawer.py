"""The cash drawer: a pulse is a job of its own, never inside a ticket, dead three seconds after it was asked for.

A pulse left waiting behind blocked paper would open the drawer minutes later, with nobody before it. So
it is never on disk: a box that stops in those seconds opens nothing when it is back.
"""

import time
from collections.abc import Callable
from typing import Protocol

from pos.errors import DeviceTrouble
from pos.hardware.port_printer import PortPrinter
from pos.hardware.ports import Port
from pos.hardware.troubles import CoverOpen, DrawerLate, NoDrawer, PaperOut, PrinterBusy, PrinterStopped

PULSE_LIFE_SECONDS = 3.0
# For so long the status line says that it did not open; by then somebody had the key.
REMEMBERED_SECONDS = 120.0
# 50 ms on, 500 ms off, on pin 2 or 5 of the printer's drawer socket.
PULSES = {2: b"\x1bp\x00\x19\xfa", 5: b"\x1bp\x01\x19\xfa"}
REAL_TIME_PULSES = {2: b"\x10\x14\x01\x00\x01", 5: b"\x10\x14\x01\x01\x01"}


class Drawer(Protocol):
    """What the till asks of a drawer."""

    @property
    def trouble(self) -> DeviceTrouble | None:
        """Return why it did not open a moment ago, None when it did or nobody asked."""

    def kick(self) -> None:
        """Open now, or raise a DeviceTrouble; never later."""

    def pulse(self) -> Callable[[], None]:
        """Return the job that opens it: its three seconds run from now, however long it waits for a hand."""


class PrinterDrawer:
    """A drawer on the printer's socket."""

    def __init__(self, printer: PortPrinter, pin: int = 2) -> None:
        self._printer = printer
        self._pin = pin
        self._failed: tuple[DeviceTrouble, float] | None = None

    @property
    def trouble(self) -> DeviceTrouble | None:
        """Return why the last pulse failed, for a while."""
        failed = self._failed
        return failed[0] if failed and time.monotonic() - failed[1] < REMEMBERED_SECONDS else None

    def kick(self) -> None:
        """Send the pulse if the printer is free and answers within three seconds."""
        self.pulse()()

    def pulse(self) -> Callable[[], None]:
        """Return the job that sends the pulse, or raises DrawerLate when its time is over."""
        deadline = time.monotonic() + PULSE_LIFE_SECONDS
        return lambda: self._open_before(deadline)

    def _open_before(self, deadline: float) -> None:
        try:
            self._send_before(deadline)
        except DeviceTrouble as trouble:
            self._failed = trouble, time.monotonic()
            raise
        self._failed = None

    def _send_before(self, deadline: float) -> None:
        try:
            if time.monotonic() > deadline:
                raise DrawerLate
            with self._printer.line(deadline - time.monotonic()) as port:
                pulse = self._pulse_for(port)
                if time.monotonic() > deadline:
                    raise DrawerLate
                port.write(pulse)
        except (PrinterBusy, PrinterStopped) as trouble:
            raise DrawerLate from trouble

    def _pulse_for(self, port: Port) -> bytes:
        """Without paper the ordinary pulse would wait in the buffer: then the real-time one, which never waits."""
        try:
            self._printer.ask_ready(port)
        except (PaperOut, CoverOpen):
            return REAL_TIME_PULSES[self._pin]
        return PULSES[self._pin]


class NoDrawerThere:
    """A café whose drawer opens with a key."""

    trouble = None

    def kick(self) -> None:
        """Say that there is nothing to open."""
        raise NoDrawer

    def pulse(self) -> Callable[[], None]:
        """Return the job that says so."""
        return self.kick
