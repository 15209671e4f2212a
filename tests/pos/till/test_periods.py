"""Months and accounting years: closed by themselves, the sums of their days, nothing enters them after (R31–R39)."""

import random
import re
from pathlib import Path

import pytest

from pos.archive.make import check, make_archive
from pos.audit import check_everything
from pos.clock import StoppedClock
from pos.slips import as_text
from pos.store import Store
from pos.till import cash, close, period_slips, period_tables, periods, refund, sell, slips, tables
from pos.till import refusals as no
from pos.till.closure_events import MonthClosed, PeriodTotals, YearClosed
from pos.till.events import DayClosed
from pos.till.sell import SoldLine, TakenPayment
from pos.till.spans import Year, next_month, previous_month, year_of
from pos.till.tab import CARD
from tests.cast import BEA, CAFE, MIXED, VICTOR, furnish, of, open_cafe, sold

DAY_MS = 86_400_000


def closed(store: Store, kind: type) -> list:
    """Return every closing of a kind, in the order of the journal."""
    with store.reading() as conn:
        events = (store.event(conn, seq).event for seq in range(store.tip().seq + 1))
        return [event for event in events if isinstance(event, kind)]


def play(store: Store, clock: StoppedClock, days: int, *, every: int = 1) -> None:
    """Open, sell, refund now and then, close; `every` so many days."""
    lot = random.Random(7)
    for n in range(days):
        close.open_day(store, 10_000, by=BEA)
        for _sale in range(lot.randint(0, 4)):
            lines = [SoldLine(product=code) for code in lot.sample(MIXED, lot.randint(1, 5))]
            means = lot.choice([TakenPayment(means=CARD), TakenPayment()])
            sale = of(sell.sell(store, lines=lines, payments=[means], by=VICTOR))
            if lot.random() < 0.3:
                refund.refund_sale(store, sale.no, reason="mistake", by=BEA)
        if n % 3 == 0:
            cash.move_cash(store, -lot.randint(1, 500), "purchase", by=BEA)
        close.close_day(store, counted=lot.randint(9_000, 11_000) if n % 2 else None, by=BEA)
        clock.tick(every * DAY_MS)


def test_a_month_closes_when_the_next_one_opens(store: Store, clock: StoppedClock) -> None:
    """R31, R37: three kinds of closings, each with its own gapless numbers, all entries of the chain."""
    furnish(store)
    play(store, clock, 60)
    close.open_day(store, 0, by=BEA)
    days, months, years = closed(store, DayClosed), closed(store, MonthClosed), closed(store, YearClosed)
    assert [z.z for z in days] == list(range(1, 61))
    assert [(m.number, m.period, m.days) for m in months] == [(1, "2026-11", 11), (2, "2026-12", 31)]
    assert [(y.number, y.period, y.days, y.first_day, y.last_day) for y in years] == [
        (1, "2026", 42, "2026-01-01", "2026-12-31")
    ]
    assert (months[0].first_z, months[0].last_z, months[1].first_z) == (1, 11, 12)
    assert months[1].first_seq == closed_at(store, "month", 1) + 1
    assert all(m.auto and m.sw for m in months)


def closed_at(store: Store, closing: str, number: int) -> int:
    """Return the entry of a closing."""
    with store.reading() as conn:
        row = period_tables.one_made(conn, closing, number)
    assert row is not None
    return int(row["seq"])


def keyed(rows: object) -> dict[str, tuple[int, int]]:
    """Return totals by key."""
    return {row.key: (row.amount, row.n) for row in rows}  # type: ignore[attr-defined]


def added(rows: list) -> dict[str, tuple[int, int]]:
    """Add keyed totals of many days."""
    out: dict[str, tuple[int, int]] = {}
    for one in rows:
        amount, n = out.get(one.key, (0, 0))
        out[one.key] = (amount + one.amount, n + one.n)
    return out


def assert_is_the_sum(whole: PeriodTotals, days: list[DayClosed]) -> None:
    """Check every figure of a period against its days."""
    for name in ("tickets", "refunds", "voids", "duplicates", "drawer_openings", "turnover", "cash_sales", "cash_in",
                 "cash_out", "cashback", "settled_cash", "third_party_cash", "difference"):  # fmt: skip
        assert getattr(whole, name) == sum(getattr(z, name) for z in days), name
    vat: dict[int, tuple[int, int]] = {}
    for part in (part for z in days for part in z.vat):
        gross, net = vat.get(part.bp, (0, 0))
        vat[part.bp] = (gross + part.gross, net + part.net)
    assert {p.bp: (p.gross, p.net) for p in whole.vat} == vat
    for name in ("means", "families", "modes"):
        assert keyed(getattr(whole, name)) == added([one for z in days for one in getattr(z, name)]), name
    assert sum(part.amount for part in whole.off) == sum(part.amount for z in days for part in z.off)
    assert (whole.perpetual, whole.perpetual_absolute) == (days[-1].perpetual, days[-1].perpetual_absolute)


