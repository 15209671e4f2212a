"""Senders' parcels: the label read, the proof of deposit."""

from contextlib import suppress
from typing import Any

from flask import abort, request

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import _
from pos.services.parcels import desk, pictures, reading, slips, words
from pos.services.parcels import refusals as no
from pos.services.parcels.screens.blueprint import around, bp, say_refusal
from pos.till.screens import bill, paper
from pos.till.screens.typed import act


@bp.get("/parcels/drop")
def dropping() -> str:
    """Show where a sender's label is read."""
    with screens.store().reading() as conn:
        return screens.draw("parcels/drop.html", **_drop(conn, request.args.get("carrier", "")), **around(conn))


def _drop(conn: Any, carrier: str = "", *, asked: str = "", done: str = "") -> dict[str, Any]:
    ours = reading.carriers_in_use(conn, screens.today())
    found = reading.parcel(conn, done) if done else None
    tab = bill.under_way(conn)
    return {
        "carriers": [(t.carrier, words.carrier(t.carrier)) for t in ours], "asked": asked,
        "done": pictures.card(conn, found, screens.today()) if found else None,
        "visit": found.visit if found else tab.visit if tab else "", "with_bill": tab is not None and found is None,
        "carrier": carrier or (ours[0].carrier if ours else ""), "reasons": words.DROP_OFF_REASONS,
        "letters": pictures.USUAL_SHELVES,
    }  # fmt: skip


def _drawn(carrier: str, *, asked: str = "", done: str = "") -> str:
    with screens.store().reading() as conn:
        side = screens.render("parcels/_side.html", oob=True, **around(conn, done))
        return screens.draw("parcels/_drop.html", **_drop(conn, carrier, asked=asked, done=done)) + side


@bp.post("/parcels/drop/read")
def drop_off() -> str:
    """Take a sender's parcel for the next driver."""
    code, carrier = request.form.get("code", "") or request.form.get("typed", ""), request.form.get("carrier", "")
    visit = request.form.get("visit", "") if request.form.get("same") else ""
    try:
        taken = desk.drop_off(
            screens.store(), carrier=carrier, code=code, asked=request.form.get("asked", ""), visit=visit, **act()
        )
    except AlreadyDone:
        return _drawn(carrier)
    except no.ReadAgain as told:
        say_refusal(told)
        return _drawn(carrier, asked=code)
    screens.say(_("Taken for the next driver"))
    return _drawn(carrier, done=taken.parcel)


@bp.post("/parcels/drop/place/<parcel_id>")
def place_dropped(parcel_id: str) -> str:
    """Put a sender's parcel on a shelf until the driver comes."""
    with suppress(AlreadyDone):
        desk.place(screens.store(), parcel=parcel_id, place=request.form.get("place", ""), **act())
    return _drawn(request.form.get("carrier", ""), done=parcel_id)


@bp.post("/parcels/drop/refuse/<reason>")
def refuse_drop_off(reason: str) -> str:
    """Note that a sender's parcel was not taken."""
    carrier = request.form.get("carrier", "")
    with suppress(AlreadyDone):
        desk.refuse_drop_off(screens.store(), carrier=carrier, reason=reason, **act())
    screens.say(_("Not taken: %(reason)s", reason=_(words.DROP_OFF_REASONS[reason]).lower()))
    return _drawn(carrier)


@bp.post("/parcels/<parcel_id>/deposit-slip")
def deposit_slip(parcel_id: str) -> str:
    """Print the proof of deposit a sender goes home with."""
    with screens.store().reading() as conn:
        found = reading.parcel(conn, parcel_id)
        if found is None or found.direction != "out":
            abort(404)
        card = pictures.card(conn, found, screens.today())
        slip = slips.deposit_slip(
            cafe=paper.cafe_of(conn, found.came_on).sign, carrier=card.carrier, number=card.number + card.number_end,
            day=found.came_on, at_ms=found.came_at,
        )  # fmt: skip
    with suppress(AlreadyDone), screens.store().writing(**act()) as tx:
        paper.enqueue(tx, slip.title, slip)
    paper.print_now(_("Proof of deposit printed"))
    return screens.draw("_message.html", oob=False)
