"""The postal relay as the journal tells it: agreement, prices, mail on its way, money moved, balances, visits."""

import sqlite3

from pos.engines.shelf import COLLECTED, ThingMoved
from pos.journal import Envelope
from pos.projections import Projection
from pos.services.post import events as ev
from pos.till.events import SaleCompleted, SaleRefunded, ThirdPartyMoved, ThirdPartySettled

Conn = sqlite3.Connection

OWNER, POST, STAMP = "laposte", "post", "post_stamp"
DEPOSIT = "post.deposit:"
TAKEN, BAGGED, GONE, GIVEN_BACK = "taken", "bagged", "gone", "given_back"
# Reasons of third-party moves that are no day's business: they settle it.
SETTLEMENT, STATEMENT = "settlement", "statement"

SCHEMA = """
CREATE TABLE post_terms (
  valid_from TEXT NOT NULL, seq INTEGER NOT NULL, mode TEXT NOT NULL, weekly_limit INTEGER NOT NULL,
  reserve INTEGER NOT NULL, hold_days INTEGER NOT NULL, monthly_pay INTEGER NOT NULL, commission_bp INTEGER NOT NULL,
  in_use INTEGER NOT NULL, PRIMARY KEY (valid_from, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE post_price (
  product TEXT NOT NULL, valid_from TEXT NOT NULL, seq INTEGER NOT NULL, label TEXT NOT NULL, price INTEGER NOT NULL,
  goods INTEGER NOT NULL, PRIMARY KEY (product, valid_from, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE post_item (
  item TEXT PRIMARY KEY, sort TEXT NOT NULL, check_status TEXT NOT NULL, tail TEXT NOT NULL, pieces INTEGER NOT NULL,
  day TEXT NOT NULL, taken_at INTEGER NOT NULL, visit TEXT NOT NULL, due INTEGER NOT NULL,
  product TEXT NOT NULL, paid_no INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL, bag TEXT NOT NULL DEFAULT '', left_at INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX post_item_by_state ON post_item (state);
CREATE INDEX post_item_by_day ON post_item (day);
CREATE TABLE post_bag (
  bag TEXT PRIMARY KEY, number INTEGER NOT NULL, day TEXT NOT NULL, at INTEGER NOT NULL, pieces INTEGER NOT NULL,
  collected_at INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE post_operation (
  operation TEXT PRIMARY KEY, what TEXT NOT NULL, amount INTEGER NOT NULL, ref TEXT NOT NULL, day TEXT NOT NULL,
  at INTEGER NOT NULL, visit TEXT NOT NULL, person TEXT NOT NULL, warned INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX post_operation_by_person ON post_operation (person, day) WHERE person <> '';
CREATE INDEX post_operation_by_day ON post_operation (day);
CREATE INDEX post_operation_by_ref ON post_operation (ref);
CREATE TABLE post_money (
  day TEXT NOT NULL, what TEXT NOT NULL, amount INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (day, what)
) STRICT, WITHOUT ROWID;
CREATE TABLE post_balance (
  day TEXT PRIMARY KEY, at INTEGER NOT NULL, collected INTEGER NOT NULL, paid_out INTEGER NOT NULL,
  slip_collected INTEGER NOT NULL, slip_paid_out INTEGER NOT NULL, difference INTEGER NOT NULL, owed INTEGER NOT NULL,
  reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE post_visit (
  day TEXT NOT NULL, visit TEXT NOT NULL, goods INTEGER NOT NULL, acts INTEGER NOT NULL, PRIMARY KEY (day, visit)
) STRICT, WITHOUT ROWID;
CREATE TABLE post_handed (
  thing TEXT PRIMARY KEY, day TEXT NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL, proof TEXT NOT NULL
) STRICT, WITHOUT ROWID
"""

_MONEY = """INSERT INTO post_money (day, what, amount, n) VALUES (?, ?, ?, 1)
ON CONFLICT (day, what) DO UPDATE SET amount = amount + excluded.amount, n = n + 1"""
_VISIT = """INSERT INTO post_visit (day, visit, goods, acts) VALUES (?, ?, ?, ?)
ON CONFLICT (day, visit) DO UPDATE SET goods = goods + excluded.goods, acts = acts + excluded.acts"""


def _terms(conn: Conn, entry: Envelope, e: ev.TermsSet) -> None:
    conn.execute(
        "INSERT INTO post_terms VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            e.valid_from,
            entry.seq,
            e.mode,
            e.weekly_limit,
            e.reserve,
            e.hold_days,
            e.monthly_pay,
            e.commission_bp,
            int(e.in_use),
        ),
    )


def _price(conn: Conn, entry: Envelope, e: ev.PriceSet) -> None:
    conn.execute(
        "INSERT INTO post_price VALUES (?, ?, ?, ?, ?, ?)",
        (e.product, e.valid_from, entry.seq, e.label, e.price, int(e.goods)),
    )


def _taken(conn: Conn, entry: Envelope, e: ev.MailTaken) -> None:
    conn.execute(
        "INSERT INTO post_item (item, sort, check_status, tail, pieces, day, taken_at, visit, due, product, state)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (e.item, e.sort, e.check, e.tail, e.pieces, e.day, entry.t, e.visit, e.due, e.product, TAKEN),
    )
    conn.execute(_VISIT, (e.day, e.visit, 0, 1))


def _given_back(conn: Conn, entry: Envelope, e: ev.MailGivenBack) -> None:
    conn.execute("UPDATE post_item SET state = ?, left_at = ? WHERE item = ?", (GIVEN_BACK, entry.t, e.item))
    if e.cancels:
        conn.execute(_VISIT, (e.day, e.visit, 0, -1))


