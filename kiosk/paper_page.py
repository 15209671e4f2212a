"""The simulated printer's page: the paper as the bytes printed it, and its bad habits as switches."""

from flask import Blueprint, abort, request

from pos import screens
from pos.i18n import N_, _

bp = Blueprint("demo", __name__, url_prefix="/demo")

HABITS = (
    ("off", N_("Switched off")), ("no_paper", N_("No paper left")), ("cover_open", N_("Cover open")),
    ("dies_mid_job", N_("Stops in the middle of a slip")), ("mute", N_("Does not answer")),
)  # fmt: skip


@bp.get("/paper")
def paper() -> str:
    """Show the paper of the simulated printer, newest slip first."""
    return _draw("paper.html")


@bp.get("/paper/roll")
def roll() -> str:
    """Show the roll again."""
    return _draw("_paper.html")


def _draw(template: str) -> str:
    printer = screens.devices().simulated_printer
    if printer is None:
        abort(404)
    drawer = screens.devices().simulated_drawer
    return screens.render(
        template, slips=list(reversed(printer.paper())), state=printer.state(), habits=HABITS,
        drawer_open=drawer.is_open() if drawer else False, columns=printer.model.columns,
    )  # fmt: skip


@bp.post("/paper/<act>")
def switch(act: str) -> str:
    """Give or take a bad habit, tear the paper off, or push the drawer in."""
    devices = screens.devices()
    if devices.simulated_printer is None:
        abort(404)
    if act == "tear":
        devices.simulated_printer.tear()
    elif act == "shut" and devices.simulated_drawer:
        devices.simulated_drawer.shut()
    elif act in dict(HABITS):
        devices.simulated_printer.switch(act, request.form.get("on") == "1")
    else:
        abort(404)
    screens.say(_("Done"))
    return _draw("_paper.html")
