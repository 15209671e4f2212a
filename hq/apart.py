"""What HQ keeps and does not count: entries set apart, kinds it does not know yet; for the cafés a user may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.engine import RowMapping

from hq import db, register
from hq.access import User
from sync import books

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Apart:
    """Entries set apart, newest first, and unknown kinds; the cafés they are of."""

    cafes: dict[int, RowMapping]
    entries: Sequence[Row[Any]]
    total: int
    unknown: Sequence[Row[Any]]


def apart(conn: Connection, user: User, antenna: int | None = None) -> Apart:
    """Return what waits in the cafés `user` may see."""
    cafes = {row["id"]: row for row in register.cafes(conn, user, antenna=antenna)}
    q, o = books.quarantine, db.opaque_kind
    entries = [
        row for row in conn.execute(select(q).order_by(q.c.since.desc(), q.c.cafe_id, q.c.jn, q.c.seq))
        if row.cafe_id in cafes
    ]  # fmt: skip
    unknown = [
        row for row in conn.execute(select(o).order_by(o.c.kind, o.c.kv, o.c.cafe_id)) if row.cafe_id in cafes
    ]  # fmt: skip
    return Apart(cafes, entries[:SHOWN], len(entries), unknown)
