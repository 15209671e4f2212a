"""The boxes' pages: which need help, one box and what is done about it, the thresholds."""

import base64
from typing import Any

from flask import Blueprint, make_response, request, url_for
from flask.typing import ResponseReturnValue

from hq import enrolment, eyes, factor, fleet, limits, register, safe
from hq.acts import acts
from hq.box_alerts import CLOCK_WORTH, MACHINES, REASONS
from hq.communes import plain
from hq.fleet import Line
from hq.screens import page, paging
from pos.errors import Refusal
from pos.i18n import _
from pos.release import FISCAL_VERSION, VERSION
from sync import code_card

blueprint = Blueprint("fleet", __name__)
BOX_ACTS = ("code.made", "repair.allowed", "box.confirmed", "box.revoked", "box.rotation_asked")


@blueprint.get("/fleet")
def show() -> ResponseReturnValue:
    """Draw the boxes, those in need first."""
    antenna, reason = page.asked_antenna(), request.args.get("reason", "")[:4]
    text = request.args.get("q", "").strip()[:60]
    with page.reading() as conn:
        every = fleet.lines(conn, page.me(), page.now_ms())
        known, doubts = limits.limits(conn), fleet.log_doubts(conn, page.me())
        kept = [] if page.me().antenna else safe.found(conn, page.now_ms())
    found = [ln for ln in every if antenna in (None, ln.cafe["antenna"]) and (not text or _named(ln, text))]
    reasons = {alert.code for ln in found for alert in ln.alerts}
    if reason:
        found = [ln for ln in found if any(alert.code == reason for alert in ln.alerts)]
    groups = {level: [ln for ln in found if ln.level == level] for level in fleet.LEVELS}
    return page.draw(
        "fleet.html", groups=groups, every=every, ask_level=request.args.get("level", ""),
        antenna=antenna, reason=reason, text=text, reasons=[code for code in REASONS if code in reasons],
        reason_names=REASONS, limits=known, version=VERSION, fiscal=FISCAL_VERSION, clock_worth=[_(one) for one in CLOCK_WORTH],
        doubts=doubts, kept=kept, drawn=paging.by_level(groups, searched=bool(text or reason)), counts=fleet.counts(every),
    )  # fmt: skip


def _named(line: Line, text: str) -> bool:
    return plain(text) in plain(f"{line.cafe['name']} {line.cafe['commune']} {line.cafe['delegated']}")


@blueprint.get("/fleet/<int:cafe_id>")
def box(cafe_id: int) -> ResponseReturnValue:
    """Draw one café's box, and what may be done about it."""
    return _box_page(cafe_id)


def _box_page(cafe_id: int, code: str = "", purpose: str = "") -> ResponseReturnValue:
    with page.reading() as conn:
        row = register.find_cafe(conn, cafe_id, page.me())
        line = next(iter(fleet.lines(conn, page.me(), page.now_ms(), cafe_id=cafe_id)), None)
        context: dict[str, Any] = {
            "line": line, "boxes": enrolment.boxes(conn, cafe_id), "anomaly": enrolment.in_anomaly(conn, cafe_id),
            "rotating": enrolment.rotation_asked(conn, cafe_id),
            "codes": [c for c in enrolment.live_codes(conn, page.now_ms()) if c.cafe_id == cafe_id],
            "trail": [a for a in acts(conn, cafe_id=cafe_id, limit=60) if a["act"] in BOX_ACTS][:8],
        }  # fmt: skip
    drawn = page.draw(
        "box.html", cafe=row, code=code, picture=_picture(code) if code else "", purpose=purpose, days=enrolment.CODE_DAYS, tries=enrolment.TRIES_MAX,
        until=page.now_ms() + enrolment.CODE_DAYS * 24 * 3_600_000, machine_names=MACHINES,
        clock_worth=[_(one) for one in CLOCK_WORTH], **context,
    )  # fmt: skip
    answer = make_response(drawn)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _picture(code: str) -> str:
    """Draw a code for a till's scanner, with HQ's address and the short name of its key."""
    office = page.office()
    said = code_card.write(office.config.address or request.host_url, code, office.keyring.kid)
    return base64.b64encode(factor.drawn(said)).decode()


