"""Puts the network's lists in force: between two bills, once the day is closed, or at once when urgent.

One transaction each time: the entry that names the list comes first, then the prices it changes.
"""

import sqlite3
from collections.abc import Mapping
from typing import Any

import msgspec

from pos import drafts
from pos.clock import business_day
from pos.hq_keys import KeyList
from pos.store import Store, Writing
from pos.till import network, network_lists, offer, sell, set_menus, tables
from pos.till.events import ProductListed
from pos.till.network import ARTICLES, HQ_KEYS, IN_FORCE, NEWS, PRICES, READ, SOFTWARE, SWITCHES, TRIPS, WAITING
from pos.till.network_events import ConfigApplied, PriceTaken
from pos.till.network_lists import NONE, Catalogue, List, NewsList, PriceList, Software, Switches, TripList

# The list and the day up to which prices were brought to the menu.
_BROUGHT = "network.brought"
_SHAPES: Mapping[str, type[List]] = {
    NEWS: NewsList, PRICES: PriceList, SWITCHES: Switches, TRIPS: TripList, SOFTWARE: Software, HQ_KEYS: KeyList,
    ARTICLES: Catalogue,
}  # fmt: skip
CHANNELS = frozenset(_SHAPES)


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A list that came, and waits for its moment."""

    channel: str
    n: int
    sha256: str
    serial: int
    text: str
    urgent: bool = False


def readable(channel: str, text: str) -> None:
    """Raise ListUnreadable when a list is not what this release understands."""
    network_lists.read(text, _SHAPES[channel])


def held(conn: sqlite3.Connection) -> dict[str, str]:
    """Return the hash of each list held, in force or waiting."""
    found = {
        row["channel"]: row["sha256"]
        for row in conn.execute("SELECT channel, sha256 FROM network_applied")
        if drafts.get(conn, IN_FORCE + row["channel"], "")
    }
    return found | {one["channel"]: one["sha256"] for one in drafts.get(conn, WAITING, {}).values()}


def keep_waiting(tx: Writing, listed: list[Listed], named: Mapping[str, str]) -> None:
    """Keep lists that came until their moment; one that waits and is no longer `named` (channel to hash) is dropped."""
    waiting: dict[str, Any] = drafts.get(tx.conn, WAITING, {})
    waiting = {channel: one for channel, one in waiting.items() if named.get(channel) == one["sha256"]}
    waiting |= {one.channel: msgspec.to_builtins(one) for one in listed}
    drafts.put(tx.conn, WAITING, waiting)


def due(store: Store) -> bool:
    """Tell whether a list waits for its moment, or a price for its day."""
    with store.reading() as conn:
        if drafts.get(conn, WAITING, {}):
            return True
        return bool(drafts.get(conn, IN_FORCE + PRICES, "")) and drafts.get(conn, _BROUGHT) != _mark(
            conn, business_day(store.clock.now_ms())
        )


def _mark(conn: sqlite3.Connection, day: str) -> list[str]:
    row = conn.execute("SELECT sha256 FROM network_applied WHERE channel = ?", (PRICES,)).fetchone()
    return [row[0] if row else "", day]


def apply_waiting(store: Store, *, by: str = "hq") -> list[str]:
    """Put in force what may be now; return the channels that changed. Never inside an open bill."""
    with store.writing(by=by) as tx:
        if any(tab.lines or tab.payments for tab in sell.open_tabs(tx.conn)):
            return []
        closed = tables.open_day(tx.conn) is None
        waiting: dict[str, Any] = drafts.get(tx.conn, WAITING, {})
        now = [msgspec.convert(one, Listed) for one in waiting.values() if closed or one.get("urgent")]
        tx.trust_clock()
        for one in sorted(now, key=lambda listed: listed.channel):
            _apply(tx, one)
        if now:
            drafts.put(tx.conn, WAITING, {c: one for c, one in waiting.items() if c not in {o.channel for o in now}})
        if closed or any(one.channel == PRICES for one in now):
            bring_prices(tx)
        return sorted(one.channel for one in now)


def _apply(tx: Writing, one: Listed) -> None:
    row = tx.conn.execute("SELECT n, sha256 FROM network_applied WHERE channel = ?", (one.channel,)).fetchone()
    if row is None or (row["n"], row["sha256"]) != (one.n, one.sha256):
        # A list that only came back, lost with the working state, is in force already.
        tx.record(ConfigApplied(channel=one.channel, n=one.n, sha256=one.sha256, serial=one.serial))
    drafts.put(tx.conn, IN_FORCE + one.channel, one.text)
    if one.channel == SWITCHES:
        offer.switch(tx, network_lists.read(one.text, Switches).services)


def bring_prices(tx: Writing) -> int:
    """Give products of the menu the network's prices of today, those set aside excepted; return how many changed."""
    mark = _mark(tx.conn, tx.today)
    if not drafts.get(tx.conn, IN_FORCE + PRICES, "") or drafts.get(tx.conn, _BROUGHT) == mark:
        return 0
    changed = 0
    for line in network.lines(tx.conn, tx.today):
        if line.aside is None and line.offer.price not in (NONE, line.product["price"]):
            changed += _reprice(tx, line.product, line.offer.price)
    drafts.put(tx.conn, _BROUGHT, mark)
    return changed


def _reprice(tx: Writing, row: sqlite3.Row, price: int) -> bool:
    if set_menus.components(tx.conn, row["product"]):
        # A set menu is the café's own composition.
        return False
    fields = {f.name: row[f.name] for f in msgspec.structs.fields(ProductListed) if f.name in row.keys()}  # noqa: SIM118
    fields |= {"takeaway": bool(row["takeaway"]), "open_price": bool(row["open_price"])}
    listed = ProductListed(**fields)
    tx.record(msgspec.structs.replace(listed, price=price, was_price=row["price"], was_vat_class=row["vat_class"]))
    return True


def take_network_price(store: Store, product: str, *, by: str, attempt: str = "") -> int:
    """Take the network's price again, or come down to its ceiling; return the price. Raises NoNetworkPrice."""
    with store.writing(by=by, attempt=attempt) as tx:
        line = network.line_of(tx.conn, product, tx.today)
        if line is None:
            raise network.NoNetworkPrice
        price = line.offer.price if line.offer.price != NONE else min(line.product["price"], line.offer.ceiling)
        if price != line.product["price"]:
            _reprice(tx, line.product, price)
        if line.aside is not None:
            tx.record(PriceTaken(product=product, price=price))
        return int(price)


def mark_read(store: Store, *, by: str) -> None:
    """Remember that the news of today were opened."""
    today = business_day(store.clock.now_ms())
    with store.writing(by=by) as tx:
        shown = [one.id for one in network.news(tx.conn, today)]
        if set(shown) - set(drafts.get(tx.conn, READ, [])):
            drafts.put(tx.conn, READ, shown)
