"""The door: signing in and out, and the check every page passes first.

A page is asked for by a session kept on the server; a change must come from our own pages
(Origin and Sec-Fetch-Site), so that no other site can push a coordinator's buttons.
"""

from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from hq import access, factor, register
from hq.access import User
from hq.acts import note_act
from hq.screens import page
from pos import demo
from pos.errors import Refusal
from pos.i18n import _

blueprint = Blueprint("door", __name__)
# Every page is behind the door, those to come too; the boxes' own door, the health page and the
# static files have their own rules.
UNGUARDED = frozenset({"inbox", None})
OPEN_PAGES = frozenset({"door.sign_in", "door.enter", "openid.leave", "openid.back"})
PASSWORD_PAGES = frozenset({"accounts.mine", "accounts.change_mine", "door.sign_out"})
# Between password and code; and while a second factor must be taken first.
CODE_PAGES = frozenset({"second_factor.ask", "second_factor.enter", "door.sign_out"})
FACTOR_PAGES = frozenset({"second_factor.mine", "second_factor.take", "door.sign_out"})


@blueprint.record_once
def _furnish(state: object) -> None:
    page.furnish(state.app)  # type: ignore[attr-defined]


@blueprint.before_app_request
def check() -> ResponseReturnValue | None:
    """Let in who is signed in; send others to the sign-in page; refuse changes from elsewhere."""
    if request.blueprint in UNGUARDED:
        return None
    if any("\0" in text for text in (request.path, *request.args.values(), *request.form.values())):
        # No key types it, and PostgreSQL keeps no such text.
        abort(400)
    if any(map(_is_too_large, (*(request.view_args or {}).values(), *request.args.values()))):
        abort(404)
    if request.method not in ("GET", "HEAD", "OPTIONS") and not from_our_pages():
        abort(403, _("This request does not come from Zinc’s own pages."))
    found, g.factor_due = _who()
    # A half session is nobody yet: no page takes it for somebody.
    g.half, g.user = (found, None) if found is not None and found.half else (None, found)
    if request.endpoint in OPEN_PAGES or (g.half and request.endpoint in CODE_PAGES):
        return None
    if g.user is None:
        target = request.full_path.rstrip("?") if request.method == "GET" else "/"
        asked = "second_factor.ask" if g.half else "door.sign_in"
        return redirect(url_for(asked, next=target if target != "/" else None), 303)
    return _first_things_first(g.user)


def _is_too_large(text: object) -> bool:
    """Tell whether this is a number no café, entry or day has, and that SQLite chokes on."""
    try:
        return abs(int(str(text))) >= 10**15
    except ValueError:
        return False


def _first_things_first(user: User) -> ResponseReturnValue | None:
    """Send to what must be done before anything else: one's own password, then the second factor."""
    if user.must_change:
        return None if request.endpoint in PASSWORD_PAGES else redirect(url_for("accounts.mine"), 303)
    if g.factor_due and request.endpoint not in FACTOR_PAGES:
        return redirect(url_for("second_factor.mine"), 303)
    return None


def from_our_pages() -> bool:
    """Tell whether a changing request was made by a page of ours."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site != "same-origin":
        return False
    origin = request.headers.get("Origin")
    if origin is None:
        return site == "same-origin"
    return urlsplit(origin).netloc == request.host


def _cookie() -> str:
    # The prefix binds the cookie to this very host; browsers accept it over TLS only.
    return "__Host-zinc_hq_door" if request.is_secure else "zinc_hq_door"


def token() -> str:
    """Return the session the browser shows; empty when it shows none."""
    return request.cookies.get(_cookie(), "")


def _who() -> tuple[User | None, bool]:
    """Return who shows a session, and whether they must take a second factor first."""
    shown = token()
    if not shown:
        return None, False
    with page.reading() as conn:
        user, refresh = access.who(conn, shown, page.now_ms())
        due = user is not None and factor.is_due(conn, user, page.now_ms())
    if user is not None and refresh:
        with page.writing() as conn:
            access.seen(conn, shown, page.now_ms())
    return user, due


@blueprint.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Ask who is there."""
    if g.user is not None:
        return redirect("/", 303)
    with page.reading() as conn:
        known = {row["username"] for row in access.users(conn)}
        guests = [name for name, *_rest in demo.HQ_USERS if name in known] if register.is_demo(conn) else []
    return page.draw(
        "sign_in.html", next=inside(request.args.get("next", "")), nobody=not known, trouble=None, username="",
        guests=guests, guest_password=demo.HQ_PASSWORD, provider=page.office().config.openid,
    )  # fmt: skip


@blueprint.post("/sign-in")
def enter() -> ResponseReturnValue:
    """Check name and password; a fresh session each time."""
    username, old = request.form.get("username", ""), token()
    fresh, trouble = access.sign_in(
        page.office().db, now_ms=page.now_ms(), username=username, password=request.form.get("password", "")[:200]
    )
    if fresh and old:
        with page.writing() as conn:
            access.sign_out(conn, old)
    if trouble is not None:
        return again(username, trouble)
    answer = make_response(redirect(inside(request.form.get("next", "")), 303))
    set_cookie(answer, fresh)
    return answer


def again(username: str, trouble: Refusal) -> ResponseReturnValue:
    """Draw the sign-in page with what went wrong."""
    status = 429 if isinstance(trouble, access.TooManyTries) else 403
    return page.draw(
        "sign_in.html", status, next=inside(request.values.get("next", "")), nobody=False, trouble=trouble,
        username=username[:64], provider=page.office().config.openid,
    )  # fmt: skip


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session, here and on the server."""
    with page.writing() as conn:
        access.sign_out(conn, token())
        if g.user is not None:
            note_act(conn, page.now_ms(), g.user.username, "user.signed_out")
    answer = make_response(redirect(url_for("door.sign_in"), 303))
    answer.delete_cookie(_cookie(), path="/", secure=request.is_secure, httponly=True, samesite="Lax")
    return answer


def set_cookie(answer: Response, fresh: str) -> None:
    """Have the browser keep a session."""
    answer.set_cookie(
        _cookie(), fresh, max_age=access.LIFE_MS // 1000, path="/", httponly=True, samesite="Lax",
        secure=request.is_secure,
    )  # fmt: skip


def inside(target: str, otherwise: str = "/") -> str:
    """Return a path of this site, never another site's: browsers read a backslash as `/`, and no tab at all."""
    good = target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()
    return target if good else otherwise


@blueprint.get("/sources")
def sources() -> ResponseReturnValue:
    """Say whose data the office stands on, and how the figures are made."""
    from hq import impact

    return page.draw("sources.html", factors=impact.FACTORS)


@blueprint.app_errorhandler(Refusal)
def refused(trouble: Refusal) -> ResponseReturnValue:
    """Draw a refusal as a page: what, and what to do."""
    status = (
        404 if type(trouble).__name__.startswith("NoSuch") else 403 if isinstance(trouble, access.NotAllowed) else 422
    )
    return page.draw("refusal.html", status, trouble=trouble)


@blueprint.after_app_request
def not_kept(answer: Response) -> Response:
    """Keep pages with figures out of shared caches."""
    if request.blueprint not in UNGUARDED:
        answer.headers["Cache-Control"] = "no-store"
    return answer
