"""A till with its autumn played, and an archive of its October."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pos.archive.make import Made, make_archive
from pos.clock import StoppedClock
from pos.store import Store
from tests.cast import BEA
from tests.conftest import open_test_store
from tests.pos.archive.played import play


@pytest.fixture
def autumn(tmp_path: Path) -> Iterator[tuple[Store, StoppedClock]]:
    """A café open from 29 September to 3 November 2026."""
    clock = StoppedClock("2026-09-29T07:00:00")
    store = open_test_store(tmp_path / "cafe.db", clock)
    play(store, clock, "2026-09-29", 3)
    play(store, clock, "2026-10-29", 6)
    yield store, clock
    store.close()


@pytest.fixture
def october(autumn: tuple[Store, StoppedClock], tmp_path: Path) -> Made:
    """The archive of October."""
    return make_archive(autumn[0], asked="2026-10", folder=tmp_path / "out", by=BEA)
