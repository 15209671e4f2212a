"""The information point on the screen: large keys by theme, the stand of leaflets, others' tickets.

Each key counts at once; the list at the right takes the last tap back.
"""

from contextlib import suppress
from typing import Any

from flask import Blueprint, abort, request, url_for
from werkzeug.wrappers import Response

from pos import screens
from pos.engines import counting
from pos.errors import AlreadyDone
from pos.i18n import _
from pos.money import format_euros, parse_euros
from pos.services.info import desk, reading, tables, words
from pos.till import sell
from pos.till.screens import bill, months
from pos.till.screens.typed import act, whole

bp = Blueprint(
    "info", __name__, url_prefix="/info", template_folder="templates", static_folder="static", static_url_path="/static"
)


def _around(conn: Any) -> dict[str, Any]:
    day, tab = screens.today(), sell.current_tab(conn, bill.held()) if bill.held() else None
    labels = {row["leaflet"]: row["label"] for row in reading.leaflets(conn)}
    taps = [
        (row, words.hour(row["at"]), words.theme(row["theme"]), labels.get(row["leaflet"], ""))
        for row in reading.last_taps(conn, day)
    ]
    counted = reading.by_theme(conn, day, day)
    return {
        "side": {"taps": taps, "n": sum(counted.values()), "by": counted, "tickets": reading.sold_tickets(conn, day, day), "day": day},
        "tab": tab if tab is not None and tab.lines else None,
    }  # fmt: skip


def _keys(conn: Any) -> dict[str, Any]:
    counted = reading.by_theme(conn, screens.today(), screens.today())
    return {
        "themes": [(code, _(word), sign, counted.get(code, 0)) for code, (word, sign) in words.THEMES.items()],
        "leaflets": reading.leaflets(conn), "tickets": reading.tickets(conn),
    }  # fmt: skip


@bp.get("")
def home() -> str:
    """Show the keys."""
    with screens.store().reading() as conn:
        return screens.draw("info/home.html", **_keys(conn), **_around(conn))


def _redrawn() -> str:
    with screens.store().reading() as conn:
        side = screens.render("info/_side.html", oob=True, **_around(conn))
        return screens.draw("info/_keys.html", **_keys(conn)) + side


@bp.post("/answer/<theme>")
def answer(theme: str) -> str:
    """Count a question."""
    with suppress(AlreadyDone):
        desk.answer(screens.store(), theme, visit=request.form.get("visit", ""), **act())
        screens.say(_("Counted: %(theme)s", theme=words.theme(theme)))
    return _redrawn()


@bp.post("/leaflet/<leaflet>")
def give(leaflet: str) -> str:
    """Hand a leaflet over."""
    with suppress(AlreadyDone):
        desk.give_leaflet(screens.store(), leaflet, **act())
        screens.say(_("Leaflet handed over"), icon="paper")
    return _redrawn()


@bp.post("/undo/<answer_id>")
def undo(answer_id: str) -> str:
    """Take a tap back."""
    with suppress(AlreadyDone):
        desk.undo(screens.store(), answer_id, **act())
        screens.say(_("One tap taken back"), icon="undo")
    return _redrawn()


@bp.post("/ticket/<product>")
def sell_ticket(product: str) -> Response:
    """Put somebody else's ticket on the bill."""
    with screens.store().reading() as conn:
        tab_id = bill.current_id(conn)
    with suppress(AlreadyDone):
        bill.hold(sell.add_product(screens.store(), tab_id, product, **act()).tab_id)
    return screens.go(url_for("till.counter"))


@bp.get("/stand")
def stand() -> str:
    """Show the leaflets, others' tickets and what is owed for them."""
    with screens.store().reading() as conn:
        accounts = [reading.account(conn, owner) for owner in reading.owners(conn)]
        return screens.draw(
            "info/stand.html", all=reading.leaflets(conn), on_sale=reading.tickets(conn), accounts=accounts, called=reading.called,
            topics=[(code, _(word)) for code, (word, _sign) in words.THEMES.items()], **_around(conn),
        )  # fmt: skip


@bp.post("/stand")
def list_leaflet() -> Response:
    """Put a leaflet on the stand, count it, or remove it."""
    form = request.form
    with suppress(AlreadyDone):
        desk.list_leaflet(
            screens.store(), label=form.get("label", ""), theme=form.get("theme", words.TOURISM), low=whole("low", digits=5),
            copies=whole("copies", -1, digits=5), leaflet=form.get("leaflet", ""), in_use=not form.get("away"), **act(),
        )  # fmt: skip
        screens.say(_("Leaflet noted"))
    return screens.go(url_for("info.stand"))


@bp.post("/tickets")
def list_ticket() -> Response:
    """Sell a ticket for somebody else from now on."""
    form = request.form
    with suppress(AlreadyDone):
        desk.list_ticket(
            screens.store(), label=form.get("label", ""), price=parse_euros(form.get("price", "")), owner=form.get("owner", ""),
            commission_bp=whole("commission", digits=5) * 100, **act(),
        )  # fmt: skip
        screens.say(_("On sale: it is on the menu"))
    return screens.go(url_for("info.stand"))


@bp.post("/hand-over/<path:owner>/<means>")
def hand_over(owner: str, means: str) -> Response:
    """Hand an owner's money over, less the commission."""
    with suppress(AlreadyDone):
        told = desk.hand_over(screens.store(), owner, means=means, **act())
        screens.say(
            _(
                "%(amount)s handed over, %(kept)s of commission",
                amount=format_euros(told.due),
                kept=format_euros(told.commission),
            )
        )
    return screens.go(url_for("info.stand"))


@bp.post("/count/<code>")
def count(code: str) -> Response:
    """Type the day's total, when there was no time for more."""
    if code not in (tables.INFO, tables.TOURISM):
        abort(404)
    with suppress(AlreadyDone):
        counting.count_day(screens.store(), code, whole("total", -1, digits=5), **act())
        screens.say(_("Day’s total noted"))
    return screens.go(url_for("info.home"))


@bp.get("/month/<month>")
def month(month: str) -> str:
    """Show a month: questions by theme, leaflets, others' tickets."""
    shown = months.asked(month)
    with screens.store().reading() as conn:
        return screens.draw(
            "info/month.html", asked=reading.by_theme(conn, shown.first, shown.last), given=reading.given(conn, shown.first, shown.last),
            sold=reading.sold_tickets(conn, shown.first, shown.last), theme=words.theme, typed={c: counting.total_of(conn, screens.today(), c) for c in (tables.INFO, tables.TOURISM)},
            **shown.drawn(), **_around(conn),
        )  # fmt: skip
