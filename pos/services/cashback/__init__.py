"""Cash with a card purchase (*fourniture d'espèces*): the customer pays more by card and gets the rest in notes.

Out of turnover and without VAT; limits of the law as dated rows, the café's own as events. One use
is one operation (services.md B.4, fiscal.md R93–R99).
"""

import sqlite3
from collections.abc import Iterable

from pos.feature import Feature, ServiceCode, Use
from pos.i18n import N_, _
from pos.services.cashback import desk, events, tables
from pos.till.events import SaleCompleted

CASH_OUT = "cash_out"


def _uses(sale: SaleCompleted) -> Iterable[Use]:
    return (Use(CASH_OUT, sale.visit),) if sale.cashback else ()


def _badge(conn: sqlite3.Connection, day: str) -> str:
    possible = desk.amounts(conn, day)
    return _("up to %(euros)s €", euros=possible[-1] // 100) if possible else _("not now")


SERVICE = Feature(
    slug="cashback",
    title=N_("Cash-back service"),
    events=events.EVENTS,
    projection=tables.PROJECTION,
    acts=(desk.propose, desk.withdraw, desk.set_limits),
    services=(ServiceCode(CASH_OUT, N_("Cash"), headline=True, alternatives=("bank",), accent="cash"),),
    uses={SaleCompleted: _uses},
    sale_rules=(desk.may_be_paid,),
    badge=_badge,
    icon="notes",
    home="/cashback",
)
