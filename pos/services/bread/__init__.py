"""Bread depot (*dépôt de pain*): a village baker's bread, ordered, set aside, sold, returned, accounted for.

For customers without a bakery; the partner is a baker of a neighbouring village, on a dated contract:
bought and resold (`own`), or sold in the baker's name (`on_behalf`: out of turnover). Bread itself is
ordinary products of the menu. One use is one ticket with bread, or one paid bag handed over, however
many loaves (services.md B.1, C.2).
"""

import sqlite3
from collections.abc import Iterable
from typing import Any

from pos.engines import consignment
from pos.engines.consignment_events import GoodsReceived, StatementClosed
from pos.feature import Feature, Figure, Indicator, Notice, ScanHit, ServiceCode, Use, uses_of_lines
from pos.i18n import N_, _, ngettext
from pos.services.bread import (
    bags,
    contracts,
    day,
    desk,
    events,
    names,
    orders,
    reading,
    rules,
    statements,
    tables,
    unclaimed,
)
from pos.services.bread.schema import CONFIRMED, ORDERED, OWNER, SERVICE_CODE, SET_ASIDE
from pos.services.bread.slips import CODE_PREFIX
from pos.till.events import SaleCompleted, SaleRefunded

HOME = "/bread"


def _of_sale(sale: SaleCompleted) -> Iterable[Use]:
    return uses_of_lines(sale, SERVICE_CODE)


def _of_refund(refund: SaleRefunded) -> Iterable[Use]:
    return [Use(SERVICE_CODE, refund.visit, -1)] if SERVICE_CODE in refund.cancels else []


def _of_hand_over(given: events.OrderHandedOver) -> Iterable[Use]:
    return [Use(SERVICE_CODE, given.visit)]


def _of_undone(undone: events.HandOverUndone) -> Iterable[Use]:
    return [Use(SERVICE_CODE, undone.visit, -1)]


def _of_count(counted: events.CustomersCounted) -> Iterable[Use]:
    more = counted.customers - counted.customers_before
    return [Use(SERVICE_CODE, "", more, aggregated=True)] if more else []


def _badge(conn: sqlite3.Connection, today: str) -> str:
    aside = len(reading.orders(conn, today, (SET_ASIDE,)))
    if aside:
        return ngettext("%(n)s bag", "%(n)s bags", aside)
    waiting = len(reading.orders(conn, today, (ORDERED, CONFIRMED))) + len(reading.standing_due(conn, today))
    return ngettext("%(n)s to prepare", "%(n)s to prepare", waiting) if waiting else ""


def _on_opening(conn: sqlite3.Connection, today: str) -> list[Notice]:
    closed = reading.closing_on(conn, today)
    if closed is not None:
        return [Notice(_("No bread today: prefect’s order %(order_no)s", order_no=closed["order_no"] or "–"), HOME)]
    out = []
    for baker in reading.bakers(conn):
        if reading.requested(conn, baker, today) and not reading.delivered(conn, today, baker):
            who = names.of_baker(conn, baker) or _("the baker")
            out.append(Notice(_("Bread of %(baker)s: delivery awaited", baker=who), f"{HOME}/delivery?baker={baker}"))
    waiting = len(reading.orders(conn, today, (ORDERED, CONFIRMED))) + len(reading.standing_due(conn, today))
    if waiting:
        out.append(Notice(ngettext("%(n)s bag of bread to prepare", "%(n)s bags of bread to prepare", waiting), HOME))
    return out


def _on_closing(conn: sqlite3.Connection, today: str) -> list[Notice]:
    out = []
    left = len(reading.orders(conn, today))
    if left:
        out.append(Notice(ngettext("%(n)s bag of bread not fetched", "%(n)s bags of bread not fetched", left), HOME))
    if any(n > 0 for n in reading.free(conn, today).values()):
        out.append(Notice(_("Unsold bread is not counted"), f"{HOME}/unsold"))
    return out


def _waiting(name: str, row: sqlite3.Row) -> str:
    """Say that a bag waits: by its owner's name, or its number when the name never came back or was forgotten."""
    return _("Bag of %(name)s waits", name=name) if name else _("Bag %(n)s waits", n=row["no"])


