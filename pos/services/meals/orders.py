"""Meals ordered for a day: until the cut-off, by subscription, paid by a funder within its month or by the person."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pos.clock import parse_day
from pos.engines import calendar
from pos.ids import new_id
from pos.services.meals import events as ev
from pos.services.meals import people, reading, rules, words
from pos.services.meals import refusals as no
from pos.services.meals.schema import CANCELLED, FUNDED, PLACES, PLANNED, PREPARED
from pos.store import Store, Writing

CANCEL_REASONS = ("asked", "paused", "ill", "other")


@dataclass(frozen=True, slots=True)
class Ordered:
    """A meal that was ordered."""

    meal: str
    number: int


@dataclass(frozen=True, slots=True)
class Closed:
    """The orders of a day: its meals, and subscribers whose funder has no place left."""

    meals: list[str] = field(default_factory=list)
    without_funder: list[str] = field(default_factory=list)


def order(
    store: Store, *, beneficiary: str, for_day: str, place: str = "home", funder: str = "", late: bool = False, by: str,
    attempt: str = "",
) -> Ordered:  # fmt: skip
    """Order a meal for a day; `late` when the cook agrees after the cut-off.

    Raises NotAccepted, NotThatDay, CafeClosedThatDay, CutOffPassed, AlreadyOrdered, NoSuchFunder, QuotaReached.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        people.accepted(tx, beneficiary)
        day = _a_day(tx, for_day)
        if place not in PLACES:
            raise no.NotAnOutcome(value=place[:24])
        if not calendar.is_open(tx.conn, day):
            raise no.CafeClosedThatDay(day=words.long_day(day))
        passed = tx.now > rules.cut_off_ms(tx.conn, day)
        if passed and not late:
            raise no.CutOffPassed(day=words.long_day(day), hour=rules.terms(tx.conn, day).cut_off)
        return _order(tx, beneficiary, day, place, funder, late=passed, standing=False)


def _a_day(tx: Writing, text: str) -> str:
    try:
        day = parse_day(text[:10]).isoformat()
    except ValueError:
        raise no.NotThatDay(day=text[:12]) from None
    if day < tx.today:
        raise no.NotThatDay(day=words.long_day(day))
    return day


def _order(tx: Writing, beneficiary: str, day: str, place: str, funder: str, *, late: bool, standing: bool) -> Ordered:
    taken = tx.conn.execute(
        "SELECT 1 FROM meal_meal WHERE beneficiary = ? AND for_day = ? AND state <> ?", (beneficiary, day, CANCELLED)
    ).fetchone()
    if taken is not None:
        raise no.AlreadyOrdered(day=words.long_day(day))
    if funder:
        rules.require_quota(tx.conn, funder, day)
    number = int(
        tx.conn.execute("SELECT coalesce(max(number), 0) + 1 FROM meal_meal WHERE for_day = ?", (day,)).fetchone()[0]
    )
    meal = new_id(tx.now)
    tx.record(
        ev.MealOrdered(
            meal=meal, number=number, beneficiary=beneficiary, for_day=day, place=place, funder=funder, day=tx.today,
            late=late, standing=standing,
        )
    )  # fmt: skip
    return Ordered(meal, number)


def cancel(store: Store, meal: str, *, reason: str = "asked", by: str, attempt: str = "") -> None:
    """Cancel a meal that is not made yet. Raises NoSuchMeal, NotNow, NotAnOutcome."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = reading.meal(tx.conn, meal)
        if reason not in CANCEL_REASONS:
            raise no.NotAnOutcome(value=reason[:24])
        if row["state"] != PLANNED:
            raise no.NotNow(state=words.state(row["state"]))
        tx.record(ev.MealCancelled(meal=meal, reason=reason, day=tx.today))


def change_funder(store: Store, meal: str, *, funder: str = "", by: str, attempt: str = "") -> None:
    """Let another partner, or (empty) the person, pay a meal not yet delivered. Raises NotNow, QuotaReached, NoSuchFunder."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = reading.meal(tx.conn, meal)
        if row["state"] in (*FUNDED, CANCELLED) or row["paid_no"] or row["claim"]:
            raise no.NotNow(state=words.state(row["state"]))
        if funder == row["funder"]:
            return
        if funder:
            rules.require_quota(tx.conn, funder, row["for_day"])
        tx.record(ev.FunderChanged(meal=meal, funder=funder, day=tx.today))


def close_orders(store: Store, *, for_day: str, by: str, attempt: str = "") -> Closed:
    """Complete the orders of a day: subscribers get their meal, in the limits of their funders.

    Who finds no place with the funder is returned and stays on the plan until another is chosen. Raises NotThatDay.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        return complete(tx, _a_day(tx, for_day))


def complete(tx: Writing, day: str) -> Closed:
    """Do `close_orders` inside another act."""
    left: list[str] = []
    for row in reading.due(tx.conn, day):
        try:
            _order(tx, row["beneficiary"], day, row["place"], row["funder"], late=False, standing=True)
        except (no.QuotaReached, no.NoSuchFunder):
            left.append(row["beneficiary"])
    meals = [row["meal"] for row in reading.of_day(tx.conn, day)]
    tx.record(ev.OrdersClosed(for_day=day, meals=len(meals), day=tx.today))
    return Closed(meals, left)


def prepare(
    store: Store, *, for_day: str = "", meals: Sequence[str] = (), chain: str = "hot", witness: bool = False, by: str,
    attempt: str = "",
) -> int:  # fmt: skip
    """Note a batch as cooked: the planned meals of a day (today), or those named; return how many.

    Orders still open are completed first. Raises NothingToPrepare, NotNow, NotThatDay, NotAnOutcome.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        day = _a_day(tx, for_day) if for_day else tx.today
        if chain not in ("hot", "cold"):
            raise no.NotAnOutcome(value=chain[:24])
        if not reading.is_closed(tx.conn, day):
            complete(tx, day)
        wanted = [reading.meal(tx.conn, meal) for meal in meals] or [
            r for r in reading.of_day(tx.conn, day) if r["state"] == PLANNED
        ]
        if not wanted:
            raise no.NothingToPrepare(day=words.long_day(day))
        for row in wanted:
            if row["state"] != PLANNED:
                raise no.NotNow(state=words.state(row["state"]))
        number = int(tx.conn.execute("SELECT coalesce(max(number), 0) + 1 FROM meal_batch").fetchone()[0])
        tx.record(
            ev.MealsPrepared(
                batch=new_id(tx.now),
                number=number,
                meals=[row["meal"] for row in wanted],
                chain=chain,
                day=tx.today,
                witness=witness,
            )
        )
        return len(wanted)


def prepared_home(tx: Writing, chain: str) -> list[str]:
    """Return the prepared meals that go to homes today, of one chain."""
    rows = reading.of_day(tx.conn, tx.today)
    return [r["meal"] for r in rows if r["state"] == PREPARED and r["place"] == "home" and r["chain"] == chain]
