"""The press blueprint and what its screens share: who taps, amounts typed, the bill, slips."""

from typing import Any

from flask import Blueprint

from pos import screens
from pos.services.press import pictures
from pos.till.screens import bill

bp = Blueprint(
    "press", "pos.services.press.screens", url_prefix="/press", template_folder="../templates", static_folder="../static",
    static_url_path="/static",
)  # fmt: skip


def around(conn: Any) -> dict[str, Any]:
    """Return what stands beside every screen."""
    return {"side": pictures.side(conn, screens.today()), "tab": bill.under_way(conn)}
