"""What a till printer would put on paper: a strict reader of ESC/POS bytes.

It shares no code with what writes them, so that the two can be held against each other. It knows the
commands we send and a few neighbours, and raises NotEscpos on anything else. Long lines are broken at
the paper's width as a printer does, and text after `ESC @` must say its code page first.
"""

from dataclasses import dataclass, field, replace

# Slot of `ESC t n` -> Python codec, as on Epson-like printers.
CODE_PAGES = {0: "cp437", 2: "cp850", 16: "cp1252", 19: "cp858"}
_LEFT, _CENTER, _RIGHT = 0, 1, 2
# Function A codes end with a zero byte, function B ones carry their length.
_BARCODES_A = {0: "UPC-A", 2: "EAN13", 3: "EAN8", 4: "CODE39"}
_BARCODES_B = {65: "UPC-A", 67: "EAN13", 68: "EAN8", 69: "CODE39", 73: "CODE128"}


class NotEscpos(ValueError):
    """The bytes are not a command this printer knows, at `at`."""

    def __init__(self, at: int, what: str) -> None:
        super().__init__(f"byte {at}: {what}")
        self.at = at


@dataclass(frozen=True, slots=True)
class Run:
    """Letters of one style."""

    text: str
    bold: bool = False
    wide: bool = False
    tall: bool = False
    underline: bool = False
    inverse: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the paper: its runs, or a code to scan (`code` is « EAN13 », « CODE128 », « QR »), or « IMAGE »."""

    runs: tuple[Run, ...] = ()
    align: str = "left"
    code: str = ""
    content: str = ""
    # Past the edge: the printer broke the line by itself.
    broken: bool = False

    @property
    def text(self) -> str:
        """The line in fixed-width text; wide letters are shown in the middle of their room."""
        if self.code:
            return f"[{self.code} {self.content}]"
        return "".join(_shown(run) for run in self.runs).rstrip()


def _shown(run: Run) -> str:
    if not run.wide:
        return run.text
    before = len(run.text) // 2
    return " " * before + run.text + " " * (len(run.text) - before)


@dataclass(slots=True)
class Paper:
    """What came out: slips of lines (a new one after each cut), drawer pulses, and what was asked."""

    slips: list[list[Line]] = field(default_factory=list)
    cuts: int = 0
    # Pins the drawer was pulsed on.
    pulses: list[int] = field(default_factory=list)
    # In-order status requests (`GS r`).
    asked: int = 0
    # Why reading stopped before the end, when it was allowed to.
    spoilt: str = ""

    @property
    def lines(self) -> list[Line]:
        """Every line, cuts apart."""
        return [line for slip in self.slips for line in slip]


def decode(data: bytes, columns: int = 48, *, slots: dict[int, str] | None = None, strict: bool = True) -> Paper:
    """Return what `data` prints on paper `columns` wide; raise NotEscpos, or stop there if not `strict`."""
    reader = _Reader(data, columns, slots or CODE_PAGES)
    try:
        reader.read()
    except NotEscpos as problem:
        if strict:
            raise
        reader.paper.spoilt = str(problem)
    reader.finish()
    return reader.paper


class _Reader:
    def __init__(self, data: bytes, columns: int, slots: dict[int, str]) -> None:
        self.data, self.columns, self.slots = data, columns, slots
        self.at = 0
        self.paper = Paper()
        self.slip: list[Line] = []
        self.qr = b""
        self._reset()

    def _reset(self) -> None:
        self.page = ""
        self.style = Run("")
        self.align = _LEFT
        self.runs: list[Run] = []
        self.used = 0

    def take(self, size: int) -> bytes:
        piece = self.data[self.at : self.at + size]
        if len(piece) < size:
            raise NotEscpos(self.at, "the bytes end inside a command")
        self.at += size
        return piece

    def byte(self) -> int:
        return self.take(1)[0]

    def read(self) -> None:
        while self.at < len(self.data):
            byte = self.byte()
            if byte == 0x0A:
                self.end_line()
            elif byte == 0x1B:
                self._escape()
            elif byte == 0x1D:
                self._group()
            elif byte == 0x10:
                self._real_time()
            elif byte < 0x20 or byte == 0x7F:
                raise NotEscpos(self.at - 1, f"control byte {byte:02x} in the text")
            else:
                self._letter(byte)

    def _letter(self, byte: int) -> None:
        if byte >= 0x80 and not self.page:
            raise NotEscpos(self.at - 1, "an accent before any code page")
        char = bytes([byte]).decode(self.page or "ascii", "replace")
        size = 2 if self.style.wide else 1
        if self.used + size > self.columns:
            self.end_line(broken=True)
        self.used += size
        if self.runs and replace(self.runs[-1], text="") == self.style:
            self.runs[-1] = replace(self.runs[-1], text=self.runs[-1].text + char)
        else:
            self.runs.append(replace(self.style, text=char))

    def end_line(self, *, broken: bool = False) -> None:
        align = ("left", "center", "right")[self.align]
        self.slip.append(Line(tuple(self.runs), align, broken=broken))
        self.runs, self.used = [], 0

    def finish(self) -> None:
        if self.runs:
            self.end_line()
        if self.slip:
            self.paper.slips.append(self.slip)
            self.slip = []

    def _escape(self) -> None:
        command = self.take(1)
        match command:
            case b"@":
                self._reset()
            case b"t":
                self._code_page(self.byte())
            case b"E":
                self.style = replace(self.style, bold=bool(self.byte() & 1))
            case b"-":
                self.style = replace(self.style, underline=self.byte() in (1, 2, 49, 50))
            case b"!":
                n = self.byte()
                self.style = Run("", bold=bool(n & 8), wide=bool(n & 32), tall=bool(n & 16), underline=bool(n & 128))
            case b"a":
                self._align(self.byte())
            case b"d":
                self._feed(self.byte())
            case b"p":
                self._pulse(self.byte())
                self.take(2)
            case _:
                raise NotEscpos(self.at - 2, f"unknown command ESC {command.hex()}")

    def _code_page(self, slot: int) -> None:
        if slot not in self.slots:
            raise NotEscpos(self.at - 1, f"no code page in slot {slot}")
        self.page = self.slots[slot]

    def _pulse(self, socket: int) -> None:
        pin = {0: 2, 48: 2, 1: 5, 49: 5}.get(socket)
        if pin is None:
            raise NotEscpos(self.at - 1, "no such drawer")
        self.paper.pulses.append(pin)

    def _align(self, n: int) -> None:
        if self.runs:
            raise NotEscpos(self.at - 1, "alignment changed inside a line")
        if n % 48 > _RIGHT:
            raise NotEscpos(self.at - 1, f"no alignment {n}")
        self.align = n % 48

    def _feed(self, lines: int) -> None:
        if self.runs:
            self.end_line()
            lines -= 1
        for _line in range(lines):
            self.end_line()

    def _group(self) -> None:
        command = self.take(1)
        match command:
            case b"!":
                n = self.byte()
                if n not in (0x00, 0x01, 0x10, 0x11):
                    raise NotEscpos(self.at - 1, f"size {n:02x} is not one of ours")
                self.style = replace(self.style, wide=bool(n & 0x10), tall=bool(n & 0x01))
            case b"B":
                self.style = replace(self.style, inverse=bool(self.byte() & 1))
            case b"V":
                self._cut(self.byte())
            case b"h" | b"w" | b"f" | b"H" | b"a":
                self.byte()
            case b"r":
                self.byte()
                self.paper.asked += 1
            case b"k":
                self._barcode(self.byte())
            case b"(":
                self._block()
            case b"v":
                self._picture()
            case _:
                raise NotEscpos(self.at - 2, f"unknown command GS {command.hex()}")

    def _cut(self, mode: int) -> None:
        if mode in (65, 66):
            self.byte()
        elif mode not in (0, 1, 48, 49):
            raise NotEscpos(self.at - 1, f"no cut {mode}")
        self.finish()
        self.paper.cuts += 1

    def _barcode(self, kind: int) -> None:
        if kind in _BARCODES_A:
            end = self.data.find(b"\0", self.at)
            if end < 0:
                raise NotEscpos(self.at, "a barcode without end")
            name, code = _BARCODES_A[kind], self.take(end - self.at)
            self.take(1)
        elif kind in _BARCODES_B:
            name, code = _BARCODES_B[kind], self.take(self.byte())
        else:
            raise NotEscpos(self.at - 1, f"no barcode {kind}")
        text = code.decode("ascii", "replace")
        if name == "CODE128":
            if text[:2] not in ("{A", "{B", "{C"):
                raise NotEscpos(self.at, "CODE128 does not say its set")
            text = text[2:].replace("{{", "{")
        self._code(name, text)

    def _picture(self) -> None:
        if self.take(2) != b"0\x00":
            raise NotEscpos(self.at, "unknown picture")
        wide, high = int.from_bytes(self.take(2), "little"), int.from_bytes(self.take(2), "little")
        self.take(wide * high)
        self._code("IMAGE", f"{wide * 8}x{high}")

    def _block(self) -> None:
        family = self.take(1)
        body = self.take(int.from_bytes(self.take(2), "little"))
        if family == b"H":
            return
        if family != b"k" or body[:1] != b"1":
            raise NotEscpos(self.at, f"unknown block {family!r}")
        match body[1]:
            case 0x41 | 0x43 | 0x45:
                pass
            case 0x50:
                self.qr = body[3:]
            case 0x51:
                self._code("QR", self.qr.decode("utf-8", "replace"))
            case _:
                raise NotEscpos(self.at, f"unknown QR function {body[1]:02x}")

    def _code(self, name: str, content: str) -> None:
        if self.runs:
            self.end_line()
        align = ("left", "center", "right")[self.align]
        self.slip.append(Line((), align, code=name, content=content))

    def _real_time(self) -> None:
        command = self.byte()
        if command == 0x04:
            self.byte()
            return
        what = self.byte() if command == 0x14 else 0
        if what == 1:
            self._pulse(self.byte())
            self.byte()
        elif what == 8 and self.take(7) == b"\x01\x03\x14\x01\x06\x02\x08":
            self._reset()
            self.slip = []
        else:
            raise NotEscpos(self.at - 1, f"unknown real-time command {command:02x}")
