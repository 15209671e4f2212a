"""Two PostgreSQL servers ended as in a power cut, again and again, while cafés of both sell, send, and are moved."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hq import parting, retelling, servers
from pos.clock import StoppedClock
from sync import ingest
from sync.trouble import LineTrouble
from tests.faults import counts
from tests.faults.counts import Keep
from tests.hq.clusters import Cluster
from tests.hq.test_servers import SECOND, two_servers

CUTS, DAY_MS = 60, 24 * 3_600_000


class Storm(threading.Thread):
    """Ends one of the servers as a power cut does, now and then, and starts it again."""

    def __init__(self, servers: list[Cluster], seed: int, times: int) -> None:
        super().__init__(daemon=True)
        self._servers, self._chance, self._left = servers, random.Random(seed), times
        self.cuts: Counter[int] = Counter()

    def run(self) -> None:
        """Cut until the number is reached."""
        while self._left:
            self._left -= 1
            time.sleep(self._chance.uniform(0.02, 0.6))
            n = self._chance.randrange(len(self._servers))
            self._servers[n].stop()
            time.sleep(self._chance.uniform(0, 0.2))
            self._servers[n].start()
            self.cuts[n] += 1


@pytest.fixture
def clusters() -> Iterator[list[Cluster]]:
    """Two servers, each with a process and a disk of its own."""
    both = [Cluster(20_433), Cluster(20_434)]
    yield both
    for one in both:
        one.close()


@pytest.mark.faults
@pytest.mark.postgres
def test_servers_cut_at_random_lose_nothing_and_count_nothing_twice(
    clusters: list[Cluster], clock: StoppedClock, tmp_path: Path, record_property: Keep
) -> None:
    """Sixty power cuts of either server while boxes of both sell, send, and parts move: each sale is there, once."""
    urls = [one.url("postgres") for one in clusters]
    two = two_servers(*urls, clock, tmp_path)
    numbers, chance, tried = sorted({two.part_of(cafe) for cafe in two.boxes}), random.Random(51), Counter[str]()
    storm = Storm(clusters, 51, CUTS)
    storm.start()
    while storm.is_alive():
        clock.tick(chance.randint(1_000, 400_000))
        act = chance.choice(("sell", "sell", "push", "push", "push", "move"))
        try:
            if act == "move":
                parting.move(two.office.db, chance.choice(numbers), chance.choice((SECOND, "")))
            elif act == "sell":
                two.sell(chance.choice(tuple(two.boxes)), chance.randint(1, 5))
            else:
                two.push(chance.choice(tuple(two.boxes)))
            tried[act] += 1
        except (LineTrouble, DBAPIError, psycopg.Error, servers.Away):
            tried[f"{act}, cut"] += 1
    for number in numbers:
        parting.move(two.office.db, number, SECOND if number == numbers[0] else "")
    for cafe in two.boxes:
        clock.tick(DAY_MS)
        two.push(cafe)
        assert two.all_sent(cafe)
    with two.office.db.reading() as conn:
        tickets = conn.execute(text("SELECT sum(tickets) FROM rollup_day")).scalar_one()
        assert ingest.verify(conn) == []
    assert tickets == two.sold
    figures = two.sums()
    retelling.rebuild(two.office)
    assert two.sums() == figures
    counts.campaign(
        record_property,
        "two servers under one HQ",
        trials=sum(storm.cuts.values()),
        unit="power cuts",
        sales=two.sold,
        **{name.replace(" ", "_").replace(",", ""): n for name, n in sorted(tried.items())},
    )
    two.close()
