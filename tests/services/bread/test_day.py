"""Delivery, unsold, statement: the day of the bread itself, and the account with the baker."""

import pytest

from pos.engines.consignment import half_up
from pos.services.bread import SERVICE, contracts, day, names, reading, statements
from pos.services.bread import refusals as no
from pos.services.bread.contracts import Line
from pos.store import Store
from pos.till import close, refund, sell
from pos.till import refusals as till_no
from pos.till import tables as till
from pos.till.owners import names_learnt
from pos.till.sell import SoldLine
from tests.services.bread.conftest import (
    BAGUETTE,
    BOULE,
    BY,
    CROISSANT,
    TODAY,
    TOMORROW,
    TRADITION,
    agree,
    came,
    loaves,
)  # fmt: skip


def sold(store, *products):
    return sell.sell(store, lines=[SoldLine(product=p, quantity=1000 * n) for p, n in products], by=BY).sale


def row(store, article, on=TODAY):
    with store.reading() as conn:
        return dict(reading.stock_row(conn, on, article))


def balance(store):
    with store.reading() as conn:
        return till.third_parties(conn).get("baker:b1", 0)


def finish(store, on=""):
    """Count exactly what is there and give it back."""
    with store.reading() as conn:
        left = reading.free(conn, on or TODAY)
    day.count_unsold(store, [Line(article=a, quantity=max(0, n)) for a, n in left.items()], day=on, by=BY)
    with store.reading() as conn:
        if any(n > 0 for n in reading.free(conn, on or TODAY).values()):
            day.settle_unsold(store, "returned", day=on, by=BY)


def test_a_delivery_says_what_is_missing(depot):
    """The note announced ten, nine were counted."""
    lines = [day.Came(article=TRADITION, counted=9000, announced=10000)]
    event = day.receive_delivery(depot, "b1", lines, note_no="BL 12/a é", by=BY)
    assert (event.lines[0].ordered - event.lines[0].quantity, event.note_no) == (1000, "BL12/a")
    day.correct_delivery(depot, event.number, TRADITION, 10000, by=BY)
    assert (row(depot, TRADITION)["received"], row(depot, TRADITION)["received_value"]) == (10000, 1200)


def test_a_second_delivery_adds_to_the_first(morning):
    """The baker comes back at ten with ten baguettes."""
    day.receive_delivery(morning, "b1", came(baguette=10), by=BY)
    assert (row(morning, BAGUETTE)["received"], row(morning, BAGUETTE)["on_sale"]) == (20000, 20000)


def test_deliveries_that_cannot_be_are_refused(depot):
    """Nobody, nothing, somebody else's bread, too many."""
    with pytest.raises(no.NoSuchBaker):
        day.receive_delivery(depot, "b7", came(boule=1), by=BY)
    with pytest.raises(no.NothingCame):
        day.receive_delivery(depot, "b1", came(boule=0), by=BY)
    with pytest.raises(no.NotBakersArticle):
        day.receive_delivery(depot, "b1", [day.Came(article="cafe", counted=1000)], by=BY)
    with pytest.raises(no.BadQuantity):
        day.receive_delivery(depot, "b1", [day.Came(article=BOULE, counted=10_000_000)], by=BY)
    with pytest.raises(no.NoSuchDelivery):
        day.correct_delivery(depot, 99, BOULE, 1, by=BY)
    event = day.receive_delivery(depot, "b1", came(boule=1), by=BY)
    with pytest.raises(no.BadQuantity):
        day.correct_delivery(depot, event.number, BOULE, -1, by=BY)


def test_what_is_missing_at_the_count_is_lost_and_found_again(morning):
    """Seven should be there, six are: one lost; counted again seven: none lost."""
    sold(morning, (BOULE, 3))
    day.count_unsold(morning, loaves(boule=6), by=BY)
    assert (row(morning, BOULE)["lost"], row(morning, BOULE)["on_sale"]) == (1000, 6000)
    day.count_unsold(morning, loaves(boule=7), by=BY)
    assert (row(morning, BOULE)["lost"], row(morning, BOULE)["on_sale"]) == (0, 7000)
    with pytest.raises(no.BadQuantity):
        day.count_unsold(morning, [Line(article=BOULE, quantity=-5)], by=BY)
    with pytest.raises(no.NotBakersArticle):
        day.count_unsold(morning, [Line(article="cafe")], by=BY)


