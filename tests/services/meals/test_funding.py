"""Who pays: two lines on the ticket, a partner's month claimed without a drawer, a claim taken back whole."""

import re

import pytest

from pos.services.meals import desk, reading, rules, slips
from pos.services.meals import refusals as no
from pos.services.members import desk as members
from pos.slips import as_text
from pos.till import refund, sell, tables
from pos.till.refusals import AlreadyPaid, CardPending, TooMuchCash
from tests import cast
from tests.services.meals.conftest import BY, Meals


def owed(meals: Meals) -> int:
    """What the café owes the partner; below zero it owes the café."""
    with meals.store.reading() as conn:
        return tables.third_parties(conn).get("funder:klesia", 0)


def deliver_all(meals: Meals, *who: str, funder: str = "klesia") -> list[str]:
    """Carry meals to these."""
    trip, carried = meals.out(*who, funder=funder)
    for meal in carried:
        desk.deliver(meals.store, meal, by=BY)
    desk.close_round(meals.store, trip, metres=1000, by=BY)
    return carried


def at_month_end(meals: Meals) -> None:
    """Close the day and open the last of the month."""
    cast.close.close_day(meals.store, by=BY)
    meals.at("09:00", "2025-12-31")
    cast.close.open_day(meals.store, 10_000, by=BY)


def test_a_bill_has_two_lines_and_pays_the_meals(meals: Meals) -> None:
    """Meal and delivery apart (tax credit); paid meals are not asked again; money given back leaves them unpaid."""
    anne = meals.people["Anne"]
    deliver_all(meals, "Anne", funder="")
    with pytest.raises(no.NothingToPay):
        desk.bill(meals.store, meals.people["Berthe"], by=BY)
    tab = desk.bill(meals.store, anne, tab_id="t1", by=BY)
    assert [(line.product, line.gross) for line in tab.lines] == [("meals_meal", 1050), ("meals_delivery", 250)]
    with pytest.raises(no.NothingToPay):
        desk.bill(meals.store, anne, tab_id="t2", by=BY)
    sale = cast.of(sell.take_payment(meals.store, "t1", "cash", by=BY))
    with meals.store.reading() as conn:
        assert reading.unpaid(conn, anne, "2025-12-11") == []
    refund.refund_sale(meals.store, sale.no, reason="mistake", by=BY)
    with meals.store.reading() as conn:
        assert len(reading.unpaid(conn, anne, "2025-12-11")) == 1
    with pytest.raises(AlreadyPaid):
        desk.bill(meals.store, anne, tab_id="t1", by=BY)
    cast.ring(meals.store, "t3", "cafe")
    cast.card.start_card(meals.store, "t3", by=BY)
    with pytest.raises(CardPending):
        desk.bill(meals.store, anne, tab_id="t3", by=BY)
    assert meals.store.tables_that_differ() == []


def test_a_bill_needs_a_price(store: object, meals: Meals) -> None:
    """Before the café set its price, nothing is sold."""
    with meals.store.writing(by="") as tx:
        tx.conn.execute("DELETE FROM meal_terms")
    deliver_all(meals, "Anne", funder="")
    with pytest.raises(no.PricesMissing):
        desk.bill(meals.store, meals.people["Anne"], by=BY)


def test_a_month_is_claimed_once_at_its_end_without_a_drawer(meals: Meals) -> None:
    """Delivered or served only; turnover and VAT on the ticket, the partner's account below zero, then paid."""
    deliver_all(meals, "Anne", "Berthe")
    lost = meals.order("Colette", "cafe")
    with pytest.raises(no.MonthNotOver):
        desk.claim_month(meals.store, funder="klesia", month="2025-12", by=BY)
    at_month_end(meals)
    with pytest.raises(no.NoSuchFunder):
        desk.claim_month(meals.store, funder="ccas", month="2025-12", by=BY)
    claim = desk.claim_month(meals.store, funder="klesia", month="2025-12", by=BY)
    assert (claim.amount, len(claim.meals), owed(meals), meals.state(lost)) == (2400, 2, -2400, "planned")
    with meals.store.reading() as conn:
        assert tables.drawer_expected(conn, "2025-12-31") == 10_000
        assert tables.total(conn, "2025-12-31", "turnover", "own") == 2400
    with pytest.raises(no.NothingToClaim):
        desk.claim_month(meals.store, funder="klesia", month="2025-12", by=BY)
    with pytest.raises(no.TooLateToUndo):
        desk.undo(meals.store, claim.meals[0], by=BY)
    for amount in (0, 2401):
        with pytest.raises(no.NotOwedByFunder):
            desk.receive_payment(meals.store, funder="klesia", amount=amount, by=BY)
    with pytest.raises(no.NotAnOutcome):
        desk.receive_payment(meals.store, funder="klesia", amount=1, means="shells", by=BY)
    desk.receive_payment(meals.store, funder="klesia", amount=2400, ref="VIR 12", by=BY)
    assert owed(meals) == 0
    assert meals.store.tables_that_differ() == []


