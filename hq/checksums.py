"""One checksum per café and month of everything told: the same on every database, however it came to be told.

Two HQs, a database and its backup, before and after a rebuild: where these agree, so do all figures.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import ColumnElement, Connection, select

from hq import db
from hq.rollups import ROLLUPS
from sync import books

# What is told of a box; the rest of its row is what it said of itself at its last call.
_HEALTH = (
    "boots",
    "unclean_boots",
    "troubles",
    "last_jn",
    "last_seq",
    "last_entry_at",
    "last_trouble",
    "last_trouble_at",
)
# Rows about no month in particular: things that wait, names, unknown kinds, what was set apart, the box.
NO_MONTH = ""


def of_cafe(conn: Connection, cafe: int) -> dict[str, str]:
    """Return the checksum of each month of a café, in order; first of all that of what has no month."""
    rows: defaultdict[str, list[str]] = defaultdict(list)
    for table in ROLLUPS:
        dated = next((name for name in ("day", "month") if name in table.c), "")
        for row in conn.execute(select(table).where(table.c.cafe_id == cafe)):
            rows[getattr(row, dated)[:7] if dated else NO_MONTH].append(f"{table.name} {tuple(row)!r}")
    health, months = db.cafe_health.c, db.cafe_month
    told: list[ColumnElement[object]] = [health[name] for name in _HEALTH]
    for row in conn.execute(select(*told).where(health.cafe_id == cafe)):
        rows[NO_MONTH].append(f"box {tuple(row)!r}")
    told = [months.c[name] for name in ("days", "used", "told", "since")]
    for row in conn.execute(select(months.c.month, *told).where(months.c.cafe_id == cafe)):
        # How often a month was touched is no figure, nor is one of which nothing is told any more.
        if any(row[1:]):
            rows[row.month].append(f"month {tuple(row)!r}")
    return {month: _digest(rows[month]) for month in sorted(rows)}


def shape() -> str:
    """Return what this release makes checksums of: those of a release with other tables cannot be compared."""
    tables = [(table.name, *table.c.keys()) for table in (*ROLLUPS, db.cafe_health, db.cafe_month)]
    return hashlib.sha256(repr(tables).encode()).hexdigest()[:16]


def _digest(rows: list[str]) -> str:
    # Sorted here: databases do not agree on the order of words.
    return hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()


def of_all(conn: Connection, cafe: int | None = None) -> Iterator[tuple[int, str, str]]:
    """Yield café, month and checksum, of every café HQ has a journal of or of one."""
    cafes = select(books.journal.c.cafe_id).distinct().order_by(books.journal.c.cafe_id)
    for number in [cafe] if cafe is not None else list(conn.execute(cafes).scalars()):
        for month, digest in of_cafe(conn, number).items():
            yield number, month, digest


def line(cafe: int, month: str, digest: str) -> str:
    """Return one line, to be compared with `diff`."""
    return f"{cafe} {month or '-'} {digest}"


def total(lines: list[str]) -> str:
    """Return one checksum of all lines."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
