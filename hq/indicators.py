"""Figures that features tell of themselves, by café and month: no code of a service is here (services.md C.3)."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import Connection, func, or_, select

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
    different: dict[str, set[tuple[int, str]]] = defaultdict(set)
    # Money counts only cafés that share it: they are added up apart.
    for shares in (True, False):
        group = [row["id"] for row in seen if register.shares_money(row) == shares]
        for month, told in _told(conn, group, months_to(day)):
            _add(rows, different, month, told, shares=shares)
    for code, things in different.items():
        rows[code].overall = len(things)
    _shares(rows)
    return list(rows.values())


class Told(NamedTuple):
    """What some cafés told in a month: by code the amount and the cafés, by code the different things of each café."""

    amounts: dict[str, tuple[int, frozenset[int]]]
    things: dict[str, frozenset[tuple[int, str]]]


def _add(
    rows: dict[str, Row], different: dict[str, set[tuple[int, str]]], month: str, told: Told, *, shares: bool
) -> None:
    for code, (amount, cafes) in told.amounts.items():
        row = rows.get(code)
        if row is not None and row.indicator.unit != "distinct" and (shares or row.indicator.unit != "cents"):
            row.months[month] += amount
            row.cafes |= cafes
    for code, things in told.things.items():
        if code in rows and rows[code].indicator.unit == "distinct":
            rows[code].months[month] += len(things)
            rows[code].cafes.update(number for number, _of in things)
            different[code] |= things


def _told(conn: Connection, cafes: list[int], months: list[str]) -> Iterator[tuple[str, Told]]:
    """Yield what some cafés told, month by month; a month none of them was touched in is not read again."""
    touched: Counter[str] = Counter()
    m = cafe_month.c
    query = (
        select(m.month, func.sum(m.touched)).where(among(conn, m.cafe_id, cafes), m.month >= months[0])
        .group_by(m.month)
    )  # fmt: skip
    for month, n in conn.execute(query):
        touched[month] = int(n)
    members = tuple(cafes)
    # Months have numbers here, as cafés have elsewhere.
    keys = {_place(month): (members, touched[month]) for month in months if touched[month]}
    names = {_place(month): month for month in months}
    shelf = ("indicators", hash(members))
    found = kept(conn, shelf, keys, lambda stale: {place: _read(conn, cafes, names[place]) for place in stale})
    return ((names[place], told) for place, told in sorted(found.items()))


def _place(month: str) -> int:
    return 12 * int(month[:4]) + int(month[5:7])


def _read(conn: Connection, cafes: list[int], month: str) -> Told:
    """Add up what some cafés told in a month."""
    s = month_sum.c
    different = [f"{one.code}:" for _feature, one in indicators() if one.unit == "distinct"]
    counted = or_(*(s.code.startswith(code, autoescape=True) for code in different))
    query = select(s.cafe_id, s.sort, s.code, s.n).where(
        among(conn, s.cafe_id, cafes), s.month == month, (s.sort == "figure") | ((s.sort == "thing") & counted)
    )
    amounts: defaultdict[str, int] = defaultdict(int)
    tellers: defaultdict[str, list[int]] = defaultdict(list)
    things: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for number, sort, code, n in conn.execute(query):
        if sort == "figure":
            amounts[code] += n
            tellers[code].append(number)
        else:
            about, _colon, of = code.partition(":")
            things[about].append((number, of))
    return Told(
        {code: (amounts[code], frozenset(numbers)) for code, numbers in tellers.items()},
        {code: frozenset(pairs) for code, pairs in things.items()},
    )


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
