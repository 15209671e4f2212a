"""The left of the counter: rows of tiles that never move by themselves, favourites first, services below."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import session

from pos import screens
from pos.feature import Feature
from pos.i18n import _
from pos.till import offer, tables

FAVOURITES = "favoris"
TILES = 24
# Keys of services beside the menu's, at most.
SERVICE_KEYS = 5


@dataclass(frozen=True, slots=True)
class Tile:
    """A product to touch."""

    product: str
    label: str
    price: int
    accent: str
    icon: str
    out: bool
    open_price: bool
    taken: int
    # `kg` or `ml` of what is weighed or poured: touching it asks how much.
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A tab above the tiles."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """A service of the village below the tiles."""

    slug: str
    title: str
    url: str
    icon: str
    accent: str
    badge: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """All that the left of the counter shows."""

    rows: Sequence[Row]
    row: Row
    tiles: Sequence[Tile]
    page: int
    # What lies beyond this page, and the page a tap on « more » shows (0: none).
    beyond: int
    next_page: int
    services: Sequence[ServiceKey]


def choose(category: str, page: str) -> None:
    """Remember which tiles this screen shows."""
    session["shelf"] = [category, int(page) if page.isdigit() else 1]


def shown(conn: sqlite3.Connection, taken: Mapping[str, int]) -> Shelf:
    """Return the tiles of this screen's row."""
    categories = {row["category"]: row for row in tables.categories(conn)}
    code, page = session.get("shelf", (FAVOURITES, 1))
    rows = [Row(FAVOURITES, _("Favourites")), *(Row(c["category"], c["label"]) for c in categories.values())]
    row = next((r for r in rows if r.code == code), rows[0])
    if row.code == FAVOURITES:
        wanted = sorted(tables.products(conn, favourite=True), key=lambda p: (p["favourite"], p["label"]))
    else:
        wanted = tables.products(conn, category=row.code)
    page, per_page = _page(len(wanted), page)
    first = (page - 1) * per_page
    tiles = [_tile(p, categories, taken) for p in wanted[first : first + per_page]]
    beyond = len(wanted) - first - len(tiles)
    pages = -(-len(wanted) // per_page) if wanted else 1
    return Shelf(
        rows=rows, row=row, tiles=tiles, page=page, beyond=beyond,
        next_page=0 if pages == 1 else page % pages + 1, services=_services(conn),
    )  # fmt: skip


def _page(n: int, page: int) -> tuple[int, int]:
    """Return the page that exists, and how many tiles it holds: one is kept for « more »."""
    if n <= TILES:
        return 1, TILES
    per_page = TILES - 1
    return min(max(1, page), -(-n // per_page)), per_page


def _tile(p: sqlite3.Row, categories: Mapping[str, sqlite3.Row], taken: Mapping[str, int]) -> Tile:
    category = categories.get(p["category"])
    return Tile(
        product=p["product"], label=p["label"], price=p["price"], accent=category["accent"] if category else "food",
        icon=p["icon"] or (category["icon"] if category else "plate"), out=bool(p["ran_out"]),
        open_price=bool(p["open_price"]), taken=taken.get(p["product"], 0),
        unit="" if p["unit"] == "piece" else p["unit"],
    )  # fmt: skip


def offered(conn: sqlite3.Connection) -> list[Feature]:
    """Return the services this café offers."""
    return offer.offered(conn, screens.store().features, screens.today())


def _services(conn: sqlite3.Connection) -> list[ServiceKey]:
    day = screens.today()
    features = offered(conn)
    # One row: what does not fit is one tap further.
    beyond = len(features) > SERVICE_KEYS
    keys = [
        ServiceKey(
            slug=f.slug, title=_(f.title), url=f.home, icon=f.icon or "info",
            accent=f.services[0].accent if f.services else "press", badge=f.badge(conn, day) if f.badge else "",
        )
        for f in features[: SERVICE_KEYS - 1 if beyond else SERVICE_KEYS]
    ]  # fmt: skip
    if beyond:
        keys.append(ServiceKey("village", _("All services"), "/services/", "house", "press", ""))
    return keys
