"""Count-only mode: the day's total of a service typed at once, when there was no time for more."""

import sqlite3
from datetime import date

from pos.errors import Refusal
from pos.events import Event
from pos.feature import Feature, Use
from pos.i18n import N_
from pos.journal import Envelope
from pos.projections import Projection
from pos.store import Store

COUNT_MAX = 500


class NotACount(Refusal):
    """The total cannot be right."""

    sentence = N_("“%(text)s” cannot be a day's total.")
    remedy = N_("Type how many people came for it today.")


class UsesCounted(Event, frozen=True, kw_only=True):
    """So many people used a service, typed as the day's total; `uses` is the change since the last typing."""

    kind = "counting.uses_counted"
    service: str
    day: str
    uses: int
    total: int


EVENTS = (UsesCounted,)
SCHEMA = """
CREATE TABLE counting_total (
  day TEXT NOT NULL, service TEXT NOT NULL, total INTEGER NOT NULL, PRIMARY KEY (day, service)
) STRICT, WITHOUT ROWID
"""


def _counted(conn: sqlite3.Connection, entry: Envelope, e: UsesCounted) -> None:
    conn.execute(
        "INSERT OR REPLACE INTO counting_total (day, service, total) VALUES (?, ?, ?)", (e.day, e.service, e.total)
    )


PROJECTION = Projection("counting", SCHEMA, {UsesCounted: _counted})


def is_day(text: str) -> bool:
    """Tell whether a text is a date `YYYY-MM-DD`."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def total_of(conn: sqlite3.Connection, day: str, service: str) -> int:
    """Return the total typed for a day so far."""
    row = conn.execute("SELECT total FROM counting_total WHERE day = ? AND service = ?", (day, service)).fetchone()
    return int(row[0]) if row else 0


def count_day(store: Store, service: str, total: int, *, day: str = "", by: str, attempt: str = "") -> UsesCounted:
    """Say how many used a service today, beside what was recorded one by one; typing again corrects it.

    Raises NotACount.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        day = day or tx.today
        # A total typed late belongs to the day it is said of; the entry says when it was typed.
        if not 0 <= total <= COUNT_MAX or not is_day(day) or day > tx.today:
            raise NotACount(text=total)
        event = UsesCounted(service=service, day=day, uses=total - total_of(tx.conn, day, service), total=total)
        tx.record(event)
        return event


def _uses(event: UsesCounted) -> tuple[Use, ...]:
    return (Use(event.service, "", event.uses, aggregated=True),) if event.uses else ()


FEATURE = Feature(
    slug="counting", title=N_("Day's totals"), events=EVENTS, projection=PROJECTION, acts=(count_day,),
    uses={UsesCounted: _uses},
)  # fmt: skip
