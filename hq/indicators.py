"""Figures that features tell of themselves, by café and month: no code of a service is here (services.md C.3)."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import Connection, and_, func, select

from hq import communes, register
from hq.access import User
from hq.db import cafe_month, month_sum, rollup_part
from hq.kept import among, kept
from pos.feature import Indicator
from pos.house import indicators

MONTHS = 12


@dataclass(slots=True)
class Row:
    """One indicator: its months, and the sum over them. Money counts only cafés that share it."""

    title: str
    indicator: Indicator
    months: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    cafes: set[int] = field(default_factory=set)
    # Different things, each with its café.
    things: set[tuple[int, str]] = field(default_factory=set)
    # What no sum gives: different things over all the months (one that comes back counts once), or a share.
    overall: int = 0

    @property
    def total(self) -> int:
        """Return the sum over the months shown; of different things how many, of a share the share over all of them."""
        return self.overall if self.indicator.unit in ("distinct", "share") else sum(self.months.values())


def months_to(day: str) -> list[str]:
    """Return the twelve months that end with the month of `day`, oldest first."""
    year, month = int(day[:4]), int(day[5:7])
    out = []
    for _n in range(MONTHS):
        out.append(f"{year:04d}-{month:02d}")
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return out[::-1]


def table(conn: Connection, user: User, day: str, *, antenna: int | None = None, cafe: int | None = None) -> list[Row]:
    """Return every indicator of the house over twelve months, for the cafés `user` may see."""
    seen = register.cafes(conn, user, antenna=antenna, cafe_id=cafe)
    rows = {i.code: Row(feature.title, i) for feature, i in indicators()}
    months = months_to(day)
    # Money counts only cafés that share it: they are added up apart.
    for shares in (True, False):
        group = [row["id"] for row in seen if register.shares_money(row) == shares]
        for told in _told(conn, group, ((months[0], months[-2]), (months[-1], months[-1]))):
            _add(rows, told, shares=shares)
    for row in rows.values():
        row.overall = len(row.things)
    _shares(rows)
    return list(rows.values())


class Told(NamedTuple):
    """What some cafés told in some months: by code the sum of each month, the cafés, the different things of each."""

    sums: dict[str, dict[str, int]]
    cafes: dict[str, frozenset[int]]
    things: dict[str, frozenset[tuple[int, str]]]


def _add(rows: dict[str, Row], told: Told, *, shares: bool) -> None:
    for code, row in rows.items():
        if shares or row.indicator.unit != "cents":
            for month, amount in told.sums.get(code, {}).items():
                row.months[month] += amount
            row.cafes |= told.cafes.get(code, frozenset())
            row.things |= told.things.get(code, frozenset())


def _told(conn: Connection, cafes: list[int], spans: tuple[tuple[str, str], ...]) -> Iterator[Told]:
    """Yield what some cafés told in each span of months; one in which none of them was touched is not read again."""
    m = cafe_month.c
    query = select(m.month, func.sum(m.touched)).where(among(conn, m.cafe_id, cafes), m.month >= spans[0][0])
    touched = {month: int(n) for month, n in conn.execute(query.group_by(m.month))}
    members = tuple(cafes)
    # Spans have numbers here, as cafés have elsewhere.
    keys = {
        place: (members, span, sum(n for month, n in touched.items() if span[0] <= month <= span[1]))
        for place, span in enumerate(spans)
    }
    found = kept(
        conn, ("indicators", hash(members)), keys,
        lambda stale: {place: _read(conn, cafes, *spans[place]) for place in stale},
    )  # fmt: skip
    yield from found.values()


def _read(conn: Connection, cafes: list[int], first: str, last: str) -> Told:
    """Add up what some cafés told in some months."""
    s = month_sum.c
    here = and_(among(conn, s.cafe_id, cafes), s.month >= first, s.month <= last)
    different = {one.code for _feature, one in indicators() if one.unit == "distinct"}
    sums: defaultdict[str, dict[str, int]] = defaultdict(dict)
    tellers: defaultdict[str, set[int]] = defaultdict(set)
    things: dict[str, frozenset[tuple[int, str]]] = {}
    figures = select(s.code, s.month, func.sum(s.n)).where(here, s.sort == "figure").group_by(s.code, s.month)
    for code, month, n in conn.execute(figures):
        if code not in different:
            sums[code][month] = int(n)
    for code, number in conn.execute(select(s.code, s.cafe_id).distinct().where(here, s.sort == "figure")):
        if code not in different:
            tellers[code].add(number)
    for code in different:
        about = and_(here, s.sort == "thing", s.code.startswith(f"{code}:", autoescape=True))
        for month, n in conn.execute(select(s.month, func.count()).where(about).group_by(s.month)):
            sums[code][month] = n
        pairs = conn.execute(select(s.cafe_id, s.code).distinct().where(about)).all()
        things[code] = frozenset((number, of) for number, of in pairs)
        tellers[code] = {number for number, _of in pairs}
    return Told(dict(sums), {code: frozenset(numbers) for code, numbers in tellers.items()}, things)


def _shares(rows: dict[str, Row]) -> None:
    """Work out shares from the sums, in basis points: never a mean of cafés' own shares."""
    for row in rows.values():
        if row.indicator.unit != "share":
            continue
        part, whole = (rows[code] for code in row.indicator.share)
        # A month whose part nobody told yet (no statement) has no share: 0 % would be praise for nothing.
        told = [m for m in part.months if whole.months.get(m)]
        row.months.update({m: _share(part.months[m], whole.months[m]) for m in told})
        row.cafes |= part.cafes if told else set()
        row.overall = _share(sum(part.months[m] for m in told), sum(whole.months[m] for m in told)) if told else 0


def _share(part: int, whole: int) -> int:
    return (20_000 * part + whole) // (2 * whole)


@dataclass(slots=True)
class Town:
    """What a café that travels did in one commune."""

    insee: str
    name: str
    figures: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def by_commune() -> dict[str, Indicator]:
    """Return the indicators told by commune."""
    return {one.code: one for _feature, one in indicators() if one.by_commune}


def towns(conn: Connection, number: int, first: str, last: str) -> list[Town]:
    """Return what one café did in each commune between two days, the communes in alphabetical order."""
    t = rollup_part
    query = (
        select(t.c.code, t.c.of, func.sum(t.c.amount))
        .where(t.c.cafe_id == number, t.c.code.in_(list(by_commune())), t.c.day.between(first, last))
        .group_by(t.c.code, t.c.of)
    )
    found: dict[str, Town] = {}
    for code, insee, amount in conn.execute(query):
        if insee not in found:
            known = communes.commune_of(insee)
            found[insee] = Town(insee, known.name if known is not None else insee)
        found[insee].figures[code] += int(amount)
    return sorted(found.values(), key=lambda town: town.name)
