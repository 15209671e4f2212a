"""HQ's web application: the boxes' door (`/v1/…`), the coordinators' pages, and its health."""

from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, request

from hq import inbox
from hq.screens import BLUEPRINTS
from hq.wiring import Office
from pos.i18n import _, ngettext
from pos.release import VERSION

# A batch is 2 MiB at most; forms are far smaller.
MAX_BODY = 2 * 1024 * 1024 + 64 * 1024

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
        " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}


def create_app(office: Office) -> Flask:
    """Return the application of one HQ."""
    app = Flask("hq")
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY, SECRET_KEY=office.secret, SESSION_COOKIE_NAME="zinc_hq",
        SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax",
    )  # fmt: skip
    if office.config.address:
        # Under another name there is no office: no page is made with it, no cookie given to it.
        app.config["TRUSTED_HOSTS"] = [str(urlsplit(office.config.address).hostname), "127.0.0.1", "localhost"]
    app.extensions["office"] = office
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(_, ngettext, newstyle=False)  # type: ignore[attr-defined]
    app.register_blueprint(inbox.blueprint)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)

    @app.get("/healthz")
    def healthz() -> Response:
        """Say that HQ lives: version, cafés, last contact."""
        with office.db.reading() as conn:
            return jsonify(version=VERSION, **inbox.heartbeat(conn))

    @app.after_request
    def guard(answer: Response) -> Response:
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        if request.is_secure:
            answer.headers["Strict-Transport-Security"] = "max-age=63072000"
        return answer

    return app
