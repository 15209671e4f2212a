"""Closings are recomputed from the entries by `zinc verify`: a false figure is found even when it is well sealed (R39)."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from pos.audit import check_everything
from pos.clock import StoppedClock
from pos.events import Event
from pos.store import Store
from pos.till import cash, close, period_tables, periods, refund, sell
from pos.till.closure_events import MonthClosed, YearClosed
from pos.till.events import DayClosed, KeyTotal, OffPart, OwnerTotal, SaleCompleted, VatPart
from pos.till.sell import SoldLine, TakenPayment
from pos.till.tab import CARD
from tests.cast import BEA, MIXED, VICTOR, furnish, of, open_cafe, ring, sold
from tests.conftest import open_test_store

# Of a closing: the reason for leaving a field out of the proof.
NOT_PROVED = {
    "closed_at": "the time of the entry says it", "auto": "who closed is the entry's operator", "counted": "the drawer knows",
    "acked": "HQ's signature proves it", "uses": "services, proved by their own tables", "sw": "the release says it",
    "regime": "the café's own entry says it",
}  # fmt: skip


def busy_month(store: Store, clock: StoppedClock) -> None:
    """Play a few days of everything that closings add up, over the end of a year."""
    clock.set("2026-12-29T09:00:00+01:00")
    furnish(store)
    for n in range(4):
        close.open_day(store, 15_000, by=BEA)
        lines = [SoldLine(product=code) for code in MIXED]
        sell.sell(store, lines=lines, payments=[TakenPayment(means=CARD)], cashback=2000, by=VICTOR)
        sale = of(sold(store, "demi", "cafe", by=VICTOR))
        refund.refund_sale(store, sale.no, reason="mistake", lines=[(0, 1000)], by=BEA)
        ring(store, f"t{n}", "cafe", "croque")
        sell.take_payment(store, f"t{n}", "cash", amount=100, by=VICTOR)
        sell.undo_payment(store, f"t{n}", by=VICTOR)
        sell.take_payment(store, f"t{n}", "cash", amount=160, by=VICTOR)
        sell.take_payment(store, f"t{n}", "cash", by=VICTOR)
        ring(store, f"v{n}", "cafe")
        sell.void_tab(store, f"v{n}", "left", by=VICTOR)
        cash.move_cash(store, -2_000, "purchase", by=BEA)
        cash.open_drawer(store, "check", by=BEA)
        cash.settle_third_party(store, "presse", 100, by=BEA)
        cash.move_third_party(store, "laposte", 500, reason="deposit", by=BEA)
        cash.keep_commission(store, "laposte", 10, by=BEA)
        close.close_day(store, counted=15_000 if n % 2 else None, by=BEA)
        clock.tick(86_400_000)
    close.open_day(store, 0, by=BEA)


@pytest.fixture
def cafe(store: Store, clock: StoppedClock) -> Store:
    """A café after days with everything in them, on the first day of a new year."""
    busy_month(store, clock)
    return store


def findings(store: Store) -> list[tuple[int, str]]:
    """Return what the check of everything finds."""
    report = check_everything(store)
    assert all(found.sentence for found in report.findings)
    return [(found.seq, found.code) for found in report.findings]


def test_true_closings_are_borne_out_by_their_entries(cafe: Store) -> None:
    """R39: days, a month, a year, recomputed from sales, refunds, counts and movements without any table."""
    with cafe.reading() as conn:
        assert [len(period_tables.made(conn, kind)) for kind in ("day", "month", "year")] == [4, 1, 1]
    assert findings(cafe) == []


def other(value: Any) -> Any:
    """Return a value of the same type that is not this one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return ("f" if value[:1] != "f" else "e") + value[1:]
    if isinstance(value, list):
        return value[1:] if value else [KeyTotal(key="forged", amount=1, n=1)]
    raise TypeError(value)


def forged(event: Event, field: str) -> Event:
    """Return a closing with one field that lies, lists by their first entry or one too many."""
    value = getattr(event, field)
    if isinstance(value, list):
        if value:
            first = value[0]
            name = next(n for n in ("amount", "gross", "balance", "n") if n in first.__struct_fields__)
            return msgspec.structs.replace(
                event, **{field: [msgspec.structs.replace(first, **{name: getattr(first, name) + 1}), *value[1:]]}
            )
        extra = {"vat": VatPart(bp=1, gross=1, net=1), "off": OffPart(code="HC_DON", owner="x", amount=1),
                 "third_parties": OwnerTotal(owner="x", taken=1, settled=0, balance=1)}  # fmt: skip
        return msgspec.structs.replace(event, **{field: [extra.get(field, KeyTotal(key="x", amount=1, n=1))]})
    return msgspec.structs.replace(event, **{field: other(value)})


DAY_FIELDS = sorted(set(DayClosed.__struct_fields__) - set(NOT_PROVED) - {"day"})
PERIOD_FIELDS = sorted(set(MonthClosed.__struct_fields__) - set(NOT_PROVED))


