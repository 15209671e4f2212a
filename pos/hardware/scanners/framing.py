"""Codes out of a scanner's bytes: where one ends, what of it is rubbish, which is the same one twice. Pure.

A scanner ends its codes by CR, LF, TAB or ETX as it is set; one that is not ends them by its silence.
Once it ended a code by a sign it is believed to go on so: what then stops without one may be a half, and is told
as unread. From the next code on its silence counts again.
"""

ENDS = b"\r\n\t\x03"
START = 0x02
# Between the parts of a GS1 code.
GROUP = 0x1D
# Stands for what cannot be read inside a code: nobody knows such a code, so that it is read again.
UNREAD = "?"
LONGEST = 256


class Framing:
    """The bytes of one line, as they come in any pieces."""

    def __init__(self, *, silence_s: float = 0.1, late_s: float = 1.0, longest: int = LONGEST) -> None:
        self._silence_s, self._late_s, self._longest = silence_s, late_s, longest
        self._text: list[str] = []
        self._noise = False
        self._ends = False

    @property
    def wait_s(self) -> float | None:
        """How long the rest of a code is waited for; None when nothing is under way."""
        if not self._text:
            return None
        return self._late_s if self._ends else self._silence_s

    def feed(self, data: bytes) -> list[str]:
        """Return the codes that end in `data`."""
        codes = []
        for byte in data:
            if byte in ENDS:
                self._ends = self._ends or bool(self._text)
                codes += self._taken()
            elif byte == START:
                self._taken()
            elif byte == GROUP or 0x20 <= byte < 0x7F:
                self._add(chr(byte))
            else:
                self._noise = True
        return codes

    def silent(self) -> list[str]:
        """Return the code that the silence ends; of a scanner that ends its codes by a sign, it is not sure."""
        codes = self._taken()
        if not self._ends:
            return codes
        self._ends = False
        return [code[: self._longest - 1] + UNREAD for code in codes]

    def _add(self, sign: str) -> None:
        # Rubbish before and after a code is the cable's; inside it, the code is not sure.
        if self._noise and self._text:
            self._text.append(UNREAD)
        self._noise = False
        if len(self._text) < self._longest:
            self._text.append(sign)

    def _taken(self) -> list[str]:
        code = "".join(self._text)[: self._longest].strip(" \x1d")
        self._text, self._noise = [], False
        return [code] if code else []


class Doubles:
    """A trigger that bounces reads one code twice: the second is dropped, a later one is another article."""

    def __init__(self, window_s: float = 0.4) -> None:
        self._window_s = window_s
        self._last, self._at = "", float("-inf")

    def fresh(self, code: str, at: float) -> bool:
        """Tell whether this reading counts, at a monotonic time in seconds."""
        if code == self._last and at - self._at < self._window_s:
            return False
        self._last, self._at = code, at
        return True
