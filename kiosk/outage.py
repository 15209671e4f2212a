"""No till, and why: while the disk is full or the café's file damaged, one page says so and what to do.

The till opens by itself once it can. Meanwhile this is no release that fails: the box's updater is given its sign
of life, or it would go back to the other slot, which can do no better.
"""

import errno
import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from flask import Flask, Response, make_response, render_template
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from kiosk import heart
from pos import disk
from pos.errors import Broken, DiskFull, DiskStuck
from pos.i18n import _

log = logging.getLogger(__name__)

TRY_S = 10.0
BEAT_S = 10.0
Opened = TypeVar("Opened")
_FULL, _STUCK = (errno.ENOSPC, errno.EDQUOT), (errno.EROFS, errno.EIO)


def until_open(begin: Callable[[], Opened], folder: Path, port: int, *, every_s: float = TRY_S) -> Opened:
    """Return what `begin` opens in `folder`; as long as the disk or the file does not let it, show why on `port`."""
    page: Page | None = None
    try:
        while True:
            try:
                return begin()
            except (Broken, sqlite3.Error, OSError) as problem:
                trouble = _told(problem, folder)
                if trouble is None:
                    raise
            if page is None:
                log.error("the till cannot open: %s", trouble)
                page = Page(port, trouble)
            page.trouble = trouble
            with suppress(OSError):
                (folder / "alive").touch()
            time.sleep(every_s)
    finally:
        if page is not None:
            page.close()


def _told(problem: Exception, folder: Path) -> Broken | None:
    """Return what a person is told of `problem`; None of one that is no trouble of disk or file."""
    if isinstance(problem, sqlite3.Error):
        problem = disk.told(problem, folder / "cafe.db")
    if isinstance(problem, OSError):
        return DiskFull() if problem.errno in _FULL else DiskStuck() if problem.errno in _STUCK else None
    # Anew: one that was raised holds all that was open then, the lock on the files too.
    return type(problem)(**problem.params) if isinstance(problem, Broken) else None


class _Quiet(WSGIRequestHandler):
    """A screen asks every few seconds: no line of the log each time."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class Page:
    """One page at every address, and a sign of life for systemd, until closed."""

    def __init__(self, port: int, trouble: Broken) -> None:
        self.trouble = trouble
        self._over = threading.Event()
        self._server = _server(self, port)
        for name, act in (("outage", self._server.serve_forever), ("outage-heart", self._beat)):
            threading.Thread(target=act, name=name, daemon=True).start()

    def close(self) -> None:
        """Free the port."""
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    def _beat(self) -> None:
        # Nothing to wait for, and nothing to kill: systemd has its answer.
        heart.notify("READY=1\nSTATUS=The café's file cannot be opened")
        while not self._over.wait(BEAT_S):
            heart.notify("WATCHDOG=1")


def _server(page: Page, port: int) -> BaseWSGIServer:
    app = Flask("kiosk", root_path=str(Path(__file__).parent))

    def draw(path: str = "") -> Response:
        """Say what is the matter."""
        del path
        trouble = page.trouble
        answer = make_response(render_template("outage.html", what=trouble.what(), how=trouble.how(), _=_), 503)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    app.add_url_rule("/", "page", draw)
    app.add_url_rule("/<path:path>", "page", draw)
    return make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet)
