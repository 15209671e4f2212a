"""What a session costs: dated settings, pure arithmetic."""

import sqlite3
from dataclasses import dataclass

_IN_FORCE = """SELECT free_minutes, block_minutes, block_price, print_price, colour_price, scan_price FROM digital_terms
WHERE valid_from <= ? ORDER BY valid_from DESC, seq DESC LIMIT 1"""


@dataclass(frozen=True, slots=True)
class Terms:
    """The prices on a day. A café that said nothing: half an hour free, then one euro per half-hour begun."""

    free_minutes: int = 30
    block_minutes: int = 30
    block_price: int = 100
    print_price: int = 20
    colour_price: int = 50
    scan_price: int = 0

    def blocks(self, minutes: int) -> int:
        """Return the blocks begun beyond what is free."""
        over = max(0, minutes - self.free_minutes)
        return -(-over // self.block_minutes)

    def time_due(self, minutes: int) -> int:
        """Return what the minutes cost, in cents."""
        return self.blocks(minutes) * self.block_price

    def pages_due(self, prints: int, colour: int, scans: int) -> int:
        """Return what the pages cost, in cents."""
        return prints * self.print_price + colour * self.colour_price + scans * self.scan_price


def in_force(conn: sqlite3.Connection, day: str) -> Terms:
    """Return the prices on a day."""
    row = conn.execute(_IN_FORCE, (day[:10],)).fetchone()
    return Terms(*row) if row is not None else Terms()
