"""Tickets of the day and before: on the screen, on paper again, given back in part or whole."""

from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, request, session, url_for

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import N_, _
from pos.till import card, card_refund, corrections, refund, refusals, sell, slips, tables
from pos.till import late as late_sales
from pos.till.card_events import CardRefundStarted
from pos.till.events import SaleCompleted
from pos.till.invoices import tables as invoices
from pos.till.screens import bill, cards, paper, terminal

bp = Blueprint("tickets", __name__, url_prefix="/tickets", template_folder="../templates")

# The way it was paid, the card's part typed on the terminal.
BY_HAND = "by_hand"
REASONS = (
    ("mistake", N_("Typing mistake"), "erase"),
    ("returned", N_("Goods returned"), "undo"),
    ("quality", N_("Not to their liking"), "info"),
    ("not_served", N_("Not served"), "cross"),
    ("other", N_("Another reason"), "pen"),
)


@bp.get("/")
def day() -> str:
    """Show a day's tickets, the newest first."""
    asked = request.args.get("day", "")
    today = screens.today()
    wanted = asked if _is_day(asked) else today
    with screens.store().reading() as conn:
        rows = [t for period in _periods(conn, wanted) for t in tables.tickets(conn, period)]
        names = paper.labels(conn)
    before = (date.fromisoformat(wanted) - timedelta(days=1)).isoformat()
    after = (date.fromisoformat(wanted) + timedelta(days=1)).isoformat()
    return screens.draw(
        "till/tickets.html", tickets=sorted(rows, key=lambda t: -t["no"]), day=wanted, today=today, before=before,
        after=after if after <= today else "", names=names, took=sum(t["total"] for t in rows),
    )  # fmt: skip


def _periods(conn: Any, day: str) -> list[str]:
    return [
        row[0] for row in conn.execute("SELECT day FROM till_day WHERE substr(day, 1, 10) = ? ORDER BY day", (day,))
    ] or [day]


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10


@bp.get("/look")
def look() -> Any:
    """Open the ticket whose number was typed."""
    number = request.args.get("no", "")
    if not number:
        raise refusals.TicketNumberMissing
    with screens.store().reading() as conn:
        if not number.isdecimal() or tables.ticket(conn, int(number)) is None:
            raise refusals.NoSuchTicket(no=number[:12])
    return screens.go(url_for("tickets.one", no=int(number)))


@bp.get("/late")
def late_form() -> str:
    """Ask when a sale noted on paper was made."""
    return screens.draw("till/late.html")


@bp.post("/late")
def late() -> Any:
    """Open the bill of a sale noted on paper, and go to the counter."""
    with suppress(AlreadyDone):
        tab = late_sales.begin_late_sale(
            screens.store(), request.form.get("hour", "").strip(), by=screens.clerk(), attempt=screens.attempt()
        )
        bill.hold(tab.tab_id)
        screens.say(_("Sale noted on paper: its ticket will say both times"), tone="wait", icon="clock")
    return screens.go("/")


@bp.get("/<int:no>")
def one(no: int) -> str:
    """Show a ticket as it would be on paper; large, for the customer's camera, when asked."""
    with screens.store().reading() as conn:
        event, seq = sell.sale_of(screens.store(), conn, no)
        row = tables.ticket(conn, no)
        document = invoices.of_ticket(conn, no)
        slip = paper.ticket_slip(conn, event, seq)
        names = paper.labels(conn)
        corrected = corrections.moved(conn, no)
        pending = tables.pending_refund(conn, no)
        is_sale = isinstance(event, SaleCompleted)
        mistakable = isinstance(event, SaleCompleted) and corrections.correctable(screens.store(), conn, event)
    return screens.draw(
        "till/ticket.html", ticket=row, event=event, is_sale=is_sale, text=paper.on_screen(slip), names=names,
        left=row["total"] - row["refunded"] if is_sale and row else 0, large="on_screen" in request.args,
        corrected=corrected, pending=pending, mistakable=mistakable,
        document=document,
    )  # fmt: skip


@bp.post("/<int:no>/print")
def print_one(no: int) -> str:
    """Print a ticket; from the second time on it is a duplicate, and says so (R46)."""
    with suppress(AlreadyDone):
        paper.print_ticket(no, attempt=screens.attempt())
    paper.print_now(_("Ticket %(no)s on paper", no=no))
    return screens.render("_message.html", oob=False)


@bp.get("/<int:no>/refund")
def refunding(no: int) -> str:
    """Show what is left to give back, line by line."""
    with screens.store().reading() as conn:
        event, _seq = sell.sale_of(screens.store(), conn, no)
        if not isinstance(event, SaleCompleted):
            raise refusals.NothingToRefund(no=no)
        before = tables.refunded_lines(conn, no)
        row = tables.ticket(conn, no)
    left = [line.quantity - (before[i]["quantity"] if i in before else 0) for i, line in enumerate(event.lines)]
    return screens.draw(
        "till/refund.html", sale=event, left=left, reasons=REASONS, total_left=event.total - (row["refunded"] if row else 0),
        by_card=all(p.means == "card" for p in event.payments), asked=terminal.does(terminal.REFUND),
    )  # fmt: skip


