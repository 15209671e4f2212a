"""The communes of France, as INSEE lists them: read once from the file that ships, searched by name.

A commune that was merged is found under its new code, and the name people still use is kept.
"""

import csv
import gzip
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"
# The programme is for communes under this population: above, it warns and never blocks.
POPULATION_LIMIT = 3500


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune of today."""

    insee: str
    name: str
    postal_codes: str
    department: str
    latitude: float
    longitude: float
    population: int

    @property
    def too_big(self) -> bool:
        """Whether the programme's limit is reached."""
        return self.population >= POPULATION_LIMIT


@dataclass(frozen=True, slots=True)
class Found:
    """A commune that a search found; `delegated` is the former commune whose name was asked for."""

    commune: Commune
    delegated: str = ""


def rows(name: str) -> Iterator[dict[str, str]]:
    """Return the rows of a data file, as texts."""
    with gzip.open(DATA / name, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@cache
def communes() -> dict[str, Commune]:
    """Return every commune by its INSEE code."""
    return {
        r["insee"]: Commune(
            r["insee"], r["name"], r["postal_codes"], r["department"],
            float(r["latitude"] or 0), float(r["longitude"] or 0), int(r["population"] or 0),
        )
        for r in rows("communes.csv.gz")
    }  # fmt: skip


@cache
def departments() -> dict[str, str]:
    """Return the name of each département by its code."""
    return {r["code"]: r["name"] for r in rows("departments.csv.gz")}


@cache
def former() -> dict[str, tuple[str, str]]:
    """Return the name and today's commune of each former code."""
    return {r["former_insee"]: (r["name"], r["insee"]) for r in rows("former_communes.csv.gz")}


def commune_of(insee: str) -> Commune | None:
    """Return the commune of a code, be it the code of a commune merged since."""
    known = communes()
    if insee in known:
        return known[insee]
    return known.get(former()[insee][1]) if insee in former() else None


def plain(text: str) -> str:
    """Return `text` as it is compared: no accents, no case, no punctuation, saint written whole."""
    text = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe").replace("æ", "ae"))
    text = "".join(c for c in text if not unicodedata.combining(c))
    words = re.sub(r"[^a-z0-9]+", " ", text).split()
    return " ".join({"st": "saint", "ste": "sainte"}.get(word, word) for word in words)


@cache
def _index() -> list[tuple[str, Commune, str]]:
    known = communes()
    found = [(plain(c.name), c, "") for c in known.values()]
    for name, insee in former().values():
        if name and name != known[insee].name:
            found.append((plain(name), known[insee], name))
    return found


def search(text: str, limit: int = 12) -> list[Found]:
    """Return the communes that `text` may mean: a name or its beginning, a postal or an INSEE code."""
    asked = plain(text)
    if len(asked) < 2:
        return []
    ranked: list[tuple[int, int, str, Found]] = []
    for name, commune, delegated in _index():
        rank = _rank(asked, name, commune)
        if rank is not None:
            # A former name stands behind a commune of today that bears the same one.
            ranked.append((rank, 1 if delegated else 0, commune.insee, Found(commune, delegated)))
    ranked.sort(key=lambda r: r[:3])
    return _once([found for _, _, _, found in ranked])[:limit]


def _rank(asked: str, name: str, commune: Commune) -> int | None:
    if asked == name:
        return 0
    if asked.upper() == commune.insee or asked in commune.postal_codes.split():
        return 1
    if name.startswith(asked):
        return 2
    return 3 if f" {asked}" in f" {name}" else None


def _once(found: list[Found]) -> list[Found]:
    """Keep the best hit of each commune."""
    seen: set[str] = set()
    return [f for f in found if not (f.commune.insee in seen or seen.add(f.commune.insee))]  # type: ignore[func-returns-value]
