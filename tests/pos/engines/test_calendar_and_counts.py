"""The café's calendar, its day's totals, its stock, its shelf and its people."""

from datetime import date

import pytest

from pos import private
from pos.engines import calendar, counting, persons, shelf, stock
from pos.store import Store
from pos.till import catalogue, close, sell, uses
from pos.till.refusals import NoSuchProduct
from pos.till.sell import SoldLine


@pytest.mark.parametrize(
    ("year", "sunday"),
    [
        (2023, date(2023, 4, 9)),
        (2024, date(2024, 3, 31)),
        (2025, date(2025, 4, 20)),
        (2026, date(2026, 4, 5)),
        (2038, date(2038, 4, 25)),
    ],
)
def test_easter_is_when_it_is(year: int, sunday: date) -> None:
    """Known Sundays, early and late."""
    assert calendar.easter(year) == sunday


def test_france_has_eleven_holidays_and_alsace_two_more() -> None:
    """The eleven of the labour code; Good Friday and 26 December in Alsace-Moselle."""
    assert len(calendar.holidays(2026)) == 11
    assert "2026-05-14" in calendar.holidays(2026)
    assert set(calendar.holidays(2026, "67")) - set(calendar.holidays(2026)) == {"2026-04-03", "2026-12-26"}


def test_the_week_closures_and_the_next_open_day(store: Store) -> None:
    """Hours in force on the day, none on rest days and during a declared closure."""
    with store.reading() as conn:
        assert calendar.is_open(conn, "2026-11-21")
        assert not calendar.is_open(conn, "2026-11-22")
    calendar.set_week(
        store,
        ["", "7:00-13:30 16:30-19:30", "7h-13h", "7:00-13:00", "7:00-26:00", "8:00-14:00", "8:00-13:00"],
        market=5,
        by="g1",
    )
    calendar.declare_closure(store, "2026-11-24", "2026-11-26", "works", by="g1")
    with store.reading() as conn:
        assert calendar.is_open(conn, "2026-11-22")
        assert calendar.next_open_day(conn, "2026-11-22") == "2026-11-27"
        assert calendar.spans(calendar.hours_on(conn, "2026-11-27")) == [(420, 1560)]
    calendar.lift_closure(store, "2026-11-24", by="g1")
    with store.reading() as conn:
        assert calendar.next_open_day(conn, "2026-11-22") == "2026-11-24"
    for bad in (["7-13"] * 6, ["13:00-7:00"] + [""] * 6, ["lundi"] + [""] * 6):
        with pytest.raises(calendar.NotHours):
            calendar.set_week(store, bad, by="g1")
    with pytest.raises(calendar.NotADay):
        calendar.declare_closure(store, "2026-11-26", "2026-11-24", "works", by="g1")
    assert store.tables_that_differ() == []


def test_a_day_s_total_is_typed_and_corrected(store: Store) -> None:
    """Typing the total again corrects it; uses follow the last one typed."""
    counting.count_day(store, "info", 12, by="g1")
    counting.count_day(store, "info", 9, by="g1")
    with store.reading() as conn:
        assert uses.of_day(conn, "2026-11-20") == {"info": 9}
    with pytest.raises(counting.NotACount):
        counting.count_day(store, "info", 5000, by="g1")


