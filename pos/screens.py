"""The only bridge to Flask: what a screen needs of the kiosk it runs in.

A screen is three moves: parse, act, draw. It finds its store, machines and clerk here.
"""

import re
from typing import Any

from flask import Response, current_app, g, redirect, render_template, request, session
from werkzeug.wrappers import Response as AnyResponse

from pos.clock import business_day
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
    return business_day(store().clock.now_ms())


def is_htmx() -> bool:
    """Tell whether a fragment is asked for, not a page."""
    return request.headers.get("HX-Request") == "true"


def say(text: str, *, tone: str = "good", icon: str = "check") -> None:
    """Put a sentence in the message line, at the bottom left of every screen.

    Tones: `good` done, `wait` asks for attention, `bad` refused. It outlives one redirection.
    """
    g.message = {"text": text, "remedy": "", "tone": tone, "icon": icon}


def go(url: str) -> AnyResponse:
    """Leave for another page after an act; what was said is said there."""
    if "message" in g:
        session["message"] = g.message
    if is_htmx():
        return Response("", 204, {"HX-Redirect": url})
    return redirect(url, 303)


def draw(template: str, **context: Any) -> str:
    """Render a page, or a fragment (`_thing.html`) followed by the message line.

    Every template may use: `_`, `ngettext`, `icon()`, `attempt()` (a fresh one), and the filters
    `euros`, `quantity`, `time_fr`, `day_fr`, `date_fr`.
    """
    drawn = render_template(template, **context)
    if template.rpartition("/")[2].startswith("_"):
        drawn += render_template("_message.html", oob=True)
    return drawn
