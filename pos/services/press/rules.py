"""What a sale may not take: games and tobacco without a licence, or before the customer's age was asked."""

import sqlite3

from pos.i18n import _
from pos.services.press import refusals as no
from pos.services.press import terms
from pos.services.press.tables import TOBACCO
from pos.till.tab import Tab

FOR_ADULTS = ("game", "tobacco")
# What a line bears once the customer proved to be of age: a boolean, no identity (R113).
ADULT = "press.adult:yes"


def games_are_licensed(conn: sqlite3.Connection, day: str, tab: Tab) -> None:
    """Refuse an operator's goods without its licence, and to anybody whose age was not asked."""
    for line in tab.lines:
        if line.role not in FOR_ADULTS:
            continue
        operator = TOBACCO if line.role == "tobacco" else line.owner
        if terms.licence(conn, operator, day) is None:
            raise no.NoLicence(operator=_(terms.OPERATORS.get(operator, operator)))
        if line.ref != ADULT:
            raise no.AgeNotAsked(tab=tab.tab_id)
