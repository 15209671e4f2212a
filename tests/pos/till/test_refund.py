"""Giving back: a new ticket of opposite sign, never more than was paid, the way it came (R48–R50)."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pos.store import Store
from pos.till import refund, sell, tables
from pos.till import refusals as no
from pos.till.events import SaleCompleted, SaleRefunded
from pos.till.sell import SoldLine, TakenPayment
from pos.till.tab import CARD, CASH
from tests.cast import BEA, MIXED, VICTOR, of, open_cafe, paid_by_card, ring, sold

DAY = "2026-11-20"


@pytest.fixture
def cafe(store: Store) -> Store:
    """A café with its day open and 150 € in the drawer."""
    open_cafe(store)
    return store


def test_a_whole_sale_given_back_is_its_mirror(cafe: Store) -> None:
    """Own number, negative lines at the original rates, VAT and others' money undone, original linked."""
    sale = of(sold(cafe, *MIXED))
    back = refund.refund_sale(cafe, sale.no, reason="mistake", by=BEA)
    assert (back.no, back.original, back.total, back.turnover) == (2, 1, -2457, -2165)
    assert [(p.bp, p.gross, p.net) for p in back.vat] == [(p.bp, -p.gross, -p.net) for p in sale.vat]
    assert [(o.owner, o.amount) for o in back.off] == [(o.owner, -o.amount) for o in sale.off]
    assert [(line.label, line.quantity) for line in back.lines] == [(x.label, -x.quantity) for x in sale.lines]
    assert back.visit == sale.visit
    with cafe.reading() as conn:
        assert tables.third_parties(conn) == {"laposte": 0, "presse": 0}
        assert tables.drawer_expected(conn, DAY) == 15_000
        assert tables.ticket(conn, 1)["refunded"] == 2457  # type: ignore[index]


def test_nothing_is_given_back_twice(cafe: Store) -> None:
    """Neither the whole again, nor a line again, nor a refund, nor a ticket nobody has."""
    sale = of(sold(cafe, "cafe", "demi"))
    refund.refund_sale(cafe, sale.no, reason="returned", lines=[(0, 1000)], by=BEA)
    rest = refund.refund_sale(cafe, sale.no, reason="returned", by=BEA)
    assert rest.total == -350
    for number in (sale.no, rest.no):
        with pytest.raises(no.NothingToRefund):
            refund.refund_sale(cafe, number, reason="returned", by=BEA)
    with pytest.raises(no.NoSuchTicket):
        refund.refund_sale(cafe, 999, reason="returned", by=BEA)
    with pytest.raises(no.NoSuchLine):
        refund.refund_sale(cafe, sale.no, reason="returned", lines=[(7, 1000)], by=BEA)
    with pytest.raises(no.ReasonMissing):
        refund.refund_sale(cafe, sale.no, reason="", by=BEA)


def test_a_line_asked_for_twice_in_one_breath_is_given_back_once(cafe: Store) -> None:
    """The same place listed twice never passes what was sold (R49)."""
    sale = of(sold(cafe, "cafe", "demi"))
    back = refund.refund_sale(cafe, sale.no, reason="returned", lines=[(0, 1000), (0, 1000), (0, 5000)], by=BEA)
    assert back.total == -160


PARTS = st.lists(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 2500)), min_size=1, max_size=4), max_size=8)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(quantities=st.lists(st.integers(1, 3000), min_size=1, max_size=5), parts=PARTS)
def test_parts_given_back_add_up_to_the_sale(
    cafe: Store, quantities: list[int], parts: list[list[tuple[int, int]]]
) -> None:
    """Any pieces in any order, then the rest: TTC, HT, VAT, turnover and others' money end at nothing (R49)."""
    codes = ["tomme", "demi", "perrier", "confiture", "progres"]
    lines = [SoldLine(product=code, quantity=q) for code, q in zip(codes, quantities, strict=False)]
    sale = of(sell.sell(cafe, lines=lines, payments=[TakenPayment(means="cheque")], by=VICTOR))
    given_back: list[SaleRefunded] = []
    for wanted in [*parts, None]:
        asked = [(place, n) for place, n in wanted if place < len(lines)] if wanted is not None else None
        try:
            given_back.append(refund.refund_sale(cafe, sale.no, reason="returned", lines=asked, by=BEA))
        except no.NothingToRefund:
            continue
    assert sum(b.total for b in given_back) == -sale.total
    assert sum(b.turnover for b in given_back) == -sale.turnover
    for place, line in enumerate(sale.lines):
        pieces = [x for b in given_back for p, x in zip(b.places, b.lines, strict=True) if p == place]
        assert (sum(x.gross for x in pieces), sum(x.net for x in pieces)) == (-line.gross, -line.net)
        assert sum(x.quantity for x in pieces) == -line.quantity
    for part in sale.vat:
        mine = [v for b in given_back for v in b.vat if v.bp == part.bp]
        assert (sum(v.gross for v in mine), sum(v.net for v in mine)) == (-part.gross, -part.net)
    assert sum(o.amount for b in given_back for o in b.off) == -sum(o.amount for o in sale.off)
    assert sum(p.amount for b in given_back for p in b.payments) == -sale.total


