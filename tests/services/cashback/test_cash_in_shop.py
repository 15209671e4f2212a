"""Cash without a purchase on a bank's mandate: limits, references, the drawer's change, the bank's account, papers (B.4)."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pos.clock import StoppedClock
from pos.errors import AlreadyDone, Refusal
from pos.services import cashback
from pos.services.cashback import mandates, shop, slips, tables
from pos.services.cashback import refusals as no
from pos.services.cashback.limits import NEVER, legal
from pos.slips import as_text
from pos.store import Store
from pos.till import close, uses
from pos.till import refusals as till_no
from pos.till import tables as till_tables
from tests.cast import BEA, VICTOR, open_cafe
from tests.conftest import MORNING, open_test_store

DAY = "2026-11-20"


@pytest.fixture
def cafe(store: Store) -> Store:
    """A café with its day open, 150 € in the drawer, one bank's mandate."""
    open_cafe(store)
    shop.set_mandate(store, "ca", label="Banque du Bourg", fee_cents=20, fee_bp=50, by=BEA)
    return store


def bank(store: Store, day: str = DAY) -> mandates.Mandate:
    """The mandate as it stands."""
    with store.reading() as conn:
        found = mandates.one(conn, "ca", day)
        assert found is not None
        return found


def owed(store: Store) -> int:
    """What the bank owes."""
    with store.reading() as conn:
        return mandates.owed(conn, bank(store))


def test_fifty_euros_for_a_bank(cafe: Store) -> None:
    """The drawer pays, the bank owes it, no sale, no turnover; its fee is told apart: 20 cents and 0.5 %."""
    paid = shop.pay_cash(cafe, "ca", 5_000, ref="ca-0042", by=VICTOR)
    assert (paid.ref, paid.fee) == ("CA-0042", 45)
    with cafe.reading() as conn:
        assert till_tables.drawer_expected(conn, DAY) == 10_000
        assert till_tables.third_parties(conn) == {"bank:ca": -5_000}
        assert till_tables.total(conn, DAY, "turnover", "own") == 0
        assert uses.of_day(conn, DAY) == {"cash_out": 1}
    reading = close.take_reading(cafe, by=BEA)
    assert (reading.turnover, reading.expected) == (0, 10_000)
    assert cafe.tables_that_differ() == []


def test_limits_are_dated_and_a_hundred_euros_unless_the_contract_says_otherwise(cafe: Store) -> None:
    """Tomorrow's contract changes nothing today; what only the cents changed keeps its share."""
    assert (bank(cafe).max_cash, mandates.usual_max("2017-12-31"), mandates.usual_max(DAY)) == (10_000, 0, 10_000)
    shop.set_mandate(cafe, "ca", label="Banque du Bourg", max_cash=20_000, step=2_000, valid_from="2026-11-21", by=BEA)
    assert (bank(cafe).max_cash, bank(cafe, "2026-11-21").max_cash, bank(cafe, "2026-11-21").fee_bp) == (
        10_000,
        20_000,
        50,
    )


@pytest.mark.parametrize(
    ("amount", "refusal"),
    [(10_000, None), (11_000, no.AboveMandate), (1_500, no.WrongStep), (0, no.WrongStep), (-1_000, no.WrongStep)],
)
def test_the_mandate_holds_to_the_cent(cafe: Store, amount: int, refusal: type[Refusal] | None) -> None:
    """100 €, by tens: each refusal has its sentence and its remedy."""
    if refusal is None:
        assert shop.pay_cash(cafe, "ca", amount, ref="CA-1", by=VICTOR).amount == amount
        return
    with pytest.raises(refusal) as told:
        shop.pay_cash(cafe, "ca", amount, ref="CA-1", by=VICTOR)
    assert told.value.what() and told.value.how()


def test_the_reference_of_the_terminal_is_needed_and_used_once(cafe: Store) -> None:
    """Without one, or with one typed before, nothing is paid; a double tap pays once."""
    for ref in ("", " ", "x", "N° 12/3", "a" * 25):
        with pytest.raises(no.BankRefMissing):
            shop.pay_cash(cafe, "ca", 1_000, ref=ref, by=VICTOR)
    shop.pay_cash(cafe, "ca", 1_000, ref="CA-1", by=VICTOR, attempt="tap-1")
    with pytest.raises(AlreadyDone):
        shop.pay_cash(cafe, "ca", 1_000, ref="CA-1", by=VICTOR, attempt="tap-1")
    with pytest.raises(no.BankRefTwice):
        shop.pay_cash(cafe, "ca", 2_000, ref="ca-1", by=VICTOR)
    assert owed(cafe) == 1_000


def test_the_drawer_keeps_its_change_and_the_day_its_cap(cafe: Store) -> None:
    """150 € in the drawer, 50 € kept; then a cap of 60 € a day."""
    shop.pay_cash(cafe, "ca", 4_000, ref="CA-1", by=VICTOR)
    with pytest.raises(no.DrawerCannot):
        shop.pay_cash(cafe, "ca", 7_000, ref="CA-2", by=VICTOR)
    shop.set_mandate(cafe, "ca", label="Banque du Bourg", max_cash=5_000, day_max=6_000, by=BEA)
    with pytest.raises(no.DayCapReached):
        shop.pay_cash(cafe, "ca", 3_000, ref="CA-3", by=VICTOR)
    with cafe.reading() as conn:
        assert mandates.spare(conn, DAY, bank(cafe)) == 2_000
    shop.pay_cash(cafe, "ca", 2_000, ref="CA-3", by=VICTOR)


