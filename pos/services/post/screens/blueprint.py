"""The relay's blueprint and what its screens share: who taps, amounts typed, the bill, slips."""

from typing import Any

from flask import Blueprint

from pos import screens
from pos.errors import Refusal
from pos.services.post import pictures
from pos.till.screens import bill

bp = Blueprint(
    "post", "pos.services.post.screens", url_prefix="/post", template_folder="../templates", static_folder="../static",
    static_url_path="/static",
)  # fmt: skip


def around(conn: Any) -> dict[str, Any]:
    """Return what stands beside every screen."""
    return {"side": pictures.side(conn, screens.today()), "tab": bill.under_way(conn)}


def warn(told: Refusal) -> None:
    """Ask calmly, in the message line, for what an act asks once."""
    screens.say(f"{told.what()} {told.how()}", tone="wait", icon="alert")
