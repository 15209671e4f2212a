"""The driver at the counter: labels in, one after the other; returns and senders' parcels out."""

from contextlib import suppress
from typing import Any

from flask import abort, request, url_for

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import _, ngettext
from pos.services.parcels import desk, intake, pictures, reading, slips, words
from pos.services.parcels import refusals as no
from pos.services.parcels.screens.blueprint import around, bp, number, say_refusal
from pos.till.screens import paper
from pos.till.screens.typed import act


@bp.get("/parcels/driver")
def driver_here() -> str:
    """Show, carrier by carrier, what the driver brings and takes."""
    with screens.store().reading() as conn:
        cards = pictures.driver_cards(conn, screens.today())
        asked = request.args.get("carrier", "")
        busy = [card for card in cards if card.returns or card.sent]
        one = next((card for card in cards if card.carrier == asked), next(iter(busy or cards), None))
        return screens.draw("parcels/driver.html", cards=cards, one=one, **around(conn))


@bp.post("/parcels/driver/<carrier>/open")
def open_delivery(carrier: str) -> Any:
    """Begin to read the driver's labels."""
    with suppress(AlreadyDone):
        desk.open_delivery(screens.store(), carrier=carrier, announced=number("announced"), **act())
    return screens.go(url_for("parcels.reading_labels"))


@bp.post("/parcels/driver/<carrier>/leave")
def driver_leaves(carrier: str) -> Any:
    """Give the driver what is ticked, and print the list he signs."""
    returned, given = request.form.getlist("returned"), request.form.getlist("given")
    day, store = screens.today(), screens.store()
    with store.reading() as conn:
        card = next((c for c in pictures.driver_cards(conn, day) if c.carrier == carrier), None)
        cafe = paper.cafe_of(conn, day).sign
    if card is None:
        abort(404)
    with suppress(AlreadyDone):
        desk.driver_leaves(store, returned=returned, given=given, **act())
        slip = slips.driver_slip(
            cafe=cafe, carrier=card.name, day=day, at_ms=store.clock.now_ms(),
            returns=[r for r in card.returns if r.parcel_id in returned],
            sent=[r for r in card.sent if r.parcel_id in given],
        )  # fmt: skip
        with store.writing(by=screens.clerk()) as tx:
            paper.enqueue(tx, slip.title, slip)
        n = len(returned) + len(given)
        paper.print_now(ngettext("%(n)s parcel given to the driver", "%(n)s parcels given to the driver", n))
    return screens.go(url_for("parcels.driver_here"))


@bp.get("/parcels/intake")
def reading_labels() -> Any:
    """Show the delivery being read; without one, what the driver's page offers."""
    with screens.store().reading() as conn:
        if not pictures.open_now(conn):
            return screens.go(url_for("parcels.driver_here"))
        return screens.draw("parcels/intake.html", **_intake(conn))


def _intake(conn: Any, shelf_now: str = "", **more: Any) -> dict[str, Any]:
    told = pictures.delivery_card(conn, pictures.open_now(conn)[0], screens.today())
    last = reading.parcel(conn, told.last.parcel_id) if told.last else None
    return {
        "it": told, "last": pictures.card(conn, last, screens.today()) if last else None, "shelf_now": shelf_now,
        "letters": pictures.USUAL_SHELVES, "reasons": words.INTAKE_REASONS, "asked": "", "twin": "", "warn": "",
        **more,
    }  # fmt: skip


def _drawn(shelf_now: str = "", **more: Any) -> Any:
    with screens.store().reading() as conn:
        if not pictures.open_now(conn):
            return screens.go(url_for("parcels.driver_here"))
        told = _intake(conn, shelf_now, **more)
    return screens.draw("parcels/_intake.html", **told) + screens.render(
        "parcels/_delivery.html", oob=True, it=told["it"]
    )


@bp.post("/parcels/intake/read")
def read_label() -> Any:
    """Take in the label just read; the shelf touched last is kept for the next ones."""
    code, on = request.form.get("code", ""), request.form.get("shelf", "")
    try:
        taken = desk.receive(
            screens.store(), code=code, name=request.form.get("name", ""), place=on, asked=request.form.get("asked", ""),
            twin=bool(request.form.get("twin")), **act(),
        )  # fmt: skip
    except AlreadyDone:
        return _drawn(on)
    except no.ReadAgain as told:
        say_refusal(told)
        return _drawn(on, asked=code, warn="again")
    except no.AlreadyOnShelf as told:
        say_refusal(told)
        return _drawn(on, twin=code, warn="twin")
    if taken.outcome == intake.REPEATED:
        screens.say(_("Same label read twice: counted once"), tone="wait", icon="info")
        return _drawn(on, warn="repeated")
    _say_taken(taken)
    return _drawn(on)


def _say_taken(taken: intake.Intake) -> None:
    if taken.looks_like:
        alien = words.carrier(taken.looks_like)
        screens.say(_("Taken in; the label looks like %(carrier)s", carrier=alien), tone="wait", icon="info")
    elif taken.check == "invalid":
        screens.say(_("Taken in as it is read: its check digit is wrong"), tone="wait", icon="info")
    else:
        screens.say(_("Taken in"))


@bp.post("/parcels/intake/place/<parcel_id>")
def place_last(parcel_id: str) -> Any:
    """Put the parcel just read on a shelf; the next ones follow it there."""
    where = request.form.get("place", "")
    with suppress(AlreadyDone):
        desk.place(screens.store(), parcel=parcel_id, place=where, **act())
    return _drawn(where)


@bp.post("/parcels/intake/name/<parcel_id>")
def name_last(parcel_id: str) -> Any:
    """Note the name on the parcel just read."""
    with suppress(AlreadyDone):
        desk.name_parcel(screens.store(), parcel=parcel_id, name=request.form.get("name", ""), **act())
    return _drawn(request.form.get("shelf", ""))


@bp.get("/parcels/intake/<warn>")
def asking(warn: str) -> Any:
    """Show the reasons to leave a parcel with the driver, or the fields of a parcel without label."""
    return _drawn(request.args.get("shelf", ""), warn=warn if warn in ("refuse", "unlabelled") else "")


@bp.post("/parcels/intake/refuse/<reason>")
def refuse_at_intake(reason: str) -> Any:
    """Leave a parcel with the driver who brought it."""
    with suppress(AlreadyDone):
        desk.refuse_at_intake(screens.store(), reason=reason, **act())
    screens.say(_("Left with the driver: %(reason)s", reason=_(words.INTAKE_REASONS[reason]).lower()))
    return _drawn(request.form.get("shelf", ""))


@bp.post("/parcels/intake/close")
def close_delivery() -> Any:
    """Stop reading; a difference with what was announced is asked once."""
    try:
        desk.close_delivery(screens.store(), accept_difference=bool(request.form.get("differs")), **act())
    except no.DeliveryDiffers as told:
        say_refusal(told)
        return _drawn(request.form.get("shelf", ""), warn="differs")
    except (AlreadyDone, no.NoOpenDelivery):
        return screens.go(url_for("parcels.driver_here"))
    screens.say(_("Delivery closed"))
    return screens.go(url_for("parcels.driver_here"))
