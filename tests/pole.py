"""Bytes for a pole display read by a stranger: what twenty and twenty letters stand on the glass after them.

Written from the displays' manuals, importing nothing of the house. Strict: any byte without a rule, a letter past
the last column, a control byte in the text or an accent before its code page is Unknown.
"""

from dataclasses import dataclass, field

WIDE = 20
# Where displays keep their letters, by the slot of `ESC t n`.
PAGES = {0: "cp437", 2: "cp850", 16: "cp1252", 19: "cp858"}


class Unknown(Exception):
    """Bytes no pole of ours knows."""


@dataclass
class Glass:
    """One picture: its two rows, and the code page they were written in."""

    rows: list[str] = field(default_factory=lambda: ["", ""])
    page: str = ""


def escpos(data: bytes, pages: dict[int, str] | None = None) -> list[Glass]:
    """Read `1B 74 n` once before each picture, `0C`, then forty letters and not one more."""
    known, at, page, out = pages or PAGES, 0, "", []
    while at < len(data):
        if data[at] == 0x1B:
            if data[at + 1 : at + 2] != b"t" or data[at + 2] not in known:
                raise Unknown(f"escape {data[at : at + 3].hex()} at {at}")
            page, at = known[data[at + 2]], at + 3
        elif data[at] == 0x0C:
            letters = data[at + 1 : at + 1 + 2 * WIDE]
            out.append(Glass([_letters(letters[:WIDE], page), _letters(letters[WIDE:], page)], page))
            at += 1 + 2 * WIDE
        else:
            raise Unknown(f"byte {data[at]:02x} at {at}: the picture before it was full")
    return out


def cd5220(data: bytes, page: str = "cp437") -> list[Glass]:
    """Read `0C 1B 51 41 <20> 0D 1B 51 42 <20> 0D`: clearing leaves the string mode that would ignore the rest."""
    out = []
    size = 1 + 2 * (3 + WIDE + 1)
    if len(data) % size:
        raise Unknown("a picture cut short")
    for start in range(0, len(data), size):
        one, glass = data[start : start + size], Glass(page=page)
        if one[0] != 0x0C:
            raise Unknown("a line in string mode without clearing")
        for row, letter in enumerate(b"AB"):
            piece = one[1 + row * 24 : 1 + (row + 1) * 24]
            if piece[:3] != b"\x1bQ" + bytes([letter]) or piece[-1] != 0x0D:
                raise Unknown(piece.hex())
            glass.rows[row] = _letters(piece[3:-1], page)
        out.append(glass)
    return out


def _letters(data: bytes, page: str) -> str:
    if len(data) != WIDE:
        raise Unknown(f"{len(data)} letters instead of {WIDE}")
    if any(byte < 0x20 or byte == 0x7F for byte in data):
        raise Unknown(f"a control byte among the letters: {data.hex()}")
    if any(byte > 0x7F for byte in data) and not page:
        raise Unknown("an accent before any code page")
    return data.decode(page or "ascii")
