"""HQ's own log: every head it has acknowledged, numbered and signed once a night, shown to each box (§2.17).

Nothing is added to the cafés' calls: what is not in the log yet is read from the segments, journal by journal,
when a checkpoint is made. One at a time numbers leaves; they are never changed, and checkpoints are kept for ever.
"""

import logging
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from hq.db import Upsert
from hq.wiring import Office
from pos import seal
from pos.clock import business_day
from sync import books, checkpoint, merkle
from sync.checkpoint import Checkpoint, Published
from sync.merkle import Tiles

# Nights end at six: the last café's slot is at half past five.
NIGHT_ENDS = 6
ROWS_AT_ONCE = 5_000

_l, _t, _k, _s = books.log_leaf.c, books.log_tile.c, books.log_checkpoint.c, books.segment.c
_SIZE = select(func.coalesce(func.max(_l.place) + 1, 0))
_LOGGED = func.coalesce(
    select(func.max(_l.seq))
    .where(_l.cafe_id == books.journal.c.cafe_id, _l.jid == books.journal.c.jid)
    .correlate(books.journal)
    .scalar_subquery(),
    -1,
)
# The cursor tells which journals have news: the segments of the others are not read.
_NEWS = (
    select(books.journal.c.cafe_id, books.journal.c.jn, books.journal.c.jid, _LOGGED.label("upto"))
    .join_from(
        books.journal, books.cursor,
        (books.cursor.c.cafe_id == books.journal.c.cafe_id) & (books.cursor.c.jn == books.journal.c.jn),
    )
    .where(books.cursor.c.seq > _LOGGED)
    .order_by(books.journal.c.cafe_id, books.journal.c.jn)
)  # fmt: skip
# One journal at a time: a database that joins reads every segment there ever was.
_FRESH = (
    select(_s.last, _s.head)
    .where(_s.cafe_id == bindparam("cafe"), _s.jn == bindparam("jn"), _s.last > bindparam("upto"))
    .order_by(_s.last)
)
_TILE = select(_t.hashes).where(_t.level == bindparam("level"), _t.place == bindparam("place"))
_LAST = select(books.log_checkpoint).order_by(_k.size.desc()).limit(1)
_AT = select(_k.root).where(_k.size == bindparam("size"))
_LEAF_OF = (
    select(_l.place, _l.seq)
    .where(_l.cafe_id == bindparam("cafe"), _l.jid == bindparam("jid"), _l.place < bindparam("size"))
    .order_by(_l.seq.desc())
    .limit(1)
)
_KEEP_TILES = Upsert(books.log_tile, replace=("hashes",))
_DOUBT = Upsert(books.log_doubt)
# Held until the transaction ends; readers do not mind.
_ALONE = text("LOCK TABLE log_leaf IN EXCLUSIVE MODE")
_AM_I = text("SELECT pg_try_advisory_xact_lock(hashtext('zinc/log'))")


class OriginChanged(ValueError):
    """The log has another name in the settings than in its checkpoints."""


def origin_of(office: Office) -> str:
    """Return the name of this office's log: fixed by its first key, whichever signs now."""
    first = next(iter(office.former), office.keyring.public)
    return office.config.log_origin or f"zinc-hq/{seal.kid_of(first)}"


def read_note(office: Office, note: str) -> Checkpoint | None:
    """Return what a note says, when this HQ signed it under any of its keys."""
    keys = (office.keyring.public, *office.former)
    return next((told for key in keys if (told := checkpoint.read(note, key)) is not None), None)


def publish(office: Office, conn: Connection) -> Checkpoint | None:
    """Number what was acknowledged since the last checkpoint and sign a new one; None when there is nothing new."""
    if conn.dialect.name == "postgresql":
        conn.execute(_ALONE)
    size, last = int(conn.execute(_SIZE).scalar_one()), newest(conn)
    known = read_note(office, last.note) if last else None
    if known and known.origin != origin_of(office):
        raise OriginChanged(known.origin)
    leaves = list(fresh(conn))
    if not leaves and (last is None or last.size == size):
        return None
    add_leaves(conn, size, leaves)
    size += len(leaves)
    told = Checkpoint(origin_of(office), size, root_at(conn, size))
    keep(conn, told, checkpoint.sign(office.keyring, told), office.clock.now_ms())
    return told


def fresh(conn: Connection) -> Iterator[tuple[int, str, int, bytes]]:
    """Yield (café, journal, entry, hash) of each head acknowledged and not in the log yet, by café and journal, in order."""
    for told in conn.execute(_NEWS).all():
        for row in conn.execute(_FRESH, {"cafe": told.cafe_id, "jn": told.jn, "upto": told.upto}):
            yield told.cafe_id, told.jid, row.last, bytes(row.head)


