"""A café with every service on and a year of each: opening screens, scanning, memory, telling the year again.

The year is made through the services' own acts (`kiosk.demo_services.LIVES`), busier than a village is.
"""

import random
import secrets
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from bench_cafe import PIN, Screen, begin, free_port, kiosk_command, open_store, quantile, rss_mb, serving

from kiosk.demo_services import LIVES
from kiosk.demo_village import Village
from pos.clock import StoppedClock, SystemClock, business_day, to_ms
from pos.engines.labels import ean_digit
from pos.feature import Feature
from pos.services.parcels import names as parcel_names
from pos.services.parcels import reading as parcels
from pos.store import Store
from pos.till import catalogue, close, tables
from pos.till.events import ProductListed

DAYS, REST = 365, 0
PARCELS, PRODUCTS = 5000, 3000
OPENINGS, SCANS = 60, 200
# How much busier than the demonstration's café: 5,000 parcels in a year are seventeen a day.
BUSY = {"parcels": 4.6, "members": 5.0, "accounts": 4.0}
BUSY_OTHERS = 3.0


@dataclass(frozen=True, slots=True)
class Sample:
    """One measured thing: its name, its seconds."""

    name: str
    seconds: list[float]
    about: str = ""


@dataclass
class Year:
    """What the year came to: entries by service, tappable codes, who serves."""

    op: str
    entries: dict[str, int] = field(default_factory=dict)
    total: int = 0
    seconds: float = 0.0
    products: list[str] = field(default_factory=list)
    parcels: list[str] = field(default_factory=list)
    cards: list[str] = field(default_factory=list)


def make_year(folder: Path) -> Year:
    """Make a café with every service and a year of days, the last one open."""
    started = time.perf_counter()
    today = date.fromisoformat(business_day(SystemClock().now_ms()))
    clock = StoppedClock(f"{today - timedelta(days=DAYS)}T06:30:00")
    store = open_store(folder, clock)
    year = Year(begin(store))
    lives = {slug: Village(store, clock, random.Random(slug), BUSY.get(slug, BUSY_OTHERS)) for slug in LIVES}
    kept = next(iter(lives.values())).kept
    with store.bulk():
        for village in lives.values():
            village.kept = kept
        year.products = list_products(store)
        for slug, life in LIVES.items():
            counted(year, lives[slug], slug, life.begin)
        for day in (today - timedelta(days=n) for n in range(DAYS, 0, -1)):
            if day.weekday() != REST:
                play_day(year, store, clock, lives, day)
        clock.set(max(clock.now_ms() + 1000, min(to_ms(f"{today}T06:45:00"), SystemClock().now_ms() - 60_000)))
        close.open_day(store, 15000, by=year.op)
    year.total = store.tip().seq + 1
    year.parcels, year.cards = codes_of(store)
    year.seconds = time.perf_counter() - started
    store.close()
    return year


def counted(year: Year, village: Village, slug: str, played: Callable[[Village], None]) -> None:
    """Play something and count its entries as a service's."""
    before = village.store.tip().seq
    played(village)
    year.entries[slug] = year.entries.get(slug, 0) + village.store.tip().seq - before


def play_day(year: Year, store: Store, clock: StoppedClock, lives: dict[str, Village], day: date) -> None:
    """Play a day of every service, and close it."""
    clock.set(max(clock.now_ms() + 1000, to_ms(f"{day}T07:00:00")))
    opened = close.open_day(store, 30000, by=year.op)
    for slug, life in LIVES.items():
        counted(year, lives[slug], slug, life.day)
    clock.tick(60_000)
    with store.reading() as conn:
        expected = tables.drawer_expected(conn, opened.day)
    close.close_day(store, counted=expected, by=year.op)


def list_products(store: Store) -> list[str]:
    """Fill the menu up with groceries; return their barcodes."""
    with store.reading() as conn:
        there = len(tables.products(conn))
    codes = []
    for n in range(PRODUCTS - there):
        digits = f"356{n:09d}"
        codes.append(f"{digits}{ean_digit(digits)}")
        product = ProductListed(
            product=f"article_{n}",
            label=f"Article {n}",
            category="epicerie",
            price=100 + n % 900,
            vat_class="grocery",
            ean=codes[-1],
            takeaway=True,
        )
        catalogue.list_product(store, product, by="g1")
    return codes


