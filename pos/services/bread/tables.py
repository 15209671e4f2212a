"""How events tell the bread depot's tables: agreements, orders, the day's bread, tickets, accounts."""

import sqlite3
from collections.abc import Iterable

from pos.journal import Envelope
from pos.money import line_total
from pos.projections import Projection
from pos.services.bread import events as ev
from pos.services.bread import tickets
from pos.services.bread.lots import loaves, lose, make_row, move_sold, number_of, order_lines, order_row
from pos.services.bread.schema import (
    CANCELLED,
    COLLECTED,
    CONFIRMED,
    ORDERED,
    OWNER,
    SCHEMA,
    SET_ASIDE,
    UNCLAIMED,
)  # fmt: skip
from pos.services.bread.tickets import pay_line
from pos.till.events import SaleCompleted, SaleRefunded, ThirdPartySettled
from pos.till.menu_events import ProductListed

Conn = sqlite3.Connection

_RECEIVED = """UPDATE bread_stock SET received = received + ?, on_sale = on_sale + ?, announced = announced + ?,
received_value = received_value + ?, price = ? WHERE day = ? AND article = ?"""
_GONE = {
    how: f"UPDATE bread_stock SET {how} = {how} + ?, on_sale = on_sale - ?, unsold_value = unsold_value + ?"
    " WHERE day = ? AND article = ?"
    for how in ("returned", "donated", "day_old")
}
_ORDER_LINE = """INSERT INTO bread_order_line (order_id, place, article, label, quantity, price, sliced)
VALUES (?, ?, ?, ?, ?, ?, ?)"""
_STATED = """INSERT OR REPLACE INTO bread_stated (day, article, received, sold, unsold, lost, received_value, sold_value,
unsold_value, lost_value, adjusted_value) SELECT day, article, received, sold, returned + donated + day_old, lost,
received_value, sold_value, unsold_value, lost_value, adjusted_value FROM bread_stock WHERE baker = ? AND day <= ?"""


# Agreements


def _baker(conn: Conn, entry: Envelope, e: ev.BakerListed) -> None:
    conn.execute("INSERT OR REPLACE INTO bread_baker (baker, active) VALUES (?, ?)", (e.baker, int(e.active)))


def _contract(conn: Conn, entry: Envelope, e: ev.ContractSet) -> None:
    conn.execute(
        "INSERT OR REPLACE INTO bread_contract (baker, valid_from, mode, commission_bp, unsold, unsold_cap_bp, period,"
        " cut_off, release, unclaimed, weekdays) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (e.baker, e.valid_from, e.mode, e.commission_bp, e.unsold, e.unsold_cap_bp, e.period, e.cut_off, e.release,
         e.unclaimed, "".join(str(day) for day in sorted(e.weekdays))),
    )  # fmt: skip


def _article(conn: Conn, entry: Envelope, e: ev.ArticleSet) -> None:
    if e.dropped:
        conn.execute("DELETE FROM bread_article WHERE article = ?", (e.article,))
    else:
        conn.execute(
            "INSERT OR REPLACE INTO bread_article (article, baker, label, price) VALUES (?, ?, ?, ?)",
            (e.article, e.baker, e.label, e.price),
        )


def _product(conn: Conn, entry: Envelope, e: ProductListed) -> None:
    conn.execute("UPDATE bread_article SET label = ?, price = ? WHERE article = ?", (e.label, e.price, e.product))


def _closing(conn: Conn, entry: Envelope, e: ev.WeeklyClosingSet) -> None:
    conn.execute(
        "INSERT OR REPLACE INTO bread_closing (valid_from, weekday, order_no) VALUES (?, ?, ?)",
        (e.valid_from, e.weekday, e.order_no),
    )


def _needs(conn: Conn, entry: Envelope, e: ev.NeedsSet) -> None:
    moment = e.for_day or str(e.weekday)
    conn.execute("DELETE FROM bread_need WHERE baker = ? AND moment = ?", (e.baker, moment))
    conn.executemany(
        "INSERT INTO bread_need (baker, moment, article, label, quantity) VALUES (?, ?, ?, ?, ?)",
        [(e.baker, moment, line.article, line.label, line.quantity) for line in e.lines],
    )


# Orders


def _standing(conn: Conn, entry: Envelope, e: ev.StandingOrderSet) -> None:
    conn.execute(
        "INSERT OR REPLACE INTO bread_standing (standing, no, person, weekday, valid_from, valid_until)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (e.standing, number_of(e.standing), e.person, e.weekday, e.valid_from, e.valid_until),
    )
    conn.execute("DELETE FROM bread_standing_line WHERE standing = ?", (e.standing,))
    conn.executemany(
        "INSERT INTO bread_standing_line (standing, place, article, label, quantity, sliced) VALUES (?, ?, ?, ?, ?, ?)",
        [(e.standing, i, line.article, line.label, line.quantity, int(line.sliced)) for i, line in enumerate(e.lines)],
    )


def _standing_ended(conn: Conn, entry: Envelope, e: ev.StandingOrderEnded) -> None:
    conn.execute("UPDATE bread_standing SET valid_until = ? WHERE standing = ?", (e.last_day, e.standing))


