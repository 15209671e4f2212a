"""All figures told again from the stored journals, café by café, by one process or several.

A café is one transaction with its cursors locked: its own box waits, every other café is served meanwhile, and
readers see its old figures until the new ones are there. Nothing is counted across cafés, so that the order and
the number of processes change nothing (`hq.checksums` proves it).
"""

import gc
import logging
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from sqlalchemy import Connection, bindparam, delete, func, select
from sqlalchemy.exc import DBAPIError

from hq import db as tables
from hq import partitions, servers
from hq.db import Database, open_database
from hq.projections import Projections
from hq.rollups import NO_MONTHS, ROLLUPS
from hq.wiring import Office
from pos.house import FEATURES
from sync import books

# A café that was just replaced may meet its first batch: told once more, it is right.
_TRIES = 3
_j, _c = books.journal.c, books.cursor.c
# The longest first: at the end no process waits for one that has just begun a big one.
_CAFES = (
    select(_j.cafe_id)
    .join_from(books.journal, books.cursor, (_j.cafe_id == _c.cafe_id) & (_j.jn == _c.jn))
    .group_by(_j.cafe_id)
    .order_by(func.sum(_c.seq).desc(), _j.cafe_id)
)
HOLD = select(_c.jn).where(_c.cafe_id == bindparam("cafe")).order_by(_c.jn).with_for_update()

# What a worker holds, opened once: its database and its tellers.
_worker: list[tuple[Database, Projections]] = []


def settle() -> None:
    """Take what is loaded for good: Python need not look through it for rings again and again.

    Reading a batch makes thousands of objects and not one ring; looking for some was a fifth of what it costs. Going
    through all that pages keep of a thousand cafés takes a tenth of a second, in the middle of somebody's page: seldom.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


def rebuild(office: Office, *, jobs: int = 1) -> int:
    """Tell every café again; return how many entries. On SQLite, where one writes at a time, always alone."""
    with office.db.writing() as conn:
        partitions.spread(conn)
        cafes = list(conn.execute(_CAFES).scalars())
        for _part in servers.each_here(conn):
            for table in ROLLUPS:
                conn.execute(delete(table).where(table.c.cafe_id.not_in(select(_j.cafe_id))))
            conn.execute(NO_MONTHS.where(tables.cafe_month.c.cafe_id.not_in(select(_j.cafe_id))))
    jobs = 1 if office.db.is_sqlite else min(jobs, len(cafes))
    if jobs <= 1:
        return sum(rebuild_cafe(office.db, office.projections, cafe) for cafe in cafes)
    url = office.db.engine.url.render_as_string(hide_password=False)
    # Spawned: a connection must not be shared with a process that was forked.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=open_worker, initargs=(url,)) as pool:
        return sum(pool.map(_tell, cafes))


def rebuild_cafe(db: Database, projections: Projections, cafe: int) -> int:
    """Tell one café again, in one transaction; return how many entries."""
    for left in reversed(range(_TRIES)):
        try:
            with db.writing() as conn, servers.of_cafe(db, conn, cafe) as own:
                own.execute(HOLD, {"cafe": cafe}).all()
                return projections.rebuild(own, cafe)
        except DBAPIError:
            if not left:
                raise
            logging.getLogger(__name__).warning("café %s is told once more", cafe, exc_info=True)
    return 0


def open_worker(url: str) -> None:
    """Open what a process of a rebuild works with."""
    settle()
    _worker.append((open_database(url), Projections(FEATURES)))


def _tell(cafe: int) -> int:
    return rebuild_cafe(*_worker[0], cafe)


# What was set apart


@dataclass(frozen=True, slots=True)
class Retried:
    """Cafés told again, and the entries set apart before and after."""

    cafes: int
    before: int
    after: int


def retry(office: Office, *, only: int | None = None) -> Retried:
    """Tell again the cafés of which something was set apart, or not known yet; HQ may have learnt since."""
    with office.db.reading() as conn:
        before = waiting(conn, only)
        cafes = _cafes(conn, office, only)
    for cafe in cafes:
        rebuild_cafe(office.db, office.projections, cafe)
    with office.db.reading() as conn:
        return Retried(len(cafes), before, waiting(conn, only))


def waiting(conn: Connection, only: int | None = None) -> int:
    """Return how many entries are kept and not told: set apart, or of a kind nobody here knows."""
    apart = select(func.count()).select_from(books.quarantine)
    opaque = select(func.coalesce(func.sum(tables.opaque_kind.c.entries), 0))
    if only is not None:
        apart = apart.where(books.quarantine.c.cafe_id == only)
        opaque = opaque.where(tables.opaque_kind.c.cafe_id == only)
    return int(conn.execute(apart).scalar_one()) + int(conn.execute(opaque).scalar_one())


def _cafes(conn: Connection, office: Office, only: int | None) -> list[int]:
    """Return the cafés worth telling again: with entries set apart, or of a kind HQ has learnt since."""
    found = set(conn.execute(select(books.quarantine.c.cafe_id).distinct()).scalars())
    kinds = conn.execute(select(tables.opaque_kind.c.cafe_id, tables.opaque_kind.c.kind, tables.opaque_kind.c.kv))
    found.update(cafe for cafe, kind, kv in kinds if (kind, kv) in office.projections.types.types)
    return sorted(cafe for cafe in found if only in (None, cafe))
