"""Cash with a card purchase: what the law and the drawer allow, and what the café says otherwise (R93–R98)."""

import pytest

from pos.errors import AlreadyDone
from pos.services import cashback
from pos.services.cashback import desk, tables
from pos.services.cashback import refusals as no
from pos.services.cashback.events import LimitsSet
from pos.services.cashback.limits import LEGAL, in_force, legal
from pos.store import Store
from pos.till import card, cash, close, sell
from pos.till import refusals as till_no
from pos.till import tables as till_tables
from pos.till.sell import SoldLine, TakenPayment
from pos.till.tab import CARD, CASH
from tests.cast import BEA, VICTOR, of, open_cafe, paid_by_card, ring


@pytest.fixture
def cafe(store: Store) -> Store:
    """A café with its day open and 150 € in the drawer."""
    open_cafe(store)
    return store


def drawer(store: Store) -> int:
    """Return what the drawer must hold."""
    with store.reading() as conn:
        return till_tables.drawer_expected(conn, "2026-11-20")


def test_twenty_euros_with_a_coffee(cafe: Store) -> None:
    """The card bears purchase and cash, the drawer pays the cash out, turnover knows only the coffee (R96)."""
    ring(cafe, "t1", "cafe")
    desk.propose(cafe, "t1", 2000, by=VICTOR)
    tab = card.start_card(cafe, "t1", by=VICTOR)
    assert tab.card_amount == 2160
    sale = of(card.settle_card(cafe, tab.card, card.ACCEPTED, by=VICTOR))
    assert (sale.total, sale.turnover, sale.cashback) == (160, 160, 2000)
    assert sale.payments[0].amount == 160
    assert sale.cashback_asked_at == cafe.clock.now_ms()
    assert drawer(cafe) == 13_000
    with cafe.reading() as conn:
        means = till_tables.totals(conn, "2026-11-20", "means")
        assert (means["card"][0], means["cash"][0]) == (2160, -2000)
        (given,) = tables.given_on(conn, "2026-11-20")
        assert (given["cash"], given["by_card"], given["ref"]) == (2000, 160, sale.payments[0].ref)
        assert tables.total_on(conn, "2026-11-20") == (1, 2000)


def test_a_day_with_cash_back_has_the_turnover_of_the_day_without(cafe: Store) -> None:
    """Cash-back enters no total but the drawer's and the means' (R96)."""
    ring(cafe, "t1", "cafe", "demi")
    desk.propose(cafe, "t1", 3000, by=VICTOR)
    paid_by_card(cafe, "t1")
    reading = close.take_reading(cafe, by=BEA)
    assert (reading.turnover, reading.perpetual, reading.cashback) == (510, 510, 3000)
    assert sum(part.gross for part in reading.vat) == 510
    assert reading.expected == 15_000 - 3000


def test_the_cash_may_be_asked_for_when_the_card_amount_is_already_shown(cafe: Store) -> None:
    """Card, + 20 €, accepted: the amount shown is cancelled and shown anew, in one act."""
    ring(cafe, "t1", "cafe")
    first = card.start_card(cafe, "t1", by=VICTOR)
    tab = desk.propose(cafe, "t1", 2000, by=VICTOR)
    assert tab.card != first.card
    assert tab.card_amount == 2160
    with cafe.reading() as conn:
        assert till_tables.card(conn, first.card)["outcome"] == "cancelled"  # type: ignore[index]
        assert [row["payment"] for row in card.unsettled(conn)] == [tab.card]
    with pytest.raises(till_no.NoSuchCardPayment):
        card.settle_card(cafe, first.card, card.ACCEPTED, by=VICTOR)
    assert of(card.settle_card(cafe, tab.card, card.ACCEPTED, by=VICTOR)).cashback == 2000


def test_the_customer_may_change_their_mind_before_the_card(cafe: Store) -> None:
    """Taken off again, the card amount shown is the purchase alone."""
    ring(cafe, "t1", "cafe")
    card.start_card(cafe, "t1", by=VICTOR)
    desk.propose(cafe, "t1", 2000, by=VICTOR)
    tab = desk.withdraw(cafe, "t1", by=VICTOR)
    assert (tab.cashback, tab.cashback_asked_at, tab.card_amount) == (0, 0, 160)
    assert of(card.settle_card(cafe, tab.card, card.ACCEPTED, by=VICTOR)).cashback == 0
    assert drawer(cafe) == 15_000