def publish_tonight(office: Office) -> None:
    """Make the night's checkpoint at the first call of the morning; another worker at it, or a fault of it, stops nothing."""
    try:
        with office.db.reading() as conn:
            last = newest(conn)
            if last is not None and _night(last.made_at) == _night(office.clock.now_ms()):
                return
        with office.db.writing() as conn:
            if conn.dialect.name == "postgresql" and not conn.execute(_AM_I).scalar_one():
                return
            publish(office, conn)
    except (SQLAlchemyError, LookupError, OriginChanged):
        logging.getLogger(__name__).exception("no checkpoint could be made of HQ's log")


def _night(at: int) -> str:
    return business_day(at, NIGHT_ENDS)


def newest(conn: Connection) -> Any:
    """Return the row of the last checkpoint, or None."""
    return conn.execute(_LAST).one_or_none()


def add_leaves(conn: Connection, size: int, leaves: Iterable[tuple[int, str, int, bytes]]) -> None:
    """Put (café, journal, entry, hash) after the first `size` leaves, and let the tiles grow."""
    rest = iter(leaves)
    while part := list(islice(rest, ROWS_AT_ONCE)):
        conn.execute(insert(books.log_leaf), [
            {"place": size + i, "cafe_id": cafe, "jid": jid, "seq": seq, "head": head}
            for i, (cafe, jid, seq, head) in enumerate(part)
        ])  # fmt: skip
        grown = merkle.grow(size, (leaf_hash(*one) for one in part), _reader(conn))
        _KEEP_TILES.run(conn, [
            {"level": level, "place": place, "hashes": hashes} for (level, place), hashes in grown.items()
        ])  # fmt: skip
        size += len(part)


def leaf_hash(cafe: int, jid: str, seq: int, head: bytes) -> bytes:
    """Return the hash of a leaf."""
    return merkle.leaf_hash(checkpoint.leaf(cafe, jid, seq, head.hex()))


def root_at(conn: Connection, size: int) -> bytes:
    """Return the root over the first `size` leaves, from the tiles."""
    return merkle.root(Tiles(_reader(conn)), size)


def keep(conn: Connection, told: Checkpoint, note: str, at: int) -> None:
    """Keep a signed checkpoint."""
    conn.execute(insert(books.log_checkpoint), {"size": told.size, "root": told.root, "note": note, "made_at": at})


def _reader(conn: Connection) -> merkle.ReadTile:
    def read(level: int, place: int) -> bytes:
        found = conn.execute(_TILE, {"level": level, "place": place}).scalar()
        return bytes(found) if found else b""

    return read


def shown_to(office: Office, conn: Connection, told: Any, known: str) -> Published | None:
    """Return the newest checkpoint with its proofs, for a journal whose box last believed the note `known`; None when it is that."""
    last = newest(conn)
    if last is None or last.note == known:
        return None
    try:
        return _proofs(office, conn, told, known, last)
    except LookupError:
        logging.getLogger(__name__).exception("HQ's log cannot be proved")
        return None


def _proofs(office: Office, conn: Connection, told: Any, known: str, last: Any) -> Published:
    node = Tiles(_reader(conn))
    mine = conn.execute(_LEAF_OF, {"cafe": told.cafe_id, "jid": told.jid, "size": last.size}).one_or_none()
    return Published(
        note=last.note, seq=mine.seq if mine else -1, index=mine.place if mine else -1,
        inclusion=[step.hex() for step in merkle.inclusion(node, mine.place, last.size)] if mine else [],
        consistency=[step.hex() for step in _since(office, conn, node, told.cafe_id, known, last.size)],
    )  # fmt: skip


def _since(office: Office, conn: Connection, node: merkle.Node, cafe: int, known: str, size: int) -> list[bytes]:
    """Return the proof from the checkpoint a box knows; none where HQ signed it and has it no more: that is noted."""
    old = read_note(office, known) if known else None
    if old is None:
        return []
    ours = conn.execute(_AT, {"size": old.size}).scalar()
    if ours is not None and bytes(ours) == old.root and old.size <= size:
        return merkle.consistency(node, old.size, size)
    _DOUBT.run(conn, [{
        "cafe_id": cafe, "size": old.size, "root": old.root, "note": known, "at": office.clock.now_ms(),
    }])  # fmt: skip
    return []
