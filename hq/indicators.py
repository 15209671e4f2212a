"""Figures that features tell of themselves, by café and month: no code of a service is here (services.md C.3)."""

from collections import defaultdict
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, literal, select

from hq import communes, register
from hq.access import User
from hq.db import rollup_figure, rollup_part
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
    seen = [row for row in register.cafes(conn, user, antenna=antenna) if cafe in (None, row["id"])]
    sharing = {row["id"] for row in seen if register.shares_money(row)}
    rows = {i.code: Row(feature.title, i) for feature, i in indicators()}
    first = months_to(day)[0]
    month = func.substr(rollup_figure.c.day, 1, literal(7)).label("month")
    query = (
        select(rollup_figure.c.cafe_id, rollup_figure.c.code, month, func.sum(rollup_figure.c.amount))
        .where(rollup_figure.c.cafe_id.in_([row["id"] for row in seen]), rollup_figure.c.day >= first)
        .group_by(rollup_figure.c.cafe_id, rollup_figure.c.code, month)
    )
    for number, code, name, amount in conn.execute(query):
        row = rows.get(code)
        if (
            row is not None
            and row.indicator.unit != "distinct"
            and (row.indicator.unit != "cents" or number in sharing)
        ):
            row.months[name] += int(amount)
            row.cafes.add(number)
    _different(conn, rows, [row["id"] for row in seen], first)
    _shares(rows)
    return list(rows.values())


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


def _different(conn: Connection, rows: dict[str, Row], cafes: list[int], first: str) -> None:
    """Count different things by café, in each month and over all of them."""
    t = rollup_part
    month = func.substr(t.c.day, 1, literal(7)).label("month")
    here = (t.c.cafe_id.in_(cafes), t.c.day >= first)
    by_month = (
        select(t.c.cafe_id, t.c.code, month, func.count(t.c.of.distinct()))
        .where(*here)
        .group_by(t.c.cafe_id, t.c.code, month)
    )
    for number, code, name, n in conn.execute(by_month):
        if code in rows and rows[code].indicator.unit == "distinct":
            rows[code].months[name] += int(n)
            rows[code].cafes.add(number)
    each = select(t.c.cafe_id, t.c.code, t.c.of).where(*here).distinct().subquery()
    for code, n in conn.execute(select(each.c.code, func.count()).group_by(each.c.code)):
        if code in rows:
            rows[code].overall = int(n)


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
