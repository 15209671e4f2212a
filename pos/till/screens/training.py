"""Practising: in, with a banner on every screen; out, and the true counter is back (R45)."""

from typing import Any

from flask import Blueprint, g, session

from pos import screens
from pos.i18n import _
from pos.till import training

bp = Blueprint("training", __name__, url_prefix="/training", template_folder="../templates")

SESSION = "training"
# Screens whose settings are the café's own: not practised on.
NOT_PRACTISED = frozenset({"settings", "start", "team", "catalogue"})


@bp.get("/")
def ask() -> str:
    """Say what training is, before it begins."""
    return screens.draw("till/training.html")


@bp.post("/start")
def enter() -> Any:
    """Begin to practise on this screen; the other screens go on selling."""
    if not screens.training():
        kiosk = screens.kiosk()
        training.start_training(kiosk.store, kiosk.open_training(), by=screens.clerk(), attempt=screens.attempt())
        session[SESSION] = True
        session.pop("tab", None)
        screens.say(_("Training: nothing you do here counts"), icon="info", tone="wait")
    return screens.go("/")


@bp.post("/end")
def leave() -> Any:
    """Go back to the true counter."""
    leave_quietly(screens.clerk())
    screens.say(_("Training is over: this is the true counter"), icon="check")
    return screens.go("/")


def leave_quietly(op: str) -> None:
    """End practice on this screen, when it was on: also when the screen locks or somebody else signs in."""
    if not session.pop(SESSION, None):
        return
    g.pop("training", None)
    kiosk = screens.kiosk()
    session.pop("tab", None)
    if kiosk.training is not None:
        training.end_training(kiosk.store, kiosk.training, by=op or "box")


def take_up(endpoint: str, *, changes: bool) -> None:
    """Put this request on the training file when the screen practises. Raises NotWhileTraining."""
    kiosk = screens.kiosk()
    if not session.get(SESSION):
        return
    if kiosk.training is None:
        # The box restarted: practice ended with it.
        session.pop(SESSION, None)
        return
    if changes and endpoint.partition(".")[0] in NOT_PRACTISED:
        raise training.NotWhileTraining
    g.training = kiosk.training
