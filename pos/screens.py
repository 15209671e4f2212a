"""The only bridge to Flask: what a screen needs of the kiosk it runs in.

A screen is three moves: parse, act, draw. It finds its store, machines and clerk here.
"""

import re
from typing import Any

from flask import current_app, g, render_template, request

from pos.ids import new_id
from pos.store import Store

_ATTEMPT = re.compile(r"[0-9A-Za-z:._-]{4,80}")


def kiosk() -> Any:
    """Return the running kiosk (kiosk.wiring.Kiosk): store, devices, line, settings."""
    return current_app.extensions["zinc"]


def store() -> Store:
    """Return the café's store."""
    found: Store = kiosk().store
    return found


def devices() -> Any:
    """Return the machines on the box."""
    return kiosk().devices


def clerk() -> str:
    """Return the pseudonym of who is at the counter. The shell has refused the request if nobody is."""
    op: str = g.op
    return op


def attempt() -> str:
    """Return the id of this tap, drawn with the button and kept across retries."""
    given = request.form.get("attempt", "")
    return given if _ATTEMPT.fullmatch(given) else new_id(store().clock.now_ms())


def fresh_attempt() -> str:
    """Return an id to draw with a button."""
    return new_id(store().clock.now_ms())


def today() -> str:
    """Return the business day it is now."""
    from pos.clock import business_day

    return business_day(store().clock.now_ms())


def draw(template: str, **context: Any) -> str:
    """Render a template with what every screen may use (see kiosk/app.py)."""
    return render_template(template, **context)
