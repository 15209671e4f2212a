"""The second factor: taking one, typing its code at the door, fresh recovery codes, and the day it is asked from."""

import base64

from flask import Blueprint, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from hq import access, factor
from hq.screens import door, page
from pos.errors import Refusal
from pos.i18n import _

blueprint = Blueprint("second_factor", __name__)


@blueprint.get("/sign-in/code")
def ask() -> ResponseReturnValue:
    """Ask for the code of the phone, after the password."""
    if g.half is None:
        return redirect("/", 303)
    return page.draw("factor_code.html", trouble=None, next=door.inside(request.args.get("next", "")))


@blueprint.post("/sign-in/code")
def enter() -> ResponseReturnValue:
    """Open the office against the code: the half session ends, a whole one begins under a new name."""
    if g.half is None:
        return redirect("/", 303)
    target = door.inside(request.form.get("next", ""))
    with page.writing() as conn:
        token, trouble = factor.pass_door(
            conn, page.office().secret, token=door.token(), code=request.form.get("code", "")[:40], now_ms=page.now_ms()
        )
    if trouble is not None:
        status = 429 if isinstance(trouble, access.TooManyTries) else 403
        return page.draw("factor_code.html", status, trouble=trouble, next=target)
    answer = make_response(redirect(target, 303))
    door.set_cookie(answer, token)
    return answer


@blueprint.get("/account/second-factor")
def mine() -> ResponseReturnValue:
    """Draw one's second factor: the QR code to take it, or since when it is there."""
    return _drawn(None)


def _drawn(trouble: Refusal | None, status: int = 200) -> ResponseReturnValue:
    user = page.me()
    with page.writing() as conn:
        if user.factor:
            left = factor.recovery_left(conn, user.username)
            return page.draw("my_factor.html", status, trouble=trouble, left=left, secret="", picture="", due=False)
        secret = factor.begin(conn, page.office().secret, user.username)
        due = factor.is_due(conn, user, page.now_ms())
    picture = base64.b64encode(factor.drawn(factor.address_of(secret, user.username))).decode()
    spaced = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    return page.draw("my_factor.html", status, trouble=trouble, left=0, secret=spaced, picture=picture, due=due)


@blueprint.post("/account/second-factor")
def take() -> ResponseReturnValue:
    """Take the second factor with its first code; every other session of the account ends."""
    user = page.me()
    try:
        with page.writing() as conn:
            codes = factor.confirm(
                conn,
                page.office().secret,
                username=user.username,
                code=request.form.get("code", "")[:40],
                now_ms=page.now_ms(),
            )
            access.sign_out_everywhere(conn, user.username)
            token = access.open_session(conn, user.username, page.now_ms())
    except factor.WrongCode as trouble:
        return _drawn(trouble, 422)
    answer = make_response(page.draw("recovery_codes.html", codes=codes))
    door.set_cookie(answer, token)
    return answer


@blueprint.post("/account/second-factor/codes")
def renew() -> ResponseReturnValue:
    """Give fresh recovery codes against a code of the phone."""
    user = page.me()
    with page.writing() as conn:
        codes, trouble = factor.renew_recovery(
            conn, page.office().secret, username=user.username, code=request.form.get("code", "")[:40],
            now_ms=page.now_ms(),
        )  # fmt: skip
    if trouble is not None:
        return _drawn(trouble, 429 if isinstance(trouble, access.TooManyTries) else 422)
    return page.draw("recovery_codes.html", codes=codes)


@blueprint.post("/accounts/second-factor-day")
def set_day() -> ResponseReturnValue:
    """Say from which day national accounts need a second factor."""
    user = page.must_be_national()
    try:
        with page.writing() as conn:
            factor.set_from_day(conn, request.form.get("day", ""), user, now_ms=page.now_ms())
    except Refusal as trouble:
        return page.back_to(url_for("accounts.index"), trouble=trouble)
    return page.back_to(url_for("accounts.index"), _("Done."))
