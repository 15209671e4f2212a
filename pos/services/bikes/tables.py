"""The bikes as the journal tells them: fleet, prices, hires with their charges and deposits, income by day."""

import sqlite3

from pos.journal import Envelope
from pos.projections import Projection
from pos.services.bikes import events as ev
from pos.till.events import SaleCompleted, SaleLine, SaleRefunded

Conn = sqlite3.Connection

CODE = "bike_rental"
# The account of cash deposits, and the means that pays a bill out of one.
OWNER, MEANS = "deposit:bikes", "bike_deposit"
AVAILABLE, RENTED, MAINTENANCE, LOST, STOLEN, RETIRED = (
    "available",
    "rented",
    "maintenance",
    "lost",
    "stolen",
    "retired",
)
OUT, BACK, CANCELLED = "out", "back", "cancelled"
CASH, CHEQUE, IMPRINT, NONE = "cash", "cheque", "card_imprint", "none"
HIRE, LATE, REPAIR, KEPT = "hire", "late", "repair", "kept"
REF = "bikes."

SCHEMA = """
CREATE TABLE bike_terms (
  valid_from TEXT NOT NULL, seq INTEGER NOT NULL, grace_minutes INTEGER NOT NULL, late_minutes INTEGER NOT NULL,
  late_price INTEGER NOT NULL, PRIMARY KEY (valid_from, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE bike_price (
  rule TEXT NOT NULL, sort TEXT NOT NULL, valid_from TEXT NOT NULL, seq INTEGER NOT NULL, minutes INTEGER NOT NULL,
  price INTEGER NOT NULL, PRIMARY KEY (rule, sort, valid_from, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE bike_fleet (
  bike TEXT PRIMARY KEY, number INTEGER NOT NULL, sort TEXT NOT NULL, label TEXT NOT NULL, deposit INTEGER NOT NULL,
  state TEXT NOT NULL, reason TEXT NOT NULL, since TEXT NOT NULL, rental TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE bike_rental (
  rental TEXT PRIMARY KEY, contract TEXT NOT NULL, number INTEGER NOT NULL, bike TEXT NOT NULL, rule TEXT NOT NULL,
  minutes INTEGER NOT NULL, price INTEGER NOT NULL, out_at INTEGER NOT NULL, due_at INTEGER NOT NULL, day TEXT NOT NULL,
  deposit_kind TEXT NOT NULL, deposit INTEGER NOT NULL, held INTEGER NOT NULL, kept INTEGER NOT NULL,
  proof TEXT NOT NULL, condition_out TEXT NOT NULL, accessories TEXT NOT NULL, person TEXT NOT NULL, visit TEXT NOT NULL,
  state TEXT NOT NULL, back_at INTEGER NOT NULL, back_day TEXT NOT NULL, late_minutes INTEGER NOT NULL,
  condition_back TEXT NOT NULL, damages TEXT NOT NULL, missing TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX bike_rental_by_state ON bike_rental (state, due_at);
CREATE INDEX bike_rental_by_held ON bike_rental (held);
CREATE INDEX bike_rental_by_day ON bike_rental (day);
CREATE TABLE bike_charge (
  rental TEXT NOT NULL, what TEXT NOT NULL, due INTEGER NOT NULL, paid INTEGER NOT NULL, settled INTEGER NOT NULL,
  ticket INTEGER NOT NULL, PRIMARY KEY (rental, what)
) STRICT, WITHOUT ROWID;
CREATE TABLE bike_income (
  day TEXT NOT NULL, what TEXT NOT NULL, amount INTEGER NOT NULL, PRIMARY KEY (day, what)
) STRICT, WITHOUT ROWID;
CREATE TABLE bike_welcome (
  day TEXT NOT NULL, what TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (day, what)
) STRICT, WITHOUT ROWID
"""

_FLEET = """INSERT INTO bike_fleet (bike, number, sort, label, deposit, state, reason, since, rental)
VALUES (?, ?, ?, ?, ?, 'available', '', '', '') ON CONFLICT (bike) DO UPDATE SET number = excluded.number,
sort = excluded.sort, label = excluded.label, deposit = excluded.deposit"""
_MOVE = "UPDATE bike_fleet SET state = ?, reason = ?, since = ?, rental = ? WHERE bike = ?"
_HIRED = """INSERT INTO bike_rental VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, 'out', 0, '', 0, '', '', '')"""
_RETURNED = """UPDATE bike_rental SET state = ?, back_at = ?, back_day = ?, late_minutes = ?, condition_back = ?, damages = ?,
missing = ? WHERE rental = ?"""
_CHARGE = """INSERT INTO bike_charge (rental, what, due, paid, settled, ticket) VALUES (?, ?, ?, 0, 0, 0)
ON CONFLICT (rental, what) DO UPDATE SET due = excluded.due"""
_PAID = """INSERT INTO bike_charge (rental, what, due, paid, settled, ticket) VALUES (?, ?, ?, ?, 1, ?)
ON CONFLICT (rental, what) DO UPDATE SET paid = paid + excluded.paid, settled = 1, ticket = excluded.ticket"""
_UNPAID = "UPDATE bike_charge SET paid = paid + ? WHERE rental = ? AND what = ?"
_INCOME = """INSERT INTO bike_income (day, what, amount) VALUES (?, ?, ?)
ON CONFLICT (day, what) DO UPDATE SET amount = amount + excluded.amount"""
_FROM_CASH = "UPDATE bike_rental SET held = held - ?, kept = kept + ? WHERE rental = ? AND deposit_kind = 'cash'"
# A cheque or an imprint is kept or not: no money of it is in the drawer.
_FROM_PAPER = """UPDATE bike_rental SET kept = kept + ?, held = CASE WHEN kept + ? > 0 THEN 0 ELSE deposit END
WHERE rental = ? AND deposit_kind IN ('cheque', 'card_imprint')"""
_WELCOME = (
    "INSERT INTO bike_welcome (day, what, n) VALUES (?, ?, ?) ON CONFLICT (day, what) DO UPDATE SET n = n + excluded.n"
)


