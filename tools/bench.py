"""Figures of this machine, on real files over real HTTP: `python3 dev.py bench [PART…] [--json FILE]`.

Ratios are to a floor measured in the same run, in turns, so that a loaded machine spoils both alike.
Parts: pay, close, start, idle, journal, driver, services, hq (a tenth of the network; the whole is
`tools/bench_hq.py pages --cafes 1000`); and, only when named, archive (ten minutes).
"""

import argparse
import http.client
import json
import os
import platform
import secrets
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import bench_archive
import bench_hq
import bench_restore
import bench_services
from bench_cafe import (
    PIN,
    ROOT,
    Screen,
    cpu_s,
    free_port,
    kiosk_command,
    make_cafe,
    open_store,
    quantile,
    rss_mb,
    serving,
    three_products,
    wakeups,
    written_bytes,
)  # fmt: skip

from pos import journal
from pos.release import VERSION
from pos.till import close, sell

TICKETS, WARM_UP = 1000, 30
CLOSED_TICKETS = 1000
IDLE_S = 60
# The first tick comes after twenty seconds: what it finds to do is no rest.
SETTLED_S = 30


@dataclass
class Figure:
    """One line of the table. A goal is a most, unless `least`."""

    part: str
    name: str
    value: float
    unit: str
    goal: float | None = None
    least: bool = False
    # Said when the goal is missed.
    why: str = ""

    @property
    def met(self) -> bool | None:
        """Tell whether the goal is met; None without a goal."""
        if self.goal is None:
            return None
        return self.value >= self.goal if self.least else self.value <= self.goal


# ── parts ────────────────────────────────────────────────────────────────────────────────────


def bench_pay(folder: Path) -> Iterator[Figure]:
    """Pay bills of three lines by exact cash, in turns with the floor."""
    op = make_cafe(folder)
    products = three_products(folder)
    port, floor_port = free_port(), free_port()
    floor_file = str(folder / "floor.db")
    with (
        serving(*kiosk_command(folder, port), port=port) as kiosk,
        serving("tools/bench_floor.py", floor_file, str(floor_port), port=floor_port),
    ):
        screen, floor = Screen(port), Screen(floor_port)
        screen.post("/sign-in", op=op, pin=PIN)
        pay_bills(screen, products, WARM_UP)
        before = file_bytes(folder)
        # The bytes of one sale: its entry and its seal.
        body = secrets.token_bytes(last_entry_bytes(folder))
        paid: list[float] = []
        floors: list[float] = []
        cpu = 0.0
        for _ in range(TICKETS):
            bill = type_bill(screen, products)
            spent = cpu_s(kiosk.pid)
            paid.append(timed(lambda bill=bill: pay_bill(screen, bill)))
            cpu += cpu_s(kiosk.pid) - spent
            floors.append(timed(lambda: floor.commit(body)))
        memory = rss_mb(kiosk.pid)
    after = file_bytes(folder)
    if tickets(folder) != TICKETS + WARM_UP:
        raise SystemExit(f"{tickets(folder)} tickets were recorded, not {TICKETS + WARM_UP}: nothing was measured")
    p50, floor_p50 = statistics.median(paid), statistics.median(floors)
    yield Figure("pay", "pay a 3-line bill, p50", p50 * 1000, "ms")
    yield Figure("pay", "pay a 3-line bill, p99", quantile(paid, 0.99) * 1000, "ms", 25)
    yield Figure("pay", "floor, p50", floor_p50 * 1000, "ms")
    yield Figure("pay", "floor, p99", quantile(floors, 0.99) * 1000, "ms")
    why = (
        f"the {(p50 - floor_p50) * 1000:.2f} ms above the floor are the seal, the rules and told tables of every service and"
        f" the bill drawn in French; the floor commits one row and answers one word in {floor_p50 * 1000:.2f} ms"
    )
    yield Figure("pay", "p50 to floor", p50 / floor_p50, "×", 2.5, why=why)
    yield Figure("pay", "CPU to pay a ticket", cpu / TICKETS * 1000, "ms", 10)
    yield Figure("pay", "disk per ticket, all tables", (after - before) / TICKETS, "bytes", 2000)
    yield Figure("pay", f"memory after {TICKETS} sales", memory, "MB", 110)


