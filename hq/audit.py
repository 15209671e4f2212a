"""Check what HQ holds: every segment against chain, signature and cursor; every figure against the segments."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection, Table, func, select

from hq.rollups import ROLLUPS
from hq.wiring import Office
from sync import books, ingest


@dataclass(frozen=True, slots=True)
class Checked:
    """What was checked, and one line for each thing that is wrong."""

    journals: int
    segments: int
    entries: int
    faults: list[str]


class _Undo(Exception):
    """Leave the figures as they were: they were told again only to be compared."""


def check(office: Office) -> Checked:
    """Check segments, then tell all figures again inside a transaction that is undone."""
    entries = 0
    faults: list[str] = []
    try:
        with office.db.writing() as conn:
            journals = conn.execute(select(func.count()).select_from(books.journal)).scalar_one()
            segments = conn.execute(select(func.count()).select_from(books.segment)).scalar_one()
            faults += ingest.verify(conn)
            if not faults:
                before = digests(conn)
                entries = office.projections.rebuild(conn)
                after = digests(conn)
                faults += [
                    f"table {name} is not what the journals say" for name in before if before[name] != after[name]
                ]
            raise _Undo
    except _Undo:
        return Checked(journals, segments, entries, faults)


def digests(conn: Connection) -> dict[str, str]:
    """Return a hash of each told table."""
    return {table.name: digest(conn, table) for table in ROLLUPS}


def digest(conn: Connection, table: Table) -> str:
    """Return a hash of a table's rows, the same on every database."""
    h = hashlib.sha256()
    # Sorted here: databases do not agree on the order of words.
    for row in sorted(repr(tuple(row)) for row in conn.execute(select(table))):
        h.update(row.encode())
    return h.hexdigest()
