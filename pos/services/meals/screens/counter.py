"""The day's meals: cooked, on the round, at each door, at the table. One tap per meal delivered or served."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flask import abort, request, url_for
from werkzeug.wrappers import Response

from pos import screens
from pos.clock import parse_day
from pos.errors import AlreadyDone
from pos.i18n import _, ngettext
from pos.money import NotAQuantity, parse_quantity
from pos.services.meals import desk, pictures, reading, rules, slips, words
from pos.services.meals import refusals as no
from pos.services.meals.screens.blueprint import around, bp, hour
from pos.till.screens.paper import print_slip
from pos.till.screens.typed import act, text


def a_day(name: str = "day") -> str:
    """Return the day asked for, today when none was."""
    asked = request.values.get(name, "")
    try:
        return parse_day(asked).isoformat() if asked else screens.today()
    except ValueError:
        abort(404)


@bp.get("")
def home() -> str:
    """Show the day's meals, what is still to do first."""
    with screens.store().reading() as conn:
        return screens.draw("meals/home.html", **pictures.board(conn, a_day()), today=screens.today(), **around(conn))


@bp.get("/kitchen")
def kitchen() -> str:
    """Show what is to be cooked, with diets and allergies."""
    with screens.store().reading() as conn:
        rows = [row for row in reading.of_day(conn, a_day()) if row["state"] == "planned"]
        return screens.draw(
            "meals/kitchen.html", rows=[pictures.row_of(conn, row) for row in rows], day=a_day(), due=len(reading.due(conn, a_day())),
            **around(conn),
        )  # fmt: skip


@bp.post("/kitchen/print")
def print_kitchen() -> str:
    """Print what is to be cooked; orders of subscribers are completed first."""
    day = a_day()
    with suppress(AlreadyDone):
        desk.close_orders(screens.store(), for_day=day, **act())
    with screens.store().reading() as conn:
        eaters = [pictures.eater(conn, row) for row in reading.of_day(conn, day)]
    print_slip(slips.kitchen_slip(day, eaters), _("List for the kitchen printed"))
    return screens.draw("meals/_said.html")


@bp.post("/prepare")
def prepare() -> Response:
    """Note the planned meals as cooked."""
    with suppress(AlreadyDone):
        n = desk.prepare(screens.store(), chain=text("chain"), witness=bool(text("witness")), **act())
        screens.say(ngettext("%(n)s meal is ready", "%(n)s meals are ready", n), icon="plate")
    return screens.go(url_for("meals.home"))


@bp.get("/leave")
def leaving() -> str:
    """Ask for the temperature before the round leaves."""
    with screens.store().reading() as conn:
        rows = [
            row
            for row in reading.of_day(conn, screens.today())
            if row["state"] == "prepared" and row["place"] == "home"
        ]
        chain = rows[0]["chain"] if rows else "hot"
        return screens.draw(
            "meals/leave.html", rows=[pictures.row_of(conn, row) for row in rows if row["chain"] == chain], chain=chain,
            limit=_(words.CHAINS[chain]), **around(conn),
        )  # fmt: skip


@bp.post("/leave")
def leave() -> Response:
    """Let the round leave; its sheet is printed."""
    with suppress(AlreadyDone):
        left = desk.leave(screens.store(), temperature=rules.degrees(text("temperature")), chain=text("chain"), **act())
        _print_round(left.round, _("The round leaves; its sheet is printed"))
    return screens.go(url_for("meals.home"))


def _print_round(round_id: str, said: str) -> None:
    with screens.store().reading() as conn:
        row = reading.round_row(conn, round_id)
        if row is None:
            abort(404)
        eaters = [pictures.eater(conn, one) for one in reading.of_round(conn, row["round"])]
    print_slip(
        slips.round_slip(
            number=row["number"],
            day=row["day"],
            left_at=row["left_at"],
            temperature=row["temperature"],
            chain=row["chain"],
            eaters=eaters,
        ),
        said,
    )


