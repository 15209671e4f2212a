"""A dead box: a year of its café comes back from HQ over a thin line; how long until the first sale.

The year is that of `bench_archive`: 400 entries a day, sent each night. HQ is served over HTTP by a process of its
own; between it and the box stands a line of 2 Mbit/s, 50 ms each way. The box is a process of its own as well.
"""

import json
import os
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bench_archive
from bench_cafe import ROOT, free_port, open_store, serving

from hq import enrolment, late
from hq.config import Config
from hq.wiring import Office, open_office
from pos import journal
from pos.store import Store
from sync import ingest, wire

BITS_S = int(os.environ.get("ZINC_BENCH_BITS", "2000000"))
DELAY_S = 0.05
CAFE, PIN = 1, "2580"
# HQ's own command reads its address from the environment.
HQ_COMMAND = ("-m", "hq.cli", "run", "--port")


class Line:
    """A thin line to a port: so many bits a second in all, and a delay before each answer."""

    def __init__(self, port: int) -> None:
        self._to, self.carried, self._free = port, 0, 0.0
        self._gate = threading.Lock()
        self._ear = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._ear.getsockname()[1])
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                near, _address = self._ear.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._to))
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(source, target), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        last = 0.0
        try:
            while data := source.recv(8192):
                with self._gate:
                    now = time.monotonic()
                    self._free = max(self._free, now) + len(data) * 8 / BITS_S
                    wait, self.carried = self._free - now, self.carried + len(data)
                # What follows at once is on its way already: only the first of a burst is late.
                time.sleep(wait + (DELAY_S if time.monotonic() - last > DELAY_S else 0))
                target.sendall(data)
                last = time.monotonic()
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def close(self) -> None:
        """Hang up."""
        self._ear.close()


def _office(folder: Path) -> Office:
    return open_office(Config(data=folder, database=f"sqlite:///{folder / 'hq.db'}"))


def _confirm(folder: Path) -> None:
    """The coordinator, who hears the number as soon as there is one."""
    office = _office(folder)
    for _ in range(2_000):
        with office.db.writing() as conn:
            waiting = [row for row in enrolment.pending(conn) if row.jn > 1]
            for row in waiting:
                enrolment.confirm(conn, CAFE, row.jn, by="bench", at=office.clock.now_ms())
        if waiting:
            break
        time.sleep(0.05)
    office.close()


def _report(store: Store, office: Office) -> None:
    """Give HQ the year as its nights would have: 400 entries at a time."""
    opened, now = store.journal, office.clock.now_ms()
    assert opened is not None
    before, tell = opened.genesis, late.teller(office.projections)
    with store.reading() as reading, office.db.writing() as conn:
        grant = reading.execute("SELECT grant_bytes, grant_sig FROM journal").fetchone()
        enrolment.learn_grant(conn, office.keyring, grant[0], grant[1], at=now)
        for first in range(0, store.tip().seq + 1, 400):
            rows = list(journal.entries(reading, opened, first, first + 399))
            head = wire.Head(
                boot=1, cafe=CAFE, head=rows[-1].hash.hex(), j=opened.jid, kid=store.keyring.kid, mono=0,
                seq=rows[-1].seq, t=now, tq=2,
            )  # fmt: skip
            raw = wire.make_batch(head, wire.sign_head(store.keyring, head), before, first, [row.body for row in rows])
            verdict = ingest.accept(conn, tell, wire.pack(raw), at=now)
            if not verdict.acknowledges:
                raise SystemExit(f"HQ says {verdict.code} {verdict.detail}: nothing was measured")
            before = rows[-1].hash


@contextmanager
def hq_serving(folder: Path) -> Iterator[int]:
    """Serve the office of a folder."""
    os.environ.update(ZINC_DATA=str(folder.parent), ZINC_HQ_DATABASE="")
    port = free_port()
    with serving(*HQ_COMMAND, str(port), port=port):
        yield port


def figures(folder: Path) -> Iterator[tuple[str, float, str, float | None]]:
    """Yield what it takes: name, value, unit, goal."""
    hq, old, new = folder / "hq", folder / "old", folder / "new"
    for one in (hq, old, new):
        one.mkdir(parents=True)
    office = _office(hq)
    made = bench_archive.make_past(old, 1, office.keyring)
    store = open_store(old)
    _report(store, office)
    size = (old / "cafe.db").stat().st_size
    store.close()
    with office.db.writing() as conn:
        for row in enrolment.pending(conn):
            enrolment.confirm(conn, CAFE, row.jn, by="bench", at=office.clock.now_ms())
        code = enrolment.make_code(conn, CAFE, enrolment.REPLACE, by="bench", at=office.clock.now_ms())
    office.close()
    yield "entries of the year", made.entries, "", None
    yield "the old box's file", size / 1e6, "MB", None
    with hq_serving(hq) as port:
        line = Line(port)
        threading.Thread(target=_confirm, args=(hq,), daemon=True).start()
        done = subprocess.run(
            [sys.executable, __file__, str(new), f"http://127.0.0.1:{line.port}", str(code)], cwd=ROOT, check=True,
            capture_output=True, text=True,
        )  # fmt: skip
        line.close()
    told = json.loads(done.stdout.splitlines()[-1])
    yield "over the line", line.carried / 1e6, "MB", None
    yield "code typed to everything here", told["fetch"], "s", None
    yield "checked and put together", told["check"], "s", None
    yield "tables told again", told["tell"], "s", None
    yield "code typed to the first sale", told["sale"], "s", 15 * 60
    yield "of that, CPU of the box", told["cpu"], "s", None
    yield "peak memory of the box", told["memory"], "MB", 200


def box(folder: Path, url: str, code: str) -> None:
    """Be the new box: from the code to the first sale, as `zinc restore` does it; print what it took."""
    from kiosk import coming
    from kiosk.wiring import open_kiosk
    from pos.till import people, sell, tables

    started = time.perf_counter()
    kiosk = open_kiosk(folder, settings={})
    found = coming.ask(kiosk, code, url)
    at: dict[str, float] = {}
    found.watch = lambda step: at.update({step: time.perf_counter()})
    found.start(pause=0.2)
    while found.step != coming.READY:
        found.wait(0.1)
    op = found.managers()[0]["op"]
    found.finish(op, name="Banc", hashed=people.hash_pin(PIN))
    with kiosk.store.reading() as conn:
        product = next(row["product"] for row in tables.products(conn) if not row["open_price"] and not row["min_age"])
    sell.sell(kiosk.store, lines=[sell.SoldLine(product=product)], by=op)
    end = time.perf_counter()
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({
        "fetch": at["fetch"] - started, "check": at["check"] - at["fetch"], "tell": at["tell"] - at["check"],
        "sale": end - started, "cpu": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss / 1024,
    }))  # fmt: skip
    kiosk.store.close()


if __name__ == "__main__":
    box(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
