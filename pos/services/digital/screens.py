"""The public posts on the screen. Two taps to sit somebody down, one to end it; pages and help beside.

A tile is a post: free, taken since a quarter of an hour, or waiting for its history to be erased.
"""

from contextlib import suppress
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from pos import screens
from pos.engines import counting
from pos.errors import AlreadyDone
from pos.i18n import _, ngettext
from pos.money import format_euros
from pos.services.digital import desk, reading, rules, tables, words
from pos.till import sell
from pos.till.screens import bill, months
from pos.till.screens.typed import act, euros, whole

bp = Blueprint(
    "digital",
    __name__,
    url_prefix="/digital",
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)


def _around(conn: Any) -> dict[str, Any]:
    day, tab = screens.today(), sell.current_tab(conn, bill.held()) if bill.held() else None
    rows = reading.of_day(conn, day)
    return {
        "side": {
            "rows": [(row, words.hour(row["opened_at"])) for row in rows][:40], "told": reading.sheet(conn, day, day), "day": day,
            "typed": counting.total_of(conn, day, tables.CODE), "unpaid": {row["session"] for row in reading.unpaid(conn)},
        },
        "tab": tab if tab is not None and tab.lines else None, "terms": rules.in_force(conn, day),
    }  # fmt: skip


def _tiles(conn: Any) -> list[dict[str, Any]]:
    now = screens.store().clock.now_ms()
    out = []
    for row in reading.posts(conn):
        since = (now - row["opened_at"]) // 60_000 if row["session"] else 0
        out.append({
            "post": row["post"], "label": row["label"], "session": row["session"], "to_clear": bool(row["to_clear"]), "since": since,
            "over": bool(row["session"]) and since > row["planned"], "planned": row["planned"] or 0,
        })  # fmt: skip
    return out


@bp.get("")
def home() -> Any:
    """Show the posts; a café without any starts with its settings."""
    with screens.store().reading() as conn:
        tiles = _tiles(conn)
        if not tiles:
            return screens.go(url_for("digital.settings"))
        return screens.draw("digital/home.html", tiles=tiles, **_around(conn))


def _redrawn() -> str:
    with screens.store().reading() as conn:
        around = _around(conn)
        side = screens.render("digital/_side.html", oob=True, **around)
        return screens.draw("digital/_posts.html", tiles=_tiles(conn), **around) + side


@bp.post("/start/<post>")
def start(post: str) -> str:
    """Somebody sits down."""
    with suppress(AlreadyDone):
        opened = desk.start(screens.store(), post, **act())
        screens.say(_("Session opened, %(n)s minutes", n=opened.minutes))
    return _redrawn()


@bp.post("/clear/<post>")
def clear(post: str) -> str:
    """The history was erased."""
    with suppress(AlreadyDone):
        desk.clear_history(screens.store(), post, **act())
        screens.say(_("History erased: the post is free"))
    return _redrawn()


@bp.post("/stop/<session>")
def stop(session: str) -> Any:
    """End a session: free, or on the bill."""
    with screens.store().reading() as conn:
        tab_id = bill.current_id(conn)
    try:
        done = desk.stop(
            screens.store(), session, minutes=whole("minutes", -1, digits=4), prints=whole("prints", digits=4), colour=whole("colour", digits=4),
            scans=whole("scans", digits=4), tab_id=tab_id, **act(),
        )  # fmt: skip
    except AlreadyDone:
        return screens.go(url_for("digital.home"))
    if done.tab:
        bill.hold(done.tab)
        screens.say(
            _("%(amount)s on the bill. Then erase the history", amount=format_euros(done.due)),
            tone="wait",
            icon="ticket",
        )
        return screens.go(url_for("till.counter"))
    screens.say(
        ngettext("%(n)s minute, free. Erase the history", "%(n)s minutes, free. Erase the history", done.minutes),
        tone="wait",
        icon="sponge",
    )
    return screens.go(url_for("digital.home")) if request.form.get("page") else _redrawn()


