"""Accounts with a baker: the consignment engine's, once the bread of every day is accounted for; then paying it."""

import sqlite3

from pos.engines import consignment_accounts as accounts
from pos.engines import consignment_tables as consigned
from pos.engines.consignment_events import StatementClosed
from pos.services.bread import reading
from pos.services.bread import refusals as no
from pos.services.bread.schema import OWNER
from pos.services.bread.words import date_words
from pos.store import Store
from pos.till.tab import CASH

# What a change of makes two statements: a paper says one rate and one rule.
_MONEY = ("mode", "commission_bp", "unsold", "unsold_cap_bp")
_UNFINISHED = """SELECT DISTINCT lot FROM consign_lot WHERE owner = ? AND lot <= ? AND received > 0 AND on_sale <> 0
ORDER BY lot"""


def close_statement(
    store: Store, baker: str, *, to_day: str = "", deduction: int = 0, deduction_reason: str = "", by: str, attempt: str = ""
) -> StatementClosed:  # fmt: skip
    """State a baker's account up to a day (today when left out) and keep the commission.

    Sold in the baker's name, what is due stays in the third party's balance until it is settled.
    `deduction` is what both agreed to take off (`quality`, `agreed`). Raises NoSuchBaker, UnsoldNotSettled,
    ContractChanged, NothingToState.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        event = drawn(tx.conn, baker, to_day or tx.today, deduction=deduction, reason=deduction_reason)
        accounts.close_in(tx, event)
        return event


def drawn(
    conn: sqlite3.Connection, baker: str, to_day: str, *, deduction: int = 0, reason: str = ""
) -> StatementClosed:
    """Return the statement as it would be closed now, nothing recorded."""
    contract = reading.contract_on(conn, baker, to_day)
    if contract is None:
        raise no.NoSuchBaker
    owner = f"{OWNER}{baker}"
    if not consigned.not_stated(conn, owner, to_day):
        raise no.NothingToState
    _days_are_finished(conn, baker, to_day)
    event = accounts.draft_statement(
        conn, owner, to_day, consigned.last_seq(conn, owner), deduction=deduction, reason=reason
    )
    before = reading.contract_on(conn, baker, event.first)
    if before is not None and any(before[term] != contract[term] for term in _MONEY):
        raise no.ContractChanged(day=date_words(contract["valid_from"]))
    return event


def _days_are_finished(conn: sqlite3.Connection, baker: str, to_day: str) -> None:
    for (day,) in conn.execute(_UNFINISHED, (f"{OWNER}{baker}", to_day)).fetchall():
        mine = {row["article"] for row in reading.stock(conn, day) if row["baker"] == baker}
        if any(quantity for code, quantity in reading.free(conn, day).items() if code in mine):
            raise no.UnsoldNotSettled(day=date_words(day))


def pay_statement(store: Store, baker: str, number: int, *, means: str = CASH, by: str, attempt: str = "") -> int:
    """Pay a baker what a statement leaves due; return the cents paid.

    Money sold in the baker's name is handed over as a third party's (R91), bought bread is paid as a
    purchase. Raises NothingToState, StatementSettled, DrawerTooLow, NotOwed.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        row = reading.statement(tx.conn, baker, number)
        if row is None:
            raise no.NothingToState
        if row["due"] <= row["paid"]:
            raise no.StatementSettled
        return accounts.pay_in(tx, row, means=means)
