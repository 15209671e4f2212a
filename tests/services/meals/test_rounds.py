"""From the kitchen to the door: temperatures, the two hours, closed doors, what counts as a use."""

import pytest

from pos.services.meals import SERVICE, desk, reading, rules
from pos.services.meals import refusals as no
from pos.store import Store
from pos.till import uses
from tests.services.meals.conftest import BY, TODAY, Meals


def used(store: Store) -> dict[str, int]:
    """The uses of the day."""
    with store.reading() as conn:
        return uses.of_day(conn, TODAY)


def test_nothing_is_cooked_or_carried_from_nothing(meals: Meals) -> None:
    """A batch needs planned meals, a round prepared ones, and both a known chain."""
    with pytest.raises(no.NothingToPrepare):
        desk.prepare(meals.store, by=BY)
    with pytest.raises(no.NotAnOutcome):
        desk.prepare(meals.store, chain="tepid", by=BY)
    with pytest.raises(no.NothingToCarry):
        desk.leave(meals.store, temperature=680, by=BY)
    meal = meals.order("Anne")
    with pytest.raises(no.NotNow):
        desk.leave(meals.store, temperature=680, meals=[meal], by=BY)
    desk.prepare(meals.store, meals=[meal], by=BY)
    with pytest.raises(no.NotNow):
        desk.prepare(meals.store, meals=[meal], by=BY)


@pytest.mark.parametrize(
    ("chain", "wrong", "right", "refusal"), [("hot", 629, 630, no.TooCool), ("cold", 31, 30, no.TooWarm)]
)
def test_a_round_leaves_only_within_its_limit(
    meals: Meals, chain: str, wrong: int, right: int, refusal: type[Exception]
) -> None:
    """63 °C or more hot, 3 °C or less chilled; what was measured wrong stays in the register."""
    meals.order("Anne")
    desk.prepare(meals.store, chain=chain, witness=True, by=BY)
    with pytest.raises(refusal):
        desk.leave(meals.store, temperature=wrong, attempt="one-tap", by=BY)
    for nonsense in (1300, -500, 9999):
        with pytest.raises(no.NotATemperature):
            desk.leave(meals.store, temperature=nonsense, by=BY)
    desk.leave(meals.store, temperature=right, attempt="one-tap", by=BY)
    with meals.store.reading() as conn:
        assert [(row["temperature"], row["good"]) for row in reading.probes(conn, TODAY, TODAY)] == [
            (wrong, 0),
            (right, 1),
        ]


def test_degrees_and_hours_are_read_as_typed() -> None:
    """`68`, `2,5`, `-18`, `12h05`; nothing is not measured; nonsense is refused."""
    assert [rules.degrees(text) for text in ("68", "2,5", "-18", " 63.0 °C", "")] == [680, 25, -180, 630, 9999]
    for text in ("warm", "6,55", "2000", "121"):
        with pytest.raises(no.NotATemperature):
            rules.degrees(text)
    assert rules.said_hour(rules.declared("12h05", TODAY)) == "12:05"
    with pytest.raises(no.NotATime):
        rules.declared("noon", TODAY)


def test_a_delivery_may_bear_the_sheets_hour_and_temperature(meals: Meals) -> None:
    """The hour lies between departure and now; a cool meal at the door is asked twice, and kept as measured."""
    _round, (meal, other) = meals.out("Anne", "Berthe")
    meals.at("12:30")
    for hour in ("11:59", "12:31"):
        with pytest.raises(no.NotATime):
            desk.deliver(meals.store, meal, happened_at=rules.declared(hour, TODAY), by=BY)
    with pytest.raises(no.OutOfLimitAtDoor):
        desk.deliver(meals.store, meal, temperature=580, by=BY)
    desk.deliver(meals.store, meal, temperature=580, confirmed=True, happened_at=rules.declared("12:10", TODAY), by=BY)
    desk.deliver(meals.store, other, by=BY)
    with pytest.raises(no.NotNow):
        desk.deliver(meals.store, other, by=BY)
    assert used(meals.store) == {"meal_offered": 2}
    with meals.store.reading() as conn:
        assert [row["good"] for row in reading.probes(conn, TODAY, TODAY)] == [1, 0]


