"""The few statements of every batch, said to PostgreSQL's driver itself: SQLAlchemy's own care costs more than they do.

Statements whose answers nobody looks at go one after the other without waiting for each.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import Connection


@cache
def _as_text(statement: Any, dialect: Any) -> str:
    return str(statement.compile(dialect=dialect))


def driver_of(conn: Connection) -> Any:
    """Return the driver's connection: within `at_once` nothing is known yet of the row counts SQLAlchemy asks for."""
    return conn.connection.driver_connection


def send(conn: Connection, statement: Any, values: Mapping[str, Any]) -> None:
    """Execute a statement whose answer nobody looks at; no value is given but those named."""
    if conn.dialect.name == "sqlite":
        conn.execute(statement, values)
    else:
        driver_of(conn).execute(_as_text(statement, conn.dialect), values)


def rows(conn: Connection, statement: Any, values: Mapping[str, Any]) -> Sequence[Any]:
    """Return the rows of a query."""
    if conn.dialect.name == "sqlite":
        return conn.execute(statement, values).all()
    from psycopg.rows import namedtuple_row

    with driver_of(conn).cursor(row_factory=namedtuple_row) as cursor:
        found: list[Any] = cursor.execute(_as_text(statement, conn.dialect), values).fetchall()
    return found


@contextmanager
def at_once(conn: Connection) -> Iterator[None]:
    """Wait for the answers to all that is sent in the block at its end; what went wrong is raised there."""
    if conn.dialect.name == "sqlite":
        yield
    else:
        with driver_of(conn).pipeline():
            yield


@contextmanager
def all_or_nothing(conn: Connection) -> Iterator[None]:
    """The same; what went wrong leaves no trace in the transaction, which goes on."""
    if conn.dialect.name == "sqlite":
        with conn.begin_nested():
            yield
        return
    driver = driver_of(conn)
    try:
        with driver.pipeline():
            driver.execute("SAVEPOINT block")
            yield
            driver.execute("RELEASE SAVEPOINT block")
    except Exception:
        driver.execute("ROLLBACK TO SAVEPOINT block")
        raise
