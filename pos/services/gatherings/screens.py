"""Gatherings on the screen: the calendar, one gathering, the door with its clicker and list, money, the month."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, request, url_for
from werkzeug.wrappers import Response

from pos import private, screens
from pos.clock import parse_day
from pos.engines import hosts
from pos.errors import AlreadyDone
from pos.i18n import _, ngettext
from pos.money import format_euros, parse_euros, parse_quantity
from pos.services.gatherings import desk, reading, slips, tables, words
from pos.services.gatherings.tables import COMING, DONE
from pos.slips import NARROW_PAPER, Slip, as_text
from pos.till.screens import months, paper
from pos.till.screens.typed import act, whole

bp = Blueprint(
    "gatherings", __name__, url_prefix="/gatherings", template_folder="templates", static_folder="static",
    static_url_path="/static",
)  # fmt: skip


def _ages() -> dict[str, Any]:
    return {age: whole(age, digits=5) for age in words.BRACKETS}


def _side(conn: Any) -> dict[str, Any]:
    day = screens.today()
    ahead = (parse_day(day) + timedelta(days=120)).isoformat()
    return {
        "coming": [row for row in tables.between(conn, day, ahead) if row["state"] in COMING],
        "uncounted": reading.uncounted(conn, day), "today": day, "month": day[:7], "tones": words.TONES,
        "state": lambda code: words.said(words.STATES, code), "sort": lambda code: words.said(words.SORTS, code),
    }  # fmt: skip


def _found(conn: Any, gathering: str) -> Any:
    row = tables.one(conn, gathering)
    if row is None:
        abort(404)
    return row


@bp.get("/")
def home() -> str:
    """Show what comes, ideas, and what was held."""
    with screens.store().reading() as conn:
        day = screens.today()
        before = (parse_day(day) - timedelta(days=62)).isoformat()
        past = [row for row in reversed(tables.between(conn, before, day)) if row["state"] not in COMING]
        return screens.draw(
            "gatherings/home.html", ideas=tables.ideas(conn), past=past[:8], total=reading.total, sorts=words.pairs(words.SORTS),
            **_side(conn),
        )  # fmt: skip


@bp.get("/<gathering>")
def one(gathering: str) -> str:
    """Show a gathering: its facts and what can be done."""
    with screens.store().reading() as conn:
        row = _found(conn, gathering)
        held = row["state"] in DONE
        return screens.draw(
            "gatherings/one.html", it=row, tags=[words.said(words.TAGS, tag) for tag in tables.tags(conn, gathering)],
            partner=hosts.name_of(conn, row["partner"]), place=words.said(words.PLACES, row["place"]),
            registered=reading.registered(conn, gathering), left=reading.places_left(conn, row), total=reading.total(row),
            taken=reading.takings(conn, row) if held else 0, method=words.said(words.METHODS, row["method"]),
            reasons=words.pairs(words.CANCELLED), ratings=words.pairs(words.RATINGS), cancelled=words.said(words.CANCELLED, row["reason"]),
            poster=as_text(_poster(conn, row), NARROW_PAPER) if row["state"] in COMING else "", **_side(conn),
        )  # fmt: skip


def _poster(conn: Any, row: Any) -> Slip:
    cafe = paper.cafe_of(conn, row["on_day"])
    return slips.poster(
        cafe=cafe.sign,
        town=cafe.town,
        row=row,
        day=words.long_day(row["on_day"]),
        partner=hosts.name_of(conn, row["partner"]),
    )


@bp.post("/<gathering>/poster")
def poster(gathering: str) -> Response:
    """Print the poster; the first time, the gathering is announced."""
    with screens.store().reading() as conn:
        row = _found(conn, gathering)
        slip = _poster(conn, row)
    if row["state"] == tables.PLANNED:
        with suppress(AlreadyDone):
            desk.announce(screens.store(), gathering, **act())
    with screens.store().writing(by=screens.clerk()) as tx:
        paper.enqueue(tx, slip.title, slip)
    paper.print_now(_("Poster on paper: pin it up"))
    return screens.go(url_for("gatherings.one", gathering=gathering))


@bp.post("/ideas")
def idea() -> Response:
    """Keep an idea."""
    with suppress(AlreadyDone):
        desk.note_idea(screens.store(), request.form.get("title", ""), **act())
        screens.say(_("Idea kept"), icon="star")
    return screens.go(url_for("gatherings.home"))


@bp.get("/plan")
def planning() -> str:
    """Show the plan of a gathering, new or to change."""
    with screens.store().reading() as conn:
        gathering = request.args.get("gathering", "")
        return screens.draw(
            "gatherings/plan.html", it=tables.one(conn, gathering), chosen=tables.tags(conn, gathering),
            sorts=words.pairs(words.SORTS), places=words.pairs(words.PLACES), funders=words.pairs(words.TAGS),
            partners=hosts.associations(conn), **_side(conn),
        )  # fmt: skip


@bp.post("/plan")
def plan() -> Response:
    """Put it on the calendar."""
    form = request.form
    texts = {
        name: form.get(name, "") for name in ("title", "sort", "on_day", "begins", "place", "partner", "gathering")
    }
    gathering = texts["gathering"]
    with suppress(AlreadyDone):
        texts["begins"] = _hour(texts["begins"])
        gathering = desk.plan(
            screens.store(),
            tags=form.getlist("tags"),
            capacity=whole("capacity", digits=5),
            music=bool(form.get("music")),
            **texts,
            **act(),
        ).gathering
        screens.say(_("On the calendar"), icon="calendar")
    return screens.go(url_for("gatherings.one", gathering=gathering) if gathering else url_for("gatherings.home"))


def _hour(text: str) -> str:
    """Return `20:30` for what hands type: 20h30, 20 h, 2030."""
    digits = "".join(c if c.isdigit() else " " for c in text).split()
    if len(digits) == 1 and len(digits[0]) > 2:
        digits = [digits[0][:-2], digits[0][-2:]]
    return f"{int(digits[0]):02d}:{digits[1] if len(digits) > 1 else '00'}" if digits else text


@bp.post("/<gathering>/do/<what>")
def do(gathering: str, what: str) -> Response:
    """Do what a gathering's keys say: hold, call off, look back, hours, music."""
    form, store = request.form, screens.store()
    doing: dict[str, tuple[Callable[[], Any], str]] = {
        "hold": (lambda: desk.hold(store, gathering, method=form.get("method", ""), **_ages(), **act()), _("Attendance noted")),
        "cancel": (lambda: desk.cancel(store, gathering, form.get("reason", ""), **act()), _("Gathering called off")),
        "review": (
            lambda: desk.review(store, gathering, whole("rating", digits=5), again=form.get("again") != "no", **act()), _("Thank you, noted")
        ),
        "hours": (
            lambda: desk.give_hours(
                store, gathering, people=whole("people", digits=5), minutes=parse_quantity(form.get("hours") or "0") * 60 // 1000, **act()
            ),
            _("Hours noted"),
        ),
        "music": (lambda: desk.declare_music(store, gathering, **act()), _("Music declared")),
    }  # fmt: skip
    if what not in doing:
        abort(404)
    with suppress(AlreadyDone):
        doing[what][0]()
        screens.say(doing[what][1])
    return screens.go(url_for("gatherings.one", gathering=gathering))


