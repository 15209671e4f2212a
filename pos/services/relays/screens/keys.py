"""Keys on the screen: an envelope, who may take it, out, in."""

from contextlib import suppress

from flask import request, url_for
from werkzeug.wrappers import Response

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import _
from pos.services.relays import desk, names, slips
from pos.services.relays.screens.blueprint import bp
from pos.till.screens.paper import print_slip
from pos.till.screens.typed import act


@bp.post("/of/<relay>/key")
def keep_key(relay: str) -> Response:
    """Keep a key in its envelope, and print its label."""
    form = request.form
    with suppress(AlreadyDone):
        kept = desk.keep_key(
            screens.store(), relay, name=form.get("name", ""), code=form.get("code", ""), phone=form.get("phone", ""),
            allowed=form.get("allowed", "").splitlines(), place=form.get("place", ""), **act(),
        )  # fmt: skip
        with screens.store().reading() as conn:
            slip = slips.key_slip(number=kept.number, code=names.note_of(conn, kept.thing))
        print_slip(slip, _("%(number)s kept; its label is printed", number=kept.number))
    return screens.go(url_for("relays.relay_desk", relay=relay))


@bp.post("/thing/<code>/out/<person>")
def take_key(code: str, person: str) -> Response:
    """Somebody who may takes the key."""
    form = request.form
    with suppress(AlreadyDone):
        desk.take_key(
            screens.store(), code, person=person, proof=form.get("proof", ""), due_on=form.get("due_on", ""), **act()
        )
        screens.say(_("The key is out; the register says to whom"), icon="lock")
    return screens.go(url_for("relays.thing", code=code))


@bp.post("/thing/<code>/in")
def bring_key(code: str) -> Response:
    """The key is back."""
    with suppress(AlreadyDone):
        desk.bring_key(screens.store(), code, **act())
        screens.say(_("The key is back: seal its envelope again"), icon="lock")
    return screens.go(url_for("relays.thing", code=code))


@bp.post("/thing/<code>/allow")
def allow(code: str) -> Response:
    """Add somebody to those who may take the key."""
    with suppress(AlreadyDone):
        desk.allow(screens.store(), code, request.form.get("name", ""), **act())
        screens.say(_("Added to those who may take it"))
    return screens.go(url_for("relays.thing", code=code))


@bp.post("/thing/<code>/forbid/<person>")
def end_right(code: str, person: str) -> Response:
    """Take somebody off the list."""
    with suppress(AlreadyDone):
        desk.end_right(screens.store(), code, person, **act())
        screens.say(_("Taken off the list"), tone="wait")
    return screens.go(url_for("relays.thing", code=code))
