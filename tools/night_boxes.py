"""Boxes by the thousand for the measures of the line: the journals of three played cafés, signed again for each.

Each box has its own key and journal, and talks as a box does: challenge, hello, batches, `Retry-After` kept to. What
costs time at a box (playing its days) is done three times; a box of the herd costs a chain and a signature.
"""

import asyncio
import hashlib
import json
import random
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, update

from hq import enrolment
from kiosk import demo_days
from kiosk.demo import _set_up as describe_cafe
from pos import box, demo, journal, seal, zcj
from pos.clock import StoppedClock
from pos.house import FEATURES
from pos.seal import GRANT, Keyring
from pos.store import Store
from sync import books, wire
from sync.health import Stats

FIRST_DAY = date(2026, 9, 1)
# The first entries of a café describe it and its shelf: sent before anything is measured.
FIRST_ENTRIES = 200


@dataclass(frozen=True)
class Template:
    """A played café: its entries as its own box wrote them, and the name of its journal."""

    jid: str
    cafe: int
    bodies: list[bytes]


def play(number: int, days: int) -> Template:
    """Play a demonstration café for some days, as café 1 of an HQ of its own."""
    one = demo.CAFES[number]
    clock = StoppedClock(f"{FIRST_DAY}T06:30:00")
    keyring, hq = Keyring(_seed(f"template {number}")), Keyring(_seed("played"))
    with tempfile.TemporaryDirectory(prefix="zinc-night-") as folder:
        store = Store(Path(folder) / "cafe.db", clock=clock, keyring=keyring, features=FEATURES)
        grant = zcj.encode({
            "base": None, "cafe": 1, "hq": hq.kid, "issued": clock.now_ms(), "key": keyring.public.hex(), "n": 1,
            "type": "grant", "v": 1,
        })  # fmt: skip
        box.begin_journal(store, grant, hq.sign(GRANT, grant), hq.public)
        with store.bulk():
            describe_cafe(store, one, FIRST_DAY)
            demo_days.play_days(store, clock, one, FIRST_DAY, days)
        opened = store.journals()[0]
        with store.reading() as conn:
            bodies = [entry.body for entry in journal.entries(conn, opened, 0, store.tip().seq)]
        store.close()
    return Template(opened.jid, 1, bodies)


def _seed(text: str) -> bytes:
    return hashlib.sha256(f"zinc bench {text}".encode()).digest()


@dataclass
class Box:
    """One box of the herd: its key, its journal, and the bytes it sends, ready."""

    cafe: int
    keyring: Keyring
    jid: str = ""
    genesis: bytes = b""
    hashes: list[bytes] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    # Made before anything is measured, by (after, upto).
    packed: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def head(self, seq: int, at: int) -> wire.Head:
        """Return the head at `seq`."""
        return wire.Head(
            boot=1, cafe=self.cafe, head=(self.hashes[seq] if seq >= 0 else self.genesis).hex(), j=self.jid,
            kid=self.keyring.kid, mono=1, seq=seq, t=at, tq=2,
        )  # fmt: skip

    def batch(self, after: int, upto: int) -> bytes:
        """Return a packed batch; the same bytes each time."""
        if (after, upto) not in self.packed:
            head = self.head(upto, 1)
            prev = self.hashes[after] if after >= 0 else self.genesis
            raw = wire.make_batch(
                head, wire.sign_head(self.keyring, head), prev, after + 1, self.bodies[after + 1 : upto + 1]
            )
            self.packed[after, upto] = wire.pack(raw)
        return self.packed[after, upto]

    def hello(self, challenge: str, seq: int) -> bytes:
        """Return a signed hello."""
        head = self.head(seq, int(time.time() * 1000))
        return wire.sign_hello(self.keyring, wire.Hello(
            challenge=challenge, head=head, head_sig=wire.sign_head(self.keyring, head).hex(), sw="bench",
            stats=Stats(backlog=1, disk_free=9_000_000_000, fiscal="F0.1", copy_at=0, drill_at=0),
        ))  # fmt: skip


