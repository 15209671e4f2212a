"""What a screen sends: who taps and which tap it is, amounts and numbers typed in fields."""

from typing import Any, overload

from flask import request

from pos import screens
from pos.money import parse_euros, parse_quantity


def act() -> dict[str, Any]:
    """Return who taps and which tap it is."""
    return {"by": screens.clerk(), "attempt": screens.attempt()}


def text(name: str) -> str:
    """Return what was typed in a field."""
    return request.form.get(name, "").strip()


@overload
def euros(name: str, default: int = 0) -> int: ...
@overload
def euros(name: str, default: None) -> int | None: ...
def euros(name: str, default: int | None = 0) -> int | None:
    """Return the cents typed in a field, the default when it is empty. Raises NotAnAmount."""
    return parse_euros(text(name)) if text(name) else default


def whole(name: str, default: int = 0, *, digits: int = 6) -> int:
    """Return the number typed in a field, the default when it is none or longer."""
    typed = text(name)
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= digits else default


def percent(name: str) -> int:
    """Return basis points for a percentage like `14,5`."""
    return euros(name)


def quantity(name: str) -> int:
    """Return the thousandths typed in a field, 0 when it is empty."""
    return parse_quantity(text(name)) if text(name) else 0
