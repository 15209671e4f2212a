"""Accounts, slates, vouchers, the fund and local notes as the journal tells them, each with its moves.

prepaid    + topped up          − paid with        third party `prepaid`   = their sum
slate      + charged            − paid back        third party `slate`     = minus their sum
gift       + voucher sold       − paid with        third party `gift`      = their sum
suspended  + given              − taken            third party `suspended` = the fund
local      + notes taken        − handed over      third party `local`     = minus the box
"""

import sqlite3
from datetime import date

from pos.journal import Envelope
from pos.projections import Projection
from pos.services.accounts import events as ev
from pos.till.events import SaleCompleted, SaleRefunded

Conn = sqlite3.Connection

PREPAID, SLATE, GIFT, SUSPENDED, LOCAL = "prepaid", "slate", "gift", "suspended", "local"
OWNERS = (PREPAID, SLATE, GIFT, SUSPENDED, LOCAL)
# What a line of a bill settles.
TOP_UP, PAY_BACK, VOUCHER, GIVEN = "accounts.top_up:", "accounts.pay_back:", "accounts.voucher:", "accounts.given:"
# A voucher sold before any settings holds a year.
VOUCHER_MONTHS = 12

SCHEMA = """
CREATE TABLE accounts_limits (
  valid_from TEXT NOT NULL, seq INTEGER NOT NULL, person_ceiling INTEGER NOT NULL, cafe_ceiling INTEGER NOT NULL,
  alert_days INTEGER NOT NULL, coffee_price INTEGER NOT NULL, voucher_months INTEGER NOT NULL, PRIMARY KEY (valid_from, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE accounts_account (
  person TEXT PRIMARY KEY, opened TEXT NOT NULL, slate_allowed INTEGER NOT NULL, ceiling INTEGER NOT NULL,
  prepaid INTEGER NOT NULL DEFAULT 0, slate INTEGER NOT NULL DEFAULT 0, closed INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE accounts_voucher (
  code TEXT PRIMARY KEY, day TEXT NOT NULL, until TEXT NOT NULL, sold INTEGER NOT NULL, balance INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE accounts_fund (
  what TEXT PRIMARY KEY, balance INTEGER NOT NULL, n_in INTEGER NOT NULL, n_out INTEGER NOT NULL, last_out TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE accounts_move (
  seq INTEGER NOT NULL, place INTEGER NOT NULL, what TEXT NOT NULL, ref TEXT NOT NULL, why TEXT NOT NULL,
  day TEXT NOT NULL, t INTEGER NOT NULL, no INTEGER NOT NULL, amount INTEGER NOT NULL, balance INTEGER NOT NULL,
  PRIMARY KEY (seq, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX accounts_move_by_ref ON accounts_move (what, ref);
CREATE INDEX accounts_move_by_day ON accounts_move (day);
CREATE INDEX accounts_move_by_ticket ON accounts_move (no) WHERE no > 0;
CREATE TABLE accounts_currency (
  one INTEGER PRIMARY KEY CHECK (one = 1), label TEXT NOT NULL, accepted INTEGER NOT NULL, counted_on TEXT NOT NULL,
  counted INTEGER NOT NULL, difference INTEGER NOT NULL
) STRICT
"""