# The door


def _door(conn: Any, row: Any) -> dict[str, Any]:
    people = [(one, private.name_of(conn, one["person"])) for one in tables.registrations(conn, row["gathering"])]
    return {
        "it": row, "entries": tables.entries(conn, row["gathering"]), "ages": words.pairs(words.BRACKETS), "people": people,
        "left": reading.places_left(conn, row), "came": sum(reading.came(conn, row["gathering"]).values()),
        "registered": reading.registered(conn, row["gathering"]), "too_soon": screens.today() < row["on_day"],
    }  # fmt: skip


@bp.get("/<gathering>/door")
def door(gathering: str) -> Any:
    """Show the clicker, one key per age, and the list."""
    with screens.store().reading() as conn:
        row = _found(conn, gathering)
        if row["state"] not in COMING:
            return screens.go(url_for("gatherings.one", gathering=gathering))
        return screens.draw("gatherings/door.html", **_door(conn, row), **_side(conn))


def _at_door(gathering: str) -> str:
    with screens.store().reading() as conn:
        return screens.draw("gatherings/_door.html", **_door(conn, _found(conn, gathering)), **_side(conn))


@bp.post("/<gathering>/entry/<bracket>")
def entry(gathering: str, bracket: str) -> str:
    """Count one more, or take the last tap back."""
    with suppress(AlreadyDone):
        if bracket == "undo":
            desk.undo_entry(screens.store(), gathering, **act())
        else:
            desk.count_entry(screens.store(), gathering, bracket=bracket, **act())
    return _at_door(gathering)


@bp.post("/<gathering>/register")
def register(gathering: str) -> str:
    """Put somebody on the list."""
    with suppress(AlreadyDone):
        desk.register(
            screens.store(),
            gathering,
            name=request.form.get("name", ""),
            phone=request.form.get("phone", ""),
            **_ages(),
            **act(),
        )
        screens.say(_("On the list"), icon="list")
    return _at_door(gathering)


@bp.post("/<gathering>/list/<registration>/<what>")
def on_list(gathering: str, registration: str, what: str) -> str:
    """Tick, untick or take off the list."""
    with suppress(AlreadyDone):
        if what == "drop":
            desk.drop_registration(screens.store(), registration, **act())
        else:
            desk.mark_came(screens.store(), registration, came=what == "came", **act())
    return _at_door(gathering)


# Money of partners


@bp.get("/money")
def money() -> str:
    """Show the till of associations: what they sell for the evening, what is kept for them."""
    with screens.store().reading() as conn:
        return screens.draw("gatherings/money.html", associations=hosts.associations(conn), **_side(conn))


@bp.post("/money/<what>")
def move_money(what: str) -> Response:
    """Enter an association, list its article, take its articles off, hand its money over."""
    form, store, owner = request.form, screens.store(), request.form.get("owner", "")
    with suppress(AlreadyDone):
        if what == "association":
            hosts.list_association(store, form.get("label", ""), **act())
        elif what == "article":
            hosts.sell_for(
                store, owner, label=form.get("label", ""), price=parse_euros(form.get("price") or "0"), **act()
            )
            screens.say(_("On the menu for the evening"))
        elif what == "stop":
            n = hosts.stop_selling(store, owner, **act())
            screens.say(ngettext("%(n)s article off the menu", "%(n)s articles off the menu", n))
        else:
            paid = hosts.hand_over(store, owner, means=form.get("means", "cash"), **act())
            screens.say(_("%(amount)s handed over", amount=format_euros(paid.amount)), icon="coins")
    return screens.go(url_for("gatherings.money"))


@bp.get("/month/<month>")
def month(month: str) -> str:
    """Show a month: gatherings, participants, called off, hours given."""
    shown = months.asked(month)
    with screens.store().reading() as conn:
        return screens.draw(
            "gatherings/month.html", told=reading.sheet(conn, shown.first, shown.last), first=shown.first,
            rows=tables.between(conn, shown.first, shown.last), total=reading.total, tag=lambda code: words.said(words.TAGS, code),
            **shown.drawn(ahead=True), **_side(conn),
        )  # fmt: skip
