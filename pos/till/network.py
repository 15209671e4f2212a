"""What the network says of prices, and what the café does about it (ZJP/1 §2.11); its news.

Lists themselves are working state: HQ sends them again. Which list was in force when, and prices kept against
it, are entries.
"""

import sqlite3
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pos import drafts
from pos.errors import Refusal
from pos.feature import Notice
from pos.i18n import N_, ngettext
from pos.journal import Envelope
from pos.money import format_euros
from pos.projections import Projection
from pos.till import menu_tables, network_lists
from pos.till.menu_events import ProductListed
from pos.till.network_events import ConfigApplied, HqKeyFollowed, PriceSetAside, PriceTaken
from pos.till.network_lists import NONE, Catalogue, News, NewsList, Price, PriceList, Product, Trip, TripList

NEWS, PRICES, SWITCHES, TRIPS, SOFTWARE = "announce", "prices", "config", "alternatives", "software"
HQ_KEYS, ARTICLES = "hqkeys", "catalogue"
# Names of drafts: each list in force, what waits to be, which news were read here.
IN_FORCE, WAITING, READ = "network:", "network.waiting", "network.read"
HOME = "/network/"

# What each channel brings, in the order people read it.
CHANNEL_NAMES = {
    NEWS: N_("News"), ARTICLES: N_("Articles of the network"), PRICES: N_("Prices and ceilings"), SWITCHES: N_("Services counted by HQ"),
    TRIPS: N_("Distances spared"), SOFTWARE: N_("Version of the till"), HQ_KEYS: N_("Keys of HQ"),
}  # fmt: skip
# Why a price stands above a ceiling: a word of this list, never free text.
REASONS = {
    "supplier": N_("Bought dearer than the network’s price"), "other": N_("Another product or another size"),
    "agreed": N_("Agreed with the coordinator"), "place": N_("A special evening or place"),
}  # fmt: skip

SCHEMA = """
CREATE TABLE network_applied (
  channel TEXT PRIMARY KEY, n INTEGER NOT NULL, sha256 TEXT NOT NULL, serial INTEGER NOT NULL, t INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE network_aside (
  product TEXT PRIMARY KEY, reason TEXT NOT NULL, op TEXT NOT NULL, t INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE network_hq_key (
  old TEXT PRIMARY KEY, key TEXT NOT NULL, n INTEGER NOT NULL, t INTEGER NOT NULL
) STRICT, WITHOUT ROWID
"""


class AboveCeiling(Refusal):
    """A price above what the contracts of the network allow."""

    sentence = N_("The network’s ceiling for %(label)s is %(ceiling)s: %(price)s is above it.")
    remedy = N_("Lower the price, or say on its card why it is higher: your coordinator sees it.")


class NoNetworkPrice(Refusal):
    """The network says nothing of this product."""

    sentence = N_("The network has no price for this product.")
    remedy = N_("Its price is yours alone.")


def _applied(conn: sqlite3.Connection, entry: Envelope, e: ConfigApplied) -> None:
    conn.execute(
        "INSERT OR REPLACE INTO network_applied (channel, n, sha256, serial, t) VALUES (?, ?, ?, ?, ?)",
        (e.channel, e.n, e.sha256, e.serial, entry.t),
    )


def _aside(conn: sqlite3.Connection, entry: Envelope, e: PriceSetAside) -> None:
    conn.execute(
        "INSERT OR REPLACE INTO network_aside (product, reason, op, t) VALUES (?, ?, ?, ?)",
        (e.product, e.reason, entry.op, entry.t),
    )


def _taken(conn: sqlite3.Connection, entry: Envelope, e: PriceTaken) -> None:
    conn.execute("DELETE FROM network_aside WHERE product = ?", (e.product,))


def _key(conn: sqlite3.Connection, entry: Envelope, e: HqKeyFollowed) -> None:
    # The first successor of a key is the one that counts.
    conn.execute(
        "INSERT OR IGNORE INTO network_hq_key (old, key, n, t) VALUES (?, ?, ?, ?)", (e.old, e.key, e.n, entry.t)
    )


