"""Simulated machines beside the printers: what each shows, and its bad habits as switches, to watch the till cope."""

from typing import Any

from flask import abort, request, url_for

from kiosk import displays, terminals
from kiosk.paper_page import bp
from pos import screens
from pos.hardware import COUNTER, KITCHEN
from pos.i18n import N_, _
from pos.till import tables

bp.app_context_processor(lambda: {"demo_machines": tabs})
TERMINAL, SCANNER, DISPLAY = "terminal", "scanner", "display"
SCANNER_HABITS = (
    ("unplugged", N_("Its cable is out")), ("split", N_("Sends a code in pieces")), ("doubles", N_("Reads each code twice")),
    ("rubbish", N_("Adds rubbish")), ("no_end", N_("Does not end its codes")),
)  # fmt: skip
HABITS = {TERMINAL: terminals.HABITS, SCANNER: SCANNER_HABITS, DISPLAY: displays.HABITS}
# As many as a hand finds on the shelf.
AT_HAND = 8


def simulated() -> dict[str, Any]:
    """Return the machines that are simulated here, printers apart."""
    devices = screens.devices()
    scanner = next(iter(devices.scanners.simulated.values()), None)
    found = {TERMINAL: devices.simulated_terminal, SCANNER: scanner, DISPLAY: devices.simulated_display}
    return {name: machine for name, machine in found.items() if machine is not None}


def tabs() -> list[dict[str, Any]]:
    """Return the simulated machines of this box as links, the one that is shown marked."""
    devices, here = screens.devices(), request.path
    names = {
        COUNTER: ("printer", _("Counter")), KITCHEN: ("plate", _("Kitchen")), TERMINAL: ("card", _("Card terminal")),
        SCANNER: ("scan", _("Scanner")), DISPLAY: ("pole", _("Customer display")),
    }  # fmt: skip
    found = [(one, url_for("demo.paper", place=one)) for one in (COUNTER, KITCHEN) if devices.simulated_of(one)]
    found += [(one, url_for("demo.machine", place=one)) for one in simulated()]
    shown = request.values.get("place") or (COUNTER if "/paper" in here else here.split("/")[3])
    return [{"sign": names[one][0], "name": names[one][1], "url": url, "here": one == shown} for one, url in found]


def _machine(place: str) -> Any:
    return simulated().get(place) or abort(404)


@bp.get("/machines/<place>")
def machine(place: str) -> str:
    """Show a simulated machine."""
    return screens.render("demo_machine.html", **_shown(place))


@bp.get("/machines/<place>/now")
def now(place: str) -> str:
    """Show it again."""
    return screens.render("_demo_machine.html", **_shown(place))


def _shown(place: str) -> dict[str, Any]:
    one = _machine(place)
    codes: list[tuple[str, str]] = []
    if place == SCANNER:
        with screens.store().reading() as conn:
            codes = [(row["ean"], row["label"]) for row in tables.products(conn) if row["ean"] and not row["retired"]]
    return {
        "place": place, "state": one.state(), "habits": HABITS[place], "codes": codes[:AT_HAND],
        "roll": one.roll()[::-1] if place == TERMINAL else [], "glass": one.lines() if place == DISPLAY else [],
        "trouble": _trouble(place),
    }  # fmt: skip


def _trouble(place: str) -> Any:
    devices = screens.devices()
    if place == SCANNER:
        return next((one.trouble for one in devices.scanners.away()), None)
    return devices.display.trouble if place == DISPLAY else None


@bp.post("/machines/<place>/<habit>")
def machine_habit(place: str, habit: str) -> str:
    """Plug, unplug, or break it."""
    one = _machine(place)
    if habit not in dict(HABITS[place]):
        abort(404)
    one.switch(habit, request.form.get("on") == "1")
    screens.say(_("Done"))
    return screens.draw("_demo_machine.html", **_shown(place))


@bp.post("/machines/scanner")
def scan() -> str:
    """Hold the scanner over a code."""
    code = request.form.get("code", "").strip()[:80]
    if code and not _machine(SCANNER).scan(code):
        screens.say(_("Nobody listens to this scanner: it is unplugged."), tone="wait", icon="scan")
    else:
        screens.say(_("Read: %(code)s", code=code), icon="scan")
    return screens.draw("_demo_machine.html", **_shown(SCANNER))
