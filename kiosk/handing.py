"""What would be downloaded goes to the USB stick, on a box whose own screen has nowhere to keep a file.

With the setting `downloads = "stick"`: one place for archives, books, invoices, lists and exports alike.
"""

from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, request, url_for
from werkzeug.http import parse_options_header

from kiosk import stick
from pos import durable, screens
from pos.errors import Refusal
from pos.i18n import N_, _
from pos.money import NBSP

FOLDER = "zinc"


class NoStick(Refusal):
    """Nothing to write a file on."""

    sentence = N_("The file needs a USB stick: none is plugged in.")
    remedy = N_("Plug one in, wait a few seconds, then touch the same key again.")


class StickTrouble(Refusal):
    """The stick did not take the file."""

    sentence = N_("The stick did not take “%(name)s”.")
    remedy = N_("It may be full or locked: try another one.")


def install(app: Flask) -> None:
    """Send attachments to the stick where the settings say so."""
    app.after_request(_hand_over)


def _hand_over(response: Response) -> Response:
    kind, told = parse_options_header(response.headers.get("Content-Disposition", ""))
    settings = screens.kiosk().settings
    if kind != "attachment" or settings.get("downloads", "browser") != "stick":
        return response
    name = Path(told.get("filename", "")).name or "zinc.bin"
    response.direct_passthrough = False
    try:
        where = write(stick.sticks(tuple(settings.get("sticks", ()))), name, response.get_data())
    except Refusal as refusal:
        screens.say(f"{refusal.what()} {refusal.how()}", tone="wait", icon="alert")
    else:
        screens.say(
            _("On the stick: %(name)s", name=f"{where.parent.name}/{where.name}".replace(" ", NBSP)), icon="save"
        )
    finally:
        response.close()
    return screens.go(_back())  # type: ignore[return-value]


def write(found: list[Path], name: str, data: bytes) -> Path:
    """Write a file on the first stick; it is there when this returns. Raises NoStick, StickTrouble."""
    if not found:
        raise NoStick
    where = found[0] / FOLDER / name
    try:
        durable.write(where, data)
    except OSError as problem:
        raise StickTrouble(name=name) from problem
    return where


def _back() -> str:
    """Return the page the file was asked from, on this box only."""
    from_page = urlsplit(request.referrer or "")
    own = from_page.netloc == request.host and from_page.path != request.path
    return from_page.path + (f"?{from_page.query}" if from_page.query else "") if own else url_for("menu.home")
