"""What each café avoided in a part of a period: its sums of months, multiplied by its distances.

A part is some whole months, or days of one month. A café whose distances do not move in it is added up by the
database; where they do, its months are read one by one, and day by day the month they move in. A café's part is kept
while its months and its distances stand (`hq.kept`), so that years gone by are not added up again.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from sqlalchemy import Connection, case, func, literal, select
from sqlalchemy.engine import RowMapping

from hq.coverage import span_bits
from hq.days import month_end, months_between
from hq.db import cafe_month, month_sum, rollup_figure, rollup_use, rollup_visit
from hq.distances import kept_of
from hq.impact import Distances, Gross, UseCount, avoided_trip, gross_of
from hq.kept import among, kept
from pos.house import indicators, service_codes


class Span(NamedTuple):
    """Days, both included."""

    first: str
    last: str


class Month(NamedTuple):
    """A month of a café: how often it was touched, the days it was heard on, the days anything of it was told of."""

    touched: int
    heard: int
    told: int


# What is kept of a café is one row of whole numbers, so that a thousand of them are summed column by column: by service
# its uses, its metres and its uses without a distance; then these; then the headline's metres, month by month.
CODES = tuple(service_codes())
HEADLINE = tuple(code for code in CODES if service_codes()[code].headline)
_PLACES = {code: place for place, code in enumerate(CODES)}
_HEADLINE_PLACES = {code: place for place, code in enumerate(HEADLINE)}
_N = len(CODES)
# De-duplicated metres of the headline and of all, each with its strict variant; metres of uses typed as totals; metres
# the café drove itself.
DEDUP, STRICT, EXTENDED_DEDUP, EXTENDED_STRICT, TYPED, EXTENDED_TYPED, OWN = range(3 * _N, 3 * _N + 7)
MONTHS = 3 * _N + 7
Numbers = tuple[int, ...]


def gross(numbers: Sequence[int], code: str) -> Gross:
    """Return what a row says of one service."""
    place = _PLACES[code]
    return Gross(numbers[place], numbers[_N + place], numbers[2 * _N + place])


def headline(numbers: Sequence[int]) -> Gross:
    """Return what a row says of the services of the 2023 perimeter."""
    found = Gross()
    for code in HEADLINE:
        found.add(gross(numbers, code))
    return found


def extended(numbers: Sequence[int]) -> Gross:
    """Return what a row says of all services."""
    return Gross(sum(numbers[:_N]), sum(numbers[_N : 2 * _N]), sum(numbers[2 * _N : 3 * _N]))


def summed(rows: Iterable[Sequence[int]]) -> Numbers:
    """Return the sum of rows of one period; of none, a row of nothing."""
    return tuple(map(sum, zip(*rows, strict=True))) or (0,) * MONTHS


def by_month(numbers: Sequence[int], first: str, last: str) -> dict[str, dict[str, int]]:
    """Return the metres of the headline's services in each month, where there are any."""
    size = len(HEADLINE)
    places = {month: MONTHS + place * size for place, month in enumerate(months_between(first, last))}
    return {
        month: {code: n for code, n in zip(HEADLINE, numbers[at : at + size], strict=False) if n}
        for month, at in places.items()
    }


def joined(parts: Sequence[Numbers]) -> Numbers:
    """Return the row of a period from those of its parts, in their order."""
    if len(parts) == 1:
        return parts[0]
    return (*map(sum, zip(*(part[:MONTHS] for part in parts), strict=True)), *chain(*(part[MONTHS:] for part in parts)))


class _Amount(NamedTuple):
    """A count of uses or visits, or an own amount, on a day whose distances hold for all of it."""

    cafe: int
    month: str
    day: str
    sort: str
    code: str
    n: int
    typed: int


def own_codes() -> list[str]:
    """Return the indicators that say what cafés drove themselves (`Indicator.own_motion`)."""
    return [one.code for _feature, one in indicators() if one.own_motion]


def parts_of(first: str, last: str) -> list[Span]:
    """Return the parts of a period: whole months together, what begins or ends within a month by itself."""
    if first[:7] == last[:7]:
        return [Span(first, last)]
    parts, months = [], list(months_between(first, last))
    if first[8:] != "01":
        parts.append(Span(first, month_end(months.pop(0))))
    if len(months) > 1:
        parts.append(Span(f"{months[0]}-01", month_end(months[-2])))
    return [*parts, Span(f"{months[-1]}-01", last)]


def months_of(conn: Connection, cafes: Iterable[int], first: str, last: str) -> dict[int, dict[str, Month]]:
    """Return the months of each café between two days."""
    m = cafe_month.c
    found: dict[int, dict[str, Month]] = {cafe: {} for cafe in cafes}
    query = select(m.cafe_id, m.month, m.touched, m.days.bitwise_or(m.used), m.told).where(
        among(conn, m.cafe_id, found), m.month >= first[:7], m.month <= last[:7]
    )
    for cafe, month, *told in conn.execute(query):
        found[cafe][month] = Month(*told)
    return found


def avoided(
    conn: Connection, rows: Mapping[int, RowMapping], months: Mapping[int, Mapping[str, Month]], span: Span
) -> dict[int, Numbers]:
    """Return the row of each café for a part of the period."""
    within = months_between(*span)
    keys = {
        cafe: (row["changed_at"], sum(months[cafe][m].touched for m in within if m in months[cafe]))
        for cafe, row in rows.items()
    }

    def work(stale: list[int]) -> dict[int, Numbers]:
        distances = kept_of(conn, [rows[cafe] for cafe in stale])
        places = {month: MONTHS + place * len(HEADLINE) for place, month in enumerate(within)}
        told = {cafe: [0] * (MONTHS + len(within) * len(HEADLINE)) for cafe in stale}
        for one in _amounts(conn, stale, months, span, distances):
            _count(told[one.cafe], one, places, distances)
        return {cafe: tuple(numbers) for cafe, numbers in told.items()}

    return kept(conn, ("avoided", span), keys, work)


