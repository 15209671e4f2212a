"""What is said to the cafés: announcements, sent and taken back."""

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from hq import announcing, downstream, register
from hq.announcing import Draft
from hq.screens import page
from pos.errors import Refusal
from pos.i18n import _

blueprint = Blueprint("announcements", __name__)


@blueprint.get("/announcements")
def index() -> ResponseReturnValue:
    """List what the cafés read now, and the form that says more."""
    return _drawn(None)


def _drawn(trouble: Refusal | None, status: int = 200) -> ResponseReturnValue:
    user, today = page.me(), page.today()
    with page.reading() as conn:
        shown = announcing.listed(conn, user, today=today)
        ended = announcing.listed(conn, user, today=today, ended=True, limit=20)
        cafes = register.cafes(conn, user)
        behind = downstream.behind(conn, page.now_ms(), {row["id"] for row in cafes})
    typed: dict[str, Any] = dict(request.form) if trouble is not None else {"first": today}
    return page.draw(
        "announcements.html", status, shown=shown, ended=ended, cafes=cafes, trouble=trouble, typed=typed,
        behind=[row for row in cafes if row["id"] in behind],
    )  # fmt: skip


@blueprint.post("/announcements")
def send() -> ResponseReturnValue:
    """Send an announcement."""
    user, form = page.must_write(), request.form
    whom, _sep, number = form.get("whom", "").partition(":")
    # Nobody has the number 0: what cannot be read goes to nobody.
    aimed = int(number) if number.isdecimal() and len(number) < 9 else 0
    antenna, cafe = {"all": (None, None), "antenna": (aimed, None), "cafe": (None, aimed)}.get(whom, (0, None))
    draft = Draft(
        title=form.get("title", ""), words=form.get("words", ""), first=form.get("first", ""),
        last=form.get("last", ""), antenna=antenna, cafe_id=cafe, urgent=form.get("urgent") == "1",
    )  # fmt: skip
    try:
        with page.writing() as conn:
            announcing.announce(conn, user, draft, now_ms=page.now_ms())
    except (announcing.BadAnnouncement, register.BadSheet) as trouble:
        return _drawn(trouble, 422)
    return page.back_to(url_for("announcements.index"), _("Sent: each till shows it after its next call."))


@blueprint.post("/announcements/<which>/end")
def end(which: str) -> ResponseReturnValue:
    """Take an announcement back."""
    user = page.must_write()
    with page.writing() as conn:
        announcing.end(conn, user, which, now_ms=page.now_ms())
    return page.back_to(url_for("announcements.index"), _("Ended: each till drops it after its next call."))
