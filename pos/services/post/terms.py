"""Relay or agency: what La Poste allows, as dated rows, and what the café agreed on top.

A relay pays out up to 150 € per person in seven rolling days, a municipal agency 350 €, then 500 €
under the contract of 2020 to 2022 (services.md B.3). La Poste's terminal enforces it: we only warn.
"""

import sqlite3
from dataclasses import dataclass

from pos.i18n import N_

RELAY, AGENCY = "relay", "agency"
MODES = {RELAY: N_("Postal relay in a shop"), AGENCY: N_("Municipal postal agency")}
WEEK_DAYS = 7
HOLD_DAYS, HOLD_MAX = 15, 30
RESERVE = 5_000

# Mode, cents in seven rolling days, from a day on. A new contract is one more row.
PUBLISHED: tuple[tuple[str, int, str], ...] = (
    (RELAY, 15_000, "2000-01-01"),
    (AGENCY, 35_000, "2000-01-01"),
    (AGENCY, 50_000, "2020-01-01"),
)

_IN_FORCE = """SELECT valid_from, mode, weekly_limit, reserve, hold_days, monthly_pay, commission_bp, in_use
FROM post_terms WHERE valid_from <= ? ORDER BY valid_from DESC, seq DESC LIMIT 1"""


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds on a day."""

    valid_from: str
    mode: str
    weekly_limit: int
    reserve: int
    hold_days: int
    monthly_pay: int
    commission_bp: int
    in_use: bool

    @property
    def agency(self) -> bool:
        """Tell whether the café houses a municipal agency."""
        return self.mode == AGENCY


def published(mode: str, day: str) -> int:
    """Return La Poste's own limit for a mode on a day, in cents."""
    return max((since, cents) for one, cents, since in PUBLISHED if one == mode and since <= day[:10])[1]


def in_force(conn: sqlite3.Connection, day: str) -> Terms | None:
    """Return the terms on a day, with the published limit where the café set none; None before the first."""
    row = conn.execute(_IN_FORCE, (day[:10],)).fetchone()
    if row is None:
        return None
    limit = row["weekly_limit"] or published(row["mode"], day)
    return Terms(
        row["valid_from"], row["mode"], limit, row["reserve"], row["hold_days"], row["monthly_pay"], row["commission_bp"],
        bool(row["in_use"]),
    )  # fmt: skip