def test_a_refused_card_gives_no_cash(cafe: Store) -> None:
    """Nothing leaves the drawer; the bill stands and may be paid in cash once the cash-back is off."""
    ring(cafe, "t1", "cafe")
    desk.propose(cafe, "t1", 2000, by=VICTOR)
    tab = card.start_card(cafe, "t1", by=VICTOR)
    card.settle_card(cafe, tab.card, card.REFUSED, by=VICTOR)
    with pytest.raises(no.ByCardOnly):
        sell.take_payment(cafe, "t1", CASH, by=VICTOR)
    assert drawer(cafe) == 15_000
    desk.withdraw(cafe, "t1", by=VICTOR)
    assert of(sell.take_payment(cafe, "t1", CASH, by=VICTOR)).total == 160


@pytest.mark.parametrize(
    ("purchase", "cash_out", "refusal"),
    [
        (99, 1000, no.PurchaseTooSmall), (100, 6000, None), (100, 6001, no.TooMuchCashBack),
        (500, 7000, no.TooMuchCashBack), (500, 1500, no.WrongStep), (500, 0, no.WrongStep), (500, -1000, no.WrongStep),
    ],
)  # fmt: skip
def test_the_limits_of_the_law_hold_to_the_cent(
    cafe: Store, purchase: int, cash_out: int, refusal: type[Exception] | None
) -> None:
    """1 € of purchase, 60 € of cash, by tens (R93)."""
    sell.add_product(cafe, "t1", "divers", price=purchase, by=VICTOR)
    if refusal is None:
        assert desk.propose(cafe, "t1", cash_out, by=VICTOR).cashback == cash_out
        return
    with pytest.raises(refusal) as told:
        desk.propose(cafe, "t1", cash_out, by=VICTOR)
    assert told.value.what()
    assert told.value.how()


@pytest.mark.parametrize("means", ["cheque", "meal_voucher", "voucher"])
def test_never_with_a_cheque_or_a_voucher(cafe: Store, means: str) -> None:
    """Excluded means on the bill refuse the proposal, the card amount, and the sale (R93.4)."""
    ring(cafe, "t1", "croque")
    sell.take_payment(cafe, "t1", means, amount=300, by=VICTOR)
    with pytest.raises(no.NotWithTheseMeans):
        desk.propose(cafe, "t1", 1000, by=VICTOR)
    sell.undo_payment(cafe, "t1", by=VICTOR)
    desk.propose(cafe, "t1", 1000, by=VICTOR)
    sell.take_payment(cafe, "t1", means, amount=300, by=VICTOR)
    with pytest.raises(no.NotWithTheseMeans):
        card.start_card(cafe, "t1", by=VICTOR)


def test_a_cheque_after_the_card_does_not_lose_the_bill(cafe: Store) -> None:
    """The card bore the cash, the rest comes by cheque: refused; in cash: taken. The bill stands between."""
    ring(cafe, "t1", "croque")
    desk.propose(cafe, "t1", 1000, by=VICTOR)
    led = paid_by_card(cafe, "t1", 450)
    assert led.sale is None
    with pytest.raises(no.NotWithTheseMeans):
        sell.take_payment(cafe, "t1", "cheque", by=VICTOR)
    sale = of(sell.take_payment(cafe, "t1", CASH, by=VICTOR))
    assert (sale.cashback, [p.amount for p in sale.payments]) == (1000, [450, 300])


def test_when_a_bill_is_split_only_the_card_part_counts(cafe: Store) -> None:
    """90 cents by card are under the minimum, whatever the rest; 100 are enough (R93)."""
    ring(cafe, "t1", "croque")
    desk.propose(cafe, "t1", 1000, by=VICTOR)
    with pytest.raises(no.PurchaseTooSmall):
        card.start_card(cafe, "t1", amount=90, by=VICTOR)
    tab = card.start_card(cafe, "t1", amount=100, by=VICTOR)
    assert tab.card_amount == 1100


def test_two_cards_bear_the_cash_once(cafe: Store) -> None:
    """The second card of a shared bill pays its part and no more."""
    ring(cafe, "t1", "croque")
    desk.propose(cafe, "t1", 2000, by=VICTOR)
    paid_by_card(cafe, "t1", 400)
    tab = card.start_card(cafe, "t1", by=VICTOR)
    assert tab.card_amount == 350
    sale = of(card.settle_card(cafe, tab.card, card.ACCEPTED, by=VICTOR))
    assert sale.cashback == 2000
    assert drawer(cafe) == 13_000


def test_once_the_card_said_yes_it_is_too_late(cafe: Store) -> None:
    """Asked after the payment, or taken off after it: refused (R93.3)."""
    ring(cafe, "t1", "croque")
    desk.propose(cafe, "t1", 2000, by=VICTOR)
    paid_by_card(cafe, "t1", 400)
    with pytest.raises(no.AfterPayment):
        desk.withdraw(cafe, "t1", by=VICTOR)
    with pytest.raises(no.AfterPayment):
        desk.propose(cafe, "t1", 3000, by=VICTOR)
    paid_by_card(cafe, "t1")
    with pytest.raises(no.AfterPayment):
        desk.propose(cafe, "t1", 1000, by=VICTOR)


