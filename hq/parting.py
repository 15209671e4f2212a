"""An office given parts of its own, and a part moved to another server: `zinc-hq servers …` (see `hq.servers`)."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, Connection, PrimaryKeyConstraint, Table, text
from sqlalchemy.engine import make_url

from hq import servers
from hq.db import Database
from hq.migrate import migrate
from hq.partitions import PARTS, make_alone
from hq.servers import OF_A_CAFE, schema
from pos.errors import Refusal
from pos.i18n import N_
from sync import books

_KIND = text("SELECT relkind::text FROM pg_class WHERE oid = to_regclass(:name)")
# A row as the server writes it, bytes and all; in an order of their own, so that the order of the rows says nothing.
_SUM = (
    "SELECT count(*), md5(coalesce(string_agg(sum, '' ORDER BY sum), '')) FROM (SELECT md5(t::text) AS sum FROM {} t) s"
)
_CAFES = "SELECT count(DISTINCT cafe_id) FROM {}"
# Rows that a foreign scan brings, or a foreign insert sends, at a time.
_FETCH = "10000"


class NotParted(Refusal):
    """The office has no parts of its own."""

    sentence = N_("This office lies whole on one PostgreSQL server.")
    remedy = N_("With HQ stopped: zinc-hq servers part.")


class NoSuchServer(Refusal):
    """No server of that name was added."""

    sentence = N_("There is no server %(name)s.")
    remedy = N_("zinc-hq servers list tells them; zinc-hq servers add NAME adds one.")


class BadName(Refusal):
    """PostgreSQL would have to quote it everywhere."""

    sentence = N_("A server cannot be called %(name)s.")
    remedy = N_("Small letters, digits and underscores, a letter first.")


class NotTheSame(Refusal):
    """What arrived is not what left."""

    sentence = N_("Table %(table)s of part %(part)s did not arrive as it left: nothing was moved.")
    remedy = N_("Both servers must run the same release of HQ; then move it again.")


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved: cafés, rows, and the checksum over every table, the same on both sides."""

    cafes: int
    rows: int
    checksum: str


def part(database: Database) -> list[str]:
    """Give every part its own tables; return the tables that had none yet. Nothing is lost when it is cut."""
    with database.writing() as conn:
        make_alone(conn)
        where = servers.places(conn) or dict.fromkeys(range(PARTS), "")
        for number in range(PARTS):
            conn.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {schema(number)}")
        done = [table for table in OF_A_CAFE if not _kind(conn, f"{schema(0)}.{table.name}")]
        for table in done:
            _part_table(conn, table, where)
    servers.close(database)
    return [table.name for table in done]


def is_parted(database: Database) -> bool:
    """Tell whether the office asked for parts of their own."""
    with database.reading() as conn:
        return servers.is_parted(conn)


def _kind(conn: Connection, name: str) -> str:
    return str(conn.execute(_KIND, {"name": name}).scalar() or "")


def _part_table(conn: Connection, table: Table, where: dict[int, str]) -> None:
    """Put a table into the parts' schemas. The parent keeps no key: PostgreSQL allows none above foreign parts."""
    name, old = table.name, f"{table.name}_before"
    whole = _kind(conn, f"public.{name}") == "r"
    conn.exec_driver_sql(f"ALTER TABLE public.{name} RENAME TO {old}")
    conn.exec_driver_sql(
        f"CREATE TABLE public.{name} (LIKE public.{old} INCLUDING DEFAULTS) PARTITION BY HASH (cafe_id)"
    )
    for number, server in where.items():
        if not whole:
            conn.exec_driver_sql(f"ALTER TABLE public.{old} DETACH PARTITION public.{name}_{number:02d}")
        if server:
            _make_foreign(conn, table, number, server)
        elif whole:
            _make_here(conn, table, number)
        else:
            conn.exec_driver_sql(f"ALTER TABLE public.{name}_{number:02d} SET SCHEMA {schema(number)}")
            conn.exec_driver_sql(f"ALTER TABLE {schema(number)}.{name}_{number:02d} RENAME TO {name}")
            _attach(conn, table, number)
    if whole:
        columns = _listed(table.columns)
        conn.exec_driver_sql(f"INSERT INTO public.{name} ({columns}) SELECT {columns} FROM public.{old}")
    conn.exec_driver_sql(f"DROP TABLE public.{old}")
    for number, server in where.items():
        if server:
            conn.exec_driver_sql(f"DROP TABLE IF EXISTS public.{name}_{number:02d}")


