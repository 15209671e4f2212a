"""The card terminal on the machines page: how it is reached, a payment to try when it is simulated."""

from typing import Any

from flask import abort, request, url_for

from kiosk.printers import keep
from kiosk.settings import bp, manager_only
from pos import screens
from pos.hardware.terminals import DEFAULTS, answer, open_terminal
from pos.i18n import N_, _

TRIED = 1
HABITS = (
    ("off", N_("Out of reach")), ("busy", N_("Busy for one payment")), ("refuses", N_("Refuses one card")),
    ("vanishes", N_("Falls silent without taking the money")), ("vanishes_paid", N_("Takes the money and falls silent")),
    ("bad_check", N_("Garbles its answer")), ("fragments", N_("Answers byte by byte")),
    ("late", N_("Answers too late")), ("wrong_amount", N_("Answers with another amount")),
    ("no_refunds", N_("Gives nothing back for the till")),
)  # fmt: skip
SAID = {
    answer.ACCEPTED: N_("The terminal accepted the payment to try: it works"),
    answer.REFUSED: N_("The terminal refused the payment to try: it works"),
    answer.UNKNOWN: N_("The terminal took the payment to try and gave no sure answer"),
    answer.BY_HAND: N_("The terminal does not answer: check its address and its cable"),
}


@bp.get("/terminal")
def terminal() -> str:
    """Show how the card terminal is reached."""
    return screens.draw(
        "settings/terminal.html",
        terminal={**DEFAULTS, **screens.kiosk().box_settings().get("terminal", {})},
        simulated=screens.devices().simulated_terminal is not None,
    )


@bp.post("/terminal")
def save_terminal() -> Any:
    """Set the card terminal; the next payment goes to it."""
    manager_only()
    form = request.form
    speed = form.get("speed", "")
    told = {
        "kind": form.get("kind", ""), "address": form.get("address", "").strip(),
        "speed": int(speed) if speed.isdecimal() else -1, "line": form.get("line", DEFAULTS["line"]),
        "till": form.get("till", DEFAULTS["till"]), "refunds": "refunds" in form,
    }  # fmt: skip
    open_terminal(told)
    keep(terminal=told)
    screens.say(_("Saved. Card payments go this way from now on."), icon="card")
    return screens.go(url_for("settings.terminal"))


@bp.post("/terminal/try")
def try_terminal() -> Any:
    """Ask a simulated terminal for one cent, outside the till's books; a true one would take it."""
    if screens.devices().simulated_terminal is None:
        abort(404)
    said = screens.devices().terminal.pay(screens.fresh_attempt(), TRIED)
    good = said.outcome in (answer.ACCEPTED, answer.REFUSED)
    screens.say(_(SAID[said.outcome]), tone="good" if good else "wait", icon="card")
    return screens.go(url_for("settings.terminal"))
