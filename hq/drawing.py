"""Numbers of the drawings: where a line passes, how long a bar is. Templates only write them down.

The smallest drawings, of which a page has hundreds, are whole here and drawn once.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape


def spark_range(values: Sequence[int], habit: int | None) -> tuple[int, int]:
    """Return the bottom and top of a sparkline: what happened, with room around the habit."""
    usual = [habit * 65 // 100, habit * 130 // 100] if habit else []
    low, high = min([*values, *usual], default=0), max([*values, *usual], default=1)
    return (low, high) if high > low else (0, max(high, 1))


def spark_points(values: Sequence[int], width: int, height: int, scale: tuple[int, int]) -> str:
    """Return the points of a sparkline, edges kept free."""
    if not values:
        return ""
    step = (width - 8) / max(len(values) - 1, 1)
    return " ".join(f"{2 + i * step:.1f},{spark_y(v, height, scale)}" for i, v in enumerate(values))


def spark_y(value: int, height: int, scale: tuple[int, int]) -> float:
    """Return how far down a value is drawn."""
    low, high = scale
    return round(height - 3 - (height - 6) * (min(max(value, low), high) - low) / (high - low), 1)


def share(value: int, top: int, length: float) -> float:
    """Return how long a bar is, `top` being `length`."""
    return round(length * max(value, 0) / top, 1) if top > 0 else 0.0


def nice_top(values: Sequence[int]) -> int:
    """Return the top of a drawing: the largest value, at least one."""
    return max([1, *values])


def spread(n: int, width: float, gap: float) -> tuple[float, float]:
    """Return the step and the width of each of `n` bars."""
    step = width / max(n, 1)
    return step, max(step - gap, 1.0)


def surroundings(places: Sequence[tuple[float, float, str]]) -> dict[str, Any]:
    """Return circles and places (kilometres east and north of the café) on a drawing of 400 × 250.

    Names on the same side keep clear of one another.
    """
    farthest = max((x * x + y * y) ** 0.5 for x, y, _name in places)
    step = 2 if farthest <= 6 else 5
    scale = 110 / (3 * step)
    drawn, last = [], {True: -99.0, False: -99.0}
    for x, y, name in sorted(places, key=lambda p: -p[1]):
        px, py, right = 200 + x * scale, 128 - y * scale, x >= 0
        label = max(py + 4, last[right] + 15)
        last[right] = label
        drawn.append((round(px, 1), round(py, 1), round(label, 1), name, right))
    return {"rings": [(step * n, round(step * n * scale, 1)) for n in (1, 2, 3)], "places": drawn}


# A day of the strip: open, planned open and stayed closed, unknown, declared closure, planned rest.
_MARKS = {
    "open": '<rect x="{x:g}" width="5" height="15" rx="1" fill="var(--bar)"/>',
    "missed": '<path d="M{left:g} 4.5l5.6 6M{right:g} 4.5l-5.6 6" stroke="var(--bad)" stroke-width="1.6"/>',
    "unknown": '<path d="M{half:g} .5h4v14h-4z" fill="none" stroke="var(--bad)" stroke-dasharray="2 1.6"/>',
    "away": '<rect x="{half:g}" y="10" width="4" height="4.5" fill="none" stroke="var(--ink-soft)"/>',
    "rest": '<rect x="{after:g}" y="13" width="2" height="2" fill="var(--bar)"/>',
}
_DOTS = {
    "call": '<path d="M{x} {up7}l7 7-7 7-7-7z" fill="var(--bad)" stroke="var(--paper)">',
    "watch": '<path d="M{x} {up6}l6 10.5h-12z" fill="var(--paper)" stroke="var(--warn)" stroke-width="2">',
    "soon": '<circle cx="{x}" cy="{y}" r="3.2" fill="var(--paper)" stroke="var(--ink-soft)" stroke-width="1.4">',
    "usual": '<circle cx="{x}" cy="{y}" r="2.6" fill="var(--ink)" stroke="var(--paper)">',
}


@lru_cache(maxsize=256)
def day_mark(state: str, x: float) -> Markup:
    """Return the mark of one day; nothing before the café was heard of."""
    shape = _MARKS.get(state, "").format(x=x, left=x - 0.3, right=x + 5.3, half=x + 0.5, after=x + 1.5)
    return Markup(shape)  # noqa: S704 - numbers and our own words


def day_marks(days: Iterable[tuple[str, str]]) -> Markup:
    """Return the marks of fourteen days, a gap between the weeks."""
    return Markup().join(day_mark(state, i * 7 + (4 if i > 6 else 0)) for i, (_day, state) in enumerate(days))


@lru_cache(maxsize=8192)
def use_bar(now: int, habit: int | None, accent: str) -> Markup:
    """Return a service's week against its habit."""
    top = nice_top([(habit or 0) * 150 // 100, now])
    tick = f'<path d="M{share(habit, top, 34)} 0v8" stroke="var(--ink)" stroke-width="1.5"/>' if habit else ""
    return Markup(  # noqa: S704 - numbers and our own words
        '<svg width="34" height="8" viewBox="0 0 34 8" aria-hidden="true"><rect y="2" width="34" height="4" fill="var(--usual)"/>'
        f'<rect y="2" width="{share(now, top, 34)}" height="4" fill="var(--{escape(accent)})"/>{tick}</svg>'
    )


@lru_cache(maxsize=8192)
def map_dot(x: float, y: float, level: str, name: str) -> Markup:
    """Return a café on the map, with its name."""
    shape = _DOTS.get(level, _DOTS["usual"]).format(x=x, y=y, up7=round(y - 7, 1), up6=round(y - 6, 1))
    return Markup(f"{shape}<title>{escape(name)}</title></{shape[1 : shape.index(' ')]}>")  # noqa: S704 - the name is escaped
