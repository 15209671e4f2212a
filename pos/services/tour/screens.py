"""The tour on the screen: stops to come, the stop that serves with its clicker and cups, accounts, season."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flask import Blueprint, abort, request, url_for
from werkzeug.wrappers import Response

from pos import screens
from pos.engines import consignment, hosts
from pos.errors import AlreadyDone
from pos.i18n import _
from pos.money import format_euros
from pos.services.tour import cups, desk, producers, reading, slips, tables, words
from pos.services.tour import refusals as no
from pos.slips import Slip
from pos.till import cash, close
from pos.till import tables as till
from pos.till.screens import bill, paper
from pos.till.screens.typed import act, euros, whole
from pos.till.slip_parts import MEANS_SAID

bp = Blueprint(
    "tour", __name__, url_prefix="/tour", template_folder="templates", static_folder="static", static_url_path="/static"
)
FAR = "9999-12-31"


def _side(conn: Any) -> dict[str, Any]:
    today = screens.today()
    return {
        "coming": [row for row in tables.stops(conn, today, FAR) if row["state"] != "cancelled"][:8],
        "to_finish": [*reading.without_z(conn), *reading.to_report(conn)], "state": words.state, "tones": words.TONES,
        "serving": tables.open_stop(conn), "year": today[:4], "today": today,
        "owed": sum(one.balance for one in reading.accounts(conn, today)),
    }  # fmt: skip


def _stop(conn: Any, stop: str) -> Any:
    row = tables.stop(conn, stop)
    if row is None:
        abort(404)
    return row


@bp.get("/")
def home() -> Any:
    """Go to the stop that serves, else show those to come; a café that never travelled begins with settings."""
    with screens.store().reading() as conn:
        serving = tables.open_stop(conn)
        if serving is not None and not request.args.get("all"):
            return screens.go(url_for("tour.stop", stop=serving["stop"]))
        if not tables.itinerant(conn, screens.today()) and not tables.stops(conn, "", FAR):
            return screens.go(url_for("tour.settings"))
        day = screens.today()
        past = [
            row
            for row in reversed(tables.stops(conn, f"{int(day[:4]) - 1}{day[4:]}", day))
            if row["state"] in ("closed", "reported")
        ][:6]
        return screens.draw(
            "tour/home.html", past=past, tours=[t for t in tables.tours(conn) if not t["ended"]],
            held=tables.cups_held(conn), **_side(conn),
        )  # fmt: skip


def _live(conn: Any, row: Any) -> dict[str, Any]:
    return {
        "it": row, "told": reading.report(conn, row), "held": tables.cups_held(conn), "cup_price": tables.cup_price(conn),
        "host": hosts.name_of(conn, row["host"]), "moved_for": [(c, _(w)) for c, w in words.MOVED.items()],
        "cancelled_for": [(c, _(w)) for c, w in words.CANCELLED.items()], "moved_words": words.MOVED,
        "needs_day": bill.needs_opening(conn), "left": till.last_left(conn),
        "owners": {one.owner: one.label for one in reading.accounts(conn, screens.today())},
    }  # fmt: skip


@bp.get("/stop/<stop>")
def stop(stop: str) -> str:
    """Show a stop: its plan, its evening, or what it came to."""
    with screens.store().reading() as conn:
        row = _stop(conn, stop)
        return screens.draw("tour/stop.html", **_live(conn, row), **_side(conn))


def _evening(stop: str) -> str:
    with screens.store().reading() as conn:
        return screens.draw("tour/_evening.html", **_live(conn, _stop(conn, stop)), **_side(conn))


@bp.post("/stop/<stop>/entry/<what>")
def entry(stop: str, what: str) -> str:
    """Count one person more, or take the last back."""
    with suppress(AlreadyDone):
        desk.count_entry(screens.store(), stop, n=-1 if what == "undo" else min(whole("n", 1) or 1, 20), **act())
    return _evening(stop)


@bp.post("/stop/<stop>/total")
def total(stop: str) -> Response:
    """Type how many came."""
    with suppress(AlreadyDone):
        told = desk.count_total(screens.store(), stop, whole("total", -1), **act())
        screens.say(_("%(people)s noted", people=slips.people(told.total)), icon="user")
    return screens.go(url_for("tour.stop", stop=stop))


@bp.post("/stop/<stop>/cups/<what>")
def move_cups(stop: str, what: str) -> str:
    """Lend or take back cups for cash, one tap; the drawer opens."""
    n = whole("n", 1) or 1
    with suppress(AlreadyDone):
        if what == "back":
            cents = cups.take_back_cups(screens.store(), n=n, **act())
            screens.say(_("Give back %(amount)s", amount=format_euros(cents)), icon="coins")
        else:
            cents = cups.lend_cups(screens.store(), n=n, **act())
            screens.say(_("Take %(amount)s of deposit", amount=format_euros(cents)), icon="coins")
    return _evening(stop)


@bp.post("/stop/<stop>/open")
def open_now(stop: str) -> Response:
    """Open the till's day with its float when it is not open, then the stop."""
    with screens.store().reading() as conn:
        needed = bill.needs_opening(conn)
    if needed:
        with suppress(AlreadyDone):
            close.open_day(screens.store(), euros("float"), by=screens.clerk(), attempt=f"{screens.attempt()}d")
    with suppress(AlreadyDone):
        opened = desk.open_stop(
            screens.store(),
            stop,
            authorisation=request.form.get("authorisation", ""),
            place=request.form.get("place", ""),
            **act(),
        )
        if opened.authorisation:
            screens.say(_("The stop is open"))
        else:
            screens.say(_("The stop is open. The mayor’s authorisation is not noted yet."), tone="wait", icon="alert")
    return screens.go(url_for("tour.stop", stop=stop))


