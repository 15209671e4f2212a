"""Bags nobody fetches: released at their hour, or kept longer; the contract says what they cost."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

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
    return past_release_of(conn, [*reading.kept_bags(conn, today), *reading.orders(conn, today)], now_ms, today)


def past_release_of(
    conn: sqlite3.Connection, rows: Sequence[sqlite3.Row], now_ms: int, today: str
) -> list[sqlite3.Row]:
    """Return those of open orders whose hour has passed."""
    lines, hours = reading.lines_of(conn, (row["order_id"] for row in rows)), reading.release_hours(conn)
    out = []
    for row in rows:
        last_day = max(row["for_day"], row["kept_until"])
        kept = last_day > row["for_day"]
        bakers = {line["baker"] for line in lines.get(row["order_id"], ())}
        hour = "23:59" if kept else _release_hour(hours, bakers, row["for_day"])
        # What was never set aside today is the baker's delay, not its customer's.
        ready = row["state"] == SET_ASIDE or row["for_day"] < today
        if ready and now_ms >= to_ms(f"{last_day}T{hour}:00"):
            out.append(row)
    return out


def _release_hour(hours: Mapping[str, Sequence[tuple[str, str]]], bakers: Iterable[str], day: str) -> str:
    """Return until when a bag is kept: the latest of its bakers' terms on its day."""
    found = (next((hour for since, hour in hours.get(one, ()) if since <= day), "") for one in bakers)
    return max((hour for hour in found if hour), default="12:00")


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
