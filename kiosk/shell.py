"""The shell around every screen: the lock and its PIN, the state of the machines, the health of the box."""

from typing import Any

from flask import Blueprint, jsonify, request, session, url_for
from werkzeug.wrappers import Response

from kiosk import copy_jobs, guard, version
from pos import screens
from pos.i18n import _
from pos.release import VERSION
from pos.till import clockset, people, tables
from sync import agent

bp = Blueprint("shell", __name__)
# A till without a journal sells nothing.
QUIET_ENOUGH_S = 86_400


@bp.get("/lock")
def lock() -> str:
    """Show who may take the counter, then the keys for the PIN."""
    back = guard.safe_back(request.args.get("back", "/"))
    if "leave" in request.args:
        guard.sign_out()
    elif "rested" in request.args:
        guard.rest()
    with screens.store().reading() as conn:
        everyone = people.operators(conn)
    chosen = request.args.get("op", session.get("last_op", "") if "leave" not in request.args else "")
    who = next((one for one in everyone if one["op"] == chosen), everyone[0] if len(everyone) == 1 else None)
    kiosk = screens.kiosk()
    news = [line for line in (version.news(kiosk), copy_jobs.stale(kiosk)) if line]
    return screens.draw("lock.html", everyone=everyone, who=who, back=back, news=news)


@bp.post("/sign-in")
def sign_in() -> Response:
    """Let an operator in by PIN, and go back where the screen was."""
    op, back = request.form.get("op", ""), guard.safe_back(request.form.get("back", "/"))
    people.sign_in(screens.store(), op, request.form.get("pin", ""))
    guard.sign_in(op)
    session["last_op"] = op
    with screens.store().reading() as conn:
        screens.say(_("%(name)s is at the counter", name=people.name_of(conn, op)), icon="user")
    # Once after a start without network nor chip: what time is it (R13)?
    return screens.go(url_for("settings.clock") if clockset.doubtful(screens.kiosk().store) else back)


@bp.get("/here")
def here() -> tuple[str, int]:
    """Note that somebody types: a long form asks nothing of the till until it is sent."""
    return "", 204


@bp.get("/machines")
def machines() -> str:
    """Show the state of the machines again, and their question; what the message line says stays."""
    return screens.render("_machines.html") + screens.render("_ask.html", oob=True)


@bp.get("/healthz")
def healthz() -> Any:
    """Say the version, the head of the journal, when HQ was last heard, and whether anybody sells; nothing personal."""
    store = screens.kiosk().store
    tip = store.tip() if store.journal else None
    with store.reading() as conn:
        day_open = tables.open_day(conn) is not None
    return jsonify(
        version=VERSION, head=tip.seq if tip else -1, heard=agent.status(store).last_heard or 0, day_open=day_open,
        quiet_s=max(0, store.clock.now_ms() - store.believed(tip.t)) // 1000 if tip else QUIET_ENOUGH_S,
    )  # fmt: skip