def test_unsold_bread_goes_three_ways(morning):
    """Returned, donated, kept as bread of yesterday: each apart, the day's identity whole."""
    day.settle_unsold(morning, "returned", loaves(boule=4), by=BY)
    day.settle_unsold(morning, "donated", loaves(boule=3), by=BY)
    day.settle_unsold(morning, "day_old", loaves(boule=2), by=BY)
    found = row(morning, BOULE)
    assert (found["returned"], found["donated"], found["day_old"], found["on_sale"]) == (4000, 3000, 2000, 1000)
    with pytest.raises(no.NotThatMany):
        day.settle_unsold(morning, "donated", loaves(boule=2), by=BY)
    with pytest.raises(no.BadContract):
        day.settle_unsold(morning, "eaten", by=BY)
    with pytest.raises(no.NotBakersArticle):
        day.settle_unsold(morning, "donated", [Line(article="cafe")], by=BY)
    # It is now on the menu, at a price typed each time, and it is bread: a use.
    sell.sell(morning, lines=[SoldLine(product=day.DAY_OLD_PRODUCT, price=50)], by=BY)
    with morning.reading() as conn:
        assert reading.identity_faults(conn) == []
        assert till.total(conn, TODAY, "turnover", "own") == 50


def test_nothing_left_is_nothing_to_place(depot):
    """No delivery, no unsold."""
    with pytest.raises(no.NothingLeft):
        day.settle_unsold(depot, "returned", by=BY)
    with pytest.raises(no.NothingLeft):
        day.count_unsold(depot, loaves(boule=1), by=BY)


def test_bread_that_falls_is_the_cafes_loss(morning):
    """Withdrawn: off the shelf, billed by the baker."""
    day.withdraw(morning, BOULE, 1000, "damaged", by=BY)
    assert (row(morning, BOULE)["lost"], row(morning, BOULE)["lost_value"]) == (1000, 240)
    with pytest.raises(no.NotThatMany):
        day.withdraw(morning, BOULE, 10000, "staff", by=BY)
    with pytest.raises(no.NotBakersArticle):
        day.withdraw(morning, "cafe", 1000, "staff", by=BY)


def test_a_statement_waits_for_the_count(morning):
    """Bread still on the shelf is neither sold nor returned."""
    sold(morning, (BOULE, 3))
    with pytest.raises(no.UnsoldNotSettled):
        statements.close_statement(morning, "b1", by=BY)
    finish(morning)
    event = statements.close_statement(morning, "b1", by=BY)
    assert (event.revenue, event.commission, event.due) == (720, 130, 590)  # 129.6 half up
    assert balance(morning) == 590
    with pytest.raises(no.NothingToState):
        statements.close_statement(morning, "b1", by=BY)
    with pytest.raises(no.NoSuchBaker):
        statements.close_statement(morning, "b4", by=BY)


@pytest.mark.parametrize(
    ("terms", "uncredited"),
    [
        ({"unsold": "returned_100"}, 0),
        ({"unsold": "capped", "unsold_cap_bp": 1000}, 1440 - 240),
        ({"unsold": "firm"}, 1440),
    ],
)
def test_the_unsold_policy_says_who_bears_it(menu, terms, uncredited):
    """Ten boules came, four sold: six unsold worth 14.40; credited whole, up to 10 % of 24.00, or not at all."""
    agree(menu, **terms)
    day.receive_delivery(menu, "b1", came(boule=10), by=BY)
    sold(menu, (BOULE, 4))
    finish(menu)
    event = statements.close_statement(menu, "b1", by=BY)
    billed = 960 + uncredited
    assert (event.uncredited, event.revenue + event.charged, event.due) == (
        uncredited,
        billed,
        billed - half_up(billed, 1800),
    )
    assert balance(menu) == event.due


def test_a_deduction_agreed_is_taken_off(morning):
    """A burnt batch: two euros less, kept by the café."""
    sold(morning, (BOULE, 10))
    finish(morning)
    event = statements.close_statement(morning, "b1", deduction=200, deduction_reason="quality", by=BY)
    assert (event.due, balance(morning)) == (2400 - 432 - 200, 2400 - 432 - 200)


def test_what_changes_after_the_statement_is_a_correction_in_the_next(morning, clock):
    """Never an edit: the refund of a stated day lies in the corrections of the next statement."""
    number = sold(morning, (BOULE, 2)).no
    finish(morning)
    first = statements.close_statement(morning, "b1", by=BY)
    refund.refund_sale(morning, number, reason="quality", lines=[(0, 1000)], by=BY)
    finish(morning)
    second = statements.close_statement(morning, "b1", by=BY)
    assert [(line.sold, line.revenue, line.correction) for line in second.lines] == [(-1000, -240, True)]
    assert first.due + second.due == 240 - half_up(240, 1800)
    assert balance(morning) == first.due + second.due


def test_a_week_is_stated_article_by_article(morning, clock):
    """Two days, one line per article; the value is the sum of the days'."""
    sold(morning, (BOULE, 2))
    finish(morning)
    clock.set("2026-11-21T07:00:00+01:00")
    close.open_day(morning, 10000, by=BY)
    day.receive_delivery(morning, "b1", came(boule=5), by=BY)
    sold(morning, (BOULE, 5))
    event = statements.close_statement(morning, "b1", by=BY)
    boule = next(line for line in event.lines if line.product == BOULE)
    assert (event.first, event.last, boule.received, boule.sold, boule.revenue) == (
        TODAY,
        TOMORROW,
        15000,
        7000,
        1680,
    )


