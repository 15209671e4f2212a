"""The meals as the journal tells them."""

import sqlite3

from pos.engines.persons import PersonErased
from pos.journal import Envelope
from pos.projections import Projection
from pos.services.meals import events as ev
from pos.services.meals.schema import (
    ABSENT,
    ACCEPTED,
    BILL,
    CANCELLED,
    CLAIM,
    COLD,
    DECLINED,
    DELIVERED,
    ENDED,
    MEAL_PRODUCT,
    OUT,
    PLANNED,
    PREPARED,
    PROPOSED,
    PURPOSE,
    SCHEMA,
    SERVED,
)  # fmt: skip
from pos.till.events import SaleCompleted, SaleRefunded

Conn = sqlite3.Connection

_PROBE = "INSERT INTO meal_probe (seq, day, at, chain, temperature, moment, good) VALUES (?, ?, ?, ?, ?, ?, ?)"
# Undoing leads back one step; what a step wrote is unwritten.
_DONE = "UPDATE meal_meal SET was = state, state = ?, done_on = ?, done_at = ? WHERE meal = ?"
_OPEN_AHEAD = "UPDATE meal_meal SET state = 'cancelled' WHERE beneficiary = ? AND state = 'planned'"
_PAY = """UPDATE meal_meal SET paid_no = ? WHERE meal IN (
SELECT meal FROM meal_meal WHERE beneficiary = ? AND funder = '' AND paid_no = 0
AND state IN ('planned', 'prepared', 'out', 'delivered', 'served') ORDER BY for_day, meal LIMIT ?)"""
_UNPAY = """UPDATE meal_meal SET paid_no = 0 WHERE meal IN (
SELECT meal FROM meal_meal WHERE beneficiary = ? AND paid_no = ? ORDER BY for_day DESC, meal DESC LIMIT ?)"""


def _terms(conn: Conn, entry: Envelope, e: ev.TermsSet) -> None:
    conn.execute(
        "INSERT INTO meal_terms VALUES (?, ?, ?, ?, ?)",
        (e.valid_from, entry.seq, e.meal_price, e.delivery_price, e.cut_off),
    )


def _funder(conn: Conn, entry: Envelope, e: ev.FunderSet) -> None:
    conn.execute(
        "INSERT OR REPLACE INTO meal_funder VALUES (?, ?, ?, ?, ?, ?)",
        (e.funder, e.month, e.label, e.quota, e.price, e.target),
    )


def _proposed(conn: Conn, entry: Envelope, e: ev.BeneficiaryProposed) -> None:
    conn.execute(
        "INSERT INTO meal_person (beneficiary, number, state, origin) VALUES (?, ?, ?, ?)",
        (e.beneficiary, e.number, PROPOSED, e.origin),
    )


def _accepted(conn: Conn, entry: Envelope, e: ev.BeneficiaryAccepted) -> None:
    conn.execute(
        "UPDATE meal_person SET state = ?, accepted_on = ?, ended_on = '' WHERE beneficiary = ?",
        (ACCEPTED, e.day, e.beneficiary),
    )


def _end(conn: Conn, beneficiary: str, day: str) -> None:
    conn.execute(
        "UPDATE meal_person SET state = ?, ended_on = ?, weekdays = '' WHERE beneficiary = ?", (ENDED, day, beneficiary)
    )
    conn.execute(_OPEN_AHEAD, (beneficiary,))


def _ended(conn: Conn, entry: Envelope, e: ev.BeneficiaryEnded) -> None:
    _end(conn, e.beneficiary, e.day)


def _erased(conn: Conn, entry: Envelope, e: PersonErased) -> None:
    """Who was forgotten has no meal ahead; those of the past stay counted."""
    if e.purpose == PURPOSE:
        _end(conn, e.person, "")


def _subscribed(conn: Conn, entry: Envelope, e: ev.Subscribed) -> None:
    conn.execute(
        "UPDATE meal_person SET weekdays = ?, place = ?, funder = ?, valid_from = ? WHERE beneficiary = ?",
        ("".join(str(day) for day in e.weekdays), e.place, e.funder, e.valid_from, e.beneficiary),
    )


def _paused(conn: Conn, entry: Envelope, e: ev.Paused) -> None:
    conn.execute("INSERT OR REPLACE INTO meal_pause VALUES (?, ?, ?)", (e.beneficiary, e.first, e.last))


