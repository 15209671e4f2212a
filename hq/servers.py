"""Cafés on several PostgreSQL servers: the sixteen parts of an office that asked for it, each on one server.

On one server nothing here is used. An office that asked for it (`zinc-hq servers part`) has a schema for each part,
with a table of every kind a café writes to; the tables of the first server, of the same names, are read: a part that
lies on another server is there as foreign tables (`postgres_fdw`). A café is written to on its own server, straight,
in one transaction: `of_cafe` gives the connection. Nothing of a café is ever committed in two places. Single rows that
a person asks for (a grant, its confirmation, its revocation) go through everybody's tables, after `hold`.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from sqlalchemy import URL, Connection, Engine, Table, create_engine, text
from sqlalchemy.exc import DBAPIError

from hq import db
from hq.db import Database
from hq.partitions import PARTS
from sync import books
from sync.ingest import CAFE_MAX

# What a café's own calls write, and what is told of it. The rest (accounts, codes, prices, the log) is the office's.
OF_A_CAFE: tuple[Table, ...] = (
    books.journal, books.cursor, books.segment, books.quarantine, books.fork_proof, books.imported,
    *(one for one in vars(db).values() if isinstance(one, Table)),
)  # fmt: skip
# Two numbers: this lock, and the part; the next one, and a café. Shared by cafés' transactions, alone for who moves the part.
_LOCK = 0x7A6971
_LOCK_CAFE = _LOCK + 1
_ALONE = text("SELECT pg_advisory_xact_lock(:lock, :part)")
_TOGETHER = text("SELECT pg_advisory_xact_lock_shared(:lock, :part)")
_PART_OF = text(
    f"SELECT n FROM generate_series(0, {PARTS - 1}) n"
    f" WHERE satisfies_hash_partition('public.cursor'::regclass, {PARTS}, n, CAST(:cafe AS integer))"
)
# The office's own rows, and reading, go by the tables everybody sees: the path changes only for a part that is here.
_GO = text("""
SELECT server, set_config('search_path', CASE WHEN server IS NULL THEN :path ELSE 'public' END, true) FROM (
    SELECT max(s.srvname) AS server FROM pg_foreign_table f JOIN pg_foreign_server s ON s.oid = f.ftserver
    WHERE f.ftrelid = to_regclass(:cursor)
) AS found
""")
_PATH = text("SELECT set_config('search_path', :path, true)")
_PARTED = text("SELECT to_regclass('part_00.cursor') IS NOT NULL")
_SERVERS = text("""
SELECT n.nspname AS part, s.srvname AS server FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_foreign_table f ON f.ftrelid = c.oid LEFT JOIN pg_foreign_server s ON s.oid = f.ftserver
WHERE c.relname = 'cursor' AND n.nspname ~ '^part_[0-9][0-9]$' ORDER BY 1
""")
_OPTIONS = text("""
SELECT s.srvoptions, m.umoptions FROM pg_foreign_server s JOIN pg_user_mappings m ON m.srvid = s.oid
WHERE s.srvname = :server AND m.usename = current_user
""")
_CONNECT_S = 3
# Anybody may name a café: numbers are not remembered without end.
_CAFES_MOST = 200_000


class Away(Exception):
    """A server with a part of the cafés does not answer."""


@dataclass
class _Known:
    """What a process remembers of an office: whether it is parted, cafés' parts, ways to the other servers."""

    parted: bool | None = None
    parts: dict[int, int] = field(default_factory=dict)
    others: dict[str, tuple[URL, Database]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


_offices: WeakKeyDictionary[Database, _Known] = WeakKeyDictionary()


def schema(part: int) -> str:
    """Return the schema of a part."""
    return f"part_{part:02d}"


def is_parted(conn: Connection) -> bool:
    """Tell whether the office asked for parts of their own."""
    return conn.dialect.name == "postgresql" and bool(conn.execute(_PARTED).scalar_one())


def is_away(trouble: BaseException) -> bool:
    """Tell whether a trouble is that a server does not answer, or went away."""
    if isinstance(trouble, Away):
        return True
    if isinstance(trouble, DBAPIError):
        if trouble.connection_invalidated:
            return True
        trouble = trouble.orig or trouble
    if not isinstance(trouble, psycopg.OperationalError):
        return False
    # Without a state, no connection came about; 08: it was lost, or the first server has none to the second.
    return trouble.sqlstate is None or trouble.sqlstate.startswith(("08", "57P"))


@contextmanager
def of_cafe(database: Database, conn: Connection, cafe: int) -> Iterator[Connection]:
    """Give the connection a café's own rows are written on: the caller's, or one to the server they lie on.

    The other server commits first, when the block ends. Cut in between, the caller's side lacks what a box says again:
    its calls of the hour. Raises Away.
    """
    known = _offices.setdefault(database, _Known())
    if known.parted is None:
        known.parted = is_parted(conn)
    # Of a number no café can have there is nothing anywhere.
    if not known.parted or not 0 <= cafe <= CAFE_MAX:
        yield conn
        return
    part = known.parts.get(cafe)
    if part is None:
        part = _part_of(conn, cafe)
        if len(known.parts) < _CAFES_MOST:
            known.parts[cafe] = part
    path = f"{schema(part)}, public"
    conn.execute(_TOGETHER, {"lock": _LOCK, "part": part})
    server = conn.execute(_GO, {"path": path, "cursor": f"{schema(part)}.cursor"}).one().server
    if server is None:
        # The path goes with the transaction.
        yield conn
        return
    try:
        with _way(known, conn, server).writing() as there:
            there.execute(_PATH, {"path": path})
            yield there
    except (DBAPIError, psycopg.Error) as trouble:
        if is_away(trouble):
            raise Away(server) from trouble
        raise


def hold(conn: Connection, cafe: int) -> None:
    """Let nobody else write a café's journals, and its part not be moved, before the transaction ends.

    To be called before they are read, where they are written through everybody's tables: a move waits for who has, and
    so do boxes that join at the same moment.
    """
    if not 0 <= cafe <= CAFE_MAX or conn.dialect.name != "postgresql":
        return
    if is_parted(conn):
        conn.execute(_TOGETHER, {"lock": _LOCK, "part": _part_of(conn, cafe)})
    conn.execute(_ALONE, {"lock": _LOCK_CAFE, "part": cafe})


def _part_of(conn: Connection, cafe: int) -> int:
    # To ask is to hold the table until the savepoint goes: a move would wait for us there, and we for the move.
    aside = conn.begin_nested()
    part = int(conn.execute(_PART_OF, {"cafe": cafe}).scalar_one())
    aside.rollback()
    return part


def _way(known: _Known, conn: Connection, server: str) -> Database:
    """Return the pool of connections to another server, as its options say today."""
    url = url_of(conn, server)
    with known.lock:
        kept = known.others.get(server)
        if kept is None or kept[0] != url:
            if kept is not None:
                kept[1].close()
            kept = known.others[server] = (url, Database(engine_to(url)))
        return kept[1]


def engine_to(url: URL) -> Engine:
    """Return the connections to another server; nobody waits long for one that does not answer."""
    wait = {"connect_timeout": _CONNECT_S}
    return create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=8, max_overflow=8, connect_args=wait)


