"""Archives of a café, month by month, for who answers for it at HQ."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from hq import archives, register
from hq.screens import page

blueprint = Blueprint("archives", __name__)


@blueprint.get("/cafes/<int:cafe_id>/archives")
def show(cafe_id: int) -> ResponseReturnValue:
    """List the months that can be handed over."""
    with page.reading() as conn:
        row = register.find_cafe(conn, cafe_id, page.me())
        months = archives.months(conn, cafe_id) if register.shares_money(row) else []
    return page.draw("archives.html", cafe=row, months=months, shared=register.shares_money(row))


@blueprint.post("/cafes/<int:cafe_id>/archives")
def make(cafe_id: int) -> ResponseReturnValue:
    """Send an archive as a file; the act is noted."""
    user = page.must_write()
    name, data = archives.make(page.office(), user, cafe_id, request.form.get("period", ""))
    answer = Response(data, mimetype="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
