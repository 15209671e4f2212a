"""Closings of days, months and years: on the screen, and on paper again as counted duplicates (R46)."""

import sqlite3
from contextlib import suppress
from typing import Any

from flask import url_for
from werkzeug.exceptions import NotFound

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import N_, _
from pos.slips import Slip
from pos.store import Writing
from pos.till import marks, period_slips, period_tables, periods, sell, slips, tables
from pos.till.closure_events import MonthClosed, YearClosed
from pos.till.events import DayClosed
from pos.till.period_tables import DAY, MONTH, YEAR
from pos.till.screens import paper
from pos.till.screens.day import bp

KINDS = ((DAY, N_("Days")), (MONTH, N_("Months")), (YEAR, N_("Years")))


def slip_of(conn: sqlite3.Connection, closing: str, number: int) -> tuple[Any, Slip]:
    """Return a closing and its slip; nothing there is a page that does not exist."""
    store = screens.store()
    row = period_tables.one_made(conn, closing, number)
    if row is None:
        raise NotFound
    event: Any = store.event(conn, row["seq"]).event
    shown, names = slips.issued_at(store, conn, row["seq"]), paper.labels(conn)
    if isinstance(event, DayClosed):
        cards = {key: row[0] for key, row in tables.totals(conn, event.day, "cards").items()}
        return event, slips.closure(event, paper.cafe_of(conn, event.day), shown, labels=names, cards=cards)
    if isinstance(event, MonthClosed | YearClosed):
        return event, period_slips.period(event, paper.cafe_of(conn, event.last_day), shown, labels=names)
    raise NotFound


def print_closing(tx: Writing, closing: str, number: int) -> Slip:
    """Put a closing in the print queue and record it: the original, then counted duplicates."""
    _event, slip = slip_of(tx.conn, closing, number)
    copy = periods.print_closure(tx, closing, number, sell.day_label(tx)).copy
    slip = marks.duplicate(slip, copy, tx.now)
    paper.enqueue(tx, slip.title, slip)
    return slip


def queue_paper(tx: Writing) -> None:
    """Put what this transaction closed in the print queue: a day's Z, months, a year."""
    for event in [done.event for done in tx.recorded]:
        match event:
            case DayClosed():
                print_closing(tx, DAY, event.z)
            case MonthClosed():
                print_closing(tx, MONTH, event.number)
            case YearClosed():
                print_closing(tx, YEAR, event.number)


def _draw(closing: str, number: int) -> str:
    with screens.store().reading() as conn:
        event, slip = slip_of(conn, closing, number)
        others = period_tables.made(conn, closing, most=62)
        prints = period_tables.prints(conn, closing, number)
        counts = {kind: period_tables.last_made(conn, kind) for kind, _title in KINDS}
    return screens.draw(
        "till/z.html", event=event, text=paper.on_screen(slip), title=slip.title, others=others, today=screens.today(),
        closing=closing, number=number, prints=prints, kinds=KINDS, counts=counts, said=period_slips.period_said,
    )  # fmt: skip


@bp.get("/z/<int:z>")
def closed(z: int) -> str:
    """Show a closed day's Z."""
    return _draw(DAY, z)


@bp.get("/closings/<closing>/<int:number>")
def closing_of(closing: str, number: int) -> str:
    """Show the closing of a month or a year."""
    return _draw(closing, number)


@bp.get("/z")
def last_z() -> Any:
    """Open the last closing of a day."""
    return last_of(DAY)


@bp.get("/closings/<closing>")
def last_of(closing: str) -> Any:
    """Open the last closing of a kind; without one, say when it comes."""
    with screens.store().reading() as conn:
        row = period_tables.last_made(conn, closing)
    if row is None:
        waits = {
            MONTH: _("No month is over yet: it closes by itself"),
            YEAR: _("No year is over yet: it closes by itself"),
        }
        screens.say(waits.get(closing, _("No day was closed yet")), tone="wait", icon="moon")
        if closing == YEAR:
            return screens.go(url_for("day.year"))
        return screens.go(url_for("menu.home") if closing == DAY else url_for("day.last_z"))
    return screens.go(address(closing, row["number"]))


def address(closing: str, number: int) -> str:
    """Return where a closing is shown."""
    return (
        url_for("day.closed", z=number) if closing == DAY else url_for("day.closing_of", closing=closing, number=number)
    )


@bp.get("/year")
def year() -> str:
    """Show with which month the accounting year begins."""
    with screens.store().reading() as conn:
        first = periods.first_month_of(conn)
    return screens.draw("till/year.html", first=first, months=period_slips.MONTHS)


@bp.post("/year/<int:month>")
def set_year(month: int) -> Any:
    """Note the month: it holds from now on; what is closed stays closed."""
    with suppress(AlreadyDone):
        periods.set_accounting_year(screens.store(), month, by=screens.clerk(), attempt=screens.attempt())
        screens.say(_("Noted, from today on"))
    return screens.go(url_for("day.year"))


@bp.post("/closings/<closing>/<int:number>/print")
def print_again(closing: str, number: int) -> str:
    """Print a closing; from the second time on it is a duplicate, and says so."""
    store = screens.store()
    with suppress(AlreadyDone), store.writing(by=screens.clerk(), attempt=screens.attempt()) as tx:
        print_closing(tx, closing, number)
    paper.print_now(_("Closing on paper"))
    return screens.render("_message.html", oob=False)
