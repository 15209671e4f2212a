"""From the kitchen to each door: rounds, temperatures, meals delivered, doors that stay closed, what is destroyed.

prepared → out → delivered          out → absent (call) → destroyed, given, served, delivered
prepared → served                   out → declined → destroyed, given
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from pos.engines import persons
from pos.ids import new_id
from pos.services.meals import events as ev
from pos.services.meals import orders, reading, rules, words
from pos.services.meals import refusals as no
from pos.services.meals.events import UNMEASURED
from pos.services.meals.schema import (
    ABSENT,
    COLD,
    DECLINED,
    DELIVERED,
    DESTROYED,
    FUNDED,
    GIVEN,
    HOT,
    OUT,
    PLANNED,
    PREPARED,
    PROMISED,
    PURPOSE,
    SERVED,
)  # fmt: skip
from pos.store import Store, Writing

OUTCOMES = tuple(words.OUTCOMES)


@dataclass(frozen=True, slots=True)
class Left:
    """A round that left: its id, its number on the sheet, its meals."""

    round: str
    number: int
    meals: list[str]


def leave(
    store: Store,
    *,
    temperature: int,
    meals: Sequence[str] = (),
    chain: str = "",
    happened_at: int = 0,
    by: str,
    attempt: str = "",
) -> Left:
    """Let a round leave with the prepared meals that go to homes, measured in tenths of a degree.

    A measure out of its limit is recorded too: nothing leaves. Raises NothingToCarry, NotATemperature,
    TooCool, TooWarm, NotNow, NotATime.
    """
    try:
        with store.writing(by=by, attempt=attempt) as tx:
            return _leave(tx, rules.checked(temperature), list(meals), chain, happened_at)
    except (no.TooCool, no.TooWarm) as refusal:
        # The register keeps what was measured, whatever was decided then.
        with store.writing(by=by) as tx:
            kept = COLD if isinstance(refusal, no.TooWarm) else HOT
            tx.record(ev.ProbeRefused(chain=kept, temperature=temperature, day=tx.today))
        raise


def _leave(tx: Writing, temperature: int, meals: list[str], chain: str, happened_at: int) -> Left:
    chain = chain or _first_chain(tx, meals)
    wanted = meals or orders.prepared_home(tx, chain)
    if not wanted:
        raise no.NothingToCarry
    for row in (reading.meal(tx.conn, meal) for meal in wanted):
        if row["state"] != PREPARED or row["chain"] != chain:
            raise no.NotNow(state=words.state(row["state"]))
    if temperature == UNMEASURED:
        raise no.NotATemperature(text="")
    if not rules.holds(chain, temperature):
        told = {"measured": rules.said_degrees(temperature), "limit": rules.said_degrees(rules.limit(chain))}
        raise no.TooWarm(**told) if chain == COLD else no.TooCool(**told)
    at = _when(tx, happened_at, 0)
    number = int(tx.conn.execute("SELECT coalesce(max(number), 0) + 1 FROM meal_round").fetchone()[0])
    left = Left(new_id(tx.now), number, wanted)
    tx.record(
        ev.RoundLeft(
            round=left.round,
            number=number,
            meals=wanted,
            chain=chain,
            temperature=temperature,
            day=tx.today,
            happened_at=at,
        )
    )
    return left


def _first_chain(tx: Writing, meals: list[str]) -> str:
    """Return the chain of the first meal that would leave: hot ones go first."""
    if meals:
        return str(reading.meal(tx.conn, meals[0])["chain"])
    return HOT if orders.prepared_home(tx, HOT) else COLD


def _when(tx: Writing, happened_at: int, since: int) -> int:
    """Return a declared time that is possible, 0 for now."""
    if happened_at and not (since or tx.now - 24 * 3_600_000) <= happened_at <= tx.now:
        raise no.NotATime(hour=rules.said_hour(happened_at))
    return happened_at


def _at(tx: Writing, meal: str, *states: str) -> sqlite3.Row:
    row = reading.meal(tx.conn, meal)
    if row["state"] not in states:
        raise no.NotNow(state=words.state(row["state"]))
    return row


def deliver(
    store: Store, meal: str, *, temperature: int = UNMEASURED, happened_at: int = 0, confirmed: bool = False, by: str,
    attempt: str = "",
) -> None:  # fmt: skip
    """Note a meal as delivered, with the time and temperature of the sheet when they are typed.

    `confirmed`: it was left although the chain did not hold. Raises NoSuchMeal, NotNow, NotATime,
    KeptTooLong, NotATemperature, OutOfLimitAtDoor.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        row = _at(tx, meal, OUT, ABSENT)
        at = _when(tx, happened_at, row["left_at"])
        if rules.too_late(row, at or tx.now):
            raise no.KeptTooLong(left=rules.said_hour(row["left_at"]))
        if rules.checked(temperature) != UNMEASURED and not rules.holds(row["chain"], temperature) and not confirmed:
            raise no.OutOfLimitAtDoor(
                measured=rules.said_degrees(temperature), limit=rules.said_degrees(rules.limit(row["chain"]))
            )
        tx.record(
            ev.MealDelivered(
                meal=meal, day=tx.today, offered=bool(row["funder"]), temperature=temperature, happened_at=at
            )
        )
        persons.still_needed(tx, row["beneficiary"], PURPOSE)


