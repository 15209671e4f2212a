"""The relay's blueprint and what its screens share: who taps, numbers typed, the bill on this screen."""

from typing import Any

from flask import Blueprint, request

from pos import screens
from pos.errors import Refusal
from pos.services.parcels import pictures
from pos.services.parcels import refusals as no
from pos.till import sell
from pos.till.screens import bill

bp = Blueprint(
    "parcels", "pos.services.parcels.screens", template_folder="../templates", static_folder="../static",
    static_url_path="/parcels/static",
)  # fmt: skip


def act() -> dict[str, Any]:
    """Return who taps and which tap it is."""
    return {"by": screens.clerk(), "attempt": screens.attempt()}


def number(name: str, default: int = 0) -> int:
    """Return a number typed in a field; raise NotACount."""
    text = request.form.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or len(text) > 6:
        raise no.NotACount(count=text[:12])
    return int(text)


def open_bill(conn: Any) -> Any:
    """Return this screen's open bill when something is on it."""
    tab = sell.current_tab(conn, bill.held()) if bill.held() else None
    return tab if tab is not None and tab.lines else None


def around(conn: Any, lit: str = "") -> dict[str, Any]:
    """Return what stands beside every screen: the day's list, the open bill."""
    return {"side": pictures.side(conn, screens.today()), "tab": open_bill(conn), "lit": lit}


def say_refusal(told: Refusal) -> None:
    """Say calmly what is asked once; the remedy is on the screen itself."""
    screens.say(told.what(), tone="wait", icon="alert")
