"""The indicators' page: what the services tell of themselves, month by month, and its CSV."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from hq import indicators, register
from hq.exports import comma, csv_bytes
from hq.screens import page
from pos.i18n import _

blueprint = Blueprint("indicators", __name__)


def _asked() -> tuple[int | None, int | None]:
    cafe = request.args.get("cafe", "")
    return page.asked_antenna(), int(cafe) if cafe.isdigit() and len(cafe) < 10 else None


@blueprint.get("/indicators")
def show() -> ResponseReturnValue:
    """Show every indicator over twelve months."""
    antenna, cafe = _asked()
    with page.reading() as conn:
        cafes = register.cafes(conn, page.me(), antenna=antenna)
        rows = indicators.table(conn, page.me(), page.today(), antenna=antenna, cafe=cafe)
    return page.draw(
        "indicators.html", rows=[row for row in rows if row.cafes], silent=[row for row in rows if not row.cafes],
        months=indicators.months_to(page.today()), cafes=cafes, antenna=antenna, cafe=cafe,
    )  # fmt: skip


@blueprint.get("/indicators.csv")
def export() -> Response:
    """Hand the same table to a spreadsheet: one line per indicator and month."""
    antenna, cafe = _asked()
    with page.reading() as conn:
        rows = indicators.table(conn, page.me(), page.today(), antenna=antenna, cafe=cafe)
    lines = [
        (row.indicator.code, _(row.indicator.label), row.indicator.unit, month,
         comma(amount, 2) if row.indicator.unit in ("cents", "share") else amount, len(row.cafes))
        for row in rows for month, amount in sorted(row.months.items())
    ]  # fmt: skip
    header = (_("code"), _("indicator"), _("unit"), _("month"), _("amount"), _("cafés"))
    page.note_export("indicators")
    return Response(
        csv_bytes(header, lines), mimetype="text/csv",
        headers={"Content-Disposition": "attachment; filename=zinc-indicateurs.csv"},
    )  # fmt: skip
