"""The books on the counter: a month, a file; the chart of accounts and the rules of the declarations."""

import sqlite3
from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, request, url_for

from pos import screens
from pos.accounting import books, desk, ereport, rules, tables
from pos.errors import AlreadyDone
from pos.i18n import N_, _
from pos.till.spans import last_day, month_of, previous_month

bp = Blueprint("accounting", __name__, url_prefix="/accounting", template_folder="templates")

# What a line of the chart is for, in words: its own, else that of its kind.
SORTS = {
    "sales": N_("sales"), "vat": N_("VAT"), "means": N_("means of payment"), "owner": N_("money of others"),
    "owner.client": N_("balance of a customer"), "owner.funder": N_("balance of a funder"), "client": N_("invoices to be paid"),
    "used": N_("vouchers"), "move": N_("cash moved"), "open_bills": N_("open bills"), "dues": N_("dues"),
    "commission": N_("commissions"), "short": N_("closing"), "over": N_("closing"), "rounding": N_("closing"),
}  # fmt: skip
CADENCES = (
    (rules.MONTHLY, N_("VAT by the month: three times a month")), (rules.QUARTERLY, N_("VAT by the quarter: once a month")),
    (rules.FRANCHISE, N_("Franchise: once every two months")),
)  # fmt: skip
MONTHS_SHOWN = 12
MONTHS = (
    N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"), N_("July"), N_("August"),
    N_("September"), N_("October"), N_("November"), N_("December"),
)  # fmt: skip


def month_said(month: str) -> str:
    """Return `octobre 2026`."""
    return f"{_(MONTHS[int(month[5:]) - 1])} {month[:4]}"


@bp.get("/")
def home() -> str:
    """Show the months that may be handed to the accountant, the last one first."""
    store = screens.store()
    with store.reading() as conn:
        months = _months(conn)
        asked = request.args.get("month", "")
        chosen = asked if asked in months else months[0] if months else ""
        done, now = tables.exports(conn), desk.rules_now(store, conn)
        spans = _declared(chosen, now.cadence) if chosen else []
    return screens.draw(
        "accounting/home.html", months=months, chosen=chosen, kinds=books.KINDS, done=done, spans=spans,
        cadence=dict(CADENCES)[now.cadence], said=month_said,
    )  # fmt: skip


def _months(conn: sqlite3.Connection) -> list[str]:
    """Return the months that are over and closed, newest first."""
    row = conn.execute("SELECT min(day), max(day) FROM till_day WHERE closed_seq > 0").fetchone()
    opened = conn.execute("SELECT min(day) FROM till_day WHERE closed_seq = 0").fetchone()[0] or "9999"
    if row[0] is None:
        return []
    month, found = previous_month(month_of(screens.today())), list[str]()
    while month >= month_of(row[0]) and len(found) < MONTHS_SHOWN:
        if last_day(month) < opened[:10]:
            found.append(month)
        month = previous_month(month)
    return found


def _declared(month: str, cadence: str) -> list[tuple[str, str]]:
    """Return the transmissions of flux 10 that end in a month."""
    return [span for span in ereport.periods(int(month[:4]), cadence) if month_of(span[1]) == month]


@bp.post("/file")
def file() -> Any:
    """Make a file and give it."""
    form = request.form
    try:
        made = desk.make_file(
            screens.store(),
            form.get("what", books.FEC),
            form.get("period", ""),
            by=screens.clerk(),
            attempt=screens.attempt(),
        )
    except AlreadyDone:
        return screens.go(url_for("accounting.home"))
    return Response(
        made.data, content_type=made.media, headers={"Content-Disposition": f'attachment; filename="{made.name}"'}
    )


@bp.get("/plan")
def plan() -> str:
    """Show which account each use of money goes to."""
    store = screens.store()
    with store.reading() as conn:
        rows = sorted(tables.plan(conn).in_force(screens.today()).values(), key=lambda one: (one.account, one.use))
        now = desk.rules_now(store, conn)
    chosen = next((one for one in rows if one.use == request.args.get("use", "")), None)
    return screens.draw("accounting/plan.html", rows=rows, chosen=chosen, now=now, cadences=CADENCES, sort_of=sort_of)


def sort_of(use: str) -> str:
    """Return what sort of money a line of the chart is for."""
    return _(SORTS.get(use) or SORTS.get(use.partition(".")[0], use))


@bp.post("/plan")
def save_account() -> Any:
    """Send a use of money to another account, from today on."""
    form = request.form
    with suppress(AlreadyDone):
        desk.set_account(
            screens.store(), form.get("use", ""), form.get("account", ""), label=form.get("label", ""),
            aux=form.get("aux", ""), by=screens.clerk(), attempt=screens.attempt(),
        )  # fmt: skip
        screens.say(_("Saved, from today on"))
    return screens.go(url_for("accounting.plan"))


@bp.post("/rules")
def save_rules() -> Any:
    """Say how the café declares, from today on."""
    form = request.form
    with suppress(AlreadyDone):
        desk.set_rules(
            screens.store(), cadence=form.get("cadence", ""), debits=form.get("debits") == "1",
            civil_day=form.get("civil_day") == "1", by=screens.clerk(), attempt=screens.attempt(),
        )  # fmt: skip
        screens.say(_("Saved, from today on"))
    return screens.go(url_for("accounting.plan"))
