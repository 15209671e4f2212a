"""What must hold: the cut-off, the temperatures, the two hours, a funder's quota."""

import re
import sqlite3
from dataclasses import dataclass
from datetime import date, timedelta

from pos.clock import local, to_ms
from pos.money import NBSP
from pos.services.meals import refusals as no
from pos.services.meals.events import UNMEASURED
from pos.services.meals.schema import HOT, PROMISED

# Tenths of a degree; arrêté of 21 December 2009 [M]: to be checked with the DDPP by whoever trains the cafés.
HOT_MIN, COLD_MAX = 630, 30
# After this a hot meal that found nobody is given to nobody.
KEPT_MS = 2 * 60 * 60 * 1000
CUT_OFF = "10:00"
QUOTA_MAX, PRICE_MAX, METRES_MAX = 400, 10_000, 300_000
_DEGREES = re.compile(r"\s*([-−]?)(\d{1,3})(?:[.,](\d))?\s*(?:°\s*C?)?\s*", re.ASCII)
_HOUR = re.compile(r"([01]?\d|2[0-3])[:h]([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Terms:
    """Prices of a meal and its delivery in cents (0: not set), and the hour of the day before to order."""

    meal_price: int = 0
    delivery_price: int = 0
    cut_off: str = CUT_OFF


def terms(conn: sqlite3.Connection, day: str) -> Terms:
    """Return what holds on `day`."""
    row = conn.execute(
        "SELECT meal_price, delivery_price, cut_off FROM meal_terms WHERE valid_from <= ? ORDER BY valid_from DESC, seq DESC LIMIT 1",
        (day[:10],),
    ).fetchone()
    return Terms(*row) if row is not None else Terms()


def prices_of(conn: sqlite3.Connection, for_day: str, today: str) -> Terms:
    """Return what a meal of a day costs: what was agreed then, or now when nothing was."""
    then = terms(conn, for_day)
    return then if then.meal_price else terms(conn, today)


def cut_off_ms(conn: sqlite3.Connection, for_day: str) -> int:
    """Return the last moment to order for a day: the hour agreed, the day before."""
    before = date.fromisoformat(for_day) - timedelta(days=1)
    return to_ms(f"{before.isoformat()}T{terms(conn, for_day).cut_off}")


def hour_of(text: str) -> str:
    """Return `HH:MM`; raise BadTerms."""
    match = _HOUR.fullmatch(text.strip())
    if not match:
        raise no.BadTerms(value=text[:12])
    return f"{int(match[1]):02d}:{match[2]}"


def declared(text: str, day: str) -> int:
    """Return UTC ms of an hour typed from the round's sheet, 0 when nothing was; raise NotATime."""
    if not text.strip():
        return 0
    match = _HOUR.fullmatch(text.strip())
    if not match:
        raise no.NotATime(hour=text[:12])
    return to_ms(f"{day[:10]}T{int(match[1]):02d}:{match[2]}")


def degrees(text: str) -> int:
    """Return tenths of a degree for `68` or `2,5`, UNMEASURED for nothing; raise NotATemperature."""
    if not text.strip():
        return UNMEASURED
    match = _DEGREES.fullmatch(text)
    if not match:
        raise no.NotATemperature(text=text[:12])
    tenths = int(match[2]) * 10 + int(match[3] or 0)
    return checked(-tenths if match[1] else tenths)


def checked(tenths: int) -> int:
    """Return a temperature that food may have; raise NotATemperature."""
    if not -400 <= tenths <= 1200 and tenths != UNMEASURED:
        raise no.NotATemperature(text=said_degrees(tenths))
    return tenths


def said_degrees(tenths: int) -> str:
    """Return `68 °C` or `2,5 °C`."""
    whole, part = divmod(abs(tenths), 10)
    return f"{'−' if tenths < 0 else ''}{whole}{f',{part}' if part else ''}{NBSP}°C"


def holds(chain: str, tenths: int) -> bool:
    """Tell whether a temperature keeps the chain."""
    return tenths >= HOT_MIN if chain == HOT else tenths <= COLD_MAX


def limit(chain: str) -> int:
    """Return the limit of a chain."""
    return HOT_MIN if chain == HOT else COLD_MAX


def too_late(row: sqlite3.Row, at_ms: int) -> bool:
    """Tell whether a hot meal has been under way for more than two hours."""
    return bool(row["chain"] == HOT and row["left_at"] and at_ms - row["left_at"] > KEPT_MS)


def said_hour(at_ms: int) -> str:
    """Return `12:35`."""
    return local(at_ms).strftime("%H:%M")


def month_of(text: str) -> str:
    """Return `YYYY-MM`; raise BadTerms."""
    try:
        return date.fromisoformat(f"{text[:7]}-01").isoformat()[:7]
    except ValueError:
        raise no.BadTerms(value=text[:12]) from None


# Funders


def funder(conn: sqlite3.Connection, code: str, month: str) -> sqlite3.Row | None:
    """Return what a partner agreed for a month, None when it funds nothing then."""
    row: sqlite3.Row | None = conn.execute(
        "SELECT * FROM meal_funder WHERE funder = ? AND month <= ? ORDER BY month DESC LIMIT 1", (code, month[:7])
    ).fetchone()
    return row


def funders(conn: sqlite3.Connection, month: str) -> list[sqlite3.Row]:
    """Return the partners of a month, each as it agreed."""
    codes = [
        row[0]
        for row in conn.execute(
            "SELECT DISTINCT funder FROM meal_funder WHERE month <= ? ORDER BY funder", (month[:7],)
        )
    ]
    return [row for code in codes if (row := funder(conn, code, month)) is not None]


def promised(conn: sqlite3.Connection, code: str, month: str) -> int:
    """Return how many of a funder's meals of a month are delivered, served, or may still be."""
    marks = ", ".join("?" * len(PROMISED))
    return int(
        conn.execute(
            # Only marks are put in: the states are the house's own words.
            f"SELECT count(*) FROM meal_meal WHERE funder = ? AND for_day >= ? AND for_day < ? AND state IN ({marks})",
            (code, f"{month[:7]}-01", f"{month[:7]}-32", *PROMISED),
        ).fetchone()[0]
    )


def require_quota(conn: sqlite3.Connection, code: str, for_day: str) -> None:
    """Refuse one more meal of a funder in that month: NoSuchFunder, QuotaReached."""
    month = for_day[:7]
    row = funder(conn, code, month)
    if row is None or not row["quota"]:
        raise no.NoSuchFunder(funder=row["label"] if row else code, month=said_month(month))
    if promised(conn, code, month) >= row["quota"]:
        raise no.QuotaReached(funder=row["label"], quota=row["quota"], month=said_month(month))


def said_month(month: str) -> str:
    """Return `12/2025`."""
    return f"{month[5:7]}/{month[:4]}"


def last_day(month: str) -> str:
    """Return the last day of a `YYYY-MM`."""
    first = date.fromisoformat(f"{month}-01")
    return ((first + timedelta(days=32)).replace(day=1) - timedelta(days=1)).isoformat()