def test_a_claim_is_taken_back_whole_and_made_again(meals: Meals) -> None:
    """No part of it, no cash for it; afterwards its meals may be claimed anew."""
    deliver_all(meals, "Anne", "Berthe")
    at_month_end(meals)
    claim = desk.claim_month(meals.store, funder="klesia", month="2025-12", by=BY)
    for how in ({"lines": [(0, 1000)]}, {"means": "cash"}):
        with pytest.raises(no.ClaimIsWhole):
            refund.refund_sale(meals.store, claim.ticket, reason="mistake", by=BY, **how)  # type: ignore[arg-type]
    refund.refund_sale(meals.store, claim.ticket, reason="mistake", by=BY)
    assert owed(meals) == 0
    again = desk.claim_month(meals.store, funder="klesia", month="2025-12", by=BY)
    assert (again.number, again.amount, owed(meals)) == (2, 2400, -2400)
    assert meals.store.tables_that_differ() == []


def test_a_members_cafe_claims_too(meals: Meals) -> None:
    """A partner's claim serves nobody at the counter: the gate does not ask for a card."""
    deliver_all(meals, "Anne")
    members.set_association(meals.store, label="Adhésion", dues=1000, by=BY)
    members.set_rules(meals.store, access="members_only", by=BY)
    at_month_end(meals)
    assert desk.claim_month(meals.store, funder="klesia", month="2025-12", by=BY).amount == 1200


def test_a_claim_is_not_paid_in_cash_beyond_the_limit(meals: Meals, monkeypatch: pytest.MonkeyPatch) -> None:
    """R107: in one or several times; the rest comes by transfer. (Two dear meals stand for a month of them.)"""
    monkeypatch.setattr(rules, "PRICE_MAX", 100_000)
    desk.set_funder(meals.store, funder="klesia", label="KLESIA", quota=10, price=60_000, target=5, by=BY)
    deliver_all(meals, "Anne", "Berthe")
    at_month_end(meals)
    assert desk.claim_month(meals.store, funder="klesia", month="2025-12", by=BY).amount == 120_000
    desk.receive_payment(meals.store, funder="klesia", amount=60_000, means="cash", by=BY)
    with pytest.raises(TooMuchCash):
        desk.receive_payment(meals.store, funder="klesia", amount=60_000, means="cash", by=BY)
    desk.receive_payment(meals.store, funder="klesia", amount=60_000, by=BY)
    assert owed(meals) == 0


def test_each_meal_is_billed_at_the_price_of_its_day(meals: Meals) -> None:
    """A person's meals of before and after a change of price: a line for each price, all of them paid."""
    anne = meals.people["Anne"]
    deliver_all(meals, "Anne", funder="")
    cast.close.close_day(meals.store, by=BY)
    meals.at("08:00", "2025-12-12")
    desk.set_terms(meals.store, meal_price=1100, delivery_price=300, by=BY)
    cast.close.open_day(meals.store, 0, by=BY)
    desk.order(meals.store, beneficiary=anne, for_day="2025-12-12", place="home", funder="", late=True, by=BY)
    tab = desk.bill(meals.store, anne, tab_id="t1", by=BY)
    assert [line.gross for line in tab.lines] == [1050, 1100, 250, 300]
    sell.take_payment(meals.store, "t1", "cash", by=BY)
    with meals.store.reading() as conn:
        assert reading.unpaid(conn, anne, "2025-12-12") == []


def test_a_late_meal_is_claimed_at_the_price_of_its_month(meals: Meals) -> None:
    """December's meals stated in January bear December's price; the statement says both."""
    deliver_all(meals, "Anne", "Berthe")
    cast.close.close_day(meals.store, by=BY)
    meals.at("08:00", "2026-01-20")
    desk.set_funder(meals.store, funder="klesia", label="KLESIA", quota=10, price=1000, target=5, by=BY)
    cast.close.open_day(meals.store, 0, by=BY)
    meal = meals.order("Anne", "cafe", day="2026-01-20")
    meals.at("12:00", "2026-01-20")
    desk.serve(meals.store, meal, by=BY)
    cast.close.close_day(meals.store, by=BY)
    meals.at("09:00", "2026-01-31")
    cast.close.open_day(meals.store, 0, by=BY)
    with meals.store.reading() as conn:
        assert reading.funder_months(conn, "2026-01")[0].to_claim_cents == 3400
    claim = desk.claim_month(meals.store, funder="klesia", month="2026-01", by=BY)
    assert (claim.price, claim.amount, len(claim.meals)) == (1000, 3400, 3)
    said = as_text(slips.claim_slip(claim, funder="KLESIA", cafe=slips.Issuer("", "", "", ""), days=[]), 48)
    assert re.search(r"2 repas +12,00", said) and re.search(r"1 repas +10,00", said)
    refund.refund_sale(meals.store, claim.ticket, reason="mistake", by=BY)
    assert (owed(meals), meals.store.tables_that_differ()) == (0, [])


def test_no_more_meals_are_paid_for_than_are_due(meals: Meals) -> None:
    """A line made larger by hand is refused when it is paid; the right quantity passes."""
    deliver_all(meals, "Anne", funder="")
    tab = desk.bill(meals.store, meals.people["Anne"], tab_id="t1", by=BY)
    line = tab.lines[0].line_id
    sell.change_quantity(meals.store, "t1", line, 3000, by=BY)
    with pytest.raises(no.MealsNotDue):
        sell.take_payment(meals.store, "t1", "cash", by=BY)
    sell.change_quantity(meals.store, "t1", line, 1000, by=BY)
    assert cast.of(sell.take_payment(meals.store, "t1", "cash", by=BY)).total == 1300
