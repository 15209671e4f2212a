"""Check what HQ holds: every segment against chain, signature and cursor; every figure against the segments."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection, Table, func, select

from hq import servers
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
    found: list[Checked] = []
    try:
        with office.db.writing() as conn:
            found += [_check_here(office, conn) for _part in servers.each_here(conn)]
            raise _Undo
    except _Undo:
        return Checked(
            sum(one.journals for one in found), sum(one.segments for one in found), sum(one.entries for one in found),
            [fault for one in found for fault in one.faults],
        )  # fmt: skip


def _check_here(office: Office, conn: Connection) -> Checked:
    """Check the tables as the connection sees them: all there are, or those of a part that lies on this server."""
    entries, faults = 0, ingest.verify(conn)
    journals = conn.execute(select(func.count()).select_from(books.journal)).scalar_one()
    segments = conn.execute(select(func.count()).select_from(books.segment)).scalar_one()
    if not faults:
        before = digests(conn)
        entries = office.projections.rebuild(conn)
        after = digests(conn)
        faults += [f"table {name} is not what the journals say" for name in before if before[name] != after[name]]
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