def ref(what: str, rental: str) -> str:
    """Return what a bill's line says of its hire."""
    return f"{REF}{what}:{rental}"


def referred(text: str) -> tuple[str, str]:
    """Return what a line's reference is of a hire: the charge and the rental, or two empty texts."""
    if not text.startswith(REF):
        return "", ""
    what, _colon, rental = text.removeprefix(REF).partition(":")
    return what, rental


def _terms_set(conn: Conn, entry: Envelope, e: ev.TermsSet) -> None:
    conn.execute(
        "INSERT INTO bike_terms VALUES (?, ?, ?, ?, ?)",
        (e.valid_from, entry.seq, e.grace_minutes, e.late_minutes, e.late_price),
    )


def _price_set(conn: Conn, entry: Envelope, e: ev.PriceSet) -> None:
    conn.execute(
        "INSERT INTO bike_price VALUES (?, ?, ?, ?, ?, ?)",
        (e.rule, e.sort, e.valid_from, entry.seq, e.minutes, e.price),
    )


def _listed(conn: Conn, _entry: Envelope, e: ev.BikeListed) -> None:
    conn.execute(_FLEET, (e.bike, e.number, e.sort, e.label, e.deposit))


def _moved(conn: Conn, _entry: Envelope, e: ev.BikeMoved) -> None:
    conn.execute(_MOVE, (e.state, e.reason, e.day, "", e.bike))


def _hired(conn: Conn, _entry: Envelope, e: ev.BikeHired) -> None:
    conn.execute(
        _HIRED,
        (e.rental, e.contract, e.number, e.bike, e.rule, e.minutes, e.price, e.out_at, e.due_at, e.day, e.deposit_kind,
         e.deposit, e.deposit, e.proof, e.condition, " ".join(e.accessories), e.person, e.visit),
    )  # fmt: skip
    conn.execute(_MOVE, (RENTED, "", e.day, e.rental, e.bike))
    conn.execute(_CHARGE, (e.rental, HIRE, e.price))


def _cancelled(conn: Conn, _entry: Envelope, e: ev.HireCancelled) -> None:
    conn.execute("UPDATE bike_rental SET state = ?, back_day = ? WHERE rental = ?", (CANCELLED, e.day, e.rental))
    conn.execute("UPDATE bike_charge SET settled = 1 WHERE rental = ?", (e.rental,))
    conn.execute(_MOVE, (AVAILABLE, "", e.day, "", e.bike))


def _returned(conn: Conn, _entry: Envelope, e: ev.BikeReturned) -> None:
    gone = e.state if e.state in (LOST, STOLEN) else BACK
    conn.execute(
        _RETURNED,
        (gone, e.back_at, e.day, e.late_minutes, e.condition, " ".join(e.damages), " ".join(e.missing), e.rental),
    )
    conn.execute(_MOVE, (e.state, e.damages[0] if e.damages else "", e.day, "", e.bike))
    for what, due in ((LATE, e.late_due), (REPAIR, e.repair_due)):
        if due:
            conn.execute(_CHARGE, (e.rental, what, due))


def _released(conn: Conn, _entry: Envelope, e: ev.DepositReleased) -> None:
    conn.execute("UPDATE bike_rental SET held = held - ? WHERE rental = ?", (e.amount, e.rental))


def _welcome(conn: Conn, _entry: Envelope, e: ev.WelcomeGiven) -> None:
    conn.execute(_WELCOME, (e.day, e.what, e.n))


def _lines(conn: Conn, day: str, lines: list[SaleLine], no: int, sold: bool) -> None:
    for line in lines:
        what, rental = referred(line.ref)
        if not rental:
            continue
        if sold:
            conn.execute(_PAID, (rental, what, line.gross, line.gross, no))
        else:
            conn.execute(_UNPAID, (line.gross, rental, what))
        conn.execute(_INCOME, (day[:10], what, line.gross))
        if what == KEPT:
            conn.execute(_FROM_PAPER, (line.gross, line.gross, rental))


def _sold(conn: Conn, _entry: Envelope, e: SaleCompleted) -> None:
    _lines(conn, e.day, e.lines, e.no, True)
    for payment in e.payments:
        if payment.owner == OWNER:
            conn.execute(_FROM_CASH, (payment.amount, payment.amount, payment.ref))


def _refunded(conn: Conn, _entry: Envelope, e: SaleRefunded) -> None:
    _lines(conn, e.day, e.lines, e.no, False)
    for payment in e.payments:
        # What the deposit paid goes back to it: amounts of a refund are negative.
        if payment.owner == OWNER:
            conn.execute(_FROM_CASH, (payment.amount, payment.amount, payment.ref))


PROJECTION = Projection(
    "bikes",
    SCHEMA,
    {
        ev.TermsSet: _terms_set, ev.PriceSet: _price_set, ev.BikeListed: _listed, ev.BikeMoved: _moved, ev.BikeHired: _hired,
        ev.HireCancelled: _cancelled, ev.BikeReturned: _returned, ev.DepositReleased: _released, ev.WelcomeGiven: _welcome,
        SaleCompleted: _sold, SaleRefunded: _refunded,
    },
)  # fmt: skip
