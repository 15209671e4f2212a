"""Three demonstration months: books balanced, declarations that add up to the closings."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from kiosk import demo, demo_days
from pos import journal
from pos.accounting import books, desk, ereport
from pos.accounting.rules import Rules
from pos.clock import StoppedClock
from pos.demo import cafe as demo_cafe
from pos.store import Store
from pos.till.events import DayClosed
from tests.conftest import open_test_store

FIRST, DAYS = date(2026, 8, 1), 92
MONTHS = ("2026-08", "2026-09", "2026-10")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """August to October of the demonstration's first café."""
    folder: Path = tmp_path_factory.mktemp("books")
    clock, one = StoppedClock(f"{FIRST}T06:30:00"), demo_cafe(1)
    store = open_test_store(folder / "cafe.db", clock)
    with store.bulk():
        demo._set_up(store, one, FIRST)
        demo_days.play_days(store, clock, one, FIRST, DAYS)
    clock.set("2026-11-02T09:00:00")
    return store


@pytest.mark.parametrize("number", [3, 6, 9, 13])
def test_every_model_of_café_has_books_that_balance(number: int, tmp_path: Path) -> None:
    """Franchise, association, members' café, a van: whatever their services move, each Z agrees with its entries (R119)."""
    clock, one = StoppedClock(f"{FIRST}T06:30:00"), demo_cafe(number)
    store = open_test_store(tmp_path / "cafe.db", clock)
    with store.bulk():
        demo._set_up(store, one, FIRST)
        demo_days.play_days(store, clock, one, FIRST, 14)
    with store.reading() as conn:
        entries = books.entries_of(
            desk.stored(store, conn, "2026-01-01"),
            desk.tables.plan(conn),
            year="2026-01-01",
            first="2026-08-01",
            last="2026-08-31",
        )
    store.close()
    assert len(entries) > 10 and all(entry.difference == 0 for entry in entries)
    vat = [line for entry in entries for line in entry.lines if line.account.startswith("4457")]
    assert bool(vat) is (one.regime == "reel")


def closings(store: Store) -> list[DayClosed]:
    """Every Z of the journal."""
    found = []
    with store.reading() as conn:
        for entry in journal.entries(conn, store.journals()[0]):
            event = store.types.decode((e := journal.read_envelope(entry.body)).kind, e.kv, e.data)
            if isinstance(event, DayClosed):
                found.append(event)
    return found


def test_declarations_add_up_to_the_closings(played: Store) -> None:
    """HT and VAT of each rate over three months: flux 10.3 says what the Z say, others' money apart (R126, R129)."""
    said: Counter[tuple[int, str]] = Counter()
    told: Counter[tuple[int, str]] = Counter()
    for z in closings(played):
        for part in z.vat:
            said[part.bp, "net"] += part.net
            said[part.bp, "vat"] += part.gross - part.net
    with played.reading() as conn:
        entries = list(desk.stored(played, conn, "2026-08-01"))
    services = Counter[int]()
    for month in MONTHS:
        report = ereport.report(entries, *books.period(month), Rules())
        for line in report.sales:
            if line.category != "TNT1":
                told[line.bp, "net"] += line.net
                told[line.bp, "vat"] += line.vat
            if line.category == "TPS1":
                services[line.bp] += line.net + line.vat
        for paid in report.payments:
            services[paid.bp] -= paid.amount
    assert +told == +said and len(said) > 4
    assert not any(services.values())


def test_books_of_each_month_balance_and_hold_every_closing(played: Store) -> None:
    """Each month has its Z, once and in order; sales and VAT of the entries are the closings' (R119, R120)."""
    with played.reading() as conn:
        plan, names = desk.tables.plan(conn), desk.owners(played, conn)
        months = [
            books.entries_of(desk.stored(played, conn, "2026-01-01"), plan, year="2026-01-01", first=first, last=last, names=names)
            for first, last in map(books.period, MONTHS)
        ]  # fmt: skip
    entries = [entry for month in months for entry in month]
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    assert all(entry.difference == 0 for entry in entries)
    zs = closings(played)
    assert sorted({e.ref for e in entries if e.ref.startswith("Z-")}) == [f"Z-{z.z:06d}" for z in zs]
    vat = sum(line.credit - line.debit for e in entries for line in e.lines if line.account.startswith("4457"))
    sales = sum(
        line.credit - line.debit for e in entries for line in e.lines if line.account[:3] in ("706", "707", "708")
    )
    commissions = sum(line.credit - line.debit for e in entries for line in e.lines if line.account == "706800")
    assert vat == sum(part.gross - part.net for z in zs for part in z.vat)
    assert sales - commissions + vat == sum(z.turnover for z in zs)


def test_files_are_made_from_the_screen_the_same_each_time(played: Store) -> None:
    """Month, download: the fingerprint is recorded; an open month is refused (R124)."""
    made = desk.make_file(played, "fec", "2026-10", by="g1")
    assert desk.make_file(played, "fec", "2026-10", by="g1").data == made.data
    assert made.name == "000000000_ecritures_caisse_20261001_20261031.txt"
    assert desk.make_file(played, "csv", "2026-10", by="g1").data.startswith(b"\xef\xbb\xbf")
    assert b"<TransactionsReport>" in desk.make_file(played, "ereport", "2026-10", by="g1").data
    with pytest.raises(books.PeriodOpen):
        desk.make_file(played, "fec", "2026-11", by="g1")
    with played.reading() as conn:
        assert [row["sha256"] for row in desk.tables.exports(conn)][-1] == made.sha256