_MOVE = """INSERT INTO accounts_move (seq, place, what, ref, why, day, t, no, amount, balance)
VALUES (?, (SELECT count(*) FROM accounts_move WHERE seq = ?), ?, ?, ?, ?, ?, ?, ?, ?)"""
_FUND = """INSERT INTO accounts_fund (what, balance, n_in, n_out, last_out) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (what) DO UPDATE SET balance = balance + excluded.balance, n_in = n_in + excluded.n_in,
n_out = n_out + excluded.n_out, last_out = max(last_out, excluded.last_out)"""
_VOUCHER = """INSERT INTO accounts_voucher (code, day, until, sold, balance) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (code) DO UPDATE SET sold = sold + excluded.sold, balance = balance + excluded.balance"""
_OPENED = """INSERT INTO accounts_account (person, opened, slate_allowed, ceiling) VALUES (?, ?, ?, ?)
ON CONFLICT (person) DO UPDATE SET slate_allowed = excluded.slate_allowed, ceiling = excluded.ceiling, closed = 0"""
_LIMITS = "INSERT INTO accounts_limits VALUES (?, ?, ?, ?, ?, ?, ?)"
_CURRENCY = """INSERT INTO accounts_currency (one, label, accepted, counted_on, counted, difference) VALUES (1, ?, ?, '', 0, 0)
ON CONFLICT (one) DO UPDATE SET label = excluded.label, accepted = excluded.accepted"""


def _limits_set(conn: Conn, entry: Envelope, e: ev.LimitsSet) -> None:
    conn.execute(
        _LIMITS,
        (e.valid_from, entry.seq, e.person_ceiling, e.cafe_ceiling, e.alert_days, e.coffee_price, e.voucher_months),
    )


def _opened(conn: Conn, entry: Envelope, e: ev.AccountOpened) -> None:
    conn.execute(_OPENED, (e.person, e.day, int(e.slate), e.ceiling))


def _closed(conn: Conn, entry: Envelope, e: ev.AccountClosed) -> None:
    conn.execute("UPDATE accounts_account SET closed = 1 WHERE person = ?", (e.person,))


def _move(
    conn: Conn, entry: Envelope, day: str, what: str, ref: str, why: str, amount: int, no: int = 0, n: int = 0
) -> None:
    """Move one account, voucher or fund and note the balance it leaves."""
    if what == PREPAID:
        conn.execute("UPDATE accounts_account SET prepaid = prepaid + ? WHERE person = ?", (amount, ref))
    elif what == SLATE:
        conn.execute("UPDATE accounts_account SET slate = slate + ? WHERE person = ?", (amount, ref))
    elif what == GIFT:
        sold = amount if why == "sold" else 0
        conn.execute(_VOUCHER, (ref, day[:10], _until(conn, day[:10]), sold, amount))
    else:
        conn.execute(
            _FUND,
            (
                what,
                amount,
                max(0, n) if why == "given" else 0,
                n if why == "taken" else 0,
                day[:10] if why == "taken" else "",
            ),
        )
    balance = balance_of(conn, what, ref)
    conn.execute(_MOVE, (entry.seq, entry.seq, what, ref, why, day[:10], entry.t, no, amount, balance))


def _until(conn: Conn, day: str) -> str:
    """Return until when a voucher sold on `day` holds: the day before, so many months later."""
    row = conn.execute(
        "SELECT voucher_months FROM accounts_limits WHERE valid_from <= ? ORDER BY valid_from DESC, seq DESC LIMIT 1",
        (day,),
    ).fetchone()
    months = row[0] if row else VOUCHER_MONTHS
    sold = date.fromisoformat(day)
    years, month = divmod(sold.month - 1 + months, 12)
    # The last days of a month end with the shorter month.
    for of_month in range(sold.day, sold.day - 4, -1):
        try:
            return date(sold.year + years, month + 1, of_month).isoformat()
        except ValueError:
            continue
    return day