def _make_here(conn: Connection, table: Table, number: int) -> None:
    """Make the table of a part on this server, with the keys the release says: the parent has none to copy."""
    place = f"{schema(number)}.{table.name}"
    conn.exec_driver_sql(f"CREATE TABLE {place} (LIKE public.{table.name} INCLUDING DEFAULTS)")
    for key in table.constraints:
        sort = "PRIMARY KEY" if isinstance(key, PrimaryKeyConstraint) else "UNIQUE"
        conn.exec_driver_sql(f"ALTER TABLE {place} ADD {sort} ({_listed(key.columns)})")
    for index in table.indexes:
        conn.exec_driver_sql(f"CREATE INDEX {index.name} ON {place} ({_listed(index.columns)})")
    _attach(conn, table, number)


def _listed(columns: Iterable[Any]) -> str:
    return ", ".join(f'"{column.name}"' for column in columns)


def _attach(conn: Connection, table: Table, number: int) -> None:
    conn.exec_driver_sql(
        f"ALTER TABLE public.{table.name} ATTACH PARTITION {schema(number)}.{table.name}{_values(number)}"
    )


def _values(number: int) -> str:
    return f" FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {number})"


def _make_foreign(conn: Connection, table: Table, number: int, server: str) -> None:
    conn.exec_driver_sql(
        f"CREATE FOREIGN TABLE {schema(number)}.{table.name} PARTITION OF public.{table.name}{_values(number)}"
        f" SERVER {server} OPTIONS (schema_name '{schema(number)}', table_name '{table.name}')"
    )


def add(database: Database, name: str, url: str) -> list[str]:
    """Make another server known under a name, give it tables and parts; return the tables made. Again: its new address."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", name):
        raise BadName(name=name)
    other = Database(servers.engine_to(make_url(url)))
    try:
        migrate(other)
        other.create()
        made = part(other)
    finally:
        other.close()
    with database.writing() as conn:
        if not servers.is_parted(conn):
            raise NotParted
        there, user = _options(make_url(url))
        if servers.asked(conn, name) is not None:
            conn.exec_driver_sql(f"DROP USER MAPPING FOR CURRENT_USER SERVER {name}")
            have = conn.execute(text("SELECT srvoptions FROM pg_foreign_server WHERE srvname = :name"), {"name": name})
            known = {one.split("=", 1)[0] for one in have.scalar_one() or ()}
            changes = ", ".join(
                f"{'SET' if key in known else 'ADD'} {key} {_quoted(said)}" for key, said in there.items()
            )
            conn.exec_driver_sql(f"ALTER SERVER {name} OPTIONS ({changes})")
        else:
            said = ", ".join(f"{key} {_quoted(value)}" for key, value in there.items())
            conn.exec_driver_sql(f"CREATE SERVER {name} FOREIGN DATA WRAPPER postgres_fdw OPTIONS ({said})")
        said = ", ".join(f"{key} {_quoted(value)}" for key, value in user.items())
        conn.exec_driver_sql(f"CREATE USER MAPPING FOR CURRENT_USER SERVER {name} OPTIONS ({said})")
    servers.close(database)
    return made


def _quoted(said: str) -> str:
    return "'" + said.replace("'", "''").replace("%", "%%") + "'"


def _options(url: URL) -> tuple[dict[str, str], dict[str, str]]:
    """Return what `postgres_fdw` must know of a server and of who calls there."""
    query = {key: str(value) for key, value in url.query.items()}
    there = {"dbname": str(url.database)} | {
        k: query[k] for k in ("host", "port", "sslmode", "sslrootcert") if k in query
    }
    there |= ({"host": url.host} if url.host else {}) | ({"port": str(url.port)} if url.port else {})
    there |= {"fetch_size": _FETCH, "batch_size": "1000", "connect_timeout": "3", "async_capable": "true"}
    user = ({"user": url.username} if url.username else {}) | ({"password": str(url.password)} if url.password else {})
    return there, user


@contextmanager
def _side(database: Database, first: Connection, server: str) -> Iterator[Connection]:
    """Give a connection to one side of a move: the first server's own, or one to another."""
    if not server:
        yield first
        return
    other = Database(servers.engine_to(servers.url_of(first, server)))
    try:
        with other.writing() as conn:
            yield conn
    finally:
        other.close()


