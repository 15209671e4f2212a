"""The menu: everything that is not selling, each behind one large key."""

from flask import Blueprint

from pos import screens
from pos.till import close, tables

bp = Blueprint("menu", __name__, url_prefix="/menu", template_folder="../templates")


@bp.get("/")
def home() -> str:
    """Show the keys of the house."""
    with screens.store().reading() as conn:
        state = close.day_state(conn, screens.today())
        role = tables.role_of(conn, screens.clerk())
        cafe = tables.cafe(conn)
    return screens.draw(
        "till/menu.html", state=state, role=role, cafe=cafe, demo=bool(screens.kiosk().settings.get("demo"))
    )
