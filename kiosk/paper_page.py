"""The simulated printers' page: the paper as the bytes printed it, and its bad habits as switches."""

from flask import Blueprint, abort, current_app, request

from pos import screens
from pos.hardware import COUNTER, KITCHEN
from pos.i18n import N_, _

bp = Blueprint("demo", __name__, url_prefix="/demo")

HABITS = (
    ("off", N_("Switched off")), ("no_paper", N_("No paper left")), ("low_paper", N_("Roll nearly done")),
    ("cover_open", N_("Cover open")), ("dies_mid_job", N_("Stops in the middle of a slip")),
    ("dies_after", N_("Prints a slip, then dies without a word")), ("resets", N_("Forgets a slip and starts anew")),
    ("runs_out", N_("Runs out of paper in the middle of a slip")), ("hangs", N_("Takes a slip and says nothing more")), ("mute", N_("Does not answer")),
)  # fmt: skip


@bp.get("/paper")
def paper() -> str:
    """Show the paper of the simulated printer, newest slip first."""
    return _draw("paper.html")


@bp.get("/paper/roll")
def roll() -> str:
    """Show the roll again."""
    return _draw("_paper.html")


def _place() -> str:
    return KITCHEN if request.values.get("place") == KITCHEN else COUNTER


def _draw(template: str) -> str:
    devices, place = screens.devices(), _place()
    printer = devices.simulated_of(place)
    if printer is None:
        abort(404)
    drawer = devices.simulated_drawer if place == COUNTER else None
    return screens.render(
        template, slips=list(reversed(printer.paper())), state=printer.state(), habits=HABITS, place=place,
        drawer_open=drawer.is_open() if drawer else None, columns=printer.model.columns,
    )  # fmt: skip


@bp.post("/paper/<act>")
def switch(act: str) -> str:
    """Give or take a bad habit, tear the paper off, or push the drawer in."""
    devices = screens.devices()
    printer = devices.simulated_of(_place())
    if printer is None:
        abort(404)
    if act == "tear":
        printer.tear()
    elif act == "shut" and devices.simulated_drawer:
        devices.simulated_drawer.shut()
    elif act in dict(HABITS):
        printer.switch(act, request.form.get("on") == "1")
        # A plug pulled by hand is heard as a true one is.
        current_app.extensions["zinc.presence"].look()
    else:
        abort(404)
    screens.say(_("Done"))
    return _draw("_paper.html")
