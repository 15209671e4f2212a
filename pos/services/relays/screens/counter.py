"""At the counter: something is left, leaves for the workshop, comes back, is handed over and paid.

Three taps to hand over: the line at the right, « Rendre », the money.
"""

from contextlib import suppress
from typing import Any

from flask import abort, request, url_for
from werkzeug.wrappers import Response

from pos import screens
from pos.engines import persons
from pos.errors import AlreadyDone
from pos.i18n import _, ngettext
from pos.services.relays import desk, kinds, names, pictures, reading, slips
from pos.services.relays.screens.blueprint import around, bp, cafe, relay_or_404, same_visit, thing_or_404
from pos.till.screens import bill
from pos.till.screens.paper import print_slip
from pos.till.screens.typed import act, euros, whole


@bp.get("")
def home() -> Any:
    """Show the relays of this café; one that chose none yet starts with the settings."""
    with screens.store().reading() as conn:
        if not kinds.every(conn, screens.today()):
            return screens.go(url_for("relays.settings"))
        show = request.args.get("show", "")
        return screens.draw("relays/home.html", tiles=pictures.tiles(conn, screens.today()), **around(conn, show))


@bp.post("/find")
def find() -> Any:
    """Go to the thing of a number; a name shows what is kept for it."""
    code = request.form.get("code", "").strip()
    with screens.store().reading() as conn:
        found = reading.by_code(conn, code)
        people = {person for person, _name in persons.find(conn, names.PURPOSE, code)} if code else set()
        waiting = [thing for thing in reading.waiting(conn) if thing.person in people]
    if found is None and len(waiting) == 1:
        found = waiting[0]
    if found is not None:
        return screens.go(url_for("relays.thing", code=found.thing))
    if not waiting and screens.scanned():
        return screens.not_ours()
    if not waiting:
        screens.say(_("Nothing is kept under “%(code)s”", code=code[:30]), tone="wait", icon="search")
    with screens.store().reading() as conn:
        relays = {relay.relay: relay for relay in kinds.every(conn, screens.today())}
        rows = [pictures.row(conn, one, relays[one.sort], screens.today()) for one in waiting if one.sort in relays]
        return screens.draw("relays/_found.html", rows=rows)


@bp.get("/of/<relay>")
def relay_desk(relay: str) -> str:
    """Show a relay: what is taken in, what leaves, what is away, its account."""
    with screens.store().reading() as conn:
        told = pictures.desk(conn, relay_or_404(conn, relay), screens.today())
        shape = {kinds.KEYS: "keys", kinds.BASKETS: "baskets"}.get(told["relay"].sort, "desk")
        return screens.draw(f"relays/{shape}.html", today=screens.today(), **told, **around(conn))


@bp.post("/of/<relay>/leave")
def leave(relay: str) -> Response:
    """Take something in and print the two halves of its ticket."""
    form = request.form
    with screens.store().reading() as conn:
        visit = same_visit(conn)
    with suppress(AlreadyDone):
        kept = desk.leave(
            screens.store(), relay, name=form.get("name", ""), phone=form.get("phone", ""), pieces=whole("pieces", 1),
            what=form.get("what", ""), due=euros("due", None) or 0, place=form.get("place", ""), visit=visit, **act(),
        )  # fmt: skip
        with screens.store().reading() as conn:
            slip = slips.ticket_slip(
                cafe=cafe(conn), relay=relay_or_404(conn, relay), thing=kept, what=names.note_of(conn, kept.thing),
                name=names.of(conn, kept.person), due=kept.due_cents,
            )  # fmt: skip
        print_slip(slip, _("%(number)s kept; its ticket is printed", number=kept.number))
    return screens.go(url_for("relays.home"))


@bp.post("/of/<relay>/send")
def send(relay: str) -> Response:
    """The provider is here: everything that waits leaves, with its list."""
    with suppress(AlreadyDone):
        sent = desk.send(screens.store(), relay, **act())
        with screens.store().reading() as conn:
            things = [(one, names.note_of(conn, one.thing)) for one in sent]
            provider = names.provider(conn, relay)["name"]
            slip = slips.sent_slip(
                cafe=cafe(conn), relay=relay_or_404(conn, relay), provider=provider, things=things, day=screens.today()
            )
        print_slip(
            slip,
            ngettext("%(n)s ticket leaves; the list is printed", "%(n)s tickets leave; the list is printed", len(sent)),
        )
    return screens.go(url_for("relays.relay_desk", relay=relay))