def test_money_goes_back_the_way_it_came(cafe: Store) -> None:
    """Last means first, each at most what it paid, over all refunds of the ticket together (R50)."""
    ring(cafe, "t1", "croque", "demi")
    sell.take_payment(cafe, "t1", CASH, amount=300, by=VICTOR)
    sale = of(paid_by_card(cafe, "t1"))
    first = refund.refund_sale(cafe, sale.no, reason="quality", lines=[(0, 1000)], by=BEA)
    assert [(p.means, p.amount) for p in first.payments] == [("card", -750)]
    second = refund.refund_sale(cafe, sale.no, reason="quality", by=BEA)
    assert [(p.means, p.amount) for p in second.payments] == [("card", -50), ("cash", -300)]
    assert cafe.tables_that_differ() == []


def test_giving_back_needs_the_manager(cafe: Store) -> None:
    """Whoever serves is refused, in cash for a card sale (R50) or the way it came (R28); nothing is recorded."""
    sale = of(sold(cafe, "croque", payments=[TakenPayment(means=CARD)]))
    for means in (CASH, ""):
        with pytest.raises(no.ManagerNeeded):
            refund.refund_sale(cafe, sale.no, reason="quality", means=means, by=VICTOR)
    assert refund.refund_sale(cafe, sale.no, reason="quality", means=CASH, by=BEA).total == -750
    with cafe.reading() as conn:
        assert tables.next_no(conn) == 3


def test_no_money_leaves_by_an_unknown_way(cafe: Store) -> None:
    """Only the till's means."""
    sale = of(sold(cafe, "croque"))
    with pytest.raises(no.NoSuchMeans):
        refund.refund_sale(cafe, sale.no, reason="quality", means="bitcoin", by=BEA)


def test_the_drawer_cannot_give_what_it_does_not_hold(store: Store) -> None:
    """A cheque given back in cash from an empty drawer."""
    open_cafe(store, 0)
    sale = of(sold(store, "croque", payments=[TakenPayment(means="cheque")]))
    with pytest.raises(no.DrawerTooLow):
        refund.refund_sale(store, sale.no, reason="quality", means=CASH, by=BEA)


def test_a_use_is_cancelled_when_nothing_of_it_is_left(cafe: Store) -> None:
    """Two loaves, one given back: still a customer with bread; both: none."""
    sale = of(sold(cafe, "baguette", "baguette", "cafe"))
    assert isinstance(sale, SaleCompleted)
    place = next(i for i, line in enumerate(sale.lines) if line.service == "bread")
    one = refund.refund_sale(cafe, sale.no, reason="quality", lines=[(place, 1000)], by=BEA)
    assert one.cancels == []
    other = refund.refund_sale(cafe, sale.no, reason="quality", lines=[(place, 1000)], by=BEA)
    assert other.cancels == ["bread"]
    coffee = refund.refund_sale(cafe, sale.no, reason="quality", by=BEA)
    assert coffee.cancels == []


def test_yesterday_s_sale_is_given_back_today(cafe: Store, clock: object) -> None:
    """The refund is today's fact; yesterday's closing stands (R34)."""
    from pos.till import close

    sale = of(sold(cafe, "croque"))
    told = close.close_day(cafe, by=BEA)
    clock.tick(86_400_000)  # type: ignore[attr-defined]
    close.open_day(cafe, 10_000, by=BEA)
    back = refund.refund_sale(cafe, sale.no, reason="quality", by=BEA)
    assert back.day == "2026-11-21"
    z = close.close_day(cafe, by=BEA)
    assert (told.turnover, z.turnover, z.refunds) == (750, -750, 1)
    assert (z.perpetual, z.perpetual_absolute) == (0, 1500)
