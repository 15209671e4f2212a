"""How this box fares, for HQ's page of boxes: machines that do not do their part, copies, the card's speed.

Asked of memory and of the drafts, never of a machine at work; short codes only.
"""

from kiosk import copies, overview
from kiosk.wiring import Kiosk
from pos.hardware import KITCHEN, NoPrinterThere, queue
from pos.release import FISCAL_VERSION
from sync.health import UNKNOWN, Stats


def told(kiosk: Kiosk) -> Stats:
    """Return what the box tells HQ of itself."""
    known, measured = copies.told(kiosk), overview.calibration(kiosk.store)
    return Stats(
        fiscal=FISCAL_VERSION, copy_at=known["copy"]["at"], drill_at=known["drill"]["at"],
        drill_failed=bool(known["drill"]["fault"]), machines=machines(kiosk),
        commit=measured.commit if measured else UNKNOWN,
    )  # fmt: skip


def machines(kiosk: Kiosk) -> list[str]:
    """Return the codes of what does not work now."""
    devices = kiosk.devices
    if devices is None:
        return []
    with kiosk.store.reading() as conn:
        counter, kitchen = queue.count(conn), queue.count(conn, KITCHEN)
    terminal = devices.terminal
    seen = {
        "printer.stuck": bool(counter.stuck),
        "printer.away": not isinstance(devices.printer, NoPrinterThere) and not devices.printer.here(),
        "paper.low": devices.printer.paper_left in ("low", "out"),
        "kitchen.stuck": devices.has_kitchen and bool(kitchen.stuck),
        "kitchen.away": devices.has_kitchen and not devices.kitchen.here(),
        "scanner.away": bool(devices.scanners.away()),
        "display.away": devices.display.trouble is not None,
        "drawer.shut": devices.drawer.trouble is not None,
        "terminal.away": terminal.linked and terminal.free_to_look and not terminal.here(),
    }
    return [code for code, true in seen.items() if true]
