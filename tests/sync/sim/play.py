"""One seed, one run; and many of them."""

import gc
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.sync.sim import acts, back, fates, healed, lists, office, quiet
from tests.sync.sim.line import Broken
from tests.sync.sim.machine import Workshop, chance_of
from tests.sync.sim.world import World

STEPS = 40
# Looking for what is no longer used takes a tenth of a run; every so many runs is enough.
TIDIED = 20
# How often each act is drawn.
ACTS: tuple[tuple[int, Callable[[World], None]], ...] = (
    (22, acts.sell_some), (26, acts.call_some), (12, acts.mend), (7, acts.close_day), (3, acts.tomorrow), (2, acts.own_price),
    (6, fates.copy_card), (6, fates.clone), (2, fates.die), (2, fates.restore_box), (2, fates.found_again), (4, fates.power), (1, fates.rot),
    (2, fates.other_release), (4, fates.clock_leap), (6, fates.time_passes),
    (4, office.back_up), (3, office.put_back), (1, office.revoke), (3, office.new_key), (2, office.switch), (2, office.learn),
    (4, office.announce), (3, office.price), (4, office.replay), (2, office.smuggle),
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """What a seed gave. `broken` is empty when every invariant held."""

    seed: int
    steps: int
    sales: int
    faults: int
    clones: int
    caught: int
    rollbacks: int
    broken: str = ""
    story: tuple[str, ...] = ()
    # What happened, and how often.
    seen: Mapping[str, int] = field(default_factory=dict)


def workshop(name: str = "0") -> Workshop:
    """Return a workshop in memory when there is a file system for it."""
    memory = Path("/dev/shm")  # noqa: S108
    import tempfile

    return Workshop(Path(tempfile.mkdtemp(prefix=f"zinc-sim-{name}-", dir=memory if memory.is_dir() else None)))


def play(shop: Workshop, seed: int, steps: int = STEPS, say: Callable[[str], None] = lambda _text: None) -> Run:
    """Play one seed to its end."""
    if seed % TIDIED == 0:
        gc.collect()
    gc.disable()
    try:
        return _play(shop, seed, steps, say)
    finally:
        gc.enable()


def _play(shop: Workshop, seed: int, steps: int, say: Callable[[str], None]) -> Run:
    with chance_of(f"product {seed}"):
        world = World(shop, seed, say)
        broken = ""
        try:
            _storm(world, steps)
            quiet.be_quiet(world)
            quiet.continue_totals(world)
            lists.check_in_force(world)
            quiet.check_all(world)
            quiet.learn_at_last(world)
            healed.check_healed(world)
            back.come_back(world)
        except Broken as found:
            broken = str(found)
        except Exception:  # noqa: BLE001  (whatever a run meets that nobody promised is a finding)
            broken = traceback.format_exc(limit=-8)
        finally:
            world.close()
    return Run(
        seed, steps, world.sales, world.faults, world.clones, world.caught, world.rollbacks, broken,
        tuple(world.story) if broken else (), world.seen,
    )  # fmt: skip


def _storm(w: World, steps: int) -> None:
    weights, what = zip(*ACTS, strict=True)
    for cafe in w.cafes:
        w.new_box(cafe)
    for box in list(w.boxes):
        acts.join(w, box)
    for _ in range(steps):
        w.chance.choices(what, weights)[0](w)
        office.check_step(w)
