"""What a length costs and what being late costs: dated settings, pure arithmetic."""

import sqlite3
from dataclasses import dataclass

from pos.services.bikes.words import RULES

# A café that said nothing: a quarter of an hour of grace, then a euro per hour begun.
GRACE, LATE_MINUTES, LATE_PRICE = 15, 60, 100
STANDARD = "standard"

_TERMS = "SELECT grace_minutes, late_minutes, late_price FROM bike_terms WHERE valid_from <= ? ORDER BY valid_from DESC, seq DESC LIMIT 1"
_PRICES = "SELECT rule, sort, minutes, price FROM bike_price WHERE valid_from <= ? ORDER BY valid_from, seq"


@dataclass(frozen=True, slots=True)
class Terms:
    """The rules of hiring on a day."""

    grace_minutes: int = GRACE
    late_minutes: int = LATE_MINUTES
    late_price: int = LATE_PRICE

    def late(self, due_at: int, back_at: int) -> tuple[int, int]:
        """Return late minutes and what they cost: nothing within grace, then each unit begun since the due hour."""
        minutes = max(0, (back_at - due_at) // 60_000)
        if minutes <= self.grace_minutes:
            return minutes, 0
        return minutes, -(-minutes // self.late_minutes) * self.late_price


@dataclass(frozen=True, slots=True)
class Length:
    """A length offered for a sort of bike."""

    rule: str
    minutes: int
    price: int


def in_force(conn: sqlite3.Connection, day: str) -> Terms:
    """Return the rules on a day."""
    row = conn.execute(_TERMS, (day[:10],)).fetchone()
    return Terms(*row) if row is not None else Terms()


def lengths(conn: sqlite3.Connection, sort: str, day: str) -> list[Length]:
    """Return the lengths offered for a sort on a day, shortest first.

    A sort without prices of its own is hired at those of the ordinary bike.
    """
    latest: dict[tuple[str, str], Length] = {}
    for row in conn.execute(_PRICES, (day[:10],)):
        latest[row["sort"], row["rule"]] = Length(row["rule"], row["minutes"], row["price"])
    for one in (sort, STANDARD):
        own = [length for (of, _rule), length in latest.items() if of == one and length.price > 0]
        if own:
            return sorted(own, key=lambda length: (length.minutes, length.price))
    return []


def known_rules() -> list[tuple[str, int]]:
    """Return the codes of lengths and their usual minutes."""
    return [(code, minutes) for code, (_word, minutes) in RULES.items()]
