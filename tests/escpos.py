"""ESC/POS read by a stranger: bytes in, a list of events out, and a picture of the paper for human eyes.

It was written from the printers' manuals and imports nothing of the house: what it reads is what a
printer would do. It raises Unknown on any byte it has no rule for. Columns are counted as the paper
counts them, a letter of double width as two.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

# Where Epson-like printers keep their letters.
PAGES = {0: "cp437", 2: "cp850", 16: "cp1252", 19: "cp858"}
LOST = re.compile(r"\w\?|\?\w")
DOTS = {48: 576, 42: 512, 32: 384}


class Unknown(Exception):
    """Bytes no printer of ours knows."""


class Event(NamedTuple):
    """One thing the printer does: `what`, and its particulars."""

    what: str
    value: Any = None
    style: str = ""

    def __str__(self) -> str:
        value = repr(self.value) if isinstance(self.value, str) else "" if self.value is None else str(self.value)
        return " ".join(part for part in (self.what, self.style, value) if part)


@dataclass
class _Machine:
    data: bytes
    pages: dict[int, str]
    at: int = 0
    page: str = ""
    flags: set[str] = field(default_factory=set)
    align: str = "L"
    qr: dict[str, Any] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    word: str = ""

    def eat(self, n: int) -> bytes:
        got = self.data[self.at : self.at + n]
        if len(got) != n:
            raise Unknown(f"cut short at {self.at}")
        self.at += n
        return got

    def flush(self) -> None:
        if self.word:
            self.events.append(Event("text", self.word, self.align + "".join(sorted(self.flags))))
            self.word = ""

    def add(self, what: str, value: Any = None) -> None:
        self.flush()
        self.events.append(Event(what, value))

    def flag(self, name: str, on: int) -> None:
        self.flush()
        (self.flags.add if on else self.flags.discard)(name)


def read(data: bytes, pages: dict[int, str] | None = None) -> list[Event]:
    """Return what the printer does with `data`; raise Unknown."""
    m = _Machine(data, pages or PAGES)
    while m.at < len(m.data):
        rule = next((rule for rule in RULES if m.data.startswith(rule, m.at)), None)
        if rule is not None:
            m.at += len(rule)
            RULES[rule](m)
        elif m.data[m.at] < 0x20 or m.data[m.at] == 0x7F:
            raise Unknown(f"{m.data[m.at : m.at + 4].hex(' ')} at {m.at}")
        else:
            _letter(m)
    m.flush()
    return m.events


def _letter(m: _Machine) -> None:
    byte = m.eat(1)
    if byte[0] >= 0x80 and not m.page:
        raise Unknown(f"letter {byte.hex()} before any page at {m.at}")
    m.word += byte.decode(m.page or "ascii")


def _reset(m: _Machine) -> None:
    m.add("reset")
    m.page, m.align = "", "L"
    m.flags.clear()


def _page(m: _Machine) -> None:
    slot = m.eat(1)[0]
    if slot not in m.pages:
        raise Unknown(f"no letters in slot {slot}")
    m.page = m.pages[slot]
    m.add("page", m.page)


def _align(m: _Machine) -> None:
    m.flush()
    if m.events and m.events[-1].what == "text":
        raise Unknown(f"alignment inside a line at {m.at}")
    m.align = {0: "L", 1: "C", 2: "R", 48: "L", 49: "C", 50: "R"}[m.eat(1)[0]]


def _size(m: _Machine) -> None:
    n = m.eat(1)[0]
    if n & ~0x11:
        raise Unknown(f"size {n:02x}")
    m.flag("W", n & 0x10)
    m.flag("T", n & 0x01)


def _barcode(m: _Machine) -> None:
    kind = m.eat(1)[0]
    if kind == 2:
        end = m.data.index(b"\0", m.at)
        m.add("ean13", m.eat(end - m.at).decode("ascii"))
        m.eat(1)
    elif kind == 73:
        text = m.eat(m.eat(1)[0]).decode("ascii")
        if not text.startswith("{B"):
            raise Unknown(f"code 128 without its set: {text}")
        m.add("code128", text[2:].replace("{{", "{"))
    else:
        raise Unknown(f"barcode {kind}")


def _qr(m: _Machine) -> None:
    body = m.eat(int.from_bytes(m.eat(2), "little"))
    if body[:1] != b"1":
        raise Unknown(f"symbol {body[:2]!r}")
    match body[1]:
        case 0x41:
            m.qr = {"model": body[2]}
        case 0x43:
            m.qr["size"] = body[2]
        case 0x45:
            m.qr["level"] = "LMQH"[body[2] - 48]
        case 0x50:
            m.qr["text"] = body[3:].decode("utf-8")
        case 0x51:
            m.add("qr", m.qr.pop("text"))
        case _:
            raise Unknown(f"QR function {body[1]:02x}")


def _image(m: _Machine) -> None:
    wide, high = int.from_bytes(m.eat(2), "little"), int.from_bytes(m.eat(2), "little")
    bits = m.eat(wide * high)
    m.flush()
    m.events.append(Event("image", (wide * 8, high), str(sum(byte.bit_count() for byte in bits))))


def _pulse(m: _Machine) -> None:
    pin, on, _off = m.eat(3)
    m.add("pulse", ({0: 2, 1: 5}[pin], on * 2))


def _value(name: str, size: int = 1) -> Callable[[_Machine], None]:
    return lambda m: m.add(name, m.eat(size).hex())


def _silent(m: _Machine) -> None:
    m.flush()
    m.eat(1)


RULES: dict[bytes, Callable[[_Machine], None]] = {
    b"\n": lambda m: m.add("line"),
    b"\x1b@": _reset,
    b"\x1bt": _page,
    b"\x1bE": lambda m: m.flag("B", m.eat(1)[0] & 1),
    b"\x1ba": _align,
    b"\x1bd": lambda m: m.add("feed", m.eat(1)[0]),
    b"\x1bp": _pulse,
    b"\x1d!": _size,
    b"\x1dB": lambda m: m.flag("I", m.eat(1)[0] & 1),
    b"\x1dVB\x00": lambda m: m.add("cut"),
    b"\x1dv0\x00": _image,
    b"\x1d(k": _qr,
    b"\x1dk": _barcode,
    b"\x1dh": _silent,
    b"\x1dw": _silent,
    b"\x1df": _silent,
    b"\x1dH": _silent,
    b"\x1da\x00": lambda m: m.add("quiet"),
    b"\x1dr\x01": lambda m: m.add("ask in order"),
    b"\x1d(H\x06\x0000": _value("mark", 4),
    b"\x10\x04": _value("ask"),
    b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08": lambda m: m.add("clear"),
    b"\x10\x14\x01": _value("pulse now", 2),
}


def lines(events: list[Event]) -> Iterator[tuple[str, int]]:
    """Yield each line of letters with the columns it takes."""
    text, used = "", 0
    for event in events:
        if event.what == "text":
            text += event.value
            used += len(event.value) * (2 if "W" in event.style else 1)
        elif event.what in ("line", "feed", "cut") and (text or event.what == "line"):
            yield text, used
            text, used = "", 0
    if text:
        yield text, used


def check(data: bytes, columns: int) -> list[Event]:
    """Hold a slip to what every slip must be; return its events."""
    events = read(data)
    wide = [text for text, used in lines(events) if used > columns]
    assert wide == [], wide
    assert [event for event in events if event.what in ("pulse", "pulse now", "clear")] == []
    # The page is said after each reset, before any letter.
    for event, following in pairwise(events):
        assert event.what != "reset" or following.what == "page"
    # A question mark stands apart in French: one that touches a word is a letter that was lost.
    lost = [text for text, _used in lines(events) if LOST.search(text) and "://" not in text]
    assert lost == [], lost
    assert events[-1].what in ("cut", "feed")
    assert all(x <= DOTS[columns] for x, _y in (event.value for event in events if event.what == "image"))
    return events


def picture(events: list[Event], columns: int) -> Any:
    """Return the paper as a picture, 12 dots to a column and 24 to a line: for human eyes."""
    from PIL import Image, ImageDraw, ImageFont

    def letters(size: int) -> Any:
        try:
            return ImageFont.truetype("DejaVuSansMono.ttf", size)
        except OSError:
            return ImageFont.load_default(size)

    font, large = letters(20), letters(40)
    rows = sum(event.value if event.what == "feed" else 1 for event in events if event.what in ("line", "feed")) * 2
    codes = sum(event.what in ("qr", "ean13", "code128", "image") for event in events)
    paper = Image.new("L", (DOTS[columns], rows * 24 + codes * 120 + 48), 255)
    pen, x, y, tall = ImageDraw.Draw(paper), 0, 12, 24
    for event in events:
        if event.what == "text":
            cell = 24 if "W" in event.style else 12
            tall = max(tall, 48 if {"T", "W"} & set(event.style) else 24)
            for char in event.value:
                weight = 1 if "B" in event.style else 0
                pen.text((x + 1, y), char, 0, large if cell == 24 else font, stroke_width=weight)
                x += cell
        elif event.what in ("line", "feed"):
            x, y, tall = 0, y + tall * (event.value or 1), 24
        elif event.what in ("qr", "ean13", "code128", "image"):
            pen.rectangle((8, y, DOTS[columns] - 8, y + 100), outline=0)
            pen.text((16, y + 40), f"{event.what} {event.value}"[:columns], 0, font)
            y += 112
        elif event.what == "cut":
            pen.line((0, y, DOTS[columns], y), 128, 2)
    return paper.crop((0, 0, paper.width, min(paper.height, y + 24)))