def serve(store: Store, meal: str, *, by: str, attempt: str = "") -> None:
    """Note a meal as eaten at the café, also one whose door stayed closed. Raises NoSuchMeal, NotNow, KeptTooLong."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = _at(tx, meal, PLANNED, PREPARED, ABSENT)
        if row["for_day"] > tx.today:
            raise no.NotThatDay(day=words.long_day(row["for_day"]))
        if rules.too_late(row, tx.now):
            raise no.KeptTooLong(left=rules.said_hour(row["left_at"]))
        tx.record(ev.MealServed(meal=meal, day=tx.today, offered=bool(row["funder"])))
        persons.still_needed(tx, row["beneficiary"], PURPOSE)


def note_absent(store: Store, meal: str, *, happened_at: int = 0, by: str, attempt: str = "") -> None:
    """Note that nobody opened: the contact is to be called at once. Raises NoSuchMeal, NotNow, NotATime."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = _at(tx, meal, OUT)
        tx.record(ev.DoorUnanswered(meal=meal, day=tx.today, happened_at=_when(tx, happened_at, row["left_at"])))


def record_call(store: Store, meal: str, *, outcome: str, happened_at: int = 0, by: str, attempt: str = "") -> None:
    """Note that the contact was called, and what came of it. Raises NoSuchMeal, NotAbsent, NotAnOutcome, NotATime."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = reading.meal(tx.conn, meal)
        if not row["absent_at"]:
            raise no.NotAbsent
        if outcome not in OUTCOMES:
            raise no.NotAnOutcome(value=outcome[:24])
        at = _when(tx, happened_at, row["absent_at"])
        tx.record(ev.ContactCalled(meal=meal, outcome=outcome, day=tx.today, happened_at=at))


def decline(store: Store, meal: str, *, by: str, attempt: str = "") -> None:
    """Note that the person did not want the meal. Raises NoSuchMeal, NotNow."""
    with store.writing(by=by, attempt=attempt) as tx:
        _at(tx, meal, OUT, PREPARED)
        tx.record(ev.MealDeclined(meal=meal, day=tx.today))


def dispose(store: Store, meal: str, *, how: str, by: str, attempt: str = "") -> None:
    """Destroy a meal that found nobody, or give it at once: a hot one within two hours of departure.

    Raises NoSuchMeal, NotNow, NotAnOutcome, KeptTooLong.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        if how not in (DESTROYED, GIVEN):
            raise no.NotAnOutcome(value=how[:24])
        row = _at(tx, meal, PREPARED, ABSENT, DECLINED)
        if how == GIVEN and rules.too_late(row, tx.now):
            raise no.KeptTooLong(left=rules.said_hour(row["left_at"]))
        tx.record(ev.MealDisposed(meal=meal, how=how, day=tx.today))


def undo(store: Store, meal: str, *, by: str, attempt: str = "") -> None:
    """Take back what was said of a meal today, by a new entry. Raises NoSuchMeal, TooLateToUndo, QuotaReached."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = reading.meal(tx.conn, meal)
        undoable = row["state"] in (DELIVERED, SERVED, ABSENT, DECLINED) and row["was"]
        if not undoable or row["done_on"] != tx.today or row["claim"]:
            raise no.TooLateToUndo
        if row["funder"] and row["state"] not in PROMISED:
            rules.require_quota(tx.conn, row["funder"], row["for_day"])
        cancels = reading.use_code(row, row["state"]) if row["state"] in FUNDED else ""
        tx.record(ev.MealUndone(meal=meal, was=row["state"], day=tx.today, cancels=cancels))


def close_round(store: Store, round_id: str, *, metres: int, by: str, attempt: str = "") -> None:
    """Note that the carrier is back, with the metres driven. Raises NoSuchRound, NotADistance, RoundNotDone, ContactNotCalled."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = reading.round_row(tx.conn, round_id)
        if row is None or row["metres"] >= 0:
            raise no.NoSuchRound
        if not 0 <= metres <= rules.METRES_MAX:
            raise no.NotADistance(text=words.kilometres(metres))
        carried = reading.of_round(tx.conn, row["round"])
        under_way = sum(1 for one in carried if one["state"] == OUT)
        if under_way:
            raise no.RoundNotDone(n=under_way)
        if any(one["absent_at"] and not one["called_at"] and one["state"] != SERVED for one in carried):
            raise no.ContactNotCalled
        tx.record(ev.RoundClosed(round=row["round"], metres=metres, day=tx.today))
