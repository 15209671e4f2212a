"""All machines at a glance, for whoever installs: what is set up and how it fares, what is plugged in, how fast the box is."""

import shutil
from dataclasses import dataclass
from typing import Any

import msgspec
from flask import abort, request, url_for

from kiosk import calibrate, terminals
from kiosk.printers import keep
from kiosk.settings import bp, manager_only
from pos import drafts, screens
from pos.errors import DeviceTrouble
from pos.hardware import KITCHEN, queue
from pos.hardware.display.pole import NoDisplay
from pos.hardware.drawer import NoDrawerThere
from pos.hardware.plugged import DISPLAY, PRINTER, SCANNER, TERMINAL, Plugged, plugged
from pos.hardware.scanners import Scanner
from pos.hardware.troubles import PrinterOff
from pos.i18n import N_, _, ngettext
from pos.money import format_euros
from pos.store import Store

ROLES = (
    (PRINTER, N_("Printer")), (KITCHEN, N_("Kitchen printer")), (TERMINAL, N_("Card terminal")), (SCANNER, N_("Scanner")),
    (DISPLAY, N_("Customer display")),
)  # fmt: skip
CALIBRATION = "calibration"


@dataclass(frozen=True, slots=True)
class Row:
    """A machine that is set up: how it fares in a sentence, what to do about it, where to set it, how to try it."""

    sign: str
    name: str
    says: str
    tone: str = "good"
    remedy: str = ""
    settings: str = ""
    # The act that tries it, and its words.
    act: str = ""
    act_says: str = ""


@bp.get("/overview")
def overview() -> str:
    """Show every machine, what is plugged in, and the box."""
    kiosk = screens.kiosk()
    told = kiosk.box_settings()
    return screens.draw(
        "settings/overview.html", rows=_rows(), found=[(one, _use(told, one)) for one in plugged(kiosk.root)], roles=ROLES,
        box=calibration(kiosk.store), disk=shutil.disk_usage(kiosk.data).free // 1_000_000_000,
    )  # fmt: skip


def _rows() -> list[Row]:
    devices = screens.devices()
    with screens.kiosk().store.reading() as conn:
        counter, kitchen = queue.count(conn), queue.count(conn, KITCHEN)
    rows = [_printer(_("Counter printer"), devices.has_printer, devices.printer, counter, "counter")]
    if devices.has_kitchen:
        rows.append(_printer(_("Kitchen printer"), True, devices.kitchen, kitchen, KITCHEN))
    rows += [_drawer(devices), _terminal(devices)]
    rows += [_scanner(one) for one in devices.scanners] or [
        Row(
            "scan",
            _("Scanner"),
            _("One that types like a keyboard works as it is."),
            "",
        )
    ]
    return [*rows, _display(devices)]


def _printer(name: str, there: bool, printer: Any, waiting: queue.Waiting, place: str) -> Row:
    settings = url_for("settings.machines", place=place)
    if not there:
        return Row("printer", name, _("None: tickets are shown on the screen."), "", settings=settings)
    says, remedy, tone = _("Ready to print"), "", "good"
    trouble = printer.trouble if printer.here() else PrinterOff()
    if trouble is not None and not waiting.held and not waiting.doubtful and printer.here():
        # Nothing waits for it any more: what it said then may be mended since.
        says = _("Ready to print. At the last slip: “%(what)s”", what=trouble.what())
    elif trouble is not None:
        says, remedy, tone = trouble.what(), trouble.how(), "wait"
    elif waiting.stuck:
        says, tone = ngettext("%(n)s slip waits.", "%(n)s slips wait.", waiting.held), "wait"
    return Row(
        "printer", name, says, tone, remedy, settings,
        url_for("settings.test_page", place=place), _("Print the test page"),
    )  # fmt: skip


def _drawer(devices: Any) -> Row:
    settings = url_for("settings.machines")
    if isinstance(devices.drawer, NoDrawerThere):
        return Row("drawer", _("Drawer"), _("It opens by hand: no printer to open it."), "", settings=settings)
    return Row(
        "drawer", _("Drawer"), _("Opens through the counter printer"), "good", "", settings,
        url_for("settings.test_drawer"), _("Try the drawer"),
    )  # fmt: skip