@pytest.mark.parametrize("field", DAY_FIELDS)
def test_a_day_s_closing_that_lies_is_found(store: Store, field: str) -> None:
    """R39: any single field of a Z forged by somebody who holds the key: named, with what the entries make."""
    open_cafe(store)
    sold(store, "demi", "timbre")
    with store.writing(by=BEA) as tx:
        tx.record(forged(close.totals_of(tx, "2026-11-20", auto=False, counted=None), field))
    assert findings(store)[0] in ((store.tip().seq, "closure"), (store.tip().seq, "number"))


@pytest.mark.parametrize("kind", [MonthClosed, YearClosed])
def test_a_month_or_year_that_lies_is_found(tmp_path: Path, kind: type[Event]) -> None:
    """R39: any single field of a month's or a year's closing."""
    clock = StoppedClock("2026-12-29T09:00:00+01:00")
    source = open_test_store(tmp_path / "source.db", clock)
    busy_month(source, clock)
    with source.reading() as conn:
        entries = [source.event(conn, seq) for seq in range(source.tip().seq + 1)]
    source.close()
    assert {type(entry.event) for entry in entries} >= {MonthClosed, YearClosed}
    for field in PERIOD_FIELDS:
        copy = Copy(tmp_path / f"{field}.db")
        lie = next(place for place, entry in enumerate(entries) if isinstance(entry.event, kind))
        flaws = [
            flaw.code
            for place, entry in enumerate(entries)
            for flaw in copy.tell(forged(entry.event, field) if place == lie else entry.event, entry)
        ]
        assert set(flaws) & {"closure", "number", "closed"}, field


class Copy:
    """A proof told the entries of another journal, without writing them."""

    def __init__(self, path: Path) -> None:
        from pos.till.proof import Closures

        self.proof, self.heads = Closures(), {}

    def tell(self, event: Event, entry: Any) -> list[Any]:
        """Tell one entry; the head it names is taken as the true one unless it is what lies."""
        from types import SimpleNamespace

        before = bytes.fromhex(getattr(entry.event, "head", "") or "00")
        told = SimpleNamespace(seq=entry.seq, t=entry.t, op=BEA)
        return [flaw for flaw in self.proof.tell(told, event, before) if not _operator(flaw)]  # type: ignore[arg-type]


def _operator(flaw: Any) -> bool:
    """Tell whether a flaw is about who sold: the copy does not say who wrote each entry."""
    return bool(flaw.params.get("what") == "operators")


def test_a_sale_that_does_not_add_up_is_found(store: Store) -> None:
    """R39, R76: VAT moved between rates, a total that is not the lines', sealed all the same."""
    open_cafe(store)
    sale = of(sold(store, "demi", "cafe"))
    lies = [
        {"vat": [VatPart(bp=2000, gross=350, net=293), VatPart(bp=1000, gross=160, net=145)]},
        {"total": sale.total + 1},
        {"turnover": sale.turnover - 1},
        {"no": 9},
    ]
    for place, lie in enumerate(lies):
        with store.writing(by=VICTOR) as tx:
            copy: SaleCompleted = msgspec.structs.replace(sale, **{"no": 2 + place, "tab": f"x{place}", **lie})
            tx.record(copy)
        found = findings(store)
        assert (store.tip().seq, "number" if "no" in lie else "sum") in found


def test_a_sale_written_into_a_closed_day_is_found(store: Store) -> None:
    """R34: a ticket whose day was closed, written behind the till's back with its key."""
    open_cafe(store)
    sale = of(sold(store, "cafe"))
    close.close_day(store, by=BEA)
    with store.writing(by=VICTOR) as tx:
        tx.record(msgspec.structs.replace(sale, no=2, tab="x"))
    assert findings(store) == [(store.tip().seq, "closed")]


def test_a_month_closed_twice_is_found(cafe: Store) -> None:
    """R31: each month once, in order."""
    with cafe.writing(by=BEA) as tx:
        row = period_tables.last_made(tx.conn, "month")
        assert row is not None
        tx.record(msgspec.structs.replace(cafe.event(tx.conn, row["seq"]).event, number=2))
    assert (cafe.tip().seq, "closed") in findings(cafe)


def test_another_accounting_year_is_proved_too(store: Store, clock: StoppedClock) -> None:
    """R37, R39: from April to March."""
    clock.set("2026-02-20T09:00:00+01:00")
    furnish(store)
    periods.set_accounting_year(store, 4, by=BEA)
    for _month in range(4):
        close.open_day(store, 0, by=BEA)
        sold(store, "demi")
        close.close_day(store, by=BEA)
        clock.tick(25 * 86_400_000)
    close.close_forgotten(store)
    with store.reading() as conn:
        assert len(period_tables.made(conn, "year")) == 1
    assert findings(store) == []
