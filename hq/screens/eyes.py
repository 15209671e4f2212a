"""Four eyes: what others ask, to agree to or to refuse; and whether the office wants it."""

from flask import Blueprint, abort, g, request, url_for
from flask.typing import ResponseReturnValue

from hq import access, eyes
from hq.screens import page
from pos.i18n import _

blueprint = Blueprint("eyes", __name__)


@blueprint.get("/second-look")
def show() -> ResponseReturnValue:
    """List what waits for a second person."""
    page.must_write()
    with page.reading() as conn:
        asked, on = eyes.waiting(conn, page.me(), page.now_ms()), eyes.is_on(conn)
    return page.draw("eyes.html", asked=asked, on=on, what=eyes.WHAT, keys=eyes.KEYS, roles=access.ROLE_NAMES)


@blueprint.post("/second-look/<which>/<say>")
def answer(which: str, say: str) -> ResponseReturnValue:
    """Agree, or refuse."""
    user = page.must_write()
    if say not in ("agree", "refuse"):
        abort(404)
    with page.writing() as conn:
        eyes.answer(conn, user, which, now_ms=page.now_ms(), agreed=say == "agree")
    said = _("Agreed: who asked may do it now, once.") if say == "agree" else _("Refused: nothing was done.")
    return page.back_to(url_for("eyes.show"), said)


@blueprint.post("/second-look")
def switch() -> ResponseReturnValue:
    """Ask for a second person from now on, or stop."""
    user = page.must_be_national()
    try:
        with page.writing() as conn:
            eyes.set_on(conn, by=user.username, now_ms=page.now_ms(), on=request.form.get("on") == "1")
    except eyes.NobodyElse as trouble:
        return page.back_to(url_for("eyes.show"), trouble=trouble)
    return page.back_to(url_for("eyes.show"), _("Done."))


@blueprint.app_errorhandler(eyes.Unagreed)
def unagreed(asked: eyes.Unagreed) -> ResponseReturnValue:
    """Keep the question in the asker's name; what they were about to do was undone."""
    with page.writing() as conn:
        eyes.ask(conn, asked, by=g.user.username, now_ms=page.now_ms())
    return page.back_to(url_for("eyes.show"), f"{asked.what()} {asked.how()}")
