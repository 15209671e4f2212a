"""Who has meals, on which days, until when one orders, and within which partner's month."""

import pytest

from pos import private
from pos.engines import calendar, persons
from pos.services.meals import desk, reading
from pos.services.meals import refusals as no
from pos.store import Store
from pos.till.refusals import ManagerNeeded
from tests import cast
from tests.services.meals.conftest import BY, EVE, TODAY, Meals


def facts(store: Store, person: str) -> dict[str, object]:
    """What is kept of somebody."""
    with store.reading() as conn:
        return private.recall(conn, person)


def test_diet_and_address_need_consent(meals: Meals) -> None:
    """Without consent only a name is kept; with it, more may be; an emptied field is forgotten."""
    with pytest.raises(no.ConsentMissing):
        desk.enter(meals.store, name="M. Timide", diet="sans sel", by=BY)
    shy = desk.enter(meals.store, name="M. Timide", by=BY).beneficiary
    with pytest.raises(no.NotAccepted):
        desk.order(meals.store, beneficiary=shy, for_day="2025-12-15", by=BY)
    with pytest.raises(no.ConsentMissing):
        desk.change(meals.store, shy, name="M. Timide", allergies="noix", by=BY)
    desk.change(meals.store, shy, name="M. Timide", allergies="noix", consent=True, by=BY)
    assert facts(meals.store, shy) == {"name": "M. Timide", "phone": "", "allergies": "noix"}
    desk.change(meals.store, shy, name="M. Timide", by=BY)
    assert facts(meals.store, shy) == {"name": "M. Timide", "phone": ""}


def test_a_person_needs_a_name_and_to_be_known(meals: Meals) -> None:
    """No name, an unknown origin, somebody forgotten or never entered: refused."""
    with pytest.raises(persons.NameMissing):
        desk.enter(meals.store, name=" ", by=BY)
    with pytest.raises(persons.NameMissing):
        desk.change(meals.store, meals.people["Anne"], name=" ", by=BY)
    with pytest.raises(no.NotAnOutcome):
        desk.enter(meals.store, name="X", origin="moon", by=BY)
    with pytest.raises(no.NoSuchBeneficiary):
        desk.end(meals.store, "nobody", by=BY)
    persons.erase(meals.store, meals.people["Anne"], by=BY)
    with pytest.raises(persons.NobodyKnown):
        desk.change(meals.store, meals.people["Anne"], name="Anne", by=BY)


def test_orders_end_at_ten_the_day_before(meals: Meals) -> None:
    """Until 10:00 of the eve; later only with the cook's word, and the meal says so."""
    who = meals.people["Anne"]
    meals.at("10:00", "2025-12-11")
    desk.order(meals.store, beneficiary=who, for_day="2025-12-12", by=BY)
    meals.at("10:01", "2025-12-11")
    with pytest.raises(no.CutOffPassed) as told:
        desk.order(meals.store, beneficiary=meals.people["Berthe"], for_day="2025-12-12", by=BY)
    assert "vendredi 12 décembre" in told.value.what()
    late = desk.order(meals.store, beneficiary=meals.people["Berthe"], for_day="2025-12-12", late=True, by=BY)
    with meals.store.reading() as conn:
        assert reading.meal(conn, late.meal)["late"] == 1
        assert late.number == 2


def test_a_day_must_be_possible(meals: Meals) -> None:
    """No order for the past, for no day, for a closed day, twice for one day, or for nowhere."""
    who = meals.people["Anne"]
    for day in (EVE, "someday", "2025-13-01"):
        with pytest.raises(no.NotThatDay):
            desk.order(meals.store, beneficiary=who, for_day=day, late=True, by=BY)
    with pytest.raises(no.CafeClosedThatDay):
        desk.order(meals.store, beneficiary=who, for_day="2025-12-14", by=BY)
    with pytest.raises(no.NotAnOutcome):
        desk.order(meals.store, beneficiary=who, for_day="2025-12-15", place="moon", by=BY)
    meals.order("Anne")
    with pytest.raises(no.AlreadyOrdered):
        meals.order("Anne")


def test_a_partners_month_is_full_at_its_quota(meals: Meals) -> None:
    """The last place goes to one, the next is told to choose another funder; another month is free."""
    desk.set_funder(meals.store, funder="klesia", label="KLESIA", quota=1, price=1200, by=BY)
    first = meals.order("Anne")
    with pytest.raises(no.QuotaReached) as told:
        meals.order("Berthe")
    assert told.value.how() == "Choisir un autre financeur."
    own = meals.order("Berthe", funder="")
    with pytest.raises(no.QuotaReached):
        desk.change_funder(meals.store, own, funder="klesia", by=BY)
    with pytest.raises(no.NoSuchFunder):
        desk.change_funder(meals.store, own, funder="ccas", by=BY)
    desk.cancel(meals.store, first, by=BY)
    desk.change_funder(meals.store, own, funder="klesia", by=BY)
    desk.change_funder(meals.store, own, funder="klesia", by=BY)
    meals.order("Anne", day="2026-01-05")


def test_a_quota_never_falls_below_what_is_promised(meals: Meals) -> None:
    """Terms are dated by month: this month's promise holds, a later month may be smaller."""
    for who in ("Anne", "Berthe", "Colette"):
        meals.order(who)
    with pytest.raises(no.QuotaBelowUsed):
        desk.set_funder(meals.store, funder="klesia", label="KLESIA", quota=2, price=1200, by=BY)
    desk.set_funder(meals.store, funder="klesia", label="KLESIA", quota=2, price=1300, month="2026-01", by=BY)
    with meals.store.reading() as conn:
        assert [(one.quota, one.promised) for one in reading.funder_months(conn, "2025-12")] == [(10, 3)]
        assert [(one.quota, one.price) for one in reading.funder_months(conn, "2026-02")] == [(2, 1300)]


