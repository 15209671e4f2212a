"""Behind the bikes: the fleet, prices and rules, one bike's card, the month."""

from contextlib import suppress

from flask import request, url_for
from werkzeug.wrappers import Response

from pos import screens
from pos.engines import counting
from pos.errors import AlreadyDone
from pos.i18n import _
from pos.services.bikes import desk, reading, rules, words
from pos.services.bikes.screens.blueprint import around, bp
from pos.services.bikes.tables import CODE
from pos.till.screens import months
from pos.till.screens.typed import act, euros, whole


@bp.get("/fleet")
def fleet() -> str:
    """Show the bikes, what hiring costs and the rules."""
    day = screens.today()
    with screens.store().reading() as conn:
        bikes = reading.fleet(conn)
        used = [s for s in words.SORTS if s == rules.STANDARD or any(row["sort"] == s for row in bikes)]
        prices = {sort: {one.rule: one for one in rules.lengths(conn, sort, day)} for sort in used}
        return screens.draw(
            "bikes/fleet.html", bikes=bikes, sorts=[(c, _(w)) for c, w in words.SORTS.items()], terms=rules.in_force(conn, day),
            prices=prices, rules=[(code, words.rule(code), minutes) for code, minutes in rules.known_rules()],
            said=words.said, words=words, used=used, next=max((row["number"] for row in bikes), default=0) + 1, **around(conn),
        )  # fmt: skip


@bp.post("/terms")
def set_terms() -> Response:
    """Set the rules from today on."""
    with suppress(AlreadyDone):
        desk.set_terms(
            screens.store(),
            grace_minutes=whole("grace", -1),
            late_minutes=whole("late_minutes"),
            late_price=euros("late_price"),
            **act(),
        )
        screens.say(_("Rules noted"))
    return screens.go(url_for("bikes.fleet"))


@bp.post("/price")
def set_price() -> Response:
    """Set one price from today on."""
    form = request.form
    with suppress(AlreadyDone):
        desk.set_price(
            screens.store(), form.get("rule", ""), sort=form.get("sort", ""), price=euros("price"), valid_from=form.get("valid_from", ""),
            **act(),
        )  # fmt: skip
        screens.say(_("Price noted"))
    return screens.go(url_for("bikes.fleet"))


@bp.post("/bike")
def list_bike() -> Response:
    """Put a bike in the fleet, or change its card."""
    form = request.form
    with suppress(AlreadyDone):
        desk.list_bike(
            screens.store(), number=whole("number"), sort=form.get("sort", ""), label=form.get("label", ""), deposit=euros("deposit"),
            bike=form.get("bike", ""), **act(),
        )  # fmt: skip
        screens.say(_("Bike noted"))
    return screens.go(url_for("bikes.fleet"))


@bp.get("/bike/<bike>")
def card(bike: str) -> str:
    """Show one bike: where it stands, its card, its last hires."""
    with screens.store().reading() as conn:
        row = reading.bike(conn, bike)
        return screens.draw(
            "bikes/bike.html", it=row, sorts=[(c, _(w)) for c, w in words.SORTS.items()], words=words, said=words.said,
            history=reading.history(conn, bike), reasons=[(c, _(w)) for c, w in words.DAMAGES.items()], **around(conn),
        )  # fmt: skip


@bp.post("/bike/<bike>/move/<state>")
def move(bike: str, state: str) -> Response:
    """Say where a bike stands."""
    with suppress(AlreadyDone):
        desk.move_bike(screens.store(), bike, state, reason=request.form.get("reason", ""), **act())
        screens.say(_("Noted"))
    return screens.go(url_for("bikes.home"))


@bp.post("/count")
def count() -> Response:
    """Type the day's total, when there was no time for more."""
    with suppress(AlreadyDone):
        counting.count_day(screens.store(), CODE, whole("total", -1), **act())
        screens.say(_("Day’s total noted"))
    return screens.go(url_for("bikes.home"))


@bp.get("/month/<month>")
def month(month: str) -> str:
    """Show a month: hires by length, lateness, income, passing cyclists."""
    shown = months.asked(month)
    with screens.store().reading() as conn:
        return screens.draw(
            "bikes/month.html", told=reading.sheet(conn, shown.first, shown.last), **shown.drawn(), words=words, said=words.said, **around(conn),
        )  # fmt: skip
