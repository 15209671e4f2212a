"""What was set apart, and what was published: two pages that say what stands behind the figures."""

import json

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from hq import apart, cited, retelling
from hq.acts import note_act
from hq.screens import page
from hq.screens.impact import asked_period
from pos.i18n import _

blueprint = Blueprint("apart", __name__)


@blueprint.get("/apart")
def show() -> ResponseReturnValue:
    """List entries that could not be told, and kinds HQ does not know yet."""
    antenna = page.asked_antenna()
    with page.reading() as conn:
        found = apart.apart(conn, page.me(), antenna)
    return page.draw("apart.html", found=found, antenna=antenna, shown=apart.SHOWN)


@blueprint.post("/apart/retry")
def retry() -> ResponseReturnValue:
    """Tell the cafés again of which something was set apart, each in its own transaction."""
    user = page.must_be_national()
    done = retelling.retry(page.office())
    with page.writing() as conn:
        note_act(
            conn, page.now_ms(), user.username, "apart.retried", cafes=done.cafes, before=done.before, after=done.after
        )
    return page.back_to(url_for("apart.show"), _(
        "%(cafes)s cafés told again: %(before)s entries were waiting, %(after)s still are.",
        cafes=done.cafes, before=done.before, after=done.after,
    ))  # fmt: skip


@blueprint.get("/published")
def published() -> ResponseReturnValue:
    """List the figures as they were published."""
    with page.reading() as conn:
        figures = [(row, json.loads(row.told)) for row in cited.all_published(conn)]
    return page.draw("published.html", figures=figures)


@blueprint.post("/published")
def publish() -> ResponseReturnValue:
    """Keep the impact of the period the address asks for, as the whole network says it today."""
    user = page.must_be_national()
    cited.publish(page.office(), asked_period(), by=user.username)
    return page.back_to(url_for("apart.published"), _("Published: this figure can be found again from its entries."))
