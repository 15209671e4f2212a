"""The network's prices and ceilings: typed one by one, or brought as a CSV."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from hq import downstream, pricing
from hq.exports import Cell, comma, csv_bytes
from hq.pricing import HEADERS, RowFault, Typed
from hq.screens import page
from pos.errors import Refusal
from pos.i18n import _, ngettext
from pos.till.network import REASONS

blueprint = Blueprint("prices", __name__)


@blueprint.get("/prices")
def index() -> ResponseReturnValue:
    """List the prices in force and to come."""
    return _drawn()


def _drawn(
    trouble: Refusal | None = None, faults: list[RowFault] | None = None, status: int = 200
) -> ResponseReturnValue:
    text = request.args.get("q", "")[:60]
    with page.reading() as conn:
        rows, own = pricing.listed(conn, page.today(), text), downstream.own_prices(conn, page.me())
    typed: dict[str, Any] = dict(request.form) if trouble is not None else {"first": page.today()}
    return page.draw(
        "prices.html",
        status,
        rows=rows,
        own=own,
        reasons=REASONS,
        text=text,
        trouble=trouble,
        faults=faults or [],
        typed=typed,
    )


@blueprint.post("/prices")
def save() -> ResponseReturnValue:
    """Put a price or a ceiling in force."""
    user, form = page.must_be_national(), request.form
    typed = Typed(
        ref=form.get("ref", ""), label=form.get("label", ""), price=form.get("price", ""),
        ceiling=form.get("ceiling", ""), first=form.get("first", ""),
    )  # fmt: skip
    try:
        with page.writing() as conn:
            pricing.set_price(conn, user, typed, now_ms=page.now_ms())
    except pricing.BadPrice as trouble:
        return _drawn(trouble, status=422)
    return page.back_to(url_for("prices.index"), _("Saved: tills take it once their day is closed."))


@blueprint.post("/prices/end")
def end() -> ResponseReturnValue:
    """End the network's price of a product, today."""
    user, ref = page.must_be_national(), request.form.get("ref", "")
    try:
        with page.writing() as conn:
            pricing.end_price(conn, user, ref, page.today(), now_ms=page.now_ms())
    except pricing.BadPrice as trouble:
        return _drawn(trouble, status=422)
    return page.back_to(url_for("prices.index"), _("Ended: from now on its price is each café’s own."))


@blueprint.post("/prices/file")
def import_file() -> ResponseReturnValue:
    """Take a CSV file: all of it, or nothing and what is wrong, line by line."""
    user, sent = page.must_be_national(), request.files.get("file")
    try:
        text = pricing.text_of(sent.read() if sent is not None else b"")
        with page.writing() as conn:
            n, faults = pricing.import_csv(
                conn, user, text, now_ms=page.now_ms(), name=str(sent.filename) if sent is not None else ""
            )
    except pricing.BadPrice as trouble:
        return _drawn(trouble, status=422)
    if faults:
        return _drawn(faults=faults, status=422)
    return page.back_to(url_for("prices.index"), ngettext("%(n)s price taken.", "%(n)s prices taken.", n))


@blueprint.get("/prices.csv")
def export() -> Response:
    """Hand the list to a spreadsheet, in the columns that the import reads."""
    with page.reading() as conn:
        rows = pricing.listed(conn, page.today())
    lines: list[tuple[Cell, ...]] = [
        (row["ref"], row["label"], comma(row["price"], 2), comma(row["ceiling"], 2), row["first_day"]) for row in rows
    ]
    page.note_export("prices")
    answer = Response(csv_bytes([_(title) for title in HEADERS.values()], lines), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="zinc-prix-reseau-{page.today()}.csv"'
    return answer
