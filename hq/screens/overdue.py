"""The page of what waits past its day, café by café, and its CSV."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from hq import overdue
from hq.exports import csv_bytes
from hq.screens import page, paging
from pos.i18n import _

blueprint = Blueprint("overdue", __name__)


@blueprint.get("/overdue")
def show() -> ResponseReturnValue:
    """Draw what waits past its day, one line per café."""
    antenna = page.asked_antenna()
    with page.reading() as conn:
        lines = overdue.lines(conn, page.me(), page.today(), antenna=antenna)
    sorts = {code: one for code, one in overdue.sorts().items() if any(code in line.late for line in lines)}
    return page.draw("overdue.html", listed=paging.sliced(lines), sorts=sorts, antenna=antenna)


@blueprint.get("/overdue.csv")
def export() -> Response:
    """Hand the same table to a spreadsheet: one line per café and sort of thing."""
    with page.reading() as conn:
        lines = overdue.lines(conn, page.me(), page.today(), antenna=page.asked_antenna())
    known = overdue.sorts()
    rows = [
        (line.cafe["id"], line.cafe["name"], line.cafe["commune"], _(known[code].label), late.n, late.oldest)
        for line in lines for code, late in line.late.items()
    ]  # fmt: skip
    header = (_("number"), _("café"), _("commune"), _("what waits"), _("past its day"), _("oldest day"))
    page.note_export("overdue")
    return Response(
        csv_bytes(header, rows),
        mimetype="text/csv",
        headers={"Content-Disposition": "attachment; filename=zinc-en-retard.csv"},
    )
