"""The menu, the café and who serves, as the journal tells them; readers are found in `pos.till.tables` too."""

import sqlite3
from collections.abc import Mapping
from typing import Any

import msgspec

from pos.events import Event
from pos.journal import Envelope
from pos.projections import Teller
from pos.till import menu_events as ev

Conn = sqlite3.Connection


def _category_listed(conn: Conn, entry: Envelope, e: ev.CategoryListed) -> None:
    conn.execute(
        "INSERT OR REPLACE INTO till_category (category, label, accent, icon, position) VALUES (?, ?, ?, ?, ?)",
        (e.category, e.label, e.accent, e.icon, e.position),
    )


_PRODUCT = """INSERT OR REPLACE INTO till_product (product, label, category, price, vat_class, ean, favourite, position,
unit, takeaway, open_price, role, owner, service, nature, min_age, icon) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""


def _product_listed(conn: Conn, entry: Envelope, e: ev.ProductListed) -> None:
    conn.execute(
        _PRODUCT,
        (e.product, e.label, e.category, e.price, e.vat_class, e.ean, e.favourite, e.position, e.unit, int(e.takeaway),
         int(e.open_price), e.role, e.owner, e.service, e.nature, e.min_age, e.icon),
    )  # fmt: skip


def _product_retired(conn: Conn, entry: Envelope, e: ev.ProductRetired) -> None:
    conn.execute("UPDATE till_product SET retired = 1 WHERE product = ?", (e.product,))


def _ran_out(conn: Conn, entry: Envelope, e: ev.ProductRanOut) -> None:
    conn.execute("UPDATE till_product SET ran_out = ? WHERE product = ?", (int(e.out), e.product))


def _operator_added(conn: Conn, entry: Envelope, e: ev.OperatorAdded) -> None:
    conn.execute("INSERT OR REPLACE INTO till_operator (op, role) VALUES (?, ?)", (e.op, e.role))


def _operator_removed(conn: Conn, entry: Envelope, e: ev.OperatorRemoved) -> None:
    conn.execute("UPDATE till_operator SET active = 0 WHERE op = ?", (e.op,))


def _cafe_described(conn: Conn, entry: Envelope, e: ev.CafeDescribed) -> None:
    body = bytes(entry.data).decode()
    conn.execute("INSERT INTO till_cafe (valid_from, seq, body) VALUES (?, ?, ?)", (e.valid_from, entry.seq, body))
    # The café has chosen with what HQ switched on before its eyes.
    conn.execute("UPDATE till_switch SET added = ''")


def _switched(conn: Conn, entry: Envelope, e: ev.ServicesSwitched) -> None:
    row = conn.execute("SELECT codes, added FROM till_switch").fetchone()
    # What HQ says first is what the café began with; what it adds later comes to the counter by itself.
    added = (set(e.codes) - set(row[0].split())) | (set(row[1].split()) & set(e.codes)) if row else set()
    conn.execute(
        "INSERT OR REPLACE INTO till_switch (one, codes, added) VALUES (1, ?, ?)",
        (" ".join(e.codes), " ".join(sorted(added))),
    )


TELLERS: Mapping[type[Event], Teller] = {
    ev.CategoryListed: _category_listed, ev.ProductListed: _product_listed, ev.ProductRetired: _product_retired,
    ev.ProductRanOut: _ran_out, ev.OperatorAdded: _operator_added, ev.OperatorRemoved: _operator_removed,
    ev.CafeDescribed: _cafe_described, ev.ServicesSwitched: _switched,
}  # fmt: skip


# Readers


def categories(conn: Conn) -> list[sqlite3.Row]:
    """Return the rows of tiles, in order."""
    return conn.execute("SELECT * FROM till_category ORDER BY position, label").fetchall()


_PRODUCTS = """SELECT * FROM till_product WHERE retired <= ? AND (? = '' OR category = ?) AND (? = '' OR owner = ?)
AND (? = '' OR service = ?) AND (? = '' OR unit = ?) AND favourite >= ? ORDER BY category, position, label"""


def products(
    conn: Conn, *, retired: bool = False, category: str = "", owner: str = "", service: str = "", unit: str = "",
    favourite: bool = False,
) -> list[sqlite3.Row]:  # fmt: skip
    """Return products in the order of their tiles; tiles never move by themselves.

    A menu may hold thousands: say which are wanted rather than read them all.
    """
    return conn.execute(
        _PRODUCTS, (int(retired), category, category, owner, owner, service, service, unit, unit, int(favourite))
    ).fetchall()


def product(conn: Conn, product_id: str) -> sqlite3.Row | None:
    """Return a product."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM till_product WHERE product = ?", (product_id,)).fetchone()
    return row


def by_ean(conn: Conn, ean: str) -> sqlite3.Row | None:
    """Return the product on the menu that bears a barcode."""
    row: sqlite3.Row | None = conn.execute(
        "SELECT * FROM till_product WHERE ean = ? AND ean <> '' AND retired = 0", (ean,)
    ).fetchone()
    return row


def operators(conn: Conn) -> list[sqlite3.Row]:
    """Return who may serve."""
    return conn.execute("SELECT * FROM till_operator WHERE active = 1 ORDER BY op").fetchall()


def role_of(conn: Conn, op: str) -> str:
    """Return an operator's role, or an empty text."""
    row = conn.execute("SELECT role FROM till_operator WHERE op = ? AND active = 1", (op,)).fetchone()
    return str(row[0]) if row else ""


def cafe(conn: Conn, day: str = "9999-12-31") -> ev.CafeDescribed | None:
    """Return who the café is on `day` (R1: dated)."""
    row = conn.execute(
        "SELECT body FROM till_cafe WHERE valid_from <= ? ORDER BY valid_from DESC, seq DESC LIMIT 1", (day,)
    ).fetchone()
    return msgspec.json.decode(row[0], type=ev.CafeDescribed) if row else None


def as_dict(row: sqlite3.Row) -> dict[str, Any]:
    """Return a row as a dictionary, for JSON and CSV."""
    return dict(row)