def _paused(conn: Conn, entry: Envelope, e: ev.OrdersPaused) -> None:
    conn.execute(
        "INSERT OR REPLACE INTO bread_pause (pause, person, from_day, to_day) VALUES (?, ?, ?, ?)",
        (e.pause, e.person, e.from_day, e.to_day),
    )


def _pause_lifted(conn: Conn, entry: Envelope, e: ev.PauseLifted) -> None:
    conn.execute("DELETE FROM bread_pause WHERE pause = ?", (e.pause,))


def _placed(conn: Conn, entry: Envelope, e: ev.OrderPlaced) -> None:
    conn.execute(
        "INSERT INTO bread_order (order_id, no, person, for_day, state, standing, late) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (e.order, number_of(e.order), e.person, e.for_day, ORDERED, e.standing, int(e.late)),
    )
    _order_lines(conn, e.order, e.lines)


def _order_lines(conn: Conn, order: str, lines: Iterable[ev.Loaves]) -> None:
    conn.executemany(
        _ORDER_LINE,
        [
            (order, i, line.article, line.label, line.quantity, line.price, int(line.sliced))
            for i, line in enumerate(lines)
        ],
    )


def _changed(conn: Conn, entry: Envelope, e: ev.OrderChanged) -> None:
    paid = dict(
        conn.execute("SELECT article, sum(paid) FROM bread_order_line WHERE order_id = ? GROUP BY article", (e.order,))
    )
    conn.execute("DELETE FROM bread_order_line WHERE order_id = ?", (e.order,))
    _order_lines(conn, e.order, e.lines)
    for article, cents in paid.items():
        pay_line(conn, e.order, article, cents)


def _cancelled(conn: Conn, entry: Envelope, e: ev.OrderCancelled) -> None:
    conn.execute("UPDATE bread_order SET state = ?, done_at = ? WHERE order_id = ?", (CANCELLED, entry.t, e.order))


def _sent(conn: Conn, entry: Envelope, e: ev.RequestSent) -> None:
    conn.execute("DELETE FROM bread_request WHERE baker = ? AND for_day = ?", (e.baker, e.for_day))
    conn.executemany(
        "INSERT INTO bread_request (baker, for_day, sent_at, channel, article, label, counter, ordered, total)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(e.baker, e.for_day, entry.t, e.channel, w.article, w.label, w.counter, w.ordered, w.total) for w in e.lines],
    )
    conn.executemany(
        "UPDATE bread_order SET state = ? WHERE order_id = ? AND state = ?", [(CONFIRMED, o, ORDERED) for o in e.orders]
    )


def _set_aside(conn: Conn, entry: Envelope, e: ev.BagsSetAside) -> None:
    conn.executemany("UPDATE bread_order SET state = ? WHERE order_id = ?", [(SET_ASIDE, order) for order in e.orders])


def _kept(conn: Conn, entry: Envelope, e: ev.OrderKept) -> None:
    conn.execute("UPDATE bread_order SET kept_until = ? WHERE order_id = ?", (e.until_day, e.order))


def _handed_over(conn: Conn, entry: Envelope, e: ev.OrderHandedOver) -> None:
    _paid_bag(conn, e, 1, entry.t)
    conn.execute(
        "UPDATE bread_order SET state = ?, done_at = ?, visit = ? WHERE order_id = ?",
        (COLLECTED, entry.t, e.visit, e.order),
    )


def _undone(conn: Conn, entry: Envelope, e: ev.HandOverUndone) -> None:
    row = order_row(conn, e.order)
    if row is not None and row["charged"]:
        state = UNCLAIMED
    else:
        state = SET_ASIDE
    conn.execute("UPDATE bread_order SET state = ?, done_at = 0, visit = '' WHERE order_id = ?", (state, e.order))
    _paid_bag(conn, e, -1, 0)


def _paid_bag(conn: Conn, e: ev.OrderHandedOver | ev.HandOverUndone, sign: int, at: int) -> None:
    """Move the bread of a bag paid ahead; one charged at the release hour counted as sold then."""
    row = order_row(conn, e.order)
    if row is None or row["charged"]:
        return
    for line in e.lines:
        move_sold(conn, row["for_day"], line, sign * line.quantity, sign * line_total(line.quantity, line.price), at)


def _unclaimed(conn: Conn, entry: Envelope, e: ev.OrdersUnclaimed) -> None:
    for bag in e.orders:
        row = order_row(conn, bag.order)
        lines = [loaves(line) for line in order_lines(conn, bag.order)]
        if row is None:
            continue
        worth = sum(line_total(line.quantity, line.price) for line in lines)
        paid = bool(row["paid_no"])
        if bag.charged and paid:
            # It was bought: it is sold, though nobody came.
            for line in lines:
                move_sold(conn, row["for_day"], line, line.quantity, line_total(line.quantity, line.price), 0)
        conn.execute(
            "UPDATE bread_order SET state = ?, charged = ?, owed = ?, done_at = ? WHERE order_id = ?",
            (UNCLAIMED, int(bag.charged and paid), worth if bag.charged and not paid else 0, entry.t, bag.order),
        )


