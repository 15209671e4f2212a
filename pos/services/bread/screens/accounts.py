"""Accounts with a baker: the statement as it stands, closing it, paper, paying."""

from contextlib import suppress
from typing import Any

from flask import request, url_for

from pos import screens
from pos.engines import consignment_accounts as consigned
from pos.engines.consignment_events import StatementClosed
from pos.errors import AlreadyDone, Refusal
from pos.i18n import _
from pos.money import format_euros, parse_euros
from pos.services.bread import names, pictures, reading, slips, statements
from pos.services.bread.screens.blueprint import bp, cafe_sign, manager, put_on_paper
from pos.till.screens.typed import act


@bp.get("/baker/<baker>/account")
def account(baker: str) -> Any:
    """Show what a statement closed now would say, and those before."""
    store = screens.store()
    with store.reading() as conn:
        if baker not in reading.bakers(conn):
            return screens.go(url_for("bread.bakers"))
        now: StatementClosed | None = None
        why = None
        try:
            now = statements.drawn(conn, baker, request.args.get("to", "") or screens.today())
        except Refusal as refusal:
            why = refusal
        return screens.draw(
            "bread/account.html", baker=baker, name=names.baker_name(conn, baker), now=now, why=why,
            unfinished=_unfinished(conn) if why is not None else "", before=reading.statements(conn, baker), articles=slips.articles, said_rate=slips.said_rate, said=slips.said_signed, manager=manager(conn),
        )  # fmt: skip


def _unfinished(conn: Any) -> str:
    """Return a day whose bread is not all accounted for, or an empty text."""
    today = screens.today()
    days = [*pictures.pending_days(conn, today), *([today] if any(reading.free(conn, today).values()) else [])]
    return days[0] if days else ""


@bp.post("/baker/<baker>/account")
def close(baker: str) -> Any:
    """Close the statement up to today."""
    form = request.form
    taken_off = form.get("deduction", "").strip()
    with suppress(AlreadyDone):
        event = statements.close_statement(
            screens.store(), baker, deduction=parse_euros(taken_off) if taken_off else 0,
            deduction_reason="agreed" if taken_off else "", **act(),
        )  # fmt: skip
        screens.say(_("Statement closed: %(amount)s due", amount=format_euros(event.due)))
    return screens.go(url_for("bread.account", baker=baker))


@bp.post("/baker/<baker>/statement/<int:number>/print")
def print_statement(baker: str, number: int) -> Any:
    """Print a statement."""
    store = screens.store()
    with store.reading() as conn:
        row = reading.statement(conn, baker, number)
        event: Any = consigned.statement_at(store, conn, row["seq"]) if row is not None else None
        if event is None:
            return screens.go(url_for("bread.board"))
        slip = slips.statement_slip(event, names.baker_name(conn, baker), cafe_sign(conn))
    put_on_paper(slip, _("The statement is printing"))
    return screens.go(url_for("bread.account", baker=baker))


@bp.post("/baker/<baker>/statement/<int:number>/pay")
def pay(baker: str, number: int) -> Any:
    """Pay what a statement leaves due, in cash or by transfer."""
    means = request.form.get("means", "cash")
    with suppress(AlreadyDone):
        cents = statements.pay_statement(
            screens.store(), baker, number, means=means if means in ("cash", "transfer", "cheque") else "cash", **act()
        )
        screens.say(_("%(amount)s paid to the baker", amount=format_euros(cents)), icon="coins")
    return screens.go(url_for("bread.account", baker=baker))