def test_stock_follows_deliveries_sales_losses_and_inventories(store: Store) -> None:
    """What is on hand is what came, less what left; a count replaces it and keeps the difference."""
    catalogue.load_starter(store, by="g1")
    close.open_day(store, 15000, by="g1")
    supplier = stock.list_supplier(store, "Ferme des Essais", local=True, by="g1")
    stock.receive(
        store,
        supplier,
        [stock.Received(product="lait_demi_ecreme_1_l", quantity=12000, cost=80, use_by="2026-12-01", date_kind="dlc")],
        by="g1",
    )
    stock.follow(store, "lait_demi_ecreme_1_l", minimum=10000, order=12000, supplier=supplier, by="g1")
    sell.sell(store, lines=[SoldLine(product="lait_demi_ecreme_1_l", quantity=3000)], by="g1")
    stock.lose(store, "lait_demi_ecreme_1_l", 1000, "broken", by="g1")
    with store.reading() as conn:
        assert stock.item(conn, "lait_demi_ecreme_1_l")["on_hand"] == 8000
        assert [row["product"] for row in stock.low(conn)] == ["lait_demi_ecreme_1_l"]
        assert [(row["supplier"], row["local"], row["cents"]) for row in stock.bought(conn, "2026")] == [
            (supplier, 1, 960)
        ]
    taken = stock.take_inventory(store, [stock.Count(product="lait_demi_ecreme_1_l", counted=7000)], by="g1")
    assert (taken.lines[0].expected, taken.lines[0].counted) == (8000, 7000)
    with pytest.raises(stock.NotFollowed):
        stock.lose(store, "cafe", 1000, "broken", by="g1")
    with pytest.raises(stock.NoSuchSupplier):
        stock.receive(store, "s99", [stock.Received(product="cafe", quantity=1000)], by="g1")
    with pytest.raises(stock.NotAStock):
        stock.receive(store, supplier, [stock.Received(product="cafe", quantity=0)], by="g1")
    with pytest.raises(NoSuchProduct):
        stock.follow(store, "caviar", by="g1")
    assert store.tables_that_differ() == []
    with store.reading() as conn:
        assert b"Ferme des Essais" not in b"".join(row[0] for row in conn.execute("SELECT body FROM journal_entry"))


def test_a_thing_on_the_shelf_goes_its_way_once(store: Store) -> None:
    """From kept to collected by the states it knows; what has left is not handed over twice."""
    with store.writing(by="g1") as tx:
        thing = shelf.keep(tx, "laundry", prefix="L", sort="shirt", pieces=3, place="B2", due_on="2026-11-25")
        assert thing.number == "L-1"
    with store.writing(by="g1") as tx:
        shelf.move(tx, thing.thing, shelf.SENT)
        shelf.move(tx, thing.thing, shelf.BACK, place="C1")
        done = shelf.move(tx, thing.thing, shelf.COLLECTED, counts=True)
    assert (done.state, done.place) == (shelf.COLLECTED, "C1")
    with pytest.raises(shelf.NotOnShelf), store.writing(by="g1") as tx:
        shelf.move(tx, thing.thing, shelf.COLLECTED)
    with pytest.raises(shelf.NoSuchThing), store.writing(by="g1") as tx:
        shelf.move(tx, "nothing", shelf.COLLECTED)
    with store.reading() as conn:
        assert shelf.waiting(conn, "laundry") == []
        assert shelf.by_number(conn, "laundry", "l-1") == done
        assert [t.number for t in shelf.gone_on(conn, "laundry", "2026-11-20")] == ["L-1"]
    assert store.tables_that_differ() == []


def test_a_person_is_known_for_a_purpose_exported_and_erased(store: Store) -> None:
    """One person once per name and purpose; export says everything; erasing leaves an opaque id in the journal."""
    with store.writing(by="g1") as tx:
        person = persons.known(tx, "meals", "  Mme   Essai ", phone="0600000000", diet="sans sel")
        assert persons.known(tx, "meals", "mme essai") == person
        assert persons.known(tx, "loans", "Mme Essai") != person
    told = persons.export(store, person, by="g1")
    assert (told["name"], told["diet"], told["purpose"]) == ("mme essai", "sans sel", "meals")
    persons.erase(store, person, by="g1")
    with store.reading() as conn:
        assert private.recall(conn, person) == {}
    with pytest.raises(persons.NobodyKnown):
        persons.erase(store, person, by="g1")
    with pytest.raises(persons.NobodyKnown):
        persons.export(store, person, by="g1")
    with pytest.raises(persons.NameMissing), store.writing(by="g1") as tx:
        persons.known(tx, "meals", "  ")
