"""Check what HQ holds: every segment against chain, signature and cursor; every figure against the segments."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection, Table, func, select

from hq import servers
from hq.retelling import HOLD
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
    """Check segments, then tell all figures again, café by café: each is a short transaction that is undone.

    A café's cursors are held meanwhile: its own box waits a moment, every other one is served.
    """
    with office.db.reading() as conn:
        cafes = sorted(_cafes(conn))
    found = [_check_cafe(office, cafe) for cafe in cafes]
    return Checked(
        sum(one.journals for one in found), sum(one.segments for one in found), sum(one.entries for one in found),
        [fault for one in found for fault in one.faults],
    )  # fmt: skip


def _cafes(conn: Connection) -> set[int]:
    """Return every café of which something is held or told."""
    tables = (books.journal, books.segment, books.cursor, *ROLLUPS)
    return {cafe for table in tables for cafe in conn.execute(select(table.c.cafe_id).distinct()).scalars()}


def _check_cafe(office: Office, cafe: int) -> Checked:
    found: list[Checked] = []
    with (
        suppress(_Undo), office.db.writing() as conn, servers.of_cafe(office.db, conn, cafe) as own,
    ):  # fmt: skip
        own.execute(HOLD, {"cafe": cafe}).all()
        found.append(_checked(office, own, cafe))
        raise _Undo
    return found[0]


def _checked(office: Office, conn: Connection, cafe: int) -> Checked:
    entries, faults = 0, ingest.verify(conn, cafe)
    journals, segments = (
        conn.execute(select(func.count()).select_from(table).where(table.c.cafe_id == cafe)).scalar_one()
        for table in (books.journal, books.segment)
    )
    if not faults:
        before = digests(conn, cafe)
        entries = office.projections.rebuild(conn, cafe)
        after = digests(conn, cafe)
        faults += [
            f"café {cafe}: table {name} is not what its journals say" for name in before if before[name] != after[name]
        ]
    return Checked(journals, segments, entries, faults)


def digests(conn: Connection, cafe: int | None = None) -> dict[str, str]:
    """Return a hash of each told table, of one café or of all."""
    return {table.name: digest(conn, table, cafe) for table in ROLLUPS}


def digest(conn: Connection, table: Table, cafe: int | None = None) -> str:
    """Return a hash of a table's rows, the same on every database."""
    h = hashlib.sha256()
    query = select(table) if cafe is None else select(table).where(table.c.cafe_id == cafe)
    # Sorted here: databases do not agree on the order of words.
    for row in sorted(repr(tuple(row)) for row in conn.execute(query)):
        h.update(row.encode())
    return h.hexdigest()
