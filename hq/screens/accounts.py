"""Accounts: who may enter the office. National users open and close them; everybody changes their password."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from hq import access
from hq.acts import acts
from hq.screens import page
from pos.errors import Refusal
from pos.i18n import N_, _

blueprint = Blueprint("accounts", __name__)


@blueprint.get("/accounts")
def index() -> ResponseReturnValue:
    """List the accounts and the latest acts."""
    page.must_be_national()
    return _drawn(None)


def _drawn(trouble: Refusal | None, status: int = 200) -> ResponseReturnValue:
    with page.reading() as conn:
        people, trail = access.users(conn), acts(conn, limit=20)
    typed = request.form if trouble is not None else {}
    return page.draw(
        "accounts.html", status, people=people, acts=trail, roles=access.ROLE_NAMES, trouble=trouble, typed=typed
    )


@blueprint.post("/accounts")
def create() -> ResponseReturnValue:
    """Open an account with a first password, to be changed at the first sign-in."""
    user, form = page.must_be_national(), request.form
    try:
        with page.writing() as conn:
            access.create_user(
                conn, by=user.username, now_ms=page.now_ms(), username=form.get("username", ""),
                name=form.get("name", ""), role=form.get("role", ""), password=form.get("password", ""),
                antenna=form.get("antenna", type=int) or None, must_change=True,
            )  # fmt: skip
    except Refusal as trouble:
        return _drawn(trouble, 422)
    return page.back_to(url_for("accounts.index"), _("Account opened: give the password by telephone."))


@blueprint.post("/accounts/<username>/<act>")
def change(username: str, act: str) -> ResponseReturnValue:
    """Close an account, open it again, or give it a new password."""
    user = page.must_be_national()
    try:
        with page.writing() as conn:
            if act == "password":
                access.set_password(
                    conn, by=user.username, now_ms=page.now_ms(), username=username,
                    password=request.form.get("password", ""), must_change=True,
                )  # fmt: skip
            elif act in ("disable", "enable"):
                access.disable_user(
                    conn, by=user.username, now_ms=page.now_ms(), username=username, disabled=act == "disable"
                )
            else:
                raise access.NotAllowed
    except access.BadAccount as trouble:
        return page.back_to(url_for("accounts.index"), trouble=trouble)
    return page.back_to(url_for("accounts.index"), _("Done."))


@blueprint.get("/account")
def mine() -> ResponseReturnValue:
    """Draw the form that changes one's own password."""
    return page.draw("my_account.html", trouble=None)


@blueprint.post("/account")
def change_mine() -> ResponseReturnValue:
    """Change one's own password, then sign in again with it."""
    user, form = page.me(), request.form
    try:
        if form.get("password", "") != form.get("again", ""):
            raise access.BadAccount(why=N_("the two passwords differ"))
        with page.writing() as conn:
            token, refusal = access.sign_in(
                conn, now_ms=page.now_ms(), username=user.username, password=form.get("old", "")[:200]
            )
            if token:
                access.set_password(
                    conn, by=user.username, now_ms=page.now_ms(), username=user.username,
                    password=form.get("password", ""), must_change=False,
                )  # fmt: skip
        if refusal is not None:
            raise refusal
    except Refusal as trouble:
        return page.draw("my_account.html", 422, trouble=trouble)
    return page.back_to(url_for("door.sign_in"), _("Password changed: sign in again."))
