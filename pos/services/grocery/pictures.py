"""What the grocery screens show, read at once."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from pos import private
from pos.engines import consignment, stock
from pos.engines import consignment_tables as consigned
from pos.errors import Refusal
from pos.services.grocery import dates, reading, words
from pos.services.grocery.tables import OWNER
from pos.till import tables as till
from pos.till import uses

Conn = sqlite3.Connection


def labels(conn: Conn) -> dict[str, str]:
    """Return the name of every product."""
    return {row[0]: row[1] for row in conn.execute("SELECT product, label FROM till_product")}


def side(conn: Conn, day: str) -> dict[str, Any]:
    """Return the day at the right of every screen."""
    named = labels(conn)
    near = dates.due(conn, day)
    return {
        "uses": uses.of_day(conn, day).get("grocery", 0), "cents": reading.sales_of(conn, day, day)["cents"], "day": day,
        "local": reading.local(conn, day[:4])[1],
        "dates": [(one, named.get(one.product, one.product), one.date_kind == "dlc" and one.use_by < day) for one in near][:24],
        "low": [(row.label, row.on_hand) for rows in reading.to_order(conn).values() for row in rows][:24],
    }  # fmt: skip


def shelf_rows(conn: Conn) -> list[dict[str, Any]]:
    """Return followed articles with what is on hand."""
    return [{"row": row, "item": reading.item(conn, row["product"])} for row in stock.items(conn)]


def delivery_rows(conn: Conn, supplier: str, typed: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return a row per article that comes from a supplier, then the others of the grocery."""
    held = {row["product"]: row for row in stock.items(conn)}
    rows = []
    for row in reading.articles(conn):
        product, item = row["product"], reading.item(conn, row["product"])
        if row["owner"]:
            continue
        known = held.get(product)
        rows.append({
            "product": product, "label": row["label"], "dates": item.dates, "mine": known is not None and known["supplier"] == supplier,
            "quantity": typed.get(f"q:{product}", ""), "cost": typed.get(f"c:{product}", ""), "use_by": typed.get(f"d:{product}", ""),
            "last_cost": known["cost"] if known is not None else 0, "kind": item.dates.upper(),
            "lit": typed.get("lit") == product,
        })  # fmt: skip
    return sorted(rows, key=lambda one: (not one["lit"], not one["quantity"], not one["mine"], one["label"]))


def suppliers(conn: Conn) -> list[tuple[str, str, bool]]:
    """Return (id, name, local) of suppliers."""
    return [
        (row["supplier"], reading.supplier_name(conn, row["supplier"]), bool(row["local"]))
        for row in stock.suppliers(conn)
    ]


def nameless_suppliers(conn: Conn) -> list[tuple[str, str, bool]]:
    """Return (id, what is said instead, local) of the suppliers whose name this box never learnt."""
    return [one for one in suppliers(conn) if not private.name_of(conn, f"supplier-{one[0]}")]


def dated(conn: Conn, day: str) -> list[dict[str, Any]]:
    """Return what is past or near its date, with the markdown to propose: 30 % off."""
    out = []
    for one in dates.due(conn, day):
        row = till.product(conn, one.product)
        if row is not None:
            out.append({
                "one": one, "label": row["label"], "price": row["price"], "expired": one.date_kind == "dlc" and one.use_by < day,
                "marked": dates.markdown(conn, one.product), "proposed": (row["price"] * 7 + 5) // 10, "own": row["role"] == "own",
                "kind": words.date_kind(one.date_kind),
            })  # fmt: skip
    return out


def orders(conn: Conn) -> list[dict[str, Any]]:
    """Return what to order, by supplier."""
    return [
        {"supplier": supplier, "name": reading.supplier_name(conn, supplier) if supplier else "", "rows": rows}
        for supplier, rows in sorted(reading.to_order(conn).items())
    ]


def producers(conn: Conn) -> list[dict[str, Any]]:
    """Return every producer with what is owed."""
    owed = reading.owed(conn)
    return [
        {"row": row, "name": reading.producer_name(conn, row["producer"]), "owed": owed.get(row["producer"], 0),
         "articles": len(reading.products_of(conn, f"{OWNER}{row['producer']}"))}
        for row in reading.producers(conn)
    ]  # fmt: skip


def one_producer(conn: Conn, code: str, day: str) -> dict[str, Any]:
    """Return a producer: contract, goods, what the next statement would say, statements."""
    owner = f"{OWNER}{code}"
    held, named = consigned.stock(conn, owner), labels(conn)
    return {
        "code": code, "row": reading.producer(conn, code), "name": reading.producer_name(conn, code),
        "known": reading.producer_known(conn, code),
        "contract": consigned.contract(conn, owner, day), "owed": reading.owed(conn).get(code, 0),
        "goods": [(product, named.get(product, product), held.get(product, consigned.Held()), reading.item(conn, product)) for product in reading.products_of(conn, owner)],
        "draft": _draft(conn, owner, day), "statements": reading.statements(conn, owner),
        "unpaid": sum(row["due"] for row in reading.unpaid(conn, owner)),
    }  # fmt: skip


def _draft(conn: Conn, owner: str, day: str) -> Any:
    try:
        return consignment.draft_statement(conn, owner, day, consigned.last_seq(conn, owner))
    except Refusal:
        return None
