"""Grocery: the shelf and its stock, dates, goods by weight, and local producers who deposit their goods.

For customers without a grocery; the partners are suppliers (bought and resold) and producers on a dated
contract (their money, or sold in our own name). Products of the grocery row are listed with the service
code by `list_shelf`. One use is one ticket with grocery, however full the basket (services.md B.6, C.2).

Where to look: `dates` is what is left by date, `labels` reads the scale's labels, `desk` lists the acts.
"""

import sqlite3
from collections.abc import Iterable
from typing import Any

from pos.engines import consignment, stock
from pos.engines import consignment_tables as consigned
from pos.engines.labels import clean
from pos.errors import Refusal
from pos.feature import Feature, Notice, ScanHit, ServiceCode, Use, uses_of_lines
from pos.i18n import N_, _, ngettext
from pos.services.grocery import dates, desk, events, indicators, labels, reading, shelf, tables
from pos.services.grocery.refusals import NoArticleOfLabel
from pos.services.grocery.tables import GROCERY, OWNER
from pos.till.events import SaleCompleted, SaleRefunded

HOME = "/grocery"


def _of_sale(sale: SaleCompleted) -> Iterable[Use]:
    return uses_of_lines(sale, GROCERY)


def _of_refund(refund: SaleRefunded) -> Iterable[Use]:
    return [Use(GROCERY, refund.visit, -1)] if GROCERY in refund.cancels else []


def _expired(conn: sqlite3.Connection, day: str) -> list[Notice]:
    n = len({one.product for one in dates.all_expired(conn, day[:10])})
    text = ngettext("Grocery: %(n)s article past its use-by date", "Grocery: %(n)s articles past their use-by date", n)
    return [Notice(text, f"{HOME}/dates", grave=True)] if n else []


def _todo(conn: sqlite3.Connection, day: str) -> list[Notice]:
    out = _expired(conn, day)
    near = len({one.product for one in dates.to_mark_down(conn, day)})
    if near:
        out.append(
            Notice(
                ngettext("Grocery: %(n)s article to mark down", "Grocery: %(n)s articles to mark down", near),
                f"{HOME}/dates",
            )
        )
    low = sum(len(rows) for rows in reading.to_order(conn).values())
    if low:
        out.append(
            Notice(
                ngettext("Grocery: %(n)s article to order", "Grocery: %(n)s articles to order", low), f"{HOME}/orders"
            )
        )
    return [*out, *_statements(conn, day)]


def _statements(conn: sqlite3.Connection, day: str) -> list[Notice]:
    """A producer's month that is over waits for its statement."""
    before = f"{day[:7]}-00"
    late = [
        row["producer"]
        for row in reading.producers(conn)
        if consigned.not_stated(conn, f"{OWNER}{row['producer']}", before)
    ]
    return [
        Notice(
            _("%(producer)s: last month’s statement can be closed", producer=reading.producer_name(conn, one)),
            f"{HOME}/producer/{one}",
        )
        for one in late
    ]


def _badge(conn: sqlite3.Connection, day: str) -> str:
    n = sum(len(rows) for rows in reading.to_order(conn).values())
    return ngettext("%(n)s to order", "%(n)s to order", n) if n else ""


def _scan(conn: sqlite3.Connection, day: str, code: str) -> ScanHit | None:
    """Find the article of a scale's label: it goes on the bill with its weight or price."""
    label = labels.read(code, reading.patterns(conn, day))
    if label is None or not reading.by_plu(conn, label.item):
        return None

    def on_bill(store: Any, tab_id: str, *, by: str, attempt: str) -> str:
        line = shelf.add_label(store, code, tab_id=tab_id, by=by, attempt=attempt).lines[-1]
        return _("%(label)s added", label=line.label)

    return ScanHit(url=f"{HOME}/label/{clean(code)}", on_bill=on_bill)


def _unknown(conn: sqlite3.Connection, day: str, code: str) -> Refusal | None:
    """Say which number of the scale is nobody's."""
    label = labels.read(code, reading.patterns(conn, day))
    return NoArticleOfLabel(plu=label.item.lstrip("0") or "0") if label is not None else None


def _owners(conn: sqlite3.Connection) -> dict[str, str]:
    """Name the producers whose money is kept; one whose name this box never learnt is said by its kind."""
    codes = [row["producer"] for row in reading.producers(conn)]
    return {f"{OWNER}{code}": name for code in codes if (name := reading.producer_known(conn, code))}


def _figures(conn: sqlite3.Connection, day: str) -> dict[str, Any]:
    """Return a day in figures: what is on hand, what runs low or out of date, producers, local money of the year."""
    suppliers, spend = reading.local(conn, day[:4])
    sold = reading.sales_of(conn, day, day)
    deposits = {
        product: held.on_sale
        for row in reading.producers(conn)
        for product, held in consigned.stock(conn, f"{OWNER}{row['producer']}").items()
    }
    return {
        "on_hand": {row["product"]: row["on_hand"] for row in stock.items(conn)}, "deposits": deposits,
        "tickets": sold["tickets"], "cents": sold["cents"], "expired": len(dates.all_expired(conn, day)),
        "to_mark_down": len(dates.to_mark_down(conn, day)), "to_order": sum(len(rows) for rows in reading.to_order(conn).values()),
        "owed": reading.owed(conn), "local_suppliers": suppliers, "local_spend": spend,
        "identity_faults": sum(fault.startswith(OWNER) for fault in consignment.identity_faults(conn)),
    }  # fmt: skip


SERVICE = Feature(
    slug="grocery",
    title=N_("Grocery"),
    events=events.EVENTS,
    projection=tables.PROJECTION,
    acts=desk.ACTS,
    services=(
        ServiceCode(
            GROCERY, N_("Grocery"), headline=False, alternatives=("grocery", "convenience_store", "supermarket", "hypermarket"), accent="grocery"
        ),
    ),
    uses={SaleCompleted: _of_sale, SaleRefunded: _of_refund},
    sale_rules=(dates.use_by_is_kept,),
    price=dates.price,
    day_open_checks=(_expired,),
    day_close_checks=(_expired,),
    todo=(_todo,),
    owners=_owners,
    badge=_badge,
    scan=_scan,
    unknown=_unknown,
    figures=_figures,
    indicators=indicators.INDICATORS,
    tells=indicators.TELLS,
    icon="basket",
    home=HOME,
)  # fmt: skip