def move(database: Database, number: int, to: str) -> Moved:
    """Move a part with all of its cafés to another server, or back to the first (`to` empty).

    Its cafés wait meanwhile; the others are served. The copy is committed before the first server says where the part
    lies: cut in between, the part is where it was, and what was copied is emptied by the next try.
    """
    with database.writing() as first:
        if not servers.is_parted(first):
            raise NotParted
        if to and servers.asked(first, to) is None:
            raise NoSuchServer(name=to)
        servers.alone(first, number)
        source = servers.places(first)[number]
        if source == to:
            return Moved(0, 0, "")
        with _side(database, first, source) as here:
            sums = {table.name: _sum(here, table, number) for table in OF_A_CAFE}
            cafes = here.exec_driver_sql(_CAFES.format(f"{schema(number)}.{books.journal.name}")).scalar_one()
            if not to:
                _take_home(first, number)
            with _side(database, first, to) as there:
                for table in OF_A_CAFE:
                    if to:
                        there.exec_driver_sql(f"TRUNCATE {schema(number)}.{table.name}")
                    _copy(here, there, table, number)
                    if _sum(there, table, number) != sums[table.name]:
                        raise NotTheSame(table=table.name, part=number)
        if to:
            _send_away(first, number, to)
    if source:
        _empty(database, number, source)
    return Moved(int(cafes), sum(n for n, _sum in sums.values()), _total(sums))


def _total(sums: dict[str, tuple[int, str]]) -> str:
    return hashlib.sha256(repr(sorted(sums.items())).encode()).hexdigest()


def _sum(conn: Connection, table: Table, number: int) -> tuple[int, str]:
    row = conn.exec_driver_sql(_SUM.format(f"{schema(number)}.{table.name}")).one()
    return int(row[0]), str(row[1])


def _copy(source: Connection, target: Connection, table: Table, number: int) -> None:
    place = f"{schema(number)}.{table.name} ({_listed(table.columns)})"
    out: Any = source.connection.driver_connection
    into: Any = target.connection.driver_connection
    with (
        out.cursor().copy(f"COPY {place} TO STDOUT (FORMAT binary)") as read,
        into.cursor().copy(f"COPY {place} FROM STDIN (FORMAT binary)") as write,
    ):
        for block in read:
            write.write(block)


def _take_home(first: Connection, number: int) -> None:
    """Put tables of the first server in the place of foreign ones."""
    for table in OF_A_CAFE:
        first.exec_driver_sql(f"DROP FOREIGN TABLE {schema(number)}.{table.name}")
        _make_here(first, table, number)


def _send_away(first: Connection, number: int, to: str) -> None:
    for table in OF_A_CAFE:
        first.exec_driver_sql(f"DROP TABLE {schema(number)}.{table.name}")
        _make_foreign(first, table, number, to)


def _empty(database: Database, number: int, server: str) -> None:
    with database.reading() as first:
        url = servers.url_of(first, server)
    other = Database(servers.engine_to(url))
    try:
        with other.writing() as conn:
            tables = ", ".join(f"{schema(number)}.{table.name}" for table in OF_A_CAFE)
            conn.exec_driver_sql(f"TRUNCATE {tables}")
    finally:
        other.close()


__all__ = ["BadName", "Moved", "NoSuchServer", "NotParted", "NotTheSame", "add", "is_parted", "move", "part"]
