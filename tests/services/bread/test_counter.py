"""Bags and bread at the counter: what is one use, what is reserved, what is paid ahead."""

import pytest

from pos.services.bread import contracts, day, desk, orders, reading, unclaimed
from pos.services.bread import refusals as no
from pos.services.bread.bags import order_row
from pos.till import card, refund, sell, uses
from pos.till import refusals as till_no
from pos.till import tables as till
from pos.till.sell import SoldLine, TakenPayment
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


def sold(store, *products, **kw):
    lines = [SoldLine(product=p, quantity=1000 * n) for p, n in products]
    return sell.sell(store, lines=lines, by=BY, **kw)


def used(store, on=TODAY):
    with store.reading() as conn:
        return uses.of_day(conn, on).get("bread", 0)


def lot(store, article, on=TODAY):
    with store.reading() as conn:
        return dict(reading.stock_row(conn, on, article))


def state(store, order):
    with store.reading() as conn:
        return order_row(conn, order)["state"]


def test_three_loaves_and_a_coffee_on_one_ticket_are_one_use(morning):
    """One use is one customer's passage, not one loaf."""
    sold(morning, (TRADITION, 3), ("cafe", 1))
    sold(morning, ("cafe", 1))
    assert used(morning) == 1


def test_bread_on_behalf_of_the_baker_is_not_the_cafes_turnover(morning):
    """R85: the baker's money is a third party's; only the coffee is turnover."""
    sale = sold(morning, (BOULE, 1), ("cafe", 1)).sale
    with morning.reading() as conn:
        assert till.third_parties(conn) == {"baker:b1": 240}
        assert till.total(conn, TODAY, "turnover", "own") == sale.total - 240
    assert till_no.NoDiscountForOthers  # its price is the baker's: no discount


def test_bread_bought_and_resold_is_turnover_with_its_vat(menu):
    """R90, mode `own`: taken away at 5.5 %, eaten here at 10 %, nothing owed to a third party."""
    agree(menu, mode="own")
    away = sold(menu, (BAGUETTE, 1)).sale
    here = sell.sell(menu, lines=[SoldLine(product=BAGUETTE, takeaway=False)], by=BY).sale
    assert (away.lines[0].vat, here.lines[0].vat) == (550, 1000)
    with menu.reading() as conn:
        assert till.third_parties(conn) == {}


def test_bread_is_blocked_on_the_prefects_weekday_and_nothing_else_is(morning):
    """Services B.1: one weekday without bread; the café stays open."""
    contracts.forbid_weekday(morning, 4, order_no="2019-114", by=BY)
    with pytest.raises(no.BreadForbidden) as refused:
        sold(morning, (BAGUETTE, 1), ("cafe", 1))
    assert "2019-114" in refused.value.what()
    sold(morning, ("cafe", 1))
    contracts.forbid_weekday(morning, -1, by=BY)
    sold(morning, (BAGUETTE, 1))


def test_the_card_is_not_started_for_forbidden_bread(morning):
    """The rule is asked before an amount is shown on the terminal."""
    contracts.forbid_weekday(morning, 4, by=BY)
    tab = sell.add_product(morning, "t1", BAGUETTE, by=BY)
    with pytest.raises(no.BreadForbidden):
        card.start_card(morning, tab.tab_id, by=BY)


def test_reserved_bread_is_not_sold_without_the_manager(morning):
    """What is left is in somebody's bag; the manager's tap lets it go, and it is recorded."""
    orders.place_order(morning, loaves(boule=2), for_day=TODAY, name="Mme Vidal", by=BY)
    sold(morning, (BOULE, 8))
    sell.add_product(morning, "t1", BOULE, by=BY)
    with pytest.raises(no.ReservedBread):
        sell.take_payment(morning, "t1", "cash", by=BY)
    with pytest.raises(till_no.ManagerNeeded):
        desk.allow_reserved(morning, "t1", by="v1")
    desk.allow_reserved(morning, "t1", by=BY)
    assert sell.take_payment(morning, "t1", "cash", by=BY).sale
    sell.add_product(morning, "t2", CROISSANT, by=BY)
    with pytest.raises(no.NothingReserved):
        desk.allow_reserved(morning, "t2", by=BY)
    with pytest.raises(till_no.NoSuchBill):
        desk.allow_reserved(morning, "t9", by=BY)


def test_without_a_delivery_nothing_is_refused(depot):
    """The stock is unknown until bread was counted in."""
    orders.place_order(depot, loaves(boule=2), for_day=TODAY, late=True, name="Mme Vidal", by=BY)
    sold(depot, (BOULE, 9))
    desk.set_aside(depot, by=BY)
    assert state(depot, "1") == "set_aside"


