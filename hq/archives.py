"""A café's archive made at HQ, from the batches as they came: the same files, signed by HQ (R53, R59, R61).

HQ has no seal of single entries; it has the heads that the box signed with each batch. They stand in
their place: an archive of HQ ends with the batch that holds the period's last closing.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy.engine import RowMapping

from hq import eyes
from hq.access import User
from hq.acts import note_act
from hq.db import closure
from hq.register import find_cafe, shares_money
from hq.wiring import Office
from pos import seal
from pos.archive import bundle, period
from pos.archive.bundle import FORMATS, Content, Slice
from pos.archive.make import ArchiveFaulty, check, name_of
from pos.archive.period import Period, PeriodNotOver, Span
from pos.archive.tables import Closing
from pos.clock import business_day
from pos.errors import Refusal
from pos.i18n import N_
from pos.journal import Stored, read_envelope
from pos.till.events import DayClosed, DayOpened
from sync import books, imports, ingest, wire

# After the last Z, the closing of its month comes with the next opening: no farther than this is looked.
_LOOK_AHEAD = 2_000
_PERIODS = {"till.month_closed": "month", "till.year_closed": "year"}


class MoneyNotShared(Refusal):
    """The café's tickets are not HQ's to hand over."""

    sentence = N_("This café does not share its money side with the network.")
    remedy = N_("It makes its archives itself, at its till: Menu, Closings, Archives.")


def months(conn: Connection, cafe_id: int) -> list[str]:
    """Return the months in which HQ received a closing, newest first."""
    days = conn.execute(select(closure.c.day).where(closure.c.cafe_id == cafe_id)).scalars()
    return sorted({day[:7] for day in days}, reverse=True)


def make(office: Office, user: User, cafe_id: int, asked: str) -> tuple[str, bytes]:
    """Return the name and bytes of a café's archive, and note the act.

    Raises NoSuchCafe, MoneyNotShared, BadPeriod, PeriodNotOver, NothingClosed.
    """
    now = office.clock.now_ms()
    # Reading only: boxes go on reporting while a year is written.
    with tempfile.TemporaryDirectory(prefix="zinc-archive-") as name:
        with office.db.reading() as conn:
            row = find_cafe(conn, cafe_id, user)
            days = period.parse(asked)
            if not shares_money(row):
                raise MoneyNotShared
            if days.last >= business_day(now):
                raise PeriodNotOver(day=days.last)
            folder, path = Path(name) / "files", Path(name) / name_of(cafe_id, days, "zip")
            folder.mkdir()
            manifest = bundle.lay_out(content_of(conn, office, row, days), folder, office.keyring)
        FORMATS["zip"].write(folder, manifest, path)
        fault = check(path)
        if fault:
            raise ArchiveFaulty(fault=fault)
        with office.db.writing() as conn:
            eyes.must_be_agreed(conn, eyes.ARCHIVE, days.text, by=user.username, now_ms=now, cafe_id=cafe_id)
            note_act(conn, now, user.username, "archive.made", cafe_id, period=days.text, manifest=manifest.sha256)
        return path.name, path.read_bytes()


def content_of(conn: Connection, office: Office, row: RowMapping, asked: Period) -> Content:
    """Return what the archive of a café's period is made of."""
    told = {one.jid: one for one in _journals(conn, row["id"])}
    ends = [(jid, ingest.cursor_of(conn, one)[0]) for jid, one in told.items()]
    spans = period.spans(_closings(conn, row["id"], told, asked), ends, asked, months=False)
    heads: list[tuple[bytes, bytes]] = []
    slices = []
    for span in spans:
        one = told[span.jid]
        last = max(span.last, *(seq for seq, _head, _sig in _heads(conn, one, span.last, span.last)))
        heads += [(head, sig) for seq, head, sig in _heads(conn, one, span.first, last) if seq <= last]
        slices.append(_slice(conn, office, one, span, last))
    return Content(
        cafe=row["id"], name=f"{row['name']}, {row['delegated'] or row['commune']}", period=asked, signer=bundle.HQ,
        slices=slices, heads=heads, steps=office.steps,
    )  # fmt: skip


