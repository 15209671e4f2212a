"""The drawer: what must be in it, cash in and out with a reason, opening it, counting it, others' money."""

from contextlib import suppress
from typing import Any

from flask import Blueprint, request, url_for

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import N_, _
from pos.money import parse_euros
from pos.till import cash, slips, tables
from pos.till.events import Pieces
from pos.till.screens import paper
from pos.till.screens.machines import kick_for

bp = Blueprint("drawer", __name__, url_prefix="/drawer", template_folder="../templates")

OPEN_REASONS = (
    ("give_change", N_("To give change"), "coins"),
    ("check", N_("To check"), "search"),
    ("mistake", N_("To correct a mistake"), "undo"),
    ("other", N_("Another reason"), "pen"),
)
# Which way the money goes, and why.
MOVES = (
    ("in", "change_bought", N_("Change from the bank"), "coins"),
    ("in", "float_added", N_("More float"), "plus"),
    ("out", "bank_deposit", N_("Taken to the bank"), "house"),
    ("out", "safe_drop", N_("Put in the safe"), "lock"),
    ("out", "purchase", N_("A purchase paid in cash"), "bag"),
    ("both", "correction", N_("Correction"), "pen"),
)
# What a drawer holds, largest first; larger notes are rare here and counted under « 100 € ».
COUNTED = (10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1)


@bp.get("/")
def home() -> str:
    """Show what must be in the drawer and why."""
    with screens.store().reading() as conn:
        row = tables.open_day(conn)
        day = row["day"] if row else screens.today()
        parts = {key: amount for key, (amount, _net, _n) in tables.totals(conn, day, "cash").items()}
        return screens.draw(
            "till/drawer.html", expected=tables.drawer_expected(conn, day), parts=parts, owed=_to_hand_over(conn),
            moves=MOVES, names=paper.labels(conn), is_open=row is not None,
        )  # fmt: skip


@bp.post("/move")
def move() -> Any:
    """Put cash in or take it out, for a reason; a slip tells it."""
    amount = parse_euros(request.form.get("amount", ""))
    signed = -abs(amount) if request.form.get("way") == "out" else abs(amount)
    store = screens.store()
    with suppress(AlreadyDone):
        moved = cash.move_cash(
            store, signed, request.form.get("reason", ""), by=screens.clerk(), attempt=screens.attempt()
        )
        with store.writing(by=screens.clerk()) as tx:
            shown = slips.issued_at(store, tx.conn, store.last_place())
            paper.enqueue(tx, _("Cash slip"), slips.cash_slip(moved, paper.cafe_of(tx.conn, moved.day), shown))
        kick_for(_("Cash recorded, drawer open"), _("Cash recorded"))
    return screens.go(url_for("drawer.home"))


@bp.get("/open")
def opening() -> str:
    """Ask why the drawer opens without a sale."""
    return screens.draw("till/drawer_open.html", reasons=OPEN_REASONS)


@bp.post("/open/<reason>")
def open_now(reason: str) -> Any:
    """Record the reason, then open the drawer."""
    with suppress(AlreadyDone):
        cash.open_drawer(screens.store(), reason, by=screens.clerk(), attempt=screens.attempt())
        kick_for(_("Drawer open, noted"), _("Noted: open the drawer with its key"))
    return screens.go("/")


@bp.get("/count")
def counting() -> str:
    """Show the notes and coins to count."""
    with screens.store().reading() as conn:
        day = _day_to_count(conn)
        expected = tables.drawer_expected(conn, day) if day else 0
        row = tables.day_row(conn, day)
    return screens.draw(
        "till/count.html", counted=COUNTED, expected=expected, found=0, typed=False, day=day,
        was_closed=row is not None and row["closed_seq"] > 0,
    )  # fmt: skip


def _day_to_count(conn: Any) -> str:
    """Return the day that is counted: the one asked for, when it was closed without a count; else the open one."""
    asked = tables.day_row(conn, request.values.get("day", ""))
    if asked is not None:
        return str(asked["day"])
    row = tables.open_day(conn)
    return str(row["day"]) if row else ""


@bp.post("/counted")
def counted() -> str:
    """Show what the count makes so far; nothing is recorded."""
    pieces = typed_pieces()
    with screens.store().reading() as conn:
        day = _day_to_count(conn)
        expected = tables.drawer_expected(conn, day) if day else 0
    return screens.render(
        "till/_counted.html", expected=expected, found=cash.counted_cents(pieces), typed=bool(pieces), oob=False
    )


@bp.post("/count")
def count() -> Any:
    """Record the count of the drawer, with its difference."""
    with screens.store().reading() as conn:
        day = _day_to_count(conn)
    with suppress(AlreadyDone):
        done = cash.count_drawer(
            screens.store(),
            pieces=typed_pieces(),
            reason="check",
            day=day,
            by=screens.clerk(),
            attempt=screens.attempt(),
        )
        if done.difference:
            screens.say(_("Counted: the difference is noted"), icon="pen", tone="wait")
        else:
            screens.say(_("Counted: exact"))
    return screens.go(url_for("drawer.home"))


def typed_pieces() -> list[Pieces]:
    """Return the notes and coins typed in the form, `n500` for 5 € notes."""
    counts = {}
    for value in COUNTED:
        typed = request.form.get(f"n{value}", "").strip()
        if typed.isdecimal() and int(typed[:6]):
            counts[value] = int(typed[:6])
    return cash.pieces_of(counts)


@bp.post("/settle/<owner>")
def settle(owner: str) -> Any:
    """Hand a third party its money."""
    amount = parse_euros(request.form.get("amount", ""))
    means = request.form.get("means", "cash")
    with suppress(AlreadyDone):
        cash.settle_third_party(
            screens.store(), owner, amount, means=means, by=screens.clerk(), attempt=screens.attempt()
        )
        if means == "cash":
            kick_for(_("Handed over, drawer open"), _("Handed over"))
        else:
            screens.say(_("Handed over"))
    return screens.go(url_for("drawer.home"))


def _to_hand_over(conn: Any) -> dict[str, int]:
    """Return what is owed to whom, customers' accounts apart: those are kept one by one by their service."""
    apart = {means.owner for means in screens.store().means.values()}
    return {owner: cents for owner, cents in tables.third_parties(conn).items() if owner not in apart}


def day_of(conn: Any) -> str:
    """Return the open day's label, or today."""
    row = tables.open_day(conn)
    return str(row["day"]) if row else screens.today()
