"""What a pole display says: two rows of twenty letters, and the bytes that put them there. Pure.

Each picture is whole: cleared, then twenty and twenty letters, never a line feed, which would scroll. The code
page is said each time too: a display that was off and on has forgotten it.
"""

import unicodedata
from dataclasses import dataclass

from pos.hardware.display.sight import BILL, CARD, PAID, THANKS, TRAINING, Sight
from pos.i18n import _
from pos.money import format_euros
from pos.slips import plain

COLUMNS = 20
ESCPOS, CD5220, PLAIN = "escpos", "cd5220", "plain"
DIALECTS = (ESCPOS, CD5220, PLAIN)
CODE_PAGES = ("cp437", "cp850", "cp858", "cp1252", "ascii")
_SAID = str.maketrans({"×": "x", "\u00a0": " ", "−": "-"})

Rows = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Glass:
    """What differs from one display to the next."""

    dialect: str = ESCPOS
    code_page: str = "cp437"
    slot: int = 0


def rows_of(sight: Sight, sign: str, message: str) -> Rows:
    """Return what a pole says of what the customer sees."""
    if sight.mood == BILL and sight.lines:
        return _bill(sight)
    if sight.mood == CARD:
        return _beside(_("Card"), _sum(sight.due, euro=True)), _middle(_("see the terminal"))
    if sight.mood == PAID and sight.change:
        return _beside(_("Received"), _sum(sight.given)), _beside(_("To give back"), _sum(sight.change, euro=True))
    if sight.mood == PAID:
        return _beside(_("Settled"), _sum(sight.total, euro=True)), _middle(_("Thank you!"))
    if sight.mood == THANKS:
        return _middle(_("Thank you!")), _middle(_("See you soon"))
    if sight.mood == TRAINING:
        return _middle(_("FACTICE")), _middle(_("training"))
    # What is too long for one row takes both.
    upper, lower = _wrapped(message or sign)
    return (upper, lower) if lower.strip() else (_wrapped(sign)[0], _middle(message or _("Welcome")))


def _wrapped(text: str) -> Rows:
    """Put a text on two rows, broken between words; what is beyond is cut."""
    words = _plain(text).split(" ")
    upper = words.pop(0)
    while words and len(upper) + 1 + len(words[0]) <= COLUMNS:
        upper += " " + words.pop(0)
    return _middle(upper), _middle(" ".join(words))


def _bill(sight: Sight) -> Rows:
    last = sight.lines[sight.lit]
    count = f"{last.count}x " if last.count > 1 else ""
    due = _beside(_("Left") if sight.paid else _("Total"), _sum(sight.due, euro=True))
    return _beside(f"{count}{last.label}", _sum(last.amount)), due


def _sum(cents: int, *, euro: bool = False) -> str:
    told = format_euros(cents)
    return told.replace("€", "EUR") if euro else told.removesuffix("€").strip()


def _middle(text: str) -> str:
    return _cut(text, COLUMNS).center(COLUMNS)


def _beside(left: str, right: str) -> str:
    """Put a label and its amount on one row; the amount is never cut."""
    right = _plain(right)[-COLUMNS:]
    return _cut(left, COLUMNS - len(right) - 1).ljust(COLUMNS - len(right)) + right


def _plain(text: str) -> str:
    return " ".join(plain(text.translate(_SAID), "EUR").translate(_SAID).split())


def _cut(text: str, room: int) -> str:
    return _plain(text)[: max(0, room)].rstrip()


def encode(text: str, code_page: str) -> bytes:
    """Return the letters of a code page; one it does not have becomes its base letter, else a space."""
    out = bytearray()
    for char in text:
        for said in (char, unicodedata.normalize("NFKD", char)[:1], " "):
            try:
                out += said.encode(code_page)
            except UnicodeEncodeError:
                continue
            break
    return bytes(out)


def picture(rows: Rows, glass: Glass) -> bytes:
    """Return the bytes that show two rows, whatever the display showed before."""
    upper, lower = (encode(row[:COLUMNS].ljust(COLUMNS), glass.code_page) for row in rows)
    if glass.dialect == CD5220:
        return b"\x0c\x1bQA" + upper + b"\r\x1bQB" + lower + b"\r"
    page = b"\x1bt" + bytes([glass.slot]) if glass.dialect == ESCPOS else b""
    return page + b"\x0c" + upper + lower
