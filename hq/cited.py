"""Figures as published: what was said outside, from which entries, so that it can be found again in ten years (§2.15).

`as_of` is the SHA-256 of where every journal stood. Beside it are kept the register's rows that counted (cafés,
closures, distances): to check a figure, the entries up to there are told again in a database of their own and the
whole report is made anew.
"""

import gzip
import hashlib
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from hq import impact, reports
from hq import tables as register_tables
from hq.access import OFFICE
from hq.acts import note_act
from hq.db import Database, open_database
from hq.reports import Period
from hq.tables import published
from hq.wiring import Office
from pos.clock import business_day
from pos.errors import Refusal
from pos.i18n import N_
from pos.ids import new_id
from pos.release import VERSION
from sync import books, ingest
from sync.ingest import Fresh

IMPACT = "impact"
# Nobody's telephone and no note is needed to count.
_BASIS = (
    (register_tables.cafe, {"phone", "consent_source"}), (register_tables.planned_closure, {"reason", "by"}),
    (register_tables.distance, {"note", "confirmed_by"}),
)  # fmt: skip
_j, _c = books.journal.c, books.cursor.c
_PLACES = (
    select(_j.cafe_id, _j.jid, _j.jn, _c.seq, _c.head)
    .join_from(books.journal, books.cursor, (_j.cafe_id == _c.cafe_id) & (_j.jn == _c.jn))
    .where(_c.seq >= 0)
    .order_by(_j.cafe_id, _j.jid)
)


class NotPublished(Refusal):
    """No figure of that number."""

    sentence = N_("No published figure has the number %(id)s.")
    remedy = N_("zinc-hq published lists them.")


@dataclass(frozen=True, slots=True)
class Found:
    """A published figure made again: what was said, what comes out, and what is wrong on the way."""

    said: dict[str, Any]
    found: dict[str, Any]
    faults: list[str]

    @property
    def same(self) -> bool:
        """Whether the figure is found again, and everything it stands on."""
        return not self.faults and self.said == self.found


def publish(office: Office, period: Period, *, by: str) -> str:
    """Keep the impact of a period as it is said today; return its number."""
    now = office.clock.now_ms()
    today = business_day(now)
    # The figure and what it stands on are of one view: batches come in meanwhile.
    with office.db.reading() as conn:
        report = reports.impact_report(conn, period, OFFICE, today=today)
        places, basis = places_of(conn), _basis(conn)
    told = json.dumps(report.as_json(), ensure_ascii=False, sort_keys=True)
    made = new_id(now)
    with office.db.writing() as conn:
        conn.execute(insert(published).values(
            id=made, figure=IMPACT, first_day=period.first, last_day=period.last, today=today, told=told,
            as_of=_sha256(places), places=gzip.compress(places, mtime=0), basis=gzip.compress(basis, mtime=0),
            method=f"{impact.METHOD} {impact.METHOD_VERSION}", version=VERSION, by=by, at=now,
        ))  # fmt: skip
        note_act(conn, now, by, "figure.published", first=period.first, last=period.last, as_of=_sha256(places))
    return made


def places_of(conn: Connection) -> bytes:
    """Return the canonical list of where every journal stands: café, journal, number, hash."""
    return _canonical([[row.cafe_id, row.jid, row.seq, bytes(row.head).hex()] for row in conn.execute(_PLACES)])


def all_published(conn: Connection) -> Sequence[Row[Any]]:
    """Return what was published, the newest first, without what it stands on."""
    columns = [column for column in published.c if column.name not in ("places", "basis")]
    return conn.execute(select(*columns).order_by(published.c.id.desc())).all()


def find_again(office: Office, number: str) -> Found:
    """Tell the entries of a published figure again and make its report anew; raise NotPublished."""
    with office.db.reading() as conn, tempfile.TemporaryDirectory(prefix="zinc-published-") as folder:
        row = conn.execute(select(published).where(published.c.id == number)).one_or_none()
        if row is None:
            raise NotPublished(id=number)
        raw = gzip.decompress(row.places)
        faults = [] if _sha256(raw) == row.as_of else ["as_of"]
        beside = open_database(f"sqlite:///{Path(folder) / 'again.db'}")
        try:
            beside.create()
            faults += _tell(office, conn, beside, json.loads(raw), json.loads(gzip.decompress(row.basis)))
            with beside.reading() as there:
                report = reports.impact_report(there, Period(row.first_day, row.last_day), OFFICE, today=row.today)
        finally:
            beside.close()
    return Found(json.loads(row.told), json.loads(json.dumps(report.as_json())), faults)


def _tell(office: Office, conn: Connection, beside: Database, places: list[Any], basis: dict[str, Any]) -> list[str]:
    faults: list[str] = []
    until: dict[tuple[int, int], int] = {}
    journals = {(row.cafe_id, row.jid): row for row in conn.execute(select(books.journal))}
    for cafe, jid, seq, head in places:
        told = journals.get((cafe, jid))
        if told is None or ingest.hash_at(conn, told, seq).hex() != head:
            faults.append(f"{cafe} {jid} {seq}")
        else:
            until[cafe, told.jn] = seq
    with beside.writing() as there:
        for table, _left_out in _BASIS:
            if basis[table.name]:
                there.execute(insert(table), basis[table.name])
        for number in sorted({cafe for cafe, _jn in until}):
            for fresh in ingest.stored(conn, number):
                last = until.get((number, fresh.jn), -1)
                kept = [entry for entry in fresh.entries if entry.seq <= last]
                if kept:
                    office.projections.tell(there, Fresh(number, fresh.jn, fresh.received_at, kept))
    return faults


def _basis(conn: Connection) -> bytes:
    kept = {}
    for table, left_out in _BASIS:
        columns = [column for column in table.columns if column.name not in left_out]
        rows = conn.execute(select(*columns).order_by(*table.primary_key.columns)).mappings()
        kept[table.name] = [dict(row) for row in rows]
    return _canonical(kept)


def _canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