@blueprint.post("/fleet/<int:cafe_id>/code")
def make_code(cafe_id: int) -> ResponseReturnValue:
    """Make a one-time code and show it, once."""
    user, purpose = page.must_write(), request.form.get("purpose", enrolment.NEW)
    try:
        with page.writing() as conn:
            register.find_cafe(conn, cafe_id, user)
            code = fleet.make_code(
                conn, cafe_id, purpose, by=user.username, why=request.form.get("why", ""), now_ms=page.now_ms()
            )
    except fleet.NoReason as trouble:
        return page.back_to(url_for("fleet.box", cafe_id=cafe_id), trouble=trouble)
    return _box_page(cafe_id, code, purpose)


@blueprint.post("/fleet/<int:cafe_id>/boxes/<int:jn>/confirm")
def confirm(cafe_id: int, jn: int) -> ResponseReturnValue:
    """Confirm that the check number heard by telephone is the right one."""
    number = request.form.get("check_number", "")
    return _act(cafe_id, _("Box confirmed."), lambda conn, by: fleet.confirm(
        conn, cafe_id, jn, number, by=by, now_ms=page.now_ms()))  # fmt: skip


@blueprint.post("/fleet/<int:cafe_id>/boxes/<int:jn>/revoke")
def revoke(cafe_id: int, jn: int) -> ResponseReturnValue:
    """Refuse a box from its next request on."""
    form = request.form
    return _act(cafe_id, _("Box revoked: its next call is refused, and it locks itself."), lambda conn, by: fleet.revoke(
        conn, cafe_id, jn, typed=form.get("typed", ""), why=form.get("why", ""), by=by, now_ms=page.now_ms()))  # fmt: skip


@blueprint.post("/fleet/<int:cafe_id>/rotate")
def rotate(cafe_id: int) -> ResponseReturnValue:
    """Ask the café's box to take another key."""
    form = request.form
    return _act(cafe_id, _("Asked: the box takes another key at its next call, by itself."), lambda conn, by: fleet.ask_rotation(
        conn, cafe_id, typed=form.get("typed", ""), why=form.get("why", ""), by=by, now_ms=page.now_ms()))  # fmt: skip


def _act(cafe_id: int, said: str, act: Any) -> ResponseReturnValue:
    """Do something about a box the user may see; say what came of it on its page."""
    user, target = page.must_write(), url_for("fleet.box", cafe_id=cafe_id)
    try:
        with page.writing() as conn:
            register.find_cafe(conn, cafe_id, user)
            act(conn, user.username)
    except (register.NoSuchCafe, eyes.Unagreed):
        raise
    except Refusal as trouble:
        return page.back_to(target, trouble=trouble)
    return page.back_to(target, said)


@blueprint.get("/fleet/limits")
def thresholds() -> ResponseReturnValue:
    """Draw the thresholds, to look at; national accounts change them."""
    with page.reading() as conn:
        known = limits.limits(conn)
    return page.draw("limits.html", limits=known, pairs=limits.PAIRS, standard=limits.Limits())


@blueprint.post("/fleet/limits")
def set_thresholds() -> ResponseReturnValue:
    """Put thresholds in force."""
    user, target = page.must_be_national(), url_for("fleet.thresholds")
    try:
        with page.writing() as conn:
            changed = limits.set_limits(conn, request.form, by=user.username, now_ms=page.now_ms())
    except limits.BadLimit as trouble:
        return page.back_to(target, trouble=trouble)
    return page.back_to(target, _("Thresholds in force from now on.") if changed else _("Nothing was changed."))
