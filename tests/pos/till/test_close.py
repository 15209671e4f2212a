"""The café's day: opened with a float, closed with a Z that adds up, never lost when forgotten (R31–R40)."""

import pytest

from pos.clock import StoppedClock
from pos.store import Store
from pos.till import card, cash, catalogue, close, refund, sell, tables
from pos.till import refusals as no
from pos.till.events import DayClosed, Pieces
from pos.till.sell import SoldLine, TakenPayment
from pos.till.tab import CARD, CASH
from tests.cast import BEA, MIXED, VICTOR, furnish, of, open_cafe, product, ring, sold

DAY_MS = 86_400_000


def keyed(rows: object) -> dict[str, int]:
    """Return totals by key."""
    return {row.key: row.amount for row in rows}  # type: ignore[attr-defined]


def test_a_day_as_in_the_fiscal_notes(store: Store) -> None:
    """16.3 as far as this till goes: mixed ticket with cash-back, a bike, jam, an error given back, a bank deposit."""
    open_cafe(store)
    catalogue.list_product(store, product("velo", "Location vélo", 1200, "service", nature="service"), by=BEA)
    catalogue.list_product(store, product("pate", "Pâté", 690, "grocery", takeaway=True), by=BEA)
    lines = [SoldLine(product=code) for code in MIXED]
    sell.sell(store, lines=lines, payments=[TakenPayment(means=CARD)], cashback=2000, by=VICTOR)
    sold(store, "velo", by=VICTOR)
    sold(store, "pate", "pate", "pate", payments=[TakenPayment(means="voucher", amount=2000), TakenPayment()])
    error = of(sold(store, "demi", "demi"))
    refund.refund_sale(store, error.no, reason="mistake", by=BEA)
    cash.move_cash(store, -10_000, "bank_deposit", by=BEA)
    cash.open_drawer(store, "give_change", by=BEA)
    z = close.close_day(store, counted=4220, reason="given_wrong", by=BEA)
    assert (z.z, z.tickets, z.refunds, z.first_no, z.last_no, z.drawer_openings) == (1, 4, 1, 1, 5, 1)
    assert [(p.bp, p.gross, p.net) for p in z.vat] == [(2000, 1900, 1583), (1000, 910, 827), (550, 2625, 2488)]
    assert z.turnover == sum(p.gross for p in z.vat) == 5435
    assert keyed(z.means) == {"card": 4457, "cash": 1200 + 70 - 2000, "voucher": 2000}
    assert sum(keyed(z.means).values()) == z.turnover + 140 + 152
    assert {(o.owner, o.taken, o.balance) for o in z.third_parties} == {("laposte", 152, 152), ("presse", 140, 140)}
    assert (z.float_cents, z.cash_sales, z.cashback, z.cash_out) == (15_000, 1270, 2000, 10_000)
    assert (z.expected, z.counted, z.difference) == (4270, 4220, -50)
    assert (z.perpetual, z.perpetual_absolute) == (5435, 5435 + 2 * 700)
    assert keyed(z.operators) == {"v1": 5435 + 700, "g1": -700}
    assert (z.month_to_date, z.year_to_date) == (5435, 5435)
    assert [(u.service, u.n) for u in z.uses if u.service in ("bread", "cash_out")] in (
        [("bread", 1), ("cash_out", 1)], [("cash_out", 1)],
    )  # fmt: skip
    assert store.tables_that_differ() == []


def test_the_sum_of_tickets_is_the_day_s_vat(store: Store) -> None:
    """Ten coffees apart are 1,50 € of VAT, not the 1,45 € of their sum (R78)."""
    open_cafe(store)
    for _n in range(10):
        sold(store, "cafe")
    (part,) = close.close_day(store, by=BEA).vat
    assert part.gross - part.net == 150


def test_x_changes_nothing_and_is_noted(store: Store) -> None:
    """Read twice, the same; the Z after says the same again (R36)."""
    open_cafe(store)
    sold(store, "cafe", "demi")
    first, second = close.take_reading(store, by=BEA), close.take_reading(store, by=BEA)
    z = close.close_day(store, by=BEA)
    assert first.turnover == second.turnover == z.turnover == 510
    assert first.vat == z.vat
    assert first.z == z.z == 1
    with store.reading() as conn:
        assert store.event(conn, second.last_seq).event.kind == "till.reading_taken"


def test_the_head_on_the_z_is_the_entry_before_it(store: Store) -> None:
    """Printed and filed on paper, it seals the day (R23)."""
    open_cafe(store)
    sold(store, "cafe")
    before = store.tip()
    z = close.close_day(store, by=BEA)
    assert (z.head_seq, z.head, z.last_seq) == (before.seq, before.hash.hex(), before.seq)
    assert z.acked == ""


def test_days_follow_one_another(store: Store, clock: StoppedClock) -> None:
    """Z without gap; perpetual totals run on, never reset; each day its own numbers (R38)."""
    furnish(store)
    seen: list[DayClosed] = []
    for n in range(40):
        close.open_day(store, 10_000, by=BEA)
        sale = of(sold(store, "cafe"))
        if n % 3 == 0:
            refund.refund_sale(store, sale.no, reason="mistake", by=BEA)
        seen.append(close.close_day(store, by=BEA))
        clock.tick(DAY_MS)
    assert [z.z for z in seen] == list(range(1, 41))
    assert [z.first_no for z in seen[1:]] == [z.last_no + 1 for z in seen[:-1]]
    absolute = [z.perpetual_absolute for z in seen]
    assert absolute == sorted(absolute)
    assert seen[-1].perpetual == sum(z.turnover for z in seen)
    by_month: dict[str, int] = {}
    for z in seen:
        by_month[z.day[:7]] = by_month.get(z.day[:7], 0) + z.turnover
        assert z.month_to_date == by_month[z.day[:7]]
    assert store.tables_that_differ() == []