def _terminal(devices: Any) -> Row:
    says = _("Try a payment of %(amount)s", amount=format_euros(terminals.TRIED))
    settings, name = url_for("settings.terminal"), _("Card terminal")
    if not devices.terminal.linked:
        return Row("card", name, _("Without a cable: the amount is typed on it."), "", settings=settings)
    # A true one would take the money.
    act = url_for("settings.try_terminal") if devices.simulated_terminal else ""
    if devices.terminal.here():
        return Row("card", name, _("Ready"), "good", "", settings, act, says)
    return Row(
        "card", name, _("The terminal does not answer."), "wait",
        _("Check that it is on and its cable is in; until then type the amount on it."), settings, act, says,
    )  # fmt: skip


def _scanner(one: Scanner) -> Row:
    name = _("Scanner “%(name)s”", name=one.name)
    away = {"act": url_for("settings.forget_scanner", name=one.name), "act_says": _("Take it off the list")}
    trouble = one.trouble
    if trouble is not None:
        return Row("scan", name, trouble.what(), "wait", trouble.how(), **away)
    if one.last is None:
        return Row("scan", name, _("Ready: scan anything to try it"), "good", "", **away)
    return Row("scan", name, _("Read last: %(code)s", code=one.last.code[:40]), "good", "", **away)


def _display(devices: Any) -> Row:
    settings, name = url_for("settings.display"), _("Customer display")
    trouble: DeviceTrouble | None = devices.display.trouble
    act, says = url_for("settings.try_display"), _("Show a line to try")
    if trouble is not None:
        return Row("pole", name, trouble.what(), "wait", trouble.how(), settings, act, says)
    if isinstance(devices.display, NoDisplay):
        return Row("pole", name, _("None on a pole; the second screen is a page."), "", settings=settings)
    return Row("pole", name, _("Ready"), "good", "", settings, act, says)


def _use(told: dict[str, Any], one: Plugged) -> str:
    """Return the name of the role a machine already has, empty when it has none."""
    names = {one.address, one.node}
    for role, name in ROLES:
        if role == SCANNER:
            held = any(scanner.get("address") in names for scanner in told.get("scanners", []))
        else:
            kept = told.get(role, {})
            held = kept.get("address") in names and kept.get("kind", "none") != "none"
        if held:
            return _(name)
    return ""


@bp.post("/overview/use/<role>")
def use(role: str) -> Any:
    """Give a machine that is plugged in its role; it is opened at once."""
    manager_only()
    one = next((one for one in plugged(screens.kiosk().root) if one.address == request.form.get("address")), None)
    if one is None or role not in dict(ROLES) or one.kind == "keyboard":
        abort(404)
    told = screens.kiosk().box_settings()
    kind = {TERMINAL: "concert", SCANNER: "serial"}.get(role, one.kind)
    if role == SCANNER:
        others = [scanner for scanner in told.get("scanners", []) if scanner.get("address") != one.address]
        keep(scanners=[*others, {"kind": kind, "address": one.address, "name": f"{one.name} {len(others) + 1}"[:40]}])
    else:
        keep(**{role: {**told.get(role, {}), "kind": kind, "address": one.address}})
    screens.say(_("%(machine)s: set up. Try it now.", machine=one.name))
    return screens.go(url_for("settings.overview"))


@bp.post("/overview/forget/<name>")
def forget_scanner(name: str) -> Any:
    """Take a scanner off the list."""
    manager_only()
    told = screens.kiosk().box_settings().get("scanners", [])
    named = [(one.get("name", "").strip() or str(place), one) for place, one in enumerate(told, start=1)]
    keep(scanners=[one for known, one in named if known != name])
    screens.say(_("The scanner is off the list."))
    return screens.go(url_for("settings.overview"))


@bp.post("/overview/measure")
def measure() -> Any:
    """Measure the box: a few seconds of work, kept until the next time."""
    kiosk = screens.kiosk()
    found = calibrate.measure(kiosk.data, at=kiosk.store.clock.now_ms())
    keep_calibration(kiosk.store, found)
    screens.say(_("The box is measured."))
    return screens.go(url_for("settings.overview"))


def keep_calibration(store: Store, found: calibrate.Calibration) -> None:
    """Keep what was measured of the box."""
    with store.writing(by="box") as tx:
        drafts.put(tx.conn, CALIBRATION, msgspec.to_builtins(found))


def calibration(store: Store) -> calibrate.Calibration | None:
    """Return what was measured last, None before the first time."""
    with store.reading() as conn:
        kept = drafts.get(conn, CALIBRATION, None)
    return msgspec.convert(kept, calibrate.Calibration) if kept else None
