"""Set menus (*formules*): one price, several dishes and drinks, each at its own rate (R80).

The price is shared in proportion to what each part costs alone, and those prices are kept in the sale: the
key that an inspector asks for. Loading a menu's part at 10 % to shrink the one at 20 % is not possible here.
"""

import sqlite3

from pos.journal import Envelope
from pos.projections import Projection
from pos.till import refusals as no
from pos.till import tables
from pos.till.menu_events import ProductListed
from pos.till.tab import MenuPart

SCHEMA = """
CREATE TABLE till_menu_part (
  product TEXT NOT NULL, place INTEGER NOT NULL, part TEXT NOT NULL, PRIMARY KEY (product, place)
) STRICT, WITHOUT ROWID
"""


def _listed(conn: sqlite3.Connection, entry: Envelope, e: ProductListed) -> None:
    conn.execute("DELETE FROM till_menu_part WHERE product = ?", (e.product,))
    conn.executemany(
        "INSERT INTO till_menu_part (product, place, part) VALUES (?, ?, ?)",
        [(e.product, place, part) for place, part in enumerate(e.components)],
    )


PROJECTION = Projection("set_menus", SCHEMA, {ProductListed: _listed})


def components(conn: sqlite3.Connection, product: str) -> list[str]:
    """Return the products a set menu is made of; empty for a product that is none."""
    rows = conn.execute("SELECT part FROM till_menu_part WHERE product = ? ORDER BY place", (product,))
    return [row[0] for row in rows]


def parts_of(conn: sqlite3.Connection, product: str) -> list[MenuPart]:
    """Return a set menu's parts as they cost alone today."""
    found = [tables.product(conn, part) for part in components(conn, product)]
    return [
        MenuPart(product=row["product"], label=row["label"], price=row["price"], vat_class=row["vat_class"])
        for row in found
        if row is not None
    ]


def check_components(conn: sqlite3.Connection, product: ProductListed) -> None:
    """Raise BadMenu unless a set menu is made of at least two plain products of the café, each with its price."""
    if not product.components:
        return
    parts = [tables.product(conn, part) for part in product.components]
    plain = all(
        row is not None and row["role"] == "own" and row["price"] > 0 and not row["open_price"]
        and not components(conn, row["product"]) and row["product"] != product.product
        for row in parts
    )  # fmt: skip
    if len(parts) < 2 or not plain or product.role != "own" or product.open_price or product.unit != "piece":
        raise no.BadMenu(label=product.label)