def test_a_bag_to_pay_is_handed_over_by_its_ticket(morning):
    """Its lines carry the order: the sale collects it, once, and moves the bread."""
    orders.place_order(morning, loaves(tradition=2, croissant=1), for_day=TODAY, name="Mme Diallo", by=BY)
    desk.set_aside(morning, by=BY)
    tab = desk.bill_order(morning, "1", "t1", by=BY)
    assert tab.total == 350
    assert desk.bill_order(morning, "1", "t1", by=BY).total == 350
    with pytest.raises(no.OnAnotherBill):
        desk.bill_order(morning, "1", "t2", by=BY)
    sell.take_payment(morning, "t1", "cash", by=BY)
    assert state(morning, "1") == "collected"
    assert (used(morning), lot(morning, TRADITION)["on_sale"]) == (1, 8000)
    with pytest.raises(no.OrderGone):
        desk.bill_order(morning, "1", "t3", by=BY)


def test_two_screens_cannot_pay_the_same_bag(morning):
    """The second bill is refused when it is paid, whatever drew it."""
    orders.place_order(morning, loaves(tradition=1), for_day=TODAY, name="Mme Diallo", by=BY)
    tab = desk.bill_order(morning, "1", "t1", by=BY)
    with morning.writing(by=BY) as tx:
        twin = sell.new_tab(tx, "t2")
        twin.lines = list(tab.lines)
        sell.keep(tx, twin)
    sell.take_payment(morning, "t1", "cash", by=BY)
    with pytest.raises(no.OrderGone):
        sell.take_payment(morning, "t2", "cash", by=BY)


def test_a_bag_paid_ahead_is_a_use_when_it_leaves_not_when_it_is_paid(depot, clock):
    """The prepayment is money; the passage is the collection."""
    orders.place_order(depot, loaves(boule=1), for_day=TOMORROW, name="Mme Aubert", by=BY)
    desk.prepay_order(depot, "1", "t1", by=BY)
    sell.take_payment(depot, "t1", "cash", by=BY)
    assert used(depot) == 0
    with pytest.raises(no.OrderPaid):
        desk.bill_order(depot, "1", "t2", by=BY)
    with pytest.raises(no.OrderPaid):
        orders.change_order(depot, "1", loaves(boule=2), by=BY)
    with pytest.raises(no.OrderPaid):
        orders.cancel_order(depot, "1", by=BY)
    clock.set("2026-11-21T07:05:00+01:00")
    day.receive_delivery(depot, "b1", came(boule=3), by=BY)
    desk.set_aside(depot, by=BY)
    given = desk.hand_over(depot, "1", by=BY)
    assert (used(depot, TOMORROW), lot(depot, BOULE, TOMORROW)["sold_value"]) == (1, 240)
    desk.undo_hand_over(depot, "1", by=BY)
    assert (used(depot, TOMORROW), lot(depot, BOULE, TOMORROW)["on_sale"], state(depot, "1")) == (0, 3000, "set_aside")
    with pytest.raises(no.NothingToUndo):
        desk.undo_hand_over(depot, "1", by=BY)
    assert desk.hand_over(depot, "1", visit=given.visit, by=BY).visit == given.visit
    assert used(depot, TOMORROW) == 1


def test_a_paid_bag_and_a_bill_of_the_same_visit_are_one_use(depot):
    """Services B.0.1: one service in one visit."""
    orders.place_order(depot, loaves(boule=1), for_day=TODAY, late=True, name="Mme Aubert", by=BY)
    desk.prepay_order(depot, "1", "t1", by=BY)
    sell.take_payment(depot, "t1", "cash", by=BY)
    tab = sell.add_product(depot, "t2", CROISSANT, by=BY)
    desk.hand_over(depot, "1", visit=tab.visit, by=BY)
    sell.take_payment(depot, "t2", "cash", by=BY)
    assert used(depot) == 1


def test_a_bag_not_paid_does_not_leave_without_a_bill(morning):
    """Only a paid bag is handed over by a tap."""
    orders.place_order(morning, loaves(boule=1), for_day=TODAY, name="Mme Aubert", by=BY)
    with pytest.raises(no.OrderNotPaid):
        desk.hand_over(morning, "1", by=BY)
    with pytest.raises(no.NoSuchOrder):
        desk.hand_over(morning, "77", by=BY)
    with pytest.raises(no.NothingToUndo):
        desk.undo_hand_over(morning, "1", by=BY)


def test_a_bag_paid_ahead_is_not_given_on_the_forbidden_day(depot):
    """The order closes handing out bread, not only selling it."""
    orders.place_order(depot, loaves(boule=1), for_day=TODAY, late=True, name="Mme Aubert", by=BY)
    desk.prepay_order(depot, "1", "t1", by=BY)
    sell.take_payment(depot, "t1", "cash", by=BY)
    contracts.forbid_weekday(depot, 4, by=BY)
    with pytest.raises(no.BreadForbidden):
        desk.hand_over(depot, "1", by=BY)