def test_a_day_left_open_closes_itself_when_the_next_opens(store: Store, clock: StoppedClock) -> None:
    """Uncounted, with its own totals; nothing is sold in the past meanwhile (R34, R35)."""
    open_cafe(store)
    sold(store, "cafe")
    clock.tick(DAY_MS)
    with pytest.raises(no.DayIsOver) as told:
        sold(store, "cafe")
    assert "2026-11-20" in told.value.what()
    with store.reading() as conn:
        assert close.day_state(conn, "2026-11-21").state == "stale"
    assert close.open_day(store, 10_000, by=BEA).day == "2026-11-21"
    with store.reading() as conn:
        row = tables.day_row(conn, "2026-11-20")
        assert row is not None
        z = store.event(conn, row["closed_seq"]).event
    assert isinstance(z, DayClosed)
    assert (z.auto, z.counted, z.turnover, z.expected) == (True, -1, 160, 15_160)
    late = cash.count_drawer(store, counted=15_100, day="2026-11-20", by=BEA)
    assert late.difference == -60


def test_a_drink_after_midnight_is_the_evening_s(store: Store, clock: StoppedClock) -> None:
    """Until five in the morning the day goes on (R33)."""
    open_cafe(store)
    clock.set("2026-11-21T01:30:00+01:00")
    assert of(sold(store, "demi")).day == "2026-11-20"
    clock.set("2026-11-21T05:00:00+01:00")
    with pytest.raises(no.DayIsOver):
        sold(store, "demi")


def test_closed_too_early_the_day_has_a_second_period(store: Store) -> None:
    """Opened again under its own label, with its own Z; the first stands."""
    open_cafe(store)
    sold(store, "cafe")
    first = close.close_day(store, by=BEA)
    with store.reading() as conn:
        assert close.day_state(conn, "2026-11-20") == close.DayState("closed", "2026-11-20.2")
    close.open_day(store, 5000, by=BEA)
    assert of(sold(store, "demi")).day == "2026-11-20.2"
    second = close.close_day(store, by=BEA)
    assert (first.z, first.turnover, second.z, second.turnover, second.day) == (1, 160, 2, 350, "2026-11-20.2")
    assert second.month_to_date == 510


def test_a_day_opens_once_and_closes_once(store: Store) -> None:
    """Told, and nothing written."""
    open_cafe(store)
    with pytest.raises(no.DayAlreadyOpen):
        close.open_day(store, 0, by=BEA)
    close.close_day(store, by=BEA)
    for act in (close.close_day, close.take_reading):
        with pytest.raises(no.DayNotOpen):
            act(store, by=BEA)


def test_closing_waits_for_bills_and_cards(store: Store) -> None:
    """What is not finished is said, with what to do; nothing is lost by closing."""
    open_cafe(store)
    ring(store, "t1", "cafe")
    with pytest.raises(no.BillsOpen):
        close.close_day(store, by=BEA)
    tab = card.start_card(store, "t1", by=VICTOR)
    with pytest.raises(no.CardsUnsettled):
        close.close_day(store, by=BEA)
    card.settle_card(store, tab.card, card.ACCEPTED, by=VICTOR)
    assert close.close_day(store, by=BEA).turnover == 160


def test_the_drawer_is_counted_by_pieces_or_as_one_sum(store: Store) -> None:
    """Counted with the closing or after it; the difference is an event of its own (R40)."""
    open_cafe(store)
    sold(store, "cafe", payments=[TakenPayment(given=500)])
    pieces = cash.pieces_of({5000: 3, 100: 1, 50: 1, 10: 1})
    assert cash.counted_cents(pieces) == 15_160
    z = close.close_day(store, pieces=pieces, by=BEA)
    assert (z.expected, z.counted, z.difference) == (15_160, 15_160, 0)


def test_only_the_drawer_that_is_there_is_counted(store: Store, clock: StoppedClock) -> None:
    """The open day's at any time; the last closed one's once, if its Z came without; no day's before it."""
    open_cafe(store)
    cash.count_drawer(store, counted=15_000, by=BEA)
    close.close_day(store, by=BEA)
    late = cash.count_drawer(store, pieces=[Pieces(value=5000, n=2)], by=BEA)
    assert (late.day, late.difference) == ("2026-11-20", -5_000)
    with store.reading() as conn:
        assert tables.last_left(conn) == 10_000
    with pytest.raises(cash.NotToCount):
        cash.count_drawer(store, counted=15_000, by=BEA)
    clock.tick(DAY_MS)
    close.open_day(store, 10_000, by=BEA)
    close.close_day(store, by=BEA)
    for day in ("2026-11-20", "2026-11-19"):
        with pytest.raises(cash.NotToCount):
            cash.count_drawer(store, counted=15_000, day=day, by=BEA)
    clock.set("2027-01-01T08:00:00+01:00")
    close.open_day(store, 10_000, by=BEA)
    assert cash.count_drawer(store, counted=10_000, day="2026-11-21", by=BEA).difference == 0


def test_a_thousand_tickets_close_at_once(store: Store) -> None:
    """Running totals: the Z reads rows, not tickets; well under the 200 ms of the goal."""
    import time

    open_cafe(store)
    with store.bulk():
        for n in range(1000):
            sold(store, "cafe", "demi", "baguette", payments=[TakenPayment(means=CARD if n % 2 else CASH)])
    start = time.perf_counter()
    z = close.close_day(store, by=BEA)
    assert time.perf_counter() - start < 0.5
    assert (z.tickets, z.turnover, z.last_no) == (1000, 630_000, 1000)
    assert keyed(z.means) == {"card": 315_000, "cash": 315_000}
