"""One seed, one run; and many of them."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.sync.sim import acts, back, quiet
from tests.sync.sim.line import Broken
from tests.sync.sim.machine import Workshop, chance_of
from tests.sync.sim.world import World

STEPS = 40


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


def workshop(name: str = "0") -> Workshop:
    """Return a workshop in memory when there is a file system for it."""
    memory = Path("/dev/shm")  # noqa: S108
    import tempfile

    return Workshop(Path(tempfile.mkdtemp(prefix=f"zinc-sim-{name}-", dir=memory if memory.is_dir() else None)))


def play(shop: Workshop, seed: int, steps: int = STEPS, say: Callable[[str], None] = lambda _text: None) -> Run:
    """Play one seed to its end."""
    with chance_of(f"product {seed}"):
        world = World(shop, seed, say)
        broken = ""
        try:
            _storm(world, steps)
            quiet.be_quiet(world)
            quiet.continue_totals(world)
            quiet.check_all(world)
            back.come_back(world)
        except Broken as found:
            broken = str(found)
        except Exception:  # noqa: BLE001  (whatever a run meets that nobody promised is a finding)
            broken = traceback.format_exc(limit=-8)
        finally:
            world.close()
    return Run(
        seed, steps, world.sales, world.faults, world.clones, world.caught, world.rollbacks, broken, tuple(world.story)
    )


def _storm(w: World, steps: int) -> None:
    weights, what = zip(*acts.ACTS, strict=True)
    for cafe in w.cafes:
        w.new_box(cafe)
    for box in list(w.boxes):
        acts.join(w, box)
    for _ in range(steps):
        w.chance.choices(what, weights)[0](w)
        acts.check_step(w)
