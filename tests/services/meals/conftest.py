"""A café that carries meals: prices, a partner with ten a month, four people who agreed; Thursday 11 December, 8:00."""

from dataclasses import dataclass

import pytest

from pos.clock import StoppedClock
from pos.services.meals import desk
from pos.store import Store
from tests import cast

BY = cast.BEA
EVE, TODAY = "2025-12-10", "2025-12-11"


@dataclass
class Meals:
    """The café, its clock, and its people by first name."""

    store: Store
    clock: StoppedClock
    people: dict[str, str]

    def at(self, hour: str, day: str = TODAY) -> None:
        """Move the clock."""
        self.clock.set(f"{day}T{hour}:00+01:00")

    def order(self, who: str, place: str = "home", funder: str = "klesia", day: str = TODAY) -> str:
        """Order a meal, late if need be."""
        return desk.order(
            self.store, beneficiary=self.people[who], for_day=day, place=place, funder=funder, late=True, by=BY
        ).meal

    def out(self, *who: str, funder: str = "klesia") -> tuple[str, list[str]]:
        """Let a round leave at noon with meals of these; return the round and its meals."""
        meals = [self.order(one, funder=funder) for one in who]
        self.at("11:40")
        desk.prepare(self.store, by=BY)
        self.at("12:00")
        return desk.leave(self.store, temperature=680, by=BY).round, meals

    def state(self, meal: str) -> str:
        """Where a meal stands."""
        with self.store.reading() as conn:
            return str(conn.execute("SELECT state FROM meal_meal WHERE meal = ?", (meal,)).fetchone()[0])


@pytest.fixture
def clock() -> StoppedClock:
    """Monday 1 December 2025, 7:00 in Paris."""
    return StoppedClock("2025-12-01T07:00:00+01:00")


@pytest.fixture
def meals(store: Store, clock: StoppedClock) -> Meals:
    """The café with its day of the 11th open."""
    cast.furnish(store)
    desk.set_terms(store, meal_price=1050, delivery_price=250, by=BY)
    desk.set_funder(store, funder="klesia", label="KLESIA", quota=10, price=1200, target=5, by=BY)
    clock.set(f"{TODAY}T08:00:00+01:00")
    people = {
        name: desk.enter(
            store, name=f"Mme {name} Secrète", consent=True, address="4 rue Cachée", allergies="arachides", diet="sans sel",
            contact_name="sa fille", contact_phone="06 12 34 56 78", by=BY,
        ).beneficiary
        for name in ("Anne", "Berthe", "Colette", "Denise")
    }  # fmt: skip
    cast.close.open_day(store, 10_000, by=BY)
    return Meals(store, clock, people)
