"""Tables are told from the journal alone: the same told live, told anew, or told into memory."""

import sqlite3
from pathlib import Path

from pos.clock import StoppedClock
from pos.events import Event
from pos.feature import Feature
from pos.house import FEATURES
from pos.journal import Envelope
from pos.projections import Projection, digest
from pos.store import Store
from pos.till import close
from pos.till.events import SaleCompleted
from tests.cast import BEA, open_cafe, sold
from tests.conftest import key_of, open_test_store


def test_tables_told_anew_are_the_live_ones(store: Store) -> None:
    """Every table, row by row; retelling twice changes nothing."""
    open_cafe(store)
    sold(store, "cafe", "demi")
    close.close_day(store, counted=15_510, by=BEA)
    assert store.tables_that_differ() == []
    before = {table: rows_of(store, table) for table in store.projector.tables}
    assert store.retell() == store.tip().seq + 1
    assert {table: rows_of(store, table) for table in store.projector.tables} == before


def rows_of(store: Store, table: str) -> str:
    """Return the digest of a live table."""
    with store.reading() as conn:
        return digest(conn, table)


def test_a_table_changed_by_hand_is_found_and_put_right(store: Store) -> None:
    """The journal is the truth: the table is named, then told anew."""
    open_cafe(store)
    sold(store, "cafe")
    with store.writing(by="") as tx:
        tx.conn.execute("UPDATE till_ticket SET total = 1")
        tx.conn.execute("DELETE FROM till_product WHERE product = 'demi'")
    assert store.tables_that_differ() == ["till_product", "till_ticket"]
    store.retell()
    assert store.tables_that_differ() == []


def _count(conn: sqlite3.Connection, entry: Envelope, event: SaleCompleted) -> None:
    conn.execute("INSERT INTO tally (no, total) VALUES (?, ?)", (event.no, event.total))


TALLY = Feature(
    slug="tally", title="Tally",
    projection=Projection("tally", "CREATE TABLE tally (no INTEGER PRIMARY KEY, total INTEGER NOT NULL) STRICT", {SaleCompleted: _count}),
)  # fmt: skip


def test_a_new_table_is_told_from_the_beginning_at_the_next_start(tmp_path: Path, clock: StoppedClock) -> None:
    """A café needs no migration: a release with another schema retells when it opens the file."""
    store = open_test_store(tmp_path / "cafe.db", clock)
    open_cafe(store)
    for _n in range(3):
        sold(store, "cafe")
    store.close()
    newer = Store(tmp_path / "cafe.db", clock=clock, keyring=key_of("box"), features=(*FEATURES, TALLY))
    with newer.reading() as conn:
        assert [tuple(row) for row in conn.execute("SELECT no, total FROM tally")] == [(1, 160), (2, 160), (3, 160)]
    sold(newer, "demi")
    assert newer.tables_that_differ() == []
    newer.close()


def test_a_kind_of_a_release_to_come_is_passed_over(tmp_path: Path, clock: StoppedClock) -> None:
    """An older release reads a newer journal: what it does not know is kept, not told."""

    class Danced(Event, frozen=True, kw_only=True):
        """Somebody danced."""

        kind = "ball.danced"
        steps: int

    newer = Store(
        tmp_path / "cafe.db", clock=clock, keyring=key_of("box"),
        features=(*FEATURES, Feature(slug="ball", title="Ball", events=(Danced,))),
    )  # fmt: skip
    newer.close()
    store = open_test_store(tmp_path / "cafe.db", clock)
    open_cafe(store)
    store.close()
    newer = Store(
        tmp_path / "cafe.db", clock=clock, keyring=key_of("box"),
        features=(*FEATURES, Feature(slug="ball", title="Ball", events=(Danced,))),
    )  # fmt: skip
    with newer.writing(by="v1") as tx:
        tx.record(Danced(steps=3))
    newer.close()
    store = open_test_store(tmp_path / "cafe.db", clock)
    assert store.retell() == store.tip().seq + 1
    assert store.tables_that_differ() == []
    assert sold(store, "cafe").sale is not None
    store.close()


def test_a_projection_owns_the_tables_of_its_schema() -> None:
    """Named by the DDL itself."""
    assert TALLY.projection is not None
    assert TALLY.projection.tables == ["tally"]
