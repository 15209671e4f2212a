"""The plan of the days ahead, and the people: orders, subscriptions, pauses, what is kept about somebody."""

from contextlib import suppress

from flask import abort, request, url_for
from werkzeug.wrappers import Response

from pos import screens
from pos.engines import persons
from pos.errors import AlreadyDone
from pos.i18n import _, ngettext
from pos.services.meals import desk, people, pictures, slips, words
from pos.services.meals import refusals as no
from pos.services.meals.screens.blueprint import around, bp
from pos.services.meals.screens.counter import a_day
from pos.till.screens import bill
from pos.till.screens.paper import print_slip
from pos.till.screens.typed import act, text

_FACTS = ("address", "way", "diet", "allergies", "contact_name", "contact_phone")


@bp.get("/plan")
def plan() -> str:
    """Show the orders of a day ahead."""
    with screens.store().reading() as conn:
        told = pictures.plan(conn, a_day(), screens.today(), screens.store().clock.now_ms())
        return screens.draw(
            "meals/plan.html", **told, today=screens.today(), title=words.long_day(a_day()), **around(conn)
        )


@bp.post("/order")
def order() -> Response:
    """Order a meal for somebody."""
    with suppress(AlreadyDone):
        desk.order(
            screens.store(), beneficiary=text("beneficiary"), for_day=text("day"), place=text("place"), funder=text("funder"),
            late=bool(text("late")), **act(),
        )  # fmt: skip
        screens.say(_("Meal ordered"))
    return screens.go(url_for("meals.plan", day=text("day")))


@bp.post("/close")
def close() -> Response:
    """Complete the orders of a day."""
    with suppress(AlreadyDone):
        closed = desk.close_orders(screens.store(), for_day=text("day"), **act())
        if closed.without_funder:
            said = ngettext(
                "%(n)s person without a funder: choose another one",
                "%(n)s persons without a funder: choose another one",
                len(closed.without_funder),
            )
            screens.say(said, tone="wait", icon="alert")
        else:
            screens.say(ngettext("Orders closed: %(n)s meal", "Orders closed: %(n)s meals", len(closed.meals)))
    return screens.go(url_for("meals.plan", day=text("day")))


@bp.get("/people")
def everybody() -> str:
    """Show who has meals; those with allergies and diets when asked."""
    only = bool(request.args.get("allergies"))
    with screens.store().reading() as conn:
        return screens.draw(
            "meals/people.html", rows=pictures.people(conn, screens.today(), allergies=only), only=only, **around(conn)
        )


@bp.get("/person")
def newcomer() -> str:
    """Show an empty card."""
    with screens.store().reading() as conn:
        return screens.draw(
            "meals/person.html", one=None, origins=[(c, _(w)) for c, w in words.ORIGINS.items()], **around(conn)
        )


@bp.post("/person")
def enter() -> Response:
    """Enter somebody."""
    try:
        told = people.enter(
            screens.store(), name=text("name"), phone=text("phone"), origin=text("origin") or "cafe", consent=bool(text("consent")),
            **{key: text(key) for key in _FACTS}, **act(),
        )  # fmt: skip
    except AlreadyDone:
        return screens.go(url_for("meals.everybody"))
    screens.say(_("Entered"))
    return screens.go(url_for("meals.person", beneficiary=told.beneficiary))


@bp.get("/person/<beneficiary>")
def person(beneficiary: str) -> str:
    """Show what is known of somebody, the subscription, the pauses, the meals."""
    with screens.store().reading() as conn:
        try:
            one = pictures.person(conn, beneficiary, screens.today())
        except no.NoSuchBeneficiary:
            abort(404)
        return screens.draw(
            "meals/person.html",
            one=one,
            today=screens.today(),
            reasons=[(c, _(w)) for c, w in words.END_REASONS.items()],
            **around(conn),
        )


@bp.post("/person/<beneficiary>/<what>")
def about(beneficiary: str, what: str) -> Response:
    """Change something about somebody."""
    here = url_for("meals.person", beneficiary=beneficiary)
    store, who = screens.store(), act()
    with suppress(AlreadyDone):
        if what == "facts":
            people.change(
                store, beneficiary, name=text("name"), phone=text("phone"), consent=bool(text("consent")),
                **{key: text(key) for key in _FACTS}, **who,
            )  # fmt: skip
        elif what == "week":
            days = [int(day) for day in request.form.getlist("weekday") if day.isdecimal()]
            people.subscribe(store, beneficiary, weekdays=days, place=text("place"), funder=text("funder"), **who)
        elif what == "pause":
            people.pause(store, beneficiary, first=text("first"), last=text("last"), **who)
        elif what == "resume":
            people.resume(store, beneficiary, **who)
        elif what == "end":
            people.end(store, beneficiary, reason=text("reason") or "asked", **who)
        else:
            abort(404)
        screens.say(_("Noted"))
    return screens.go(text("back") if text("back").startswith("/meals/plan") else here)


@bp.post("/person/<beneficiary>/bill")
def pay(beneficiary: str) -> Response:
    """Put the unpaid meals of somebody on the bill, and go to it."""
    with screens.store().reading() as conn:
        tab_id = bill.current_id(conn)
    with suppress(AlreadyDone):
        tab = desk.bill(screens.store(), beneficiary, tab_id=tab_id, **act())
        bill.hold(tab.tab_id)
    return screens.go("/")


@bp.post("/person/<beneficiary>/export")
def export(beneficiary: str) -> str:
    """Print all that is kept of somebody, to hand to them."""
    told = persons.export(screens.store(), beneficiary, **act())
    print_slip(slips.person_slip(told), _("What is kept was printed"))
    return screens.draw("meals/_said.html")


@bp.post("/person/<beneficiary>/erase")
def erase(beneficiary: str) -> Response:
    """Forget somebody: name, diet and address go, counts stay."""
    with suppress(AlreadyDone):
        persons.erase(screens.store(), beneficiary, **act())
        screens.say(_("Forgotten: name, diet and address are gone, the counts stay"))
    return screens.go(url_for("meals.everybody"))