def _resumed(conn: Conn, entry: Envelope, e: ev.Resumed) -> None:
    conn.execute("DELETE FROM meal_pause WHERE beneficiary = ? AND first >= ?", (e.beneficiary, e.day))
    conn.execute(
        "UPDATE meal_pause SET last = date(?, '-1 day') WHERE beneficiary = ? AND last >= ?",
        (e.day, e.beneficiary, e.day),
    )


def _ordered(conn: Conn, entry: Envelope, e: ev.MealOrdered) -> None:
    conn.execute(
        "INSERT INTO meal_meal (meal, number, beneficiary, for_day, place, funder, late, standing, state)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (e.meal, e.number, e.beneficiary, e.for_day, e.place, e.funder, int(e.late), int(e.standing), PLANNED),
    )


def _cancelled(conn: Conn, entry: Envelope, e: ev.MealCancelled) -> None:
    conn.execute("UPDATE meal_meal SET state = ? WHERE meal = ?", (CANCELLED, e.meal))


def _refunded_by(conn: Conn, entry: Envelope, e: ev.FunderChanged) -> None:
    conn.execute("UPDATE meal_meal SET funder = ? WHERE meal = ?", (e.funder, e.meal))


def _closed(conn: Conn, entry: Envelope, e: ev.OrdersClosed) -> None:
    conn.execute("INSERT OR REPLACE INTO meal_closed VALUES (?, ?, ?)", (e.for_day, e.meals, entry.t))


def _prepared(conn: Conn, entry: Envelope, e: ev.MealsPrepared) -> None:
    conn.execute(
        "INSERT INTO meal_batch VALUES (?, ?, ?, ?, ?, ?, ?)",
        (e.batch, e.number, e.day, entry.t, len(e.meals), e.chain, int(e.witness)),
    )
    conn.executemany(
        "UPDATE meal_meal SET state = ?, chain = ?, made_on = ?, made_at = ? WHERE meal = ?",
        [(PREPARED, e.chain, e.day, entry.t, meal) for meal in e.meals],
    )


def _probe(conn: Conn, entry: Envelope, e: ev.ProbeRefused) -> None:
    conn.execute(_PROBE, (entry.seq, e.day, entry.t, e.chain, e.temperature, "departure", 0))


def _left(conn: Conn, entry: Envelope, e: ev.RoundLeft) -> None:
    at = e.happened_at or entry.t
    conn.execute(
        "INSERT INTO meal_round (round, number, day, left_at, chain, temperature, op) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (e.round, e.number, e.day, at, e.chain, e.temperature, entry.op),
    )
    conn.executemany(
        "UPDATE meal_meal SET state = ?, round = ?, left_at = ? WHERE meal = ?",
        [(OUT, e.round, at, meal) for meal in e.meals],
    )
    conn.execute(_PROBE, (entry.seq, e.day, at, e.chain, e.temperature, "departure", 1))


def _delivered(conn: Conn, entry: Envelope, e: ev.MealDelivered) -> None:
    at = e.happened_at or entry.t
    conn.execute(_DONE, (DELIVERED, e.day, at, e.meal))
    conn.execute("UPDATE meal_meal SET temperature = ? WHERE meal = ?", (e.temperature, e.meal))
    if e.temperature != ev.UNMEASURED:
        chain = conn.execute("SELECT chain FROM meal_meal WHERE meal = ?", (e.meal,)).fetchone()[0]
        good = e.temperature <= 30 if chain == COLD else e.temperature >= 630
        conn.execute(_PROBE, (entry.seq, e.day, at, chain, e.temperature, "door", int(good)))


def _served(conn: Conn, entry: Envelope, e: ev.MealServed) -> None:
    conn.execute(_DONE, (SERVED, e.day, entry.t, e.meal))
    # Served before anybody noted the cooking: it was made all the same.
    conn.execute(
        "UPDATE meal_meal SET made_on = ?, made_at = ? WHERE meal = ? AND made_on = ''", (e.day, entry.t, e.meal)
    )


def _unanswered(conn: Conn, entry: Envelope, e: ev.DoorUnanswered) -> None:
    at = e.happened_at or entry.t
    conn.execute(_DONE, (ABSENT, e.day, at, e.meal))
    conn.execute("UPDATE meal_meal SET absent_at = ?, called_at = 0, outcome = '' WHERE meal = ?", (at, e.meal))


def _called(conn: Conn, entry: Envelope, e: ev.ContactCalled) -> None:
    conn.execute(
        "UPDATE meal_meal SET called_at = ?, outcome = ? WHERE meal = ?", (e.happened_at or entry.t, e.outcome, e.meal)
    )


