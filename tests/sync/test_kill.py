"""kill -9 of a box's agent or of HQ within a batch: what was acknowledged is there, once, on both ends (B2, H2, H3)."""

import os
import random
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select

from hq import audit, db, enrolment
from hq.config import Config
from hq.db import Database, open_database
from hq.local import LocalHq, LocalTransport
from hq.wiring import Office
from pos import box, journal
from pos.clock import StoppedClock
from pos.errors import SyncTrouble
from pos.house import FEATURES
from pos.store import Store
from pos.till import sell
from pos.till.sell import SoldLine
from sync import agent, enrol, ingest, trouble
from sync.line import Answer, Line
from tests.cast import open_cafe
from tests.conftest import MORNING, key_of
from tests.faults import counts
from tests.faults.counts import Keep
from tests.hq.conftest import ENGINES

both = pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
CAFE, PRICE = 17, 160


class Asked(msgspec.Struct):
    """A request between the two processes."""

    method: str
    path: str
    body: bytes
    packed: bool
    token: str


def receive(line: socket.socket) -> bytes:
    """Return the next message; raise HqUnreachable when the other process is dead."""
    told = b""
    size = 4
    while len(told) < size:
        part = line.recv(1 << 16)
        if not part:
            raise trouble.HqUnreachable
        told += part
        if len(told) >= 4:
            size = 4 + int.from_bytes(told[:4])
    return told[4:]


def send(line: socket.socket, message: Any) -> None:
    """Send a message whole."""
    raw = msgspec.msgpack.encode(message)
    line.sendall(len(raw).to_bytes(4) + raw)


class Wire:
    """HQ in another process."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    def send(self, method: str, path: str, body: bytes = b"", *, packed: bool = False, token: str = "") -> Answer:
        """Return HQ's answer."""
        try:
            send(self._line, Asked(method, path, body, packed, token))
            return msgspec.msgpack.decode(receive(self._line), type=Answer)
        except OSError as problem:
            raise trouble.HqUnreachable from problem


