"""What a sale may not take: a hire that was cancelled, or a charge paid on another bill."""

import sqlite3

from pos.money import format_euros
from pos.services.bikes import reading
from pos.services.bikes import refusals as no
from pos.services.bikes.tables import CANCELLED, referred
from pos.till.tab import Tab


def hire_is_due(conn: sqlite3.Connection, day: str, tab: Tab) -> None:
    """Refuse to take the money of a hire twice, or of one that did not happen (`Feature.sale_rules`)."""
    for line in tab.lines:
        what, rental = referred(line.ref)
        if not rental:
            continue
        row = reading.known(conn, rental)
        if row["state"] == CANCELLED:
            raise no.NotOut
        paid = [
            charge["paid"] for charge in reading.charges(conn, rental) if charge["what"] == what and charge["paid"] > 0
        ]
        if paid:
            raise no.AlreadyPaidHire(amount=format_euros(paid[0]))