def test_a_statement_lies_under_one_contract(morning, clock):
    """The terms changed on Saturday: Friday is stated apart."""
    sold(morning, (BOULE, 2))
    finish(morning)
    contracts.set_contract(morning, "b1", mode="on_behalf", commission_bp=1000, valid_from=TOMORROW, by=BY)
    clock.set("2026-11-21T07:00:00+01:00")
    close.open_day(morning, 10000, by=BY)
    day.receive_delivery(morning, "b1", came(boule=5), by=BY)
    sold(morning, (BOULE, 5))
    with pytest.raises(no.ContractChanged):
        statements.close_statement(morning, "b1", by=BY)
    assert statements.close_statement(morning, "b1", to_day=TODAY, by=BY).commission_bp == 1800
    assert statements.close_statement(morning, "b1", by=BY).commission_bp == 1000


def test_the_baker_is_paid_out_of_the_drawer_once(morning):
    """R91: on behalf, a third party's money is handed over and its balance ends at nothing."""
    sold(morning, (BOULE, 2))
    finish(morning)
    event = statements.close_statement(morning, "b1", by=BY)
    assert statements.pay_statement(morning, "b1", event.number, by=BY) == event.due
    with morning.reading() as conn:
        assert (till.third_parties(conn)["baker:b1"], till.drawer_expected(conn, TODAY)) == (0, 10000 + 480 - event.due)
    with pytest.raises(no.StatementSettled):
        statements.pay_statement(morning, "b1", event.number, by=BY)
    with pytest.raises(no.NothingToState):
        statements.pay_statement(morning, "b1", 9, by=BY)


def test_bread_bought_is_paid_as_a_purchase(menu):
    """Mode `own`: no third party; the cash leaves the drawer as a purchase."""
    agree(menu, mode="own")
    day.receive_delivery(menu, "b1", came(boule=60), by=BY)
    sold(menu, (BOULE, 59))
    finish(menu)
    event = statements.close_statement(menu, "b1", by=BY)
    assert statements.pay_statement(menu, "b1", event.number, by=BY) == event.due
    with menu.reading() as conn:
        assert till.third_parties(conn) == {}
        assert till.drawer_expected(conn, TODAY) == 10000 + 59 * 240 - event.due
        assert reading.statement(conn, "b1", event.number)["paid"] == event.due


def test_the_drawer_must_hold_what_is_paid(morning):
    """Card sales fill no drawer."""
    from pos.till import cash
    from pos.till.sell import TakenPayment

    sell.sell(
        morning, lines=[SoldLine(product=CROISSANT, quantity=10000)], payments=[TakenPayment(means="card")], by=BY
    )
    cash.move_cash(morning, -10000, "bank_deposit", by=BY)
    finish(morning)
    event = statements.close_statement(morning, "b1", by=BY)
    with pytest.raises(till_no.DrawerTooLow):
        statements.pay_statement(morning, "b1", event.number, by=BY)
    assert statements.pay_statement(morning, "b1", event.number, means="transfer", by=BY) == event.due


def test_the_day_says_what_is_still_to_do(morning):
    """Opening and closing checks, and the words on the counter's tile."""
    from pos.services.bread import SERVICE, desk, orders

    orders.place_order(morning, loaves(boule=2), for_day=TODAY, name="M. Petit", by=BY)
    with morning.reading() as conn:
        assert "1" in SERVICE.badge(conn, TODAY)
        assert [n.url for n in SERVICE.day_open_checks[0](conn, TODAY)] == ["/bread"]
        assert {n.url for n in SERVICE.day_close_checks[0](conn, TODAY)} == {"/bread", "/bread/unsold"}
    desk.set_aside(morning, by=BY)
    orders.send_request(morning, "b1", for_day=TODAY, by=BY)
    contracts.forbid_weekday(morning, 5, order_no="2019-114", by=BY)
    with morning.reading() as conn:
        assert "1" in SERVICE.badge(conn, TODAY)
        assert SERVICE.badge(conn, TOMORROW) == ""
        assert "2019-114" in SERVICE.day_open_checks[0](conn, TOMORROW)[0].text
        assert SERVICE.scan(conn, TODAY, "zb-1").url == "/bread/order/1"
        assert SERVICE.scan(conn, TODAY, "ZB-99") is None
        assert SERVICE.scan(conn, TODAY, "3017620422003") is None


def test_a_baker_whose_name_did_not_come_back_is_said_in_words(depot: Store) -> None:
    """On a new box names are gone: the drawer, the Z and a refusal say a number in words, never « b1 »."""
    with depot.writing(by=BY) as tx:
        tx.conn.execute("DELETE FROM private_person WHERE purpose = ?", (names.BAKER,))
    with depot.reading() as conn:
        assert names_learnt([SERVICE], conn) == {"baker:b1": "Boulanger n°\u00a01"}
