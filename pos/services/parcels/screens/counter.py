"""Parcels at the counter: the shelves, a search, one parcel and all that is done with it.

`#parcel` is the place where a parcel, a list or the shelves are shown.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flask import abort, request, url_for

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import _, ngettext
from pos.services.parcels import desk, pictures, reading, search, terms, words
from pos.services.parcels import refusals as no
from pos.services.parcels.screens.blueprint import around, bp
from pos.till.screens import bill
from pos.till.screens.typed import act

# A hand-over this recent may be the same customer's.
SAME_CUSTOMER_MS = 5 * 60 * 1000


@bp.get("/parcels/")
def shelf() -> Any:
    """Show the shelves; a café without a carrier chooses its carriers first."""
    with screens.store().reading() as conn:
        if not reading.carriers_in_use(conn, screens.today()):
            return screens.go(url_for("parcels.carriers"))
        return screens.draw("parcels/shelf.html", **_shelves(conn), **around(conn))


@bp.get("/parcels/<parcel_id>")
def parcel(parcel_id: str) -> str:
    """Show one parcel."""
    with screens.store().reading() as conn:
        return screens.draw("parcels/shelf.html", **{**around(conn, parcel_id), **_card(conn, parcel_id)})


@bp.get("/parcels/shelves")
def shelves() -> str:
    """Show the shelves again."""
    with screens.store().reading() as conn:
        return screens.draw("parcels/_shelves.html", **_shelves(conn))


@bp.get("/parcels/shelf/<letter>")
def one_shelf(letter: str) -> str:
    """Show what lies on a shelf."""
    with screens.store().reading() as conn:
        rows = pictures.on_shelf(conn, letter, screens.today())
    title = _("Without a place") if letter == "?" else _("Shelf %(letter)s", letter=letter)
    return screens.draw("parcels/_found.html", rows=rows, title=title)


@bp.get("/parcels/find")
def find() -> str:
    """Show what a typed text finds."""
    text = request.args.get("q", "")
    with screens.store().reading() as conn:
        if len(text.strip()) < 2:
            return screens.draw("parcels/_shelves.html", **_shelves(conn))
        rows = [pictures.row(conn, one.parcel, screens.today()) for one in search.find(conn, text)]
    title = ngettext("%(n)s parcel found", "%(n)s parcels found", len(rows)) if rows else _("No parcel found")
    return screens.draw("parcels/_found.html", rows=rows, title=title)


@bp.post("/parcels/scan")
def scan() -> str:
    """Show the parcel whose label was read, or say that none bears it."""
    code = request.form.get("code", "")
    with screens.store().reading() as conn:
        found = search.by_code(conn, code)
        here = [p for p in found if not p.left_on]
        if len(here) > 1:
            rows = [pictures.row(conn, p, screens.today()) for p in here]
            return screens.draw("parcels/_found.html", rows=rows, title=_("Several parcels bear this number"))
        if not found:
            raise no.NoSuchParcel(code=code[-8:])
        if here:
            screens.say(_("Parcel found: shelf %(place)s", place=here[0].place or "?"))
        return drawn(conn, found[0].parcel_id)


def _shelves(conn: Any) -> dict[str, Any]:
    day = screens.today()
    return {
        "card": None, "shelves": pictures.shelves(conn, day), "month": day[:7],
        "deliveries": [pictures.delivery_card(conn, d, day) for d in pictures.open_now(conn)],
    }  # fmt: skip


def _card(conn: Any, parcel_id: str) -> dict[str, Any]:
    found = reading.parcel(conn, parcel_id)
    if found is None:
        abort(404)
    now = screens.store().clock.now_ms()
    last = next((p for p in reading.left_on(conn, screens.today(), 1) if p.visit and p.state == "handed"), None)
    recent = last if last and now - last.left_at < SAME_CUSTOMER_MS and last.parcel_id != parcel_id else None
    return {
        "card": pictures.card(conn, found, screens.today()), "tab": bill.under_way(conn), "recent": recent,
        "recent_hour": words.hour(recent.left_at) if recent else "",
    }  # fmt: skip


def drawn(conn: Any, parcel_id: str) -> str:
    """Draw a parcel and, beside it, the day's list as it now stands."""
    side = screens.render("parcels/_side.html", oob=True, **around(conn, parcel_id))
    return screens.draw("parcels/_parcel.html", **_card(conn, parcel_id)) + side


def _redrawn(parcel_id: str) -> str:
    with screens.store().reading() as conn:
        return drawn(conn, parcel_id)


# What is done with a parcel


def _one(parcel_id: str) -> dict[str, Any]:
    return {"parcel": parcel_id}


def _several(parcel_id: str) -> dict[str, Any]:
    return {"parcels": [parcel_id]}


