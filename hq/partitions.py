"""The big tables spread by café on PostgreSQL: sixteen parts each, cut by a hash of `cafe_id` (sync.md §5).

A café's rows lie in one part of each table, the part of the same number: a part can be moved to another
server with all of its cafés. SQLite keeps one table. A database made before the parts were is spread by
`zinc-hq rebuild`.
"""

from typing import Any

from sqlalchemy import Connection, Table, event, inspect, text

from sync.books import metadata

PARTS = 16
# One name for the whole office: two workers that start at once do not make the same table twice.
_MAKING = 0x7A696E63
_KIND = text("SELECT relkind FROM pg_class WHERE oid = to_regclass(:name)")


def spread_tables() -> tuple[Table, ...]:
    """Return the tables that are spread by café."""
    return tuple(t for t in metadata.sorted_tables if t.dialect_options["postgresql"]["partition_by"])


def make_alone(conn: Connection) -> None:
    """Wait for whoever makes or changes tables at this moment; the place is left at the end of the transaction."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:name)"), {"name": _MAKING})


@event.listens_for(Table, "after_create")
def _make_parts(table: Table, conn: Connection, **_kw: Any) -> None:
    """Make the parts with their table, whoever makes it."""
    if conn.dialect.name != "postgresql" or not table.dialect_options["postgresql"]["partition_by"]:
        return
    conn.exec_driver_sql(";".join(
        f"CREATE TABLE {table.name}_{part:02d} PARTITION OF {table.name}"
        f" FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {part})"
        for part in range(PARTS)
    ))  # fmt: skip


def spread(conn: Connection) -> list[str]:
    """Spread the tables of a database that has them whole, rows and all; return their names."""
    done: list[str] = []
    if conn.dialect.name != "postgresql":
        return done
    make_alone(conn)
    for table in spread_tables():
        if conn.execute(_KIND, {"name": table.name}).scalar() not in ("r", b"r"):
            continue
        old = f"{table.name}_whole"
        for index in inspect(conn).get_indexes(table.name):
            conn.exec_driver_sql(f"DROP INDEX {index['name']}")
        conn.exec_driver_sql(f"ALTER TABLE {table.name} RENAME TO {old}")
        table.create(conn)
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        conn.exec_driver_sql(f"INSERT INTO {table.name} ({names}) SELECT {names} FROM {old}")
        conn.exec_driver_sql(f"DROP TABLE {old}")
        done.append(table.name)
    return done
