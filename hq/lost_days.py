"""Days that a dead box took with it: between its last word and the box that came after. Incomplete, never closed (§2.15)."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import Connection, and_, select

from hq.days import back
from hq.kept import among
from pos.clock import DAY_CUTOFF_HOUR, business_day, local
from sync import books

# From the first to the last day, both included.
Lost = tuple[tuple[str, str], ...]
# A box heard after this hour has told its day.
EVENING_HOUR = 20
_DAY_MS = 24 * 3_600_000

_former, _next = books.journal.alias("former"), books.journal.alias("next")
# A repaired box keeps its key, and brings what it has; one that takes another key has just been heard.
_TAKEN = (
    select(_next.c.cafe_id, books.cursor.c.updated_at, _next.c.made_at)
    .join_from(_next, _former, and_(
        _former.c.cafe_id == _next.c.cafe_id, _former.c.jn == _next.c.jn - 1, _former.c.box_key != _next.c.box_key))
    .join(books.cursor, and_(books.cursor.c.cafe_id == _former.c.cafe_id, books.cursor.c.jn == _former.c.jn))
    .where(_next.c.made_at - books.cursor.c.updated_at > _DAY_MS // 2)
    .order_by(_next.c.cafe_id, _next.c.jn)
)  # fmt: skip


def wholly_known(at: int) -> str:
    """Return the last day that a box heard at a moment has told to its end."""
    over = local(at).hour >= EVENING_HOUR or local(at).hour < DAY_CUTOFF_HOUR
    return business_day(at) if over else back(business_day(at), 1)


def lost_days(conn: Connection, cafes: Collection[int]) -> dict[int, Lost]:
    """Return the days that each of these cafés lost with a box; what came back since is heard of all the same."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    # Asked of every table by its café: a café's own page reads no server but the one it lies on.
    tables = (_next, _former, books.cursor)
    for cafe, heard, made in conn.execute(_TAKEN.where(*(among(conn, one.c.cafe_id, cafes) for one in tables))):
        span = (back(wholly_known(heard), -1), back(business_day(made), 1))
        if heard and span[0] <= span[1]:
            found[cafe].append(span)
    return {cafe: tuple(spans) for cafe, spans in found.items()}
