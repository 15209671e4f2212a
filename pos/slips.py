"""What to print, as pure data, and how it falls on a roll of paper so many columns wide.

    slip = Slip("Bread for tomorrow", (Columns("Baguette", "12"), Rule(), Barcode("CODE128", "B-12")))
    print(as_text(slip, 48))

A slip is made of parts; `lay` turns it into rows that never pass the width, measured after the text
was brought to what a till printer can write (Latin-1 and the euro). The demonstration banner is laid
here and not by whoever makes the slip, so that no slip can forget it.
"""

import logging
import textwrap
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pos import release
from pos.i18n import N_, _

WIDE_PAPER, USUAL_PAPER, NARROW_PAPER = 48, 42, 32
# Below this a label beside its amount is unreadable: it goes above.
LABEL_MIN = 8
# Room kept on the right for the amount when a unit price stands before it: « 999,99 € A ».
AMOUNT_ROOM = 12
BANNER = N_("DEMONSTRATION, do not take money")

_NBSP = "\u00a0"
_SAID = str.maketrans({
    "œ": "oe", "Œ": "OE", "’": "'", "‘": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "−": "-",
    "‐": "-", "‑": "-", "…": "...", "•": "*", "\u202f": _NBSP, "\u2009": _NBSP, "\u2007": _NBSP, "\t": " ",
    "→": ">", "✓": "x", "ẞ": "SS", "☐": "[ ]", "☑": "[x]", "✔": "x", "★": "*", "←": "<",
    "Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "ı": "i", "\u2028": "\n", "\u2029": "\n",
})  # fmt: skip
_log = logging.getLogger(__name__)

Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph. `wide` doubles both ways, `tall` only the height."""

    text: str
    bold: bool = False
    wide: bool = False
    tall: bool = False
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Columns:
    """A label on the left that wraps, an amount on the right that does not.

    `middle` (a unit price) stands before the amount where there is room, under the label otherwise.
    """

    left: str
    right: str
    middle: str = ""
    bold: bool = False
    tall: bool = False
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, the first on the left, the others on the right under each other."""

    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""

    mark: str = "-"


@dataclass(frozen=True, slots=True)
class Barcode:
    """A code to scan: EAN13 (13 digits) or CODE128 (printable ASCII)."""

    symbology: Literal["EAN13", "CODE128"]
    code: str


@dataclass(frozen=True, slots=True)
class Qr:
    """A square code to scan with a telephone."""

    content: str


@dataclass(frozen=True, slots=True)
class Logo:
    """The café's sign, where the printer's settings have one; nothing elsewhere."""


@dataclass(frozen=True, slots=True)
class Feed:
    """Empty lines."""

    lines: int = 1


@dataclass(frozen=True, slots=True)
class Cut:
    """Cut here: several tickets in one slip. A slip always ends with a cut of its own."""


Part = Text | Columns | Table | Rule | Barcode | Qr | Logo | Feed | Cut