def test_an_unclaimed_bag_goes_back_on_sale_and_its_customer_is_counted(morning, clock):
    """12:00: the bread is free again, the person's counter is 1."""
    placed = orders.place_order(morning, loaves(tradition=2), for_day=TODAY, name="M. Roche", by=BY)
    desk.set_aside(morning, by=BY)
    with pytest.raises(no.NothingToRelease):
        unclaimed.release_orders(morning, by=BY)
    clock.set("2026-11-20T12:00:00+01:00")
    unclaimed.release_orders(morning, by=BY)
    with morning.reading() as conn:
        assert reading.free(conn, TODAY)[TRADITION] == 10000
        assert reading.unclaimed_count(conn, placed.person, TODAY) == 1
    # The late customer still gets what is left.
    desk.bill_order(morning, "1", "t1", by=BY)
    sell.take_payment(morning, "t1", "cash", by=BY)
    assert (state(morning, "1"), lot(morning, TRADITION)["sold"]) == ("collected", 2000)


def test_a_kept_bag_is_not_released_at_noon(morning, clock):
    """« À garder encore » : until the end of the day said."""
    orders.place_order(morning, loaves(tradition=2), for_day=TODAY, name="M. Roche", by=BY)
    unclaimed.keep_order(morning, "1", until_day=TOMORROW, by=BY)
    clock.set("2026-11-20T18:00:00+01:00")
    with pytest.raises(no.NothingToRelease):
        unclaimed.release_orders(morning, by=BY)
    day.count_unsold(morning, loaves(tradition=8, baguette=10, boule=10, croissant=10), by=BY)
    day.settle_unsold(morning, "returned", by=BY)
    clock.set("2026-11-21T09:00:00+01:00")
    from pos.till import close

    close.close_day(morning, by=BY)
    close.open_day(morning, 10000, by=BY)
    desk.bill_order(morning, "1", "t1", by=BY)
    sell.take_payment(morning, "t1", "cash", by=BY)
    # Yesterday's bread was sold: its lot ends, today's is untouched.
    assert (lot(morning, TRADITION)["sold"], lot(morning, TRADITION)["on_sale"]) == (2000, 0)
    assert used(morning, TOMORROW) == 1


@pytest.mark.parametrize(
    ("policy", "prepaid", "owed", "sold_m"),
    [
        ("free", False, 0, 0),
        ("charge_if_prepaid", True, 0, 2000),
        ("charge_always", False, 240, 0),
        ("free", True, 0, 0),
    ],
)
def test_the_contract_says_what_becomes_of_an_unclaimed_bag(menu, policy, prepaid, owed, sold_m):
    """Paid and charged counts as sold; unpaid and charged is due next time; free is on sale again."""
    agree(menu, unclaimed=policy)
    day.receive_delivery(menu, "b1", came(tradition=5), by=BY)
    orders.place_order(menu, loaves(tradition=2), for_day=TODAY, name="M. Roche", by=BY)
    if prepaid:
        desk.prepay_order(menu, "1", "t1", by=BY)
        sell.take_payment(menu, "t1", "cash", by=BY)
    unclaimed.release_orders(menu, ["1"], by=BY)
    with menu.reading() as conn:
        row = order_row(conn, "1")
    assert (row["owed"], lot(menu, TRADITION)["sold"]) == (owed, sold_m)
    assert used(menu) == 0


def test_what_is_owed_for_a_bag_never_fetched_joins_the_next_bill(menu):
    """Charged, and unpaid: on the customer's next bag, without bread and without a use of its own."""
    agree(menu, unclaimed="charge_always")
    day.receive_delivery(menu, "b1", came(tradition=5, boule=5), by=BY)
    orders.place_order(menu, loaves(tradition=2), for_day=TODAY, name="M. Roche", by=BY)
    unclaimed.release_orders(menu, ["1"], by=BY)
    orders.place_order(menu, loaves(boule=1), for_day=TODAY, name="m. roche", by=BY)
    tab = desk.bill_order(menu, "2", "t1", by=BY)
    assert tab.total == 480
    sell.take_payment(menu, "t1", "cash", by=BY)
    with menu.reading() as conn:
        assert order_row(conn, "1")["owed"] == 0
    assert (lot(menu, TRADITION)["adjusted_value"], lot(menu, TRADITION)["sold"], used(menu)) == (240, 0, 1)


