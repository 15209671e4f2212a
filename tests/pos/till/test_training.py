"""Practice touches nothing true: its own file, key, numbers; begun and ended in the true journal (R45)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pos.audit import check_everything
from pos.clock import StoppedClock
from pos.house import FEATURES
from pos.store import Store
from pos.till import catalogue, close, people, refund, tables, training
from pos.till.training_events import TrainingEnded, TrainingStarted
from tests.cast import BEA, MENU, VICTOR, of, open_cafe, product, sold


@pytest.fixture
def practice(store: Store, tmp_path: Path, clock: StoppedClock) -> Iterator[Store]:
    """The training file beside a café that is open and has sold something."""
    open_cafe(store)
    sold(store, "demi", "cafe")
    practice = training.open_training(tmp_path, clock=clock, features=FEATURES, cafe=17)
    yield practice
    practice.close()


def test_training_sales_are_in_no_true_total(store: Store, practice: Store) -> None:
    """R45: three sales and a refund practised: true totals, numbers and journal as before, but for begin and end."""
    training.start_training(store, practice, by=VICTOR)
    with store.reading() as conn:
        before = close.totals_of(_act(store), "2026-11-20", auto=False, counted=None)
        last = store.tip().seq
    for _n in range(3):
        sale = of(sold(practice, "croque"))
    refund.refund_sale(practice, sale.no, reason="mistake", by=BEA)
    close.close_day(practice, by=VICTOR)
    assert store.tip().seq == last
    with store.reading() as conn:
        assert tables.next_no(conn) == 2
        assert store.event(conn, last).event == TrainingStarted(journal=practice.journal.jid, head_seq=-1)  # type: ignore[union-attr]
    training.end_training(store, practice, by=VICTOR)
    after = close.totals_of(_act(store), "2026-11-20", auto=False, counted=None)
    assert (after.turnover, after.perpetual, after.means, after.uses) == (
        before.turnover, before.perpetual, before.means, before.uses,
    )  # fmt: skip
    assert of(sold(store, "cafe")).no == 2


def _act(store: Store) -> object:
    """Open an act only to read totals in it."""
    with store.writing(by=BEA) as tx:
        return tx


def test_the_training_journal_is_kept_and_its_head_is_in_the_true_one(store: Store, practice: Store) -> None:
    """R45: kept, chained and sealed with its own key; who was responsible is recorded on both sides."""
    training.start_training(store, practice, by=VICTOR)
    sold(practice, "cafe")
    ended = training.end_training(store, practice, by=VICTOR)
    tip = practice.tip()
    assert ended == TrainingEnded(
        journal=practice.journal.jid, head_seq=tip.seq, head=tip.hash.hex(), tickets=1  # type: ignore[union-attr]
    )  # fmt: skip
    assert check_everything(practice).findings == ()
    assert check_everything(store).findings == ()
    assert practice.keyring.kid != store.keyring.kid
    assert practice.path != store.path


def test_the_training_menu_follows_the_true_one(store: Store, practice: Store) -> None:
    """R45: the same tiles and prices each time; what the café sold is never copied."""
    training.start_training(store, practice, by=BEA)
    training.end_training(store, practice, by=BEA)
    catalogue.list_product(store, product("sirop", "Sirop", 220, "open_drink"), by=BEA)
    training.start_training(store, practice, by=BEA)
    with practice.reading() as conn:
        assert len(tables.products(conn)) == len(MENU) + 1
        assert tables.next_no(conn) == 1
        assert tables.role_of(conn, VICTOR) == "seller"


def test_training_opens_again_months_later(store: Store, practice: Store, clock: StoppedClock) -> None:
    """R45: its day is opened for whoever practises, however long nobody did."""
    training.start_training(store, practice, by=BEA)
    close.close_day(store, by=BEA)
    for _month in range(3):
        clock.tick(30 * 86_400_000)
        close.open_day(store, 0, by=BEA)
        close.close_day(store, by=BEA)
    training.start_training(store, practice, by=BEA)
    assert of(sold(practice, "cafe")).day == "2027-02-18"


def test_names_stay_out_of_the_training_file(store: Store, practice: Store) -> None:
    """R45, R17: only pseudonyms are copied; forgetting somebody has nothing to forget there."""
    op = people.add_operator(store, role="seller", name="Maëlle", pin="2580", by=BEA)
    training.start_training(store, practice, by=op)
    with practice.reading() as conn:
        assert people.name_of(conn, op) == op
        assert conn.execute("SELECT count(*) FROM private_person").fetchone()[0] == 0