def _count(mine: list[int], one: _Amount, months: Mapping[str, int], distances: Distances) -> None:
    if one.sort == "visit":
        used = [code for code in one.code.split("+") if code in _PLACES]
        inside = [code for code in used if code in _HEADLINE_PLACES]
        for place, services in ((DEDUP, inside), (EXTENDED_DEDUP, used)):
            dedup, strict = avoided_trip(services, one.cafe, one.day, distances)
            mine[place] += one.n * dedup
            mine[place + 1] += one.n * strict
    elif one.sort == "figure":
        mine[OWN] += one.n
    elif one.code in _PLACES:
        place, part = _PLACES[one.code], gross_of(UseCount(one.cafe, one.code, one.day, one.n), distances)
        mine[place] += part.uses
        mine[_N + place] += part.metres
        mine[2 * _N + place] += part.without
        typed = gross_of(UseCount(one.cafe, one.code, one.day, one.typed), distances).metres if one.typed else 0
        mine[EXTENDED_TYPED] += typed
        if one.code in _HEADLINE_PLACES:
            mine[months[one.month] + _HEADLINE_PLACES[one.code]] += part.metres
            mine[TYPED] += typed


def _amounts(
    conn: Connection, cafes: list[int], months: Mapping[int, Mapping[str, Month]], span: Span, distances: Distances
) -> Iterator[_Amount]:
    """Yield the amounts of some cafés, each on a day that stands for all its days."""
    steady, moving = [], []
    # By month: cafés of which only some days count, and those whose distances move in it.
    cut: defaultdict[str, list[int]] = defaultdict(list)
    moved: defaultdict[str, list[int]] = defaultdict(list)
    for cafe in cafes:
        changes = {day for day in distances.changes(cafe) if span.first < day <= span.last}
        broken = {day[:7] for day in changes if day[8:] != "01"}
        outside = {
            month for month in {span.first[:7], span.last[:7]} - broken
            if month in months[cafe] and months[cafe][month].told & ~span_bits(month, *span)
        }  # fmt: skip
        for month in broken:
            moved[month].append(cafe)
        for month in outside:
            cut[month].append(cafe)
        (moving if changes or outside else steady).append(cafe)
    if steady:
        yield from _added_up(conn, steady, span)
    if moving:
        left_out = {(cafe, month) for listed in (moved, cut) for month, some in listed.items() for cafe in some}
        yield from (one for one in _by_month(conn, moving, span) if (one.cafe, one.month) not in left_out)
    for by_day, listed in ((True, moved), (False, cut)):
        for month, some in listed.items():
            days = Span(max(span.first, f"{month}-01"), min(span.last, month_end(month)))
            yield from _of_days(conn, some, days, by_day=by_day)


_S = month_sum.c


def _wanted(conn: Connection, cafes: list[int], span: Span) -> tuple[object, ...]:
    own = _S.code.in_(own_codes())
    return (
        among(conn, _S.cafe_id, cafes), _S.month >= span.first[:7], _S.month <= span.last[:7],
        _S.sort.in_(("use", "visit")) | ((_S.sort == "figure") & own),
    )  # fmt: skip


def _added_up(conn: Connection, cafes: list[int], span: Span) -> Iterator[_Amount]:
    """The database adds up the months of cafés whose distances stand; the headline's uses stay by month."""
    month = case(((_S.sort == "use") & _S.code.in_(HEADLINE), _S.month), else_="").label("of_month")
    query = (
        select(_S.cafe_id, month, literal(span.last), _S.sort, _S.code, func.sum(_S.n), func.sum(_S.typed))
        .where(*_wanted(conn, cafes, span))  # type: ignore[arg-type]
        .group_by(_S.cafe_id, "of_month", _S.sort, _S.code)
    )
    for cafe, name, day, sort, code, n, typed in conn.execute(query):
        yield _Amount(cafe, name, day, sort, code, int(n), int(typed))


def _by_month(conn: Connection, cafes: list[int], span: Span) -> Iterator[_Amount]:
    query = select(_S.cafe_id, _S.month, _S.sort, _S.code, _S.n, _S.typed).where(*_wanted(conn, cafes, span))  # type: ignore[arg-type]
    for cafe, month, sort, code, n, typed in conn.execute(query):
        yield _Amount(cafe, month, min(span.last, month_end(month)), sort, code, n, typed)


def _of_days(conn: Connection, cafes: list[int], days: Span, *, by_day: bool) -> Iterator[_Amount]:
    """Days of one month: each by itself, or added up where no distance moves."""
    for sort, table, code, n, typed in (
        ("use", rollup_use, rollup_use.c.service, rollup_use.c.uses, rollup_use.c.aggregated),
        ("visit", rollup_visit, rollup_visit.c.services, rollup_visit.c.visits, literal(0)),
        ("figure", rollup_figure, rollup_figure.c.code, rollup_figure.c.amount, literal(0)),
    ):
        query = (
            select(table.c.cafe_id, func.max(table.c.day), code, func.sum(n), func.sum(typed))
            .where(among(conn, table.c.cafe_id, cafes), table.c.day >= days.first, table.c.day <= days.last)
            .group_by(table.c.cafe_id, code, *([table.c.day] if by_day else []))
        )
        if table is rollup_figure:
            query = query.where(code.in_(own_codes()))
        for cafe, day, what, amount, totals in conn.execute(query):
            yield _Amount(cafe, day[:7], day, sort, what, int(amount), int(totals))
