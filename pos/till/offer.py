"""Which services this café offers: those it chose, less the counted ones that HQ switched off, and those it added."""

import sqlite3
from collections.abc import Iterable, Sequence

from pos.feature import Feature
from pos.store import Store, Writing
from pos.till import tables
from pos.till.events import ServicesSwitched


def switched(conn: sqlite3.Connection) -> frozenset[str] | None:
    """Return the counted services HQ has switched on, or None while it never said."""
    row = conn.execute("SELECT codes FROM till_switch").fetchone()
    return frozenset(row[0].split()) if row else None


def _added(conn: sqlite3.Connection) -> frozenset[str]:
    row = conn.execute("SELECT added FROM till_switch").fetchone()
    return frozenset(row[0].split()) if row else frozenset()


def switch_services(store: Store, codes: Sequence[str], *, by: str, attempt: str = "") -> bool:
    """Record what HQ switched on; return whether anything changed."""
    with store.writing(by=by, attempt=attempt) as tx:
        tx.trust_clock()
        return switch(tx, codes)


def switch(tx: Writing, codes: Sequence[str]) -> bool:
    """Record what HQ switched on within another act; return whether anything changed."""
    if switched(tx.conn) == frozenset(codes):
        return False
    tx.record(ServicesSwitched(codes=sorted(set(codes))))
    return True


def offered(conn: sqlite3.Connection, features: Iterable[Feature], day: str) -> list[Feature]:
    """Return the services with a tile, in the café's own order; all of them while nobody chose.

    HQ's switch holds for counted services; the others (accounts, members…) are the café's own affair. A service
    that HQ switches on after the café chose comes last, until the café chooses again.
    """
    on, added = switched(conn), _added(conn)
    found = [f for f in features if f.home and (on is None or not f.services or any(c.code in on for c in f.services))]
    cafe = tables.cafe(conn, day)
    chosen = cafe.services if cafe else []
    if not chosen:
        return found
    last = [f for f in found if f.slug not in chosen and any(c.code in added for c in f.services)]
    return [*sorted((f for f in found if f.slug in chosen), key=lambda f: chosen.index(f.slug)), *last]