def test_a_month_and_a_year_are_the_sums_of_their_days(store: Store, clock: StoppedClock) -> None:
    """R37, R78: every figure, VAT to the cent, over random days; the perpetual totals run on (R38)."""
    furnish(store)
    play(store, clock, 60)
    close.open_day(store, 0, by=BEA)
    days = closed(store, DayClosed)
    for month in closed(store, MonthClosed):
        assert_is_the_sum(month, [z for z in days if z.day[:7] == month.period])
    (year,) = closed(store, YearClosed)
    assert_is_the_sum(year, [z for z in days if z.day[:4] == "2026"])
    assert year.year_to_date == year.turnover
    assert store.tables_that_differ() == []


def test_an_idle_month_is_closed_at_zero(store: Store, clock: StoppedClock) -> None:
    """R35: months follow one another; the one when the café was shut has its number and zeros."""
    furnish(store)
    play(store, clock, 1)
    for month in ("2026-12-20", "2027-01-20", "2027-02-03"):
        clock.set(f"{month}T09:00:00+01:00")
        close.close_forgotten(store)
    months = closed(store, MonthClosed)
    assert [(m.number, m.period, m.days, m.first_no) for m in months] == [
        (1, "2026-11", 1, 1), (2, "2026-12", 0, 0), (3, "2027-01", 0, 0),
    ]  # fmt: skip
    assert months[2].perpetual == months[0].perpetual
    assert (months[1].year_to_date, months[2].year_to_date) == (months[0].turnover, 0)


def test_a_forgotten_evening_is_closed_at_the_next_start_under_its_own_day(store: Store, clock: StoppedClock) -> None:
    """R35: three days without current over the end of a month: the day, then its month, then the year, in order."""
    furnish(store)
    clock.set("2026-12-30T09:00:00+01:00")
    close.open_day(store, 5000, by=BEA)
    sold(store, "demi")
    clock.set("2027-01-02T08:00:00+01:00")
    assert close.close_forgotten(store) == ["2026-12-30", "2026-12", "2026"]
    assert close.close_forgotten(store) == []
    (z,) = closed(store, DayClosed)
    assert (z.day, z.auto, z.counted, z.turnover) == ("2026-12-30", True, -1, 350)
    close.open_day(store, 5000, by=BEA)
    assert of(sold(store, "cafe")).day == "2027-01-02"
    late = cash.count_drawer(store, counted=5300, day="2026-12-30", by=BEA)
    assert (late.expected, late.difference) == (5350, -50)
    assert closed(store, DayClosed) == [z]


def test_a_count_after_its_z_is_said_by_a_month(store: Store, clock: StoppedClock, tmp_path: Path) -> None:
    """R40: its difference is no part of the Z, nor of the Zs' sum: the month says it apart, or the first still open."""
    furnish(store)
    close.open_day(store, 5000, by=BEA)
    close.close_day(store, by=BEA)
    cash.count_drawer(store, counted=4000, by=BEA)
    clock.set("2026-11-30T09:00:00+01:00")
    close.open_day(store, 5000, by=BEA)
    clock.set("2026-12-01T09:00:00+01:00")
    close.open_day(store, 5000, by=BEA)
    cash.count_drawer(store, counted=5200, day="2026-11-30", by=BEA)
    close.close_day(store, counted=5100, by=BEA)
    clock.set("2027-01-02T09:00:00+01:00")
    close.open_day(store, 0, by=BEA)
    months, (year,) = closed(store, MonthClosed), closed(store, YearClosed)
    assert [(m.difference, m.counted_after) for m in [*months, year]] == [(0, -1000), (100, 200), (100, -800)]
    with store.reading() as conn:
        slip = period_slips.period(months[0], CAFE, slips.issued_at(store, conn, store.last_place()))
    assert re.search("Compté après le Z +[-−]10,00", as_text(slip, 48))
    assert check_everything(store).first_bad is None and store.tables_that_differ() == []
    for asked in ("2026-12", "2026"):
        assert check(make_archive(store, asked=asked, folder=tmp_path / asked, by=BEA).path, all_seals=True) == ""


def test_a_late_closing_of_the_last_day_ends_its_month(store: Store, clock: StoppedClock) -> None:
    """R34: counted and closed by hand on the next morning, nothing can enter November any more: it closes too."""
    furnish(store)
    clock.set("2026-11-30T18:00:00+01:00")
    close.open_day(store, 0, by=BEA)
    clock.set("2026-12-01T04:30:00+01:00")
    sold(store, "cafe")
    clock.set("2026-12-01T08:00:00+01:00")
    assert close.close_day(store, counted=160, by=BEA).month_to_date == 160
    (month,) = closed(store, MonthClosed)
    assert (month.period, month.turnover) == ("2026-11", 160)


