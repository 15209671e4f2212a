"""Six years of a busy café: how long both verifiers take over them, an archive of a year, closing at the screen.

400 entries a day, every day, recorded through the real store: the first day's sales are rung up, the
others repeat them under their own numbers. Each program is measured as a process of its own.
"""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import msgspec
from bench_cafe import PIN, ROOT, Screen, begin, free_port, kiosk_command, open_store, serving

from pos.archive.make import make_archive
from pos.clock import StoppedClock, business_day, to_ms
from pos.ids import new_id
from pos.seal import Keyring
from pos.store import Store
from pos.till import close, sell, tables
from pos.till.events import SaleCompleted

YEARS = int(os.environ.get("ZINC_BENCH_YEARS", "6"))
A_DAY = 400
# Of a day's 400 entries: its opening, its closing, the rest sales.
SALES = A_DAY - 2
_VERIFIER = "pos/archive/verifier.py"


@dataclass(frozen=True, slots=True)
class Run:
    """What a program cost: seconds, peak memory in MB, and what it printed."""

    seconds: float
    memory: float
    said: str


@dataclass(frozen=True, slots=True)
class Past:
    """What was made: entries, seconds, who serves, the last whole month and year."""

    entries: int
    seconds: float
    op: str
    month: str
    year: str


def make_past(folder: Path, years: int = YEARS, hq: Keyring | None = None) -> Past:
    """Make the café's years; its last day is today, open, with 398 sales."""
    today = business_day(int(time.time() * 1000))
    first = date.fromisoformat(today) - timedelta(days=years * 365 - 1)
    clock = StoppedClock(to_ms(f"{first}T07:00:00"))
    store = open_store(folder, clock)
    op, started = begin(store, hq), time.perf_counter()
    rung: list[SaleCompleted] = []
    day = first
    while True:
        with store.bulk():
            month = day.month
            while day.month == month and day.isoformat() <= today:
                _a_day(store, clock, day.isoformat(), op, rung, open_still=day.isoformat() == today)
                day += timedelta(days=1)
        if day.isoformat() > today:
            break
    entries, seconds = store.tip().seq + 1, time.perf_counter() - started
    store.close()
    last_month = (date.fromisoformat(today).replace(day=1) - timedelta(days=1)).isoformat()[:7]
    return Past(entries, seconds, op, last_month, str(int(today[:4]) - 1))


def _a_day(
    store: Store, clock: StoppedClock, day: str, op: str, rung: list[SaleCompleted], *, open_still: bool
) -> None:
    # Today began at five and has come as far as now: a sale of this evening would lie about the clock.
    clock.set(f"{day}T05:00:01" if open_still else f"{day}T07:00:00")
    between = max(1, int(time.time() * 1000) - clock.now_ms() - 60_000) // A_DAY if open_still else 90_000
    close.open_day(store, 15_000, by=op)
    if not rung:
        rung += _first_day(store, op)
    else:
        with store.writing(by=op) as tx:
            no = tables.next_no(tx.conn)
            for n in range(SALES):
                clock.tick(between)
                like = rung[n % len(rung)]
                tx.record(msgspec.structs.replace(like, no=no + n, day=day, tab=new_id(tx.now), visit=new_id(tx.now)))
    if not open_still:
        clock.set(f"{day}T19:30:00")
        close.close_day(store, by=op)


def _first_day(store: Store, op: str) -> list[SaleCompleted]:
    """Ring up a day's sales by the acts of the counter: one to three articles, cash and card."""
    with store.reading() as conn:
        known = [row["product"] for row in tables.products(conn) if not row["open_price"] and not row["min_age"]][:40]
    rung = []
    for n in range(SALES):
        lines = [sell.SoldLine(product=known[(n * 7 + i) % len(known)]) for i in range(1 + n % 3)]
        sale = sell.sell(
            store, lines=lines, payments=[sell.TakenPayment(means="card" if n % 3 == 0 else "cash")], by=op
        ).sale
        assert isinstance(sale, SaleCompleted)
        rung.append(sale)
    return rung


def run(*command: str) -> Run:
    """Run a program to its end and return what it cost; stop when it does not find the café whole."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: {said}")
    return Run(time.perf_counter() - started, used.ru_maxrss / 1024, said)


def verify_whole(folder: Path) -> tuple[Run, Run]:
    """Verify the whole file: by the till, and by the stand-alone verifier."""
    till = run("-m", "kiosk.cli", "--data", str(folder), "verify")
    return till, run("-I", _VERIFIER, str(folder / "cafe.db"))


def archives(folder: Path, past: Past) -> Iterator[tuple[str, float, int, Run, Run | None]]:
    """Make the archive of a year and of a month; verify each, the month with every seal as well."""
    store = open_store(folder)
    for asked in (past.year, past.month):
        started = time.perf_counter()
        made = make_archive(store, asked=asked, folder=folder / "out", by=past.op)
        seconds = time.perf_counter() - started
        path = str(made.path)
        every = run("-I", _VERIFIER, path, "--all-seals") if asked == past.month else None
        yield asked, seconds, made.event.entries, run("-I", _VERIFIER, path), every
    store.close()


def close_at_the_screen(folder: Path, past: Past) -> list[float]:
    """Close today's 398 sales by the key of the screen, with the six years behind it."""
    port = free_port()
    with serving(*kiosk_command(folder, port), port=port):
        screen = Screen(port)
        screen.post("/sign-in", op=past.op, pin=PIN)
        screen.open("/day/close")
        started = time.perf_counter()
        screen.post("/day/close", attempt=secrets.token_hex(8))
        closed = time.perf_counter() - started
        screen.open("/day/z")
        return [closed, time.perf_counter() - started]


def figures(folder: Path) -> Iterator[tuple[str, float, str, float | None]]:
    """Yield every figure: its name, its value, its unit, its goal (at most) or None."""
    past = make_past(folder)
    yield f"entries of {YEARS} years", past.entries, "entries", None
    yield "to make them through the store", past.seconds, "s", None
    yield "size of the café's file", (folder / "cafe.db").stat().st_size / 1e6, "MB", None
    till, alone = verify_whole(folder)
    yield "stand-alone verifier, whole file", alone.seconds, "s", 60
    yield "stand-alone verifier", past.entries / alone.seconds, "entries/s", None
    yield "stand-alone verifier, peak memory", alone.memory, "MB", 200
    yield "zinc verify, whole file", till.seconds, "s", None
    yield "zinc verify", past.entries / till.seconds, "entries/s", None
    yield "zinc verify, peak memory", till.memory, "MB", None
    for asked, seconds, entries, checked, every in archives(folder, past):
        yield f"archive {asked} made and checked ({entries} entries)", seconds, "s", None
        yield f"archive {asked}, stand-alone verifier", checked.seconds, "s", None
        yield f"archive {asked}, its peak memory", checked.memory, "MB", 200
        if every:
            yield f"archive {asked}, --all-seals", every.seconds, "s", None
            yield f"archive {asked}, --all-seals", entries / every.seconds, "seals/s", None
    closed, drawn = close_at_the_screen(folder, past)
    yield f"close a day of {SALES} sales at the screen", closed, "s", 1
    yield "the same, its Z on the screen", drawn, "s", 1
