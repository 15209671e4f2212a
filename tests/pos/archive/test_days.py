"""Every scenario of the house passes the stand-alone verifier, written apart from the till: its totals are ours."""

from pathlib import Path

import pytest

from kiosk.replay import play_file
from pos.archive import verifier
from pos.archive.make import check, content_of, make_archive
from pos.archive.period import parse
from pos.audit import check_everything
from pos.clock import StoppedClock
from pos.house import FEATURES
from pos.store import Store
from pos.till import close, corrections, refund, sell, training
from pos.till.sell import SoldLine
from tests.cast import BEA, open_cafe, sold
from tests.conftest import open_test_store

DAYS = Path(__file__).parents[2] / "days"


@pytest.mark.parametrize("file", sorted(DAYS.glob("*.jsonl")), ids=lambda path: path.stem)
def test_a_played_day_is_whole_for_the_stranger(file: Path, tmp_path: Path) -> None:
    """R39: each closing's totals, computed from the entries by code that shares nothing with the till."""
    store, _played = play_file(file, tmp_path)
    store.close()
    book, checks = verifier.check(verifier.open_source(store.path), all_seals=True)
    assert checks.seals == checks.entries > 0
    assert book.closures > 0


def test_a_corrected_payment_is_in_the_totals(store: Store) -> None:
    """R25: by means and in the drawer, as the Z says."""
    open_cafe(store)
    sale = sold(store, "cafe", "croque").sale
    assert sale is not None
    corrections.correct_payment(store, sale.no, "cash", "card", reason="mistyped", by=BEA)
    close.close_day(store, by=BEA)
    verifier.check(verifier.open_source(store.path))


def test_goods_of_others_sold_and_given_back_in_a_month_prove_right(store: Store, clock: StoppedClock) -> None:
    """A third party of whom all came to nothing is named by a day and not by its month: neither prover complains."""
    open_cafe(store)
    sale = sold(store, "progres").sale
    assert sale is not None
    refund.refund_sale(store, sale.no, reason="mistake", by=BEA)
    close.close_day(store, by=BEA)
    clock.tick(40 * 86_400_000)
    close.open_day(store, 0, by=BEA)
    assert check_everything(store, store.path.parent / "ack.json").findings == ()
    book, _checks = verifier.check(verifier.open_source(store.path))
    assert book.closures > 1


def test_practice_is_archived_apart_and_followed(tmp_path: Path, clock: StoppedClock) -> None:
    """R45: in a file of its own, outside every total, its head noted in the true journal; a change is found."""
    clock.set("2026-10-20T07:00:00")
    store = open_test_store(tmp_path / "cafe.db", clock)
    open_cafe(store)
    apart = training.open_training(tmp_path, clock=clock, features=FEATURES, cafe=17)
    training.start_training(store, apart, by=BEA)
    sell.sell(apart, lines=[SoldLine(product="cafe")], by=BEA)
    training.end_training(store, apart, by=BEA)
    close.close_day(store, by=BEA)
    clock.set("2026-11-02T07:00:00")
    made = make_archive(store, asked="2026-10", folder=tmp_path, by=BEA)
    source = verifier.open_source(made.path)
    book, _checks = verifier.check(source)
    assert (book.sales, book.perpetual) == (0, 0)
    assert sum(b"till.sale_completed" in line for line in source.training) == 1
    source.training[-1] = source.training[-1].replace(b'"op":"g1"', b'"op":"g2"')
    with pytest.raises(verifier.Fault, match="école"):
        verifier.check(source)
    assert "formation.ndjson" in content_of(store, parse("2026-10")).extra
    assert check(made.path) == ""
    store.close()
    apart.close()
