"""The till's tables: tickets, running totals, drawer, menu, people; how events tell them; readers.

Totals run with each event, so that closing a day reads a few rows however long the day was.
"""

import sqlite3

from pos.journal import Envelope
from pos.projections import Projection
from pos.till import card_events, continuity, menu_tables
from pos.till import events as ev
from pos.till.menu_tables import (
    as_dict,
    by_ean,
    cafe,
    categories,
    operators,
    product,
    products,
    role_of,
)  # fmt: skip
from pos.vat import OFF_TURNOVER

__all__ = [
    "as_dict", "by_ean", "cafe", "categories", "operators", "product", "products", "role_of",
]  # fmt: skip

Conn = sqlite3.Connection

SCHEMA = """
CREATE TABLE till_ticket (
  no INTEGER PRIMARY KEY, seq INTEGER NOT NULL, day TEXT NOT NULL, t INTEGER NOT NULL, op TEXT NOT NULL,
  total INTEGER NOT NULL, original INTEGER NOT NULL DEFAULT 0, refunded INTEGER NOT NULL DEFAULT 0,
  prints INTEGER NOT NULL DEFAULT 0, tab TEXT
) STRICT;
CREATE UNIQUE INDEX till_ticket_by_tab ON till_ticket (tab) WHERE tab IS NOT NULL;
CREATE INDEX till_ticket_by_day ON till_ticket (day);
CREATE INDEX till_ticket_by_original ON till_ticket (original) WHERE original > 0;
CREATE TABLE till_refunded_line (
  no INTEGER NOT NULL, place INTEGER NOT NULL, quantity INTEGER NOT NULL, gross INTEGER NOT NULL,
  net INTEGER NOT NULL, PRIMARY KEY (no, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE till_total (
  day TEXT NOT NULL, what TEXT NOT NULL, key TEXT NOT NULL, amount INTEGER NOT NULL, net INTEGER NOT NULL,
  n INTEGER NOT NULL, PRIMARY KEY (day, what, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE till_day (
  day TEXT PRIMARY KEY, opened_at INTEGER NOT NULL, opened_seq INTEGER NOT NULL, float_cents INTEGER NOT NULL,
  closed_seq INTEGER NOT NULL DEFAULT 0, z INTEGER NOT NULL DEFAULT 0, counted INTEGER NOT NULL DEFAULT -1,
  left_cents INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE till_card (
  payment TEXT PRIMARY KEY, tab TEXT NOT NULL, amount INTEGER NOT NULL, cashback INTEGER NOT NULL,
  started_at INTEGER NOT NULL, outcome TEXT NOT NULL DEFAULT '', action TEXT NOT NULL DEFAULT 'pay',
  no INTEGER NOT NULL DEFAULT 0, seq INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX till_card_open ON till_card (started_at) WHERE outcome = '';
CREATE INDEX till_card_back ON till_card (no) WHERE no > 0;
CREATE TABLE till_third_party (owner TEXT PRIMARY KEY, balance INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE till_category (
  category TEXT PRIMARY KEY, label TEXT NOT NULL, accent TEXT NOT NULL, icon TEXT NOT NULL, position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE till_product (
  product TEXT PRIMARY KEY, label TEXT NOT NULL, category TEXT NOT NULL, price INTEGER NOT NULL,
  vat_class TEXT NOT NULL, ean TEXT NOT NULL, favourite INTEGER NOT NULL, position INTEGER NOT NULL,
  unit TEXT NOT NULL, takeaway INTEGER NOT NULL, open_price INTEGER NOT NULL, role TEXT NOT NULL,
  owner TEXT NOT NULL, service TEXT NOT NULL, nature TEXT NOT NULL, min_age INTEGER NOT NULL, icon TEXT NOT NULL,
  retired INTEGER NOT NULL DEFAULT 0, ran_out INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX till_product_by_ean ON till_product (ean) WHERE ean <> '';
CREATE TABLE till_switch (one INTEGER PRIMARY KEY, codes TEXT NOT NULL, added TEXT NOT NULL DEFAULT '') STRICT;
CREATE TABLE till_operator (
  op TEXT PRIMARY KEY, role TEXT NOT NULL, active INTEGER NOT NULL DEFAULT 1
) STRICT, WITHOUT ROWID;
CREATE TABLE till_cafe (
  valid_from TEXT NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (valid_from, seq)
) STRICT, WITHOUT ROWID
"""

