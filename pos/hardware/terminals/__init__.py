"""Card terminals behind one small protocol: one amount is asked, one outcome comes back.

Settings of a terminal (all optional):

    {"kind": "manual|caisse_ap|concert|simulated_ap|simulated_concert", "address": "192.168.1.60:8888",
     "speed": 9600, "line": "8N1|7E1", "till": "01", "refunds": true}

`refunds` off: money is given back on the terminal by hand, the till asks it for payments only.

What nobody knows is never guessed nor asked again by itself: the clerk says what the terminal's slip tells.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import asdict

from pos.config import TerminalSettings
from pos.hardware.terminals.answer import CANCEL, REFUND, LineDown, Terminal
from pos.hardware.terminals.caisse_ap import CaisseAp
from pos.hardware.terminals.concert import Concert
from pos.hardware.terminals.lines import SerialLine, TcpLine
from pos.hardware.terminals.manual import Manual
from pos.hardware.terminals.simulated import SimulatedTerminal
from pos.hardware.terminals.simulated_ap import SimulatedAp
from pos.hardware.terminals.simulated_concert import SimulatedConcert
from pos.hardware.troubles import BadTerminalSetting

KINDS = ("manual", "caisse_ap", "concert", "simulated_ap", "simulated_concert")
# A simulated customer is quick, and so is whoever tries: nobody waits three minutes for a late answer.
_THINKS_S, _SIMULATED_S = 2.0, 10.0
LINES = ("8N1", "7E1")
DEFAULTS = asdict(TerminalSettings())
_ALLOWED: dict[str, Callable[[Any], bool]] = {
    "kind": lambda v: v in KINDS,
    "address": lambda v: isinstance(v, str),
    "speed": lambda v: isinstance(v, int) and not isinstance(v, bool) and 300 <= v <= 1_000_000,
    "line": lambda v: v in LINES,
    "till": lambda v: isinstance(v, str) and len(v) == 2 and v.isascii() and v.isdecimal(),
    "refunds": lambda v: isinstance(v, bool),
}
# To see whether it is there is not to wait for it.
_LOOK_S = 1.0


def open_terminal(settings: Mapping[str, Any] | None = None) -> tuple[Terminal, SimulatedTerminal | None]:
    """Return the terminal `settings` describe, and what it is simulated by; nothing is touched until a payment. Raises BadTerminalSetting."""
    told = {**DEFAULTS, **(settings or {})}
    for name, value in told.items():
        if name not in _ALLOWED or not _ALLOWED[name](value):
            raise BadTerminalSetting(name=name, value=str(value)[:40])
    driver, simulated = _driver(told)
    if not told["refunds"]:
        driver.does = driver.does - {REFUND, CANCEL}
    return driver, simulated


def _driver(told: Mapping[str, Any]) -> tuple[Terminal, SimulatedTerminal | None]:
    if told["kind"] == "manual":
        return Manual(), None
    if told["kind"] == "simulated_ap":
        ap = SimulatedAp(thinks_s=_THINKS_S)
        return CaisseAp(ap.open_line, till=told["till"], answer_s=_SIMULATED_S, look=ap.plugged), ap
    if told["kind"] == "simulated_concert":
        concert = SimulatedConcert(thinks_s=_THINKS_S)
        return Concert(concert.open_line, till=told["till"], answer_s=_SIMULATED_S, look=concert.plugged), concert
    address = told["address"]
    if not address:
        raise BadTerminalSetting(name="address", value="")
    if told["kind"] == "caisse_ap":
        return CaisseAp(lambda: TcpLine(address), till=told["till"], look=lambda: _answers(address)), None
    return Concert(
        lambda: SerialLine(address, told["speed"], told["line"]),
        till=told["till"],
        look=Path(address).exists,
    ), None


def _answers(address: str) -> bool:
    """Tell whether somebody takes a connection there; nothing is said on it."""
    try:
        TcpLine(address, connect_s=_LOOK_S).close()
    except LineDown:
        return False
    return True
