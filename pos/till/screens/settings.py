"""Settings of the box: who the café is, machines, date and time, the lock, the line, backups."""

from flask import Blueprint

from pos import screens
from pos.till import tables

bp = Blueprint("settings", __name__, url_prefix="/settings", template_folder="../templates")


@bp.get("/")
def home() -> str:
    """Show the settings."""
    with screens.store().reading() as conn:
        cafe = tables.cafe(conn)
    return screens.draw("till/settings.html", cafe=cafe)