_ADD = """INSERT INTO till_total (day, what, key, amount, net, n) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (day, what, key) DO UPDATE SET amount = amount + excluded.amount, net = net + excluded.net, n = n + excluded.n"""
_TICKET = "INSERT INTO till_ticket (no, seq, day, t, op, total, original, tab) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_OWNER = """INSERT INTO till_third_party (owner, balance) VALUES (?, ?)
ON CONFLICT (owner) DO UPDATE SET balance = balance + excluded.balance"""
_REFUNDED = """INSERT INTO till_refunded_line (no, place, quantity, gross, net) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (no, place) DO UPDATE SET quantity = quantity + excluded.quantity,
gross = gross + excluded.gross, net = net + excluded.net"""

EVER = ""  # the day key of totals that never end


def add(conn: Conn, day: str, what: str, key: str, amount: int, net: int = 0, n: int = 1) -> None:
    """Add to a running total."""
    conn.execute(_ADD, (day, what, key, amount, net, n))


def _sold(conn: Conn, entry: Envelope, e: ev.SaleCompleted) -> None:
    conn.execute(_TICKET, (e.no, entry.seq, e.day, entry.t, entry.op, e.total, 0, e.tab or None))
    _tell_money(conn, entry, e)
    if e.cashback:
        add(conn, e.day, "cash", "cashback", -e.cashback)
        # The card bears the cash-back and the drawer pays it out: means follow the money (R96).
        add(conn, e.day, "means", "card", e.cashback, n=0)
        add(conn, e.day, "means", "cash", -e.cashback, n=0)
    early = sum(payment.amount for payment in e.payments if payment.before and payment.means == "cash")
    if early:
        add(conn, e.day, "cash", "open_tabs", -early)


def _refunded(conn: Conn, entry: Envelope, e: ev.SaleRefunded) -> None:
    conn.execute(_TICKET, (e.no, entry.seq, e.day, entry.t, entry.op, e.total, e.original, None))
    conn.execute("UPDATE till_ticket SET refunded = refunded - ? WHERE no = ?", (e.total, e.original))
    for place, line in zip(e.places, e.lines, strict=True):
        conn.execute(_REFUNDED, (e.original, place, -line.quantity, -line.gross, -line.net))
    _tell_money(conn, entry, e)


def _tell_money(conn: Conn, entry: Envelope, e: ev.SaleCompleted | ev.SaleRefunded) -> None:
    """What a ticket and a refund tell alike: turnover, VAT, means, drawer, others' money."""
    sums: dict[tuple[str, str], list[int]] = {}

    def collect(what: str, key: str, amount: int, net: int = 0) -> None:
        row = sums.setdefault((what, key), [0, 0, 0])
        row[0] += amount
        row[1] += net
        row[2] += 1

    for part in e.vat:
        collect("vat", str(part.bp), part.gross, part.net)
    for line in e.lines:
        if line.vat_code not in OFF_TURNOVER:
            collect("family", line.family, line.gross)
            collect("mode", "takeaway" if line.takeaway else "onsite", line.gross)
    for payment in e.payments:
        collect("means", payment.means, payment.amount)
        if payment.means == "cash":
            collect("cash", "sales", payment.amount)
    for part_off in e.off:
        collect("off", f"{part_off.code}:{part_off.owner}", part_off.amount)
        if part_off.owner:
            conn.execute(_OWNER, (part_off.owner, part_off.amount))
            collect("taken", part_off.owner, part_off.amount)
    collect("count", "tickets" if isinstance(e, ev.SaleCompleted) else "refunds", e.total)
    collect("op", entry.op, e.turnover)
    collect("turnover", "own", e.turnover)
    _tell_accounts(conn, e)
    rows = [(e.day, what, key, *row) for (what, key), row in sums.items()]
    rows += [(span, "turnover", "own", e.turnover, 0, 1) for span in (e.day[:7], e.day[:4])]
    rows += [(EVER, "turnover", "algebraic", e.turnover, 0, 1), (EVER, "turnover", "absolute", abs(e.turnover), 0, 1)]
    conn.executemany(_ADD, rows)


