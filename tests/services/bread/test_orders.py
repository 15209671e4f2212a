"""Orders: standing and one-off, pauses, the cut-off, and what the baker is told."""

import pytest

from pos.services.bread import contracts, desk, names, orders, reading
from pos.services.bread import refusals as no
from pos.services.bread.bags import order_lines, order_row
from pos.services.bread.contracts import Line
from pos.till import refusals as till_no
from tests.services.bread.conftest import (
    BAGUETTE,
    BOULE,
    BY,
    CROISSANT,
    TODAY,
    TOMORROW,
    TRADITION,
    agree,
    loaves,
)  # fmt: skip

SATURDAY = 5


def wanted(store, on=TOMORROW):
    with store.reading() as conn:
        return {
            w.article: (w.counter // 1000, w.ordered // 1000, w.total // 1000) for w in orders.to_tell(conn, "b1", on)
        }


def test_the_baker_is_told_the_counters_needs_and_all_orders(depot):
    """Standing orders of that weekday, one-off orders, and what the counter sells by itself."""
    contracts.set_needs(depot, "b1", loaves(tradition=20, croissant=10), weekday=SATURDAY, by=BY)
    orders.set_standing(depot, loaves(tradition=2), weekday=SATURDAY, name="Mme Aubert", by=BY)
    orders.set_standing(depot, loaves(tradition=9), weekday=1, name="Mme Aubert", by=BY)
    orders.place_order(depot, loaves(tradition=1, boule=1), for_day=TOMORROW, name="M. Petit", by=BY)
    assert wanted(depot) == {TRADITION: (20, 3, 23), CROISSANT: (10, 0, 10), BOULE: (0, 1, 1), BAGUETTE: (0, 0, 0)}
    told = orders.send_request(depot, "b1", for_day=TOMORROW, channel="phone", by=BY)
    assert {w.article: w.total // 1000 for w in told.lines} == {TRADITION: 23, CROISSANT: 10, BOULE: 1}
    # Told again, nothing doubles.
    orders.send_request(depot, "b1", for_day=TOMORROW, by=BY)
    assert wanted(depot)[TRADITION] == (20, 3, 23)
    with depot.reading() as conn:
        assert {row["state"] for row in reading.orders(conn, TOMORROW)} == {"confirmed"}


def test_what_the_counter_wants_on_one_day_replaces_the_weekday(depot):
    """The fair is on the 21st: more, once."""
    contracts.set_needs(depot, "b1", loaves(tradition=20), weekday=SATURDAY, by=BY)
    contracts.set_needs(depot, "b1", loaves(tradition=60), for_day=TOMORROW, by=BY)
    assert wanted(depot)[TRADITION] == (60, 0, 60)
    assert wanted(depot, "2026-11-28")[TRADITION] == (20, 0, 20)


def test_half_loaves_are_cut_from_whole_ones(depot):
    """Two customers with half a boule make one boule to bake; one and a half make two."""
    half = [Line(article=BOULE, quantity=500)]
    orders.place_order(depot, half, for_day=TOMORROW, name="Mme Noël", by=BY)
    orders.place_order(depot, half, for_day=TOMORROW, name="M. Ruiz", by=BY)
    orders.place_order(depot, half, for_day=TOMORROW, name="M. Faure", by=BY)
    with depot.reading() as conn:
        boule = next(w for w in orders.to_tell(conn, "b1", TOMORROW) if w.article == BOULE)
    assert (boule.ordered, boule.total) == (1500, 2000)


def test_a_pause_skips_standing_orders_and_its_end_brings_them_back(depot):
    """Away from one day to another, both included."""
    event = orders.set_standing(depot, loaves(tradition=2), weekday=SATURDAY, name="Mme Aubert", by=BY)
    pause = orders.pause_orders(depot, event.person, from_day=TOMORROW, to_day="2026-11-27", by=BY)
    assert wanted(depot)[TRADITION] == (0, 0, 0)
    assert wanted(depot, "2026-11-28")[TRADITION] == (0, 2, 2)
    orders.lift_pause(depot, pause.pause, by=BY)
    assert wanted(depot)[TRADITION] == (0, 2, 2)
    with pytest.raises(no.DayGone):
        orders.pause_orders(depot, event.person, from_day="2026-12-02", to_day="2026-12-01", by=BY)


def test_a_standing_order_changes_and_ends(depot):
    """Same order, other bread; then no more."""
    event = orders.set_standing(depot, loaves(tradition=2), weekday=SATURDAY, name="Mme Aubert", by=BY)
    orders.set_standing(depot, loaves(tradition=1), weekday=SATURDAY, standing=event.standing, by=BY)
    assert wanted(depot)[TRADITION] == (0, 1, 1)
    orders.end_standing(depot, event.standing, last_day=TODAY, by=BY)
    assert wanted(depot)[TRADITION] == (0, 0, 0)
    with pytest.raises(no.NoSuchOrder):
        orders.end_standing(depot, "s99", by=BY)


def test_one_occurrence_of_a_standing_order_is_cancelled_alone(depot):
    """Not this Saturday; the next one again."""
    event = orders.set_standing(depot, loaves(tradition=2), weekday=SATURDAY, name="Mme Aubert", by=BY)
    orders.cancel_order(depot, f"{event.standing}@{TOMORROW}", by=BY)
    assert wanted(depot)[TRADITION] == (0, 0, 0)
    assert wanted(depot, "2026-11-28")[TRADITION] == (0, 2, 2)
    orders.change_order(depot, f"{event.standing}@2026-11-28", loaves(boule=1), by=BY)
    assert wanted(depot, "2026-11-28")[BOULE] == (0, 1, 1)
    with pytest.raises(no.NoSuchOrder):
        orders.cancel_order(depot, f"{event.standing}@2026-11-29", by=BY)


def test_after_the_cut_off_an_order_needs_the_bakers_word(depot, clock):
    """17:00 the day before: changed and cancelled freely until then, by agreement after."""
    orders.place_order(depot, loaves(boule=1), for_day=TOMORROW, name="M. Petit", by=BY)
    clock.set("2026-11-20T17:01:00+01:00")
    with pytest.raises(no.CutOffPassed):
        orders.place_order(depot, loaves(boule=1), for_day=TOMORROW, name="M. Colin", by=BY)
    assert orders.place_order(depot, loaves(boule=1), for_day=TOMORROW, name="M. Colin", late=True, by=BY).late
    with pytest.raises(no.CutOffPassed):
        orders.change_order(depot, "1", loaves(boule=2), by=BY)
    with pytest.raises(no.CutOffPassed):
        orders.cancel_order(depot, "1", by=BY)
    assert orders.change_order(depot, "1", loaves(tradition=1), reason="short", by=BY).reason == "short"
    orders.cancel_order(depot, "1", late=True, by=BY)
    with pytest.raises(no.OrderGone):
        orders.cancel_order(depot, "1", late=True, by=BY)


def test_an_order_for_today_comes_out_of_the_free_bread(morning):
    """Ten came, eight are reserved: three more cannot be promised."""
    orders.place_order(morning, loaves(boule=8), for_day=TODAY, name="Cantine", by=BY)
    with pytest.raises(no.NotEnoughFree) as refused:
        orders.place_order(morning, loaves(boule=3), for_day=TODAY, name="M. Petit", by=BY)
    assert "2" in refused.value.what()


def test_orders_that_cannot_be_are_refused(depot):
    """The past, nothing, nobody, what no baker brings, days without delivery, the forbidden day."""
    with pytest.raises(no.DayGone):
        orders.place_order(depot, loaves(boule=1), for_day="2026-11-19", name="M. Petit", by=BY)
    with pytest.raises(no.NothingOrdered):
        orders.place_order(depot, loaves(boule=0), for_day=TOMORROW, name="M. Petit", by=BY)
    with pytest.raises(no.NameMissing):
        orders.place_order(depot, loaves(boule=1), for_day=TOMORROW, name="  ", by=BY)
    with pytest.raises(no.NotBakersArticle):
        orders.place_order(depot, [Line(article="cafe")], for_day=TOMORROW, name="M. Petit", by=BY)
    with pytest.raises(no.BadQuantity):
        orders.place_order(depot, [Line(article=BOULE, quantity=-1)], for_day=TOMORROW, name="M. Petit", by=BY)
    contracts.set_contract(depot, "b1", weekdays=[0, 1, 2, 3, 4], by=BY)
    with pytest.raises(no.NoDelivery):
        orders.place_order(depot, loaves(boule=1), for_day=TOMORROW, name="M. Petit", by=BY)
    contracts.forbid_weekday(depot, 0, by=BY)
    with pytest.raises(no.BreadForbidden):
        orders.place_order(depot, loaves(boule=1), for_day="2026-11-23", name="M. Petit", by=BY)


def test_the_same_name_is_the_same_customer_whatever_accents(depot):
    """« mme noel » on the telephone is Mme Noël; her name is kept a year after her last order."""
    first = orders.place_order(depot, loaves(boule=1), for_day=TOMORROW, name="Mme Noël", phone="0471", by=BY)
    again = orders.place_order(depot, loaves(boule=1), for_day="2026-11-28", name="mme  noel", by=BY)
    assert first.person == again.person
    with depot.reading() as conn:
        row = conn.execute("SELECT * FROM private_person WHERE person_id = ?", (first.person,)).fetchone()
        assert (row["purpose"], row["purge_after"]) == ("bread", "2027-11-28")
        assert names.find(conn, "noel")[0][0] == first.person


def test_names_with_quotes_html_and_emoji_stay_whole(depot):
    """A name is text, nothing else."""
    name = 'O\'Neil <b>& "Zoé" 🥖'
    placed = orders.place_order(depot, loaves(boule=1), for_day=TOMORROW, name=name, by=BY)
    with depot.reading() as conn:
        assert names.of(conn, placed.person) == name


def test_the_next_delivery_day_skips_days_without_bread(depot):
    """What to tell the baker is for the next day it comes."""
    contracts.set_contract(depot, "b1", weekdays=[0, 1, 3, 4], by=BY)
    with depot.reading() as conn:
        assert reading.next_delivery(conn, "b1", TODAY) == "2026-11-23"


def test_nothing_is_told_to_nobody(depot):
    """An empty order, an unknown baker."""
    with pytest.raises(no.NothingToTell):
        orders.send_request(depot, "b1", for_day=TOMORROW, by=BY)
    with pytest.raises(no.NoSuchBaker):
        orders.send_request(depot, "b9", for_day=TOMORROW, by=BY)


def test_a_short_delivery_leaves_bags_to_prepare(depot):
    """Two traditions came for three bags: the oldest orders are filled, the last one waits or is shortened."""
    from pos.services.bread import day
    from tests.services.bread.conftest import came

    for name in ("Mme Aubert", "M. Besnard", "Mme Diallo"):
        orders.place_order(depot, loaves(tradition=1), for_day=TODAY, late=True, name=name, by=BY)
    day.receive_delivery(depot, "b1", came(tradition=2, boule=1), by=BY)
    assert desk.set_aside(depot, by=BY).orders == ["1", "2"]
    with pytest.raises(no.NothingToSetAside):
        desk.set_aside(depot, by=BY)
    with pytest.raises(no.BagNotFilled):
        desk.set_aside(depot, ["3"], by=BY)
    orders.change_order(depot, "3", loaves(boule=1), reason="short", by=BY)
    assert desk.set_aside(depot, ["3"], by=BY).orders == ["3"]
    with depot.reading() as conn:
        assert [line["article"] for line in order_lines(conn, "3")] == [BOULE]
        assert order_row(conn, "3")["state"] == "set_aside"


def test_contracts_that_cannot_be_are_refused(menu):
    """Each term says what does not fit."""
    with pytest.raises(no.NoSuchBaker):
        contracts.set_contract(menu, "b1", by=BY)
    agree(menu)
    for wrong in (
        {"mode": "gift"}, {"commission_bp": 9999}, {"unsold": "some"}, {"period": "year"}, {"cut_off": "25:00"},
        {"release": "noon"}, {"unclaimed": "fine"}, {"weekdays": []}, {"valid_from": "demain"},
        {"unsold": "capped", "unsold_cap_bp": 20000},
    ):  # fmt: skip
        with pytest.raises(no.BadContract):
            contracts.set_contract(menu, "b1", by=BY, **wrong)
    with pytest.raises(no.BadContract):
        contracts.forbid_weekday(menu, 7, by=BY)
    with pytest.raises(no.BadContract):
        contracts.set_needs(menu, "b1", loaves(boule=1), by=BY)
    with pytest.raises(no.BadContract):
        orders.set_standing(menu, loaves(boule=1), weekday=9, name="M. Petit", by=BY)
    with pytest.raises(till_no.NoSuchProduct):
        contracts.set_article(menu, "b1", "nothing", by=BY)
    with pytest.raises(no.NotBakersArticle):
        contracts.drop_article(menu, "cafe", by=BY)


def test_the_menu_follows_the_contract(menu, clock):
    """On behalf: the baker's money; from the day a contract says, bought and resold again; dropped: ours."""
    from pos.services.bread import day
    from pos.till import tables as till
    from tests.services.bread.conftest import came

    agree(menu)
    contracts.set_contract(menu, "b1", mode="own", valid_from=TOMORROW, by=BY)

    def role(article):
        with menu.reading() as conn:
            row = till.product(conn, article)
            return row["role"], row["owner"], row["price"]

    assert role(BOULE) == ("agent_disclosed", "baker:b1", 240)
    clock.set("2026-11-21T07:00:00+01:00")
    day.receive_delivery(menu, "b1", came(boule=2), by=BY)
    assert role(BOULE) == ("own", "", 240)
    contracts.drop_article(menu, BOULE, by=BY)
    with menu.reading() as conn:
        assert reading.article(conn, BOULE) is None
