"""A scanner in memory, behind a true serial line: the far end of a pseudo-terminal, with the bad habits of real ones."""

import errno
import os
import threading
import time
import tty

from pos.hardware.scanners.reader import Line, SerialLine

UNPLUGGED, SPLIT, DOUBLES, RUBBISH, NO_END = "unplugged", "split", "doubles", "rubbish", "no_end"
# Each lasts until it is switched off.
HABITS = (UNPLUGGED, SPLIT, DOUBLES, RUBBISH, NO_END)


class SimulatedScanner:
    """Reads whatever code it is given, as a hand that holds it would."""

    def __init__(self, *, gap_s: float = 0.01) -> None:
        self._gap_s = gap_s
        self._habits = dict.fromkeys(HABITS, False)
        self._lock = threading.Lock()
        self._ours: int | None = None

    def state(self) -> dict[str, bool]:
        """Return which habits it has now."""
        return dict(self._habits)

    def switch(self, habit: str, on: bool) -> None:
        """Give or take a bad habit; « unplugged » pulls its cable at once."""
        with self._lock:
            self._habits[habit] = on
            if habit == UNPLUGGED and on:
                self._pull()

    def present(self) -> bool:
        """Tell whether its cable is in."""
        return not self._habits[UNPLUGGED]

    def open_line(self) -> Line:
        """Lay a cable and open the till's end of it; OSError when it is unplugged."""
        with self._lock:
            if self._habits[UNPLUGGED]:
                raise OSError(errno.ENOENT, "unplugged")
            self._pull()
            ours, theirs = os.openpty()
            # Before anything is said: a cooked line would echo.
            tty.setraw(theirs)
            try:
                line = SerialLine(os.ttyname(theirs), 9600)
            except OSError:
                os.close(ours)
                raise
            finally:
                os.close(theirs)
            self._ours = ours
            return line

    def scan(self, code: str) -> bool:
        """Read a code aloud; tell whether the cable took it."""
        said = code.encode("utf-8", "replace")
        if self._habits[RUBBISH]:
            said = b"\x00\xff\xfe" + said + b"\x80\x00"
        if not self._habits[NO_END]:
            said += b"\r\n"
        done = self._say(said)
        if self._habits[DOUBLES]:
            time.sleep(self._gap_s * (12 if self._habits[NO_END] else 5))
            done = self._say(said) and done
        return done

    def close(self) -> None:
        """Put it away."""
        with self._lock:
            self._pull()

    def _say(self, data: bytes) -> bool:
        step = 3 if self._habits[SPLIT] else len(data)
        for at in range(0, len(data), step):
            with self._lock:
                if self._ours is None:
                    return False
                try:
                    os.write(self._ours, data[at : at + step])
                except OSError:
                    return False
            if at + step < len(data):
                time.sleep(self._gap_s)
        return True

    def _pull(self) -> None:
        if self._ours is not None:
            os.close(self._ours)
            self._ours = None