def test_the_drawer_keeps_its_change(cafe: Store) -> None:
    """70 € in the drawer, 50 € kept: 20 € may go, 30 € may not (R98)."""
    cash.move_cash(cafe, -8_000, "bank_deposit", by=BEA)
    ring(cafe, "t1", "cafe")
    with cafe.reading() as conn:
        assert desk.amounts(conn, "2026-11-20", sell.current_tab(conn, "t1")) == [1000, 2000]
    with pytest.raises(no.DrawerCannot):
        desk.propose(cafe, "t1", 3000, by=VICTOR)
    desk.propose(cafe, "t1", 2000, by=VICTOR)
    cash.move_cash(cafe, -1_000, "purchase", by=BEA)
    with pytest.raises(no.DrawerCannot):
        card.start_card(cafe, "t1", by=VICTOR)


def test_what_the_terminal_accepted_is_recorded_whatever_happened_meanwhile(cafe: Store) -> None:
    """The drawer was emptied while the customer typed the code: the money moved, the sale is written."""
    ring(cafe, "t1", "cafe")
    desk.propose(cafe, "t1", 6000, by=VICTOR)
    tab = card.start_card(cafe, "t1", by=VICTOR)
    cash.move_cash(cafe, -14_000, "bank_deposit", by=BEA)
    sale = of(card.settle_card(cafe, tab.card, card.ACCEPTED, by=VICTOR))
    assert sale.cashback == 6000
    assert drawer(cafe) == -5000


def test_for_private_needs_only(cafe: Store) -> None:
    """A customer who buys for a business gets none (R93.3)."""
    ring(cafe, "t1", "cafe")
    with pytest.raises(no.ProfessionalUse):
        desk.propose(cafe, "t1", 2000, private_use=False, by=VICTOR)


def test_no_bill_no_cash(cafe: Store) -> None:
    """Cash without a purchase is a bank's business."""
    with pytest.raises(till_no.NoSuchBill):
        desk.propose(cafe, "nothing", 2000, by=VICTOR)


def test_an_impatient_finger_agrees_once(cafe: Store) -> None:
    """The second tap is the same tap."""
    ring(cafe, "t1", "cafe")
    card.start_card(cafe, "t1", by=VICTOR)
    desk.propose(cafe, "t1", 2000, by=VICTOR, attempt="tap-1")
    with pytest.raises(AlreadyDone):
        desk.propose(cafe, "t1", 2000, by=VICTOR, attempt="tap-1")
    with cafe.reading() as conn:
        assert len(card.unsettled(conn)) == 1


@pytest.mark.parametrize(
    ("payments", "cash_out", "refusal"),
    [
        ([TakenPayment(means=CASH)], 2000, no.ByCardOnly),
        ([TakenPayment(means=CARD)], 6100, no.TooMuchCashBack),
        ([TakenPayment(means=CARD, amount=90), TakenPayment(means=CASH)], 2000, no.PurchaseTooSmall),
        ([TakenPayment(means=CARD, amount=110), TakenPayment(means="cheque")], 2000, no.NotWithTheseMeans),
    ],
)
def test_no_way_in_goes_round_the_limits(
    cafe: Store, payments: list[TakenPayment], cash_out: int, refusal: type[Exception]
) -> None:
    """A whole sale rung up at once passes the same rule (R94)."""
    with pytest.raises(refusal):
        sell.sell(cafe, lines=[SoldLine(product="cafe")], payments=payments, cashback=cash_out, by=VICTOR)
    assert drawer(cafe) == 15_000


def test_a_whole_sale_with_cash_is_one_act(cafe: Store) -> None:
    """As a day file plays it: the card bears the cash."""
    out = sell.sell(
        cafe, lines=[SoldLine(product="cafe")], payments=[TakenPayment(means=CARD)], cashback=2000, by=VICTOR
    )
    assert of(out).cashback == 2000
    assert drawer(cafe) == 13_000


def test_the_law_is_a_dated_row(cafe: Store) -> None:
    """Before the decree of December 2018 there was no cash-back; since, 1 € and 60 €."""
    assert (LEGAL[0].min_purchase, LEGAL[0].max_cash) == (100, 6000)
    assert not legal("2018-12-26").offered
    assert legal("2018-12-27").max_cash == 6000
    assert legal("2026-06-14.2").offered
    with cafe.reading() as conn:
        assert in_force(conn, "2026-11-20") == legal("2026-11-20")


