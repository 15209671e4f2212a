"""Alcohol and age: the café's licence, drinks by group, proof of age in one tap (R113, R115)."""

from contextlib import suppress
from typing import Any

from flask import Blueprint, request, url_for

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import _
from pos.till import law, limits, sell

bp = Blueprint("limits", __name__, url_prefix="/limits", template_folder="../templates")


@bp.get("/")
def home() -> str:
    """Show the licence, whether proof of age is asked, and the drinks by group."""
    day = screens.today()
    with screens.store().reading() as conn:
        return screens.draw(
            "till/limits.html", now=limits.in_force(conn, day), drinks=limits.drinks(conn), permits=limits.PERMITS,
            groups=law.GROUPS[1:], uncovered=limits.not_covered(conn, day), age=law.rule("sale.min_age", day),
        )  # fmt: skip


@bp.post("/set")
def set_limits() -> Any:
    """Note the licence and whether proof of age is asked."""
    with suppress(AlreadyDone):
        limits.set_limits(
            screens.store(), permit=request.form.get("permit", ""), age=request.form.get("age", limits.OFF),
            by=screens.clerk(), attempt=screens.attempt(),
        )  # fmt: skip
        screens.say(_("Noted, from today on"))
    return screens.go(url_for("limits.home"))


@bp.post("/drink/<product>/<int:group>")
def group(product: str, group: int) -> Any:
    """Note a drink's group."""
    with suppress(AlreadyDone):
        limits.set_drink_group(screens.store(), product, group, by=screens.clerk(), attempt=screens.attempt())
    return screens.go(url_for("limits.home"))


@bp.get("/age/<tab_id>")
def age(tab_id: str) -> Any:
    """Ask whether the customer proved to be of age."""
    with screens.store().reading() as conn:
        if sell.current_tab(conn, tab_id) is None:
            return screens.go("/")
        return screens.draw("till/age.html", tab_id=tab_id, age=law.value("sale.min_age", screens.today()))


@bp.post("/age/<tab_id>/<answer>")
def say_age(tab_id: str, answer: str) -> Any:
    """Note the answer, and go back to the bill."""
    with suppress(AlreadyDone):
        limits.check_age(screens.store(), tab_id, answer == "adult", by=screens.clerk(), attempt=screens.attempt())
        if answer == "adult":
            screens.say(_("Proof of age seen"))
        else:
            screens.say(_("Alcohol left the bill"), tone="wait", icon="alert")
    return screens.go("/")