@bp.post("/stop/<stop>/do/<what>")
def do(stop: str, what: str) -> Response:
    """Do what a stop's keys say: set up, move, close, settle its cups, report, call off, note the authorisation."""
    form, store = request.form, screens.store()
    doing: dict[str, tuple[Callable[[], Any], str]] = {
        "set_up": (lambda: desk.begin_set_up(store, stop, **act()), _("Setting up")),
        "move": (lambda: desk.move_stop(store, stop, form.get("reason", ""), form.get("place", ""), **act()), _("Moved: same stop, same Z")),
        "close": (lambda: desk.close_stop(store, stop, **act()), _("The stop is closed. Now count the till: its Z is the stop’s.")),
        "cups": (lambda: desk.settle_cups(store, stop, **act()), _("Deposits kept: they are turnover")),
        "cancel": (lambda: desk.cancel_stop(store, stop, form.get("reason", ""), **act()), _("Called off")),
        "authorisation": (lambda: desk.note_authorisation(store, stop, form.get("number", ""), **act()), _("Authorisation noted")),
    }  # fmt: skip
    if what not in doing:
        abort(404)
    with suppress(AlreadyDone):
        doing[what][0]()
        screens.say(doing[what][1])
    return screens.go(
        url_for("day.closing")
        if what == "close"
        else url_for("tour.home" if what == "cancel" else "tour.stop", stop=stop)
    )


@bp.post("/stop/<stop>/report")
def report(stop: str) -> Response:
    """Seal the report once, and print it."""
    with suppress(AlreadyDone, no.WrongMoment):
        desk.report_stop(screens.store(), stop, metres=whole("km") * 1000, **act())
    with screens.store().reading() as conn:
        slip = _report_slip(conn, _stop(conn, stop))
    with screens.store().writing(by=screens.clerk()) as tx:
        paper.enqueue(tx, slip.title, slip)
    paper.print_now(_("Report of the stop on paper"))
    return screens.go(url_for("tour.stop", stop=stop))


def _report_slip(conn: Any, row: Any) -> Slip:
    owners = {one.owner: one.label for one in reading.accounts(conn, screens.today())}
    return slips.report_slip(
        cafe=paper.cafe_of(conn, row["on_day"]).sign, stop=row, told=reading.report(conn, row), owners=owners,
        means={c: _(w) for c, w in MEANS_SAID.items()},
    )  # fmt: skip


@bp.post("/stop/<stop>/late")
def late(stop: str) -> Response:
    """Begin a bill for a sale forgotten at this stop, and go to the counter."""
    with suppress(AlreadyDone):
        tab = desk.begin_late_sale(screens.store(), stop, **act())
        bill.hold(tab.tab_id)
        screens.say(_("Forgotten sale: it will belong to the stop"), tone="wait", icon="clock")
    return screens.go("/")


# Plans


@bp.get("/plan")
def planning() -> str:
    """Show the plan of a stop, new or to change."""
    with screens.store().reading() as conn:
        it = tables.stop(conn, request.args.get("stop", ""))
        like = it if it is not None else tables.stop(conn, request.args.get("like", ""))
        return screens.draw(
            "tour/plan.html", it=it, like=like, villages=[] if it is not None else tables.villages(conn)[:6], tours=[t for t in tables.tours(conn) if not t["ended"]],
            associations=hosts.associations(conn), **_side(conn),
        )  # fmt: skip