def test_the_cafe_may_be_stricter_from_a_day_on(cafe: Store) -> None:
    """5 € of purchase and 30 € of cash from tomorrow: today stays as it was, dated rows decide."""
    told = desk.set_limits(
        cafe, min_purchase=500, max_cash=3000, step=500, reserve=10_000, valid_from="20261121", by=BEA
    )
    assert isinstance(told, LimitsSet)
    with cafe.reading() as conn:
        assert in_force(conn, "2026-11-20").max_cash == 6000
        tomorrow = in_force(conn, "2026-11-21")
        assert (tomorrow.min_purchase, tomorrow.max_cash, tomorrow.step, tomorrow.reserve) == (500, 3000, 500, 10_000)
        assert tables.history(conn)[0]["op"] == BEA


def test_the_cafe_may_not_be_looser_than_the_law(cafe: Store) -> None:
    """60,01 € or 0,99 € are refused, and so are limits that contradict themselves."""
    for least, most in ((99, 6000), (100, 6001)):
        with pytest.raises(no.OutsideTheLaw):
            desk.set_limits(cafe, min_purchase=least, max_cash=most, step=1, reserve=0, by=BEA)
    for step, reserve in ((0, 0), (700, 0), (1000, -1)):
        with pytest.raises(no.BadLimits):
            desk.set_limits(cafe, min_purchase=100, max_cash=6000, step=step, reserve=reserve, by=BEA)
    with pytest.raises(no.BadLimits):
        desk.set_limits(cafe, min_purchase=100, max_cash=0, step=1000, reserve=0, valid_from="tomorrow", by=BEA)


def test_only_the_manager_sets_limits(cafe: Store) -> None:
    """Whoever serves may give cash, not change the rules."""
    with pytest.raises(till_no.ManagerNeeded):
        desk.set_limits(cafe, min_purchase=100, max_cash=6000, step=1000, reserve=0, by=VICTOR)


def test_a_cafe_may_offer_none(cafe: Store) -> None:
    """The merchant is a volunteer (R93.5)."""
    desk.set_limits(cafe, min_purchase=100, max_cash=0, step=1000, reserve=0, by=BEA)
    ring(cafe, "t1", "cafe")
    with cafe.reading() as conn:
        assert desk.amounts(conn, "2026-11-20") == []
    with pytest.raises(no.NotOffered):
        desk.propose(cafe, "t1", 1000, by=VICTOR)


def test_small_steps_show_notes_first(cafe: Store) -> None:
    """Twelve amounts by five euros are too many keys: the tens remain, the others may be typed."""
    desk.set_limits(cafe, min_purchase=100, max_cash=6000, step=500, reserve=0, by=BEA)
    ring(cafe, "t1", "cafe")
    with cafe.reading() as conn:
        assert desk.amounts(conn, "2026-11-20") == [1000, 2000, 3000, 4000, 5000, 6000]
    assert desk.propose(cafe, "t1", 1500, by=VICTOR).cashback == 1500


def test_refunding_the_purchase_leaves_the_cash_with_the_customer(cafe: Store) -> None:
    """A refund gives back the purchase, never undoes the cash handed over (R99)."""
    from pos.till import refund

    ring(cafe, "t1", "croque")
    desk.propose(cafe, "t1", 2000, by=VICTOR)
    sale = of(paid_by_card(cafe, "t1"))
    back = refund.refund_sale(cafe, sale.no, reason="quality", by=BEA)
    assert (back.total, back.cancels) == (-750, [])
    assert drawer(cafe) == 13_000
    with cafe.reading() as conn:
        assert tables.total_on(conn, "2026-11-20") == (1, 2000)


def test_one_operation_is_one_use_of_cash(cafe: Store) -> None:
    """The 2023 headline counts it under « cash »; a sale without it counts nothing."""
    ring(cafe, "t1", "cafe")
    desk.propose(cafe, "t1", 2000, by=VICTOR)
    sale = of(paid_by_card(cafe, "t1"))
    rule = cashback.SERVICE.uses[type(sale)]
    assert [(u.service, u.visit, u.count) for u in rule(sale)] == [("cash_out", sale.visit, 1)]
    plain = of(sell.sell(cafe, lines=[SoldLine(product="cafe")], by=VICTOR))
    assert list(rule(plain)) == []
    (code,) = cashback.SERVICE.services
    assert (code.code, code.headline, code.alternatives, code.accent) == ("cash_out", True, ("bank",), "cash")


def test_what_was_told_is_what_the_journal_tells(cafe: Store) -> None:
    """Retold from the journal, every table is the same."""
    desk.set_limits(cafe, min_purchase=200, max_cash=4000, step=1000, reserve=0, by=BEA)
    ring(cafe, "t1", "croque")
    desk.propose(cafe, "t1", 2000, by=VICTOR)
    paid_by_card(cafe, "t1")
    assert cafe.tables_that_differ() == []
