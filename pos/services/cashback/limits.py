"""What the law allows, as dated rows, and what the café made of it.

CMF L. 112-14, D. 112-6, R. 112-7; decree 2018-1224 of 24 December 2018 (R93).
"""

import sqlite3
from dataclasses import dataclass

# A café that said nothing gives tens, and keeps 50 € of change in the drawer (R98).
STEP, RESERVE = 1_000, 5_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Amounts in cents, from a day on, and where they come from."""

    min_purchase: int
    max_cash: int
    step: int
    reserve: int
    valid_from: str
    source: str

    @property
    def offered(self) -> bool:
        """Tell whether the café gives cash at all."""
        return self.max_cash > 0


# A new decree is one more row here.
LEGAL: tuple[Limits, ...] = (Limits(100, 6_000, STEP, RESERVE, "2018-12-27", "decree 2018-1224"),)
# Before the decree nobody could: a till whose clock is lost in the past offers nothing.
NEVER = Limits(100, 0, STEP, RESERVE, "", "")

_IN_FORCE = """SELECT min_purchase, max_cash, step, reserve, valid_from, source FROM cashback_limits
WHERE valid_from <= ? ORDER BY valid_from DESC, seq DESC LIMIT 1"""


def legal(day: str) -> Limits:
    """Return the law's limits on `day`."""
    rows = [row for row in LEGAL if row.valid_from <= day[:10]]
    return max(rows, key=lambda row: row.valid_from, default=NEVER)


def in_force(conn: sqlite3.Connection, day: str) -> Limits:
    """Return the limits on `day`: the café's own, never looser than the law's of that day."""
    law = legal(day)
    row = conn.execute(_IN_FORCE, (day[:10],)).fetchone()
    if row is None:
        return law
    own = Limits(*row)
    return Limits(
        max(own.min_purchase, law.min_purchase), min(own.max_cash, law.max_cash), own.step, own.reserve,
        own.valid_from, own.source,
    )  # fmt: skip
