"""The kiosk as a web application: which screens there are, and how they are served on the box."""

import secrets
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from flask import Blueprint, Flask, g

from kiosk import drawing, guard, handing, hearing, heart, troubles
from kiosk.blueprints import BLUEPRINTS
from kiosk.wiring import Kiosk
from pos import durable
from pos.hardware import plugs
from pos.hardware.display.board import Board
from pos.hardware.presence import Presence
from pos.hardware.spooler import Spooler
from pos.till.screens import customer, paper, terminal
from pos.till.screens.terminal import Desk

# One person taps at a time; a second screen, a slow printer, the line of the scanners and the customer's screen
# still leave two threads.
THREADS = 6
# How often the server looks around when nobody asks for anything: its own second would be 60 wake-ups a minute.
LOOK_S = 20
# A catalogue or a backup may be sent; nothing larger is ever asked for.
BODY_MAX_BYTES = 64 * 1024 * 1024


def create_app(kiosk: Kiosk, blueprints: tuple[Blueprint, ...] = BLUEPRINTS) -> Flask:
    """Return the application of one open kiosk."""
    app = Flask("kiosk", root_path=str(Path(__file__).parent))
    app.config.update(
        SECRET_KEY=_session_key(kiosk.data / "session.key"),
        SESSION_COOKIE_NAME="zinc_kiosk",
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_HTTPONLY=True,
        MAX_CONTENT_LENGTH=BODY_MAX_BYTES,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    app.extensions["zinc"] = kiosk
    # One hand for all machines: slips leave in order, and no request waits for paper.
    app.extensions["zinc.machines"] = ThreadPoolExecutor(1, thread_name_prefix="machines")
    # Rung by whatever notices that a machine came, went or failed: the status line asks again at once.
    app.extensions["zinc.changed"] = partial(_changed, app)
    app.extensions["zinc.spooler"] = Spooler(kiosk, app.extensions["zinc.machines"], app.extensions["zinc.changed"])
    app.extensions["zinc.presence"] = Presence(
        kiosk, app.extensions["zinc.changed"], app.extensions["zinc.spooler"].soon
    )
    app.extensions["zinc.terminal"] = Desk(app)
    app.context_processor(terminal.known)
    drawing.install(app)
    guard.install(app)
    hearing.install(app)
    handing.install(app)
    kiosk.board = Board(lambda: kiosk.devices.display, changed=app.extensions["zinc.changed"])
    troubles.install(app)
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    return app


def _changed(app: Flask) -> None:
    app.extensions["zinc.ear"].changed()


def _session_key(path: Path) -> str:
    """Read the key that signs cookies, or make one: it must outlive a restart, never leave the box."""
    with suppress(FileNotFoundError):
        # An empty one, left by a power cut, would lock everybody out.
        if told := path.read_text().strip():
            return told
    made = secrets.token_hex(32)
    durable.write(path, made.encode(), mode=0o600)
    return made


def serve(kiosk: Kiosk, port: int, *, host: str = "127.0.0.1", jobs: bool = True, cut: bool = False) -> None:
    """Serve the kiosk until SIGTERM or Ctrl-C; requests under way are finished first. `cut`: the last run was not."""
    from waitress.server import create_server  # type: ignore[import-untyped]

    app = create_app(kiosk)
    if cut:
        finish_last_sale(app)
    server: Any = create_server(app, host=host, port=port, threads=THREADS, ident=None, asyncore_loop_timeout=LOOK_S)
    scheduler = _begin_jobs(app, kiosk) if jobs else None
    beating = heart.start(lambda: kiosk.store, port)
    if threading.current_thread() is threading.main_thread():
        signal.signal(
            signal.SIGTERM, partial(_leave, (app.extensions["zinc.ear"], kiosk.board, app.extensions["zinc.terminal"]))
        )
    try:
        server.run()
    finally:
        if beating is not None:
            beating.stop()
        server.close()
        kiosk.devices.scanners.stop()
        kiosk.devices.display.close()
        app.extensions["zinc.spooler"].stop()
        app.extensions["zinc.machines"].shutdown(wait=True, cancel_futures=True)
        if scheduler is not None:
            scheduler.shutdown(wait=True)


def finish_last_sale(app: Flask) -> None:
    """Queue what the law wants of a sale on the disk whose note a power cut left out; nobody need be signed in."""
    with app.test_request_context("/"):
        g.op = "box"
        paper.hand_over_last_note()


def _begin_jobs(app: Flask, kiosk: Kiosk) -> Any:
    """Start what the box does by itself: ticks, a push after closing, slips a power cut left in doubt."""
    from kiosk.scheduler import start, tick_in_turn
    from pos.hardware import printer, queue

    queue.recover(kiosk.store)
    scheduler = start(kiosk)
    app.extensions["zinc.push_soon"] = partial(
        scheduler.add_job, tick_in_turn, args=[kiosk, scheduler], misfire_grace_time=None
    )
    # The library that writes for the printer is slow to load: not before the first ticket's customer. It takes
    # 16 MB: not at all in a café that prints nothing.
    if kiosk.devices.has_printer or kiosk.devices.has_kitchen:
        app.extensions["zinc.machines"].submit(printer.warm)
    # Slips that waited when the box stopped leave now.
    app.extensions["zinc.spooler"].start()
    app.extensions["zinc.presence"].look()
    plugs.listen(app.extensions["zinc.presence"].look)
    customer.describe(kiosk)
    kiosk.board.show_again()
    return scheduler


def _leave(held: tuple[hearing.Ear, Board, Desk], _signal: int, _frame: FrameType | None) -> None:
    # A held line would keep the server waiting for its thread.
    for one in held:
        one.close()
    raise SystemExit(0)
