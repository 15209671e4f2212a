"""The simulated machines: boxes whose power fails between two statements, an HQ that dies within a request."""

import os
import random
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import event

from hq.config import Config
from hq.projections import Projections
from hq.wiring import Office, open_office
from pos import store as stores
from pos.clock import StoppedClock
from pos.events import Event
from pos.feature import Feature
from pos.house import FEATURES
from pos.seal import Keyring
from pos.store import Store
from sync import wire
from tests.conftest import MORNING, key_of


class PowerCut(BaseException):
    """The box lost its power: no Python of the box runs after this."""


class HqDown(BaseException):
    """HQ's process ended within a request."""


class Tomorrow(Event, frozen=True, kw_only=True):
    """A kind that only boxes of a later release write."""

    kind = "tomorrow.happened"
    n: int


LATER = Feature(slug="tomorrow", title="Tomorrow", events=(Tomorrow,))


class Fused(sqlite3.Connection):
    """A connection that dies before or after its n-th statement; once dead, no statement runs on it."""

    fuse = -1
    after = False
    dead = False

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        """Run one statement, or die."""
        if self.dead:
            raise PowerCut
        if self.fuse < 0:
            return super().execute(sql, *values)
        self.fuse -= 1
        if self.fuse >= 0:
            return super().execute(sql, *values)
        if self.after:
            super().execute(sql, *values)
        self.dead = True
        raise PowerCut


class SimStore(Store):
    """A café's store whose power can fail."""

    _writer: Fused

    def _connect(self) -> sqlite3.Connection:
        conn = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, factory=Fused)
        conn.row_factory = sqlite3.Row
        for pragma in stores._PRAGMAS:
            conn.execute(pragma)
        return conn

    def arm(self, statements: int, *, after: bool) -> None:
        """Let the power fail at the writer's n-th statement from now; −1 takes the danger away."""
        self._writer.fuse, self._writer.after = statements, after

    def fall(self) -> None:
        """Drop every connection as a power cut does: what was not committed is gone."""
        self._writer.dead = True
        with suppress(sqlite3.Error):
            self.close()


class Workshop:
    """What runs share so that a run is quick: empty files to copy, one engine, the tellers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.empty_box = folder / "empty-box.db"
        SimStore(
            self.empty_box, clock=StoppedClock(MORNING), keyring=key_of("none"), features=(*FEATURES, LATER)
        ).close()
        self.hq_path = folder / "hq.db"
        (folder / "hq.key").write_text(_seed_of("hq").hex())
        made = open_office(self._config(), clock=StoppedClock(MORNING))
        made.db.close()
        self.empty_hq = folder / "empty-hq.db"
        shutil.copyfile(self.hq_path, self.empty_hq)
        self.db, self.keyring = made.db, made.keyring
        self.today, self.later = Projections(FEATURES), Projections((*FEATURES, LATER))
        self.fuse = -1
        self._eye: sqlite3.Connection | None = None
        event.listen(self.db.engine, "before_cursor_execute", self._burn)
        event.listen(self.db.engine, "commit", self._burn)

    def _config(self) -> Config:
        return Config(data=self.folder, database=f"sqlite:///{self.hq_path}")

    def _burn(self, *_args: Any) -> None:
        if self.fuse >= 0:
            self.fuse -= 1
            if self.fuse < 0:
                raise HqDown

    def office(self, clock: StoppedClock) -> Office:
        """Return a new HQ: empty tables, the same key."""
        self.fuse = -1
        self.put_back(self.empty_hq)
        return Office(self._config(), self.db, self.keyring, clock, self.today)

    def eye(self) -> sqlite3.Connection:
        """Return a stranger's look at HQ's file."""
        if self._eye is None:
            self._eye = sqlite3.connect(f"file:{self.hq_path}?mode=ro", uri=True)
        return self._eye

    def _shut(self) -> None:
        if self._eye is not None:
            self._eye.close()
            self._eye = None
        self.db.close()

    def image(self, to: Path) -> None:
        """Copy HQ's file as a backup does."""
        self._shut()
        shutil.copyfile(self.hq_path, to)

    def put_back(self, image: Path) -> None:
        """Replace HQ's file by a copy made before."""
        self._shut()
        for suffix in ("-wal", "-shm"):
            self.hq_path.with_name(self.hq_path.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(image, self.hq_path)

    def store(self, path: Path, clock: StoppedClock) -> SimStore:
        """Open a box's file with the key beside it."""
        keyring = Keyring.load_or_make(path.with_suffix(".key"))
        return SimStore(path, clock=clock, keyring=keyring, features=(*FEATURES, LATER))


def _seed_of(phrase: str) -> bytes:
    return bytes(key_of(phrase)._key)


@contextmanager
def chance_of(seed: str) -> Iterator[None]:
    """Take all chance of the product from the seed, and make enrolment codes quick to stretch."""
    told = random.Random(seed)
    kept = secrets.token_hex, secrets.choice, os.urandom, wire.CODE_WORK
    secrets.token_hex = lambda n=32: told.randbytes(n).hex()  # type: ignore[assignment]
    secrets.choice = told.choice
    os.urandom = told.randbytes
    wire.CODE_WORK = 2
    try:
        yield
    finally:
        secrets.token_hex, secrets.choice, os.urandom, wire.CODE_WORK = kept