@bp.get("/thing/<code>")
def thing(code: str) -> str:
    """Show a thing and the keys for what can happen to it."""
    with screens.store().reading() as conn:
        found = thing_or_404(conn, code)
        told = pictures.thing(conn, found, screens.today())
        shape = {kinds.KEYS: "key", kinds.BASKETS: "thing"}.get(told["relay"].sort, "thing")
        return screens.draw(f"relays/{shape}.html", **told, **around(conn))


@bp.post("/thing/<code>/back")
def take_back(code: str) -> Response:
    """The provider brought it back; from its list, the next ones are one tap each."""
    with suppress(AlreadyDone):
        found = desk.take_back(
            screens.store(), code, due=euros("due", None), place=request.form.get("place", ""), **act()
        )
        screens.say(_("%(number)s is back", number=found.number))
        if request.form.get("list"):
            return screens.go(url_for("relays.relay_desk", relay=found.sort))
    return screens.go(url_for("relays.thing", code=code))


@bp.post("/thing/<code>/call")
def call(code: str) -> Response:
    """Its owner was told."""
    with suppress(AlreadyDone):
        found = desk.call(screens.store(), code, **act())
        screens.say(_("%(number)s: its owner was called", number=found.number), icon="phone")
    return screens.go(url_for("relays.home"))


@bp.post("/thing/<code>/price")
def tell_price(code: str) -> Response:
    """Note what is to pay."""
    with suppress(AlreadyDone):
        desk.tell_price(screens.store(), code, euros("due", None) or 0, **act())
        screens.say(_("Amount noted"))
    return screens.go(url_for("relays.thing", code=code))


@bp.post("/thing/<code>/hand")
def hand_over(code: str) -> Response:
    """Hand it over: to the bill when there is something to pay."""
    with screens.store().reading() as conn:
        tab_id, visit = bill.current_id(conn), same_visit(conn)
        batch = reading.batch_of(conn, thing_or_404(conn, code).thing)
    with suppress(AlreadyDone):
        done = desk.hand_over(screens.store(), code, price=euros("due", None), tab_id=tab_id, visit=visit, **act())
        if done.tab:
            bill.hold(done.tab)
            return screens.go("/")
        screens.say(_("%(number)s handed over", number=done.number))
    return screens.go(url_for("relays.batch", batch_id=batch.batch) if batch else url_for("relays.home"))


@bp.post("/thing/<code>/away/<reason>")
def give_up(code: str, reason: str) -> Response:
    """It leaves without its owner."""
    with suppress(AlreadyDone):
        found = desk.give_up(screens.store(), code, reason=reason, **act())
        screens.say(_("%(number)s left without its owner", number=found.number), tone="wait", icon="undo")
    return screens.go(url_for("relays.home"))


# Baskets


@bp.post("/of/<relay>/announce")
def announce(relay: str) -> Response:
    """Announce a hand-over of baskets from a list of names."""
    form = request.form
    with suppress(AlreadyDone):
        desk.announce_batch(
            screens.store(), relay, on=form.get("on", ""), first=form.get("first", ""), last=form.get("last", ""),
            people=form.get("people", "").splitlines(), due=euros("due", None) or 0, **act(),
        )  # fmt: skip
        screens.say(_("Hand-over announced"), icon="basket")
    return screens.go(url_for("relays.relay_desk", relay=relay))


@bp.get("/batch/<batch_id>")
def batch(batch_id: str) -> str:
    """Show the baskets to tick."""
    with screens.store().reading() as conn:
        found = reading.batch(conn, batch_id)
        if found is None:
            abort(404)
        told = pictures.batch(conn, found, relay_or_404(conn, found.relay), screens.today())
        return screens.draw("relays/batch.html", **told, **around(conn))


@bp.post("/batch/<batch_id>/end")
def end_batch(batch_id: str) -> Response:
    """End the hand-over."""
    with suppress(AlreadyDone):
        ended = desk.end_batch(screens.store(), batch_id, **act())
        screens.say(ngettext("Over: %(n)s basket was left", "Over: %(n)s baskets were left", ended.left))
    return screens.go(url_for("relays.home"))
