"""Which entry says which use: the evidence under every figure, and all that a later entry may still change of a visit.

A use is one service in one visit: counted when the sum of what is said of it is above zero, however many entries say it.
Visits are kept some hours to a row, packed: their ids begin with the time they began at (`pos.ids`), so a night's batch
touches a few rows, and reading a visit again is reading one. Whatever an id looks like, it leads to one row only.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby

import msgspec
from sqlalchemy import ARRAY, Connection, Text, any_, bindparam, delete, insert, inspect, select, text

from hq.db import visit_page
from sync import sending

# So many signs of an id stand for four hours and forty minutes.
_SIGNS = 6
_p = visit_page.c
_OF_CAFE = select(_p.part, _p.uses).where(_p.cafe_id == bindparam("cafe"))
_PAGES = {
    "sqlite": _OF_CAFE.where(_p.part.in_(bindparam("parts", expanding=True))),
    "postgresql": _OF_CAFE.where(_p.part == any_(bindparam("parts", type_=ARRAY(Text)))),
}
_OF_DAYS = select(_p.uses).where(
    _p.cafe_id == bindparam("cafe"), _p.first_day <= bindparam("last"), _p.last_day >= bindparam("first")
)
# SQLite takes 32,766 parameters in a statement.
_CHUNK = 2_000


class Use(msgspec.Struct, array_like=True, frozen=True, order=True, gc=False):
    """What an entry says of a use; `aggregated`: typed as a day's total, of no visit."""

    jn: int
    seq: int
    service: str
    visit: str
    day: str
    count: int
    aggregated: bool = False

    @property
    def part(self) -> str:
        """Return which row of its café it is kept in."""
        return self.day[:7] if self.aggregated else self.visit[:_SIGNS]


_decoder = msgspec.json.Decoder(list[Use])


def pages(conn: Connection, cafe: int, parts: Sequence[str]) -> dict[str, list[Use]]:
    """Return what is kept in these rows of a café."""
    found: dict[str, list[Use]] = {}
    for i in range(0, len(parts), _CHUNK):
        asked = {"cafe": cafe, "parts": list(parts[i : i + _CHUNK])}
        for part, uses in sending.rows(conn, _PAGES[conn.dialect.name], asked):
            found[part] = _decoder.decode(uses)
    return found


def page(cafe: int, part: str, uses: Sequence[Use]) -> dict[str, object]:
    """Return the row that keeps these uses, in the order their journals say them."""
    days = {use.day for use in uses}
    return {
        "cafe_id": cafe, "part": part, "first_day": min(days), "last_day": max(days),
        "uses": msgspec.json.encode(sorted(uses)).decode(),
    }  # fmt: skip


def by_part(uses: Iterable[Use]) -> dict[str, list[Use]]:
    """Return uses by the row of their café they are kept in."""
    found: defaultdict[str, list[Use]] = defaultdict(list)
    for use in uses:
        found[use.part].append(use)
    return found


def packed(cafe: int, uses: Iterable[Use]) -> list[dict[str, object]]:
    """Return the rows that keep all uses of a café."""
    return [page(cafe, part, said) for part, said in by_part(uses).items()]


def counted(uses: Iterable[Use]) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """Return the uses by day and service, and the visits by day and what was used in them, like "bread+cash_out".

    A use belongs to the day it was first said on.
    """
    nets: dict[tuple[str, str], tuple[str, int]] = {}
    for use in sorted(uses):
        if not use.aggregated:
            day, net = nets.get((use.visit, use.service), (use.day, 0))
            nets[use.visit, use.service] = (day, net + use.count)
    services: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for (visit, service), (day, net) in nets.items():
        if net > 0:
            services[visit, day].append(service)
    found = Counter((day, service) for (_visit, day), used in services.items() for service in used)
    return found, Counter((day, "+".join(sorted(used))) for (_visit, day), used in services.items())


def said_of(conn: Connection, cafe: int, service: str, first: str, last: str) -> list[Use]:
    """Return which entries say uses of a service on these days, in the order of their journals."""
    rows = conn.execute(_OF_DAYS, {"cafe": cafe, "first": first, "last": last}).scalars()
    return sorted(
        use for row in rows for use in _decoder.decode(row) if use.service == service and first <= use.day <= last
    )


def days_used(conn: Connection) -> dict[int, set[str]]:
    """Return the days anything was said to be used on, of every café."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for cafe, uses in conn.execute(select(_p.cafe_id, _p.uses)):
        found[cafe].update(use.day for use in _decoder.decode(uses))
    return found


def bring_over(conn: Connection) -> None:
    """Pack what an earlier release kept in a row for each use, and take those rows away."""
    if "use_entry" not in inspect(conn).get_table_names():
        return
    conn.execute(delete(visit_page))
    old = conn.execute(text(
        "SELECT cafe_id, jn, seq, service, visit, day, count, aggregated FROM use_entry ORDER BY cafe_id"
    ))  # fmt: skip
    for cafe, rows in groupby(old, key=lambda row: row[0]):
        conn.execute(insert(visit_page), packed(cafe, (Use(*row[1:7], bool(row[7])) for row in rows)))
    for name in ("use_entry", "visit_service"):
        conn.execute(text(f"DROP TABLE {name}"))