@bp.post("/<int:no>/refund")
def give_back(no: int) -> Any:
    """Give back what was chosen, for a reason: the manager, or whoever serves with the manager's PIN."""
    form = request.form
    chosen = [
        (int(place), int(form[f"q{place}"])) for place in form.getlist("place") if form.get(f"q{place}", "").isdecimal()
    ]
    means = form.get("means", "")
    asked = terminal.does(terminal.REFUND) and means != BY_HAND
    act = card_refund.start_refund if asked else refund.refund_sale
    try:
        done = act(
            screens.store(), no, reason=form.get("reason", ""), lines=chosen if form.get("part") else None,
            means="" if means == BY_HAND else means, by=screens.clerk(), attempt=screens.attempt(),
        )  # fmt: skip
    except AlreadyDone:
        return screens.go(url_for("tickets.one", no=no))
    session.pop("tab", None)
    if isinstance(done, CardRefundStarted):
        terminal.ask(done.payment, done.amount, cards.settle_for_terminal, done.action)
        return screens.go(url_for("tickets.going_back", payment=done.payment))
    cards.after_refund(done, by_hand=not asked)
    return screens.go(url_for("tickets.one", no=done.no))


@bp.get("/back/<payment>")
def going_back(payment: str) -> Any:
    """Show money on its way back to a card: the terminal is waited for, or asked about; then the refund's ticket."""
    with screens.store().reading() as conn:
        row = tables.card(conn, payment)
        if row is None or row["action"] == terminal.PAY or not row["no"]:
            raise refusals.NoSuchCardPayment
        last = tables.refunds_of(conn, row["no"])[-1:]
        sale, _seq = sell.sale_of(screens.store(), conn, row["no"])
        started: Any = screens.store().event(conn, row["seq"]).event
    if row["outcome"] == card.ACCEPTED and last:
        return screens.go(url_for("tickets.one", no=last[0]["no"]))
    if row["outcome"]:
        return screens.go(url_for("tickets.refunding", no=row["no"]))
    lines = [(sale.lines[part.place], part.quantity) for part in started.parts]
    return screens.draw("till/going_back.html", row=row, said=terminal.said(payment), started=started, lines=lines)


@bp.get("/back/<payment>/wait")
def back_wait(payment: str) -> Any:
    """Answer the waiting screen when the terminal answered; asked of memory."""
    was = request.args.get("was", "")
    said = terminal.desk().wait(payment, was)
    if said.outcome == terminal.ASKING and said.why == was:
        return Response("", 204)
    with screens.store().reading() as conn:
        row = tables.card(conn, payment)
    if row is not None and row["outcome"] and row["outcome"] != card.ACCEPTED:
        cards.say_outcome(row)
    elif row is not None and row["outcome"]:
        screens.say(_("Refunded on the card"), icon="card")
    return screens.go(url_for("tickets.going_back", payment=payment))


@bp.post("/back/<payment>/leave")
def back_leave(payment: str) -> Any:
    """Wait no more: the question about the terminal's slip stands instead."""
    terminal.desk().leave(payment)
    return screens.go(url_for("tickets.going_back", payment=payment))


@bp.post("/back/<payment>/<outcome>")
def back_settle(payment: str, outcome: str) -> Any:
    """Say whether the money went back."""
    cards.settle_by_clerk(payment, outcome)
    return screens.go(url_for("tickets.going_back", payment=payment))


@bp.post("/bill/print")
def print_bill() -> str:
    """Print the bill before payment: not a proof of payment, and its printing is recorded (R47)."""
    from pos.till.events import BillPrinted
    from pos.till.screens import bill
    from pos.till.tab import price

    store = screens.store()
    with suppress(AlreadyDone), store.writing(by=screens.clerk(), attempt=screens.attempt()) as tx:
        tab = sell.current_tab(tx.conn, request.form.get("tab", "") or bill.held())
        if tab is None or not tab.lines:
            raise refusals.EmptyBill
        day = sell.day_label(tx)
        cafe = paper.cafe_of(tx.conn, day)
        tx.record(BillPrinted(tab=tab.tab_id, total=tab.total, day=day))
        tab.printed = True
        sell.keep(tx, tab)
        shown = slips.issued_at(store, tx.conn, tx.recorded[-1].seq)
        paper.enqueue(tx, _("Bill"), slips.bill(tab, price(tab, day[:10], cafe.regime), cafe, shown))
    paper.print_now(_("Bill on paper"))
    return screens.render("_message.html", oob=False)