def _tell_accounts(conn: Conn, e: ev.SaleCompleted | ev.SaleRefunded) -> None:
    """What was paid by an account (prepaid, slate, fund) comes off what the café owes there."""
    for payment in e.payments:
        if payment.owner:
            conn.execute(_OWNER, (payment.owner, -payment.amount))
            add(conn, e.day, "settled", payment.owner, payment.amount)


def _card_started(conn: Conn, entry: Envelope, e: ev.CardPaymentStarted) -> None:
    conn.execute(
        "INSERT INTO till_card (payment, tab, amount, cashback, started_at, seq) VALUES (?, ?, ?, ?, ?, ?)",
        (e.payment, e.tab, e.amount, e.cashback, entry.t, entry.seq),
    )


def _card_settled(conn: Conn, entry: Envelope, e: ev.CardPaymentSettled) -> None:
    conn.execute("UPDATE till_card SET outcome = ? WHERE payment = ?", (e.outcome, e.payment))


def _card_refund_started(conn: Conn, entry: Envelope, e: card_events.CardRefundStarted) -> None:
    conn.execute(
        "INSERT INTO till_card (payment, tab, amount, cashback, started_at, action, no, seq) VALUES (?, ?, ?, 0, ?, ?, ?, ?)",
        (e.payment, e.tab, e.amount, entry.t, e.action, e.no, entry.seq),
    )


def _cards_compared(conn: Conn, entry: Envelope, e: card_events.CardsCompared) -> None:
    for key, cents in (("expected", e.expected), ("told", e.told)):
        add(conn, e.day, "cards", key, cents - total(conn, e.day, "cards", key))


def _line_voided(conn: Conn, entry: Envelope, e: ev.LineVoided) -> None:
    add(conn, e.day, "count", "voided_lines", e.gross)


def _tab_voided(conn: Conn, entry: Envelope, e: ev.TabVoided) -> None:
    add(conn, e.day, "count", "voided_tabs", e.total)


def _bill_printed(conn: Conn, entry: Envelope, e: ev.BillPrinted) -> None:
    add(conn, e.day, "count", "bills", e.total)


def _receipt_printed(conn: Conn, entry: Envelope, e: ev.ReceiptPrinted) -> None:
    conn.execute("UPDATE till_ticket SET prints = prints + 1 WHERE no = ?", (e.no,))
    add(conn, e.day, "count", "duplicates" if e.copy else "receipts", 0)


def _part_paid(conn: Conn, entry: Envelope, e: ev.PaymentTaken) -> None:
    # Cash already in the drawer for a bill still open; the sale takes it over when it completes.
    if e.means == "cash":
        add(conn, e.day, "cash", "open_tabs", e.amount)


def _part_undone(conn: Conn, entry: Envelope, e: ev.PaymentUndone) -> None:
    if e.means == "cash":
        add(conn, e.day, "cash", "open_tabs", -e.amount)


def _cash_moved(conn: Conn, entry: Envelope, e: ev.CashMoved) -> None:
    add(conn, e.day, "cash", "in" if e.amount > 0 else "out", e.amount)
    add(conn, e.day, "moved", e.reason, e.amount)


def _cash_counted(conn: Conn, entry: Envelope, e: ev.CashCounted) -> None:
    conn.execute("UPDATE till_day SET counted = ?, left_cents = ? WHERE day = ?", (e.counted, e.counted, e.day))
    add(conn, e.day, "count", "difference", e.difference)