def test_without_a_mandate_or_with_one_given_up_nothing_is_paid(cafe: Store) -> None:
    """What the bank owes may still be settled."""
    shop.pay_cash(cafe, "ca", 1_000, ref="CA-1", by=VICTOR)
    shop.set_mandate(cafe, "ca", label="Banque du Bourg", in_use=False, by=BEA)
    for mandate in ("ca", "nobody"):
        with pytest.raises(no.NoMandate):
            shop.pay_cash(cafe, mandate, 1_000, ref="CA-2", by=VICTOR)
    with pytest.raises(no.NoMandate):
        shop.settle_bank(cafe, "nobody", by=BEA)
    assert shop.settle_bank(cafe, "ca", by=BEA).amount == 1_000


@pytest.mark.parametrize(
    "wrong",
    [
        {"mandate": "C A"}, {"label": " "}, {"max_cash": 60_000}, {"day_max": 5_000}, {"step": 3_000}, {"reserve": -1}, {"fee_cents": 501},
        {"fee_bp": -1}, {"pay_days": 0}, {"valid_from": "soon"},
    ],
)  # fmt: skip
def test_a_mandate_that_does_not_hold_is_refused(cafe: Store, wrong: dict[str, object]) -> None:
    """Terms stay in their range, and only a manager enters them."""
    with pytest.raises(no.NotAMandate):
        shop.set_mandate(cafe, **{"mandate": "ca", "label": "Banque", "by": BEA, **wrong})  # type: ignore[arg-type]
    with pytest.raises(till_no.ManagerNeeded):
        shop.set_mandate(cafe, "ca", label="Banque", by=VICTOR)


def test_a_bank_settles_what_it_owes_and_no_more(cafe: Store) -> None:
    """A transfer moves no cash; a part leaves the rest; then nothing is owed."""
    shop.pay_cash(cafe, "ca", 6_000, ref="CA-1", by=VICTOR)
    shop.settle_bank(cafe, "ca", amount=4_000, ref="VIR-1", by=BEA)
    with cafe.reading() as conn:
        assert till_tables.drawer_expected(conn, DAY) == 9_000
    for amount in (3_000, -1):
        with pytest.raises(no.NothingToSettle):
            shop.settle_bank(cafe, "ca", amount=amount, by=BEA)
    shop.settle_bank(cafe, "ca", means="cash", by=BEA)
    with cafe.reading() as conn:
        assert till_tables.drawer_expected(conn, DAY) == 11_000
        (row,) = mandates.sheet(conn, "2026-11-01", "2026-11-30")
        assert (row.n, row.paid_out, row.fee, row.settled) == (1, 6_000, 50, 6_000)
        assert tables.total_between(conn, "2026-11-01", "2026-11-30") == (0, 0)
    with pytest.raises(no.NothingToSettle):
        shop.settle_bank(cafe, "ca", by=BEA)


def test_to_do_says_which_bank_is_late(cafe: Store) -> None:
    """Seven days after the cash, not before; not when it was paid back."""
    shop.pay_cash(cafe, "ca", 1_000, ref="CA-1", by=VICTOR)
    (todo,) = cashback.SERVICE.todo
    with cafe.reading() as conn:
        assert todo(conn, "2026-11-27") == []
        assert [notice.url for notice in todo(conn, "2026-11-28")] == ["/cashback/banks"]
    shop.settle_bank(cafe, "ca", by=BEA)
    with cafe.reading() as conn:
        assert todo(conn, "2026-11-28") == []


def test_papers_say_it_is_no_sale(cafe: Store) -> None:
    """The receipt names bank, amount and reference; the poster has both ways, or the bank's alone."""
    paid = shop.pay_cash(cafe, "ca", 5_000, ref="CA-1", by=VICTOR)
    told = shop.settle_bank(cafe, "ca", by=BEA)
    now = cafe.clock.now_ms()
    receipt = slips.receipt(cafe="Le Café", bank=bank(cafe), paid=paid, at_ms=now)
    settled = slips.settlement(cafe="Le Café", bank=bank(cafe), told=told, at_ms=now, owed=0)
    both = slips.poster(legal(DAY), [bank(cafe)])
    for width in (48, 32):
        assert "50,00" in as_text(receipt, width) and "CA-1" in as_text(receipt, width)
        assert "60,00" in as_text(both, width) and "100,00" in as_text(both, width)
        assert max(len(row) for slip in (receipt, settled, both) for row in as_text(slip, width).splitlines()) <= width
    alone = as_text(slips.poster(NEVER, [bank(cafe)]), 48)
    assert "100,00" in alone and "60,00" not in alone


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.tuples(st.booleans(), st.integers(0, 12), st.sampled_from(["transfer", "cash"])), max_size=15))
def test_the_account_is_always_paid_out_less_settled(
    acts: list[tuple[bool, int, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever the order: what the bank owes is what was paid out less what it paid; the drawer never goes under its change."""
    store = open_test_store(tmp_path_factory.mktemp("shop") / "cafe.db", StoppedClock(MORNING))
    open_cafe(store)
    shop.set_mandate(store, "ca", label="Banque", by=BEA)
    paid = settled = 0
    for n, (pays, tens, means) in enumerate(acts):
        with suppress(Refusal):
            if pays:
                paid += shop.pay_cash(store, "ca", tens * 1_000, ref=f"CA-{n}", by=VICTOR).amount
            else:
                settled += shop.settle_bank(store, "ca", amount=tens * 500, means=means, by=BEA).amount
        with store.reading() as conn:
            assert mandates.owed(conn, bank(store)) == paid - settled >= 0
            assert till_tables.drawer_expected(conn, DAY) >= 5_000
    assert store.tables_that_differ() == []
    store.close()