@dataclass
class Pair:
    """A café and an HQ, each killed at random moments of their talk."""

    folder: Path
    url: str
    chance: random.Random
    sold: int = 0
    acked: int = -1
    kills: int = 0

    def office(self) -> Office:
        """Open HQ: an hour passes there between two kills, or it would put the café off (sixty calls an hour)."""
        clock = self._clock()
        clock.tick(self.kills * 3_600_000)
        return Office(Config(data=self.folder, database=self.url), open_database(self.url), key_of("hq"), clock)

    def store(self) -> Store:
        """Open the café's file."""
        return Store(self.folder / "cafe.db", clock=self._clock(), keyring=key_of("box"), features=FEATURES)

    def _clock(self) -> StoppedClock:
        return StoppedClock(MORNING)

    def begin(self) -> None:
        """Join the café and open its day."""
        office, store = self.office(), self.store()
        with office.db.writing() as conn:
            code = enrolment.make_code(conn, CAFE, by="test", at=office.clock.now_ms())
        enrol.open_first_journal(store, enrol.enrol(store, LocalHq(office), str(code), hw="test"))
        open_cafe(store)
        store.close()
        office.close()

    def kill_one(self) -> None:
        """Let both work for a moment, then kill -9 one of them, and the other a moment later."""
        at_box, at_hq = socket.socketpair()
        told, tells = os.pipe()
        hq = forked(lambda: self._serve(at_hq), at_box)
        cafe = forked(lambda: self._work(at_box, tells), at_hq)
        at_box.close()
        at_hq.close()
        os.close(tells)
        with os.fdopen(told, "rb") as said:
            # Counted in what was said, not in time: a busy machine is slow, not quiet.
            first = b"".join(said.readline() for _ in range(self.chance.randrange(1, 16)))
            time.sleep(self.chance.random() * 0.006)
            for pid in self.chance.sample((hq, cafe), 2):
                os.kill(pid, signal.SIGKILL)
                time.sleep(self.chance.random() * 0.004)
            os.waitpid(hq, 0)
            os.waitpid(cafe, 0)
            # A line without its end was not said.
            lines = (first + said.read()).decode().split("\n")[:-1]
        for line in lines:
            what, number = line.split()
            self.sold += what == "sold"
            if what == "acked":
                self.acked = int(number)
        assert lines, "the café never began"
        self.kills += 1
        self.check()

    def _serve(self, line: socket.socket) -> None:
        office = self.office()
        while True:
            asked = msgspec.msgpack.decode(receive(line), type=Asked)
            answer = LocalTransport(office).send(
                asked.method, asked.path, asked.body, packed=asked.packed, token=asked.token
            )
            send(line, answer)

    def _work(self, line: socket.socket, tells: int) -> None:
        store = self.store()
        box.start(store)
        os.write(tells, b"started 0\n")
        n = 0
        while True:
            n += 1
            sell.sell(store, lines=[SoldLine(product="cafe")], by="g1")
            os.write(tells, b"sold 1\n")
            if n % 3 == 0:
                with suppress(SyncTrouble):
                    done = agent.push(store, Line(Wire(line)), size=4)
                    os.write(tells, f"acked {done.seq}\n".encode())

    def check(self) -> None:
        """All that was said to be sold is in the café's file; all that was acknowledged is at HQ, whole."""
        store, office = self.store(), self.office()
        with store.reading() as conn:
            assert journal.verify(conn, store.journal, seals=False)[1] is None  # type: ignore[arg-type]
            tickets = conn.execute("SELECT count(*) FROM till_ticket").fetchone()[0]
        # At most one sale more for each kill: the one that was not said.
        assert self.sold <= tickets <= self.sold + self.kills
        with office.db.reading() as there:
            seq, head = ingest.cursor_of(there, enrolment.boxes(there, CAFE)[0])
        assert seq >= self.acked
        with store.reading() as conn:
            (ours,) = conn.execute("SELECT hash FROM journal_entry WHERE seq = ?", (seq,)).fetchone() or (b"",)
        assert seq < 0 or bytes(ours) == bytes(head)
        store.close()
        office.close()

    def settle(self) -> int:
        """Send the rest; HQ counts each sale once. Returns how many there are."""
        store, office = self.store(), self.office()
        agent.push(store, LocalHq(office))
        with store.reading() as conn:
            tickets = int(conn.execute("SELECT count(*) FROM till_ticket").fetchone()[0])
        with office.db.reading() as there:
            day = db.rollup_day.c
            row = there.execute(select(func.sum(day.tickets), func.sum(day.turnover_cents))).one()
        assert (int(row[0]), int(row[1])) == (tickets, tickets * PRICE)
        assert audit.check(office).faults == []
        assert store.tables_that_differ() == []
        store.close()
        office.close()
        return tickets


def forked(act: Callable[[], None], other: socket.socket) -> int:
    """Run `act` in a process of its own, without the other's end of the line."""
    pid = os.fork()
    if pid:
        return pid
    try:
        other.close()
        act()
    finally:
        os._exit(0)


def play(hq_db: Database, folder: Path, kills: int) -> Pair:
    """Kill so many times; then all is well."""
    pair = Pair(folder, hq_db.engine.url.render_as_string(hide_password=False), random.Random(kills))
    hq_db.close()
    pair.begin()
    for _ in range(kills):
        pair.kill_one()
    assert pair.acked > 0, "no batch was ever acknowledged"
    pair.sold = pair.settle()
    return pair


@both
def test_ten_kills_lose_nothing(hq_db: Database, tmp_path: Path) -> None:
    """A box and an HQ killed in turns within their talk: nothing acknowledged is lost, nothing counts twice."""
    assert play(hq_db, tmp_path, 10).sold >= 10


@pytest.mark.faults
@both
def test_three_hundred_kills_lose_nothing(hq_db: Database, tmp_path: Path, record_property: Keep) -> None:
    """The long campaign."""
    pair = play(hq_db, tmp_path, 300)
    name = f"agent and HQ on {hq_db.engine.dialect.name}"
    counts.campaign(
        record_property, name, trials=pair.kills, unit="kills", sales=pair.sold, acknowledged=pair.acked + 1
    )
