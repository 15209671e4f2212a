"""Concert E+ over a serial line: ENQ, a frame with its check byte, EOT; then the terminal's turn to say the outcome.

The check byte may be any byte, a control one included: frames are read by place and length.
"""

import time
from collections.abc import Callable
from functools import reduce
from operator import xor

from pos.hardware.terminals.answer import (
    ACCEPTED,
    BUSY,
    BY_HAND,
    CANCEL,
    CANNOT,
    ODD,
    PAY,
    REFUND,
    REFUSED,
    SILENT,
    UNKNOWN,
    UNREACHED,
    Answer,
    Line,
    LineDown,
    LineQuiet,
)

STX, ETX, EOT, ENQ, ACK, NAK = b"\x02", b"\x03", b"\x04", b"\x05", b"\x06", b"\x15"
DEBIT, CREDIT, CANCELLATION = "0", "1", "2"
# The protocol has no message for the end of the day.
_ACTIONS = {PAY: DEBIT, REFUND: CREDIT, CANCEL: CANCELLATION}
EURO = "978"
# An answer with and without the field of the card's data (some terminals leave it out though asked).
SHORT, LONG = 25, 80
# Wait for the end of the transaction, and let the terminal decide whether to call the bank.
_EXTENDED = "A010B010"
_ACCEPTED, _REFUSED = "0", "7"


class Garbled(Exception):
    """A frame with a wrong check byte or a wrong length."""


def check_byte(body: bytes) -> bytes:
    """Return the exclusive or of the body and ETX."""
    return bytes([reduce(xor, body, ETX[0])])


def frame(body: bytes) -> bytes:
    """Return a body between its marks, with its check byte."""
    return STX + body + ETX + check_byte(body)


def request(
    amount: int, reference: str = "", *, till: str = "01", action: str = DEBIT, card_data: bool = False,
    extended: bool = True,
) -> bytes:  # fmt: skip
    """Return the body that asks for `amount` cents: 34 characters, 26 in the older protocol E."""
    told = f"{till}{amount:08d}{int(card_data)}1{action}{EURO}{reference:<10}"
    return (told + (_EXTENDED if extended else "")).encode("ascii")


class Concert:
    """Drives one terminal; `open_line` is called anew for each payment, `look` tells whether its port is there."""

    linked = True
    free_to_look = True

    def __init__(
        self, open_line: Callable[[], Line], *, till: str = "01", byte_s: float = 3.0, answer_s: float = 180.0,
        again_s: float = 1.0, tries: int = 3, look: Callable[[], bool] = lambda: True,
    ) -> None:  # fmt: skip
        self._open_line, self._till, self._look = open_line, till, look
        self._byte_s, self._answer_s, self._again_s, self._tries = byte_s, answer_s, again_s, tries
        self.does, self.reached = frozenset(_ACTIONS), False

    def pay(self, reference: str, amount: int) -> Answer:
        """Ask for `amount` cents."""
        return self.ask(PAY, reference, amount)

    def here(self) -> bool:
        """Look for the port: nothing is said on it."""
        return self._look()

    def ask(self, action: str, reference: str, amount: int) -> Answer:
        """Ask once; what is not clearly about this payment is a doubt."""
        self.reached = False
        if action not in _ACTIONS:
            return Answer(BY_HAND, why=CANNOT)
        # The frame has ten characters for it: the end of an id is its chance, the beginning its hour.
        reference = reference[-10:]
        try:
            line = self._open_line()
        except LineDown:
            return Answer(BY_HAND, why=UNREACHED)
        try:
            return self._dialogue(line, reference, amount, _ACTIONS[action])
        finally:
            line.close()

    def _dialogue(self, line: Line, reference: str, amount: int, code: str) -> Answer:
        try:
            deaf = self._greeted(line)
        except LineDown:
            deaf = UNREACHED
        if deaf:
            return Answer(BY_HAND, why=deaf)
        self.reached = True
        try:
            if not self._handed_over(line, frame(request(amount, reference, till=self._till, action=code))):
                return Answer(BY_HAND, why=BUSY)
            body = self._listen(line)
        except (LineDown, LineQuiet):
            return Answer(UNKNOWN, why=SILENT)
        except Garbled:
            return Answer(UNKNOWN, why=ODD)
        return self._judge(body.decode("latin-1"), reference, amount)

    def _greeted(self, line: Line) -> str:
        """Ask whether the terminal listens, a few times; return why it does not. Nothing is asked of it yet."""
        deaf = UNREACHED
        for one in range(self._tries):
            if one:
                time.sleep(self._again_s)
            line.write(ENQ)
            try:
                if line.read(1, self._byte_s) == ACK:
                    return ""
                deaf = BUSY
            except LineQuiet:
                pass
            line.write(EOT)
        return deaf

    def _handed_over(self, line: Line, framed: bytes) -> bool:
        """Send the frame until it is understood; silence raises LineQuiet, a terminal that never does is told False."""
        for _one in range(self._tries):
            line.write(framed)
            said = line.read(1, self._byte_s)
            if said == ACK:
                line.write(EOT)
                return True
            if said != NAK:
                raise Garbled
        line.write(EOT)
        return False

    def _listen(self, line: Line) -> bytes:
        """Wait for the customer, then read the answer, asking for it anew when it is spoilt on its way."""
        deadline = time.monotonic() + self._answer_s
        while line.read(1, deadline - time.monotonic()) != ENQ:
            pass
        line.write(ACK)
        for _one in range(self._tries):
            try:
                body = self._read_frame(line)
            except Garbled:
                self._let_pass(line)
                line.write(NAK)
                continue
            line.write(ACK)
            return body
        raise Garbled

    def _read_frame(self, line: Line) -> bytes:
        while (mark := line.read(1, self._byte_s)) != STX:
            if mark == ENQ:
                # It did not hear that it was heard.
                line.write(ACK)
        body = self._exactly(line, SHORT)
        end = self._exactly(line, 1)
        if end != ETX:
            body += end + self._exactly(line, LONG - SHORT - 1)
            end = self._exactly(line, 1)
        if self._exactly(line, 1) != check_byte(body) or end != ETX:
            raise Garbled
        return body

    def _exactly(self, line: Line, size: int) -> bytes:
        data = b""
        while len(data) < size:
            data += line.read(size - len(data), self._byte_s)
        return data

    def _let_pass(self, line: Line) -> None:
        """Drop what is left of a spoilt frame."""
        try:
            while True:
                line.read(256, min(0.1, self._byte_s))
        except LineQuiet:
            return

    def _judge(self, told: str, reference: str, amount: int) -> Answer:
        till, outcome, sum_told = told[:2], told[2], told[3:11]
        currency, private = told[-13:-10], told[-10:]
        same = till == self._till and currency == EURO and private.rstrip() == reference
        if not same or sum_told != f"{amount:08d}" or outcome not in (_ACCEPTED, _REFUSED):
            return Answer(UNKNOWN, why=ODD)
        return Answer(ACCEPTED, ref=private.strip()) if outcome == _ACCEPTED else Answer(REFUSED)
