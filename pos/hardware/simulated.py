"""A printer and a drawer that are not there, with their bad habits as switches.

`simulated_tcp` puts the same printer behind a real socket.

The simulated printer keeps the raw bytes it received and shows them through `pos.hardware.paper`, which
shares no code with what wrote them: the page shows the paper exactly as the bytes would print.

For a page that shows it (every method may be called from any thread):

    printer = devices.simulated_printer          # None when the café has a real one
    printer.paper()      -> list of slips, the last printed last; a slip is a list of paper.Line:
                            line.runs (text, bold, wide, tall, underline, inverse), line.align,
                            line.code / line.content for « EAN13 », « CODE128 », « QR », line.text plain
    printer.state()      -> {"off": False, "no_paper": False, …, "slips": 3, "bytes": 2048}
    printer.switch("no_paper", True)             # HABITS names them all
    printer.tear()       throw the paper away
    drawer = devices.simulated_drawer
    drawer.is_open(), drawer.opened (how many times), drawer.shut()
"""

import re
import threading
from collections import deque

from pos.hardware.paper import Line, decode
from pos.hardware.port_printer import AUTO, IN_ORDER, PROCESS_ID, PortPrinter, PrinterModel
from pos.hardware.ports import Port
from pos.hardware.troubles import PrinterOff, PrinterStopped, PrinterTrouble

OFF, NO_PAPER, COVER_OPEN, LOW_PAPER, MUTE = "off", "no_paper", "cover_open", "low_paper", "mute"
# One slip is enough to show these; then the printer is switched off, or as before.
DIES_MID_JOB, DIES_AFTER, RESETS, HANGS = "dies_mid_job", "dies_after", "resets", "hangs"
RUNS_OUT = "runs_out"
ONCE = (DIES_MID_JOB, DIES_AFTER, RESETS, HANGS, RUNS_OUT)
HABITS = (OFF, NO_PAPER, COVER_OPEN, LOW_PAPER, *ONCE, MUTE)
ROLL_SLIPS = 60
_REAL_TIME = re.compile(
    rb"\x10\x04([\x01-\x04])|\x10\x14\x01([\x00\x01])[\x01-\x08]|\x1dr[\x01\x31]|\x1d\(H\x06\x0000(.{4})", re.DOTALL
)
_CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
_FIXED_BITS = 0x12
# The printer ends a piece of paper here: GS V 66 n, or the feed of one without cutter. A picture is passed over.
_CUT = re.compile(rb"\x1dVB.|\x1bd\x06|\x1dv0\x00(..)(..)", re.DOTALL)
# Status questions and pulses are shorter than any slip.
_SHORT = 24


