"""The only bridge to Flask: what a screen needs of the kiosk it runs in.

A screen is three moves: parse, act, draw. It finds its store, machines and clerk here.
"""

import re
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from flask import Response, current_app, g, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos.clock import business_day
from pos.errors import DeviceTrouble, Told
from pos.i18n import N_
from pos.ids import new_id
from pos.store import Store

_ATTEMPT = re.compile(r"[0-9A-Za-z:._-]{4,80}")


def kiosk() -> Any:
    """Return the running kiosk (kiosk.wiring.Kiosk): store, devices, line, settings."""
    return current_app.extensions["zinc"]


def store() -> Store:
    """Return the café's store, or the training file on a screen that practises (R45)."""
    found: Store = g.get("training") or kiosk().store
    return found


def training() -> bool:
    """Tell whether this screen practises."""
    return g.get("training") is not None


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


def say(text: str, *, tone: str = "good", icon: str = "check", remedy: str = "") -> None:
    """Put a sentence in the message line, at the bottom left of every screen.

    Tones: `good` done, `wait` asks for attention, `bad` refused; `remedy` is what to do. It outlives one redirection.
    """
    g.message = {"text": text, "remedy": remedy, "tone": tone, "icon": icon}


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
        drawn += message_line(oob=True)
    return drawn


def message_line(*, oob: bool) -> str:
    """Draw the message line; it needs nothing of the request but what was said."""
    return current_app.jinja_env.get_template("_message.html").render(oob=oob)


def render(template: str, **context: Any) -> str:
    """Render a piece to go along with another, without the message line."""
    return render_template(template, **context)


def refused(trouble: Told, *, tone: str = "bad") -> Response:
    """Answer a refusal: its sentence and remedy in the message line, the rest of the screen untouched."""
    g.message = {
        "text": trouble.what(), "remedy": trouble.how(), "tone": tone, "icon": "alert",
        "url": getattr(trouble, "url", ""), "act": getattr(trouble, "act", ""),
    }  # fmt: skip
    if not is_htmx():
        page = render_template("trouble.html", what=trouble.what(), how=trouble.how(), grave=False)
        return make_response(page, 422)
    answer = make_response(message_line(oob=False), 422)
    answer.headers["HX-Retarget"] = "#say"
    answer.headers["HX-Reswap"] = "outerHTML"
    if getattr(trouble, "unknown_code", False):
        answer.headers["Zinc-Unknown-Code"] = "1"
    return answer


def scanned() -> bool:
    """Tell whether a scanner read what this form says, rather than a hand typed it."""
    return "Zinc-Read" in request.headers


def not_ours() -> Response:
    """Leave a code that this desk does not know to the rest of the house: the page asks there."""
    return Response("", 422, {"Zinc-Unknown-Code": "1", "HX-Reswap": "none"})


def machines_soon(work: Callable[[], Any], wait: float = 0.08) -> DeviceTrouble | None:
    """Move a machine aside from the request, and wait a blink for it.

    Return its trouble when it is known by then; a slow machine goes on alone, and what it meets is
    shown by the status line.
    """
    doing: Future[DeviceTrouble | None] = current_app.extensions["zinc.machines"].submit(_move, work)
    try:
        return doing.result(timeout=wait)
    except TimeoutError:
        # What it meets is told when it is known.
        changed: Callable[[], None] = current_app.extensions["zinc.changed"]
        doing.add_done_callback(lambda _done: changed())
        return None


def _move(work: Callable[[], Any]) -> DeviceTrouble | None:
    try:
        work()
    except DeviceTrouble as trouble:
        return trouble
    return None


def print_waiting(printer: str = "counter") -> DeviceTrouble | None:
    """Print what waits in a printer's queue, aside; return the trouble when it is known at once."""
    doing: Future[Any] = current_app.extensions["zinc.spooler"].soon(printer)
    # The status line follows what is not on paper yet.
    g.machines_changed = True
    try:
        trouble: DeviceTrouble | None = doing.result(timeout=0.25).trouble
    except TimeoutError:
        return None
    return trouble


def say_trouble(trouble: DeviceTrouble) -> None:
    """Tell a machine's trouble in the message line; what was recorded stands."""
    g.message = {
        "text": trouble.what(), "remedy": trouble.how(), "tone": "wait", "icon": "alert",
        "url": url_for("settings.machines"), "act": N_("To print"), "passes": trouble.passes,
    }  # fmt: skip
    g.machines_changed = True


def after_closing() -> None:
    """Send what HQ has not, soon: a day was closed."""
    push_soon: Callable[[], None] | None = current_app.extensions.get("zinc.push_soon")
    if push_soon is not None:
        push_soon()
