"""Cash-back on the screen: the keys beside a card payment, the limits, the poster, what was given today.

For the counter, while a card amount is shown or about to be:

    {% with tab_id = … %}{% include "cashback/_offer.html" ignore missing %}{% endwith %}

draws « + 10 € », « + 20 € »… (or what was agreed, with its cross) and nothing when none is possible.
Each key posts to `POST /cashback/<tab_id>/propose` (amount in cents) or `POST /cashback/<tab_id>/withdraw`
and answers with the counter's bill, as the till's own keys do; an amount already shown for the
terminal is then cancelled and shown anew with the cash. Three taps after the last article: card,
+ 20 €, accepted.
"""

from contextlib import suppress
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import _
from pos.money import format_euros, parse_euros
from pos.services.cashback import desk, limits, slips, tables
from pos.slips import NARROW_PAPER, as_text
from pos.till import sell
from pos.till import tables as till_tables
from pos.till.screens.counter import answer

bp = Blueprint("cashback", __name__, url_prefix="/cashback", template_folder="templates")


@bp.app_context_processor
def offers() -> dict[str, Any]:
    """Give every template `cashback_offer(tab_id)`: the amounts possible now, and the one agreed."""
    return {"cashback_offer": offer}


def offer(tab_id: str) -> dict[str, Any]:
    """Return what may be proposed on a bill."""
    with screens.store().reading() as conn:
        tab = sell.current_tab(conn, tab_id)
        day = till_tables.open_day(conn)
        if tab is None or day is None or not tab.lines:
            return {"tab_id": tab_id, "agreed": 0, "amounts": []}
        return {"tab_id": tab_id, "agreed": tab.cashback, "amounts": desk.amounts(conn, day["day"], tab)}


@bp.post("/<tab_id>/propose")
def propose(tab_id: str) -> str:
    """Agree on cash with this bill's card payment."""
    amount = request.form.get("amount", "")
    with suppress(AlreadyDone):
        tab = desk.propose(
            screens.store(), tab_id, int(amount) if amount.isdecimal() else 0,
            private_use=request.form.get("business", "") == "", by=screens.clerk(), attempt=screens.attempt(),
        )  # fmt: skip
        screens.say(_("%(amount)s in cash with the card", amount=format_euros(tab.cashback)), icon="coins")
    return answer(tab_id)


@bp.post("/<tab_id>/withdraw")
def withdraw(tab_id: str) -> str:
    """Take the cash off the bill again."""
    with suppress(AlreadyDone):
        desk.withdraw(screens.store(), tab_id, by=screens.clerk(), attempt=screens.attempt())
        screens.say(_("No cash with this payment"), tone="wait", icon="coins")
    return answer(tab_id)


@bp.get("")
def page() -> str:
    """Show the limits in force, the poster and today's operations."""
    with screens.store().reading() as conn:
        open_day = till_tables.open_day(conn)
        day = open_day["day"] if open_day is not None else screens.today()
        now = limits.in_force(conn, day)
        n, given = tables.total_on(conn, day)
        return screens.draw(
            "cashback/page.html", limits=now, law=limits.legal(day), given=tables.given_on(conn, day), n=n, total=given,
            spare=desk.spare_cash(conn, day, now), amounts=desk.amounts(conn, day),
            poster=as_text(slips.poster(now), NARROW_PAPER), manager=till_tables.role_of(conn, screens.clerk()) == "manager",
        )  # fmt: skip


@bp.post("/poster")
def poster() -> str:
    """Print the poster on the till's printer."""
    from pos.hardware import queue
    from pos.hardware.printer import render

    store = screens.store()
    with store.reading() as conn:
        slip = slips.poster(limits.in_force(conn, screens.today()))
    data = render(slip, screens.devices().printer.model)
    with store.writing(by=screens.clerk()) as tx:
        queue.enqueue(tx.conn, slip.title, data, at=tx.now)
    trouble = screens.print_waiting()
    if trouble is not None:
        screens.say_trouble(trouble)
    else:
        screens.say(_("Poster sent to the printer"), icon="printer")
    return screens.draw("cashback/_said.html")


@bp.post("/limits")
def set_limits() -> Response:
    """Set the café's own limits, from today on."""
    form = request.form
    with suppress(AlreadyDone):
        desk.set_limits(
            screens.store(), min_purchase=parse_euros(form.get("min_purchase", "")),
            max_cash=parse_euros(form.get("max_cash", "")), step=parse_euros(form.get("step", "")),
            reserve=parse_euros(form.get("reserve", "")), by=screens.clerk(), attempt=screens.attempt(),
        )  # fmt: skip
    screens.say(_("Limits set. Print the poster again."), icon="check")
    return screens.go(url_for("cashback.page"))
