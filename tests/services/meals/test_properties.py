"""What always holds: a partner pays for no more than agreed, and nobody's name or diet leaves the private store."""

import itertools
import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from pos import private
from pos.clock import StoppedClock
from pos.engines import persons
from pos.errors import Refusal
from pos.house import FEATURES
from pos.services.meals import desk, reading, rules
from pos.till import uses
from tests import cast
from tests.conftest import open_test_store
from tests.services.meals.conftest import BY, TODAY, Meals

ACTS = (
    "order",
    "cancel",
    "prepare",
    "leave",
    "deliver",
    "absent",
    "serve",
    "decline",
    "destroy",
    "give",
    "undo",
    "funder",
    "quota",
    "later",
)
STEPS = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 5)), max_size=40)
COUNTER = itertools.count()


def step(meals: Meals, act: str, n: int, made: list[str]) -> None:
    """Try one act on the n-th person or meal."""
    store, names = meals.store, sorted(meals.people)
    if act == "order":
        funder = ("klesia", "ccas", "")[n % 3]
        made.append(meals.order(names[n % len(names)], ("home", "cafe")[n % 2], funder))
    elif act == "prepare":
        desk.prepare(store, by=BY)
    elif act == "leave":
        desk.leave(store, temperature=600 + 30 * n, by=BY)
    elif act == "quota":
        desk.set_funder(store, funder="klesia", label="KLESIA", quota=n, price=1200, by=BY)
    elif act == "later":
        meals.clock.tick(20 * 60_000)
    elif made:
        meal = made[n % len(made)]
        if act in ("destroy", "give"):
            desk.dispose(store, meal, how="destroyed" if act == "destroy" else "given", by=BY)
        elif act == "funder":
            desk.change_funder(store, meal, funder=("klesia", "")[n % 2], by=BY)
        else:
            {
                "cancel": desk.cancel,
                "deliver": desk.deliver,
                "absent": desk.note_absent,
                "serve": desk.serve,
                "decline": desk.decline,
                "undo": desk.undo,
            }[act](store, meal, by=BY)  # type: ignore[operator]


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_a_partner_never_pays_more_than_its_quota(steps: list[tuple[str, int]]) -> None:
    """After any acts: funded ≤ promised ≤ quota, uses are what was given out, and retelling equals live."""
    clock = StoppedClock("2025-12-11T08:00:00+01:00")
    with tempfile.TemporaryDirectory() as folder:
        store = open_test_store(Path(folder) / f"{next(COUNTER)}.db", clock)
        cast.furnish(store)
        for code, quota in (("klesia", 2), ("ccas", 1)):
            desk.set_funder(store, funder=code, label=code, quota=quota, price=1200, by=BY)
        people = {
            name: desk.enter(store, name=name, consent=True, by=BY).beneficiary
            for name in ("Anne", "Berthe", "Colette", "Denise")
        }
        meals, made = Meals(store, clock, people), list[str]()
        for act, n in steps:
            with suppress(Refusal):
                step(meals, act, n, made)
            with store.reading() as conn:
                for one in reading.funder_months(conn, "2025-12"):
                    assert one.used <= one.promised <= one.quota
        with store.reading() as conn:
            told = reading.sheet(conn, TODAY, TODAY)
            assert uses.of_day(conn, TODAY).get("meal_offered", 0) == told.offered
            assert sum(rules.promised(conn, code, "2025-12") for code in ("klesia", "ccas")) >= told.offered
        assert store.tables_that_differ() == []
        store.close()


def test_forgetting_somebody_keeps_the_counts(meals: Meals) -> None:
    """Name, diet and address are gone from the file; delivered meals, the claim and the quota stay as they were."""
    _trip, (meal, _other) = meals.out("Anne", "Berthe")
    desk.deliver(meals.store, meal, by=BY)
    ahead = meals.order("Anne", day="2025-12-12")
    with meals.store.reading() as conn:
        before = reading.figures(conn, TODAY)
    persons.erase(meals.store, meals.people["Anne"], by=BY)
    with meals.store.reading() as conn:
        after = reading.figures(conn, TODAY)
        assert private.recall(conn, meals.people["Anne"]) == {}
    assert meals.state(ahead) == "cancelled"
    assert {**after, "promised": before["promised"], "people": before["people"]} == before
    assert meals.store.tables_that_differ() == []


def test_no_name_and_no_diet_is_in_the_journal(meals: Meals) -> None:
    """Everything that leaves the box is in the journal: it knows ids, days, counts and cents."""
    trip, (meal,) = meals.out("Anne")
    desk.note_absent(meals.store, meal, by=BY)
    desk.record_call(meals.store, meal, outcome="reassured", by=BY)
    desk.dispose(meals.store, meal, how="destroyed", by=BY)
    desk.close_round(meals.store, trip, metres=1000, by=BY)
    with meals.store.reading() as conn:
        written = b"".join(bytes(row[0]) for row in conn.execute("SELECT body FROM journal_entry")).decode()
        told = " ".join(
            str(feature.figures(conn, TODAY)) for feature in FEATURES if feature.slug == "meals" and feature.figures
        )
    for secret in ("Anne", "Secr", "arachides", "sans sel", "Cach", "06 12", "fille"):
        assert secret not in written
        assert secret not in told
