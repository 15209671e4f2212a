"""La Poste's price list, dated: what this release knows, then what the café typed from the official list.

A row without price is asked at each sale: the release states no price that it has no source for.
"""

import csv
import sqlite3
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pos.money import parse_euros

LIST = Path(__file__).parent / "prices.csv"
CATEGORY, OWNER = "poste", "laposte"
# A line's service says whether it is goods taken away or mail handed in; both are uses of `post`.
STAMP, POST = "post_stamp", "post"


@dataclass(frozen=True, slots=True)
class Price:
    """One row of the list; `price` 0 is asked at each sale."""

    product: str
    label: str
    price: int
    valid_from: str
    goods: bool

    @property
    def service(self) -> str:
        """The code its lines bear in the journal."""
        return STAMP if self.goods else POST


@cache
def shipped() -> tuple[Price, ...]:
    """Return the rows that come with this release, in the order of the tiles."""
    with LIST.open(encoding="utf-8", newline="") as file:
        return tuple(
            Price(
                row["product"],
                row["label"],
                parse_euros(row["price"]) if row["price"] else 0,
                row["valid_from"],
                row["goods"] == "oui",
            )
            for row in csv.DictReader(file, delimiter=";")
        )


def in_force(conn: sqlite3.Connection, day: str) -> list[Price]:
    """Return the list on a day: of each product the latest row, the café's own before ours of the same day."""
    latest: dict[str, Price] = {}
    typed = conn.execute(
        "SELECT product, label, price, valid_from, goods FROM post_price WHERE valid_from <= ? ORDER BY valid_from, seq",
        (day[:10],),
    )
    own = [Price(r["product"], r["label"], r["price"], r["valid_from"], bool(r["goods"])) for r in typed]
    for row in [*(p for p in shipped() if p.valid_from <= day[:10]), *own]:
        if row.product not in latest or row.valid_from >= latest[row.product].valid_from:
            latest[row.product] = row
    return list(latest.values())


def stale(conn: sqlite3.Connection, day: str) -> list[Price]:
    """Return the rows in force that the menu does not follow yet."""
    listed = {
        row["product"]: (row["label"], row["price"], row["service"], row["owner"])
        for row in conn.execute("SELECT product, label, price, service, owner FROM till_product WHERE retired = 0")
    }
    return [p for p in in_force(conn, day) if listed.get(p.product) != (p.label, p.price, p.service, OWNER)]
