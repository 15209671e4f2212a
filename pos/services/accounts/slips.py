"""Papers of accounts: a slate's statement, a gift voucher."""

from collections.abc import Sequence
from typing import Any

from pos.i18n import N_, _
from pos.money import format_euros
from pos.slips import Columns, Feed, Qr, Rule, Slip, Text

WHY = {
    "charged": N_("On the slate"), "paid_back": N_("Paid back"), "written_off": N_("Given up"),
    "topped_up": N_("Paid ahead"), "taken": N_("Paid with it"), "paid_out": N_("Paid out"), "sold": N_("Sold"),
    "given": N_("Given"), "handed_over": N_("Handed over"),
}  # fmt: skip


def day_said(day: str) -> str:
    """Return `20/11/2026`."""
    year, month, of_month = day.split("-")
    return f"{of_month}/{month}/{year}"


def statement(*, cafe: str, who: str, today: str, owed: int, prepaid: int, moves: Sequence[Any]) -> Slip:
    """Return a slate's statement, oldest line first, to hand to the person it is about."""
    return Slip(
        _("Account statement"),
        (
            Text(cafe, align="center"),
            Text(who, bold=True, align="center"),
            Text(day_said(today), align="center"),
            Rule(),
            *(
                Columns(f"{day_said(row['day'])[:5]} {_(WHY[row['why']])}", format_euros(row["amount"]))
                for row in reversed(moves)
            ),
            Rule(),
            Columns(_("Left to pay"), format_euros(owed), bold=True, tall=True),
            *((Columns(_("On the prepaid account"), format_euros(prepaid)),) if prepaid else ()),
            Text(_("Alcohol is never put on the slate.")),
        ),
    )


def voucher(*, cafe: str, code: str, amount: int, until: str) -> Slip:
    """Return a gift voucher to hand over: whoever brings it spends it."""
    return Slip(
        _("Gift voucher"),
        (
            Text(cafe, bold=True, align="center"),
            Rule(),
            Text(format_euros(amount), bold=True, wide=True, tall=True, align="center"),
            Qr(code),
            Text(code, bold=True, align="center"),
            Columns(_("To be spent until"), day_said(until)),
            Text(_("In one or several times, here only. No change is given."), align="center"),
            Feed(2),
        ),
    )
