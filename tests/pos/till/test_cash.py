"""The drawer and others' money: every euro that moves has a reason, and none leaves that is not there (R91, R110, R111)."""

import pytest

from pos.store import Store
from pos.till import cash, close, tables
from pos.till import refusals as no
from tests.cast import BEA, VICTOR, furnish, open_cafe, sold

DAY = "2026-11-20"


@pytest.fixture
def cafe(store: Store) -> Store:
    """A café with its day open and 150 € in the drawer."""
    open_cafe(store)
    return store


def drawer(store: Store) -> int:
    """Return what the drawer must hold."""
    with store.reading() as conn:
        return tables.drawer_expected(conn, DAY)


def test_cash_in_and_out(cafe: Store) -> None:
    """Each with its reason; on the Z apart from sales."""
    cash.move_cash(cafe, 5000, "change_bought", by=BEA)
    cash.move_cash(cafe, -3000, "purchase", by=BEA)
    assert drawer(cafe) == 17_000
    z = close.close_day(cafe, by=BEA)
    assert (z.cash_in, z.cash_out, z.cash_sales, z.turnover) == (5000, 3000, 0, 0)


@pytest.mark.parametrize("amount", [0, -15_001])
def test_what_is_not_there_cannot_leave(cafe: Store, amount: int) -> None:
    """Nothing moved is no movement either."""
    with pytest.raises(no.DrawerTooLow):
        cash.move_cash(cafe, amount, "bank_deposit", by=BEA)


def test_no_move_without_reason(cafe: Store) -> None:
    """Nor an opening of the drawer."""
    with pytest.raises(no.ReasonMissing):
        cash.move_cash(cafe, 100, "because", by=BEA)
    with pytest.raises(no.ReasonMissing):
        cash.open_drawer(cafe, "", by=BEA)
    assert cash.open_drawer(cafe, "check", by=BEA).day == DAY
    for act in (
        lambda: cash.open_drawer(cafe, "check", by=VICTOR),
        lambda: cash.move_cash(cafe, -100, "purchase", by=VICTOR),
    ):
        with pytest.raises(no.ManagerNeeded):
            act()


def test_no_count_before_the_first_day(store: Store) -> None:
    """There is nothing to compare with."""
    furnish(store)
    with pytest.raises(no.DayNotOpen):
        cash.count_drawer(store, counted=0, by=BEA)


def test_others_money_is_handed_over_once(cafe: Store) -> None:
    """At most what is owed; the balance runs over days; what is kept by agreement is owed no more."""
    for _n in range(10):
        sold(cafe, "progres")
    cash.keep_commission(cafe, "presse", 200, by=BEA)
    for amount in (0, -5, 1201):
        with pytest.raises(no.NotOwed):
            cash.settle_third_party(cafe, "presse", amount, by=BEA)
        with pytest.raises(no.NotOwed):
            cash.keep_commission(cafe, "presse", amount, by=BEA)
    with pytest.raises(no.NotOwed):
        cash.settle_third_party(cafe, "boulanger", 1, by=BEA)
    cash.settle_third_party(cafe, "presse", 1000, by=BEA)
    assert drawer(cafe) == 15_000 + 1400 - 1000
    with pytest.raises(no.NoSuchMeans):
        cash.settle_third_party(cafe, "presse", 200, means="shells", by=BEA)
    with pytest.raises(no.NoSuchMeans):
        cash.move_third_party(cafe, "presse", 200, reason="other", means="shells", by=BEA)
    cash.settle_third_party(cafe, "presse", 200, means="transfer", by=BEA)
    assert drawer(cafe) == 15_400
    z = close.close_day(cafe, by=BEA)
    (owner,) = z.third_parties
    assert (owner.taken, owner.settled, owner.balance, z.settled_cash) == (1400, 1200, 0, 1000)
    assert cafe.tables_that_differ() == []


def test_others_are_not_paid_from_an_empty_drawer(store: Store) -> None:
    """The cash went to the bank: by transfer then."""
    open_cafe(store, 0)
    sold(store, "progres")
    cash.move_cash(store, -140, "bank_deposit", by=BEA)
    with pytest.raises(no.DrawerTooLow):
        cash.settle_third_party(store, "presse", 140, by=BEA)
