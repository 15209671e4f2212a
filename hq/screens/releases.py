"""The versions of the till: kept as the publisher signed them, announced step by step, withdrawn."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from hq import fleet, register, releases
from hq.screens import page
from pos.errors import Refusal
from pos.i18n import _

blueprint = Blueprint("releases", __name__)


@blueprint.get("/releases")
def index() -> ResponseReturnValue:
    """List the versions kept, to whom each is announced, and what the boxes run."""
    user = page.me()
    with page.reading() as conn:
        rows, running = releases.listed(conn), fleet.versions(conn, user)
        cafes = register.cafes(conn, user)
    return page.draw(
        "releases.html", rows=rows, running=running, cafes=cafes, names={c["id"]: c["name"] for c in cafes}
    )


@blueprint.post("/releases/<version>/announce")
def announce(version: str) -> ResponseReturnValue:
    """Announce a version to a café, an antenne or the network."""
    user, form = page.must_be_national(), request.form
    whom, _sep, number = form.get("whom", "").partition(":")
    aimed = int(number) if number.isdecimal() and len(number) < 9 else 0
    try:
        with page.writing() as conn:
            releases.announce(conn, user, version, whom, aimed, typed=form.get("typed", ""), now_ms=page.now_ms())
    except (releases.BadRelease, releases.NotMeant, register.NoSuchCafe) as trouble:
        return _back(trouble)
    return page.back_to(
        url_for("releases.index"),
        _("Announced: each till fetches it by its line, and puts it on once its day is closed."),
    )


@blueprint.post("/releases/<version>/withdraw")
def withdraw(version: str) -> ResponseReturnValue:
    """Announce a version to nobody any more."""
    user = page.must_be_national()
    try:
        with page.writing() as conn:
            releases.withdraw(conn, user, version, now_ms=page.now_ms())
    except releases.BadRelease as trouble:
        return _back(trouble)
    return page.back_to(url_for("releases.index"), _("Withdrawn: a till that has it already keeps it."))


def _back(trouble: Refusal) -> ResponseReturnValue:
    return page.back_to(url_for("releases.index"), trouble=trouble)
