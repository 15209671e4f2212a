"""Which bill is on which screen, and how it is drawn: lines, money keys, what is left to pay."""

import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from flask import current_app, session

from pos import screens
from pos.clock import business_day
from pos.hardware.terminals.answer import BY_HAND, Answer
from pos.ids import new_id
from pos.store import Store
from pos.till import cash, close, sell, tables
from pos.till.events import SaleCompleted
from pos.till.means import voucher_most
from pos.till.screens import cooking, staff, terminal
from pos.till.tab import Tab, TabLine, TabPayment

NOTES = (500, 1000, 2000, 5000)
# A screen silent for so long (its browser died, its session ended) no longer keeps its bill from the others.
SHOWN_FOR_MS = 5 * 60_000


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A banknote key, and what tapping it leads to: change to give, or a rest to pay."""

    cents: int
    change: int
    rest: int


@dataclass(frozen=True, slots=True)
class Bill:
    """All that the right of the counter shows."""

    tab_id: str
    lines: Sequence[TabLine] = ()
    payments: Sequence[TabPayment] = ()
    lit: str = ""
    total: int = 0
    due: int = 0
    pieces: int = 0
    takeaway: bool = False
    card: str = ""
    card_amount: int = 0
    # The money goes back on the card: the last part payment is undone.
    card_back: bool = False
    # What the terminal said of it so far.
    terminal: Answer = Answer(BY_HAND)
    # The most that one person's meal vouchers pay of it.
    voucher: int = 0
    cashback: int = 0
    parked: int = 0
    # Lines the kitchen does not know yet; 0 without a kitchen printer.
    to_cook: int = 0
    notes: Sequence[NoteKey] = tuple(NoteKey(note, 0, 0) for note in NOTES)
    # Who typed prices for this bill only, by name.
    names: dict[str, str] = field(default_factory=dict)
    # How many of each product, for the badges of the tiles.
    taken: dict[str, int] = field(default_factory=dict)
    # The sale just paid, until the next tap; and the coins of its change.
    done: SaleCompleted | None = None
    change: int = 0
    coins: Sequence[int] = ()

    @property
    def taken_json(self) -> str:
        """The badges as the page's script reads them."""
        return msgspec.json.encode(self.taken).decode()

    @property
    def given(self) -> int:
        """Cash and other money received for the sale just paid."""
        return sum(p.given or p.amount for p in self.done.payments) if self.done else 0


def held() -> str:
    """Return the bill this screen holds, or an empty text."""
    known = current_app.extensions["zinc.tabs"].get(session.get("screen", ""))
    return str(known[0] if known else session.get("tab", ""))


def under_way(conn: sqlite3.Connection) -> Tab | None:
    """Return this screen's bill when something is on it."""
    tab = sell.current_tab(conn, held()) if held() else None
    return tab if tab is not None and tab.lines else None


def hold(tab_id: str, *, begun: bool = True) -> None:
    """Remember that this screen shows a bill, so that another screen does not adopt it.

    One not `begun` yet is only remembered here: the cookie, signed anew at each change, is not worth
    an empty bill.
    """
    if "screen" not in session:
        session["screen"] = secrets.token_hex(6)
    if begun and session.get("tab") != tab_id:
        session["tab"] = tab_id
    current_app.extensions["zinc.tabs"][session["screen"]] = (tab_id, screens.store().clock.mono_ms())


def shown() -> set[str]:
    """Return the bills that a screen shows now."""
    now = screens.store().clock.mono_ms()
    return {tab_id for tab_id, seen in current_app.extensions["zinc.tabs"].values() if now - seen < SHOWN_FOR_MS}


def begin() -> str:
    """Turn to a new, empty bill; return its id."""
    tab_id = new_id(screens.store().clock.now_ms())
    hold(tab_id, begun=False)
    return tab_id


def current_id(conn: sqlite3.Connection) -> str:
    """Return this screen's bill. After a power cut, the bill that was on the screen is found again."""
    tab_id = held()
    if tab_id and tables.ticket_of_tab(conn, tab_id) is None:
        hold(tab_id)
        return tab_id
    if not tab_id:
        elsewhere = shown()
        for tab in reversed(sell.open_tabs(conn, parked=False)):
            if tab.lines and tab.tab_id not in elsewhere:
                hold(tab.tab_id)
                return tab.tab_id
    return begin()


def parked(conn: sqlite3.Connection) -> list[Tab]:
    """Return the bills put aside, and those that no screen shows any more."""
    return sell.tabs_aside(conn, shown() | {held()})


def how_many_parked(conn: sqlite3.Connection) -> int:
    """Return how many bills `parked` has."""
    return sell.count_aside(conn, shown() | {held()})


def needs_opening(conn: sqlite3.Connection) -> bool:
    """Tell whether nothing can be sold before somebody opens the day."""
    return close.day_state(conn, business_day(screens.store().clock.now_ms())).state != "open"


def sale_of_tab(store: Store, conn: sqlite3.Connection, tab_id: str) -> SaleCompleted | None:
    """Return the sale a bill became, on whichever screen it was paid."""
    row = tables.ticket_of_tab(conn, tab_id)
    found: Any = store.event(conn, row["seq"]).event if row else None
    return found if isinstance(found, SaleCompleted) else None


def paid(done: SaleCompleted) -> Bill:
    """Return a sale with its change, right after its payment; the next bill is not begun yet."""
    change = sum(payment.change for payment in done.payments)
    return Bill(tab_id=begin(), done=done, change=change, coins=pieces_of(change + done.cashback))


def picture(conn: sqlite3.Connection, tab_id: str, *, lit: str = "") -> Bill:
    """Return the bill to draw."""
    aside = how_many_parked(conn)
    tab = sell.current_tab(conn, tab_id)
    if tab is None:
        return Bill(tab_id=tab_id, parked=aside)
    taken: dict[str, int] = {}
    for line in tab.lines:
        taken[line.product] = taken.get(line.product, 0) + (line.quantity // 1000 if line.quantity % 1000 == 0 else 1)
    known = {line.line_id for line in tab.lines}
    return Bill(
        tab_id=tab_id, lines=tab.lines, payments=tab.payments, total=tab.total, due=tab.due, pieces=tab.pieces,
        lit=lit if lit in known else (tab.lines[-1].line_id if tab.lines else ""), takeaway=tab.takeaway,
        card=tab.card, card_amount=tab.card_amount, card_back=_goes_back(conn, tab.card), voucher=voucher_most(screens.today(), tab), terminal=terminal.said(tab.card), cashback=tab.cashback, parked=aside, taken=taken,
        to_cook=cooking.waiting(conn, tab),
        names={op: staff.name_of(op) for op in {line.priced_by for line in tab.lines} - {""}},
        notes=[NoteKey(note, max(0, note - tab.due), max(0, tab.due - note)) for note in NOTES],
    )  # fmt: skip


def _goes_back(conn: sqlite3.Connection, payment: str) -> bool:
    row = tables.card(conn, payment) if payment else None
    return row is not None and row["action"] != terminal.PAY


def pieces_of(cents: int) -> list[int]:
    """Return the fewest notes and coins that make an amount; nothing above what hands give at once."""
    pieces: list[int] = []
    for value in cash.PIECES[3:]:
        n, cents = divmod(cents, value)
        pieces += [value] * n
    return pieces if len(pieces) <= 9 else []
