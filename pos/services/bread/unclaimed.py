"""Bags nobody fetches: released at their hour, or kept longer; the contract says what they cost."""

import sqlite3
from collections.abc import Sequence

from pos.clock import to_ms
from pos.services.bread import orders, reading
from pos.services.bread import refusals as no
from pos.services.bread.bags import bag_loaves
from pos.services.bread.contracts import CHARGE_ALWAYS, CHARGE_PREPAID
from pos.services.bread.events import OrderCancelled, OrderKept, OrdersUnclaimed, Unclaimed
from pos.services.bread.schema import SET_ASIDE
from pos.store import Store, Writing


def past_release(conn: sqlite3.Connection, now_ms: int, today: str) -> list[sqlite3.Row]:
    """Return the bags whose hour has passed and that nobody asked to keep: today's and those of days before."""
    out = []
    for row in [*reading.kept_bags(conn, today), *reading.orders(conn, today)]:
        last_day = max(row["for_day"], row["kept_until"])
        kept = last_day > row["for_day"]
        hour = "23:59" if kept else release_hour(conn, row)
        # What was never set aside today is the baker's delay, not its customer's.
        ready = row["state"] == SET_ASIDE or row["for_day"] < today
        if ready and now_ms >= to_ms(f"{last_day}T{hour}:00"):
            out.append(row)
    return out


def release_hour(conn: sqlite3.Connection, row: sqlite3.Row) -> str:
    """Return until when a bag is kept: the latest of its bakers' contracts."""
    contracts = (reading.contract_on(conn, baker, row["for_day"]) for baker in _bakers(conn, row))
    return max((contract["release"] for contract in contracts if contract is not None), default="12:00")


def _bakers(conn: sqlite3.Connection, row: sqlite3.Row) -> list[str]:
    return orders.bakers_of(conn, bag_loaves(conn, row["order_id"]))


def release_orders(store: Store, wanted: Sequence[str] | None = None, *, by: str, attempt: str = "") -> OrdersUnclaimed:
    """Put the bread of bags nobody fetched on sale again: the named ones, or all whose hour has passed.

    The contract says what becomes of their money. Raises NothingToRelease, OrderGone.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        if wanted is None:
            rows = past_release(tx.conn, tx.now, tx.today)
        else:
            rows = [orders.found(tx, order) for order in wanted]
            for row in rows:
                orders.require_open(row)
        if not rows:
            raise no.NothingToRelease
        if wanted is None:
            rows = _without_bags_never_filled(tx, rows)
        bags = [Unclaimed(order=row["order_id"], charged=_charged(tx.conn, row)) for row in rows]
        event = OrdersUnclaimed(day=tx.today, orders=bags)
        if bags:
            tx.record(event)
        return event


def _without_bags_never_filled(tx: Writing, rows: list[sqlite3.Row]) -> list[sqlite3.Row]:
    """Cancel orders of days before that could not be served; return the bags that were there."""
    for row in rows:
        if row["state"] != SET_ASIDE:
            tx.record(OrderCancelled(order=row["order_id"], reason="short", late=True))
    return [row for row in rows if row["state"] == SET_ASIDE]


def _charged(conn: sqlite3.Connection, row: sqlite3.Row) -> bool:
    for baker in _bakers(conn, row):
        contract = reading.contract_on(conn, baker, row["for_day"])
        if contract is not None:
            policy = contract["unclaimed"]
            return bool(policy == CHARGE_ALWAYS or (policy == CHARGE_PREPAID and row["paid_no"]))
    return bool(row["paid_no"])


def keep_order(store: Store, order: str, *, until_day: str = "", by: str, attempt: str = "") -> OrderKept:
    """Keep a bag longer, until the end of a day (today when left out). Raises NoSuchOrder, OrderGone."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = orders.found(tx, order)
        orders.require_open(row)
        event = OrderKept(order=row["order_id"], until_day=max(until_day or tx.today, tx.today))
        tx.record(event)
        return event