@bp.get("/round/<round_id>")
def one_round(round_id: str) -> str:
    """Show a round: its meals, and its kilometres when the carrier is back."""
    with screens.store().reading() as conn:
        row = reading.round_row(conn, round_id)
        if row is None:
            abort(404)
        return screens.draw(
            "meals/round.html", trip=row, rows=[pictures.row_of(conn, one) for one in reading.of_round(conn, row["round"])],
            temperature=rules.said_degrees(row["temperature"]), km=words.kilometres(row["metres"]) if row["metres"] >= 0 else "", **around(conn),
        )  # fmt: skip


@bp.post("/round/<round_id>/print")
def print_round(round_id: str) -> str:
    """Print a round's sheet again."""
    _print_round(round_id, _("Sheet of the round printed"))
    return screens.draw("meals/_said.html")


@bp.post("/round/<round_id>/close")
def close_round(round_id: str) -> Response:
    """Note the kilometres: the carrier is back."""
    try:
        metres = parse_quantity(text("km"))
    except NotAQuantity:
        raise no.NotADistance(text=text("km")[:12]) from None
    with suppress(AlreadyDone):
        desk.close_round(screens.store(), round_id, metres=metres, **act())
        screens.say(_("Round closed: %(km)s", km=words.kilometres(metres)))
    return screens.go(url_for("meals.home"))


# One meal


@bp.get("/meal/<meal_id>")
def one(meal_id: str) -> str:
    """Show a meal: whom for, what may be done, whom to call when nobody opened."""
    with screens.store().reading() as conn:
        return screens.draw("meals/meal.html", **_seen(conn, meal_id), confirm={}, **around(conn))


def _seen(conn: Any, meal_id: str) -> dict[str, Any]:
    try:
        return pictures.one_meal(conn, meal_id)
    except no.NoSuchMeal:
        abort(404)


@bp.post("/meal/<meal_id>/delivered")
def delivered(meal_id: str) -> Any:
    """Note a meal as delivered, at once or with the sheet's hour and temperature."""
    typed = {"temperature": text("temperature"), "hour": text("hour")}
    try:
        with suppress(AlreadyDone):
            desk.deliver(
                screens.store(), meal_id, temperature=rules.degrees(typed["temperature"]), happened_at=hour("hour"),
                confirmed=bool(text("confirmed")), **act(),
            )  # fmt: skip
            screens.say(_("Meal delivered"))
    except no.OutOfLimitAtDoor as told:
        screens.say(f"{told.what()} {told.how()}", tone="wait", icon="alert")
        with screens.store().reading() as conn:
            return screens.draw("meals/_meal.html", **_seen(conn, meal_id), confirm=typed)
    return screens.go(_back())


@bp.post("/meal/<meal_id>/<what>")
def happened(meal_id: str, what: str) -> Response:
    """Note what happened to a meal: served, nobody opened, refused, destroyed, given, or a mistake."""
    store, who = screens.store(), act()
    acts: dict[str, tuple[Callable[[], Any], str]] = {
        "served": (lambda: desk.serve(store, meal_id, **who), _("Meal served")),
        "absent": (
            lambda: desk.note_absent(store, meal_id, happened_at=hour("hour"), **who),
            _("Nobody opened: call now"),
        ),
        "declined": (lambda: desk.decline(store, meal_id, **who), _("Meal refused")),
        "destroyed": (lambda: desk.dispose(store, meal_id, how="destroyed", **who), _("Meal destroyed")),
        "given": (lambda: desk.dispose(store, meal_id, how="given", **who), _("Meal given")),
        "cancelled": (lambda: desk.cancel(store, meal_id, **who), _("Meal cancelled")),
        "undone": (lambda: desk.undo(store, meal_id, **who), _("Undone")),
        "funder": (lambda: desk.change_funder(store, meal_id, funder=text("funder"), **who), _("Noted")),
        "called": (
            lambda: desk.record_call(store, meal_id, outcome=text("outcome"), happened_at=hour("hour"), **who),
            _("Call noted"),
        ),
    }
    if what not in acts:
        abort(404)
    run, said = acts[what]
    with suppress(AlreadyDone):
        run()
        screens.say(said, tone="wait" if what == "absent" else "good", icon="alert" if what == "absent" else "check")
    return screens.go(url_for("meals.one", meal_id=meal_id) if what in ("absent", "undone", "funder") else _back())


def _back() -> str:
    """Return to the round, the plan or the day the tap came from."""
    back = text("back")
    return back if back.startswith("/meals") else url_for("meals.home")