def make_box(conn: Connection, hq: Keyring, cafe: int, template: Template, entries: int, *, at: int) -> Box:
    """Join a box to HQ and give it the first `entries` of a played café, as its own."""
    made = Box(cafe, Keyring(_seed(f"box {cafe}")))
    row = enrolment.add_journal(conn, hq, cafe=cafe, box_key=made.keyring.public, n=1, issued=at, at=at)
    conn.execute(update(books.journal).where(books.journal.c.cafe_id == cafe).values(confirmed_at=at))
    made.jid, made.genesis = row.jid, bytes(row.genesis)
    old_cafe, new_cafe = f'"cafe":{template.cafe},'.encode(), f'"cafe":{cafe},'.encode()
    old, new = f'"j":"{template.jid}"'.encode(), f'"j":"{made.jid}"'.encode()
    made.bodies = [body.replace(old_cafe, new_cafe, 1).replace(old, new) for body in template.bodies[:entries]]
    prev = made.genesis
    for body in made.bodies:
        prev = seal.chain(prev, body)
        made.hashes.append(prev)
    return made


@dataclass
class Tally:
    """What went over the wire."""

    requests: int = 0
    up: int = 0
    down: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    # Seconds from the first try of each box to its last ack.
    done: list[float] = field(default_factory=list)


class Line:
    """One connection of a box: HTTP/1.1, kept open during a call."""

    def __init__(self, port: int, tally: Tally) -> None:
        self.port, self.tally = port, tally
        self._pair: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, method: str, path: str, body: bytes = b"", *, packed: bool = False, token: str = ""
    ) -> tuple[int, dict[str, str], bytes]:
        """Send one request; return status, headers and body."""
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Zinc-Protocol: 1", "User-Agent: zinc/bench",
                 "Accept-Encoding: gzip", f"Content-Length: {len(body)}"]  # fmt: skip
        lines += ["Content-Encoding: gzip"] if packed else []
        lines += [f"Authorization: Bearer {token}"] if token else []
        raw = "\r\n".join([*lines, "", ""]).encode() + body
        if self._pair is None:
            self._pair = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._pair
        writer.write(raw)
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").rstrip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
        told = await reader.readexactly(int(headers.get("content-length", "0")))
        status = int(first.split(" ")[1])
        if headers.get("connection", "").lower() == "close":
            self.close()
        tally = self.tally
        tally.requests, tally.up, tally.down = (
            tally.requests + 1,
            tally.up + len(raw),
            tally.down + len(head) + len(told),
        )
        tally.statuses[status] += 1
        return status, headers, told

    def close(self) -> None:
        """Hang up."""
        if self._pair is not None:
            self._pair[1].close()
            self._pair = None


async def call(one: Box, port: int, upto: int, tally: Tally) -> None:
    """Be one box that has entries to send: until all is acknowledged, waiting when HQ says so."""
    started = time.monotonic()
    while True:
        line = Line(port, tally)
        try:
            wait = await _session(one, line, upto)
        except (OSError, asyncio.IncompleteReadError):
            # What a box does: its first wait after a line that failed.
            wait = random.uniform(1, 30)  # noqa: S311
            tally.statuses[0] += 1
        finally:
            line.close()
        if not wait:
            tally.done.append(time.monotonic() - started)
            return
        await asyncio.sleep(wait)


async def _session(one: Box, line: Line, upto: int) -> float:
    """Go through one call; return how long HQ asks to wait, 0 when all is sent."""
    status, headers, told = await line.ask("GET", "/v1/challenge")
    if status != 200:
        return _asked(status, headers, told)
    status, headers, told = await line.ask("POST", "/v1/hello", one.hello(json.loads(told)["challenge"], upto))
    if status != 200:
        return _asked(status, headers, told)
    welcome = json.loads(_inflated(headers, told))
    seq, size = welcome["cursor"]["seq"], 400
    while seq < upto:
        last = min(upto, seq + size)
        status, headers, told = await line.ask(
            "POST", "/v1/batch", one.batch(seq, last), packed=True, token=welcome["token"]
        )
        if status not in (200, 202):
            return _asked(status, headers, told)
        seq, size = last, min(5_000, size * 2)
    return 0


def _asked(status: int, headers: dict[str, str], told: bytes) -> float:
    if status in (429, 503) and "retry-after" in headers:
        return float(headers["retry-after"])
    raise SystemExit(f"HQ answered {status}: {told[:300]!r}")


def _inflated(headers: dict[str, str], told: bytes) -> bytes:
    return wire.unpack(told) if headers.get("content-encoding") == "gzip" else told
