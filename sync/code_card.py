"""A one-time code as HQ draws it for a scanner: with HQ's address, and the short name of HQ's key (§2.7)."""

import re
from dataclasses import dataclass

# Behind the # nothing is sent by a browser: a telephone that reads the drawing gives the code to nobody.
_CARD = re.compile(r"(https?://[^\s#]+?)/*#([0-9A-Za-z-]{16,19})\.([0-9a-f]{16})")


@dataclass(frozen=True, slots=True)
class Card:
    """What was scanned, or typed: then only the code."""

    code: str
    url: str = ""
    # Of the HQ that drew it: another one is not believed.
    kid: str = ""


def write(url: str, code: str, kid: str) -> str:
    """Return what the drawing says."""
    return f"{url.rstrip('/')}/#{code}.{kid}"


def read(typed: str) -> Card:
    """Return what a drawing says, or the code that was typed."""
    found = _CARD.fullmatch(typed.strip())
    return Card(found[2], found[1], found[3]) if found else Card(typed)
