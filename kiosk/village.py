"""All services on one page, what is due today on one list, and the day's totals typed in five seconds."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request, url_for

from kiosk import coming, found, start_back
from pos import drafts, screens
from pos.engines import counting
from pos.feature import Notice
from pos.i18n import _, ngettext
from pos.money import parse_quantity
from pos.till import NETWORK, uses
from pos.till.screens.shelf import offered

bp = Blueprint("village", __name__)


@dataclass(frozen=True, slots=True)
class Due:
    """A service and what is due there today."""

    title: str
    icon: str
    accent: str
    lines: list[Notice]


@dataclass(frozen=True, slots=True)
class Count:
    """A counted service: what was recorded today, and the total typed beside it."""

    code: str
    label: str
    accent: str
    recorded: int
    typed: int


def due_today(conn: sqlite3.Connection) -> list[Due]:
    """Return what is due, service by service, each line one tap from its act."""
    day, out = screens.today(), []
    # What the network sends concerns the whole house: it has no tile.
    for feature in (*offered(conn), NETWORK):
        lines = [notice for check in feature.todo for notice in check(conn, day)]
        if lines:
            accent = feature.services[0].accent if feature.services else "press"
            out.append(Due(_(feature.title), feature.icon or "info", accent, lines))
    lines = start_back.notices(conn)
    return [Due(_("New box"), "save", "press", lines), *out] if lines else out


def before_closing(conn: sqlite3.Connection, due: list[Due]) -> list[Notice]:
    """Return what the closing will ask and no line of `due` says already."""
    day = screens.today()
    said = {line.text for one in due for line in one.lines}
    lines = (notice for feature in offered(conn) for check in feature.day_close_checks for notice in check(conn, day))
    return [notice for notice in lines if notice.text not in said]


@bp.get("/services/")
def all_services() -> str:
    """Show every service this café offers, as large keys."""
    with screens.store().reading() as conn:
        day = screens.today()
        keys = [
            (f.home, f.icon or "info", _(f.title), f.badge(conn, day) if f.badge else "", f.services[0].accent if f.services else "press")
            for f in offered(conn)
        ]  # fmt: skip
        return screens.draw("services.html", keys=keys, due=sum(len(d.lines) for d in due_today(conn)))


@bp.get("/todo/")
def todo() -> str:
    """Show what is due today."""
    with screens.store().reading() as conn:
        due = due_today(conn)
        n = sum(len(one.lines) for one in due)
        soft = ngettext("%(n)s thing to do", "%(n)s things to do", n) if n else _("Nothing is waiting")
        return screens.draw("todo.html", due=due, later=before_closing(conn, due), soft=soft)


@bp.get("/came-back")
def came_back() -> Any:
    """Show what did not come back with a new box; nothing any more once it is seen."""
    kiosk = screens.kiosk()
    came = start_back.kept(kiosk)
    if not came:
        return screens.go(url_for("village.todo"))
    # A stick that was taken in, and one that is not there, are not offered.
    return screens.draw("came_back.html", came=came, stick=not came["stick"] and found.others(kiosk))


@bp.post("/came-back")
def seen() -> Any:
    """No longer show it."""
    with screens.store().writing(by=screens.clerk()) as tx:
        drafts.put(tx.conn, coming.CAME_BACK, None)
    return screens.go(url_for("village.todo"))


@bp.get("/totals/")
def totals() -> str:
    """Show the day's uses by service, with a key to type a total."""
    with screens.store().reading() as conn:
        return screens.draw("totals.html", counts=_counts(conn), chosen=request.args.get("service", ""))


@bp.post("/totals/<service>")
def count(service: str) -> Any:
    """Keep the day's total of a service."""
    total = parse_quantity(request.form.get("total", "")) // 1000
    event = counting.count_day(screens.store(), service, total, by=screens.clerk(), attempt=screens.attempt())
    screens.say(_("%(n)s noted for today", n=event.total), icon="check")
    return screens.go("/totals/")


def _counts(conn: sqlite3.Connection) -> list[Count]:
    day = screens.today()
    seen = uses.of_day(conn, day)
    out = []
    for feature in offered(conn):
        for code in feature.services:
            typed = counting.total_of(conn, day, code.code)
            out.append(Count(code.code, _(code.label), code.accent, seen.get(code.code, 0) - typed, typed))
    return out
