"""Days that a dead box took with it: between its last word and the box that came after. Incomplete, never closed (§2.15)."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import Connection, and_, exists, select

from hq.days import back
from hq.kept import among
from pos.clock import DAY_CUTOFF_HOUR, business_day, local
from sync import books

# From the first to the last day, both included.
Lost = tuple[tuple[str, str], ...]
# A box heard after this hour has told its day.
EVENING_HOUR = 20
_DAY_MS = 24 * 3_600_000

_former, _next, _between = (books.journal.alias(name) for name in ("former", "next", "between"))
# By the hour of their grants: one learnt again, after HQ was put back, may have another number, and a late `made_at`.
_BETWEEN = exists().where(
    _between.c.cafe_id == _next.c.cafe_id, _between.c.issued > _former.c.issued, _between.c.issued < _next.c.issued
)
# A repaired box keeps its key, and brings what it has; one that takes another key has just been heard.
_TAKEN = (
    select(_next.c.cafe_id, books.cursor.c.updated_at, _next.c.issued)
    .join_from(_next, _former, and_(
        _former.c.cafe_id == _next.c.cafe_id, _former.c.issued < _next.c.issued, _former.c.box_key != _next.c.box_key))
    .join(books.cursor, and_(books.cursor.c.cafe_id == _former.c.cafe_id, books.cursor.c.jn == _former.c.jn))
    .where(_next.c.issued - books.cursor.c.updated_at > _DAY_MS // 2)
    .order_by(_next.c.cafe_id, _next.c.issued)
)  # fmt: skip


def wholly_known(at: int) -> str:
    """Return the last day that a box heard at a moment has told to its end."""
    over = local(at).hour >= EVENING_HOUR or local(at).hour < DAY_CUTOFF_HOUR
    return business_day(at) if over else back(business_day(at), 1)


def lost_days(conn: Connection, cafes: Collection[int]) -> dict[int, Lost]:
    """Return the days that each of these cafés lost with a box; what came back since is heard of all the same."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    # Asked of every table by its café: a café's own page reads no server but the one it lies on.
    next_, former, between, cursor = (
        among(conn, one.c.cafe_id, cafes) for one in (_next, _former, _between, books.cursor)
    )
    taken = _TAKEN.where(next_, former, cursor, ~_BETWEEN.where(between))
    for cafe, heard, given in conn.execute(taken):
        span = (back(wholly_known(heard), -1), back(business_day(given), 1))
        if heard and span[0] <= span[1]:
            found[cafe].append(span)
    return {cafe: tuple(spans) for cafe, spans in found.items()}
