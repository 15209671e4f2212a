"""Who serves, by name: names are kept in the café's own file alone, also for a screen that practises (R45)."""

from typing import Any

from pos import screens
from pos.till import people


def everyone() -> list[dict[str, Any]]:
    """Return who may serve: op, role, name."""
    with screens.kiosk().store.reading() as conn:
        return people.operators(conn)


def name_of(op: str) -> str:
    """Return an operator's name, or the pseudonym."""
    with screens.kiosk().store.reading() as conn:
        return people.name_of(conn, op)
