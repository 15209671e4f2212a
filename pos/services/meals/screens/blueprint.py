"""The meals' blueprint and what its screens share: who taps, hours and amounts typed, slips."""

from typing import Any

from flask import Blueprint, request

from pos import screens
from pos.money import parse_euros
from pos.services.meals import pictures, rules
from pos.slips import Slip
from pos.till import sell
from pos.till.screens import bill, paper

bp = Blueprint(
    "meals", "pos.services.meals.screens", url_prefix="/meals", template_folder="../templates", static_folder="../static",
    static_url_path="/static",
)  # fmt: skip


def act() -> dict[str, Any]:
    """Return who taps and which tap it is."""
    return {"by": screens.clerk(), "attempt": screens.attempt()}


def text(name: str) -> str:
    """Return what was typed in a field."""
    return request.form.get(name, "").strip()


def euros(name: str) -> int:
    """Return the cents typed in a field, 0 when it is empty."""
    return parse_euros(text(name)) if text(name) else 0


def whole(name: str, default: int = 0) -> int:
    """Return the number typed in a field."""
    typed = text(name)
    return int(typed) if typed.isdecimal() and len(typed) < 7 else default


def hour(name: str) -> int:
    """Return the moment of today an hour typed in a field stands for, 0 when it is empty."""
    return rules.declared(text(name), screens.today())


def around(conn: Any) -> dict[str, Any]:
    """Return what stands beside every screen."""
    tab = sell.current_tab(conn, bill.held()) if bill.held() else None
    return {"side": pictures.side(conn, screens.today()), "tab": tab if tab is not None and tab.lines else None}


def print_slip(slip: Slip, said: str) -> None:
    """Put a slip on paper, and say so."""
    with screens.store().writing(by=screens.clerk()) as tx:
        paper.enqueue(tx, slip.title, slip)
    paper.print_now(said)
