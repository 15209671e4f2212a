"""The drawer: cash in and out with a reason, counting, opening it, handing over others' money."""

import sqlite3
from collections.abc import Mapping, Sequence

from pos.errors import Refusal
from pos.i18n import N_
from pos.money import format_euros
from pos.store import Store, Writing
from pos.till import refusals as no
from pos.till import rights, sell, tables
from pos.till.events import (
    CashCounted,
    CashMoved,
    CommissionKept,
    DrawerOpened,
    Pieces,
    ThirdPartyMoved,
    ThirdPartySettled,
)
from pos.till.slip_parts import day_said
from pos.till.tab import CASH

# Notes and coins of the euro, in cents.
PIECES = (50000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1)
MOVE_REASONS = ("change_bought", "float_added", "bank_deposit", "safe_drop", "purchase", "correction", "other")
# How others' money changes hands.
HANDED_BY = (CASH, "transfer", "cheque", "debit")
DRAWER_REASONS = ("give_change", "mistake", "check", "other")


class NotToCount(Refusal):
    """A day whose drawer is another's by now, or whose difference stands."""

    sentence = N_("The drawer of %(day)s is not counted any more.")
    remedy = N_("Count the open day, or the last closed one when it was closed without a count.")


def move_cash(store: Store, amount: int, reason: str, *, by: str, attempt: str = "") -> CashMoved:
    """Put cash in the drawer (positive) or take it out (negative), for a reason (R111)."""
    if reason not in MOVE_REASONS:
        raise no.ReasonMissing
    with store.writing(by=by, attempt=attempt) as tx:
        day = sell.require_day(tx)
        if amount < 0:
            rights.need(tx, rights.TAKE_CASH_OUT)
        held = tables.drawer_expected(tx.conn, day)
        if amount == 0 or held + amount < 0:
            raise no.DrawerTooLow(held=format_euros(held), amount=format_euros(-amount))
        event = CashMoved(amount=amount, reason=reason, day=day)
        tx.record(event)
        return event


def open_drawer(store: Store, reason: str, *, by: str, attempt: str = "") -> DrawerOpened:
    """Record that the drawer opens without a sale (R110); the machine is moved after."""
    if reason not in DRAWER_REASONS:
        raise no.ReasonMissing
    with store.writing(by=by, attempt=attempt) as tx:
        rights.need(tx, rights.OPEN_DRAWER)
        event = DrawerOpened(reason=reason, day=sell.day_label(tx))
        tx.record(event)
        return event


def pieces_of(counts: Mapping[int, int]) -> list[Pieces]:
    """Return counted pieces, largest first, without empty rows."""
    return [Pieces(value=value, n=counts[value]) for value in PIECES if counts.get(value)]


def counted_cents(pieces: Sequence[Pieces]) -> int:
    """Return what counted pieces are worth."""
    return sum(piece.value * piece.n for piece in pieces)


def count_drawer(
    store: Store, *, pieces: Sequence[Pieces] = (), counted: int | None = None, reason: str = "", day: str = "",
    by: str, attempt: str = "",
) -> CashCounted:  # fmt: skip
    """Record a count of the drawer, by pieces or as one sum; apart from the closing (R40).

    Of the open day, as often as one likes; of the last closed one, once, when its Z came without a count. Without
    `day`, the open day, or else that one. Raises DayNotOpen, NotToCount.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        day = day or _day_to_count(tx.conn)
        _may_be_counted(tx.conn, day)
        event = counting(tx, pieces=pieces, counted=counted, reason=reason, day=day)
        tx.record(event)
        return event


def counting(tx: Writing, *, pieces: Sequence[Pieces], counted: int | None, reason: str, day: str) -> CashCounted:
    """Return the count of the drawer as an event, not yet recorded."""
    conn = tx.conn
    expected = tables.drawer_expected(conn, day)
    found = counted_cents(pieces) if counted is None else counted
    return CashCounted(
        day=day, expected=expected, counted=found, difference=found - expected, pieces=list(pieces), reason=reason[:24]
    )


def _day_to_count(conn: sqlite3.Connection) -> str:
    row = tables.open_day(conn) or _last_closed(conn)
    return str(row["day"]) if row is not None else ""


def _may_be_counted(conn: sqlite3.Connection, day: str) -> None:
    """Refuse a day whose drawer is another's by now, and one that was counted: its difference stands."""
    row = tables.open_day(conn)
    if row is not None and row["day"] == day:
        return
    last = _last_closed(conn)
    if last is None:
        raise no.DayNotOpen
    if last["day"] != day or last["counted"] >= 0:
        raise NotToCount(day=day_said(day))


