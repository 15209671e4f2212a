"""What would be downloaded goes to the USB stick, on a box whose own screen has nowhere to keep a file; and back.

With the setting `downloads = "stick"`: one place for archives, books, invoices, lists and exports alike. A form
that takes a file (`ui.file`) shows those on the sticks: the screen's account cannot look into them, the till can.
"""

import stat
from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request, url_for
from werkzeug.datastructures import FileStorage, ImmutableMultiDict
from werkzeug.http import parse_options_header

from kiosk import stick
from pos import durable, screens
from pos.errors import Refusal
from pos.i18n import N_, _
from pos.money import NBSP

FOLDER = "zinc"
# What a form adds to the name of its file field when it was chosen on a stick; and how many are shown.
ON_STICK = "-on-stick"
SHOWN = 40


class NoStick(Refusal):
    """Nothing to write a file on."""

    sentence = N_("The file needs a USB stick: none is plugged in.")
    remedy = N_("Plug one in, wait a few seconds, then touch the same key again.")


class StickTrouble(Refusal):
    """The stick did not take the file."""

    sentence = N_("The stick did not take “%(name)s”.")
    remedy = N_("It may be full or locked: try another one.")


def install(app: Flask) -> None:
    """Send attachments to the stick, and take files from it, where the settings say so."""
    app.after_request(_hand_over)
    app.before_request(_take_up)
    app.jinja_env.globals["stick_files"] = stick_files


def _by_stick() -> bool:
    return bool(screens.kiosk().settings.get("downloads", "browser") == "stick")


def _sticks() -> list[Path]:
    return stick.sticks(tuple(screens.kiosk().settings.get("sticks", ())))


def stick_files(endings: Sequence[str]) -> list[str] | None:
    """Return the files on the sticks that end so, newest first; None where the browser chooses for itself."""
    return list(_found(endings)) if _by_stick() else None


def _found(endings: Sequence[str]) -> dict[str, Path]:
    dated = []
    for folder in _sticks():
        for path in (*folder.glob("*"), *(folder / FOLDER).glob("*")):
            # A stick may be pulled out at any moment.
            with suppress(OSError):
                told = path.lstat()
                small = told.st_size <= current_app.config["MAX_CONTENT_LENGTH"]
                if path.suffix.lower() in endings and stat.S_ISREG(told.st_mode) and small:
                    dated.append((told.st_mtime, f"{folder.name}/{path.relative_to(folder)}", path))
    return {name: path for _at, name, path in sorted(dated, reverse=True)[:SHOWN]}


def _take_up() -> None:
    """Put a file chosen on a stick where the form's own would be."""
    asked = [(field, name) for field, name in request.form.items() if field.endswith(ON_STICK)] if _by_stick() else []
    for field, name in asked:
        path = _found((Path(name).suffix.lower(),)).get(name)
        with suppress(OSError):
            if path is not None:
                sent = FileStorage(BytesIO(path.read_bytes()), filename=path.name)
                request.files = ImmutableMultiDict([*request.files.items(), (field.removesuffix(ON_STICK), sent)])


def _hand_over(response: Response) -> Response:
    kind, told = parse_options_header(response.headers.get("Content-Disposition", ""))
    if kind != "attachment" or not _by_stick():
        return response
    name = Path(told.get("filename", "")).name or "zinc.bin"
    response.direct_passthrough = False
    try:
        where = write(_sticks(), name, response.get_data())
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