def close(database: Database) -> None:
    """Let go of the other servers."""
    for _url, other in _offices.pop(database, _Known()).others.values():
        other.close()


def url_of(conn: Connection, server: str) -> URL:
    """Return where a server is, from the first server's own list of them."""
    row = conn.execute(_OPTIONS, {"server": server}).one()
    said = dict(one.split("=", 1) for one in (*(row.srvoptions or ()), *(row.umoptions or ())))
    place = {name: said[name] for name in ("host", "port", "sslmode", "sslrootcert") if name in said}
    return URL.create(
        "postgresql+psycopg", said.get("user"), said.get("password"), database=said["dbname"], query=place
    )


def places(conn: Connection) -> dict[int, str]:
    """Return for each part the server it lies on, empty for the one that is asked; nothing where there are no parts."""
    if conn.dialect.name != "postgresql":
        return {}
    return {int(row.part.removeprefix("part_")): row.server or "" for row in conn.execute(_SERVERS)}


def each_here(conn: Connection) -> Iterator[int | None]:
    """Yield for each part that lies on this very server, its tables before one; once, None, where all tables are whole."""
    if not is_parted(conn):
        yield None
        return
    for part, server in places(conn).items():
        if not server:
            conn.execute(_PATH, {"path": f"{schema(part)}, public"})
            yield part
    conn.execute(_PATH, {"path": "public"})


def alone(conn: Connection, part: int) -> None:
    """Wait until no café of a part is written to, and let none begin before the transaction ends."""
    conn.execute(_ALONE, {"lock": _LOCK, "part": part})


def asked(conn: Connection, server: str) -> Any:
    """Return the row of a server's options, or None."""
    return conn.execute(_OPTIONS, {"server": server}).one_or_none()
