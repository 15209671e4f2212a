"""What the counter lets the customer see: goods and amounts, told to the board each time a bill is drawn.

Nothing of who buys, of who sells, of what was noted on a line; of practice, only that it is practice.
"""

from typing import Any

from flask import session

from pos import screens
from pos.hardware.display.sight import BILL, CARD, NOTHING, PAID, TRAINING, Shown, Sight
from pos.i18n import _
from pos.money import NBSP, format_euros, format_quantity
from pos.till.screens.bill import Bill
from pos.till.screens.paper import cafe_of
from pos.till.tab import TabLine

# What a small second screen has room for.
LINES_MAX = 7


def show(found: Bill) -> None:
    """Let the customer see the bill as this screen draws it."""
    board = screens.kiosk().board
    if board is None:
        return
    sight = Sight(TRAINING) if screens.training() else sight_of(found)
    if sight is NOTHING:
        describe(screens.kiosk())
    board.tell(sight, session.get("screen", ""))


def describe(kiosk: Any) -> None:
    """Say the café's name and its message of the moment: what is seen between two customers."""
    with kiosk.store.reading() as conn:
        sign = cafe_of(conn).sign
    kiosk.board.describe(sign, kiosk.box_settings().get("display", {}).get("message", ""))


def sight_of(found: Bill) -> Sight:
    """Return what a bill is to its customer."""
    if found.done is not None:
        extra = found.done.cashback
        return Sight(PAID, total=found.done.total, given=found.given + extra, change=found.change + extra)
    if not found.lines and not found.payments:
        return NOTHING
    lines = [_shown(line) for line in found.lines]
    lit = next((n for n, line in enumerate(found.lines) if line.line_id == found.lit), len(lines) - 1)
    if found.cashback:
        lines.append(Shown(_("Cash handed over"), found.cashback))
    more = max(0, len(lines) - LINES_MAX + 1) if len(lines) > LINES_MAX else 0
    if more:
        # The newest, or those around the one that was touched.
        cut = min(lit, more)
        lines, lit = lines[cut : cut + LINES_MAX - 1], lit - cut
    return Sight(
        CARD if found.card else BILL, tuple(lines), lit, total=found.total + found.cashback,
        paid=sum(payment.amount for payment in found.payments), due=found.card_amount if found.card else found.due + found.cashback, more=more,
    )  # fmt: skip


def _shown(line: TabLine) -> Shown:
    if line.quantity == 1000 and not line.unit:
        return Shown(line.label, line.gross)
    count = 1 if line.unit or line.quantity % 1000 else line.quantity // 1000
    amount, per = format_quantity(line.quantity), format_euros(line.unit_price)
    detail = f"{amount}{NBSP}{line.unit} × {per}/{line.unit}" if line.unit else f"{amount} × {per}"
    return Shown(line.label, line.gross, count, detail)
