"""A pole display that is not there: two rows of twenty letters that obey the codes, and its bad habits.

For a page that shows it (every method may be called from any thread):

    display = devices.simulated_display        # None when the café has a real one, or none
    display.lines()  -> ["Café            1,30", "Total       1,30 EUR"]
    display.state()  -> {"off": False, "unplugged": False, "slow": False, "stuck": False, "bytes": 86}
    display.switch("unplugged", True)          # HABITS names them all
"""

import socket
import threading
import time

from pos.hardware.display.cables import Cable, CableDown

# Dark, which a cable that only goes there cannot tell; not there; a letter at a time; takes nothing.
OFF, UNPLUGGED, SLOW, STUCK = "off", "unplugged", "slow", "stuck"
HABITS = (OFF, UNPLUGGED, SLOW, STUCK)
WIDE, HIGH = 20, 2
SLOW_SECONDS = 0.015
# How many bytes follow each command, and the cursor's own.
_ESCAPES = {0x40: 0, 0x3D: 1, 0x74: 1, 0x52: 1, 0x2A: 1, 0x6C: 2}
_UNITS = {0x01: 0, 0x02: 0, 0x03: 0, 0x43: 1, 0x58: 1, 0x24: 2}
_PAGES = {0: "cp437", 2: "cp850", 16: "cp1252", 19: "cp858"}


class SimulatedDisplay:
    """A display in memory, behind a true pair of sockets."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free = threading.Condition(self._lock)
        self._habits = dict.fromkeys(HABITS, False)
        self._end: socket.socket | None = None
        self._bytes = 0
        self._power_up()

    def _power_up(self) -> None:
        self._glass = [[" "] * WIDE for _row in range(HIGH)]
        self._at, self._page, self._string = 0, "cp437", -1
        self._left: list[int] = []

    def open_cable(self) -> Cable:
        """Return a line to this display; raise CableDown when it is unplugged."""
        with self._lock:
            if self._habits[UNPLUGGED]:
                raise CableDown
            ours, theirs = socket.socketpair()
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
            self._end = theirs
            self._left = []
        threading.Thread(target=self._listen, args=(theirs,), name="simulated-display", daemon=True).start()
        return Cable(ours.fileno(), ours.close)

    def _listen(self, end: socket.socket) -> None:
        with end:
            try:
                while end.recv(1, socket.MSG_PEEK):
                    self._take(end)
            except OSError:
                return

    def _take(self, end: socket.socket) -> None:
        """Take what came, once it takes anything: until then the till's bytes stay where they are."""
        with self._free:
            while self._habits[STUCK] and not self._habits[UNPLUGGED]:
                self._free.wait()
            slow = self._habits[SLOW]
            data = end.recv(1 if slow else 4096)
            self._bytes += len(data)
            if not self._habits[OFF]:
                for byte in data:
                    self._read(byte)
        if slow:
            time.sleep(SLOW_SECONDS)

    def switch(self, habit: str, on: bool) -> None:
        """Give or take a bad habit; KeyError for one it does not have. Switched on again, its glass is blank."""
        with self._free:
            if habit not in self._habits:
                raise KeyError(habit)
            self._habits[habit] = on
            if habit in (OFF, UNPLUGGED):
                self._power_up()
            if habit == UNPLUGGED and on and self._end is not None:
                self._end.shutdown(socket.SHUT_RDWR)
                self._end = None
            self._free.notify_all()

    def state(self) -> dict[str, bool | int]:
        """Return its switches, and how many bytes it took."""
        with self._lock:
            return {**self._habits, "bytes": self._bytes}

    def lines(self) -> list[str]:
        """Return what its glass shows, two rows of twenty letters."""
        with self._lock:
            return ["".join(row) for row in self._glass]

    # The codes it obeys

    def _read(self, byte: int) -> None:
        if self._left:
            self._command(byte)
        elif self._string >= 0 and byte not in (0x0C, 0x18, 0x1B):
            self._string_letter(byte)
        elif byte in (0x1B, 0x1F):
            self._left = [byte]
        elif byte < 0x20:
            self._control(byte)
        else:
            self._letter(byte)

    def _command(self, byte: int) -> None:
        self._left.append(byte)
        kind, code, *given = self._left
        if kind == 0x1B and code == 0x51:
            if given:
                self._left, self._string = [], given[0] - 0x41
                if 0 <= self._string < HIGH:
                    self._glass[self._string], self._at = [" "] * WIDE, self._string * WIDE
            return
        if len(given) < (_ESCAPES if kind == 0x1B else _UNITS).get(code, 0):
            return
        self._left = []
        if (kind, code) == (0x1B, 0x40):
            self._power_up()
        elif (kind, code) == (0x1B, 0x74):
            self._page = _PAGES.get(given[0], "cp437")
        elif (kind, code) in ((0x1F, 0x24), (0x1B, 0x6C)):
            self._at = (min(max(given[1], 1), HIGH) - 1) * WIDE + min(max(given[0], 1), WIDE) - 1

    def _string_letter(self, byte: int) -> None:
        if byte == 0x0D:
            return
        if self._at < (self._string + 1) * WIDE:
            self._letter(byte)

    def _control(self, byte: int) -> None:
        row = self._at // WIDE
        if byte == 0x0C:
            self._glass, self._at, self._string = [[" "] * WIDE for _row in range(HIGH)], 0, -1
        elif byte == 0x0B:
            self._at = 0
        elif byte == 0x0D:
            self._at = row * WIDE
        elif byte == 0x0A:
            self._at = (self._at + WIDE) % (WIDE * HIGH)
        elif byte == 0x08:
            self._at = (self._at - 1) % (WIDE * HIGH)
        elif byte == 0x18:
            self._glass[row], self._at, self._string = [" "] * WIDE, row * WIDE, -1

    def _letter(self, byte: int) -> None:
        self._glass[self._at // WIDE][self._at % WIDE] = bytes([byte]).decode(self._page, "replace")
        if self._string < 0:
            self._at = (self._at + 1) % (WIDE * HIGH)
        else:
            self._at += 1