def test_a_charged_bag_still_goes_to_its_customer_if_they_come(depot):
    """It was bought: late is not never, and then it is a use."""
    day.receive_delivery(depot, "b1", came(boule=3), by=BY)
    orders.place_order(depot, loaves(boule=1), for_day=TODAY, name="Mme Aubert", by=BY)
    desk.prepay_order(depot, "1", "t1", by=BY)
    sell.take_payment(depot, "t1", "cash", by=BY)
    unclaimed.release_orders(depot, ["1"], by=BY)
    desk.hand_over(depot, "1", by=BY)
    assert (used(depot), lot(depot, BOULE)["sold"]) == (1, 1000)


def test_a_refund_by_mistake_puts_the_bag_back(morning):
    """The use is cancelled, the bread and the bag are there again."""
    orders.place_order(morning, loaves(tradition=2), for_day=TODAY, name="M. Roche", by=BY)
    desk.bill_order(morning, "1", "t1", by=BY)
    number = sell.take_payment(morning, "t1", "cash", by=BY).sale.no
    refund.refund_sale(morning, number, reason="mistake", by=BY)
    assert (state(morning, "1"), used(morning), lot(morning, TRADITION)["on_sale"]) == ("set_aside", 0, 10000)


def test_a_refund_on_a_later_day_moves_money_not_bread(morning, clock):
    """A loaf of yesterday does not come back on sale."""
    number = sold(morning, (TRADITION, 2)).sale.no
    clock.set("2026-11-21T09:00:00+01:00")
    from pos.till import close

    close.open_day(morning, 20000, by=BY)
    refund.refund_sale(morning, number, reason="quality", by=BY)
    assert lot(morning, TRADITION)["sold"] == 2000
    assert lot(morning, TRADITION, TOMORROW)["adjusted_value"] == -240


def test_a_second_tap_is_the_same_tap(morning):
    """The attempt is looked up before any rule."""
    from pos.errors import AlreadyDone

    orders.place_order(morning, loaves(boule=1), for_day=TODAY, name="Mme Aubert", by=BY)
    desk.set_aside(morning, by=BY, attempt="tap-0001")
    with pytest.raises(AlreadyDone):
        desk.set_aside(morning, by=BY, attempt="tap-0001")


def test_customers_typed_at_once_replace_what_was_typed_before(depot):
    """Count-only mode: the last number of the day stands."""
    day.count_customers(depot, 40, by=BY)
    day.count_customers(depot, 37, by=BY)
    assert used(depot) == 37
    with pytest.raises(no.BadContract):
        day.count_customers(depot, -1, by=BY)


def test_sales_are_paid_as_mixed_money(morning):
    """A bag is paid like anything else."""
    orders.place_order(morning, loaves(boule=1), for_day=TODAY, name="Mme Aubert", by=BY)
    desk.bill_order(morning, "1", "t1", by=BY)
    sell.take_payment(morning, "t1", "cash", amount=100, by=BY)
    assert sell.take_payment(morning, "t1", "cheque", by=BY).sale.total == 240
    sold(morning, (CROISSANT, 1), payments=[TakenPayment(means="card")])


def test_money_paid_ahead_is_given_back_before_and_after_the_bag_has_left(morning):
    """Before: the bag holds what is still paid. After: only money moves, and the hand-over stands."""
    for order, name in (("1", "Mme Aubert"), ("2", "M. Petit")):
        orders.place_order(morning, loaves(boule=2), for_day=TODAY, name=name, by=BY)
        desk.prepay_order(morning, order, f"t{order}", by=BY)
        sell.take_payment(morning, f"t{order}", "cash", by=BY)
    refund.refund_sale(morning, 1, reason="mistake", lines=[(0, 1000)], by=BY)
    desk.hand_over(morning, "1", by=BY)
    desk.hand_over(morning, "2", by=BY)
    assert (lot(morning, BOULE)["sold"], lot(morning, BOULE)["sold_value"]) == (3000, 720)
    refund.refund_sale(morning, 2, reason="quality", by=BY)
    assert lot(morning, BOULE)["adjusted_value"] == -480
    with pytest.raises(no.NothingToUndo):
        desk.undo_hand_over(morning, "2", by=BY)
    with morning.reading() as conn:
        assert till.third_parties(conn)["baker:b1"] == 720 - 480


def test_an_order_the_baker_never_brought_is_not_its_customers_fault(depot, clock):
    """Not set aside, not unclaimed: the next day it is cancelled as short, the counter of the person stays at 0."""
    placed = orders.place_order(depot, loaves(boule=1), for_day=TODAY, late=True, name="M. Petit", by=BY)
    clock.set("2026-11-20T15:00:00+01:00")
    with pytest.raises(no.NothingToRelease):
        unclaimed.release_orders(depot, by=BY)
    clock.set("2026-11-21T13:00:00+01:00")
    assert unclaimed.release_orders(depot, by=BY).orders == []
    with depot.reading() as conn:
        assert (order_row(conn, "1")["state"], reading.unclaimed_count(conn, placed.person, TOMORROW)) == (
            "cancelled",
            0,
        )