def codes_of(store: Store) -> tuple[list[str], list[str]]:
    """Return the numbers of parcels here, and members' cards."""
    with store.reading() as conn:
        numbers = [parcel_names.number_of(conn, parcel.parcel_id) for parcel in parcels.waiting(conn)]
        cards = [str(row[0]) for row in conn.execute("SELECT card FROM members_member WHERE card <> '' AND gone = ''")]
    return [number for number in numbers if number], cards


# ── measures ─────────────────────────────────────────────────────────────────────────────────


def screens_of(features: tuple[Feature, ...]) -> list[tuple[str, str]]:
    """Return the first screen of every service: what each declares, so that a new one is measured too."""
    return [(feature.slug, feature.home) for feature in features if feature.home]


def open_screens(screen: Screen, homes: list[tuple[str, str]]) -> Iterator[Sample]:
    """Open each screen again and again, in turns, as a person goes from one to the next."""
    for _slug, home in homes:
        screen.open(home)
    took: dict[str, list[float]] = {slug: [] for slug, _home in homes}
    for _turn in range(OPENINGS):
        for slug, home in homes:
            started = time.perf_counter()
            screen.open(home)
            took[slug].append(time.perf_counter() - started)
    for slug, home in homes:
        yield Sample(slug, took[slug], home)


def scan_all(screen: Screen, year: Year) -> Iterator[Sample]:
    """Scan products, parcels, members' cards and codes nobody knows, in turns."""
    dice = random.Random("scan")
    unknown = [f"299{dice.randrange(10**8, 10**9)}" for _n in range(SCANS)]
    turns = {
        "product": [dice.choice(year.products) for _n in range(SCANS)], "parcel": [dice.choice(year.parcels) for _n in range(SCANS)],
        "member’s card": [dice.choice(year.cards) for _n in range(SCANS)],
        "unknown": [f"{code}{ean_digit(code)}" if len(code) == 12 else code for code in unknown],
    }  # fmt: skip
    took: dict[str, list[float]] = {name: [] for name in turns}
    for n, codes in enumerate(zip(*turns.values(), strict=True)):
        # A basket of ten, then the next customer.
        bill = f"bench-{n // 10}"
        for name, code in zip(turns, codes, strict=True):
            started = time.perf_counter()
            screen.post("/scan", refused=name == "unknown", code=code, tab=bill, bill="1", attempt=secrets.token_hex(8))
            took[name].append(time.perf_counter() - started)
    for name, seconds in took.items():
        yield Sample(name, seconds)


def measure(folder: Path, year: Year) -> Iterator[tuple[str, Sample | float]]:
    """Serve the café as on a box; yield what opening, scanning and memory came to."""
    port = free_port()
    with serving(*kiosk_command(folder, port), port=port) as kiosk:
        screen = Screen(port)
        screen.post("/sign-in", op=year.op, pin=PIN)
        store = open_store(folder)
        homes = screens_of(store.features)
        store.close()
        for sample in open_screens(screen, [("counter", "/"), ("services", "/services/"), ("to do", "/todo/"), *homes]):
            yield "open", sample
        for sample in scan_all(screen, year):
            yield "scan", sample
        yield "memory", rss_mb(kiosk.pid)


def retell(folder: Path) -> tuple[float, list[str]]:
    """Tell the year again; return the seconds it took and the tables that then differ from the journal."""
    store = open_store(folder)
    started = time.perf_counter()
    store.retell()
    took = time.perf_counter() - started
    differ = store.tables_that_differ()
    store.close()
    return took, differ


def p50_ms(sample: Sample) -> float:
    """Return the median in milliseconds."""
    return statistics.median(sample.seconds) * 1000


def p95_ms(sample: Sample) -> float:
    """Return what nineteen of twenty do not pass, in milliseconds."""
    return quantile(sample.seconds, 0.95) * 1000