def _drawer_opened(conn: Conn, entry: Envelope, e: ev.DrawerOpened) -> None:
    add(conn, e.day, "count", "drawer_openings", 0)
    add(conn, e.day, "drawer", e.reason, 0)


def _settled(conn: Conn, entry: Envelope, e: ev.ThirdPartySettled) -> None:
    conn.execute(_OWNER, (e.owner, -e.amount))
    add(conn, e.day, "settled", e.owner, e.amount)
    if e.means == "cash":
        add(conn, e.day, "cash", "settled", -e.amount)


def _moved(conn: Conn, entry: Envelope, e: ev.ThirdPartyMoved) -> None:
    conn.execute(_OWNER, (e.owner, e.amount))
    add(conn, e.day, "taken" if e.amount > 0 else "settled", e.owner, abs(e.amount))
    if e.means == "cash":
        add(conn, e.day, "cash", "third", e.amount)


def _commission(conn: Conn, entry: Envelope, e: ev.CommissionKept) -> None:
    conn.execute(_OWNER, (e.owner, -e.amount))
    add(conn, e.day, "commission", e.owner, e.amount)


def _day_opened(conn: Conn, entry: Envelope, e: ev.DayOpened) -> None:
    conn.execute(
        "INSERT INTO till_day (day, opened_at, opened_seq, float_cents, left_cents) VALUES (?, ?, ?, ?, ?)",
        (e.day, entry.t, entry.seq, e.float_cents, e.float_cents),
    )
    add(conn, e.day, "cash", "float", e.float_cents)


def _day_closed(conn: Conn, entry: Envelope, e: ev.DayClosed) -> None:
    left = e.counted if e.counted >= 0 else e.expected
    conn.execute(
        "UPDATE till_day SET closed_seq = ?, z = ?, counted = ?, left_cents = ? WHERE day = ?",
        (entry.seq, e.z, e.counted, left, e.day),
    )


PROJECTION = Projection(
    "till",
    SCHEMA,
    {
        ev.SaleCompleted: _sold, ev.SaleRefunded: _refunded, ev.CardPaymentStarted: _card_started,
        ev.CardPaymentSettled: _card_settled, card_events.CardRefundStarted: _card_refund_started,
        card_events.CardsCompared: _cards_compared, ev.LineVoided: _line_voided, ev.TabVoided: _tab_voided,
        ev.BillPrinted: _bill_printed, ev.ReceiptPrinted: _receipt_printed, ev.PaymentTaken: _part_paid,
        ev.PaymentUndone: _part_undone, ev.CashMoved: _cash_moved, ev.CashCounted: _cash_counted,
        ev.DrawerOpened: _drawer_opened, ev.ThirdPartySettled: _settled, ev.ThirdPartyMoved: _moved, ev.CommissionKept: _commission,
        ev.DayOpened: _day_opened, ev.DayClosed: _day_closed, **menu_tables.TELLERS, **continuity.TELLERS,
    },
)  # fmt: skip


# Readers


def next_no(conn: Conn) -> int:
    """Return the next receipt number: gapless over sales and refunds (R10, R24)."""
    return continuity.after(conn, "no", "SELECT coalesce(max(no), 0) FROM till_ticket")


def next_z(conn: Conn) -> int:
    """Return the next number of a day closure."""
    return continuity.after(conn, "z", "SELECT coalesce(max(z), 0) FROM till_day")


def open_day(conn: Conn) -> sqlite3.Row | None:
    """Return the open day, or None."""
    row: sqlite3.Row | None = conn.execute(
        "SELECT * FROM till_day WHERE closed_seq = 0 ORDER BY day DESC LIMIT 1"
    ).fetchone()
    return row


