"""A ticket paid by another means than was typed: put right in two taps, beside what was written (R25)."""

from contextlib import suppress
from typing import Any

from flask import url_for

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import _
from pos.till import corrections, refusals, sell
from pos.till.events import SaleCompleted
from pos.till.screens.tickets import bp
from pos.till.tab import MEANS


@bp.get("/<int:no>/means")
def correcting(no: int) -> str:
    """Show what was paid by which means, and the others."""
    store = screens.store()
    with store.reading() as conn:
        sale, _seq = sell.sale_of(store, conn, no)
        left = corrections.correctable(store, conn, sale) if isinstance(sale, SaleCompleted) else {}
    if not left:
        raise refusals.NothingToCorrect(no=no)
    return screens.draw("till/means.html", sale=sale, left=left, others=MEANS)


@bp.post("/<int:no>/means/<was>/<now>")
def correct(no: int, was: str, now: str) -> Any:
    """Move what was paid from one means to another: the manager, or whoever serves with the manager's PIN."""
    with suppress(AlreadyDone):
        corrections.correct_payment(
            screens.store(), no, was, now, reason="mistyped", by=screens.clerk(), attempt=screens.attempt()
        )
        screens.say(_("Corrected in today's totals; the ticket stays as it was"), icon="pen")
    return screens.go(url_for("tickets.one", no=no))
