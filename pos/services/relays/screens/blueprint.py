"""The relays' blueprint and what its screens share: who taps, amounts typed, the bill, slips."""

from typing import Any

from flask import Blueprint, abort, request

from pos import screens
from pos.engines.shelf import Thing
from pos.services.relays import kinds, pictures, reading
from pos.services.relays.kinds import Relay
from pos.till.screens import bill, paper

bp = Blueprint(
    "relays", "pos.services.relays.screens", url_prefix="/relays", template_folder="../templates", static_folder="../static",
    static_url_path="/static",
)  # fmt: skip


def around(conn: Any, show: str = "") -> dict[str, Any]:
    """Return what stands beside every screen."""
    return {"side": pictures.side(conn, screens.today(), show), "tab": bill.under_way(conn)}


def same_visit(conn: Any) -> str:
    """Return the visit of the bill on the screen when the customer is said to be the same."""
    tab = around(conn)["tab"]
    return str(tab.visit) if tab is not None and request.form.get("same") else ""


def relay_or_404(conn: Any, relay: str) -> Relay:
    """Return a relay, or answer that there is none."""
    found = kinds.one(conn, relay, screens.today())
    return found if found is not None else abort(404)


def thing_or_404(conn: Any, code: str) -> Thing:
    """Return a thing, or answer that there is none."""
    found = reading.by_code(conn, code)
    return found if found is not None else abort(404)


def cafe(conn: Any) -> str:
    """Return the café's sign."""
    return paper.cafe_of(conn, screens.today()).sign
