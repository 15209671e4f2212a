"""What the relay's screens show, read at once: the counter of La Poste, its side, stock, balance."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from pos import private
from pos.engines import consignment_tables as consigned
from pos.engines import counting, shelf
from pos.i18n import _
from pos.services.post import cash, instances, prices, reading, terms, words
from pos.services.post.tables import OWNER, POST
from pos.till import tables as till

Conn = sqlite3.Connection


@dataclass(frozen=True, slots=True)
class Tile:
    """A product of La Poste on the screen."""

    product: str
    label: str
    price: int
    goods: bool
    # Pieces left in thousandths, −1 where nothing is kept in stock.
    left: int


@dataclass(frozen=True, slots=True)
class Row:
    """An instance in the list at the right."""

    thing: str
    number: str
    place: str
    name: str
    sort: str
    due_on: str
    late: bool


def tiles(conn: Conn) -> list[Tile]:
    """Return what is sold for La Poste, in the order of its list."""
    held = consigned.stock(conn, OWNER)
    out = []
    for row in till.products(conn, owner=OWNER):
        if row["service"] in (POST, prices.STAMP):
            goods = row["service"] == prices.STAMP
            left = held[row["product"]].on_sale if goods and row["product"] in held else -1
            out.append(Tile(row["product"], row["label"], 0 if row["open_price"] else row["price"], goods, left))
    return out


def row(conn: Conn, thing: shelf.Thing, day: str) -> Row:
    """Return an instance as a line."""
    tail = reading.number_of(conn, thing.person)[-4:]
    name = private.name_of(conn, thing.person) or (f"…{tail}" if tail else "")
    return Row(
        thing.thing, thing.number, thing.place or "?", name or words.sort(thing.sort), words.sort(thing.sort),
        thing.due_on, thing.overdue(day),
    )  # fmt: skip


def side(conn: Conn, day: str) -> dict[str, Any]:
    """Return the day at the right of every screen."""
    came, _stamps = reading.visits(conn, day)
    waiting = reading.to_collect(conn)
    return {
        "visits": came + counting.total_of(conn, day, POST), "owed": reading.owed(conn), "day": day,
        "rows": [row(conn, thing, day) for thing in reading.instances(conn)][:40],
        "mail": waiting[:40], "pieces": sum(one.pieces for one in waiting), "collected_at": reading.last_collection(conn, day),
        "to_balance": reading.to_balance(conn, day), "sort": words.sort,
    }  # fmt: skip


def instance(conn: Conn, thing: shelf.Thing, day: str) -> dict[str, Any]:
    """Return one instance and what can be done with it."""
    return {
        "it": row(conn, thing, day), "due": words.long_day(thing.due_on), "number": reading.number_of(conn, thing.person), "here": thing.here,
        "kept_on": words.long_day(thing.kept_on), "moved_at": thing.moved_at, "state": thing.state,
        "proofs": [(code, _(word)) for code, word in instances.PROOFS.items()],
    }  # fmt: skip


def paying(conn: Conn, day: str, what: str) -> dict[str, Any]:
    """Return what may be paid out now."""
    agreed, opened = terms.in_force(conn, day), till.open_day(conn)
    held = till.drawer_expected(conn, opened["day"]) if opened else 0
    reserve = agreed.reserve if agreed else 0
    most = max(0, held - reserve)
    return {
        "agreed": agreed, "most": most, "reserve": reserve, "what": what,
        "done": [(one, words.operation(one["what"]), private.name_of(conn, one["person"])) for one in reading.operations_on(conn, day)],
    }  # fmt: skip


def balance(conn: Conn, day: str) -> dict[str, Any]:
    """Return the day's money as we have it, and how it was compared."""
    return {
        "money": reading.money(conn, day), "told": reading.balance_of(conn, day), "owed": reading.owed(conn),
        "reasons": [(code, _(word)) for code, word in cash.REASONS.items()], "to_balance": reading.to_balance(conn, day),
    }  # fmt: skip


def stock(conn: Conn) -> dict[str, Any]:
    """Return stamps and packaging: received, sold, left; the last statements."""
    held = consigned.stock(conn, OWNER)
    goods = [(tile, held.get(tile.product, consigned.Held())) for tile in tiles(conn) if tile.goods]
    return {"goods": goods, "statements": consigned.statements(conn, OWNER)[:6]}
