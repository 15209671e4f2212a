"""Kilometres avoided: uses multiplied by the distance in force that day (services.md C). Pure; metres.

Nothing is ever guessed: a use without a confirmed distance is counted apart, never as zero nor as an
average. For the same visits, strict ≤ de-duplicated ≤ gross.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from pos.i18n import N_

METHOD = "2023"
METHOD_VERSION = "1.0"
# What the network published for 2023, partly declared: a landmark, not a baseline.
REFERENCE_2023_M = 391_300_000
EQUATOR_M = 40_075_000
# Outside towns the car carries four trips in five (mobility survey of 2019).
CAR_SHARE_PERCENT = 80


@dataclass(frozen=True, slots=True)
class Distance:
    """How far the alternative of a service is from a café, from a day on; `metres` None: not any more known."""

    cafe: int
    service: str
    valid_from: str
    metres: int | None
    # INSEE code of the town one would go to: visits are de-duplicated by it.
    town: str


@dataclass(frozen=True, slots=True)
class UseCount:
    """Uses of a service in a café on a day (or days between which no distance changed)."""

    cafe: int
    service: str
    day: str
    n: int
    # Of which typed as a total: they belong to no visit.
    aggregated: int = 0


class Distances:
    """Confirmed distances, dated: `at` gives the one in force."""

    def __init__(self, rows: Iterable[Distance]) -> None:
        self.by_cafe: dict[int, dict[str, list[Distance]]] = {}
        for row in rows:
            self.by_cafe.setdefault(row.cafe, {}).setdefault(row.service, []).append(row)
        for services in self.by_cafe.values():
            for series in services.values():
                series.sort(key=lambda d: d.valid_from)

    def series(self, cafe: int, service: str) -> list[Distance]:
        """Return all distances of a service, the oldest first."""
        return self.by_cafe.get(cafe, {}).get(service, [])

    def at(self, cafe: int, service: str, day: str) -> Distance | None:
        """Return the distance in force on `day`; None when none is confirmed."""
        series = self.series(cafe, service)
        place = bisect_right(series, day, key=lambda d: d.valid_from)
        found = series[place - 1] if place else None
        return found if found is not None and found.metres is not None else None

    def changes(self, cafe: int) -> set[str]:
        """Return the days from which a distance of a café counts."""
        return {one.valid_from for series in self.by_cafe.get(cafe, {}).values() for one in series}

    def of(self, cafe: int) -> "Distances":
        """Return those of one café."""
        mine = Distances(())
        mine.by_cafe = {cafe: self.by_cafe.get(cafe, {})}
        return mine

    @classmethod
    def joined(cls, parts: "Iterable[Distances]") -> "Distances":
        """Return those of several cafés."""
        mine = cls(())
        for part in parts:
            mine.by_cafe.update(part.by_cafe)
        return mine


@dataclass(slots=True)
class Gross:
    """Uses and their metres; `without` uses have no confirmed distance and no metres."""

    uses: int = 0
    metres: int = 0
    without: int = 0

    def add(self, other: "Gross") -> None:
        """Add another sum to this one."""
        self.uses += other.uses
        self.metres += other.metres
        self.without += other.without


def gross_of(use: UseCount, distances: Distances) -> Gross:
    """Return what one count of uses avoided: one way, uses × distance."""
    distance = distances.at(use.cafe, use.service, use.day)
    if distance is None or distance.metres is None:
        return Gross(use.n, 0, use.n)
    return Gross(use.n, use.n * distance.metres, 0)


def avoided_trip(services: Collection[str], cafe: int, day: str, distances: Distances) -> tuple[int, int]:
    """Return the metres one visit avoided: one trip per town, and the longest alone (services.md C.4)."""
    farthest: dict[str, int] = {}
    for service in set(services):
        distance = distances.at(cafe, service, day)
        if distance is not None and distance.metres is not None:
            farthest[distance.town] = max(farthest.get(distance.town, 0), distance.metres)
    return sum(farthest.values()), max(farthest.values(), default=0)


@dataclass(slots=True)
class Trips:
    """Visits de-duplicated: one trip per visit and per town, and the strict variant."""

    dedup: int = 0
    strict: int = 0


def with_totals_typed(trips: Trips, by_visit_m: int, aggregated_m: int) -> Trips:
    """Add uses typed as totals, reduced as the café's own visits are (C.4 rule 8): an estimate."""
    if not aggregated_m or by_visit_m <= 0:
        return Trips(trips.dedup + aggregated_m, trips.strict + aggregated_m)
    return Trips(
        trips.dedup + aggregated_m * trips.dedup // by_visit_m,
        trips.strict + aggregated_m * trips.strict // by_visit_m,
    )


def earth_turns(metres: int) -> str:
    """Return how many times round the Earth, rounded down to a tenth, with a French comma."""
    tenths = max(metres, 0) * 10 // EQUATOR_M
    return f"{tenths // 10},{tenths % 10}"


@dataclass(frozen=True, slots=True)
class Factor:
    """One published emission factor of a car, per kilometre driven."""

    version: str
    published: str
    milligrams_per_km: int
    label: str
    source: str


# Versions are kept, never replaced: a figure published with one is found again with it (services.md C.6).
FACTORS = (
    Factor("use-2024", "2024-01-01", 192_000, N_("Thermal car, use phase: combustion and fuel production"),
           "ADEME, Impact CO2, 2024-2025"),
    Factor("full-2024", "2024-01-01", 217_600, N_("Thermal car, use phase and making of the car"),
           "ADEME, Impact CO2, 2024-2025"),
    Factor("full-2026", "2026-05-01", 142_300, N_("Compact diesel car, use phase and making of the car"),
           "ADEME, Impact CO2, 2026-05"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Carbon:
    """A range of CO2e in kilograms: never one number."""

    low_kg: int
    high_kg: int


def net(metres: int, own: int) -> int:
    """Return what was avoided by car, less what the cafés drove themselves: meal rounds, tours (services.md C.3)."""
    return metres * CAR_SHARE_PERCENT // 100 - own


def carbon(metres: int, own: int = 0) -> Carbon:
    """Return the CO2e of `metres`: the lowest factor with the share of cars, the highest with every trip by car.

    What the cafés drove themselves (`own`) comes off both.
    """
    per_km = [factor.milligrams_per_km for factor in FACTORS]
    low = max(net(metres, own), 0) * min(per_km)
    high = max(metres - own, 0) * max(per_km)
    # metres × mg/km is µg.
    return Carbon(round(low / 10**9), round(high / 10**9))


@dataclass(slots=True)
class Reading:
    """The same counting read in six ways, in metres."""

    headline: Gross = field(default_factory=Gross)
    dedup: int = 0
    strict: int = 0
    # What the cafés drove themselves, and what is left of `dedup` by car once it is taken off.
    own: int = 0
    net: int = 0
    extended: Gross = field(default_factory=Gross)
    extended_dedup: int = 0
