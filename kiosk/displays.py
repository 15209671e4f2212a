"""What the customer sees, on the machines page: the pole's cable and letters, the message of the moment, a text to try."""

from typing import Any

from flask import request, url_for

from kiosk.printers import keep
from kiosk.settings import bp, manager_only
from pos import screens
from pos.hardware.display import DEFAULTS, MESSAGE_MAX, open_display
from pos.hardware.display.rows import CODE_PAGES, DIALECTS
from pos.hardware.display.sight import BILL, Shown, Sight
from pos.i18n import N_, _
from pos.till.screens import customer

HABITS = (
    ("unplugged", N_("Unplugged")), ("off", N_("Off, which its cable cannot tell")), ("slow", N_("A letter at a time")),
    ("stuck", N_("Takes no letter")),
)  # fmt: skip
# Accents, a long name, an amount at the edge.
TRIED = Sight(BILL, (Shown("Crème brûlée à la vanille", 490),), 0, total=490, due=490)


@bp.get("/display")
def display() -> str:
    """Show how the customer's pole is reached, and what stands on its glass when it is simulated."""
    simulated = screens.devices().simulated_display
    return screens.draw(
        "settings/display.html", display={**DEFAULTS, **screens.kiosk().box_settings().get("display", {})},
        glass=simulated.lines() if simulated else [], dialects=DIALECTS,
        code_pages=CODE_PAGES, message_max=MESSAGE_MAX, trouble=screens.devices().display.trouble,
    )  # fmt: skip


@bp.post("/display")
def save_display() -> Any:
    """Set the customer's pole and the message of the moment; both are shown at once."""
    manager_only()
    form = request.form
    told = {
        "kind": form.get("kind", ""), "address": form.get("address", "").strip(), "speed": _whole(form.get("speed", "")),
        "dialect": form.get("dialect", ""), "code_page": form.get("code_page", ""),
        "code_page_slot": _whole(form.get("code_page_slot", "")), "message": " ".join(form.get("message", "").split()),
    }  # fmt: skip
    open_display(told)
    keep(display=told)
    customer.describe(screens.kiosk())
    screens.say(_("Saved. The customer sees it from now on."), icon="pole")
    return screens.go(url_for("settings.display"))


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 8 else -1


@bp.post("/display/try")
def try_display() -> Any:
    """Show a line to try for a moment: accents, a long name, an amount at the edge."""
    manager_only()
    screens.kiosk().board.try_out(TRIED)
    screens.say(_("Look at the customer’s side."), icon="pole")
    return screens.go(url_for("settings.display"))
