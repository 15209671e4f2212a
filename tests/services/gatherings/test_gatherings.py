"""Gatherings: from an idea to looking back; places, the door, money of partners, what counts as a use."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos import private
from pos.clock import StoppedClock
from pos.engines import hosts
from pos.services.gatherings import SERVICE, _todo, desk, reading, tables
from pos.services.gatherings import refusals as no
from pos.services.gatherings.events import GatheringHeld
from pos.store import Store
from pos.till import close, uses
from pos.till import tables as till
from pos.till.sell import SoldLine, sell
from tests.conftest import open_test_store

DAY = "2026-11-20"


def planned(store: Store, **more: Any) -> str:
    """A quiz on the evening of the stopped clock."""
    told = {"title": "Quiz", "sort": "quiz", "on_day": DAY, "begins": "20:00"} | more
    return desk.plan(store, by="g1", **told).gathering


def bytes_of(store: Store) -> bytes:
    """Everything the journal holds."""
    with store.reading() as conn:
        return b"".join(bytes(row[0]) for row in conn.execute("SELECT body FROM journal_entry"))


def test_a_gathering_goes_from_an_idea_to_a_review(store: Store) -> None:
    """Idea, date, poster, door, count, review; the tables are what the journal tells."""
    idea = desk.note_idea(store, "Soirée jeux", sort="games", by="g1").gathering
    assert planned(store, title="Soirée jeux", sort="games", gathering=idea, music=True) == idea
    desk.announce(store, idea, by="g1")
    desk.declare_music(store, idea, by="g1")
    for age in ("adults", "adults", "children", "seniors"):
        desk.count_entry(store, idea, bracket=age, by="v1")
    desk.undo_entry(store, idea, by="v1")
    desk.hold(store, idea, by="g1")
    desk.give_hours(store, idea, people=3, minutes=90, by="g1")
    desk.review(store, idea, 3, by="g1")
    with store.reading() as conn:
        row = tables.one(conn, idea)
        told = reading.figures(conn, DAY)
        assert (row["state"], row["children"], row["adults"], row["seniors"], row["minutes"]) == (
            "reviewed",
            1,
            2,
            0,
            270,
        )
        assert uses.of_day(conn, DAY) == {"gathering": 3}
    assert (told["held"], told["participants"]) == (1, 3)
    assert store.tables_that_differ() == []


def test_a_count_said_again_corrects_the_uses(store: Store) -> None:
    """What counts is the last number, never the sum of both."""
    quiz = planned(store)
    desk.hold(store, quiz, method="estimate", adults=40, by="g1")
    desk.hold(store, quiz, method="estimate", adults=31, children=2, by="g1")
    with store.reading() as conn:
        assert uses.of_day(conn, DAY) == {"gathering": 33}


def test_hq_hears_one_gathering_and_its_last_count(store: Store) -> None:
    """Held and corrected: one gathering, the participants of the last count (services.md C.3)."""
    quiz = planned(store)
    desk.hold(store, quiz, method="estimate", adults=40, by="g1")
    desk.hold(store, quiz, method="estimate", adults=31, by="g1")
    with store.reading() as conn:
        events = [store.event(conn, seq).event for seq in range(store.tip().seq + 1)]
    told = [
        figure for event in events if isinstance(event, GatheringHeld) for figure in SERVICE.tells[GatheringHeld](event)
    ]
    assert sum(figure.amount for figure in told if figure.code == "gatherings_held") == 1
    assert sum(figure.amount for figure in told if figure.code == "participants") == 31


def test_it_is_counted_on_its_own_evening(store: Store, clock: StoppedClock) -> None:
    """Typed the next morning, the attendance belongs to the evening before."""
    quiz = planned(store)
    clock.set("2026-11-21T09:00:00+01:00")
    with store.reading() as conn:
        assert any("Quiz" in notice.text and notice.url.endswith("/door") for notice in _todo(conn, "2026-11-21"))
    desk.hold(store, quiz, method="estimate", adults=12, by="g1")
    with store.reading() as conn:
        assert uses.of_day(conn, DAY) == {"gathering": 12}
        assert uses.of_day(conn, "2026-11-21") == {}


def test_a_gathering_counts_once_whatever_its_funders(store: Store) -> None:
    """Two funders: one gathering in the figures, one line each beside."""
    quiz = planned(store, tags=["klesia", "reseau"])
    desk.hold(store, quiz, method="estimate", seniors=20, by="g1")
    desk.cancel(store, planned(store, title="Loto"), "too_few", by="g1")
    with store.reading() as conn:
        told = reading.sheet(conn, DAY, DAY)
    assert (told.held, told.participants, told.per_event, told.funded) == (1, 20, 20, 1)
    assert told.tags == {"klesia": (1, 20), "reseau": (1, 20)}
    assert told.cancelled_bp == 5000


def test_the_list_keeps_names_out_of_the_journal(store: Store) -> None:
    """Names are in the private store; places run out; who was ticked is counted."""
    quiz = planned(store, capacity=4)
    mine = desk.register(store, quiz, name="Odile Perrin", phone="0600000000", adults=2, by="g1")
    gone = desk.register(store, quiz, name="Jean Martin", children=1, adults=1, by="g1")
    with pytest.raises(no.Full):
        desk.register(store, quiz, name="Une Autre", by="g1")
    desk.drop_registration(store, gone.registration, by="g1")
    desk.mark_came(store, mine.registration, by="v1")
    desk.hold(store, quiz, method="list", by="g1")
    with store.reading() as conn:
        assert reading.total(tables.one(conn, quiz)) == 2
        assert private.name_of(conn, mine.person) == "Odile Perrin"
    assert b"Odile" not in bytes_of(store) and b"0600000000" not in bytes_of(store)
    assert store.tables_that_differ() == []


def test_an_association_sells_on_its_own_account(store: Store) -> None:
    """Its cakes are no turnover; all its money is handed over; its articles leave the menu."""
    close.open_day(store, 10000, by="g1")
    ruche = hosts.list_association(store, "La Ruche", by="g1").owner
    cake = hosts.sell_for(store, ruche, label="Part de gâteau", price=200, by="g1").product
    quiz = planned(store, partner=ruche)
    sell(store, lines=[SoldLine(product=cake, quantity=7000)], by="v1")
    desk.hold(store, quiz, method="estimate", adults=9, by="g1")
    with store.reading() as conn:
        assert till.third_parties(conn) == {"assoc:la_ruche": 1400}
        assert till.total(conn, DAY, "turnover", "own") == 0
        assert [one.owner for one in reading.to_hand_over(conn, DAY)] == [ruche]
    assert hosts.hand_over(store, ruche, by="g1").amount == 1400
    assert hosts.stop_selling(store, ruche, by="g1") == 1
    with pytest.raises(hosts.NothingOwed):
        hosts.hand_over(store, ruche, by="g1")
    with pytest.raises(hosts.NoSuchAssociation):
        hosts.sell_for(store, "assoc:nobody", label="Pain", price=100, by="g1")
    with pytest.raises(hosts.BadArticle):
        hosts.sell_for(store, ruche, label="Pain", price=0, by="g1")
    assert store.tables_that_differ() == []


def test_what_is_due_is_on_the_list(store: Store) -> None:
    """Tonight's gathering, its poster and its music are one tap away."""
    planned(store, title="Concert du soir", sort="concert", music=True)
    with store.reading() as conn:
        told = [notice.text for notice in _todo(conn, DAY)]
    assert len(told) == 3 and all("Concert du soir" in text for text in told)