def _last_closed(conn: sqlite3.Connection) -> sqlite3.Row | None:
    row: sqlite3.Row | None = conn.execute("SELECT * FROM till_day WHERE z > 0 ORDER BY z DESC LIMIT 1").fetchone()
    return row


def settle_third_party(
    store: Store, owner: str, amount: int, *, means: str = CASH, ref: str = "", by: str, attempt: str = ""
) -> ThirdPartySettled:
    """Hand a third party its money (R91). Raises NoSuchMeans, NotOwed, DrawerTooLow."""
    if means not in HANDED_BY:
        raise no.NoSuchMeans(means=means[:24])
    with store.writing(by=by, attempt=attempt) as tx:
        day = sell.require_day(tx)
        _not_an_account(tx, owner)
        owed = tables.third_parties(tx.conn).get(owner, 0)
        if not 0 < amount <= owed:
            raise no.NotOwed(owner=owner, owed=format_euros(owed), amount=format_euros(amount))
        held = tables.drawer_expected(tx.conn, day)
        if means == CASH and amount > held:
            raise no.DrawerTooLow(held=format_euros(held), amount=format_euros(amount))
        event = ThirdPartySettled(owner=owner, amount=amount, means=means, day=day, ref=ref[:24])
        tx.record(event)
        return event


def _not_an_account(tx: Writing, owner: str) -> None:
    """Refuse to move from here what a service keeps by person or by voucher: its own acts do."""
    if owner in {means.owner for means in tx.store.means.values()}:
        raise no.KeptElsewhere


def move_third_party(
    store: Store, owner: str, amount: int, *, reason: str, means: str = CASH, ref: str = "", visit: str = "", by: str,
    attempt: str = "",
) -> ThirdPartyMoved:  # fmt: skip
    """Take a third party's money in (positive) or pay it out (negative), without a ticket.

    A balance below zero is what they owe the café. Raises NoSuchMeans, DrawerTooLow.
    """
    if means not in HANDED_BY:
        raise no.NoSuchMeans(means=means[:24])
    with store.writing(by=by, attempt=attempt) as tx:
        _not_an_account(tx, owner)
        return third_party_move(tx, owner, amount, reason=reason, means=means, ref=ref, visit=visit)


def third_party_move(
    tx: Writing,
    owner: str,
    amount: int,
    *,
    reason: str,
    means: str = CASH,
    ref: str = "",
    visit: str = "",
    keep: int = 0,
) -> ThirdPartyMoved:
    """Do `move_third_party` inside another act; `keep` is the cash that must stay in the drawer."""
    day = sell.require_day(tx)
    held = tables.drawer_expected(tx.conn, day)
    if amount == 0 or (means == CASH and amount < 0 and held - keep + amount < 0):
        raise no.DrawerTooLow(held=format_euros(max(0, held - keep)), amount=format_euros(-amount))
    event = ThirdPartyMoved(
        owner=owner, amount=amount, means=means, reason=reason[:24], day=day, ref=ref[:24], visit=visit
    )
    tx.record(event)
    return event


def keep_commission(
    store: Store, owner: str, amount: int, *, ref: str = "", by: str, attempt: str = ""
) -> CommissionKept:
    """Keep the agreed share of a third party's money. Raises NotOwed."""
    with store.writing(by=by, attempt=attempt) as tx:
        _not_an_account(tx, owner)
        owed = tables.third_parties(tx.conn).get(owner, 0)
        if not 0 < amount <= owed:
            raise no.NotOwed(owner=owner, owed=format_euros(owed), amount=format_euros(amount))
        event = CommissionKept(owner=owner, amount=amount, day=sell.day_label(tx), ref=ref[:24])
        tx.record(event)
        return event