def type_bill(screen: Screen, products: list[str]) -> str:
    """Put three lines on a new bill; return it."""
    bill = secrets.token_hex(10)
    for product in products:
        screen.post(f"/bill/add/{product}", tab=bill, attempt=secrets.token_hex(8))
    return bill


def pay_bill(screen: Screen, bill: str) -> None:
    """Pay a bill by exact cash."""
    screen.post("/bill/pay/cash", tab=bill, attempt=secrets.token_hex(8))


def pay_bills(screen: Screen, products: list[str], n: int) -> None:
    """Sell, to warm up."""
    for _ in range(n):
        pay_bill(screen, type_bill(screen, products))


def timed(act: Callable[[], object]) -> float:
    """Return how long an act took, in seconds."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def file_bytes(folder: Path) -> int:
    """Return the bytes in use in the café's file, its log counted in."""
    conn = sqlite3.connect(f"file:{folder / 'cafe.db'}?mode=ro", uri=True)
    pages, free, size = (
        conn.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    conn.close()
    return int((pages - free) * size)


def tickets(folder: Path) -> int:
    """Return how many sales the café recorded."""
    conn = sqlite3.connect(f"file:{folder / 'cafe.db'}?mode=ro", uri=True)
    n = conn.execute(
        "SELECT count(*) FROM journal_entry WHERE instr(CAST(body AS TEXT), 'till.sale_completed') > 0"
    ).fetchone()[0]
    conn.close()
    return int(n)


def last_entry_bytes(folder: Path) -> int:
    """Return the size of the last sale's entry, hash and seal included."""
    conn = sqlite3.connect(f"file:{folder / 'cafe.db'}?mode=ro", uri=True)
    row = conn.execute(
        "SELECT length(body) + length(hash) + length(seal) FROM journal_entry"
        " WHERE instr(CAST(body AS TEXT), 'till.sale_completed') > 0 ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    conn.close()
    return int(row[0])


def bench_close(folder: Path) -> Iterator[Figure]:
    """Close a day of 1,000 tickets."""
    op = make_cafe(folder)
    store = open_store(folder)
    lines = [sell.SoldLine(product=product) for product in three_products(folder)]
    with store.bulk():
        for _ in range(CLOSED_TICKETS):
            sell.sell(store, lines=lines, by=op)
    yield Figure(
        "close",
        f"close a day of {CLOSED_TICKETS} tickets",
        timed(lambda: close.close_day(store, by=op)) * 1000,
        "ms",
        200,
    )
    store.close()


def bench_start(folder: Path) -> Iterator[Figure]:
    """Start the kiosk and draw its first page; the median of five."""
    make_cafe(folder)
    cpu: list[float] = []
    wall: list[float] = []
    memory: list[float] = []
    for _ in range(5):
        port = free_port()
        started = time.perf_counter()
        with serving(*kiosk_command(folder, port), port=port) as kiosk:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            line.request("GET", "/lock")
            line.getresponse().read()
            wall.append(time.perf_counter() - started)
            cpu.append(cpu_s(kiosk.pid))
            memory.append(rss_mb(kiosk.pid))
    yield Figure("start", "cold start to first page, CPU", statistics.median(cpu), "s", 1.5)
    yield Figure("start", "cold start to first page, wall", statistics.median(wall), "s")
    yield Figure("start", "memory at start", statistics.median(memory), "MB", 110)


def bench_idle(folder: Path) -> Iterator[Figure]:
    """Leave the kiosk alone and count how often it wakes up."""
    make_cafe(folder)
    port = free_port()
    with serving(*kiosk_command(folder, port), port=port) as kiosk:
        time.sleep(SETTLED_S)
        woken, spent, written = wakeups(kiosk.pid), cpu_s(kiosk.pid), written_bytes(kiosk.pid)
        started = time.monotonic()
        time.sleep(IDLE_S)
        minutes = (time.monotonic() - started) / 60
        yield Figure("idle", "wake-ups per minute", (wakeups(kiosk.pid) - woken) / minutes, "")
        yield Figure("idle", "CPU per minute", (cpu_s(kiosk.pid) - spent) / minutes * 1000, "ms")
        yield Figure("idle", "written to the disk per minute", (written_bytes(kiosk.pid) - written) / minutes, "bytes")


def bench_journal(folder: Path) -> Iterator[Figure]:
    """Check and retell a journal of sales."""
    op = make_cafe(folder)
    store = open_store(folder)
    lines = [sell.SoldLine(product=product) for product in three_products(folder)]
    with store.bulk():
        for _ in range(5000):
            sell.sell(store, lines=lines, by=op)
    opened = store.journals()[0]
    n = store.tip().seq + 1
    with store.reading() as conn:
        chain = timed(lambda: journal.verify(conn, opened, seals=False))
        seals = timed(lambda: journal.verify(conn, opened))
    yield Figure("journal", "verify, chain only", n / chain, "entries/s", 50_000, least=True)
    yield Figure("journal", "verify, chain and signatures", n / seals, "entries/s", 5_000, least=True)
    yield Figure("journal", "retell every table", n / timed(store.retell), "entries/s", 5_000, least=True)
    store.close()


def bench_driver(folder: Path) -> Iterator[Figure]:
    """Compare the standard library's sqlite3 with SQLAlchemy: the reason of ADR 2."""
    driver = (("sqlite3", "import sqlite3"), ("SQLAlchemy", "import sqlalchemy.dialects.sqlite"))
    for label, code in (("bare interpreter", ""), *driver):
        script = (
            "import resource\nbefore = resource.getrusage(resource.RUSAGE_SELF)\n"
            f"{code}\n"
            "after = resource.getrusage(resource.RUSAGE_SELF)\n"
            "print(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,"
            " open('/proc/self/status').read().split('VmRSS:')[1].split()[0])"
        )
        said = [
            subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
            for _ in range(5)
        ]
        yield Figure("driver", f"{label}: memory", statistics.median(float(row[1]) for row in said) / 1024, "MB")
        yield Figure("driver", f"{label}: CPU to import", statistics.median(float(row[0]) for row in said) * 1000, "ms")
    yield Figure("driver", "sqlite3: upserts", statistics.median(upserts_plain() for _ in range(5)), "per s")
    alchemy = statistics.median(upserts_alchemy() for _ in range(5))
    yield Figure("driver", "SQLAlchemy text(): upserts", alchemy, "per s")


def bench_services_year(folder: Path) -> Iterator[Figure]:
    """Open every service's screen and scan, in a café with a year of each."""
    year = bench_services.make_year(folder)
    yield Figure("services", "entries of the year", year.total, "entries")
    yield Figure("services", "to make the year by the acts", year.seconds, "s")
    for what, found in bench_services.measure(folder, year):
        if isinstance(found, float):
            yield Figure("services", "memory, every service on", found, "MB", 120)
            continue
        n = year.entries.get(found.name)
        name = f"{what} {found.name}" + (f" ({n} entries)" if n else "")
        yield Figure("services", f"{name}, p50", bench_services.p50_ms(found), "ms")
        yield Figure("services", f"{name}, p95", bench_services.p95_ms(found), "ms", 60 if what == "open" else 30)
    took, differ = bench_services.retell(folder)
    if differ:
        raise SystemExit(f"told again, {', '.join(differ)} is another: nothing was measured")
    yield Figure("services", "retell the year", took, "s")
    yield Figure("services", "retell the year, entries", year.total / took, "entries/s", 5_000, least=True)


def of(
    part: str, measure: Callable[[Path], Iterator[str | tuple[str, float, str, float | None]]]
) -> Callable[[Path], Iterator[Figure | str]]:
    """Return how to measure a part that has a file of its own; a sentence is said between the figures."""
    return lambda folder: (row if isinstance(row, str) else Figure(part, *row) for row in measure(folder))


UPSERT = "INSERT INTO t (a, b) VALUES ({}, {}) ON CONFLICT (a) DO UPDATE SET b = b + excluded.b"
UPSERTS = 20_000


def upserts_plain() -> float:
    """Return upserts per second of CPU through sqlite3."""
    conn = sqlite3.connect(":memory:", isolation_level=None)
    conn.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER) STRICT")
    conn.execute("BEGIN")
    sql, started = UPSERT.format("?", "?"), time.process_time()
    for i in range(UPSERTS):
        conn.execute(sql, (i % 500, i))
    spent = time.process_time() - started
    conn.close()
    return UPSERTS / spent


def upserts_alchemy() -> float:
    """Return upserts per second of CPU through a constant statement of SQLAlchemy."""
    from sqlalchemy import create_engine, text

    engine = create_engine("sqlite://")
    statement = text(UPSERT.format(":a", ":b"))
    with engine.begin() as conn:
        conn.exec_driver_sql("CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER) STRICT")
        started = time.process_time()
        for i in range(UPSERTS):
            conn.execute(statement, {"a": i % 500, "b": i})
        return UPSERTS / (time.process_time() - started)


# ── the table ────────────────────────────────────────────────────────────────────────────────

PARTS: dict[str, Callable[[Path], Iterator[Figure | str]]] = {
    "pay": bench_pay, "close": bench_close, "start": bench_start, "idle": bench_idle, "journal": bench_journal,
    "driver": bench_driver, "services": bench_services_year, "archive": of("archive", bench_archive.figures), "restore": of("restore", bench_restore.figures),
    "hq": of("hq", bench_hq.small),
}  # fmt: skip

LONG = {"archive", "restore"}  # Minutes: only when named.


def said(value: float) -> str:
    """Return a figure with the digits that mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def tell(figure: Figure | str) -> None:
    """Print a line of the table."""
    if isinstance(figure, str):
        print(figure, flush=True)
        return
    goal = "" if figure.goal is None else f"{'≥' if figure.least else '≤'} {said(figure.goal)}"
    verdict = {True: "met", False: "MISSED", None: ""}[figure.met]
    print(
        f"{figure.part:8} {figure.name:40} {said(figure.value):>10} {figure.unit:10} {goal:>10}  {verdict}",
        flush=True,
    )
    if figure.met is False:
        over = abs(figure.value / (figure.goal or 1) - 1)
        print(f"{'':8} missed by {over:.0%}{': ' + figure.why if figure.why else ''}", flush=True)


def main() -> int:
    """Measure, print, and write the figures when asked."""
    parser = argparse.ArgumentParser(prog="python3 dev.py bench")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--json", type=Path, help="write the figures to a file")
    told = parser.parse_args()
    unknown = set(told.parts) - set(PARTS)
    if unknown:
        parser.error(f"no part {', '.join(sorted(unknown))}: {', '.join(PARTS)}")
    print(
        f"Zinc {VERSION}, Python {platform.python_version()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
    )
    figures: list[Figure] = []
    # In the tree, not in the temporary folder: that one may be memory, where a commit costs nothing.
    (ROOT / ".zinc").mkdir(exist_ok=True)
    base = Path(tempfile.mkdtemp(prefix="bench-", dir=ROOT / ".zinc"))
    try:
        for name in told.parts or [name for name in PARTS if name not in LONG]:
            (base / name).mkdir()
            for figure in PARTS[name](base / name):
                figures += [] if isinstance(figure, str) else [figure]
                tell(figure)
    finally:
        shutil.rmtree(base, ignore_errors=True)
    if told.json:
        about = {"version": VERSION, "python": platform.python_version(), "processors": os.cpu_count()}
        rows = [{**asdict(figure), "met": figure.met} for figure in figures]
        told.json.write_text(json.dumps({**about, "figures": rows}, indent=2, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
