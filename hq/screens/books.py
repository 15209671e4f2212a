"""A café's books, month by month, for who answers for it at HQ."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from hq import archives, register
from hq import books as made
from hq.screens import page
from pos.accounting.books import KINDS

blueprint = Blueprint("books", __name__)


@blueprint.get("/cafes/<int:cafe_id>/books")
def show(cafe_id: int) -> ResponseReturnValue:
    """List the months whose books can be handed over."""
    with page.reading() as conn:
        row = register.find_cafe(conn, cafe_id, page.me())
        months = archives.months(conn, cafe_id) if register.shares_money(row) else []
    return page.draw("books.html", cafe=row, months=months, shared=register.shares_money(row), kinds=KINDS)


@blueprint.post("/cafes/<int:cafe_id>/books")
def make(cafe_id: int) -> ResponseReturnValue:
    """Send a file; the act is noted."""
    user = page.must_write()
    what = request.form.get("what", "")
    file = made.make(page.office(), user, cafe_id, what if what in KINDS else "fec", request.form.get("period", ""))
    answer = Response(file.data, content_type=file.media)
    answer.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return answer
