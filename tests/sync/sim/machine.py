"""The simulated machines: boxes whose power fails between two statements or within one, an HQ that dies in a request.

Between two statements, what was committed stays and the rest is gone. Within one, or within the writing of a key or of
HQ's last word, the box's files are what a card keeps (`tests.faults.disk`): what was synced, and sectors of the rest.
"""

import copy
import os
import random
import secrets
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import event

from hq.config import Config
from hq.projections import Projections
from hq.wiring import Office, open_office
from pos import store as stores
from pos.clock import StoppedClock
from pos.events import Event, EventTypes
from pos.feature import Feature, Figure
from pos.house import FEATURES
from pos.projections import Projection, Projector
from pos.seal import Keyring
from pos.store import Store
from sync import wire
from tests.conftest import MORNING, key_of
from tests.faults.disk import Disk, library


class PowerCut(BaseException):
    """The box lost its power: no Python of the box runs after this."""


class HqDown(BaseException):
    """HQ's process ended within a request."""


class Tomorrow(Event, frozen=True, kw_only=True):
    """A kind that only boxes of a later release write."""

    kind = "tomorrow.happened"
    n: int


TOMORROW = "tomorrow"
LATER = Feature(
    slug=TOMORROW, title="Tomorrow", events=(Tomorrow,), tells={Tomorrow: lambda _event: (Figure(TOMORROW, 1),)}
)


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
            return self._alive(super().execute(sql, *values))
        self.fuse -= 1
        if self.fuse >= 0:
            return self._alive(super().execute(sql, *values))
        if self.after:
            super().execute(sql, *values)
        self.dead = True
        raise PowerCut

    def _alive(self, cursor: sqlite3.Cursor) -> sqlite3.Cursor:
        # The disk may have fallen silent within the statement.
        if self.dead:
            raise PowerCut
        return cursor


class SimStore(Store):
    """A café's store whose power can fail."""

    _writer: Fused

    def _connect(self) -> sqlite3.Connection:
        conn = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, factory=Fused)
        conn.row_factory = sqlite3.Row
        for pragma in stores._PRAGMAS:
            conn.execute(pragma)
        return conn

    def _look(self) -> sqlite3.Connection:
        conn = sqlite3.connect(
            f"file:{self.path}?mode=ro", uri=True, isolation_level=None, check_same_thread=False, factory=Fused
        )
        conn.row_factory = sqlite3.Row
        for pragma in stores._READ_PRAGMAS:
            conn.execute(pragma)
        return conn

    def arm(self, statements: int, *, after: bool) -> None:
        """Let the power fail at the writer's n-th statement from now; −1 takes the danger away."""
        self._writer.fuse, self._writer.after = statements, after

    @property
    def dead(self) -> bool:
        """Whether the power has failed."""
        return self._writer.dead

    def kill(self) -> None:
        """No statement runs from now on."""
        for conn in (self._writer, *self._readers):
            conn.dead = True  # type: ignore[attr-defined]

    def fall(self) -> None:
        """Drop every connection as a power cut does: what was not committed is gone."""
        self.kill()
        with suppress(sqlite3.Error):
            self.close()


class Card(Disk):
    """The folder of the boxes' files; the power of one box may fail at the n-th thing it does to its disk."""

    fuse = -1
    store: SimStore | None = None
    luck: random.Random | None = None
    left: dict[str, bytes] | None = None

    def arm(self, store: SimStore, operations: int, luck: random.Random | None) -> None:
        """Let the power of a box fail at its n-th write, sync or deletion from now."""
        self.store, self.fuse, self.luck, self.left = store, operations, luck, None

    def left_to(self, store: SimStore) -> dict[str, bytes] | None:
        """Return the files that a cut within a write left to a box; None when there was no such cut."""
        return self.left if self.store is store else None

    def disarm(self) -> None:
        """Take the danger away."""
        self.left, self.store, self.fuse = None, None, -1

    def _before(self, what: str) -> None:
        self.ops += 1
        if self.store is None or self.left is not None or not self.at.startswith(self.store.path.stem + "."):
            return
        self.fuse -= 1
        if self.fuse < 0:
            self.left = self.survivors(self.luck, begin=self.store.path.stem + ".")
            self.store.kill()
            if what == "fsync":
                raise PowerCut


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
        self.card: Card | None = Card(folder / "run").__enter__() if library() is not None else None
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
        # As in a new process: nothing is remembered of an HQ before.
        return Office(self._config(), copy.copy(self.db), self.keyring, clock, self.today)

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
        """Copy HQ's files as a backup does."""
        self._shut()
        for suffix in ("", "-wal"):
            beside = self.hq_path.with_name(self.hq_path.name + suffix)
            if beside.exists():
                shutil.copyfile(beside, to.with_name(to.name + suffix))

    def put_back(self, image: Path) -> None:
        """Replace HQ's files by those copied before; whoever still has the old ones open keeps them to himself."""
        self._shut()
        for suffix in ("", "-wal", "-shm"):
            self.hq_path.with_name(self.hq_path.name + suffix).unlink(missing_ok=True)
            if image.with_name(image.name + suffix).exists():
                shutil.copyfile(
                    image.with_name(image.name + suffix), self.hq_path.with_name(self.hq_path.name + suffix)
                )

    def store(self, path: Path, clock: StoppedClock, *, later: bool = True) -> SimStore:
        """Open a box's file with the key beside it, under this release or the next."""
        keyring = Keyring.load_or_make(path.with_suffix(".key"))
        return SimStore(path, clock=clock, keyring=keyring, features=(*FEATURES, LATER) if later else FEATURES)

    def settle(self, *paths: Path) -> None:
        """Note that files were put into the boxes' folder and are on its disk for good."""
        if self.card is not None:
            self.card.settle(*(path for path in paths if path.exists()))

    def shut(self) -> None:
        """Let go of everything."""
        self._shut()
        if self.card is not None:
            self.card.__exit__(None, None, None)
        shutil.rmtree(self.folder)


def _seed_of(phrase: str) -> bytes:
    return bytes(key_of(phrase)._key)


@cache
def _types_of(types: tuple[type[Event], ...]) -> EventTypes:
    return EventTypes(types)


def _types(types: Iterable[type[Event]]) -> EventTypes:
    """Return the kinds a till knows: the same for all that know the same, since they never change."""
    return _types_of(tuple(types))


_projectors: dict[EventTypes, Projector] = {}


def _projector(projections: Iterable[Projection], types: EventTypes) -> Projector:
    """Return who tells the tables, one for all tills of a release."""
    if types not in _projectors:
        _projectors[types] = Projector(projections, types)
    return _projectors[types]


@contextmanager
def chance_of(seed: str) -> Iterator[None]:
    """Take all chance of the product from the seed, and make enrolment codes quick to stretch."""
    told = random.Random(seed)
    kept = secrets.token_hex, secrets.choice, os.urandom, wire.CODE_WORK
    made = stores.EventTypes, stores.Projector
    secrets.token_hex = lambda n=32: told.randbytes(n).hex()  # type: ignore[assignment]
    secrets.choice = told.choice
    os.urandom = told.randbytes
    wire.CODE_WORK = 2
    stores.EventTypes, stores.Projector = _types, _projector  # type: ignore[misc, assignment]
    try:
        yield
    finally:
        secrets.token_hex, secrets.choice, os.urandom, wire.CODE_WORK = kept
        stores.EventTypes, stores.Projector = made  # type: ignore[misc]