@dataclass(frozen=True, slots=True)
class Slip:
    """A piece of paper. `title` names it in the list of prints and heads it, unless `titled` is off."""

    title: str
    parts: tuple[Part, ...]
    titled: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One printed row: `pad` ordinary columns, then the text in its style."""

    text: str
    bold: bool = False
    wide: bool = False
    tall: bool = False
    pad: int = 0

    @property
    def columns(self) -> int:
        """How many columns of paper the row takes."""
        return self.pad + len(self.text) * (2 if self.wide else 1)

    @property
    def shown(self) -> str:
        """The row in fixed-width text; wide letters are shown in the middle of their room."""
        return (" " * (self.pad + (len(self.text) // 2 if self.wide else 0)) + self.text).rstrip()


Laid = Row | Barcode | Qr | Logo | Cut


def plain(text: str, euro: str = "€") -> str:
    """Return `text` in what a till printer writes: Latin-1 and the euro, no control byte but newline.

    What has no equal becomes its base letter, else « ? »; only its code point is logged, never the text.
    """
    kept = (c for c in text.translate(_SAID) if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf"))
    out: list[str] = []
    for char in unicodedata.normalize("NFC", "".join(kept)):
        if _printable(char):
            out.append(char)
        elif unicodedata.category(char) == "Zs":
            out.append(" ")
        elif not unicodedata.combining(char) and unicodedata.category(char) != "Mn":
            out.append(_nearest(char))
    return "".join(out).replace("€", euro)


def _printable(char: str) -> bool:
    return " " <= char <= "~" or "\u00a0" <= char <= "\u00ff" or char in "€\n"


def _nearest(char: str) -> str:
    base = "".join(c for c in unicodedata.normalize("NFKD", char).translate(_SAID) if _printable(c))
    if not base:
        _log.info("no printable form for U+%04X", ord(char))
    return base or "?"


def lay(slip: Slip, width: int, euro: str = "€") -> list[Laid]:
    """Return the rows of `slip` on paper `width` columns wide, the demonstration banner included."""
    parts = list(slip.parts)
    if slip.titled:
        parts = [Text(slip.title, bold=True, tall=True, align="center"), Rule("="), *parts]
    if release.DEMONSTRATION:
        banner = Text(_(BANNER), bold=True, align="center")
        parts = [banner, *parts, banner]
    return [laid for part in parts for laid in lay_part(part, width, euro)]


def as_text(slip: Slip, width: int, euro: str = "€") -> str:
    """Return the slip as fixed-width lines: for files, tests and a plain preview."""
    lines: list[str] = []
    for laid in lay(slip, width, euro):
        match laid:
            case Row():
                lines.append(laid.shown)
            case Barcode() | Qr():
                lines += _code_as_text(laid, width)
            case Cut():
                lines.append("")
    return "\n".join(lines) + "\n"


def _code_as_text(code: Barcode | Qr, width: int) -> list[str]:
    told = f"[QR {code.content}]" if isinstance(code, Qr) else f"[{code.symbology} {code.code}]"
    return [row.shown for row in _lay_text(Text(told, align="center"), width, "€")]


def lay_part(part: Part, width: int, euro: str = "€") -> Iterator[Laid]:
    """Yield the rows of one part, without banner."""
    match part:
        case Text():
            yield from _lay_text(part, width, euro)
        case Columns():
            yield from _lay_columns(part, width, euro)
        case Table():
            yield from _lay_table(part, width, euro)
        case Rule():
            yield Row((part.mark[:1] if "!" <= part.mark[:1] <= "~" else "-") * width)
        case Feed():
            yield from (Row("") for _line in range(max(0, part.lines)))
        case Barcode() | Qr() | Logo() | Cut():
            yield part


def _lay_text(part: Text, width: int, euro: str) -> Iterator[Row]:
    room = width // 2 if part.wide else width
    for line in _wrap(plain(part.text, euro), room):
        taken = len(line) * (2 if part.wide else 1)
        pad = {"left": 0, "center": (width - taken) // 2, "right": width - taken}[part.align]
        yield Row(line, part.bold, part.wide, part.tall or part.wide, pad)


def _lay_columns(part: Columns, width: int, euro: str) -> Iterator[Row]:
    indent = min(max(0, part.indent), width // 4)
    room = width - indent
    left, middle, right = (_one_line(plain(text, euro)) for text in (part.left, part.middle, part.right))
    below = ""
    if middle:
        right, below = _with_middle(left, middle, right, room)
    right = right.replace(_NBSP, " ") if len(right) <= room else right
    for line in _beside(left, right, room):
        yield Row(line, part.bold, tall=part.tall, pad=indent)
    for line in _wrap(below, max(1, room - 2)) if below else ():
        yield Row(line, part.bold, tall=part.tall, pad=min(indent + 2, width - 1))


def _with_middle(left: str, middle: str, right: str, room: int) -> tuple[str, str]:
    """Return the right-hand text with the unit price before it, or the unit price apart."""
    both = middle + right.rjust(max(AMOUNT_ROOM, len(right) + 2))
    return (both, "") if len(left) + 1 + len(both) <= room else (right, middle)


def _beside(left: str, right: str, room: int) -> Iterator[str]:
    """Yield a label and its amount: side by side, or one above the other when the paper is too narrow."""
    beside = room - len(right) - 1 if right else room
    if beside < min(LABEL_MIN, max(1, len(left))):
        yield from _wrap(left, room) if left else ()
        yield from (line.rjust(room) for line in _wrap(right, room))
        return
    first, *others = _wrap(left, beside, hang=2)
    yield first.ljust(room - len(right)) + right if right else first
    yield from others


def _lay_table(part: Table, width: int, euro: str) -> Iterator[Row]:
    rows = [tuple(_one_line(plain(cell, euro)) for cell in row) for row in part.rows if row]
    if not rows:
        return
    others = max(len(row) for row in rows) - 1
    sizes = [max((len(row[i + 1]) for row in rows if i + 1 < len(row)), default=0) for i in range(others)]
    first = max(len(row[0]) for row in rows)
    air = min(4, (width - first - sum(sizes)) // max(1, others))
    for row in rows:
        if air >= 1:
            cells = "".join(cell.rjust(size + air) for cell, size in zip(row[1:], sizes, strict=False))
            yield Row((row[0] + cells.rjust(width - len(row[0]))).replace(_NBSP, " "))
        else:
            yield from (Row(line.replace(_NBSP, " ")) for line in _beside(row[0], "  ".join(row[1:]), width))


def _one_line(text: str) -> str:
    return " ".join(text.replace("\n", " ").split(" ")).strip(" ")


def _wrap(text: str, width: int, hang: int = 0) -> list[str]:
    """Wrap at spaces, never at a no-break one; break a word only when it is longer than the line."""
    hang = hang if hang * 3 < width else 0
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines += textwrap.wrap(
            paragraph, max(1, width), break_on_hyphens=False, subsequent_indent=" " * hang
        ) or [""]  # fmt: skip
    return [line.replace(_NBSP, " ") for line in lines]