def _ticket(conn: Conn, entry: Envelope, e: SaleCompleted | SaleRefunded) -> None:
    """A sale and a refund tell alike: amounts and quantities of a refund are negative."""
    back = isinstance(e, SaleRefunded)
    for line in e.lines:
        kind, _sep, ref = line.ref.partition(":")
        told = {
            TOP_UP: (PREPAID, "topped_up", line.gross), PAY_BACK: (SLATE, "paid_back", -line.gross),
            VOUCHER: (GIFT, "sold", line.gross), GIVEN: (SUSPENDED, "given", line.gross),
        }.get(f"{kind}:")  # fmt: skip
        if told is not None:
            what, why, amount = told
            _move(conn, entry, e.day, what, "" if what == SUSPENDED else ref, why, amount, e.no, line.quantity // 1000)
    for payment in e.payments:
        if payment.owner in (PREPAID, GIFT, SUSPENDED):
            _move(conn, entry, e.day, payment.owner, payment.ref, "taken", -payment.amount, e.no, -1 if back else 1)
        elif payment.owner in (SLATE, LOCAL):
            _move(conn, entry, e.day, payment.owner, payment.ref, "charged", payment.amount, e.no)


def _paid_out(conn: Conn, entry: Envelope, e: ev.PrepaidPaidOut) -> None:
    _move(conn, entry, e.day, PREPAID, e.person, "paid_out", -e.amount)


def _written_off(conn: Conn, entry: Envelope, e: ev.SlateWrittenOff) -> None:
    _move(conn, entry, e.day, SLATE, e.person, "written_off", -e.amount)


def _extended(conn: Conn, entry: Envelope, e: ev.VoucherExtended) -> None:
    conn.execute("UPDATE accounts_voucher SET until = ? WHERE code = ?", (e.until, e.voucher))


def _currency_set(conn: Conn, entry: Envelope, e: ev.CurrencySet) -> None:
    conn.execute(_CURRENCY, (e.label, int(e.accepted)))


def _currency_counted(conn: Conn, entry: Envelope, e: ev.CurrencyCounted) -> None:
    conn.execute(
        "UPDATE accounts_currency SET counted_on = ?, counted = ?, difference = ?",
        (e.day[:10], e.counted, e.counted - e.expected),
    )


def _handed_over(conn: Conn, entry: Envelope, e: ev.CurrencyHandedOver) -> None:
    _move(conn, entry, e.day, LOCAL, "", "handed_over", -e.amount)


PROJECTION = Projection(
    "accounts",
    SCHEMA,
    {
        ev.LimitsSet: _limits_set, ev.AccountOpened: _opened, ev.AccountClosed: _closed, ev.PrepaidPaidOut: _paid_out,
        ev.SlateWrittenOff: _written_off, ev.VoucherExtended: _extended, ev.CurrencySet: _currency_set,
        ev.CurrencyCounted: _currency_counted, ev.CurrencyHandedOver: _handed_over, SaleCompleted: _ticket,
        SaleRefunded: _ticket,
    },
)  # fmt: skip


# Readers


def account(conn: Conn, person: str) -> sqlite3.Row | None:
    """Return a person's account."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM accounts_account WHERE person = ?", (person,)).fetchone()
    return row


def voucher(conn: Conn, code: str) -> sqlite3.Row | None:
    """Return a gift voucher."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM accounts_voucher WHERE code = ?", (code,)).fetchone()
    return row


def fund(conn: Conn, what: str) -> sqlite3.Row | None:
    """Return the fund of suspended coffees, or the box of local notes."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM accounts_fund WHERE what = ?", (what,)).fetchone()
    return row


def currency(conn: Conn) -> sqlite3.Row | None:
    """Return the local currency the café takes or took."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM accounts_currency").fetchone()
    return row


def balance_of(conn: Conn, what: str, ref: str = "") -> int:
    """Return what is on an account, slate, voucher or fund."""
    if what in (PREPAID, SLATE):
        row = account(conn, ref)
        return int(row[what]) if row is not None else 0
    found = voucher(conn, ref) if what == GIFT else fund(conn, what)
    return int(found["balance"]) if found is not None else 0


def sum_of(conn: Conn, what: str) -> int:
    """Return the sum of all accounts, slates or vouchers, or the fund."""
    if what in (PREPAID, SLATE):
        return int(conn.execute(f"SELECT coalesce(sum({what}), 0) FROM accounts_account").fetchone()[0])
    if what == GIFT:
        return int(conn.execute("SELECT coalesce(sum(balance), 0) FROM accounts_voucher").fetchone()[0])
    return balance_of(conn, what)
