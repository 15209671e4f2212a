"""The grocery blueprint and what its screens share: who taps, amounts typed, the bill, slips."""

from typing import Any

from flask import Blueprint, request

from pos import screens
from pos.money import parse_euros, parse_quantity
from pos.services.grocery import pictures
from pos.slips import Slip
from pos.till import sell
from pos.till.screens import bill, paper

bp = Blueprint(
    "grocery", "pos.services.grocery.screens", url_prefix="/grocery", template_folder="../templates", static_folder="../static",
    static_url_path="/static",
)  # fmt: skip


def act() -> dict[str, Any]:
    """Return who taps and which tap it is."""
    return {"by": screens.clerk(), "attempt": screens.attempt()}


def euros(name: str, default: int | None = 0) -> Any:
    """Return the cents typed in a field, the default when it is empty."""
    text = request.form.get(name, "").strip()
    return parse_euros(text) if text else default


def whole(name: str, default: int = 0) -> int:
    """Return the number typed in a field."""
    text = request.form.get(name, "").strip()
    return int(text) if text.isdecimal() and len(text) < 7 else default


def percent(name: str) -> int:
    """Return basis points for a percentage like `14,5`."""
    return int(euros(name))


def around(conn: Any) -> dict[str, Any]:
    """Return what stands beside every screen."""
    tab = sell.current_tab(conn, bill.held()) if bill.held() else None
    return {"side": pictures.side(conn, screens.today()), "tab": tab if tab is not None and tab.lines else None}


def print_slip(slip: Slip, said: str) -> None:
    """Put a slip on paper, and say so."""
    with screens.store().writing(by=screens.clerk()) as tx:
        paper.enqueue(tx, slip.title, slip)
    paper.print_now(said)


def quantity(name: str) -> int:
    """Return the thousandths typed in a field, 0 when it is empty."""
    text = request.form.get(name, "").strip()
    return parse_quantity(text) if text else 0