def _bagged(conn: Conn, entry: Envelope, e: ev.BagClosed) -> None:
    conn.execute(
        "INSERT INTO post_bag (bag, number, day, at, pieces) VALUES (?, ?, ?, ?, ?)",
        (e.bag, e.number, e.day, entry.t, e.pieces),
    )
    conn.executemany(
        "UPDATE post_item SET state = ?, bag = ? WHERE item = ?", [(BAGGED, e.bag, item) for item in e.items]
    )


def _collected(conn: Conn, entry: Envelope, e: ev.MailCollected) -> None:
    at = e.happened_at or entry.t
    for bag in e.bags:
        conn.execute("UPDATE post_bag SET collected_at = ? WHERE bag = ?", (at, bag))
        conn.execute("UPDATE post_item SET state = ?, left_at = ? WHERE bag = ? AND state = ?", (GONE, at, bag, BAGGED))


def _paid_out(conn: Conn, entry: Envelope, e: ev.PaidOut) -> None:
    conn.execute(
        "INSERT INTO post_operation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (e.payout, e.what, e.amount, e.ref, e.day, entry.t, e.visit, e.person, int(e.warned)),
    )
    conn.execute(_VISIT, (e.day, e.visit, 0, 1))


def _paid_in(conn: Conn, entry: Envelope, e: ev.PaidIn) -> None:
    conn.execute(
        "INSERT INTO post_operation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (e.payin, "pay_in", e.amount, e.ref, e.day, entry.t, e.visit, "", 0),
    )
    conn.execute(_VISIT, (e.day, e.visit, 0, 1))


def _balanced(conn: Conn, entry: Envelope, e: ev.BalanceClosed) -> None:
    conn.execute(
        "INSERT OR REPLACE INTO post_balance VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (e.day, entry.t, e.collected, e.paid_out, e.slip_collected, e.slip_paid_out, e.difference, e.owed, e.reason),
    )


def _sold(conn: Conn, entry: Envelope, e: SaleCompleted) -> None:
    day, ours = e.day[:10], [line for line in e.lines if line.owner == OWNER]
    if not ours:
        return
    conn.execute(_MONEY, (day, "collected", sum(line.gross for line in ours)))
    for what, service in (("stamps", STAMP), ("postage", POST)):
        part = [line for line in ours if line.service == service]
        if part:
            conn.execute(_MONEY, (day, what, sum(line.gross for line in part)))
            conn.execute(_VISIT, (day, e.visit, int(service == STAMP), int(service == POST)))
    for line in ours:
        if line.ref.startswith(DEPOSIT):
            conn.execute("UPDATE post_item SET paid_no = ? WHERE item = ?", (e.no, line.ref.removeprefix(DEPOSIT)))


def _refunded(conn: Conn, entry: Envelope, e: SaleRefunded) -> None:
    day, ours = e.day[:10], [line for line in e.lines if line.owner == OWNER]
    if not ours:
        return
    conn.execute(_MONEY, (day, "collected", sum(line.gross for line in ours)))
    for what, service in (("stamps", STAMP), ("postage", POST)):
        part = [line for line in ours if line.service == service]
        if part:
            conn.execute(_MONEY, (day, what, sum(line.gross for line in part)))
        if service in e.cancels:
            conn.execute(_VISIT, (day, e.visit, -int(service == STAMP), -int(service == POST)))
    for line in ours:
        if line.ref.startswith(DEPOSIT):
            conn.execute(
                "UPDATE post_item SET paid_no = 0 WHERE item = ? AND paid_no = ?",
                (line.ref.removeprefix(DEPOSIT), e.original),
            )


def _moved(conn: Conn, entry: Envelope, e: ThirdPartyMoved) -> None:
    if e.owner != OWNER:
        return
    if e.reason in (SETTLEMENT, STATEMENT):
        what, amount = ("settled", -e.amount) if e.reason == SETTLEMENT else ("charged", e.amount)
    else:
        what, amount = ("collected", e.amount) if e.amount > 0 else ("paid_out", -e.amount)
    conn.execute(_MONEY, (e.day[:10], what, amount))


def _settled(conn: Conn, entry: Envelope, e: ThirdPartySettled) -> None:
    if e.owner == OWNER:
        conn.execute(_MONEY, (e.day[:10], "settled", e.amount))


def _instance(conn: Conn, entry: Envelope, e: ThingMoved) -> None:
    if e.service != POST or e.state not in (COLLECTED, "given_up"):
        return
    conn.execute(
        "INSERT INTO post_handed VALUES (?, ?, ?, ?, ?)", (e.thing, e.day[:10], entry.t, e.state, e.proof or e.reason)
    )
    if e.state == COLLECTED:
        conn.execute(_VISIT, (e.day[:10], e.visit, 0, 1))


PROJECTION = Projection(
    "post",
    SCHEMA,
    {
        ev.TermsSet: _terms, ev.PriceSet: _price, ev.MailTaken: _taken, ev.MailGivenBack: _given_back,
        ev.BagClosed: _bagged, ev.MailCollected: _collected, ev.PaidOut: _paid_out, ev.PaidIn: _paid_in,
        ev.BalanceClosed: _balanced, SaleCompleted: _sold, SaleRefunded: _refunded, ThirdPartyMoved: _moved,
        ThirdPartySettled: _settled, ThingMoved: _instance,
    },
)  # fmt: skip
