"""After an outage of the country every box calls in the same second: all are served within minutes, a few at a time (§2.16)."""

import heapq
import json
from collections import Counter

from hq import desk, limits
from hq.desk import Ask, Reply
from hq.local import LocalHq
from hq.wiring import Office
from pos import journal
from pos.clock import StoppedClock
from pos.till.events import SignedIn
from sync import agent
from tests.hq.conftest import JoinCafe
from tools.night_boxes import Box, Template, make_box

CAFES, SEATS = 200, 4


class Herd:
    """Boxes that talk to one HQ by the second: hello, a second later the batch, and again when HQ says so."""

    def __init__(self, office: Office, boxes: list[Box], clock: StoppedClock) -> None:
        self.office, self.clock, self.start = office, clock, clock.now_ms()
        self.turns = [(0, n, one, "") for n, one in enumerate(boxes)]
        self.statuses: Counter[int] = Counter()
        self.sending: set[int] = set()
        self.most_sending = 0
        self.done: list[int] = []

    def run(self) -> None:
        """Play until nobody has anything to send."""
        heapq.heapify(self.turns)
        while self.turns:
            second, n, one, token = heapq.heappop(self.turns)
            self.clock.set(self.start + second * 1000)
            reply = self._batch(one, token) if token else self._hello(one)
            self.statuses[reply.status] += 1
            if reply.status == 503:
                heapq.heappush(self.turns, (second + reply.retry_after, n, one, ""))
            elif token:
                self.sending.discard(one.cafe)
                self.done.append(second)
            else:
                self.sending.add(one.cafe)
                self.most_sending = max(self.most_sending, len(self.sending))
                heapq.heappush(self.turns, (second + 1, n, one, reply.message["token"]))

    def _hello(self, one: Box) -> Reply:
        challenge = desk.answer(self.office, Ask("GET", "/v1/challenge")).message["challenge"]
        return desk.answer(self.office, Ask("POST", "/v1/hello", one.hello(challenge, len(one.bodies) - 1)))

    def _batch(self, one: Box, token: str) -> Reply:
        body = one.batch(-1, len(one.bodies) - 1)
        return desk.answer(self.office, Ask("POST", "/v1/batch", body, enc="gzip", token=token))


def test_a_herd_is_served_within_minutes_a_few_at_a_time(
    join: JoinCafe, office: Office, line: LocalHq, clock: StoppedClock
) -> None:
    """Two hundred at once and four seats: never more than four send, nobody fails, all have done in five minutes."""
    store = join(CAFES + 1)
    with store.writing(by="g1") as tx:
        for _ in range(3):
            tx.record(SignedIn(op="g1"))
    opened = store.journals()[0]
    with store.reading() as conn:
        bodies = [entry.body for entry in journal.entries(conn, opened, 0, store.tip().seq)]
    played = Template(opened.jid, CAFES + 1, bodies)
    agent.push(store, line)
    typed = {name: str(getattr(limits.Limits(), name)) for name in limits.Limits.__slots__}
    with office.db.writing() as conn:
        limits.set_limits(conn, {**typed, "sending": str(SEATS)}, by="t", now_ms=1)
        boxes = [make_box(conn, office.keyring, n, played, len(bodies), at=clock.now_ms()) for n in range(1, CAFES + 1)]
    herd = Herd(office, boxes, clock)
    herd.run()
    assert herd.most_sending == SEATS
    assert set(herd.statuses) == {200, 503}
    assert len(herd.done) == CAFES
    assert max(herd.done) <= 300, json.dumps(herd.statuses)
