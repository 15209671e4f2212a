"""The simulator's runs: seeds that once failed, for ever, and two hundred short schedules (§2.18)."""

import os
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.faults import counts
from tests.faults.counts import Keep
from tests.sync.sim.__main__ import campaign
from tests.sync.sim.line import FATES
from tests.sync.sim.machine import Workshop
from tests.sync.sim.play import play, workshop

# (seed, steps) of runs that broke an invariant once; what was mended is in the message of the commit.
ONCE_BROKEN = ((11, 40), (61, 40), (20284, 40), (500013, 40), (600093, 40), (800105, 40), (800253, 40),
    (7000204, 12), (8000102, 8), (12002843, 8), (31000613, 40), (31000997, 40), (31001318, 40), (31001432, 40), (31001936, 40),
    (41002105, 40), (51000760, 40), (51001212, 40), (71003129, 40),
)  # fmt: skip

ACTS_EACH = 12
# What two hundred short schedules are to meet, in the words the simulator counts by.
REACHED = {
    *(f"line: {fate}" for fate in (*FATES, "stale")), "line: an old request is heard again",
    *(f"call: {word}" for word in (
        "level", "HistoriesDiffer", "BoxReplaced", "BoxRevoked", "HqBusy", "HqFailed", "HqTalksRubbish", "HqUnreachable", "JournalDamaged"
    )),
    "HQ: /v1/batch 200 ack", "HQ: /v1/batch 410 superseded", "HQ: /v1/batch 422 chain_mismatch", "HQ: /v1/batch 429",
    "HQ: /v1/batch 502", "HQ: /v1/hello 409 fork", "HQ: /v1/hello 401 bad_signature", "HQ: /v1/rotate 200",
    "HQ: /v1/restore 200", "HQ: /v1/balances 200", "HQ: /v1/manifest 200", "HQ: /v1/blob 200", "HQ: /v1/hashes 200",
    "HQ: asks for a new key", "HQ: dies within a request", "HQ: is put back from a backup", "HQ: revokes a box",
    "HQ: shows a checkpoint of its log", "HQ: switches services",
    "box: dies, another is unpacked", "box: found again", "box notes: hq_rollback", "box notes: manifest_refused",
    "card: an image is made", "card: a second box", "card: put back in place", "card: found to be old at the start", "card: an entry rots",
    "copy: found at its first contact, with its proof",
    "clock: HQ's leaps", "clock: a box's leaps back", "clock: a box's leaps on",
    "code: a first journal joins", "code: a repair joins", "code: the check number is confirmed",
    "lists: HQ announces", "lists: HQ announces, urgent", "lists: an announcement is taken back", "lists: HQ prices",
    "lists: a price of the café's own", "lists: put in force", "lists: in force at the end",
    "power: a box starts again", "power: cut within a write or a sync",
    "release: HQ is upgraded", "release: a box is upgraded", "release: a box falls back",
    "release: a kind of tomorrow is kept for later", "release: a kind of tomorrow is counted",
    "restore: from HQ alone", "restore: with a stick's copy",
    "card: entries that HQ has rot", "sale: normal", "sale: anomaly", "till: a day is closed",
}  # fmt: skip


@pytest.fixture(scope="module")
def shop() -> Iterator[Workshop]:
    """One workshop for all runs."""
    made = workshop("tests")
    yield made
    made.shut()


@pytest.mark.parametrize(("seed", "steps"), ONCE_BROKEN)
def test_what_once_broke_holds(shop: Workshop, seed: int, steps: int) -> None:
    """A seed that failed is played at each run of the suite."""
    run = play(shop, seed, steps)
    assert not run.broken, "\n".join((*run.story, run.broken))


@pytest.mark.timeout(600)
def test_two_hundred_schedules(shop: Workshop) -> None:
    """Lost, doubled, cut and forged messages, power cuts, copies, restores of boxes and of HQ: nothing lost or twice."""
    seen: Counter[str] = Counter()
    for seed in range(12_000, 12_200):
        run = play(shop, seed, ACTS_EACH)
        assert not run.broken, "\n".join((*run.story, run.broken, f"python -m tests.sync.sim {seed} {ACTS_EACH}"))
        seen.update(run.seen)
    assert sorted(REACHED - set(seen)) == [], "the schedules no longer reach what they are for"


@pytest.mark.faults
def test_as_many_schedules_as_fit(record_property: Keep) -> None:
    """The campaign: `python3 dev.py faults --minutes N` of it on both processors, never the same seeds."""
    told = campaign(float(os.environ.get("ZINC_FAULTS_MINUTES", "3")), int(time.time()) * 1000, 2, ACTS_EACH)
    counts.campaign(
        record_property, "networks", trials=told["schedules"], unit="schedules", found=told["failed"],
        sales=told["sales"], faults_of_the_line=told["faults"], copied_or_restored_cards=told["clones"],
        contacts_of_copies_found=told["caught"], restores_of_hq=told["rollbacks"],
    )  # fmt: skip
    assert not told["failed"]
