"""Who serves: names and PINs stay in the café, the journal knows pseudonyms only."""

from contextlib import suppress
from typing import Any

from flask import Blueprint, request, url_for

from pos import screens
from pos.errors import AlreadyDone, Refusal
from pos.i18n import N_, _
from pos.till import people, tables
from pos.till import refusals as no
from pos.till.screens import staff

bp = Blueprint("team", __name__, url_prefix="/team", template_folder="../templates")


class PinsDiffer(Refusal):
    """The two PINs typed are not the same."""

    sentence = N_("The two PINs are not the same.")
    remedy = N_("Type the new PIN twice.")


class NameMissing(Refusal):
    """Somebody needs a name on the lock screen."""

    sentence = N_("The name is missing.")
    remedy = N_("Type a first name: it stays in this café.")


@bp.get("/")
def home() -> str:
    """Show who serves."""
    with screens.store().reading() as conn:
        return screens.draw(
            "till/team.html",
            everyone=staff.everyone(),
            me=screens.clerk(),
            role=tables.role_of(conn, screens.clerk()),
        )


@bp.get("/new")
def new() -> str:
    """Show the form for somebody new."""
    return screens.draw("till/person.html", who=None)


@bp.get("/<op>")
def one(op: str) -> str:
    """Show somebody's card: a new PIN, or farewell."""
    with screens.store().reading() as conn:
        who = next((one for one in staff.everyone() if one["op"] == op), None)
        role = tables.role_of(conn, screens.clerk())
    if who is None:
        raise NameMissing
    return screens.draw("till/person.html", who=who, mine=op == screens.clerk(), role=role)


def _pin() -> str:
    pin = request.form.get("pin", "")
    if pin != request.form.get("again", ""):
        raise PinsDiffer
    return pin


@bp.post("/new")
def add() -> Any:
    """Let somebody serve."""
    name = request.form.get("name", "").strip()
    if not name:
        raise NameMissing
    with screens.store().reading() as conn:
        if tables.role_of(conn, screens.clerk()) != "manager":
            raise no.ManagerNeeded
    with suppress(AlreadyDone):
        people.add_operator(
            screens.store(),
            role=request.form.get("role", "seller"),
            name=name,
            pin=_pin(),
            by=screens.clerk(),
            attempt=screens.attempt(),
        )
    screens.say(_("%(name)s may serve", name=name), icon="user")
    return screens.go(url_for("team.home"))


@bp.post("/<op>/pin")
def reset(op: str) -> Any:
    """Give a new PIN: the manager to anybody, anybody to oneself."""
    with suppress(AlreadyDone):
        people.reset_pin(
            screens.store(),
            op,
            _pin(),
            by=screens.clerk(),
            name=request.form.get("name", ""),
            attempt=screens.attempt(),
        )
    screens.say(_("New PIN saved"), icon="lock")
    return screens.go(url_for("team.home"))


@bp.post("/<op>/remove")
def remove(op: str) -> Any:
    """Let somebody no longer serve."""
    with suppress(AlreadyDone):
        people.remove_operator(screens.store(), op, by=screens.clerk(), attempt=screens.attempt())
    screens.say(_("Name and PIN erased"), icon="user")
    return screens.go(url_for("team.home"))
