"""Cash with a card purchase (*fourniture d'espèces*): the customer pays more by card and gets the rest in notes.

Out of turnover and without VAT; limits of the law as dated rows, the café's own as events. One use
is one operation (services.md B.4, fiscal.md R93–R99).

Beside it, cash without a purchase (*cash-in-shop*): a bank's mandate, its own terminal, its money: the
café pays its till's notes out and the bank owes it (`shop`, `mandates`). The same use: one operation.
"""

import sqlite3
from collections.abc import Iterable
from typing import Any

from pos.feature import Feature, Notice, ServiceCode, Use
from pos.i18n import N_, _
from pos.money import format_euros
from pos.services.cashback import desk, events, mandates, shop, tables
from pos.till.events import SaleCompleted

CASH_OUT = "cash_out"


def _uses(sale: SaleCompleted) -> Iterable[Use]:
    return (Use(CASH_OUT, sale.visit),) if sale.cashback else ()


def _of_paid_out(paid: events.CashPaidOut) -> Iterable[Use]:
    return (Use(CASH_OUT, paid.visit),)


def _todo(conn: sqlite3.Connection, day: str) -> list[Notice]:
    """Return the banks that should have paid by now."""
    out = []
    for bank in mandates.every(conn, day):
        if mandates.late_since(conn, bank, day):
            text = _(
                "%(label)s still owes %(amount)s of cash paid out",
                label=bank.label,
                amount=format_euros(mandates.owed(conn, bank)),
            )
            out.append(Notice(text, "/cashback/banks"))
    return out


def _figures(conn: sqlite3.Connection, day: str) -> dict[str, Any]:
    """Return a day in figures: cash with a purchase, cash for banks, what they owe."""
    n, given = tables.total_on(conn, day)
    paid = mandates.paid_on(conn, day)
    return {
        "operations": n + len(paid), "given": given, "paid_out": sum(row["amount"] for row in paid),
        "fees": sum(row["fee"] for row in paid), "owed": sum(mandates.owed(conn, bank) for bank in mandates.every(conn, day)),
    }  # fmt: skip


def _owners(conn: sqlite3.Connection) -> dict[str, str]:
    """Return the names of the banks' accounts."""
    return {bank.owner: bank.label for bank in mandates.every(conn, "9999-12-31")}


def _badge(conn: sqlite3.Connection, day: str) -> str:
    possible = desk.amounts(conn, day)
    return _("up to %(euros)s €", euros=possible[-1] // 100) if possible else _("not now")


SERVICE = Feature(
    slug="cashback",
    title=N_("Cash-back service"),
    events=events.EVENTS,
    projection=tables.PROJECTION,
    acts=(desk.propose, desk.withdraw, desk.set_limits, shop.set_mandate, shop.pay_cash, shop.settle_bank),
    services=(ServiceCode(CASH_OUT, N_("Cash"), headline=True, alternatives=("bank",), accent="cash"),),
    uses={SaleCompleted: _uses, events.CashPaidOut: _of_paid_out},
    sale_rules=(desk.may_be_paid,),
    todo=(_todo,),
    badge=_badge,
    figures=_figures,
    owners=_owners,
    owner_names={events.MandateSet: lambda said: (f"bank:{said.mandate}", said.label)},
    icon="notes",
    home="/cashback",
)