@bp.post("/extend/<session>")
def extend(session: str) -> str:
    """Let it go on by a block."""
    with suppress(AlreadyDone):
        desk.extend(screens.store(), session, **act())
        screens.say(_("The session goes on"))
    return _redrawn()


@bp.post("/cancel/<session>")
def cancel(session: str) -> Response:
    """Opened by mistake."""
    with suppress(AlreadyDone):
        desk.cancel(screens.store(), session, **act())
        screens.say(_("Session taken back"), icon="undo")
    return screens.go(url_for("digital.home"))


@bp.get("/session/<session>")
def one(session: str) -> str:
    """Show a session: pages, help, its end."""
    with screens.store().reading() as conn:
        row = reading.session(conn, session)
        since = (
            (screens.store().clock.now_ms() - row["opened_at"]) // 60_000
            if row["state"] == tables.OPEN
            else row["minutes"]
        )
        terms = rules.in_force(conn, row["day"])
        return screens.draw(
            "digital/session.html", it=row, since=since, due=terms.time_due(since), hour=words.hour(row["opened_at"]),
            helped=[(h, words.theme(h["theme"])) for h in reading.help_of(conn, session)], themes=[(c, _(w)) for c, w in words.THEMES.items()],
            **_around(conn),
        )  # fmt: skip


@bp.post("/help/<session>/<theme>")
def give_help(session: str, theme: str) -> Response:
    """Note help given: the theme that was touched."""
    form = request.form
    with suppress(AlreadyDone):
        desk.give_help(
            screens.store(),
            session,
            theme=theme,
            minutes=whole("minutes", 10, digits=4),
            outcome=form.get("outcome", "solved"),
            **act(),
        )
        screens.say(_("Help noted: %(theme)s", theme=words.theme(theme)))
    return screens.go(url_for("digital.one", session=session))


@bp.post("/bill/<session>")
def charge(session: str) -> Response:
    """Put an unpaid session on the bill."""
    with screens.store().reading() as conn:
        tab_id = bill.current_id(conn)
    with suppress(AlreadyDone):
        bill.hold(desk.charge_again(screens.store(), session, tab_id=tab_id, **act()).tab_id)
    return screens.go(url_for("till.counter"))


@bp.get("/settings")
def settings() -> str:
    """Show the posts and the prices."""
    with screens.store().reading() as conn:
        return screens.draw("digital/settings.html", posts=reading.posts(conn), **_around(conn))


@bp.post("/post")
def list_post() -> Response:
    """Add, rename or take away a post."""
    form = request.form
    with suppress(AlreadyDone):
        desk.list_post(
            screens.store(),
            label=form.get("label", ""),
            post=form.get("post", ""),
            in_use=not form.get("away"),
            **act(),
        )
        screens.say(_("Post noted"))
    return screens.go(url_for("digital.settings"))


@bp.post("/terms")
def set_terms() -> Response:
    """Set the prices from today on."""
    with suppress(AlreadyDone):
        desk.set_terms(
            screens.store(), free_minutes=whole("free", -1, digits=4), block_minutes=whole("block", digits=4), block_price=euros("price"),
            print_price=euros("print"), colour_price=euros("colour"), scan_price=euros("scan"), **act(),
        )  # fmt: skip
        screens.say(_("Prices of the posts noted"))
    return screens.go(url_for("digital.settings"))


@bp.post("/count")
def count() -> Response:
    """Type the day's total, when there was no time for more."""
    with suppress(AlreadyDone):
        counting.count_day(screens.store(), tables.CODE, whole("total", -1, digits=4), **act())
        screens.say(_("Day’s total noted"))
    return screens.go(url_for("digital.home"))


@bp.get("/month/<month>")
def month(month: str) -> str:
    """Show a month: sessions, minutes, pages, help by theme."""
    shown = months.asked(month)
    with screens.store().reading() as conn:
        return screens.draw(
            "digital/month.html", told=reading.sheet(conn, shown.first, shown.last), theme=words.theme,
            **shown.drawn(), **_around(conn),
        )  # fmt: skip