def test_the_evening_s_month_stays_open_until_the_night_is_over(store: Store, clock: StoppedClock) -> None:
    """R33: closed on 30 November at 23:00, the café may still open a second period: the month waits for the cutoff."""
    furnish(store)
    clock.set("2026-11-30T18:00:00+01:00")
    close.open_day(store, 0, by=BEA)
    close.close_day(store, by=BEA)
    clock.set("2026-12-01T01:30:00+01:00")
    assert close.close_forgotten(store) == []
    assert close.open_day(store, 0, by=BEA).day == "2026-11-30.2"
    assert of(sold(store, "demi")).day == "2026-11-30.2"
    close.close_day(store, by=BEA)
    clock.set("2026-12-01T05:00:00+01:00")
    assert close.close_forgotten(store) == ["2026-11"]
    (month,) = closed(store, MonthClosed)
    assert (month.days, month.turnover) == (2, 350)


def test_nothing_enters_a_closed_month(store: Store, clock: StoppedClock) -> None:
    """R34: a clock that slips back over the cutoff cannot open a day in the month that was closed."""
    furnish(store)
    clock.set("2026-11-30T18:00:00+01:00")
    close.open_day(store, 0, by=BEA)
    close.close_day(store, by=BEA)
    clock.set("2026-12-01T05:00:20+01:00")
    close.close_forgotten(store)
    clock.set("2026-12-01T04:59:30+01:00")
    with pytest.raises(no.PeriodIsClosed) as told:
        close.open_day(store, 0, by=BEA)
    assert "30/11/2026" in told.value.what() or "2026-11-30" in told.value.what()
    assert told.value.how()
    assert closed(store, MonthClosed)[0].days == 1


def test_late_sales_go_to_the_open_day(store: Store, clock: StoppedClock) -> None:
    """R34: noted on paper on the last day of a closed month, typed later: today's day, with its own true time."""
    furnish(store)
    clock.set("2026-11-30T18:00:00+01:00")
    noted = clock.now_ms()
    close.open_day(store, 0, by=BEA)
    close.close_day(store, by=BEA)
    clock.set("2026-12-01T09:00:00+01:00")
    close.open_day(store, 0, by=BEA)
    sale = of(sold(store, "cafe", happened_at=noted))
    assert (sale.day, sale.happened_at) == ("2026-12-01", noted)
    assert closed(store, MonthClosed)[0].turnover == 0


def test_the_accounting_year_may_begin_in_another_month(store: Store, clock: StoppedClock) -> None:
    """R37: from January to March, then from April to March: dated, and by the manager alone."""
    clock.set("2026-02-20T09:00:00+01:00")
    furnish(store)
    with pytest.raises(no.ManagerNeeded):
        periods.set_accounting_year(store, 4, by=VICTOR)
    with pytest.raises(no.NoSuchMonth):
        periods.set_accounting_year(store, 13, by=BEA)
    set_to = periods.set_accounting_year(store, 4, by=BEA)
    assert (set_to.was, set_to.first_month) == (1, 4)
    play(store, clock, 16, every=30)
    years = closed(store, YearClosed)
    assert [(y.period, y.first_day, y.last_day) for y in years] == [
        ("2025-2026", "2025-04-01", "2026-03-31"),
        ("2026-2027", "2026-04-01", "2027-03-31"),
    ]
    days = closed(store, DayClosed)
    assert_is_the_sum(years[1], [z for z in days if "2026-04" <= z.day[:7] <= "2027-03"])
    spring = next(z for z in days if z.day[:7] == "2027-04")
    assert (spring.exercice_from, spring.exercice_to_date) == ("2027-04", spring.turnover)
    with store.reading() as conn:
        assert periods.first_month_of(conn) == 4


def test_the_calendar_of_months_and_years() -> None:
    """R37: a year that changes its first month ends where the new one begins."""
    assert (next_month("2026-12"), previous_month("2027-01")) == ("2027-01", "2026-12")
    assert year_of("2026-05", []) == Year("2026-01", "2026-12")
    assert year_of("2026-02", [("2000-01", 4)]) == Year("2025-04", "2026-03")
    assert year_of("2026-02", [("2026-02", 4)]) == Year("2026-01", "2026-03")
    assert year_of("2026-03", [("2026-06", 10)]) == Year("2026-01", "2026-09")
    assert year_of("2026-11", [("2026-06", 10)]).name == "2026-2027"


def test_a_closing_printed_again_is_a_counted_duplicate(store: Store) -> None:
    """R46: the first print is the original, then duplicates 1, 2…: each is an event."""
    open_cafe(store)
    close.close_day(store, by=BEA)
    for copy in range(3):
        with store.writing(by=BEA) as tx:
            assert periods.print_closure(tx, "day", 1, tx.today).copy == copy


def test_the_absolute_total_never_falls(store: Store, clock: StoppedClock) -> None:
    """R38: refunds lower the perpetual total, never the absolute one; neither is ever reset."""
    furnish(store)
    play(store, clock, 45)
    absolute = [z.perpetual_absolute for z in closed(store, DayClosed)]
    assert absolute == sorted(absolute)
    assert tables.EVER == ""
