"""What the law wants written on an invoice: dated rows with their source, never changed once in force.

They are in the XML whose fingerprint is sealed, so they are data and no translation: a new wording is a new
row from its day on, and an old invoice is told again with the old one.
"""

import csv
from functools import cache
from pathlib import Path


@cache
def _rows() -> tuple[tuple[str, str, str], ...]:
    with Path(__file__).with_name("mentions.csv").open(encoding="utf-8", newline="") as lines:
        return tuple((row["code"], row["valid_from"], row["text"]) for row in csv.DictReader(lines, delimiter=";"))


def mention(code: str, day: str) -> str:
    """Return the wording in force on a day."""
    return max((since, text) for known, since, text in _rows() if known == code and since <= day)[1]
