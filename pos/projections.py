"""Tables told from the journal alone; they may be dropped and retold at any hour.

A teller is a plain function `(conn, entry, event) -> None`: SQL and nothing else, no clock, no
machine, no draft. The same teller serves the live path and the retelling, so they cannot differ.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import msgspec

from pos import journal as journals
from pos.events import Event, EventTypes
from pos.journal import Envelope, Journal

Teller = Callable[[sqlite3.Connection, Envelope, Any], None]


@dataclass(frozen=True)
class Projection:
    """A name, the tables (DDL, `CREATE TABLE name (...)` only), and who tells what."""

    name: str
    schema: str
    tellers: Mapping[type[Event], Teller] = field(default_factory=dict)

    @property
    def tables(self) -> list[str]:
        """Names of the tables this projection owns."""
        return list(_tables_of(self.schema))


@cache
def _tables_of(schema: str) -> tuple[str, ...]:
    # Asked of SQLite itself, once per schema: a café's file is opened thirty schemas at a time.
    with closing(sqlite3.connect(":memory:")) as scratch:
        scratch.executescript(schema)
        named = scratch.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        return tuple(row[0] for row in named)


class Projector:
    """Tells every entry to every projection that listens to its kind."""

    def __init__(self, projections: Iterable[Projection], types: EventTypes) -> None:
        self.projections = tuple(projections)
        self.types = types
        self._tellers: dict[type[Event], list[Teller]] = {}
        for projection in self.projections:
            for cls, teller in projection.tellers.items():
                self._tellers.setdefault(cls, []).append(teller)
        self._tables = [table for projection in self.projections for table in projection.tables]

    @property
    def tables(self) -> list[str]:
        """Names of all told tables."""
        return self._tables

    def fingerprint(self, release: str) -> str:
        """Return a mark that changes when the tables must be retold: another release or schema."""
        schemas = "".join(projection.schema for projection in self.projections)
        return f"{release}:{hashlib.sha256(schemas.encode()).hexdigest()[:16]}"

    def create(self, conn: sqlite3.Connection) -> None:
        """Drop and make all tables, empty."""
        for table in self._tables:
            conn.execute(f"DROP TABLE IF EXISTS {table}")
        for projection in self.projections:
            for statement in projection.schema.split(";"):
                if statement.strip():
                    conn.execute(statement)

    def apply(self, conn: sqlite3.Connection, entry: Envelope, event: Event, jn: int = 1) -> None:
        """Tell one entry of journal `jn`; the tables know it by its place among all journals."""
        if jn > 1:
            entry = msgspec.structs.replace(entry, seq=journals.place(jn, entry.seq))
        for teller in self._tellers.get(type(event), ()):
            teller(conn, entry, event)

    def retell(self, source: sqlite3.Connection, target: sqlite3.Connection, told: Iterable[Journal]) -> int:
        """Make the tables of `target` anew from the journals of `source`; return entries told."""
        self.create(target)
        n = 0
        for journal in told:
            for stored in journals.entries(source, journal):
                entry = journals.read_envelope(stored.body)
                event = self.types.decode(entry.kind, entry.kv, entry.data)
                if event is not None:
                    self.apply(target, entry, event, journal.jn)
                n += 1
        return n


def digest(conn: sqlite3.Connection, table: str) -> str:
    """Return a hash of a table's rows in the order of all columns, to compare two tellings."""
    columns = [row[1] for row in conn.execute(f"PRAGMA table_info({table})")]
    h = hashlib.sha256()
    order = ", ".join(f'"{c}"' for c in columns)
    for row in conn.execute(f"SELECT {order} FROM {table} ORDER BY {order}"):
        h.update(repr(tuple(row)).encode())
    return h.hexdigest()
