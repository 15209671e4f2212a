"""Where things are: the great circle, the detour of roads, the place of a point on the map of France."""

import math

# Mean radius of the Earth (IUGG), in kilometres.
EARTH_RADIUS_KM = 6371.0088
# Roads are longer than the crow flies: typical of the French network (services.md C.5).
DETOUR_PERCENT = 130

MAP_WIDTH, MAP_HEIGHT = 246, 237
_MAP_WEST, _MAP_NORTH, _MAP_SCALE = -5.2, 51.15, 24.0
_MAP_SQUEEZE = math.cos(math.radians(46.5))


def great_circle_m(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> int:
    """Return the metres between two points as the crow flies (haversine)."""
    phi_a, phi_b = math.radians(lat_a), math.radians(lat_b)
    half_phi = math.sin((phi_b - phi_a) / 2)
    half_lambda = math.sin(math.radians(lon_b - lon_a) / 2)
    chord = half_phi**2 + math.cos(phi_a) * math.cos(phi_b) * half_lambda**2
    return round(2 * EARTH_RADIUS_KM * 1000 * math.asin(min(1.0, math.sqrt(chord))))


def by_road_m(crow_m: int) -> int:
    """Return the metres by road that `crow_m` suggests, to the nearest hundred."""
    return (crow_m * DETOUR_PERCENT // 100 + 50) // 100 * 100


def on_map(lat: float, lon: float) -> tuple[float, float] | None:
    """Return the place of a point on `static/france.svg`; None when it is not on it."""
    x = (lon - _MAP_WEST) * _MAP_SQUEEZE * _MAP_SCALE
    y = (_MAP_NORTH - lat) * _MAP_SCALE
    return (round(x, 1), round(y, 1)) if 0 <= x <= MAP_WIDTH and 0 <= y <= MAP_HEIGHT else None
