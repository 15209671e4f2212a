"""The bikes' blueprint and what its screens share: who taps, numbers typed, the bill, paper."""

from typing import Any

from flask import Blueprint

from pos import screens
from pos.services.bikes import pictures
from pos.till.screens import bill

bp = Blueprint(
    "bikes", "pos.services.bikes.screens", url_prefix="/bikes", template_folder="../templates", static_folder="../static",
    static_url_path="/static",
)  # fmt: skip


def around(conn: Any) -> dict[str, Any]:
    """Return what stands beside every screen."""
    return {
        "side": pictures.side(conn, screens.today(), screens.store().clock.now_ms()),
        "tab": bill.under_way(conn),
    }
