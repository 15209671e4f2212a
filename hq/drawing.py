"""Numbers of the drawings: where a line passes, how long a bar is. Templates only write them down."""

from collections.abc import Sequence


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
