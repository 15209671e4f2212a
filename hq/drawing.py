"""Numbers of the drawings: where a line passes, how long a bar is. Templates only write them down."""

from collections.abc import Sequence
from typing import Any


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