@bp.post("/plan")
def plan() -> Response:
    """Plan a stop, in a new tour when one is named."""
    form = {
        name: request.form.get(name, "")
        for name in ("on_day", "commune", "town", "place", "delegated", "host", "tour", "stop")
    }
    with suppress(AlreadyDone):
        planned = desk.plan_stop(screens.store(), **form, **act())
        screens.say(_("%(town)s is planned", town=planned.town), icon="calendar")
    return screens.go(url_for("tour.home", all=1))


@bp.post("/tours")
def new_tour() -> Response:
    """Begin a tour, or end one."""
    with suppress(AlreadyDone):
        if request.form.get("end"):
            desk.end_tour(screens.store(), request.form["end"], **act())
        else:
            desk.plan_tour(screens.store(), request.form.get("label", ""), **act())
    return screens.go(url_for("tour.home", all=1))


# Accounts of others


@bp.get("/accounts")
def accounts() -> str:
    """Show whose money is kept: associations and producers, one tap from handing it over."""
    with screens.store().reading() as conn:
        return screens.draw(
            "tour/accounts.html", accounts=reading.accounts(conn, screens.today()), associations=hosts.associations(conn),
            **_side(conn),
        )  # fmt: skip


@bp.post("/accounts/<what>")
def settle(what: str) -> Response:
    """Enter an association, list its article, state a producer's sales, hand money over."""
    form, store, owner = request.form, screens.store(), request.form.get("owner", "")
    with suppress(AlreadyDone):
        if what == "association":
            hosts.list_association(store, form.get("label", ""), **act())
        elif what == "article":
            hosts.sell_for(store, owner, label=form.get("label", ""), price=euros("price"), **act())
        elif what == "producer":
            producers.agree(
                store, name=form.get("name", ""), commission_bp=euros("commission"), label=form.get("label", ""), price=euros("price"),
                vat_class=form.get("vat_class", ""), **act(),
            )  # fmt: skip
            screens.say(_("Contract noted"))
        elif what == "state":
            stated = consignment.close_statement(store, owner, **act())
            screens.say(_("Statement closed: %(amount)s due", amount=format_euros(stated.due)))
        else:
            _hand_over(owner)
    return screens.go(url_for("tour.accounts"))


def _hand_over(owner: str) -> None:
    if owner.startswith(hosts.OWNER):
        paid = hosts.hand_over(screens.store(), owner, means=request.form.get("means", "cash"), **act()).amount
    else:
        with screens.store().reading() as conn:
            balance = till.third_parties(conn).get(owner, 0)
        paid = cash.settle_third_party(
            screens.store(), owner, balance, means=request.form.get("means", "cash"), **act()
        ).amount
    screens.say(_("%(amount)s handed over", amount=format_euros(paid)), icon="coins")


# Behind


@bp.get("/settings")
def settings() -> str:
    """Show whether the café travels, and the deposit of a cup."""
    with screens.store().reading() as conn:
        return screens.draw(
            "tour/settings.html", itinerant=tables.itinerant(conn, screens.today()), cup_price=tables.cup_price(conn),
            held=tables.cups_held(conn), kept_vat=tables.kept_vat(conn), manager=till.role_of(conn, screens.clerk()) == "manager", **_side(conn),
        )  # fmt: skip


@bp.post("/settings")
def set_up() -> Response:
    """Keep the settings."""
    with suppress(AlreadyDone):
        desk.set_up(
            screens.store(),
            itinerant=bool(request.form.get("itinerant")),
            cup_price=euros("cup_price"),
            kept_vat="service" if request.form.get("kept_vat") else "",
            **act(),
        )
        screens.say(_("Settings noted"))
    return screens.go(url_for("tour.home", all=1))


@bp.get("/season/<year>")
def season(year: str) -> str:
    """Show a year: each stop, and all of them."""
    if not (year.isdecimal() and len(year) == 4):
        abort(404)
    with screens.store().reading() as conn:
        rows = [(row, reading.report(conn, row)) for row in tables.stops(conn, f"{year}-01-01", f"{year}-12-31")]
        return screens.draw(
            "tour/season.html",
            rows=rows,
            told=reading.season(conn, f"{year}-01-01", f"{year}-12-31"),
            shown=year,
            **_side(conn),
        )
