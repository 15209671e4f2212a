"""The first run: a few calm screens, kept as a draft until HQ opens the journal."""

from flask import Blueprint

from pos import screens

bp = Blueprint("start", __name__, url_prefix="/start")


@bp.get("/")
def welcome() -> str:
    """Greet."""
    return screens.draw("start/welcome.html")
