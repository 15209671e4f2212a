"""Caisse-AP over IP: records TAG(2) LENGTH(3) VALUE on TCP, one connection per payment, the terminal as server.

A message has no total length: it is read until its records are whole and a short silence follows.
"""

import time
from collections.abc import Callable

from pos.hardware.terminals.answer import (
    ACCEPTED,
    BY_HAND,
    CANCEL,
    CANNOT,
    COLLECT,
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

DEBIT, CREDIT, CANCELLATION, COLLECTION = "0", "1", "2", "B"
_ACTIONS = {PAY: DEBIT, REFUND: CREDIT, CANCEL: CANCELLATION, COLLECT: COLLECTION}
EURO = "978"
# The identifier of a till publisher that terminals take from anybody.
PUBLISHER = "012345678901"
_DONE, _NOT_DONE = "10", "01"
# Forbidden, unknown action: it does not do this for a till, and did nothing.
_NOT_FOR_A_TILL = ("05", "12")
# The longest answer holds two tickets of a thousand characters.
_MOST_BYTES = 8192


class NotRecords(ValueError):
    """Bytes that are no records, whatever may follow."""


def request(amount: int, reference: str = "", *, till: str = "01", action: str = DEBIT) -> bytes:
    """Return the bytes that ask for `amount` cents, answered at the end of the transaction."""
    told = {"CZ": "0300", "CJ": PUBLISHER, "CA": till, "CE": EURO, "BA": "0", "CD": action, "CB": f"{amount:02d}"}
    if reference:
        told["CF"] = reference
    return write_records(told)


def write_records(told: dict[str, str]) -> bytes:
    """Return records as bytes, in the order given (the version comes first)."""
    return "".join(f"{tag}{len(value):03d}{value}" for tag, value in told.items()).encode("ascii")


def read_records(data: bytes) -> dict[str, str] | None:
    """Return the records of `data`, None while the last one is not whole; raise NotRecords."""
    found: dict[str, str] = {}
    at = 0
    while at < len(data):
        tag, length = data[at : at + 2], data[at + 2 : at + 5]
        if not (tag.isalnum() and tag.upper() == tag) or (length and not length.isdigit()):
            raise NotRecords
        if len(length) < 3 or at + 5 + int(length) > len(data):
            return None
        end = at + 5 + int(length)
        found[tag.decode("ascii")] = data[at + 5 : end].decode("latin-1")
        at = end
    return found


class CaisseAp:
    """Drives one terminal; `open_line` is called anew for each payment, `look` tells whether anybody is there."""

    linked = True
    free_to_look = False

    def __init__(
        self, open_line: Callable[[], Line], *, till: str = "01", answer_s: float = 180.0, quiet_s: float = 0.6,
        look: Callable[[], bool] = lambda: True,
    ) -> None:  # fmt: skip
        self._open_line, self._till = open_line, till
        self._answer_s, self._quiet_s, self._look = answer_s, quiet_s, look
        self.does, self.reached = frozenset(_ACTIONS), False

    def pay(self, reference: str, amount: int) -> Answer:
        """Ask for `amount` cents."""
        return self.ask(PAY, reference, amount)

    def here(self) -> bool:
        """Connect and hang up: nothing is said to it."""
        return self._look()

    def ask(self, action: str, reference: str, amount: int) -> Answer:
        """Ask once; what is not clearly about this payment is a doubt."""
        self.reached = False
        try:
            line = self._open_line()
        except LineDown:
            return Answer(BY_HAND, why=UNREACHED)
        self.reached = True
        code = _ACTIONS[action]
        try:
            # From the first byte on, the terminal may take the money.
            line.write(request(amount, reference, till=self._till, action=code))
            told = self._listen(line)
        except (LineDown, LineQuiet):
            return Answer(UNKNOWN, why=SILENT)
        except NotRecords:
            return Answer(UNKNOWN, why=ODD)
        finally:
            line.close()
        return self._judge(told, reference, amount, code)

    def _listen(self, line: Line) -> dict[str, str]:
        """Return the whole answer; raise LineQuiet, LineDown or NotRecords."""
        deadline = time.monotonic() + self._answer_s
        data, told = b"", None
        while len(data) < _MOST_BYTES:
            # Records cut at a boundary look whole: until the result is there, the customer still types.
            whole = told is not None and "AE" in told
            try:
                left = deadline - time.monotonic()
                data += line.read(1024, min(left, self._quiet_s) if whole else left)
            except (LineQuiet, LineDown):
                if whole and told is not None:
                    return told
                raise
            told = read_records(data)
        raise NotRecords

    def _judge(self, told: dict[str, str], reference: str, amount: int, code: str) -> Answer:
        asked = {"CA": self._till, "CD": code, "CE": EURO, "CF": reference}
        # A terminal may leave out what it was told; what it repeats must be what was asked.
        same = all(told.get(tag, value) == value for tag, value in asked.items())
        # What the day added up to, or nothing, may stand where a collection asked for no amount.
        sum_told = "0" if code == COLLECTION else told.get("CB", "")
        if not same or not (sum_told.isascii() and sum_told.isdecimal()) or int(sum_told) != amount:
            return Answer(UNKNOWN, why=ODD)
        if told["AE"] == _DONE:
            return Answer(ACCEPTED, ref=told.get("AC", "").strip())
        if told["AE"] == _NOT_DONE and code != DEBIT and told.get("AF") in _NOT_FOR_A_TILL:
            return Answer(BY_HAND, why=CANNOT)
        return Answer(REFUSED) if told["AE"] == _NOT_DONE else Answer(UNKNOWN, why=ODD)