PROJECTION = Projection("network", SCHEMA, {
    ConfigApplied: _applied, PriceSetAside: _aside, PriceTaken: _taken, HqKeyFollowed: _key,
})  # fmt: skip


# Prices


@dataclass(frozen=True, slots=True)
class Offer:
    """What the network says of a product on a day."""

    label: str
    price: int
    ceiling: int


@dataclass(frozen=True, slots=True)
class Line:
    """A product of the menu that the network has a word on."""

    product: sqlite3.Row
    offer: Offer
    # Who keeps another price, why, since when; None: the network's is in force, or there is a ceiling only.
    aside: sqlite3.Row | None

    @property
    def above(self) -> bool:
        """Whether the price is above the ceiling."""
        return NONE < self.offer.ceiling < int(self.product["price"])

    @property
    def differs(self) -> bool:
        """Whether one tap would change the price."""
        return self.above or self.offer.price not in (NONE, int(self.product["price"]))


@lru_cache(maxsize=2)
def _index(text: str) -> dict[str, list[Price]]:
    found: dict[str, list[Price]] = {}
    for one in sorted(network_lists.read(text, PriceList).prices, key=lambda price: price.first):
        found.setdefault(one.ref, []).append(one)
    return found


def prices(conn: sqlite3.Connection) -> dict[str, list[Price]]:
    """Return the price list in force by reference, oldest day first."""
    text = drafts.get(conn, IN_FORCE + PRICES, "")
    return _index(text) if text else {}


def priced(conn: sqlite3.Connection) -> bool:
    """Tell whether a price list is in force here: without one, nothing can be said of the café's prices."""
    return bool(drafts.get(conn, IN_FORCE + PRICES, ""))


def offer_in(listed: dict[str, list[Price]], product: str, ean: str, day: str) -> Offer | None:
    """Return what a list says of a product on a day: by its barcode, else by its code."""
    said = (listed.get(ean) if ean else None) or listed.get(product) or []
    now = [one for one in said if one.first <= day[:10]][-1:]
    if not now or now[0].price == now[0].ceiling == NONE:
        return None
    return Offer(now[0].label, now[0].price, now[0].ceiling)


def may_have_offer(row: Any) -> bool:
    """Tell whether the network may price a product: the café's own, with a price."""
    return row["role"] == "own" and not row["open_price"] and not row["retired"]


def lines(conn: sqlite3.Connection, day: str) -> list[Line]:
    """Return the products of the menu that the network has a word on, those that differ first."""
    listed = prices(conn)
    if not listed:
        return []
    kept = {row["product"]: row for row in conn.execute("SELECT * FROM network_aside")}
    found = []
    for row in menu_tables.products(conn):
        offer = offer_in(listed, row["product"], row["ean"], day) if may_have_offer(row) else None
        if offer is not None:
            found.append(Line(row, offer, kept.get(row["product"])))
    return sorted(found, key=lambda line: (not line.differs, line.product["label"]))


def line_of(conn: sqlite3.Connection, product: str, day: str) -> Line | None:
    """Return what the network says of one product of the menu."""
    row = menu_tables.product(conn, product)
    offer = offer_in(prices(conn), product, row["ean"], day) if row is not None and may_have_offer(row) else None
    if row is None or offer is None:
        return None
    return Line(row, offer, conn.execute("SELECT * FROM network_aside WHERE product = ?", (product,)).fetchone())


def check_typed(conn: sqlite3.Connection, row: sqlite3.Row, cents: int, day: str) -> None:
    """A price typed for one line stays under the ceiling, or under the price the café keeps above it. Raises AboveCeiling.

    What the menu itself costs is never refused: a contract is talked about, a customer is served.
    """
    offer = offer_in(prices(conn), row["product"], row["ean"], day) if may_have_offer(row) else None
    if offer is not None and NONE < offer.ceiling < cents and cents > row["price"]:
        raise AboveCeiling(label=row["label"], ceiling=format_euros(offer.ceiling), price=format_euros(cents))


