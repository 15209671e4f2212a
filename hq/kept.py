"""What was worked out of each café, kept by this process for as long as all that it was worked out from stands.

A key says what a value depends on: how often the café's months were touched (`cafe_month.touched`), when its sheet
or distances changed (`cafe.changed_at`), the day. A key that differs, whichever way, is worked out again: what is
kept may be thrown away at any moment, and never shows what is no longer true.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Connection, Engine, any_, func, literal, select
from sqlalchemy.types import UserDefinedType

from hq.db import cafe_month

V = TypeVar("V")
# Periods and days asked for follow each other; those nobody asks for any more are let go.
_SHELVES_MOST = 48
_lock = Lock()
_shelves: WeakKeyDictionary[Engine, OrderedDict[Hashable, dict[int, tuple[Hashable, Any]]]] = WeakKeyDictionary()


def kept(
    conn: Connection, name: Hashable, keys: Mapping[int, Hashable], work: Callable[[list[int]], Mapping[int, V]]
) -> dict[int, V]:
    """Return a value for each café of `keys`: the one kept under the same key, else what `work` makes of those left."""
    if conn.get_execution_options().get("zinc_writes"):
        # What this transaction sees may never come to be.
        return dict(work(list(keys)))
    shelf = _shelf(conn.engine, name)
    found: dict[int, V] = {}
    stale = []
    for cafe, key in keys.items():
        had = shelf.get(cafe)
        if had is not None and had[0] == key:
            found[cafe] = had[1]
        else:
            stale.append(cafe)
    if stale:
        fresh = work(stale)
        for cafe in stale:
            found[cafe] = fresh[cafe]
            shelf[cafe] = (keys[cafe], fresh[cafe])
    return found


def _shelf(engine: Engine, name: Hashable) -> dict[int, tuple[Hashable, Any]]:
    with _lock:
        mine = _shelves.setdefault(engine, OrderedDict())
        shelf = mine.setdefault(name, {})
        mine.move_to_end(name)
        if len(mine) > _SHELVES_MOST:
            mine.popitem(last=False)
        return shelf


class _Numbers(UserDefinedType[str]):
    """Numbers in the server's own words for a list: the driver takes ten times longer over a list of ours.

    The server is told the parameter's type, and reads it once; a text cast to numbers it reads again for each row.
    """

    cache_ok = True
    render_bind_cast = True

    def get_col_spec(self, **_kw: Any) -> str:
        return "INTEGER[]"


def among(conn: Connection, column: ColumnElement[int], cafes: Iterable[int]) -> ColumnElement[bool]:
    """Return that a column is one of some cafés: one parameter however many they are, and the index by café is used."""
    wanted = list(cafes)
    if len(wanted) == 1:
        # Of one café PostgreSQL knows which part it is in: a server with others is not even asked (`hq.servers`).
        return column == wanted[0]
    if conn.dialect.name == "sqlite":
        listed = func.json_each(str(wanted)).table_valued("value")
        return column.in_(select(listed.c.value))
    return column == any_(literal(f"{{{str(wanted)[1:-1]}}}", _Numbers()))


def touched(conn: Connection, cafes: Iterable[int]) -> dict[int, tuple[int, str]]:
    """Return how often what is told of each café changed, and its first day; (0, "") for those not heard of."""
    m = cafe_month.c
    query = select(m.cafe_id, m.touched, func.coalesce(m.since, literal(""))).where(m.month == "")
    wanted = list(cafes)
    found = {cafe: (int(n), str(since)) for cafe, n, since in conn.execute(query.where(among(conn, m.cafe_id, wanted)))}
    return {cafe: found.get(cafe, (0, "")) for cafe in wanted}
