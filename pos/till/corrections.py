"""A means of payment typed wrong: corrected by an entry of its own, in today's totals (R25)."""

import sqlite3

import msgspec

from pos.journal import Envelope, at_place
from pos.money import format_euros
from pos.projections import Projection
from pos.store import Store
from pos.till import law, sell, tables
from pos.till import means as paying
from pos.till import refusals as no
from pos.till.correction_events import PaymentCorrected
from pos.till.events import Payment, SaleCompleted, SaleRefunded
from pos.till.tab import CASH, MEAL_VOUCHER, MEANS

REASONS = ("mistyped", "customer_changed", "terminal", "other")

SCHEMA = """
CREATE TABLE till_corrected (
  no INTEGER NOT NULL, means TEXT NOT NULL, amount INTEGER NOT NULL, PRIMARY KEY (no, means)
) STRICT, WITHOUT ROWID
"""
_MOVE = """INSERT INTO till_corrected (no, means, amount) VALUES (?, ?, ?)
ON CONFLICT (no, means) DO UPDATE SET amount = amount + excluded.amount"""


def _corrected(conn: sqlite3.Connection, entry: Envelope, e: PaymentCorrected) -> None:
    for means, cents in ((e.was, -e.amount), (e.now, e.amount)):
        conn.execute(_MOVE, (e.no, means, cents))
        tables.add(conn, e.day, "means", means, cents, n=0)
        if means == CASH:
            tables.add(conn, e.day, "cash", "sales", cents, n=0)


PROJECTION = Projection("corrections", SCHEMA, {PaymentCorrected: _corrected})


def moved(conn: sqlite3.Connection, number: int) -> dict[str, int]:
    """Return what corrections of a ticket put on each means (negative: took off)."""
    return dict(
        conn.execute("SELECT means, amount FROM till_corrected WHERE no = ? AND amount <> 0", (number,)).fetchall()
    )


def as_corrected(conn: sqlite3.Connection, sale: SaleCompleted) -> SaleCompleted:
    """Return a sale with the payments it truly had, for giving money back the way it came."""
    shifts = moved(conn, sale.no)
    if not shifts:
        return sale
    payments: list[Payment] = []
    for payment in sale.payments:
        less = min(payment.amount, -shifts.get(payment.means, 0)) if shifts.get(payment.means, 0) < 0 else 0
        shifts[payment.means] = shifts.get(payment.means, 0) + less
        if payment.amount > less:
            payments.append(msgspec.structs.replace(payment, amount=payment.amount - less))
    payments += [Payment(means=means, amount=cents) for means, cents in shifts.items() if cents > 0]
    return msgspec.structs.replace(sale, payments=payments)


def correctable(store: Store, conn: sqlite3.Connection, sale: SaleCompleted) -> dict[str, int]:
    """Return what may still be corrected of a ticket, by means: not what an account or a cash-back hangs on."""
    left: dict[str, int] = {}
    for payment in as_corrected(conn, sale).payments:
        if payment.means in MEANS and not payment.owner and not (sale.cashback and payment.means == "card"):
            left[payment.means] = left.get(payment.means, 0) + payment.amount
    for row in tables.refunds_of(conn, sale.no):
        event = store.event(conn, row["seq"]).event
        for payment in event.payments if isinstance(event, SaleRefunded) else ():
            left[payment.means] = left.get(payment.means, 0) + payment.amount
    return {means: cents for means, cents in left.items() if cents > 0}


def correct_payment(
    store: Store, number: int, was: str, now: str, *, reason: str, amount: int | None = None, by: str, attempt: str = ""
) -> PaymentCorrected:
    """Say that ticket `number` was paid by `now`, not by `was` (all of it unless `amount` cents).

    The manager does it. Raises ReasonMissing, ManagerNeeded, NoSuchTicket, NoSuchMeans,
    NothingToCorrect, TooMuchCash, DrawerTooLow, NoMealOnBill, TooMuchByVoucher.
    """
    if reason not in REASONS:
        raise no.ReasonMissing
    with store.writing(by=by, attempt=attempt) as tx:
        day = sell.require_day(tx)
        if tables.role_of(tx.conn, by) != "manager":
            raise no.ManagerNeeded
        sale, seq = sell.sale_of(store, tx.conn, number)
        if now not in MEANS or now == was:
            raise no.NoSuchMeans(means=now)
        pending = tables.pending_refund(tx.conn, number)
        if pending is not None:
            raise no.RefundPending(amount=format_euros(pending["amount"]))
        paid = correctable(store, tx.conn, sale) if isinstance(sale, SaleCompleted) else {}
        left = paid.get(was, 0)
        cents = left if amount is None else amount
        if not 0 < cents <= left:
            raise no.NothingToCorrect(no=number)
        held = tables.drawer_expected(tx.conn, day)
        if was == CASH and cents > held:
            raise no.DrawerTooLow(held=format_euros(held), amount=format_euros(cents))
        if now == CASH:
            paying.check_cash(day, cents + paid.get(CASH, 0))
        if now == MEAL_VOUCHER:
            _check_vouchers(tx.conn, sale, cents, paid.get(MEAL_VOUCHER, 0))
        event = PaymentCorrected(
            no=number, original_seq=at_place(seq)[1], was=was, now=now, amount=cents, reason=reason, day=day
        )
        tx.record(event)
        return event


def _check_vouchers(conn: sqlite3.Connection, sale: SaleCompleted, cents: int, paid: int) -> None:
    """Refuse vouchers beyond what is left of the ticket's meals, or beyond one person's day (R100)."""
    classes, back = law.meal_classes(sale.day), tables.refunded_lines(conn, sale.no)
    meals = 0
    for place, line in enumerate(sale.lines):
        row = tables.product(conn, line.product)
        if row is not None and row["vat_class"] in classes and row["role"] in ("own", "agent_disclosed"):
            meals += line.gross - (back[place]["gross"] if place in back else 0)
    most = min(meals - paid, law.value("meal_voucher.daily_cap", sale.day))
    if most <= 0:
        raise no.NoMealOnBill
    if cents > most:
        raise no.TooMuchByVoucher(most=format_euros(most))