def judge(
    conn: sqlite3.Connection, product: ProductListed, old: sqlite3.Row | None, reason: str, day: str
) -> PriceSetAside | PriceTaken | None:
    """Return what a price typed here means against the network's, to be recorded with it. Raises AboveCeiling."""
    if product.role != "own" or product.open_price:
        return None
    offer = offer_in(prices(conn), product.product, product.ean, day)
    if offer is None:
        return None
    aside = conn.execute("SELECT 1 FROM network_aside WHERE product = ?", (product.product,)).fetchone()
    above = NONE < offer.ceiling < product.price
    if not above and offer.price in (NONE, product.price):
        return PriceTaken(product=product.product, price=product.price) if aside else None
    if old is not None and not old["retired"] and old["price"] == product.price and (aside or not reason):
        # Something else of its card changed.
        return None
    if above and reason not in REASONS:
        raise AboveCeiling(label=product.label, ceiling=format_euros(offer.ceiling), price=format_euros(product.price))
    return PriceSetAside(
        product=product.product, price=product.price, network=offer.price, ceiling=offer.ceiling,
        reason=reason if above else "",
    )  # fmt: skip


# The other lists


def held(conn: sqlite3.Connection, channel: str, shape: type[network_lists.T]) -> network_lists.T | None:
    """Return the list in force of a channel, or None while there is none."""
    text = drafts.get(conn, IN_FORCE + channel, "")
    return network_lists.read(text, shape) if text else None


def trips(conn: sqlite3.Connection, day: str) -> list[Trip]:
    """Return the distances in force on a day, by service; what is to come, and what ended, is left out."""
    listed = held(conn, TRIPS, TripList)
    found = (
        {one.service: one for one in sorted(listed.trips, key=lambda trip: trip.first) if one.first <= day[:10]}
        if listed
        else {}
    )
    return [one for _code, one in sorted(found.items()) if one.metres != NONE]


def articles(conn: sqlite3.Connection) -> dict[str, Product]:
    """Return the network's catalogue by barcode."""
    listed = held(conn, ARTICLES, Catalogue)
    return {one.ref: one for one in listed.products} if listed else {}


@dataclass(frozen=True, slots=True)
class Sent:
    """A list of the network as the café has it: its number in force and since when, or the one that waits."""

    channel: str
    n: int
    t: int
    # The number of the list that waits for the closing; 0: none does.
    waits: int = 0


def sent(conn: sqlite3.Connection) -> list[Sent]:
    """Return what the network sent, channel by channel."""
    rows = {row["channel"]: row for row in conn.execute("SELECT channel, n, t FROM network_applied")}
    waiting: dict[str, Any] = drafts.get(conn, WAITING, {})
    return [
        Sent(channel, rows[channel]["n"] if channel in rows else 0, rows[channel]["t"] if channel in rows else 0,
             waiting.get(channel, {}).get("n", 0))
        for channel in CHANNEL_NAMES if channel in rows or channel in waiting
    ]  # fmt: skip


# News


def news(conn: sqlite3.Connection, day: str) -> list[News]:
    """Return the announcements to be shown on a day: urgent ones first, then the latest."""
    text = drafts.get(conn, IN_FORCE + NEWS, "")
    listed = network_lists.read(text, NewsList).news if text else []
    shown = [one for one in listed if one.first <= day[:10] and (not one.last or day[:10] <= one.last)]
    latest = sorted(shown, key=lambda one: (one.first, one.id), reverse=True)
    return sorted(latest, key=lambda one: not one.urgent)


def unread(conn: sqlite3.Connection, day: str) -> list[News]:
    """Return the announcements nobody opened here."""
    read = set(drafts.get(conn, READ, []))
    return [one for one in news(conn, day) if one.id not in read]


def notices(conn: sqlite3.Connection, day: str) -> list[Notice]:
    """Say what of the network waits for somebody: news to read, prices above a ceiling."""
    waiting = unread(conn, day)
    told = []
    if waiting:
        text = ngettext("%(n)s piece of news to read", "%(n)s pieces of news to read", len(waiting))
        told.append(Notice(text, HOME, grave=any(one.urgent for one in waiting)))
    over = [line for line in lines(conn, day) if line.above and line.aside is None]
    if over:
        text = ngettext(
            "%(n)s price above the network’s ceiling", "%(n)s prices above the network’s ceiling", len(over)
        )
        told.append(Notice(text, f"{HOME}prices"))
    return told
