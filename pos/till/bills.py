"""The open day and the open bills: what every act of the till begins with."""

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass

from pos import drafts
from pos.errors import Refusal
from pos.ids import new_id
from pos.money import format_euros
from pos.store import Writing
from pos.till import refusals as no
from pos.till import tables, weight
from pos.till.events import SaleCompleted
from pos.till.tab import Tab, TabLine, dump, load


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an act on a bill led to: the bill as it stands, or the sale it became."""

    tab: Tab | None = None
    sale: SaleCompleted | None = None
    seq: int = -1
    # What rules had against a sale that a card had already paid.
    objections: tuple[Refusal, ...] = ()

    @property
    def change(self) -> int:
        """Cash to give back, in cents."""
        return sum(payment.change for payment in self.sale.payments) if self.sale else 0


# The day


def require_day(tx: Writing) -> str:
    """Return the open day's label; raise TillLocked, DayNotOpen or DayIsOver.

    A day closed too early and opened again is a second period, labelled `2026-06-14.2`.
    """
    if drafts.is_locked(tx.conn):
        raise no.TillLocked
    return day_of_money(tx)


def day_of_money(tx: Writing) -> str:
    """Return the open day's label for money that moved on a card already: a locked till records it too."""
    row = tables.open_day(tx.conn)
    if row is None:
        raise no.DayNotOpen
    if row["day"][:10] != tx.today:
        # A clock that lost its days is the trouble, not the day (R13).
        tx.check_clock()
        raise no.DayIsOver(day=row["day"])
    return str(row["day"])


def day_label(tx: Writing) -> str:
    """Return the open day's label, or today's date when none is open: for acts that need no open day."""
    row = tables.open_day(tx.conn)
    return str(row["day"]) if row is not None else tx.today


# Bills


def current_tab(conn: sqlite3.Connection, tab_id: str) -> Tab | None:
    """Return an open bill, or None."""
    body = drafts.load_tab(conn, tab_id)
    return load(body) if body else None


def open_tabs(conn: sqlite3.Connection, *, parked: bool | None = None) -> list[Tab]:
    """Return open bills, oldest first; only parked or unparked ones when asked."""
    return [load(body) for _tab, is_parked, body in drafts.tabs(conn) if parked is None or is_parked == parked]


def tabs_aside(conn: sqlite3.Connection, here: Collection[str]) -> list[Tab]:
    """Return the bills put aside, and those with lines that are not `here`, on a screen; oldest first."""
    found = [(parked, load(body)) for tab_id, parked, body in drafts.tabs(conn) if parked or tab_id not in here]
    return [tab for parked, tab in found if parked or tab.lines]


def count_aside(conn: sqlite3.Connection, here: Collection[str]) -> int:
    """Return how many bills `tabs_aside` has; those put aside are counted unread."""
    return sum(parked or (tab_id not in here and bool(load(body).lines)) for tab_id, parked, body in drafts.tabs(conn))


def new_tab(tx: Writing, tab_id: str = "") -> Tab:
    """Return a bill that is not kept yet."""
    tab_id = tab_id or new_id(tx.now)
    return Tab(tab_id=tab_id, opened_at=tx.now, visit=tab_id)


def open_bill(tx: Writing, tab_id: str) -> Tab:
    """Return an open bill; raise AlreadyPaid, NoSuchBill."""
    tab = current_tab(tx.conn, tab_id)
    if tab is None:
        paid = tables.ticket_of_tab(tx.conn, tab_id)
        if paid:
            raise no.AlreadyPaid(no=paid["no"])
        raise no.NoSuchBill
    return tab


def free_bill(tx: Writing, tab_id: str) -> Tab:
    """Return a bill that may change: no card payment of it waits."""
    tab = open_bill(tx, tab_id)
    if tab.card:
        raise no.CardPending(amount=format_euros(tab.card_amount))
    return tab


def keep(tx: Writing, tab: Tab, *, parked: bool = False) -> None:
    """Keep a bill as it stands. Raises TooManyLines when it grew beyond what can be recorded."""
    if weight.counts(tab):
        weight.require_room(tx, tab, current_tab(tx.conn, tab.tab_id))
    drafts.save_tab(tx.conn, tab.tab_id, dump(tab), parked=parked, at=tx.now)


def line_of(tab: Tab, line_id: str) -> TabLine:
    """Return a line of a bill; raise NoSuchLine."""
    for line in tab.lines:
        if line.line_id == line_id:
            return line
    raise no.NoSuchLine


def line_of_product(row: sqlite3.Row, line_id: str) -> TabLine:
    """Return a bill line for a product of the menu."""
    return TabLine(
        line_id=line_id, product=row["product"], label=row["label"], unit_price=row["price"],
        vat_class=row["vat_class"], family=row["category"], takeaway=bool(row["takeaway"]), role=row["role"],
        owner=row["owner"], service=row["service"], nature=row["nature"],
        unit="" if row["unit"] == "piece" else row["unit"],
    )  # fmt: skip