# The day's bread


def _delivered(conn: Conn, entry: Envelope, e: ev.DeliveryReceived) -> None:
    for line in e.lines:
        conn.execute(
            "INSERT INTO bread_delivery (delivery, no, baker, day, at, note_no, article, label, announced, counted, price)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (e.delivery, number_of(e.delivery), e.baker, e.day, entry.t, e.note_no, line.article, line.label,
             line.announced, line.counted, line.price),
        )  # fmt: skip
        make_row(conn, e.day, line.article, line.label, line.price, e.baker)
        value = line_total(line.counted, line.price)
        conn.execute(_RECEIVED, (line.counted, line.counted, line.announced, value, line.price, e.day, line.article))


def _delivery_corrected(conn: Conn, entry: Envelope, e: ev.DeliveryCorrected) -> None:
    conn.execute(
        "UPDATE bread_delivery SET counted = ? WHERE delivery = ? AND article = ?", (e.counted, e.delivery, e.article)
    )
    value = line_total(e.counted, e.price) - line_total(e.was, e.price)
    conn.execute(_RECEIVED, (e.counted - e.was, e.counted - e.was, 0, value, e.price, e.day, e.article))


def _withdrawn(conn: Conn, entry: Envelope, e: ev.Withdrawn) -> None:
    lose(conn, e.day, e.article, e.quantity)


def _counted(conn: Conn, entry: Envelope, e: ev.UnsoldCounted) -> None:
    for line in e.lines:
        lose(conn, e.day, line.article, line.expected - line.counted)
        conn.execute(
            "UPDATE bread_stock SET counted = ? WHERE day = ? AND article = ?", (line.counted, e.day, line.article)
        )


def _gone(conn: Conn, entry: Envelope, e: ev.UnsoldGone) -> None:
    for line in e.lines:
        value = line_total(line.quantity, line.price)
        conn.execute(_GONE[e.how], (line.quantity, line.quantity, value, e.day, line.article))


# Accounts


def _stated(conn: Conn, entry: Envelope, e: ev.StatementClosed) -> None:
    conn.execute(_STATED, (e.baker, e.to_day))
    conn.execute(
        "INSERT INTO bread_statement (statement, no, seq, baker, from_day, to_day, due) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (e.statement, number_of(e.statement), entry.seq, e.baker, e.from_day, e.to_day, e.due),
    )


def _statement_paid(conn: Conn, entry: Envelope, e: ev.StatementPaid) -> None:
    conn.execute("UPDATE bread_statement SET paid = paid + ? WHERE statement = ?", (e.amount, e.statement))


def _settled(conn: Conn, entry: Envelope, e: ThirdPartySettled) -> None:
    """Spread what a baker was handed over the statements: the one it names first, then the oldest."""
    if not e.owner.startswith(OWNER):
        return
    left = e.amount
    rows = conn.execute(
        "SELECT statement, due - paid FROM bread_statement WHERE baker = ? AND due > paid ORDER BY statement <> ?, no",
        (e.owner.removeprefix(OWNER), e.ref),
    ).fetchall()
    for statement, unpaid in rows:
        part = min(left, unpaid)
        conn.execute("UPDATE bread_statement SET paid = paid + ? WHERE statement = ?", (part, statement))
        left -= part


def _allowed(conn: Conn, entry: Envelope, e: ev.ReservedAllowed) -> None:
    conn.execute("INSERT OR REPLACE INTO bread_allowed (tab, day) VALUES (?, ?)", (e.tab, e.day))


def _customers(conn: Conn, entry: Envelope, e: ev.CustomersCounted) -> None:
    conn.execute("INSERT OR REPLACE INTO bread_customers (day, customers) VALUES (?, ?)", (e.day, e.customers))


PROJECTION = Projection(
    "bread",
    SCHEMA,
    {
        ev.BakerListed: _baker, ev.ContractSet: _contract, ev.ArticleSet: _article, ProductListed: _product,
        ev.WeeklyClosingSet: _closing, ev.NeedsSet: _needs, ev.StandingOrderSet: _standing,
        ev.StandingOrderEnded: _standing_ended, ev.OrdersPaused: _paused, ev.PauseLifted: _pause_lifted,
        ev.OrderPlaced: _placed, ev.OrderChanged: _changed, ev.OrderCancelled: _cancelled, ev.RequestSent: _sent,
        ev.BagsSetAside: _set_aside, ev.OrderKept: _kept, ev.OrderHandedOver: _handed_over,
        ev.HandOverUndone: _undone, ev.OrdersUnclaimed: _unclaimed, ev.DeliveryReceived: _delivered,
        ev.DeliveryCorrected: _delivery_corrected, ev.Withdrawn: _withdrawn, ev.UnsoldCounted: _counted,
        ev.UnsoldGone: _gone, ev.StatementClosed: _stated, ev.StatementPaid: _statement_paid,
        ev.CustomersCounted: _customers, ev.ReservedAllowed: _allowed, SaleCompleted: tickets.sold, SaleRefunded: tickets.refunded, ThirdPartySettled: _settled,
    },
)  # fmt: skip
