"""Money of La Poste: what its terminal granted, the day compared with its slip, the account settled."""

from contextlib import suppress
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import _
from pos.money import format_euros
from pos.services.post import cash, desk, pictures, reading, slips, words
from pos.services.post import refusals as no
from pos.services.post.screens.blueprint import around, bp, warn
from pos.till.screens import paper
from pos.till.screens.machines import kick_for
from pos.till.screens.paper import print_slip
from pos.till.screens.typed import act, euros


@bp.get("/cash")
def paying() -> str:
    """Show what La Poste's terminal may have granted."""
    return _paying(request.args.get("what", cash.WITHDRAWAL))


def _paying(what: str, *, asked: int = 0, **typed: str) -> str:
    with screens.store().reading() as conn:
        told = pictures.paying(conn, screens.today(), what)
        shown = "post/_cash.html" if asked else "post/cash.html"
        return screens.draw(shown, asked=asked, typed={"ref": "", "name": "", **typed}, **told, **around(conn))


@bp.post("/cash")
def pay() -> Any:
    """Hand over what the terminal granted; a used-up week is asked once."""
    form, amount, what = request.form, euros("amount"), request.form.get("what", "")
    ref, name = form.get("ref", ""), form.get("name", "")
    with suppress(AlreadyDone):
        try:
            if what == cash.PAY_IN:
                desk.pay_in(screens.store(), amount, ref=ref, **act())
            else:
                granted = form.get("granted", "") == str(amount)
                desk.pay_out(screens.store(), amount, ref=ref, what=what, name=name, granted=granted, **act())
        except no.WeekUsed as told:
            warn(told)
            return _paying(what, asked=amount, ref=ref, name=name)
        said = _("%(what)s of %(amount)s recorded", what=words.operation(what), amount=format_euros(amount))
        kick_for(said, said)
    return screens.go(url_for("post.home"))


@bp.get("/balance")
def balance() -> str:
    """Show the day as we have it, beside the terminal's slip."""
    with screens.store().reading() as conn:
        return screens.draw("post/balance.html", **pictures.balance(conn, screens.today()), **around(conn))


@bp.post("/balance")
def close_balance() -> Response:
    """Record the terminal's slip, and the difference with its reason."""
    with suppress(AlreadyDone):
        told = desk.close_balance(
            screens.store(), slip_collected=euros("slip_collected"), slip_paid_out=euros("slip_paid_out"),
            reason=request.form.get("reason", ""), **act(),
        )  # fmt: skip
        if told.difference:
            screens.say(
                _("Compared: a difference of %(amount)s is noted", amount=format_euros(told.difference)), tone="wait"
            )
        else:
            screens.say(_("Compared: the terminal’s slip says the same"))
    return screens.go(url_for("post.balance"))


@bp.post("/settle")
def settle() -> Response:
    """Settle the account with La Poste, with a receipt."""
    with suppress(AlreadyDone):
        moved = desk.settle(
            screens.store(), amount=euros("amount"), means=request.form.get("means", "transfer"),
            ref=request.form.get("ref", ""), **act(),
        )  # fmt: skip
        with screens.store().reading() as conn:
            cafe, owed = paper.cafe_of(conn, moved.day).sign, reading.owed(conn)
        slip = slips.settlement_slip(
            cafe=cafe, amount=moved.amount, means=words.means(moved.means), ref=moved.ref, day=moved.day[:10],
            at_ms=screens.store().clock.now_ms(), owed=owed,
        )  # fmt: skip
        print_slip(slip, _("Settled; the receipt is printed"))
    return screens.go(url_for("post.balance"))