def _journals(conn: Connection, cafe_id: int) -> list[Any]:
    j = books.journal.c
    return list(conn.execute(select(books.journal).where(j.cafe_id == cafe_id).order_by(j.jn)))


def _closings(conn: Connection, cafe_id: int, told: dict[str, Any], asked: Period) -> list[Closing]:
    """Return the closings, each where it is; months and years only where the period begins and ends."""
    c, jids = closure.c, {one.jn: one.jid for one in told.values()}
    rows = conn.execute(select(c.jn, c.seq, c.day).where(c.cafe_id == cafe_id).order_by(c.jn, c.seq)).all()
    days = [Closing(jids[row.jn], row.seq, row.day[:10]) for row in rows]
    before = [one for one in days if one.last_day < asked.first]
    carried = next((one for one in reversed(before) if _last_no(conn, told[one.jid], one.seq)), None)
    found = [Closing(one.jid, one.seq, one.last_day, int(one == carried)) for one in days]
    for limit in (asked.first, asked.last + "~"):
        last = next((one for one in reversed(days) if one.last_day < limit), None)
        if last is not None:
            found += _periods_after(conn, told[last.jid], last.seq)
    return sorted(found, key=lambda one: (told[one.jid].jn, one.seq))


def _last_no(conn: Connection, told: Any, seq: int) -> int:
    body = ingest.entry_body(conn, told.cafe_id, told.jn, seq)
    # An archive cannot begin with a Z that came as an import: it begins with the one before.
    entry = read_envelope(body) if body else None
    return int(msgspec.json.decode(entry.data)["last_no"]) if entry and entry.kind == DayClosed.kind else 0


def _periods_after(conn: Connection, told: Any, seq: int) -> Iterator[Closing]:
    """Yield the closings of months and years between a Z and the next opening."""
    for stored in _entries(conn, told, seq + 1, seq + _LOOK_AHEAD):
        entry = imports.said(stored.body)
        if entry.kind == DayOpened.kind:
            return
        if entry.kind in _PERIODS:
            yield Closing(told.jid, stored.seq, msgspec.json.decode(entry.data)["last_day"], 0, _PERIODS[entry.kind])


def _heads(conn: Connection, told: Any, first: int, last: int) -> list[tuple[int, bytes, bytes]]:
    """Return the signed heads from the batch that holds `first` to the one that holds `last`."""
    s = books.segment.c
    query = select(s.last, s.head_bytes, s.sig).where(s.cafe_id == told.cafe_id, s.jn == told.jn, s.last >= first)
    found = []
    for seq, head, sig in conn.execute(query.order_by(s.last)):
        found.append((int(seq), bytes(head), bytes(sig)))
        if seq >= last:
            break
    return found


def _entries(conn: Connection, told: Any, first: int, last: int) -> Iterator[Stored]:
    """Yield entries as they came, each with its hash folded anew."""
    s = books.segment.c
    here = (s.cafe_id == told.cafe_id, s.jn == told.jn)
    for end in conn.execute(select(s.last).where(*here, s.last >= first).order_by(s.last)).scalars().all():
        row = conn.execute(select(books.segment).where(*here, s.last == end)).one()
        bodies = ingest.bodies_of(row)
        for seq, (body, digest) in enumerate(zip(bodies, ingest.hashes_of(row, bodies), strict=True), row.first):
            if seq > last:
                return
            if seq >= max(first, row.fresh):
                yield Stored(seq, digest, body, None)


def _granting_key(office: Office, told: Any) -> bytes:
    """Return the key of HQ that signed a journal's grant: the one in force, or one before it."""
    kid = wire.parse(bytes(told.grant_bytes), wire.Grant).hq
    return next((key for key in office.former if seal.kid_of(key) == kid), office.keyring.public)


def _slice(conn: Connection, office: Office, told: Any, span: Span, last: int) -> Slice:
    return Slice(
        jid=told.jid, first=span.first, last=last, prev=ingest.hash_at(conn, told, span.first - 1),
        grant=bytes(told.grant_bytes), grant_sig=bytes(told.grant_sig), hq_key=_granting_key(office, told),
        box_key=bytes(told.box_key), entries=lambda: _entries(conn, told, span.first, last), begin=span.begin,
        until=span.last,
    )  # fmt: skip
