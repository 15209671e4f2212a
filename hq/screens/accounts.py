"""Accounts: who may enter the office. National users open and close them; everybody changes their password."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from hq import access, eyes, factor
from hq.acts import acts
from hq.days import back
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
        people, trail, factor_day = access.users(conn), acts(conn, limit=12), factor.from_day(conn)
    typed = request.form if trouble is not None else {}
    return page.draw(
        "accounts.html", status, people=people, acts=trail, roles=access.ROLE_NAMES, trouble=trouble, typed=typed,
        provider=page.office().config.openid, factor_day=factor_day, today=page.today(), farthest=back(page.today(), -factor.GRACE_MAX_DAYS),
    )  # fmt: skip


@blueprint.post("/accounts")
def create() -> ResponseReturnValue:
    """Open an account with a first password, to be changed at the first sign-in."""
    user, form = page.must_be_national(), request.form
    try:
        with page.writing() as conn:
            username = access.create_user(
                conn, by=user.username, now_ms=page.now_ms(), username=form.get("username", ""),
                name=form.get("name", ""), role=form.get("role", ""), password=form.get("password", ""),
                antenna=form.get("antenna", type=int) or None, must_change=True,
            )  # fmt: skip
            eyes.account_of(conn, username, by=user.username, now_ms=page.now_ms())
    except eyes.Unagreed:
        raise
    except Refusal as trouble:
        return _drawn(trouble, 422)
    return page.back_to(url_for("accounts.index"), _("Account opened: give the password by telephone."))


@blueprint.post("/accounts/<username>/<act>")
def change(username: str, act: str) -> ResponseReturnValue:
    """Close an account, open it again, give it a one-time password, or take a lost phone off it."""
    user, now = page.must_be_national(), page.now_ms()
    given = access.one_time_password()
    try:
        with page.writing() as conn:
            if act in ("password", "factor", "enable"):
                eyes.account_of(conn, username, by=user.username, now_ms=now)
            if act == "password":
                access.set_password(
                    conn, by=user.username, now_ms=now, username=username, password=given, must_change=True
                )
            elif act == "factor":
                factor.reset(conn, by=user.username, now_ms=now, username=username)
            elif act in ("disable", "enable"):
                access.disable_user(conn, by=user.username, now_ms=now, username=username, disabled=act == "disable")
            else:
                raise access.NotAllowed
    except access.BadAccount as trouble:
        return page.back_to(url_for("accounts.index"), trouble=trouble)
    if act == "password":
        # Drawn, not carried by a cookie to the next page: it is on this screen only.
        return page.draw("given_password.html", username=username, password=given)
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
        access.check_password(form.get("password", ""))
        _token, refusal = access.sign_in(
            page.office().db, now_ms=page.now_ms(), username=user.username, password=form.get("old", "")[:200]
        )
        if refusal is not None:
            raise refusal
        with page.writing() as conn:
            access.set_password(
                conn, by=user.username, now_ms=page.now_ms(), username=user.username,
                password=form.get("password", ""), must_change=False,
            )  # fmt: skip
    except Refusal as trouble:
        return page.draw("my_account.html", 422, trouble=trouble)
    return page.back_to(url_for("door.sign_in"), _("Password changed: sign in again."))