def _declined(conn: Conn, entry: Envelope, e: ev.MealDeclined) -> None:
    conn.execute(_DONE, (DECLINED, e.day, entry.t, e.meal))


def _disposed(conn: Conn, entry: Envelope, e: ev.MealDisposed) -> None:
    conn.execute(_DONE, (e.how, e.day, entry.t, e.meal))


def _undone(conn: Conn, entry: Envelope, e: ev.MealUndone) -> None:
    absent = e.was == ABSENT
    conn.execute(
        "UPDATE meal_meal SET state = was, was = '', done_on = '', done_at = 0, temperature = ?,"
        " absent_at = CASE WHEN ? THEN 0 ELSE absent_at END, called_at = CASE WHEN ? THEN 0 ELSE called_at END,"
        " outcome = CASE WHEN ? THEN '' ELSE outcome END WHERE meal = ?",
        (ev.UNMEASURED, absent, absent, absent, e.meal),
    )
    # Made only because it was served: planned again, it is still to be made.
    conn.execute("UPDATE meal_meal SET made_on = '', made_at = 0 WHERE meal = ? AND state = ?", (e.meal, PLANNED))


def _round_closed(conn: Conn, entry: Envelope, e: ev.RoundClosed) -> None:
    conn.execute("UPDATE meal_round SET metres = ?, back_at = ? WHERE round = ?", (e.metres, entry.t, e.round))


def _claimed(conn: Conn, entry: Envelope, e: ev.MonthClaimed) -> None:
    conn.execute(
        "INSERT INTO meal_claim (claim, number, funder, month, meals, price, amount, ticket, day) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (e.claim, e.number, e.funder, e.month, len(e.meals), e.price, e.amount, e.ticket, e.day),
    )
    conn.executemany("UPDATE meal_meal SET claim = ? WHERE meal = ?", [(e.claim, meal) for meal in e.meals])


def _paid(conn: Conn, entry: Envelope, e: ev.ClaimPaid) -> None:
    conn.execute(
        "INSERT INTO meal_paid VALUES (?, ?, ?, ?, ?, ?)", (entry.seq, e.funder, e.amount, e.means, e.day, e.ref)
    )


def _sold(conn: Conn, entry: Envelope, e: SaleCompleted) -> None:
    """A bill pays the oldest meals of who was on it."""
    for line in e.lines:
        if line.product == MEAL_PRODUCT and line.ref.startswith(BILL):
            conn.execute(_PAY, (e.no, line.ref.removeprefix(BILL), line.quantity // 1000))


def _given_back(conn: Conn, entry: Envelope, e: SaleRefunded) -> None:
    """Money given back leaves the newest meals of the ticket unpaid; a claim taken back can be made again."""
    for line in e.lines:
        if line.product == MEAL_PRODUCT and line.ref.startswith(BILL):
            conn.execute(_UNPAY, (line.ref.removeprefix(BILL), e.original, -line.quantity // 1000))
        elif line.ref.startswith(CLAIM):
            claim = line.ref.removeprefix(CLAIM)
            conn.execute("UPDATE meal_claim SET taken_back = 1 WHERE claim = ?", (claim,))
            conn.execute("UPDATE meal_meal SET claim = '' WHERE claim = ?", (claim,))


PROJECTION = Projection(
    "meals",
    SCHEMA,
    {
        ev.TermsSet: _terms, ev.FunderSet: _funder, ev.BeneficiaryProposed: _proposed, ev.BeneficiaryAccepted: _accepted,
        ev.BeneficiaryEnded: _ended, PersonErased: _erased, ev.Subscribed: _subscribed, ev.Paused: _paused,
        ev.Resumed: _resumed, ev.MealOrdered: _ordered, ev.MealCancelled: _cancelled, ev.FunderChanged: _refunded_by,
        ev.OrdersClosed: _closed, ev.MealsPrepared: _prepared, ev.ProbeRefused: _probe, ev.RoundLeft: _left,
        ev.MealDelivered: _delivered, ev.MealServed: _served, ev.DoorUnanswered: _unanswered, ev.ContactCalled: _called,
        ev.MealDeclined: _declined, ev.MealDisposed: _disposed, ev.MealUndone: _undone, ev.RoundClosed: _round_closed,
        ev.MonthClaimed: _claimed, ev.ClaimPaid: _paid, SaleCompleted: _sold, SaleRefunded: _given_back,
    },
)  # fmt: skip
