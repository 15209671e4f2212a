"""Invoices on the counter: from a ticket, from a bill to be paid later; the customer found or typed; the file."""

import sqlite3
from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, request, url_for

from pos import private, release, screens
from pos.errors import AlreadyDone
from pos.i18n import N_, _
from pos.money import parse_euros
from pos.slips import BANNER
from pos.till import sell, tables
from pos.till.invoices import cii, desk, facturx
from pos.till.invoices import tables as invoices
from pos.till.invoices.events import ASSOCIATION, COMPANY, PERSON, PUBLIC, Party
from pos.till.notice import notice
from pos.till.screens import bill, paper

bp = Blueprint("invoices", __name__, url_prefix="/invoices", template_folder="../templates")

SORTS = (
    (PUBLIC, N_("Town hall, school, public body"), "house"), (COMPANY, N_("Company"), "letter"),
    (ASSOCIATION, N_("Association"), "two"), (PERSON, N_("Person, sole trader"), "user"),
)  # fmt: skip
RECEIVED = (("transfer", N_("by transfer")), ("cheque", N_("by cheque")), ("cash", N_("in cash")))
# Fields of the form that note a customer.
FIELDS = ("sort", "entity", "siret", "street", "postcode", "town", "vat_number", "service_code")


@bp.get("/")
def home() -> str:
    """List invoices and credit notes, the newest first, with what is left to pay."""
    with screens.store().reading() as conn:
        rows = invoices.documents(conn)
        names = {key: who.entity for key, who in _known(conn)}
    left = {row["number"]: desk.left_to_pay(row) for row in rows if row["series"].startswith(invoices.INVOICE)}
    return screens.draw("till/invoices.html", rows=rows, names=names, left=left, waiting=sum(left.values()))


def _known(conn: sqlite3.Connection) -> list[tuple[str, Party]]:
    return [(key, desk.known_as(conn, key, party)) for key, party in invoices.buyers(conn)]


@bp.get("/ticket/<int:no>")
def of_ticket(no: int) -> Any:
    """Ask who a ticket is invoiced to, or open the invoice it made."""
    with screens.store().reading() as conn:
        made = invoices.of_ticket(conn, no)
        if made is not None:
            return screens.go(url_for("invoices.one", number=made["number"]))
        event, _seq = sell.sale_of(screens.store(), conn, no)
        return _ask(conn, event.turnover, ticket=no)


@bp.get("/bill")
def of_bill() -> Any:
    """Ask who will pay the bill on the screen later, by invoice."""
    with screens.store().reading() as conn:
        tab = sell.current_tab(conn, bill.held())
        if tab is None or not tab.lines:
            return screens.go("/")
        return _ask(conn, tab.due, tab=tab.tab_id)


def _ask(conn: sqlite3.Connection, amount: int, *, ticket: int = 0, tab: str = "") -> str:
    asked = request.args.get("find", "").strip()
    known = [(key, who) for key, who in _known(conn) if who.entity]
    if asked:
        words = private.fold(asked)
        known = [one for one in known if words in private.fold(f"{one[1].entity} {one[1].siret} {one[1].town}")]
    return screens.draw(
        "till/invoicing.html", amount=amount, ticket=ticket, tab=tab, known=known[:12], find=asked, sorts=SORTS,
        sort=request.args.get("sort", PUBLIC),
    )  # fmt: skip


@bp.post("/make")
def make() -> Any:
    """Make the invoice for a known customer, or for the one just typed."""
    form, by, store = request.form, screens.clerk(), screens.store()
    buyer = form.get("buyer", "")
    if not buyer:
        told = {name: form.get(name, "") for name in FIELDS}
        buyer = desk.note_buyer(store, **told, no_service=form.get("no_service") == "1", by=by)
    common: dict[str, Any] = {
        "buyer": buyer,
        "engagement": form.get("engagement", ""),
        "by": by,
        "attempt": screens.attempt(),
    }
    try:
        if form.get("ticket", "").isdecimal():
            made = desk.invoice_ticket(store, int(form["ticket"]), **common)
        else:
            made = desk.invoice_bill(store, form.get("tab", ""), **common)
    except AlreadyDone:
        return screens.go(url_for("invoices.home"))
    screens.say(_("%(number)s is made", number=made.number), icon="paper")
    return screens.go(url_for("invoices.one", number=made.number))


@bp.post("/notice")
def print_notice() -> str:
    """Print the notice to put up where people pay (R63, R64)."""
    with suppress(AlreadyDone), screens.store().writing(by=screens.clerk(), attempt=screens.attempt()) as tx:
        slip = notice(paper.cafe_of(tx.conn), screens.today())
        paper.enqueue(tx, slip.title, slip)
    paper.print_now(_("Notice on paper"))
    return screens.render("_message.html", oob=False)


@bp.get("/<number>")
def one(number: str) -> str:
    """Show an invoice or a credit note."""
    with screens.store().reading() as conn:
        doc = desk.written(screens.store(), conn, number)
        row = invoices.document(conn, number)
        taken_back = [r for r in invoices.documents(conn, 10_000) if r["invoice"] == number]
        ticket = tables.ticket(conn, doc.ticket)
    left = desk.left_to_pay(row) if row is not None else 0
    return screens.draw(
        "till/invoice.html", doc=doc, title=facturx.title_of(doc), left=left, credits=taken_back, received=RECEIVED,
        ticket=ticket, why=cii.why_exempt,
    )  # fmt: skip


@bp.get("/<number>/file.pdf")
def file(number: str) -> Response:
    """Give the Factur-X file."""
    with screens.store().reading() as conn:
        doc = desk.written(screens.store(), conn, number)
    made = facturx.facturx(doc, mark=_mark())
    return _file(made, f"{doc.number}.pdf", "application/pdf")


@bp.get("/<number>/file.xml")
def data(number: str) -> Response:
    """Give the XML alone, for a platform that asks for it."""
    with screens.store().reading() as conn:
        doc = desk.written(screens.store(), conn, number)
    return _file(cii.xml(doc), f"{doc.number}.xml", "application/xml")


def _file(made: bytes, name: str, kind: str) -> Response:
    return Response(made, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _mark() -> str:
    """Return what is written across a document that is not true."""
    if screens.store() is not screens.kiosk().store:
        return _("FACTICE")
    return _(BANNER) if release.DEMONSTRATION else ""


@bp.post("/<number>/received")
def received(number: str) -> Any:
    """Note what was received of an invoice to be paid later."""
    with suppress(AlreadyDone):
        desk.receive_payment(
            screens.store(), number, parse_euros(request.form.get("amount", "")), means=request.form.get("means", "transfer"),
            by=screens.clerk(), attempt=screens.attempt(),
        )  # fmt: skip
        screens.say(_("Received, noted"), icon="coins")
    return screens.go(url_for("invoices.one", number=number))
