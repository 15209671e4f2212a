"""Who may ask what: hosts, cross-site requests, the PIN at the door, the idle lock, security headers."""

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from pos import drafts, screens
from pos.till import people, tables
from pos.till.screens import training

LOOPBACK = ("127.0.0.1", "localhost", "::1")
# Screens that open without a PIN; each is shown to whoever stands before the till. The lock shows the machines too.
OPEN_ENDPOINTS = frozenset({"shell.lock", "shell.sign_in", "shell.healthz", "shell.machines"})
# What the customer sees: nobody signs in there, and the pages see to it that they stay on this box.
CUSTOMER_PREFIX = "customer."
# Screens of the installation, while the till has no journal.
START_PREFIX = ("start.", "start_back.")
# What the sheet that asks for a manager adds to an act.
LENDING = ("manager", "manager_pin")
# Asked by the page itself: nobody touched anything, and the screen must still lock.
BY_ITSELF = frozenset({"hearing.scans"})
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

_HEADERS = {
    "Content-Security-Policy": _CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}


def install(app: Flask) -> None:
    """Put the checks before every request, and the headers after it."""
    # A restart locks the screen: a cookie of another run is not enough.
    app.extensions["zinc.run"] = secrets.token_hex(8)
    app.extensions["zinc.tabs"] = {}
    app.before_request(check_host)
    app.before_request(check_origin)
    app.before_request(check_clerk)
    app.after_request(add_headers)


def check_host() -> None:
    """Refuse a name that is not this box: another site may not point its name at the till."""
    host = urlsplit(f"//{request.host}").hostname or ""
    if host not in LOOPBACK and host not in screens.kiosk().settings.get("hosts", ()):
        abort(421)


def check_origin() -> None:
    """Refuse a request that another site makes the browser send."""
    if request.method in SAFE_METHODS:
        return
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        abort(403)
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        abort(403)


def check_clerk() -> AnyResponse | None:
    """Let through who signed in not long ago; send the others to the lock, which keeps the bill."""
    g.op = ""
    endpoint = request.endpoint or ""
    if _is_static(endpoint) or endpoint.startswith(CUSTOMER_PREFIX):
        return None
    if endpoint in OPEN_ENDPOINTS or not endpoint:
        g.op = signed_in()
        return None
    if screens.store().journal is None:
        return None if endpoint.startswith(START_PREFIX) else _send_to(url_for("start.welcome"))
    if endpoint.startswith(START_PREFIX):
        if endpoint.startswith(START_PREFIX[0]) and _nobody_serves():
            return None
        return _send_to(url_for("till.counter"))
    if _open_in_demo(endpoint):
        return None
    g.op = signed_in()
    if not g.op:
        return _send_to(url_for("start.welcome") if _nobody_serves() else url_for("shell.lock", back=_here()))
    if endpoint not in BY_ITSELF:
        touch()
    training.take_up(endpoint, changes=request.method not in SAFE_METHODS)
    if request.method == "POST" and LENDING[1] in request.form:
        _lend()
    return None


def _nobody_serves() -> bool:
    """Tell a journal opened without people: joined by a command, or cut before the first run's people were recorded."""
    with screens.kiosk().store.reading() as conn:
        return not people.operators(conn)


def _lend() -> None:
    """Do this one act as the manager whose PIN was typed in the sheet; who serves goes on serving. Raises WrongPin."""
    op, pin = (request.form.get(name, "") for name in LENDING)
    with screens.kiosk().store.reading() as conn:
        manager = tables.role_of(conn, op) == "manager"
    if not manager:
        raise people.WrongPin
    people.sign_in(screens.kiosk().store, op, pin)
    g.op, g.lent = op, True


def lent() -> bool:
    """Tell whether this act is done with a manager's PIN."""
    return bool(g.get("lent"))


def _is_static(endpoint: str) -> bool:
    """Tell a style sheet or a letterform, of the kiosk or of a service: a locked screen is drawn too."""
    return endpoint == "static" or endpoint.endswith(".static")


def _open_in_demo(endpoint: str) -> bool:
    return endpoint.startswith("demo.") and bool(screens.kiosk().settings.get("demo"))


def signed_in() -> str:
    """Return who is at the counter, or an empty text when nobody is or the screen slept too long."""
    from flask import current_app

    if session.get("run") != current_app.extensions["zinc.run"]:
        return ""
    idle_ms = screens.store().clock.mono_ms() - session.get("seen", 0)
    limit = idle_seconds()
    # The cookie may be 20 seconds behind the last touch.
    if limit and idle_ms > (limit + 20) * 1000:
        return ""
    return str(session.get("op", ""))


def touch() -> None:
    """Note that somebody is there; the cookie is only sent again every 20 seconds."""
    now = screens.store().clock.mono_ms()
    if now - session.get("seen", 0) > 20_000:
        session["seen"] = now


def sign_in(op: str) -> None:
    """Open the counter for `op`; the bill on the screen stays."""
    from flask import current_app

    training.leave_quietly(str(session.get("op", "")))
    session.update(op=op, run=current_app.extensions["zinc.run"], seen=screens.store().clock.mono_ms())


def sign_out() -> None:
    """Lock the counter; the bill on the screen stays."""
    op = signed_in()
    training.leave_quietly(str(session.get("op", "")))
    session.pop("op", None)
    if op and screens.kiosk().store.journal is not None:
        people.sign_out(screens.kiosk().store, op)


def rest() -> None:
    """Close the counter to a screen that nobody touched for a while; who was there is asked for the PIN again."""
    training.leave_quietly(str(session.get("op", "")))
    session.pop("op", None)


def idle_seconds() -> int:
    """Return after how long the screen locks; 0 is never."""
    with screens.store().reading() as conn:
        return int(drafts.get(conn, "lock_after_s", screens.kiosk().settings.get("lock_after_s", 300)))


def _here() -> str:
    """Return the page to come back to: the address on the screen, not the one of the tap."""
    if screens.is_htmx():
        seen = urlsplit(request.headers.get("HX-Current-URL", ""))
        return seen.path + (f"?{seen.query}" if seen.query else "")
    return request.full_path.rstrip("?") if request.method == "GET" else "/"


def safe_back(text: str) -> str:
    """Return `text` when it is a path of this kiosk, else the counter."""
    return text if text.startswith("/") and not text.startswith(("//", "/\\", "/lock")) else "/"


def _send_to(url: str) -> AnyResponse:
    if screens.is_htmx():
        return Response("", 401, {"HX-Redirect": url})
    return redirect(url, 303)


def add_headers(response: Response) -> Response:
    """Add the headers that keep other sites and old copies out."""
    response.headers.extend(_HEADERS)
    if request.endpoint == "shell.healthz":
        # The page on the box's own disk that waits for the till may see that somebody answers.
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if not _is_static(request.endpoint or ""):
        response.headers["Cache-Control"] = "no-store"
    if g.get("machines_changed") and screens.is_htmx():
        # The status line asks again: a machine is not as it was.
        response.headers["HX-Trigger"] = "machines"
    return response