def test_terms_are_the_managers_and_must_fit(meals: Meals) -> None:
    """A seller changes no price; an hour, a price or a month that cannot be is refused."""
    with pytest.raises(ManagerNeeded):
        desk.set_terms(meals.store, meal_price=1, by=cast.VICTOR)
    with pytest.raises(ManagerNeeded):
        desk.set_funder(meals.store, funder="x", label="X", quota=1, price=1, by=cast.VICTOR)
    for wrong in ({"meal_price": 0}, {"meal_price": 1050, "cut_off": "25:00"}):
        with pytest.raises(no.BadTerms):
            desk.set_terms(meals.store, by=BY, **wrong)  # type: ignore[arg-type]
    for bad in ({"label": ""}, {"month": "2025-14"}, {"quota": 999}, {"price": 0}, {"target": 11}):
        with pytest.raises(no.BadTerms):
            desk.set_funder(
                meals.store, **{"funder": "klesia", "label": "K", "quota": 10, "price": 1200, "by": BY, **bad}
            )  # type: ignore[arg-type]


def test_subscribers_get_their_meal_when_orders_close(meals: Meals) -> None:
    """By weekday, not while away, within the partner's month; who finds no place stays on the plan."""
    desk.set_funder(meals.store, funder="klesia", label="KLESIA", quota=1, price=1200, by=BY)
    for who in ("Anne", "Berthe", "Colette"):
        desk.subscribe(meals.store, meals.people[who], weekdays=[4], place="home", funder="klesia", by=BY)
    desk.pause(meals.store, meals.people["Colette"], first="2025-12-12", by=BY)
    closed = desk.close_orders(meals.store, for_day="2025-12-12", by=BY)
    assert (len(closed.meals), closed.without_funder) == (1, [meals.people["Berthe"]])
    with meals.store.reading() as conn:
        assert [row["beneficiary"] for row in reading.due(conn, "2025-12-12")] == [meals.people["Berthe"]]
        assert reading.due(conn, "2025-12-13") == []
        assert len(reading.due(conn, "2025-12-19")) == 3
    calendar.declare_closure(meals.store, "2025-12-19", "2025-12-19", "holidays", by=BY)
    with meals.store.reading() as conn:
        assert reading.due(conn, "2025-12-19") == []


def test_a_pause_cancels_what_was_planned_and_ends(meals: Meals) -> None:
    """Meals planned inside the pause go; back earlier, the week goes on."""
    who = meals.people["Anne"]
    desk.subscribe(meals.store, who, weekdays=[0, 4], place="cafe", by=BY)
    meal = meals.order("Anne", day="2025-12-12")
    assert desk.pause(meals.store, who, first="2025-12-12", last="2025-12-31", by=BY) == 1
    assert meals.state(meal) == "cancelled"
    for first, last in (("2025-12-20", "2025-12-12"), ("2025-12-01", "2025-12-02")):
        with pytest.raises(no.NotTheseDays):
            desk.pause(meals.store, who, first=first, last=last, by=BY)
    desk.resume(meals.store, who, day="2025-12-15", by=BY)
    with meals.store.reading() as conn:
        assert [row["last"] for row in reading.pauses(conn, who, TODAY)] == ["2025-12-14"]
        assert len(reading.due(conn, "2025-12-15")) == 1
    for days, place in (([9], "home"), ([1], "moon")):
        with pytest.raises(no.NoWeekday):
            desk.subscribe(meals.store, who, weekdays=days, place=place, by=BY)
    with pytest.raises(no.NoSuchFunder):
        desk.subscribe(meals.store, who, weekdays=[1], place="home", funder="nobody", by=BY)


def test_who_ends_has_no_meal_ahead(meals: Meals) -> None:
    """The subscription and planned meals end; one may come back with consent."""
    who = meals.people["Anne"]
    desk.subscribe(meals.store, who, weekdays=[0], place="home", by=BY)
    meal = meals.order("Anne", day="2025-12-15")
    with pytest.raises(no.NotAnOutcome):
        desk.end(meals.store, who, reason="because", by=BY)
    desk.end(meals.store, who, reason="moved", by=BY)
    assert meals.state(meal) == "cancelled"
    with pytest.raises(no.NotAccepted):
        desk.end(meals.store, who, by=BY)
    desk.change(meals.store, who, name="Mme Anne", consent=True, by=BY)
    meals.order("Anne", day="2025-12-16")


def test_a_cancelled_meal_is_not_cancelled_twice(meals: Meals) -> None:
    """Only a planned meal is cancelled, for a known reason; an unknown meal is said so."""
    meal = meals.order("Anne")
    with pytest.raises(no.NotAnOutcome):
        desk.cancel(meals.store, meal, reason="because", by=BY)
    desk.cancel(meals.store, meal, by=BY)
    with pytest.raises(no.NotNow):
        desk.cancel(meals.store, meal, by=BY)
    with pytest.raises(no.NotNow):
        desk.change_funder(meals.store, meal, by=BY)
    with pytest.raises(no.NoSuchMeal):
        desk.cancel(meals.store, "unknown", by=BY)
