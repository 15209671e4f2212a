"""The relay's blueprint and what its screens share: who taps, numbers typed, the bill on this screen."""

from typing import Any

from flask import Blueprint, request

from pos import screens
from pos.errors import Refusal
from pos.services.parcels import pictures
from pos.services.parcels import refusals as no
from pos.till.screens import bill

bp = Blueprint(
    "parcels", "pos.services.parcels.screens", template_folder="../templates", static_folder="../static",
    static_url_path="/parcels/static",
)  # fmt: skip


def number(name: str, default: int = 0) -> int:
    """Return a number typed in a field; raise NotACount."""
    text = request.form.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or len(text) > 6:
        raise no.NotACount(count=text[:12])
    return int(text)


def around(conn: Any, lit: str = "") -> dict[str, Any]:
    """Return what stands beside every screen: the day's list, the open bill."""
    return {"side": pictures.side(conn, screens.today()), "tab": bill.under_way(conn), "lit": lit}


def say_refusal(told: Refusal) -> None:
    """Say calmly what is asked once; the remedy is on the screen itself."""
    screens.say(told.what(), tone="wait", icon="alert")
