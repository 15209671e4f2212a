"""How events tell the bread depot's tables: agreements, orders, bags; tickets move the bread of a baker's lots."""

import sqlite3
from collections.abc import Iterable

from pos.journal import Envelope
from pos.money import line_total
from pos.projections import Projection
from pos.services.bread import events as ev
from pos.services.bread import tickets
from pos.services.bread.bags import loaves, number_of, order_lines, order_row
from pos.services.bread.schema import (
    CANCELLED,
    COLLECTED,
    CONFIRMED,
    ORDERED,
    SCHEMA,
    SET_ASIDE,
    UNCLAIMED,
)  # fmt: skip
from pos.services.bread.tickets import pay_line
from pos.till.events import SaleCompleted, SaleRefunded
from pos.till.menu_events import ProductListed

Conn = sqlite3.Connection

_ORDER_LINE = """INSERT INTO bread_order_line (order_id, place, article, label, quantity, price, sliced)
VALUES (?, ?, ?, ?, ?, ?, ?)"""


# Agreements


def _baker(conn: Conn, entry: Envelope, e: ev.BakerListed) -> None:
    conn.execute("INSERT OR REPLACE INTO bread_baker (baker, active) VALUES (?, ?)", (e.baker, int(e.active)))


def _terms(conn: Conn, entry: Envelope, e: ev.TermsSet) -> None:
    conn.execute(
        "INSERT OR REPLACE INTO bread_terms (baker, valid_from, cut_off, release, unclaimed, weekdays)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (e.baker, e.valid_from, e.cut_off, e.release, e.unclaimed, "".join(str(day) for day in sorted(e.weekdays))),
    )


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
    _paid_bag(conn, entry, e, 1)
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
    _paid_bag(conn, entry, e, -1)


def _paid_bag(conn: Conn, entry: Envelope, e: ev.OrderHandedOver | ev.HandOverUndone, sign: int) -> None:
    """Move the bread of a bag paid ahead; one charged at the release hour counted as sold then."""
    row = order_row(conn, e.order)
    if row is None or row["charged"]:
        return
    for line in e.lines:
        tickets.move_sold(conn, entry.seq, row["for_day"], line, sign)


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
                tickets.move_sold(conn, entry.seq, row["for_day"], line)
        conn.execute(
            "UPDATE bread_order SET state = ?, charged = ?, owed = ?, done_at = ? WHERE order_id = ?",
            (UNCLAIMED, int(bag.charged and paid), worth if bag.charged and not paid else 0, entry.t, bag.order),
        )


# The day


def _allowed(conn: Conn, entry: Envelope, e: ev.ReservedAllowed) -> None:
    conn.execute("INSERT OR REPLACE INTO bread_allowed (tab, day) VALUES (?, ?)", (e.tab, e.day))


def _customers(conn: Conn, entry: Envelope, e: ev.CustomersCounted) -> None:
    conn.execute("INSERT OR REPLACE INTO bread_customers (day, customers) VALUES (?, ?)", (e.day, e.customers))


PROJECTION = Projection(
    "bread",
    SCHEMA,
    {
        ev.BakerListed: _baker, ev.TermsSet: _terms, ev.ArticleSet: _article, ProductListed: _product,
        ev.WeeklyClosingSet: _closing, ev.NeedsSet: _needs, ev.StandingOrderSet: _standing,
        ev.StandingOrderEnded: _standing_ended, ev.OrdersPaused: _paused, ev.PauseLifted: _pause_lifted,
        ev.OrderPlaced: _placed, ev.OrderChanged: _changed, ev.OrderCancelled: _cancelled, ev.RequestSent: _sent,
        ev.BagsSetAside: _set_aside, ev.OrderKept: _kept, ev.OrderHandedOver: _handed_over,
        ev.HandOverUndone: _undone, ev.OrdersUnclaimed: _unclaimed, ev.CustomersCounted: _customers,
        ev.ReservedAllowed: _allowed, SaleCompleted: tickets.sold, SaleRefunded: tickets.refunded,
    },
)  # fmt: skip
