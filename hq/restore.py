"""What HQ gives back to the box that takes a café over: its journals, as the exact bytes that came (§2.10).

Only to a box that a replacement code let in, and whose check number somebody heard on the telephone; and to a box
in use what it wrote itself, to heal its card (§2.8).
A piece is whole batches, one gzip after the other: the box takes what came and asks on from there.
"""

from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from hq import enrolment
from sync import books, ingest, wire
from sync.ingest import Refused

# A larger piece would hold a worker of HQ, and be lost whole when the line is cut.
PIECE_MOST, PIECE_LEAST = 1024 * 1024, 16 * 1024

_s, _code = books.segment.c, books.enrol_code.c
_PURPOSE = select(_code.purpose).where(_code.cafe_id == bindparam("cafe"), _code.used_jn == bindparam("jn"))
_HEARD = select(func.max(_s.received_at)).where(_s.cafe_id == bindparam("cafe"), _s.jn == bindparam("jn"))
_NEXT = (
    select(_s.last, _s.enc, _s.body)
    .where(_s.cafe_id == bindparam("cafe"), _s.jn == bindparam("jn"), _s.last >= bindparam("first"))
    .order_by(_s.last)
    .limit(1)
)


def journals(conn: Connection, caller: Any) -> list[dict[str, Any]]:
    """Return the journals of the café before the caller's, a row, oldest first. Raises Refused."""
    told = []
    for row in _allowed(conn, caller):
        seq, head = ingest.cursor_of(conn, row)
        told.append({
            "jid": row.jid, "grant": bytes(row.grant_bytes).decode(), "sig": bytes(row.grant_sig).hex(), "seq": seq,
            "head": head.hex(), "heard_at": conn.execute(_HEARD, {"cafe": caller.cafe_id, "jn": row.jn}).scalar() or 0,
        })  # fmt: skip
    return told


def piece(conn: Connection, caller: Any, jid: str, first: int, most: int) -> bytes:
    """Return the batches of a journal from entry `first` on, one at least, about `most` bytes. Raises Refused."""
    row = _own(conn, caller, jid) or next((one for one in _allowed(conn, caller) if one.jid == jid), None)
    if row is None:
        raise Refused("unknown_journal")
    found, size, most = [], 0, max(PIECE_LEAST, min(most, PIECE_MOST))
    while size < most:
        batch = conn.execute(_NEXT, {"cafe": caller.cafe_id, "jn": row.jn, "first": first}).one_or_none()
        if batch is None:
            break
        raw = bytes(batch.body) if batch.enc == "gzip" else wire.pack(bytes(batch.body))
        if found and size + len(raw) > most:
            break
        found.append(raw)
        size, first = size + len(raw), batch.last + 1
    if not found:
        raise Refused("bad_field", "from")
    return b"".join(found)


def _own(conn: Connection, caller: Any, jid: str) -> Any:
    """Return a journal of the caller's own key, which heals what rotted on its card; None when it is no such one."""
    if caller.state != ingest.OPEN or caller.confirmed_at is None:
        return None
    asked = next((row for row in enrolment.boxes(conn, caller.cafe_id) if row.jid == jid), None)
    return asked if asked is not None and bytes(asked.box_key) == bytes(caller.box_key) else None


def _allowed(conn: Connection, caller: Any) -> list[Any]:
    """Return the journals before the caller's, when it may have them; raise Refused."""
    purpose = conn.execute(_PURPOSE, {"cafe": caller.cafe_id, "jn": caller.jn}).scalar()
    if caller.state != ingest.OPEN or purpose != enrolment.REPLACE:
        raise Refused("not_a_replacement")
    if caller.confirmed_at is None:
        raise Refused("pending")
    # By the grant's date, not by number: a journal that HQ had forgotten comes back under a number after its time.
    # Of two of one date the first that HQ knew was open.
    before = (row for row in enrolment.boxes(conn, caller.cafe_id) if row.issued < caller.issued)
    return sorted(before, key=lambda row: (row.issued, -row.jn))


__all__ = ["journals", "piece"]
