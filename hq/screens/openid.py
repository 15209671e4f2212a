"""Signing in by another organisation: the way out, the way back, and whose identity an account carries."""

from flask import Blueprint, abort, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from hq import access, eyes, identities, openid
from hq.config import OpenId
from hq.screens import door, page
from pos.errors import Refusal
from pos.i18n import _

blueprint = Blueprint("openid", __name__)


def _provider() -> OpenId:
    """Return the other organisation; without one there is no such page."""
    return page.office().config.openid or abort(404)


def _cookie() -> str:
    return "__Host-zinc_hq_openid" if request.is_secure else "zinc_hq_openid"


@blueprint.get("/sign-in/openid")
def leave() -> ResponseReturnValue:
    """Send somebody to sign in over there. A link, not a form: the policy of our pages lets forms go nowhere else."""
    provider = _provider()
    try:
        url, kept = openid.begin(
            provider, page.office().secret, now_ms=page.now_ms(), target=door.inside(request.args.get("next", ""))
        )
    except Refusal as trouble:
        return door.again("", trouble)
    answer = make_response(redirect(url, 303))
    answer.set_cookie(
        _cookie(),
        kept,
        max_age=openid.TRIP_MS // 1000,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )
    return answer


@blueprint.get("/sign-in/openid/back")
def back() -> ResponseReturnValue:
    """Let in who was signed in over there and has an account here; what the browser kept serves once."""
    provider, old = _provider(), door.token()
    try:
        person, target = openid.finish(
            provider, page.office().secret, request.cookies.get(_cookie(), ""), request.args, now_ms=page.now_ms()
        )
        with page.writing() as conn:
            fresh, trouble = identities.sign_in(conn, person, name=provider.name, now_ms=page.now_ms())
            if fresh and old:
                access.sign_out(conn, old)
    except Refusal as refused:
        trouble = refused
    if trouble is not None:
        answer = make_response(door.again("", trouble))
    else:
        answer = make_response(redirect(door.inside(target), 303))
        door.set_cookie(answer, fresh)
    answer.delete_cookie(_cookie(), path="/", secure=request.is_secure, httponly=True, samesite="Lax")
    return answer


@blueprint.post("/accounts/<username>/identity")
def set_identity(username: str) -> ResponseReturnValue:
    """Write on an account who its owner is over there, or take it away."""
    user, provider, form = page.must_be_national(), _provider(), request.form
    try:
        with page.writing() as conn:
            eyes.account_of(conn, username, by=user.username, now_ms=page.now_ms())
            identities.set_identity(
                conn, by=user.username, now_ms=page.now_ms(), username=username, issuer=provider.issuer,
                email=form.get("email", ""), subject=form.get("subject", ""),
            )  # fmt: skip
    except access.BadAccount as trouble:
        return page.back_to(url_for("accounts.index"), trouble=trouble)
    return page.back_to(url_for("accounts.index"), _("Done."))