def test_after_two_hours_a_hot_meal_is_for_nobody(meals: Meals) -> None:
    """Neither delivered, served nor given: destroyed; a delivery of before may still be typed."""
    _round, (meal, typed) = meals.out("Anne", "Berthe")
    desk.note_absent(meals.store, meal, by=BY)
    meals.at("14:01")
    for act in (desk.deliver, desk.serve):
        with pytest.raises(no.KeptTooLong):
            act(meals.store, meal, by=BY)
    with pytest.raises(no.KeptTooLong):
        desk.dispose(meals.store, meal, how="given", by=BY)
    with pytest.raises(no.NotAnOutcome):
        desk.dispose(meals.store, meal, how="eaten", by=BY)
    desk.dispose(meals.store, meal, how="destroyed", by=BY)
    desk.deliver(meals.store, typed, happened_at=rules.declared("12:20", TODAY), by=BY)
    assert (meals.state(meal), meals.state(typed)) == ("destroyed", "delivered")


def test_a_closed_door_is_an_incident_until_somebody_was_called(meals: Meals) -> None:
    """It is on the « À faire » and grave at closing; no answer keeps it there; the round waits for the call."""
    trip, (meal, other) = meals.out("Anne", "Berthe")
    with pytest.raises(no.NotAbsent):
        desk.record_call(meals.store, meal, outcome="reassured", by=BY)
    desk.note_absent(meals.store, meal, by=BY)
    with pytest.raises(no.RoundNotDone):
        desk.close_round(meals.store, trip, metres=5000, by=BY)
    desk.decline(meals.store, other, by=BY)
    with pytest.raises(no.ContactNotCalled):
        desk.close_round(meals.store, trip, metres=5000, by=BY)
    with pytest.raises(no.NotAnOutcome):
        desk.record_call(meals.store, meal, outcome="bored", by=BY)
    desk.record_call(meals.store, meal, outcome="no_answer", by=BY)
    with meals.store.reading() as conn:
        notices = [notice for check in SERVICE.day_close_checks for notice in check(conn, TODAY)]
        assert notices[0].grave and notices[0].url == f"/meals/meal/{meal}"
        assert SERVICE.todo[0](conn, TODAY)[0].grave
    desk.record_call(meals.store, meal, outcome="reassured", by=BY)
    for metres in (-1, 300_001):
        with pytest.raises(no.NotADistance):
            desk.close_round(meals.store, trip, metres=metres, by=BY)
    desk.close_round(meals.store, trip, metres=11_500, by=BY)
    with pytest.raises(no.NoSuchRound):
        desk.close_round(meals.store, trip, metres=11_500, by=BY)
    with meals.store.reading() as conn:
        assert reading.to_call(conn) == []
        assert {row["state"] for row in reading.left_open(conn, TODAY)} == {"absent", "declined"}


def test_who_was_absent_may_come_and_eat(meals: Meals) -> None:
    """Within the two hours the meal is served at the café, and counts once."""
    _round, (meal,) = meals.out("Anne")
    desk.note_absent(meals.store, meal, by=BY)
    desk.serve(meals.store, meal, by=BY)
    assert used(meals.store) == {"meal_offered": 1}


def test_only_an_offered_meal_or_a_carried_one_is_a_use(meals: Meals) -> None:
    """A paid meal carried home is `meal_delivered`; a paid lunch at the café is an ordinary sale."""
    lunch, carried = meals.order("Anne", "cafe", ""), meals.order("Berthe", "home", "")
    desk.prepare(meals.store, by=BY)
    desk.leave(meals.store, temperature=700, by=BY)
    desk.serve(meals.store, lunch, by=BY)
    desk.deliver(meals.store, carried, by=BY)
    assert used(meals.store) == {"meal_delivered": 1}


def test_a_meal_of_another_day_is_not_served_today(meals: Meals) -> None:
    """One serves today's meals, and those of before."""
    meal = meals.order("Anne", "cafe", day="2025-12-12")
    with pytest.raises(no.NotThatDay):
        desk.serve(meals.store, meal, by=BY)


def test_a_mistake_of_today_is_undone_with_its_use(meals: Meals) -> None:
    """By a new entry; one step, the same day, and never into a month that is full."""
    _round, (meal,) = meals.out("Anne")
    with pytest.raises(no.TooLateToUndo):
        desk.undo(meals.store, meal, by=BY)
    desk.deliver(meals.store, meal, by=BY)
    desk.undo(meals.store, meal, by=BY)
    assert (used(meals.store), meals.state(meal)) == ({}, "out")
    desk.decline(meals.store, meal, by=BY)
    desk.set_funder(meals.store, funder="klesia", label="KLESIA", quota=1, price=1200, by=BY)
    meals.order("Berthe")
    with pytest.raises(no.QuotaReached):
        desk.undo(meals.store, meal, by=BY)
    served = meals.order("Colette", "cafe", "")
    desk.serve(meals.store, served, by=BY)
    desk.undo(meals.store, served, by=BY)
    assert meals.state(served) == "planned"
    assert meals.store.tables_that_differ() == []