def test_refusals_say_what_to_do(store: Store, clock: StoppedClock) -> None:
    """Each way to say no, and nothing is written."""
    quiz, later = planned(store), planned(store, on_day="2026-12-24")
    before = store.tip().seq
    for refusal, act in (
        (no.BadPlan, lambda: planned(store, begins="20h")),
        (no.BadPlan, lambda: planned(store, on_day="demain")),
        (no.BadPlan, lambda: desk.note_idea(store, " ", by="g1")),
        (no.NoSuchGathering, lambda: desk.announce(store, "nothing", by="g1")),
        (no.WrongMoment, lambda: desk.review(store, quiz, 3, by="g1")),
        (no.TooSoon, lambda: desk.count_entry(store, later, by="g1")),
        (no.TooSoon, lambda: desk.hold(store, later, method="estimate", adults=3, by="g1")),
        (no.CancelReasonMissing, lambda: desk.cancel(store, quiz, "", by="g1")),
        (no.NoSuchRegistration, lambda: desk.drop_registration(store, "nothing", by="g1")),
        (no.NobodyCounted, lambda: desk.hold(store, quiz, by="g1")),
        (no.NobodyCounted, lambda: desk.count_entry(store, quiz, bracket="dogs", by="g1")),
        (no.NothingToUndo, lambda: desk.undo_entry(store, quiz, by="g1")),
        (no.BadHours, lambda: desk.give_hours(store, quiz, people=0, minutes=60, by="g1")),
        (no.NoMusic, lambda: desk.declare_music(store, quiz, by="g1")),
    ):
        with pytest.raises(refusal) as caught:
            act()
        assert caught.value.what() and caught.value.how()
    assert store.tip().seq == before
    desk.hold(store, quiz, method="estimate", adults=3, by="g1")
    with pytest.raises(no.BadReview):
        desk.review(store, quiz, 9, by="g1")


@settings(max_examples=25, deadline=None)
@given(taps=st.lists(st.sampled_from(["children", "adults", "seniors", "undo"]), max_size=30))
def test_the_clicker_counts_taps_less_those_taken_back(
    taps: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """In whatever order: one tap is one person, and an undo takes the last one left."""
    store = open_test_store(tmp_path_factory.mktemp("door") / "cafe.db", StoppedClock("2026-11-20T20:00:00+01:00"))
    quiz, left = planned(store), list[str]()
    for tap in taps:
        if tap != "undo":
            desk.count_entry(store, quiz, bracket=tap, by="v1")
            left.append(tap)
        elif left:
            desk.undo_entry(store, quiz, by="v1")
            left.pop()
    with store.reading() as conn:
        assert tables.entries(conn, quiz) == {age: left.count(age) for age in ("children", "adults", "seniors")}
    assert store.tables_that_differ() == []
    store.close()
