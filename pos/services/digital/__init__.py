"""Public posts: a computer, the printer, help with a form. For whoever has no line, or nobody to ask.

No partner; this is no labelled public-service house and its name is never printed. One use is one session,
whatever its length; no name and nothing of what was looked at is ever kept (services.md B.9, C.2).
"""

import sqlite3
from collections.abc import Iterable

from pos.feature import Feature, Notice, ServiceCode, Use
from pos.i18n import N_, _, ngettext
from pos.money import format_euros
from pos.services.digital import desk, events, indicators, reading, tables, words

HOME = "/digital"


def _opened(event: events.SessionOpened) -> Iterable[Use]:
    return (Use(tables.CODE, event.visit),)


def _cancelled(event: events.SessionCancelled) -> Iterable[Use]:
    return (Use(tables.CODE, event.visit, -1),)


def _badge(conn: sqlite3.Connection, day: str) -> str:
    taken = sum(1 for row in reading.posts(conn) if row["session"])
    return ngettext("%(n)s post taken", "%(n)s posts taken", taken) if taken else ""


def _due(conn: sqlite3.Connection, day: str) -> list[Notice]:
    out = [Notice(_("%(label)s: history to erase", label=row["label"]), HOME) for row in reading.to_clear(conn)]
    for row in reading.unpaid(conn):
        due = format_euros(row["time_due"] + row["pages_due"])
        out.append(
            Notice(
                _("%(label)s: %(amount)s not paid", label=row["label"], amount=due), f"{HOME}/session/{row['session']}"
            )
        )
    return [*out, *_left_open(conn, day)]


def _left_open(conn: sqlite3.Connection, day: str) -> list[Notice]:
    return [
        Notice(
            _("%(label)s: session open since %(hour)s", label=row["label"], hour=words.hour(row["opened_at"])),
            f"{HOME}/session/{row['session']}",
        )
        for row in reading.posts(conn)
        if row["session"] and row["day"] < day[:10]
    ]


def _on_closing(conn: sqlite3.Connection, day: str) -> list[Notice]:
    running = [
        Notice(
            _("%(label)s: session open since %(hour)s", label=row["label"], hour=words.hour(row["opened_at"])),
            f"{HOME}/session/{row['session']}",
        )
        for row in reading.posts(conn)
        if row["session"] and row["day"] == day[:10]
    ]
    return [*running, *_due(conn, day)]


SERVICE = Feature(
    slug="digital",
    title=N_("Public posts"),
    events=events.EVENTS,
    projection=tables.PROJECTION,
    acts=desk.ACTS,
    services=(ServiceCode(tables.CODE, N_("Digital access"), headline=False, alternatives=(), accent="press"),),
    uses={events.SessionOpened: _opened, events.SessionCancelled: _cancelled},
    sale_rules=(desk.session_is_due,),
    day_open_checks=(_left_open,),
    day_close_checks=(_on_closing,),
    todo=(_due,),
    badge=_badge,
    figures=reading.figures,
    indicators=indicators.INDICATORS,
    tells=indicators.TELLS,
    icon="keyboard",
    home=HOME,
)
