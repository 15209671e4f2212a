"""The network's catalogue: articles kept and taken out."""

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from hq import catalogue
from hq.screens import page
from pos.errors import Refusal
from pos.i18n import _
from pos.vat import VAT_CLASSES

blueprint = Blueprint("articles", __name__)


@blueprint.get("/articles")
def index() -> ResponseReturnValue:
    """List the articles, and the form of one more."""
    return _drawn()


def _drawn(trouble: Refusal | None = None, status: int = 200) -> ResponseReturnValue:
    with page.reading() as conn:
        rows = catalogue.listed(conn)
    typed: dict[str, Any] = dict(request.form) if trouble is not None else {}
    vat = {one.code: one.label for one in VAT_CLASSES}
    return page.draw(
        "articles.html", status, rows=rows, trouble=trouble, typed=typed, vat=vat, categories=catalogue.CATEGORIES
    )


@blueprint.post("/articles")
def keep() -> ResponseReturnValue:
    """Put an article into the catalogue."""
    user, form = page.must_be_national(), request.form
    try:
        with page.writing() as conn:
            catalogue.keep(
                conn, user, ref=form.get("ref", ""), label=form.get("label", ""), category=form.get("category", ""),
                vat_class=form.get("vat_class", ""), now_ms=page.now_ms(),
            )  # fmt: skip
    except catalogue.BadArticle as trouble:
        return _drawn(trouble, 422)
    return page.back_to(url_for("articles.index"), _("Kept: tills propose it once their day is closed."))


@blueprint.post("/articles/drop")
def drop() -> ResponseReturnValue:
    """Take an article out."""
    user = page.must_be_national()
    with page.writing() as conn:
        catalogue.drop(conn, user, request.form.get("ref", ""), now_ms=page.now_ms())
    return page.back_to(url_for("articles.index"), _("Taken out: cafés that have it on their menu keep it."))
