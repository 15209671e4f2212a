"""Card payments in two steps: on disk before the amount is shown, settled once, asked again after a power cut (R15)."""

import pytest

from pos.store import Store
from pos.till import card, close, sell
from pos.till import refusals as no
from pos.till.tab import CASH
from tests.cast import BEA, VICTOR, of, open_cafe, ring


@pytest.fixture
def cafe(store: Store) -> Store:
    """A café with its day open."""
    open_cafe(store)
    return store


def test_two_steps(cafe: Store) -> None:
    """Started, shown, accepted: the sale; the payment bears the id of the terminal's answer."""
    ring(cafe, "t1", "croque")
    tab = card.start_card(cafe, "t1", by=VICTOR)
    with cafe.reading() as conn:
        assert [row["amount"] for row in card.unsettled(conn)] == [750]
    sale = of(card.settle_card(cafe, tab.card, card.ACCEPTED, ref="000123", by=VICTOR))
    assert [(p.means, p.amount, p.ref) for p in sale.payments] == [("card", 750, tab.card)]
    with cafe.reading() as conn:
        assert card.unsettled(conn) == []


def test_while_the_terminal_thinks_the_bill_stands_still(cafe: Store) -> None:
    """No line, price, cash or void until it is said what the terminal answered."""
    tab = ring(cafe, "t1", "croque")
    line = tab.lines[0].line_id
    card.start_card(cafe, "t1", by=VICTOR)
    for act in (
        lambda: sell.add_product(cafe, "t1", "cafe", by=VICTOR), lambda: sell.remove_line(cafe, "t1", line, by=VICTOR),
        lambda: sell.take_payment(cafe, "t1", CASH, by=VICTOR), lambda: sell.void_tab(cafe, "t1", "left", by=VICTOR),
        lambda: sell.park_tab(cafe, "t1", by=VICTOR), lambda: sell.undo_payment(cafe, "t1", by=VICTOR),
    ):  # fmt: skip
        with pytest.raises(no.CardPending):
            act()
    with pytest.raises(no.CardsUnsettled):
        close.close_day(cafe, by=BEA)


def test_the_card_key_tapped_again_shows_the_same_amount(cafe: Store) -> None:
    """One payment under way per bill."""
    ring(cafe, "t1", "croque")
    assert card.start_card(cafe, "t1", by=VICTOR).card == card.start_card(cafe, "t1", by=VICTOR).card


@pytest.mark.parametrize("outcome", [card.REFUSED, card.CANCELLED])
def test_refused_or_cancelled_the_bill_is_as_before(cafe: Store, outcome: str) -> None:
    """Another way to pay may be taken."""
    ring(cafe, "t1", "croque")
    tab = card.start_card(cafe, "t1", by=VICTOR)
    after = card.settle_card(cafe, tab.card, outcome, by=VICTOR)
    assert after.sale is None
    assert after.tab is not None
    assert after.tab.card == ""
    assert of(sell.take_payment(cafe, "t1", CASH, by=VICTOR)).total == 750


def test_an_outcome_is_said_once(cafe: Store) -> None:
    """Neither twice, nor unknown, nor for a payment nobody started."""
    ring(cafe, "t1", "croque")
    tab = card.start_card(cafe, "t1", by=VICTOR)
    for payment, outcome in ((tab.card, "perhaps"), ("nobody", card.ACCEPTED)):
        with pytest.raises(no.NoSuchCardPayment):
            card.settle_card(cafe, payment, outcome, by=VICTOR)
    card.settle_card(cafe, tab.card, card.ACCEPTED, by=VICTOR)
    with pytest.raises(no.NoSuchCardPayment):
        card.settle_card(cafe, tab.card, card.REFUSED, by=VICTOR)


def test_a_part_by_card(cafe: Store) -> None:
    """Mixed payment: a part by card, the rest in cash; too much or nothing is refused."""
    ring(cafe, "t1", "croque")
    for amount in (0, -1, 751):
        with pytest.raises(no.NotEnoughGiven):
            card.start_card(cafe, "t1", amount=amount, by=VICTOR)
    tab = card.start_card(cafe, "t1", amount=500, by=VICTOR)
    led = card.settle_card(cafe, tab.card, card.ACCEPTED, by=VICTOR)
    assert led.tab is not None
    assert led.tab.due == 250
    assert [p.amount for p in of(sell.take_payment(cafe, "t1", CASH, by=VICTOR)).payments] == [500, 250]


def test_no_card_for_an_empty_or_unknown_bill(cafe: Store) -> None:
    """Nothing to pay, nothing to show."""
    with pytest.raises(no.NoSuchBill):
        card.start_card(cafe, "t9", by=VICTOR)
    sell.set_takeaway(cafe, "t1", takeaway=True, by=VICTOR)
    with pytest.raises(no.EmptyBill):
        card.start_card(cafe, "t1", by=VICTOR)


def test_a_card_accepted_after_a_forgotten_closing(cafe: Store, clock: object) -> None:
    """The box was off overnight: yesterday is closed by itself, the payment is asked, the sale is today's."""
    ring(cafe, "t1", "croque")
    tab = card.start_card(cafe, "t1", by=VICTOR)
    clock.tick(86_400_000)  # type: ignore[attr-defined]
    with pytest.raises(no.DayIsOver):
        card.settle_card(cafe, tab.card, card.ACCEPTED, by=VICTOR)
    close.open_day(cafe, 0, by=BEA)
    assert of(card.settle_card(cafe, tab.card, card.ACCEPTED, by=VICTOR)).day == "2026-11-21"
