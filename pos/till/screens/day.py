"""The day's two ends: opening with its float, closing with its count and its Z; readings between."""

from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, request, url_for

from pos import screens
from pos.clock import local
from pos.errors import AlreadyDone
from pos.feature import Notice
from pos.i18n import N_, _
from pos.money import parse_euros
from pos.till import cash, close, period_tables, sell, slips, tables
from pos.till.events import DayClosed
from pos.till.period_tables import DAY
from pos.till.screens import leads, paper, terminal
from pos.till.screens.drawer import COUNTED, typed_pieces
from pos.till.tab import CARD

bp = Blueprint("day", __name__, url_prefix="/day", template_folder="../templates")

GAP_REASONS = (
    ("change", N_("Wrong change"), "coins"),
    ("forgotten", N_("A sale not typed"), "bread"),
    ("unknown", N_("I do not know"), "search"),
    ("other", N_("Another reason"), "pen"),
)


@bp.get("/")
def home() -> Any:
    """Show where the day stands: open, to open, closed."""
    with screens.store().reading() as conn:
        state = close.day_state(conn, screens.today())
    return screens.go(url_for("day.closing" if state.state in ("open", "stale") else "day.opening"))


@bp.get("/open")
def opening() -> str:
    """Ask for the float: the one left last night, or another."""
    with screens.store().reading() as conn:
        state = close.day_state(conn, screens.today())
        left = tables.last_left(conn)
        notices = [
            n for f in screens.store().features for check in f.day_open_checks for n in check(conn, screens.today())
        ]
        last = conn.execute("SELECT day, z, counted FROM till_day WHERE z > 0 ORDER BY z DESC LIMIT 1").fetchone()
        made = period_tables.last_made(conn, DAY)
    # Closed by itself and not counted since: said once, on the first screen of the morning.
    forgotten = last["day"] if last and made and made["auto"] and last["counted"] < 0 else ""
    return screens.draw(
        "till/opening.html", state=state, left=left, notices=notices, hour=local(screens.store().clock.now_ms()).hour,
        today=screens.today(), last=last, forgotten=forgotten,
    )  # fmt: skip


@bp.post("/open")
def open_now() -> Any:
    """Open the day with this float; a forgotten day, a month, a year that this closes come on paper."""
    from pos.till.screens import closings

    with suppress(AlreadyDone):
        close.open_day(
            screens.store(), parse_euros(request.form.get("float") or "0"), by=screens.clerk(),
            paper=closings.queue_paper if screens.devices().has_printer else None, attempt=screens.attempt(),
        )  # fmt: skip
        screens.print_waiting()
        screens.say(_("The day is open"), icon="check")
    return screens.go("/")


def _totals(conn: Any) -> DayClosed | None:
    """Return what the day adds up to so far, without recording a reading."""
    row = tables.open_day(conn)
    if row is None:
        return None
    store = screens.store()
    with store.writing(by=screens.clerk()) as tx:
        return close.totals_of(tx, row["day"], auto=False, counted=None)


@bp.get("/close")
def closing() -> Any:
    """Show the three steps: count, understand the difference, close."""
    with screens.store().reading() as conn:
        so_far = _totals(conn)
        if so_far is None:
            return screens.go(url_for("day.opening"))
        return screens.draw("till/closing.html", live=False, **_closing(conn, so_far, 0, typed=False))


def _closing(conn: Any, so_far: DayClosed, found: int, *, typed: bool) -> dict[str, Any]:
    day = so_far.day[:10]
    notices: list[Notice] = [
        n for f in screens.store().features for check in f.day_close_checks for n in check(conn, day)
    ]
    return {
        "day": so_far, "counted": COUNTED, "found": found, "typed": typed, "expected": so_far.expected,
        "notices": notices, "reasons": GAP_REASONS, "names": paper.labels(conn), "leads": leads.leads(conn, so_far.day),
        "cards": tables.unsettled_cards(conn), "card_total": close.cards_of(conn, so_far.day),
        "by_card": any(total.key == CARD for total in so_far.means), "bills": [t for t in sell.open_tabs(conn) if t.lines],
        "vat": sum(part.gross - part.net for part in so_far.vat),
    }  # fmt: skip


@bp.post("/counted")
def counted() -> str:
    """Show the difference the count makes so far; nothing is recorded."""
    pieces = typed_pieces()
    with screens.store().reading() as conn:
        so_far = _totals(conn)
        if so_far is None:
            return ""
        return screens.render(
            "till/_gap.html", live=True, **_closing(conn, so_far, cash.counted_cents(pieces), typed=bool(pieces))
        )


@bp.post("/cards")
def cards_typed() -> str:
    """Show what the terminal's slip has more or less than the till; nothing is recorded."""
    told = _cards_told()
    with screens.store().reading() as conn:
        row = tables.open_day(conn)
        expected = close.cards_of(conn, row["day"]) if row is not None else 0
    return screens.render("till/_cards_gap.html", told=told, gap=(told or 0) - expected)


def _cards_told() -> int | None:
    """Return what was typed of the terminal's slip; nothing typed is nothing compared."""
    typed = request.form.get("cards", "").strip()
    return parse_euros(typed) if typed else None


@bp.post("/collect")
def collect() -> str:
    """Ask the terminal to send its day to the bank, where it does that for a till."""
    asked = screens.fresh_attempt()
    terminal.ask(asked, 0, lambda _payment, _outcome, _ref: None, terminal.COLLECT)
    return screens.render("till/_collect.html", asked=asked, said=terminal.said(asked))


@bp.get("/collect/<asked>")
def collected(asked: str) -> Any:
    """Answer when the terminal did."""
    said = terminal.desk().wait(asked, request.args.get("was", ""))
    if said.outcome == terminal.ASKING and said.why == request.args.get("was", ""):
        return Response("", 204)
    return screens.render("till/_collect.html", asked=asked, said=said)


@bp.post("/close")
def close_now() -> Any:
    """Close the day: the count, then the Z; print it and send it to HQ when the line is there."""
    from pos.till.screens import closings

    pieces = typed_pieces()
    store = screens.store()
    try:
        done = close.close_day(
            store, pieces=pieces, reason=request.form.get("reason", ""), cards=_cards_told(), by=screens.clerk(),
            paper=closings.queue_paper, attempt=screens.attempt(),
        )  # fmt: skip
    except AlreadyDone:
        return screens.go(url_for("day.opening"))
    paper.print_now(_("Day closed: Z %(z)s on paper", z=done.z))
    screens.after_closing()
    return screens.go(url_for("day.closed", z=done.z))


@bp.post("/reading")
def reading() -> str:
    """Take an X reading: recorded, shown, printed on request; nothing is sealed."""
    store = screens.store()
    done = close.take_reading(store, by=screens.clerk(), attempt=screens.fresh_attempt())
    with store.reading() as conn:
        shown = slips.issued_at(store, conn, store.last_place())
        slip = slips.reading(done, paper.cafe_of(conn, done.day), shown, labels=paper.labels(conn))
    if request.form.get("paper"):
        with store.writing(by=screens.clerk()) as tx:
            paper.enqueue(tx, slip.title, slip)
        paper.print_now(_("Reading on paper"))
    return screens.draw("till/reading.html", day=done, text=paper.on_screen(slip))
