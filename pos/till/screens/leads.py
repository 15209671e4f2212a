"""Where a difference in the drawer may come from: what happened today that people forget."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from pos import journal as journals
from pos import screens
from pos.i18n import _
from pos.money import format_euros
from pos.till import tables

LEADS_MAX = 4
_ENTRIES = (
    "SELECT body FROM journal_entry WHERE (jn, seq) >= (?, ?) AND instr(body, ?) > 0 ORDER BY jn DESC, seq DESC LIMIT 5"
)
_KINDS = (
    b'"kind":"till.drawer_opened"',
    b'"kind":"till.sale_refunded"',
    b'"kind":"till.payment_undone"',
    b'"kind":"till.cash_moved"',
)


@dataclass(frozen=True, slots=True)
class Lead:
    """Something to remember: when, and what."""

    at: int
    text: str


def leads(conn: sqlite3.Connection, day: str) -> list[Lead]:
    """Return what may explain a difference, the latest first."""
    store, row = screens.store(), tables.day_row(conn, day)
    if store.journal is None or row is None:
        return []
    found: list[Lead] = []
    for kind in _KINDS:
        for (body,) in conn.execute(_ENTRIES, (*journals.at_place(row["opened_seq"]), kind)):
            entry = journals.read_envelope(body)
            event: Any = store.types.decode(entry.kind, entry.kv, entry.data)
            found.append(Lead(entry.t, _said(entry.kind, event)))
    return sorted(found, key=lambda lead: -lead.at)[:LEADS_MAX]


def _said(kind: str, event: Any) -> str:
    if kind == "till.sale_refunded":
        return _("ticket %(no)s refunded: %(sum)s", no=event.original, sum=format_euros(-event.total))
    if kind == "till.payment_undone":
        return _("a part payment of %(sum)s given back", sum=format_euros(event.amount))
    if kind == "till.cash_moved":
        said = _("cash put in: %(sum)s") if event.amount > 0 else _("cash taken out: %(sum)s")
        return said % {"sum": format_euros(abs(event.amount))}
    return _("drawer opened without a sale")
