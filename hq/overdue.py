"""What waits past its day in the cafés: parcels, notices, things of relays, loans (services.md D.3, A12).

Each service declares what waits (`Feature.waiting`, `Feature.waits`); no code of a service is here.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select, true
from sqlalchemy.engine import RowMapping

from hq import register
from hq.access import User
from hq.db import waiting
from hq.kept import among
from pos.feature import Waiting
from pos.house import FEATURES


@dataclass(frozen=True, slots=True)
class Late:
    """How many things of a sort wait past their day, and the day of the oldest."""

    n: int
    oldest: str


@dataclass(slots=True)
class Line:
    """One café: what waits there past its day, by sort."""

    cafe: RowMapping
    late: dict[str, Late] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Return how many things wait past their day."""
        return sum(one.n for one in self.late.values())


def sorts() -> dict[str, Waiting]:
    """Return the sorts of things that wait, by code, in the order of the house."""
    return {one.code: one for feature in FEATURES for one in feature.waiting}


def late_by_cafe(conn: Connection, today: str, cafes: Iterable[int] | None = None) -> dict[int, dict[str, Late]]:
    """Return what waits past its day, by café and sort; `cafes` None reads them all."""
    query = (
        select(waiting.c.cafe_id, waiting.c.code, func.count(), func.min(waiting.c.due_on))
        .where(waiting.c.here == true(), waiting.c.due_on > "", waiting.c.due_on < today)
        .group_by(waiting.c.cafe_id, waiting.c.code)
    )
    if cafes is not None:
        query = query.where(among(conn, waiting.c.cafe_id, cafes))
    found: dict[int, dict[str, Late]] = defaultdict(dict)
    known = sorts()
    for number, code, n, oldest in conn.execute(query):
        if code in known:
            found[number][code] = Late(int(n), oldest)
    return found


def lines(conn: Connection, user: User, today: str, *, antenna: int | None = None) -> list[Line]:
    """Return the cafés `user` may see where something waits past its day, the most first."""
    rows = register.cafes(conn, user, antenna=antenna)
    late = late_by_cafe(conn, today)
    found = [Line(row, late[row["id"]]) for row in rows if late.get(row["id"]) and row["status"] != "closed"]
    return sorted(found, key=lambda line: (-line.total, line.cafe["name"]))
