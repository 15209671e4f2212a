"""How fast this box is: a loop, a hash, commits to its card, a page. Figures to compare boxes by, never a judgement.

The loop and the commits are those of the project's hardware notes, so that boxes can be laid side by side.
"""

import hashlib
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median

import jinja2
import msgspec

LOOPS, COMMITS, PAGES = 3_000_000, 100, 20
HASHED = 8 * 1024 * 1024
# An event of a sale with its line of the log, as written by one commit.
ROW = b"x" * 600
# About as many tiles as a counter shows, each with what a template does: escape, format, choose.
PAGE = """{% for n in range(60) %}<button class="tile{{ ' lit' if n % 7 == 0 }}" hx-post="/bill/add/{{ n }}">
<b>{{ names[n % 4] }}</b><span>{{ '%.2f'|format(n) }} €</span></button>{% endfor %}"""


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured, and when (ms since 1970). Times in microseconds."""

    at: int
    loop: int
    hash_mb_s: int
    commit: int
    commit_worst: int
    page: int
    sqlite: str
    machine: str


def measure(folder: Path, *, at: int, loops: int = LOOPS, commits: int = COMMITS) -> Calibration:
    """Measure the box for a few seconds; the commits go to a file of their own in `folder`, removed after."""
    each = _commits(folder, commits)
    return Calibration(
        at=at, loop=_cpu(lambda: _loop(loops)) * LOOPS // loops, hash_mb_s=_hash(), commit=int(median(each)),
        commit_worst=max(each), page=_page(),
        sqlite=sqlite3.sqlite_version, machine=machine(),
    )  # fmt: skip


def _cpu(work: Callable[[], object]) -> int:
    started = time.process_time_ns()
    work()
    return (time.process_time_ns() - started) // 1000


def _loop(loops: int) -> int:
    total = 0
    for i in range(loops):
        total += i * i % 7
    return total


def _hash() -> int:
    data = bytes(HASHED)
    taken = max(1, _cpu(lambda: hashlib.sha256(data).digest()))
    return HASHED // taken


def _page() -> int:
    page = jinja2.Environment(autoescape=True).from_string(PAGE)
    names = ["Café", "Pain & beurre", "Thé « vert »", "<b>"]
    return _cpu(lambda: [page.render(names=names) for _ in range(PAGES)]) // PAGES


def _commits(folder: Path, commits: int) -> list[int]:
    path = folder / "calibration.db"
    taken = []
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as conn:
            conn.execute("PRAGMA journal_mode=WAL")
            conn.execute("PRAGMA synchronous=FULL")
            conn.execute("CREATE TABLE row (body BLOB NOT NULL) STRICT")
            for _ in range(commits):
                started = time.perf_counter_ns()
                conn.execute("INSERT INTO row (body) VALUES (?)", (ROW,))
                taken.append((time.perf_counter_ns() - started) // 1000)
    finally:
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
    return taken


def machine(root: Path = Path("/")) -> str:
    """Return what board this is, as its firmware says; else the processor's sort."""
    try:
        return (root / "proc/device-tree/model").read_text(encoding="utf-8", errors="replace").strip("\0 \n")[:80]
    except OSError:
        return os.uname().machine


def described(found: Calibration) -> list[str]:
    """Return the figures, a line each, for the command line."""
    return [
        f"{found.machine}, SQLite {found.sqlite}",
        f"loop of {LOOPS} {found.loop // 1000} ms, SHA-256 {found.hash_mb_s} MB/s, page {found.page} us",
        f"durable commit {found.commit} us (worst of {COMMITS}: {found.commit_worst} us)",
    ]


__all__ = ["Calibration", "described", "machine", "measure"]
