"""The simulated Concert terminal: the other end of a pseudo-terminal, which the driver opens as a serial port."""

import os
import select
import tty
from contextlib import suppress

from pos.hardware.terminals import simulated as habits
from pos.hardware.terminals.answer import Line, LineDown
from pos.hardware.terminals.concert import ACK, DEBIT, ENQ, EOT, NAK, STX, check_byte, frame
from pos.hardware.terminals.lines import SerialLine

_PATIENCE_S = 5.0
_REQUEST = 34


class SimulatedConcert(habits.SimulatedTerminal):
    """Speaks E+ in its turn."""

    def open_line(self) -> Line:
        """Lay a new cable and open the till's end of it."""
        if self._habits[habits.OFF]:
            raise LineDown
        habit = self._seized()
        ours, theirs = os.openpty()
        # Before anything is said: a cooked line would echo.
        tty.setraw(theirs)
        try:
            line = SerialLine(os.ttyname(theirs), 9600)
        finally:
            # The till's own hold is then the last one: when it lets go, this side sees it.
            os.close(theirs)
        self._play(lambda: self._serve(ours, habit))
        return line

    def _serve(self, ours: int, habit: str) -> None:
        try:
            with suppress(OSError):
                self._converse(ours, habit)
            # A terminal that has nothing to say stays plugged in until the till lets go.
            while os.read(ours, 64):
                pass
        finally:
            os.close(ours)

    def _converse(self, ours: int, habit: str) -> None:
        while self._read(ours, 1) != ENQ or habit == habits.BUSY:
            os.write(ours, NAK)
        os.write(ours, ACK)
        body = self._request(ours)
        told = body.decode("ascii")
        amount, private = int(told[2:10]), told[16:26]
        back = told[12] != DEBIT
        if back and self._habits[habits.NO_REFUNDS]:
            habit = habits.REFUSES
        taken = self._served(private.strip(), amount, habit, back=back)
        if habit not in (habits.VANISHES, habits.VANISHES_PAID):
            said = amount + 100 if habit == habits.WRONG_AMOUNT else amount
            self._answer(ours, f"{told[:2]}{'0' if taken else '7'}{said:08d}1978{private}".encode(), habit)

    def _request(self, ours: int) -> bytes:
        """Take the frame, asking anew while its check byte is wrong; then its end."""
        while True:
            while self._read(ours, 1) != STX:
                pass
            body, end = self._read(ours, _REQUEST), self._read(ours, 2)
            if end[1:] == check_byte(body):
                break
            os.write(ours, NAK)
        os.write(ours, ACK)
        if self._read(ours, 1) != EOT:
            raise OSError
        return body

    def _answer(self, ours: int, body: bytes, habit: str) -> None:
        os.write(ours, ENQ)
        if self._read(ours, 1) != ACK:
            raise OSError
        framed = frame(body)
        spoilt = framed[:-1] + bytes([framed[-1] ^ 0x55])
        said = NAK
        # Three times at most, the first one spoilt when it is so minded.
        for one in range(3):
            sent = spoilt if habit == habits.BAD_CHECK and one == 0 else framed
            for at in range(0, len(sent), step := 1 if habit == habits.FRAGMENTS else len(sent)):
                os.write(ours, sent[at : at + step])
            said = self._read(ours, 1)
            if said == ACK:
                break
        os.write(ours, EOT)

    def _read(self, ours: int, size: int) -> bytes:
        """Return exactly `size` bytes; a till that says nothing or lets go ends the conversation."""
        data = b""
        while len(data) < size:
            ready, _w, _x = select.select([ours], [], [], _PATIENCE_S)
            if not ready or not (piece := os.read(ours, size - len(data))):
                raise OSError
            data += piece
        return data