def _recalled(parcel_id: str) -> dict[str, Any]:
    return {"parcels": [parcel_id], "recalled": True}


_MARKS: dict[str, tuple[Callable[..., Any], Callable[[str], dict[str, Any]]]] = {
    "missing": (desk.mark_missing, _one), "found": (desk.mark_found, _one), "lost": (desk.declare_lost, _one),
    "taken-back": (desk.take_back, _one), "returned": (desk.return_to_driver, _several),
    "recalled": (desk.return_to_driver, _recalled), "given": (desk.give_to_driver, _several),
}  # fmt: skip


@bp.post("/parcels/<parcel_id>/hand-over")
def hand_over(parcel_id: str) -> str:
    """Give the parcel, and others of the same person, against the proof that was touched."""
    proof = request.form.get("proof", terms.CODE)
    wanted = [parcel_id, *request.form.getlist("also")]
    with suppress(AlreadyDone):
        desk.hand_over(
            screens.store(), parcels=wanted, proof=proof.rstrip("+"), third_party=proof.endswith("+"),
            visit=request.form.get("visit", ""), **act(),
        )  # fmt: skip
    screens.say(ngettext("Parcel handed over", "%(n)s parcels handed over", len(wanted)))
    return _redrawn(parcel_id)


@bp.post("/parcels/<parcel_id>/undo")
def undo(parcel_id: str) -> str:
    """Put a parcel handed over by mistake back on its shelf."""
    with suppress(AlreadyDone):
        desk.undo_hand_over(screens.store(), parcel=parcel_id, **act())
    screens.say(_("Back on the shelf: the hand-over is undone"), icon="undo")
    return _redrawn(parcel_id)


@bp.post("/parcels/<parcel_id>/mark/<what>")
def mark(parcel_id: str, what: str) -> str:
    """Note what became of a parcel: missing, found, lost, taken back, given to the driver."""
    if what not in _MARKS:
        abort(404)
    doing, given = _MARKS[what]
    with suppress(AlreadyDone):
        doing(screens.store(), **given(parcel_id), **act())
    screens.say(_("Noted for this parcel"))
    return _redrawn(parcel_id)


@bp.get("/parcels/<parcel_id>/refusing")
def refusing(parcel_id: str) -> str:
    """Ask why the person does not want the parcel."""
    with screens.store().reading() as conn:
        return screens.draw("parcels/_refusing.html", **_card(conn, parcel_id), reasons=words.RECIPIENT_REASONS)


@bp.post("/parcels/<parcel_id>/refuse/<reason>")
def refuse(parcel_id: str, reason: str) -> str:
    """Note that the person does not want the parcel."""
    with suppress(AlreadyDone):
        desk.refuse_by_recipient(screens.store(), parcel=parcel_id, reason=reason, **act())
    screens.say(_("Refused: it goes back with the driver"))
    return _redrawn(parcel_id)


@bp.get("/parcels/<parcel_id>/picture")
def picture(parcel_id: str) -> str:
    """Show the parcel again."""
    with screens.store().reading() as conn:
        return screens.draw("parcels/_parcel.html", **_card(conn, parcel_id))


@bp.get("/parcels/<parcel_id>/changing")
def changing(parcel_id: str) -> str:
    """Show what is rarely done: another place, the name, asked back by the carrier."""
    with screens.store().reading() as conn:
        return screens.draw("parcels/_changing.html", **_card(conn, parcel_id), letters=pictures.USUAL_SHELVES)


@bp.post("/parcels/<parcel_id>/place")
def place(parcel_id: str) -> str:
    """Put the parcel elsewhere."""
    where = request.form.get("place", "")
    with suppress(AlreadyDone):
        desk.place(screens.store(), parcel=parcel_id, place=where, **act())
    screens.say(_("Shelf %(letter)s", letter=where.upper()))
    return _redrawn(parcel_id)


@bp.post("/parcels/<parcel_id>/name")
def name(parcel_id: str) -> str:
    """Note the name on the parcel."""
    with suppress(AlreadyDone):
        desk.name_parcel(screens.store(), parcel=parcel_id, name=request.form.get("name", ""), **act())
    screens.say(_("Name noted; it is forgotten 30 days after the parcel left"))
    return _redrawn(parcel_id)


@bp.post("/parcels/<parcel_id>/bill")
def bill_for(parcel_id: str) -> Any:
    """Open the bill of the person who took the parcel: one visit for both."""
    with screens.store().reading() as conn:
        found = reading.parcel(conn, parcel_id)
    if found is None or not found.visit:
        raise no.NotAVisit
    # A bill's visit is its own id: a bill that bears the parcel's visit joins it.
    bill.hold(found.visit)
    return screens.go(url_for("till.counter"))
