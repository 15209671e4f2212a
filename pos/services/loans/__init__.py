"""Loans: library, games, tools, shared things, lent to neighbours by the village café; boxes of the departmental library.

For villages without a library; the partner is the departmental library. Things have a label and a
number or barcode, borrowers are private. One use is one visit in which something is lent: bringing back
is the end of the same loan, and counts no second time. The open shelf (*boîte à livres*) is only counted
by day (services.md B.12, C.2). No fines.
"""

import sqlite3
from typing import Any

from pos.engines import counting
from pos.engines.shelf import days_after
from pos.feature import Feature, Notice, ScanHit, ServiceCode, Use
from pos.i18n import N_, ngettext
from pos.services.loans import desk, events, indicators, reading, tables
from pos.services.loans.tables import GONE, LOAN

HOME = "/loans"
# A box is prepared so many days before the library comes.
AHEAD = 3


def _of_lent(lent: events.ItemLent) -> list[Use]:
    return [Use(LOAN, lent.visit)]


def _badge(conn: sqlite3.Connection, day: str) -> str:
    late = reading.standing(conn, day).late
    return ngettext("%(n)s late", "%(n)s late", late) if late else ""


def _todo(conn: sqlite3.Connection, day: str) -> list[Notice]:
    late, boxes = len(reading.late(conn, day)), len(reading.to_prepare(conn, days_after(day, AHEAD)))
    owed = len(reading.owed_to_library(conn))
    said = (
        (late, ngettext("%(n)s loan is late", "%(n)s loans are late", late), f"{HOME}?late=1"),
        (boxes, ngettext("%(n)s library box to prepare", "%(n)s library boxes to prepare", boxes), f"{HOME}/boxes"),
        (
            owed,
            ngettext("%(n)s thing to give to the library", "%(n)s things to give to the library", owed),
            f"{HOME}/boxes",
        ),
    )
    return [Notice(text, url) for n, text, url in said if n]


def _scan(conn: sqlite3.Connection, day: str, code: str) -> ScanHit | None:
    """Find a thing by its barcode or its number."""
    found = reading.item(conn, code)
    return ScanHit(url=f"{HOME}/item/{found.item}") if found is not None and found.state != GONE else None


def _figures(conn: sqlite3.Connection, day: str) -> dict[str, Any]:
    """Return a day in figures: things, loans of the day, boxes."""
    now, told = reading.standing(conn, day), reading.sheet(conn, day, day)
    return {
        "here": now.here, "lent": now.lent, "late": now.late, "lost": now.lost, "loans": sum(told.lent.values()), "back": told.back,
        "boxes": sum(not box.returned_on for box in reading.boxes(conn)), "counted": counting.total_of(conn, day, LOAN),
    }  # fmt: skip


SERVICE = Feature(
    slug="loans",
    title=N_("Loans"),
    events=events.EVENTS,
    projection=tables.PROJECTION,
    acts=desk.ACTS,
    services=(ServiceCode(LOAN, N_("Loan"), headline=False, alternatives=(), accent="press"),),
    uses={events.ItemLent: _of_lent},
    todo=(_todo,),
    badge=_badge,
    scan=_scan,
    figures=_figures,
    indicators=indicators.INDICATORS,
    tells=indicators.TELLS,
    waiting=indicators.WAITING,
    waits=indicators.WAITS,
    icon="list",
    home=HOME,
)  # fmt: skip
