"""One connection writes to the café's file and alone moves its log into it: what keeps old SQLites sound (ADR 14)."""

import os
import re
import sqlite3
from pathlib import Path

import pytest

from kiosk.wiring import AlreadyRunning, open_kiosk
from pos.clock import StoppedClock
from pos.house import FEATURES
from pos.store import Store
from tests.cast import open_cafe, sold
from tests.conftest import MORNING, key_of, open_test_store
from tests.house.tree import ROOT, text_of


def writable_handles(path: Path) -> int:
    """How many handles of this process could write the café's file."""
    found = 0
    for handle in Path("/proc/self/fd").iterdir():
        try:
            flags = int(re.search(r"flags:\s*(\d+)", Path(f"/proc/self/fdinfo/{handle.name}").read_text())[1], 8)
            found += handle.resolve() == path and flags & os.O_ACCMODE == os.O_RDWR
        except OSError:
            continue
    return found


def beside(store: Store) -> Store:
    """The store of a command run while the till works."""
    return Store(store.path, clock=store.clock, keyring=key_of("box"), features=FEATURES, looking=True)


def test_readers_hold_no_handle_that_writes(store: Store) -> None:
    """Whatever reads, in this process or beside it, the file is open for writing once."""
    open_cafe(store)
    other = beside(store)
    with store.reading() as mine, other.reading() as theirs:
        assert mine.execute("PRAGMA wal_autocheckpoint").fetchone()[0] == 0
        assert theirs.execute("PRAGMA wal_autocheckpoint").fetchone()[0] == 0
        assert writable_handles(store.path) == 1
    other.close()


def test_only_the_writer_moves_the_log_into_the_file(store: Store) -> None:
    """A reader cannot checkpoint, not even the last one to leave."""
    open_cafe(store)
    for _n in range(5):
        sold(store, "cafe")
    before, log = store.path.read_bytes(), Path(f"{store.path}-wal").stat().st_size
    assert log > 0
    other = beside(store)
    with other.reading() as conn, pytest.raises(sqlite3.OperationalError):
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert other.tip() == store.tip()
    other.close()
    assert store.path.read_bytes() == before
    assert Path(f"{store.path}-wal").stat().st_size == log
    store.close()
    assert not Path(f"{store.path}-wal").exists()
    assert store.path.read_bytes() != before


def test_what_looks_cannot_write(store: Store) -> None:
    """A command beside the till leaves it alone."""
    open_cafe(store)
    other = beside(store)
    with pytest.raises(sqlite3.OperationalError), other.writing(by="box") as tx:
        tx.conn.execute("DELETE FROM draft_tab")
    other.close()


def test_commands_beside_a_running_till_only_look(tmp_path: Path) -> None:
    """`zinc verify` and `zinc machines` while the counter sells; alone, they may make the tables anew."""
    clock = StoppedClock(MORNING)
    open_test_store(tmp_path / "cafe.db", clock).close()
    till = open_kiosk(tmp_path, clock=clock, settings={}, alone=True)
    with pytest.raises(AlreadyRunning):
        open_kiosk(tmp_path, clock=clock, settings={}, alone=True)
    beside_it = open_kiosk(tmp_path, clock=clock, settings={}, look=True)
    assert writable_handles(tmp_path / "cafe.db") == 1
    beside_it.store.close()
    till.store.close()
    till.lock.close()
    alone = open_kiosk(tmp_path, clock=clock, settings={}, look=True)
    assert alone.lock is not None
    assert writable_handles(tmp_path / "cafe.db") == 1
    alone.store.close()
    alone.lock.close()


def test_every_command_is_alone_or_only_looks() -> None:
    """A command that forgot both would be a second writer."""
    opened = re.findall(r"= _open\(context([^)]*)\)", text_of(ROOT / "kiosk" / "cli.py"))
    assert opened
    assert {told.strip(", ") for told in opened} <= {"alone=True", "look=True"}