def day_row(conn: Conn, day: str) -> sqlite3.Row | None:
    """Return a day, open or closed."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM till_day WHERE day = ?", (day,)).fetchone()
    return row


def periods(conn: Conn, day: str) -> int:
    """Return how often a calendar day was opened."""
    return int(conn.execute("SELECT count(*) FROM till_day WHERE substr(day, 1, 10) = ?", (day,)).fetchone()[0])


def last_left(conn: Conn) -> int:
    """Return what was left in the drawer when the last day ended."""
    row = conn.execute(
        "SELECT left_cents FROM till_day WHERE closed_seq > 0 ORDER BY closed_seq DESC LIMIT 1"
    ).fetchone()
    return int(row[0]) if row else 0


def totals(conn: Conn, day: str, what: str) -> dict[str, tuple[int, int, int]]:
    """Return running totals by key: (amount, net, n)."""
    rows = conn.execute(
        "SELECT key, amount, net, n FROM till_total WHERE day = ? AND what = ? ORDER BY key", (day, what)
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def total(conn: Conn, day: str, what: str, key: str) -> int:
    """Return one running total's amount."""
    row = conn.execute(
        "SELECT amount FROM till_total WHERE day = ? AND what = ? AND key = ?", (day, what, key)
    ).fetchone()
    return int(row[0]) if row else 0


def drawer_expected(conn: Conn, day: str) -> int:
    """Return the cash that must be in the drawer: float, sales, movements, cash-back, part payments."""
    return sum(amount for amount, _net, _n in totals(conn, day, "cash").values())


def ticket(conn: Conn, no: int) -> sqlite3.Row | None:
    """Return a ticket by its number."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM till_ticket WHERE no = ?", (no,)).fetchone()
    return row


def ticket_of_tab(conn: Conn, tab: str) -> sqlite3.Row | None:
    """Return the ticket that a bill became, or None."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM till_ticket WHERE tab = ?", (tab,)).fetchone()
    return row


def tickets(conn: Conn, day: str) -> list[sqlite3.Row]:
    """Return the tickets of a day, newest first."""
    return conn.execute("SELECT * FROM till_ticket WHERE day = ? ORDER BY no DESC", (day,)).fetchall()


def refunds_of(conn: Conn, no: int) -> list[sqlite3.Row]:
    """Return the refund tickets of a sale, oldest first."""
    return conn.execute("SELECT * FROM till_ticket WHERE original = ? ORDER BY no", (no,)).fetchall()


def refunded_lines(conn: Conn, no: int) -> dict[int, sqlite3.Row]:
    """Return what was refunded of a ticket so far, by place of the line."""
    rows = conn.execute("SELECT place, quantity, gross, net FROM till_refunded_line WHERE no = ?", (no,))
    return {row["place"]: row for row in rows}


def unsettled_cards(conn: Conn) -> list[sqlite3.Row]:
    """Return card payments started whose outcome nobody said yet."""
    return conn.execute("SELECT * FROM till_card WHERE outcome = '' ORDER BY started_at").fetchall()


def card(conn: Conn, payment: str) -> sqlite3.Row | None:
    """Return a card payment."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM till_card WHERE payment = ?", (payment,)).fetchone()
    return row


def pending_refund(conn: Conn, no: int) -> sqlite3.Row | None:
    """Return the money of a ticket that is going back on a card, its outcome not said yet."""
    row: sqlite3.Row | None = conn.execute(
        "SELECT * FROM till_card WHERE no = ? AND no > 0 AND outcome = ''", (no,)
    ).fetchone()
    return row


def cancel_refused(conn: Conn, no: int) -> bool:
    """Tell whether the terminal did not undo the payment of a ticket when it was asked to."""
    found = conn.execute(
        "SELECT 1 FROM till_card WHERE no = ? AND no > 0 AND action = 'cancel' AND outcome IN ('refused', 'cancelled')",
        (no,),
    ).fetchone()
    return found is not None


def third_parties(conn: Conn) -> dict[str, int]:
    """Return what the café owes each third party."""
    return {row[0]: row[1] for row in conn.execute("SELECT owner, balance FROM till_third_party ORDER BY owner")}
