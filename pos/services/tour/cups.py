"""Cups lent against a deposit: out with a drink or for cash, back for cash, kept when the stop ends.

Always: deposits held = price × (cups out − back − kept). A deposit is a third party's money
(`deposit:cups`); kept, it is turnover by a ticket of its own that the deposit itself pays, so no cash
moves twice. Outside VAT as the network counts it (services.md S4), to be confirmed by the accountant.
"""

import sqlite3
from typing import Any

from pos.i18n import N_, _
from pos.ids import new_id
from pos.money import format_euros
from pos.services.tour import events as ev
from pos.services.tour import refusals as no
from pos.services.tour import tables
from pos.services.tour.tables import CUP, CUP_KEPT, CUPS_MEANS, CUPS_OWNER
from pos.store import Store, Writing
from pos.till import cash, catalogue, sell
from pos.till import tables as till
from pos.till.events import ProductListed, ProductRetired, SaleCompleted, SaleLine
from pos.till.tab import Tab, TabPayment

_LABELS = {CUP: N_("Cup (deposit)"), CUP_KEPT: N_("Cups not brought back")}


def list_on_menu(tx: Writing, price: int, kept_vat: str) -> None:
    """Put the cup among the favourites at its deposit, and the kept one aside with its VAT; take both off at 0."""
    kept = "own" if kept_vat else "deposit_kept"
    for place, (product, role, owner) in enumerate(((CUP, "agent_disclosed", CUPS_OWNER), (CUP_KEPT, kept, ""))):
        row = till.product(tx.conn, product)
        if not price:
            if row is not None and not row["retired"]:
                tx.record(ProductRetired(product=product))
        elif row is None or row["retired"] or (row["price"], row["role"]) != (price, role):
            catalogue.put_on_menu(
                tx,
                ProductListed(
                    product=product, label=_(_LABELS[product]), category="tour", price=price, vat_class=kept_vat or "service",
                    nature="third_party" if owner else "goods", role=role, owner=owner, icon="glass",
                    favourite=0 if place else 1,
                ),
            )  # fmt: skip


def lend_cups(store: Store, *, n: int = 1, by: str, attempt: str = "") -> int:
    """Lend cups: their deposit goes in the drawer at once; on a bill they are an article like another. Return the cents.

    Raises NoCups, NoOpenStop, NotThatManyCups, DayNotOpen.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        price = _price(tx, n)
        _move(tx, n, price)
        return n * price


def take_back_cups(store: Store, *, n: int = 1, by: str, attempt: str = "") -> int:
    """Take cups back and give their deposits out of the drawer; return the cents.

    Raises NoCups, NoOpenStop, NotThatManyCups, DrawerTooLow, DayNotOpen.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        price = _price(tx, n)
        held = tables.cups_held(tx.conn)
        if n > held:
            raise no.NotThatManyCups(there=held)
        _move(tx, -n, price)
        return n * price


def _price(tx: Writing, n: int) -> int:
    price = tables.cup_price(tx.conn)
    if not price:
        raise no.NoCups
    if n < 1:
        raise no.NotThatManyCups(there=tables.cups_held(tx.conn))
    if tables.itinerant(tx.conn, tx.today) and tables.open_stop(tx.conn) is None:
        raise no.NoOpenStop
    return price


def _move(tx: Writing, n: int, price: int) -> None:
    stop = tables.open_stop(tx.conn)
    moved = cash.third_party_move(tx, CUPS_OWNER, n * price, reason="deposit")
    tx.record(ev.CupsMoved(stop=stop["stop"] if stop is not None else "", n=n, amount=n * price, day=moved.day))


def keep(tx: Writing, stop: sqlite3.Row) -> int:
    """Turn every deposit still held into turnover of `stop`; return the cents."""
    held, price = tables.cups_held(tx.conn), tables.cup_price(tx.conn)
    if held <= 0:
        return 0
    tab = Tab(tab_id=new_id(tx.now), opened_at=tx.now, visit=new_id(tx.now), happened_at=stop["closed_at"])
    sell.put_product(tx, tab, CUP_KEPT, quantity=held * 1000, unit_price=price)
    # No customer stands at the counter: no rule of service applies.
    paid = TabPayment(means=CUPS_MEANS, amount=held * price, before=False, owner=CUPS_OWNER)
    sell.complete(tx, tab, paid, served=False)
    return held * price


# Rules


def lines_fit(conn: sqlite3.Connection, day: str, tab: Tab) -> None:
    """Refuse a cup lent at another price, and a kept one that no stop noted (`Feature.sale_rules`)."""
    price = tables.cup_price(conn)
    for line in tab.lines:
        lent = line.product == CUP and (line.gross != line.quantity // 1000 * price or line.quantity % 1000)
        if lent or line.product == CUP_KEPT:
            raise no.CupLineWrong(price=format_euros(price))


def may_go_back(conn: sqlite3.Connection, day: str, sale: SaleCompleted, lines: list[SaleLine], payments: Any) -> None:
    """Refuse to give back more deposits than are held, or a kept one in money (`Feature.refund_rules`)."""
    back = -sum(line.quantity for line in lines if line.product == CUP)
    held = tables.cups_held(conn)
    if back > held * 1000 or back % 1000:
        raise no.NotThatManyCups(there=held)
    kept = any(line.product == CUP_KEPT for line in lines)
    if kept and (
        any(p.means != CUPS_MEANS for p in payments)
        or sum(line.quantity for line in lines) % 1000
        or abs(lines[0].unit_price) != tables.cup_price(conn)
    ):
        raise no.CupsAreNoMeans


def no_means(conn: sqlite3.Connection, day: str, tab: Any, amount: int, ref: str) -> str:
    """Refuse to pay an ordinary bill with deposits (`Feature.means`)."""
    raise no.CupsAreNoMeans