def _todo(conn: sqlite3.Connection, today: str) -> list[Notice]:
    """What the bakers bring, the bags to fill, and each bag that waits for its owner."""
    rows = reading.orders(conn, today, (SET_ASIDE,))
    known = names.of_many(conn, (row["person"] for row in rows))
    waiting = [Notice(_waiting(known.get(row["person"], ""), row), f"{HOME}/order/{row['order_id']}") for row in rows]
    return [*_on_opening(conn, today), *waiting]


def _scan(conn: sqlite3.Connection, today: str, code: str) -> ScanHit | None:
    """Find the order of a bag's label (`ZB-1042`)."""
    number = code.strip().upper().removeprefix(CODE_PREFIX)
    if not code.strip().upper().startswith(CODE_PREFIX) or bags.order_row(conn, number) is None:
        return None
    return ScanHit(url=f"{HOME}/order/{number}")


def _figures(conn: sqlite3.Connection, today: str) -> dict[str, Any]:
    """Return the day's figures, for day files and reports."""
    found = reading.figures_of(conn, today)
    return {
        "received": found.received, "sold": found.sold, "unsold": found.unsold, "lost": found.lost,
        "unsold_bp": found.unsold_bp, "free": reading.free(conn, today), "reserved": reading.reserved(conn, today),
        "received_n": reading.quantities(conn, today, "received"), "sold_n": reading.quantities(conn, today, "sold"),
        "returned_n": reading.quantities(conn, today, "returned"), "on_sale_n": reading.quantities(conn, today, "on_sale"),
        "bags": len(reading.orders(conn, today, (SET_ASIDE,))), "identity_faults": len(reading.identity_faults(conn)),
        "discrepancy": {row["article"]: row["counted"] - row["announced"] for row in reading.deliveries(conn, today)},
    }  # fmt: skip


def _delivered(event: GoodsReceived) -> tuple[Figure, ...]:
    if not event.owner.startswith(OWNER):
        return ()
    short = sum(1 for line in event.lines if line.quantity < line.ordered)
    return (Figure("bread_received", consignment.value_of(event.lines)), Figure("bread_short", short))


def _stated(event: StatementClosed) -> tuple[Figure, ...]:
    return (Figure("bread_unsold", event.returned_value),) if event.owner.startswith(OWNER) else ()


def _owners(conn: sqlite3.Connection) -> dict[str, str]:
    return {f"{OWNER}{baker}": names.baker_name(conn, baker) for baker in reading.bakers(conn)}


SERVICE = Feature(
    slug="bread",
    title=N_("Bread"),
    events=events.EVENTS,
    projection=tables.PROJECTION,
    acts=(
        contracts.list_baker, contracts.set_contract, contracts.set_article, contracts.drop_article,
        contracts.forbid_weekday, contracts.set_needs, orders.set_standing, orders.end_standing, orders.pause_orders,
        orders.lift_pause, orders.place_order, orders.change_order, orders.cancel_order, orders.send_request,
        day.receive_delivery, day.correct_delivery, day.withdraw, day.count_unsold, day.settle_unsold,
        day.count_customers, desk.set_aside, desk.bill_order, desk.prepay_order, desk.hand_over, desk.undo_hand_over,
        unclaimed.release_orders, unclaimed.keep_order, desk.allow_reserved, statements.close_statement, statements.pay_statement,
    ),
    services=(ServiceCode(SERVICE_CODE, N_("Bread"), headline=True, alternatives=("bakery",), accent="bread"),),
    uses={
        SaleCompleted: _of_sale, SaleRefunded: _of_refund, events.OrderHandedOver: _of_hand_over,
        events.HandOverUndone: _of_undone, events.CustomersCounted: _of_count,
    },
    indicators=(
        Indicator("bread_received", N_("Bread received"), "cents"),
        Indicator("bread_unsold", N_("Bread unsold"), "cents"),
        Indicator("bread_unsold_rate", N_("Share of bread unsold"), "share", share=("bread_unsold", "bread_received")),
        Indicator("bread_short", N_("Breads short on delivery")),
    ),
    tells={GoodsReceived: _delivered, StatementClosed: _stated},
    sale_rules=(rules.bread_is_allowed, rules.bags_are_there, rules.reserved_is_kept),
    day_open_checks=(_on_opening,),
    day_close_checks=(_on_closing,),
    todo=(_todo,),
    badge=_badge,
    scan=_scan,
    figures=_figures,
    owners=_owners,
    icon="bread",
    home=HOME,
)  # fmt: skip
