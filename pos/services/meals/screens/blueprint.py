"""The meals' blueprint and what its screens share: who taps, hours and amounts typed, slips."""

from typing import Any

from flask import Blueprint

from pos import screens
from pos.services.meals import pictures, rules
from pos.till.screens import bill
from pos.till.screens.typed import text

bp = Blueprint(
    "meals", "pos.services.meals.screens", url_prefix="/meals", template_folder="../templates", static_folder="../static",
    static_url_path="/static",
)  # fmt: skip


def hour(name: str) -> int:
    """Return the moment of today an hour typed in a field stands for, 0 when it is empty."""
    return rules.declared(text(name), screens.today())


def around(conn: Any) -> dict[str, Any]:
    """Return what stands beside every screen."""
    return {"side": pictures.side(conn, screens.today()), "tab": bill.under_way(conn)}
