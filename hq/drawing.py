"""Numbers of the drawings: where a line passes, how long a bar is. Templates only write them down."""

from collections.abc import Sequence


def spark_points(values: Sequence[int], width: int, height: int, top: int) -> str:
    """Return the points of a sparkline: zero at the bottom, `top` at the top, edges kept free."""
    if not values:
        return ""
    step = (width - 8) / max(len(values) - 1, 1)
    return " ".join(f"{2 + i * step:.1f},{spark_y(v, height, top)}" for i, v in enumerate(values))


def spark_y(value: int, height: int, top: int) -> float:
    """Return how far down a value is drawn."""
    return round(height - 3 - (height - 6) * min(max(value, 0), top) / top, 1) if top > 0 else height - 3


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
