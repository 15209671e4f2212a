"""What each commune had in 2013, and the nearest commune that may stand in for a service of the café.

It proposes; a coordinator who knows the place confirms or corrects (services.md C.5).
"""

from dataclasses import dataclass
from functools import cache

from hq import geo
from hq.communes import Commune, commune_of, communes, rows
from pos.feature import ServiceCode
from pos.i18n import N_

VINTAGE = "INSEE, BPE 2013"
KIND_NAMES = {
    "bakery": N_("bakery"), "bank": N_("bank"), "post_office": N_("post office"), "postal_agency": N_("postal agency"),
    "postal_relay": N_("postal relay"), "grocery": N_("grocery"), "convenience_store": N_("convenience store"),
    "supermarket": N_("supermarket"), "hypermarket": N_("hypermarket"), "newsagent": N_("newsagent"),
    "petrol_station": N_("petrol station"), "restaurant": N_("restaurant"), "pharmacy": N_("pharmacy"),
}  # fmt: skip
# Beyond it nothing is proposed: an alternative nobody would drive to is no alternative.
FARTHEST_M = 60_000


@dataclass(frozen=True, slots=True)
class Proposal:
    """The nearest commune with an alternative: how far by the crow and, from it, by road."""

    commune: Commune
    kinds: tuple[str, ...]
    crow_m: int
    road_m: int

    @property
    def at_home(self) -> bool:
        """Whether the café's own commune had one in 2013: maybe the café itself, maybe gone."""
        return self.crow_m == 0


@cache
def columns() -> frozenset[str]:
    """Return the kinds of facility the file counts."""
    return frozenset(next(rows("facilities_bpe2013.csv.gz"))) - {"insee"}


@cache
def facilities() -> dict[str, dict[str, int]]:
    """Return how many of each kind a commune of today has, former communes added to theirs."""
    counts: dict[str, dict[str, int]] = {}
    for row in rows("facilities_bpe2013.csv.gz"):
        commune = commune_of(row.pop("insee"))
        if commune is not None:
            mine = counts.setdefault(commune.insee, {})
            for kind, number in row.items():
                if number != "0":
                    mine[kind] = mine.get(kind, 0) + int(number)
    return counts


@cache
def _places(kinds: tuple[str, ...]) -> tuple[tuple[Commune, tuple[str, ...]], ...]:
    """Return the communes that have one of `kinds`, and which."""
    known = communes()
    found = []
    for insee, has in facilities().items():
        mine = tuple(kind for kind in kinds if has.get(kind))
        if mine:
            found.append((known[insee], mine))
    return tuple(found)


def nearest(
    service: ServiceCode, insee: str, latitude: float, longitude: float
) -> tuple[Proposal | None, Proposal | None]:
    """Return what the commune itself had, and the nearest other commune that had one."""
    here: Proposal | None = None
    best: Proposal | None = None
    # One degree of latitude is 111 km: the rest of France is not even measured.
    reach = FARTHEST_M / 111_000
    for commune, kinds in _places(service.alternatives):
        if commune.insee == insee:
            here = Proposal(commune, kinds, 0, 0)
        elif abs(commune.latitude - latitude) <= reach:
            crow = geo.great_circle_m(latitude, longitude, commune.latitude, commune.longitude)
            if crow <= FARTHEST_M and (best is None or crow < best.crow_m):
                best = Proposal(commune, kinds, crow, geo.by_road_m(crow))
                reach = crow / 111_000
    return here, best
