"""kill -9 between tap and answer: what was acknowledged is there, once; what is there is whole (R14)."""

import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pos import journal
from pos.clock import StoppedClock
from pos.till import tables
from tests.conftest import MORNING, open_test_store
from tests.faults.counts import campaign

ROOT = Path(__file__).resolve().parents[2]


class Till:
    """A file, and what its sellers acknowledged before they were killed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sold: dict[int, tuple[int, int]] = {}
        self.chance = random.Random(str(path))

    def sell_and_pull_the_plug(self, most_seconds: float) -> None:
        """Start a seller, let it sell for a random moment, kill -9; then note what it had acknowledged."""
        first = max(self.sold, default=-1) + 1
        said = self.path.with_suffix(".said")
        with said.open("w") as out, self.path.with_suffix(".errors").open("w+") as errors:
            seller = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.seller", str(self.path), str(first)],
                cwd=ROOT,
                stdout=out,
                stderr=errors,
            )
            while not said.read_text().startswith("open\n") and seller.poll() is None:
                time.sleep(0.002)
            time.sleep(self.chance.random() * most_seconds)
            seller.kill()
            seller.wait()
            errors.seek(0)
            assert errors.read() == ""
        # The last line may be cut: without its newline it was not acknowledged.
        for line in said.read_text().split("\n")[1:-1]:
            _sold, n, no, total = line.split()
            assert int(n) not in self.sold
            self.sold[int(n)] = (int(no), int(total))

    def check(self) -> None:
        """Every acknowledged sale is there under its number, none twice; chain, tables and totals are whole."""
        store = open_test_store(self.path, StoppedClock(MORNING))
        with store.reading() as conn:
            (told,) = store.journals()
            assert journal.verify(conn, told)[1] is None
            tickets = {row["no"]: row for row in conn.execute("SELECT * FROM till_ticket")}
            assert sorted(tickets) == list(range(1, len(tickets) + 1))
            for no, total in self.sold.values():
                assert tickets[no]["total"] == total
            assert len({no for no, _total in self.sold.values()}) == len(self.sold)
            sales = [row for row in tickets.values() if not row["original"]]
            # At most one sale more than acknowledged: the one whose answer was cut off.
            assert 0 <= len(sales) - len(self.sold) <= 1
            attempts = conn.execute(
                "SELECT count(*) FROM draft_attempt WHERE attempt GLOB 'sale-[0-9]*' AND attempt NOT GLOB 'sale-*-*'"
            )
            assert attempts.fetchone()[0] == len(sales)
            turnover = sum(store.event(conn, row["seq"]).event.turnover for row in tickets.values())
            assert tables.total(conn, tables.EVER, "turnover", "algebraic") == turnover
        assert store.tables_that_differ() == []
        store.close()


def test_six_kills_lose_nothing(tmp_path: Path) -> None:
    """A bad morning: six kills at random moments, the same bill taken up again after each."""
    till = Till(tmp_path / "cafe.db")
    for _cut in range(6):
        till.sell_and_pull_the_plug(0.15)
    till.check()
    assert len(till.sold) >= 6


@pytest.mark.faults
def test_three_hundred_kills_lose_nothing(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """The long campaign, checked after every tenth cut."""
    till = Till(tmp_path / "cafe.db")
    for cut in range(300):
        till.sell_and_pull_the_plug(0.4 if cut % 3 else 0.02)
        if cut % 10 == 9:
            till.check()
    till.check()
    campaign(
        record_property, "Kills -9 of a seller", trials=300, unit="kills", sales_acknowledged_and_found=len(till.sold)
    )
