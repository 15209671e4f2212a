"""The settings of a box: one TOML file, one struct; an unknown key is an error (see cafe.example.toml).

What the café is (names, VAT, prices) is not here: those are events.
"""

import tomllib
from pathlib import Path
from typing import Any

import msgspec

from pos.errors import Told
from pos.i18n import N_


class BadSettings(Told):
    """The settings file cannot be used."""

    sentence = N_("The settings file is wrong: %(problem)s")
    remedy = N_("Compare it with cafe.example.toml.")


class PrinterSettings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A receipt printer: how it is reached and how it prints."""

    # network, usb, serial, file, simulated or none
    kind: str = "none"
    # host:port, /dev/usb/lp0, /dev/ttyUSB0 or a file
    address: str = ""
    # millimetres of paper: 80 or 58
    width: int = 80
    # of a line, where it is not what the paper's width says: 32, 42 or 48
    columns: int = 0
    # cp858, or cp1252
    code_page: str = "cp858"
    # what ESC t takes for this page on this model (19 on Epson-like printers, 53 on many others)
    code_page_slot: int = 19
    euro: str = "€"
    # left out: on paper of 80 mm only
    cutter: bool | None = None
    qr: bool = True
    # of the serial cable, in bauds
    speed: int = 9600
    # what it answers when paper came out: auto, process_id, in_order, status or none
    confirm: str = "auto"
    # printer, or none; 2 or 5
    drawer: str = "printer"
    drawer_pin: int = 2
    # rows of dots in base64, and how many dots wide
    logo: str = ""
    logo_width: int = 0


class ScannerSettings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A scanner with a line of its own; one that types like a keyboard needs no setting."""

    # serial, simulated or none
    kind: str = "none"
    # /dev/serial/by-id/… (the same after each plugging in) or /dev/ttyACM0
    address: str = ""
    speed: int = 9600
    # how the status line calls it
    name: str = ""


class DisplaySettings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The customer's pole of two lines, and the message between two customers."""

    # serial, usb, network, simulated or none
    kind: str = "none"
    # /dev/serial/by-id/…, /dev/usb/lp1 or host:port
    address: str = ""
    speed: int = 9600
    # escpos, cd5220 or plain
    dialect: str = "escpos"
    # cp437, cp850, cp858, cp1252, or ascii: without accents
    code_page: str = "cp437"
    # what ESC t takes for this page
    code_page_slot: int = 0
    message: str = ""


class TerminalSettings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The card terminal: how it is reached and what it does for the till."""

    # manual, caisse_ap, concert, simulated_ap or simulated_concert
    kind: str = "manual"
    # caisse_ap: host:port; concert: /dev/ttyACM0
    address: str = ""
    # of the serial cable: bauds, and 8N1 or 7E1
    speed: int = 9600
    line: str = "8N1"
    # number of this till on the terminal
    till: str = "01"
    # whether it gives money back when the till asks
    refunds: bool = True


class CafeSettings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Everything a box may be told."""

    # address of HQ, like https://siege.example; empty: not joined
    hq_url: str = ""
    # seconds without a touch before the screen locks; 0 never
    lock_after_s: int = 300
    # names this kiosk answers to besides 127.0.0.1 and localhost
    hosts: list[str] = []
    # simulated machines with their page, demo banner
    demo: bool = False
    # JSON lines instead of text in the log
    log_json: bool = False
    # folders the control file may be written to; empty: the USB sticks found under /media and /run/media
    sticks: list[str] = []
    # where a file asked for on the screen goes: "browser" downloads it, "stick" writes it on the USB stick
    downloads: str = "browser"
    printer: PrinterSettings = msgspec.field(default_factory=PrinterSettings)
    terminal: TerminalSettings = msgspec.field(default_factory=TerminalSettings)
    scanners: list[ScannerSettings] = []
    display: DisplaySettings = msgspec.field(default_factory=DisplaySettings)


def load_settings(path: Path | None) -> dict[str, Any]:
    """Return the settings as a dictionary, defaults filled in; raise BadSettings."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8")) if path else {}
        settings = msgspec.convert(told, CafeSettings)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as problem:
        raise BadSettings(problem=str(problem)) from problem
    found: dict[str, Any] = msgspec.to_builtins(settings)
    return found
