"""Meal vouchers pay meals, whatever becomes of the lines after they did, and whatever is corrected later (R100)."""

from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos.clock import StoppedClock
from pos.errors import Refusal
from pos.store import Store
from pos.till import corrections, refund, sell, tables
from pos.till import refusals as no
from pos.till.events import SaleCompleted
from pos.till.tab import CARD, CASH, MEAL_VOUCHER
from tests.cast import BEA, VICTOR, of, open_cafe, paid_by_card, ring, sold
from tests.conftest import MORNING, open_test_store

EATEN = {"cafe", "croque", "baguette", "confiture", "perrier", "tomme"}
STEPS = st.one_of(
    st.tuples(st.just("add"), st.sampled_from(["croque", "demi", "cafe", "timbre"])),
    st.tuples(st.just("off"), st.integers(0, 3)),
    st.tuples(st.just("less"), st.integers(0, 900)),
    st.tuples(st.just("voucher"), st.integers(50, 900)),
    st.tuples(st.just("cash"), st.integers(50, 900)),
    st.tuples(st.just("undo"), st.just(0)),
)


def test_the_meal_that_vouchers_paid_is_swapped_for_beer(store: Store) -> None:
    """Croque and a beer, 7,50 € by voucher, the croque leaves, more beer comes: no means completes it before Undo."""
    open_cafe(store)
    tab = ring(store, "t1", "croque", "demi")
    sell.take_payment(store, "t1", MEAL_VOUCHER, amount=750, by=VICTOR)
    sell.remove_line(store, "t1", tab.lines[0].line_id, by=VICTOR)
    ring(store, "t1", "demi", "demi")
    with pytest.raises(no.VouchersBeyondMeals):
        sell.take_payment(store, "t1", CASH, by=VICTOR)
    with pytest.raises(no.VouchersBeyondMeals):
        paid_by_card(store, "t1")
    sell.undo_payment(store, "t1", by=VICTOR)
    assert of(sell.take_payment(store, "t1", CASH, by=VICTOR)).total == 1050


@pytest.fixture(scope="module")
def cafe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A café with its day open, for many bills."""
    path: Path = tmp_path_factory.mktemp("vouchers") / "cafe.db"
    with closing(open_test_store(path, StoppedClock(MORNING))) as opened:
        open_cafe(opened)
        yield opened


@settings(max_examples=60)
@given(steps=st.lists(STEPS, min_size=3, max_size=14))
def test_no_sale_has_more_vouchers_than_meals(cafe: Store, steps: list[tuple[str, object]]) -> None:
    """Lines and parts in any order, then the rest in cash: vouchers never pay alcohol or others' goods."""
    tab_id = f"t{cafe.last_place()}"
    ring(cafe, tab_id, "croque", "demi")
    for what, how in [*steps, ("cash", None)]:
        with suppress(Refusal):
            one_step(cafe, tab_id, what, how)
    with cafe.reading() as conn:
        row = tables.ticket_of_tab(conn, tab_id)
        sale = cafe.event(conn, row["seq"]).event if row else None
    if isinstance(sale, SaleCompleted):
        vouchers = sum(p.amount for p in sale.payments if p.means == MEAL_VOUCHER)
        assert vouchers <= sum(line.gross for line in sale.lines if line.product in EATEN)


def one_step(store: Store, tab_id: str, what: str, how: object) -> None:
    """Do one thing to a bill."""
    with store.reading() as conn:
        tab = sell.current_tab(conn, tab_id)
    lines = tab.lines if tab else []
    if what == "add":
        sell.add_product(store, tab_id, str(how), by=VICTOR)
    elif what in ("voucher", "cash"):
        means = MEAL_VOUCHER if what == "voucher" else CASH
        sell.take_payment(store, tab_id, means, amount=how, by=VICTOR)  # type: ignore[arg-type]
    elif what == "undo":
        sell.undo_payment(store, tab_id, by=VICTOR)
    elif lines and what == "off":
        sell.remove_line(store, tab_id, lines[int(str(how)) % len(lines)].line_id, by=VICTOR)
    elif lines:
        sell.discount_line(store, tab_id, lines[0].line_id, int(str(how)), by=VICTOR)


def test_a_correction_puts_no_beer_on_vouchers(store: Store) -> None:
    """Within the ticket's meals that nothing gave back, less the vouchers it has, and one person's day."""
    open_cafe(store)
    beer, mixed, feast = (of(sold(store, *what)) for what in (["demi"], ["croque", "demi"], ["croque"] * 5))

    def to_vouchers(number: int, **more: int) -> None:
        corrections.correct_payment(store, number, CASH, MEAL_VOUCHER, reason="mistyped", by=BEA, **more)

    with pytest.raises(no.NoMealOnBill):
        to_vouchers(beer.no)
    with pytest.raises(no.TooMuchByVoucher):
        to_vouchers(mixed.no)
    to_vouchers(mixed.no, amount=750)
    with pytest.raises(no.NoMealOnBill):
        to_vouchers(mixed.no, amount=1)
    with pytest.raises(no.TooMuchByVoucher):
        to_vouchers(feast.no)
    refund.refund_sale(store, feast.no, reason="mistake", lines=[(0, 4000)], means=CASH, by=BEA)
    with pytest.raises(no.NothingToCorrect):
        to_vouchers(feast.no, amount=751)


def test_corrections_do_not_get_around_the_cash_limit(store: Store) -> None:
    """R107: what the ticket already got in cash counts with what a correction puts there."""
    open_cafe(store)
    with_card = [sell.TakenPayment(means=CASH, amount=60_000), sell.TakenPayment(means=CARD)]
    sale = of(
        sell.sell(store, lines=[sell.SoldLine(product="divers", price=120_000)], payments=with_card, by=VICTOR)
    )  # fmt: skip
    with pytest.raises(no.TooMuchCash):
        corrections.correct_payment(store, sale.no, CARD, CASH, reason="mistyped", by=BEA)
    assert corrections.correct_payment(store, sale.no, CARD, CASH, amount=40_000, reason="mistyped", by=BEA).amount
