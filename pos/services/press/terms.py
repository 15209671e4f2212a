"""What holds on a day: the depot's terms, an operator's licence."""

import sqlite3
from dataclasses import dataclass

from pos.i18n import N_
from pos.services.press.tables import FDJ, PMU, TOBACCO

PERIODICITIES: dict[str, tuple[str, int]] = {
    "daily": (N_("Daily"), 1), "weekly": (N_("Weekly"), 7), "fortnightly": (N_("Fortnightly"), 14),
    "monthly": (N_("Monthly"), 30), "bimonthly": (N_("Every two months"), 60), "quarterly": (N_("Quarterly"), 90),
}  # fmt: skip
OPERATORS = {FDJ: N_("FDJ"), PMU: N_("PMU"), TOBACCO: N_("Tobacco")}
CLAIM_DAYS = 2
# Paid everywhere up to about 300 euros (services.md B.5); the agreement says.
WIN_LIMIT, RESERVE = 30_000, 5_000


@dataclass(frozen=True, slots=True)
class Licence:
    """Terms with an operator."""

    operator: str
    licensed: bool
    commission_bp: int
    win_limit: int
    reserve: int


def in_force(conn: sqlite3.Connection, day: str) -> sqlite3.Row | None:
    """Return the depot's terms on a day, or None before the first."""
    row: sqlite3.Row | None = conn.execute(
        "SELECT * FROM press_terms WHERE valid_from <= ? ORDER BY valid_from DESC, seq DESC LIMIT 1", (day[:10],)
    ).fetchone()
    return row


def sells_press(conn: sqlite3.Connection, day: str) -> bool:
    """Tell whether a depot serves the café on a day."""
    row = in_force(conn, day)
    return row is not None and bool(row["in_use"])


def licence(conn: sqlite3.Connection, operator: str, day: str) -> Licence | None:
    """Return the licence in force for an operator, or None: nothing is sold for it."""
    row = conn.execute(
        "SELECT operator, licensed, commission_bp, win_limit, reserve FROM press_licence"
        " WHERE operator = ? AND valid_from <= ? ORDER BY valid_from DESC, seq DESC LIMIT 1", (operator, day[:10]),
    ).fetchone()  # fmt: skip
    return Licence(row[0], bool(row[1]), row[2], row[3], row[4]) if row and row[1] else None
