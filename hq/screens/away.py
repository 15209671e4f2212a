"""A page of the whole network while one of its servers does not answer: said, never half a figure."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError

from hq import servers
from hq.screens import page
from pos.errors import Refusal
from pos.i18n import N_

blueprint = Blueprint("away", __name__)


class ServerAway(Refusal):
    """A part of the cafés cannot be read now."""

    sentence = N_("One of HQ’s servers does not answer: this page needs all of them.")
    remedy = N_("Cafés of the others are reached by their own page; tills keep everything meanwhile and send it later.")


@blueprint.app_errorhandler(DBAPIError)
@blueprint.app_errorhandler(servers.Away)
def not_reached(trouble: Exception) -> ResponseReturnValue:
    """Draw it as a page; anything else goes on as it was."""
    if not servers.is_away(trouble):
        raise trouble
    return page.draw("refusal.html", 503, trouble=ServerAway())
