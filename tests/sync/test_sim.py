"""The simulator's runs: seeds that once failed, for ever, and two hundred short schedules (§2.18)."""

import os
import shutil
import time
from collections.abc import Iterator

import pytest

from tests.faults import counts
from tests.faults.counts import Keep
from tests.sync.sim.__main__ import campaign
from tests.sync.sim.machine import Workshop
from tests.sync.sim.play import play, workshop

# (seed, steps) of runs that broke an invariant once; what was mended is in the message of the commit.
ONCE_BROKEN = ((11, 40), (61, 40), (20284, 40))


@pytest.fixture(scope="module")
def shop() -> Iterator[Workshop]:
    """One workshop for all runs."""
    made = workshop("tests")
    yield made
    shutil.rmtree(made.folder)


@pytest.mark.parametrize(("seed", "steps"), ONCE_BROKEN)
def test_what_once_broke_holds(shop: Workshop, seed: int, steps: int) -> None:
    """A seed that failed is played at each run of the suite."""
    run = play(shop, seed, steps)
    assert not run.broken, "\n".join((*run.story, run.broken))


def test_two_hundred_schedules(shop: Workshop) -> None:
    """Lost, doubled, cut and forged messages, power cuts, copies, restores of boxes and of HQ: nothing lost or twice."""
    for seed in range(10_000, 10_200):
        run = play(shop, seed, 8)
        assert not run.broken, "\n".join((*run.story, run.broken, f"python -m tests.sync.sim {seed} 8"))


@pytest.mark.faults
@pytest.mark.timeout(7200)
def test_as_many_schedules_as_fit(record_property: Keep) -> None:
    """The campaign: `python3 dev.py faults --minutes N` of it on both processors, never the same seeds."""
    told = campaign(float(os.environ.get("ZINC_FAULTS_MINUTES", "3")), int(time.time()) * 1000, 2, 40)
    counts.campaign(
        record_property, "networks", trials=told["schedules"], unit="schedules", found=told["failed"],
        sales=told["sales"], faults_of_the_line=told["faults"], copied_or_restored_cards=told["clones"],
        contacts_of_copies_found=told["caught"], restores_of_hq=told["rollbacks"],
    )  # fmt: skip
    assert not told["failed"]