class SimulatedDrawer:
    """A drawer: a pulse opens it, a hand shuts it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open = False
        self.opened = 0

    def pulse(self) -> None:
        """Open, as the cable would."""
        with self._lock:
            self._open = True
            self.opened += 1

    def shut(self) -> None:
        """Push it in."""
        with self._lock:
            self._open = False

    def is_open(self) -> bool:
        """Return whether it stands open."""
        with self._lock:
            return self._open


class SimulatedPrinter:
    """A printer in memory. It is driven like a real one: through a port, status questions included."""

    def __init__(
        self, model: PrinterModel | None = None, drawer: SimulatedDrawer | None = None, *, confirm: str = AUTO
    ) -> None:
        self.model = model or PrinterModel()
        self.drawer = drawer or SimulatedDrawer()
        self.driver = PortPrinter(self.model, self.plug, confirm)
        # What it can say of a slip that is done; an old printer knows none of it.
        self.knows = {PROCESS_ID, IN_ORDER}
        self._hung = False
        self._lock = threading.RLock()
        self._habits = dict.fromkeys(HABITS, False)
        self._roll: deque[bytes] = deque(maxlen=ROLL_SLIPS)
        self._buffer = b""

    @property
    def trouble(self) -> PrinterTrouble | None:
        """Return how the last job ended."""
        return self.driver.trouble

    @property
    def paper_left(self) -> str:
        """Return what it last said of its paper."""
        return self.driver.paper_left

    def here(self) -> bool:
        """Tell whether it is plugged in."""
        with self._lock:
            return not self._habits[OFF]

    def send(self, job: bytes) -> str:
        """Print `job` and return the evidence, or raise a PrinterTrouble."""
        return self.driver.send(job)

    def switch(self, habit: str, on: bool) -> None:
        """Give or take a bad habit; KeyError for one it does not have. Paper put back lets waiting bytes print."""
        with self._lock:
            if habit not in self._habits:
                raise KeyError(habit)
            self._habits[habit] = on
            if habit == OFF and on:
                self._buffer = b""
            self._print()

    def state(self) -> dict[str, bool | int]:
        """Return its switches, and how much it printed."""
        with self._lock:
            return {**self._habits, "slips": len(self._roll), "bytes": sum(map(len, self._roll))}

    def raw(self) -> bytes:
        """Return every byte that became paper, oldest first."""
        with self._lock:
            return b"".join(self._roll)

    def paper(self) -> list[list[Line]]:
        """Return the slips on the roll, oldest first, each a list of styled lines."""
        with self._lock:
            pieces = list(self._roll)
        slips: list[list[Line]] = []
        for piece in pieces:
            slips += decode(piece, self.model.columns, slots=self._slots(), strict=False).slips
        return slips

    def tear(self) -> None:
        """Throw the printed paper away."""
        with self._lock:
            self._roll.clear()

    def plug(self) -> Port:
        """Return a line to this printer, as `OpenPort` wants it."""
        with self._lock:
            if self._habits[OFF]:
                raise PrinterOff
            self._hung = False
        return _Cable(self)

    def receive(self, data: bytes) -> bytes:
        """Take bytes and return the answer; raise PrinterStopped when it dies under them."""
        with self._lock:
            if self._habits[OFF]:
                raise PrinterStopped
            if self._hung:
                return b""
            if len(data) > _SHORT and (habit := self._seized()):
                return self._misbehave(habit, data)
            return self._take(data)

    def _seized(self) -> str:
        return next((one for one in ONCE if self._habits[one]), "")

    def _misbehave(self, habit: str, data: bytes) -> bytes:
        """Spoil one slip, each in its way."""
        self._habits[habit] = False
        if habit == HANGS:
            self._hung = True
            return b""
        if habit == RESETS:
            self._buffer = b""
            raise PrinterStopped
        if habit == RUNS_OUT:
            # It keeps the slip, and prints it when there is paper again.
            self._habits[NO_PAPER] = True
            return self._take(data)
        self._buffer += data if habit == DIES_AFTER else data[: len(data) // 2]
        self._print(to_the_end=habit == DIES_MID_JOB)
        self._habits[OFF] = True
        if habit == DIES_MID_JOB:
            raise PrinterStopped
        return b""

    def _take(self, data: bytes) -> bytes:
        if _CLEAR in data:
            self._buffer, data = b"", data.replace(_CLEAR, b"")
        answers = b""
        for asked in _REAL_TIME.finditer(data):
            if asked[2] is not None:
                self.drawer.pulse()
            elif asked[1] is not None:
                answers += self._status(asked[1][0])
            elif not self._stuck():
                answers += self._done(asked[3])
        self._buffer += _REAL_TIME.sub(b"", data)
        self._print()
        return b"" if self._habits[MUTE] else answers

    def _done(self, mark: bytes | None) -> bytes:
        """Answer, in order, that what stands before is printed."""
        if mark is not None:
            return b"\x37\x22" + mark + b"\0" if PROCESS_ID in self.knows else b""
        return b"\x00" if IN_ORDER in self.knows else b""

    def _status(self, what: int) -> bytes:
        no_paper, cover = self._habits[NO_PAPER], self._habits[COVER_OPEN]
        low = 0x0C if self._habits[LOW_PAPER] or no_paper else 0
        bits = {
            1: 0x08 if no_paper or cover else 0,
            2: (0x04 if cover else 0) | (0x20 if no_paper else 0),
            3: 0,
            4: low | (0x60 if no_paper else 0),
        }[what]
        return bytes([_FIXED_BITS | bits])

    def _stuck(self) -> bool:
        return self._habits[NO_PAPER] or self._habits[COVER_OPEN]

    def _print(self, *, to_the_end: bool = False) -> None:
        """Turn waiting bytes into paper: whole pieces up to each cut, the rest when `to_the_end`."""
        if self._stuck() and not to_the_end:
            return
        while end := self._cut_at():
            self._keep(self._buffer[:end])
            self._buffer = self._buffer[end:]
        pulse = re.fullmatch(rb"(?:\x1b@)?\x1bp[\x00\x01]..", self._buffer, re.DOTALL)
        if pulse:
            self.drawer.pulse()
            self._buffer = b""
        if to_the_end and self._buffer:
            self._keep(self._buffer)
            self._buffer = b""

    def _cut_at(self) -> int:
        """Return where the first whole piece of paper ends, 0 when none is whole yet."""
        at = 0
        while found := _CUT.search(self._buffer, at):
            if found[1] is None:
                return found.end()
            at = found.end() + int.from_bytes(found[1], "little") * int.from_bytes(found[2], "little")
        return 0

    def _keep(self, piece: bytes) -> None:
        for _pulse in decode(piece, self.model.columns, slots=self._slots(), strict=False).pulses:
            self.drawer.pulse()
        self._roll.append(piece)

    def _slots(self) -> dict[int, str]:
        return {0: "cp437", 2: "cp850", self.model.slot: self.model.code_page}


class _Cable:
    """One job's line to a simulated printer."""

    def __init__(self, printer: SimulatedPrinter) -> None:
        self._printer = printer
        self._answers = b""

    def write(self, data: bytes) -> None:
        self._answers += self._printer.receive(data)

    def read(self, size: int, seconds: float) -> bytes:
        # A printer in memory answers at once or never: nothing to wait for.
        answer, self._answers = self._answers[:size], self._answers[size:]
        return answer

    def close(self) -> None:
        self._answers = b""
