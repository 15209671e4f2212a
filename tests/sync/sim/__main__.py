"""Replay one seed step by step, or play as many as fit: `SEED [STEPS]` or `--minutes N [--from SEED]`."""

import argparse
import multiprocessing
import sys
import time
from collections import Counter

from tests.sync.sim.play import STEPS, play, workshop


def main(arguments: list[str]) -> int:
    """Do what was asked; 1 when an invariant broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.sync.sim", description=__doc__)
    parser.add_argument("seed", type=int, nargs="?")
    parser.add_argument("steps", type=int, nargs="?", default=STEPS)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    told = parser.parse_args(arguments)
    if told.minutes is not None:
        counted = campaign(told.minutes, told.first, told.jobs, told.steps)
        print(", ".join(f"{n} {name}" for name, n in counted.items()))
        return bool(counted["failed"])
    if told.seed is None:
        parser.error("a seed, or --minutes")
    shop = workshop()
    try:
        run = play(shop, told.seed, told.steps, print)
    finally:
        shop.shut()
    print(f"\n{run.broken or 'every invariant held'}")
    return bool(run.broken)


def campaign(minutes: float, first: int, jobs: int, steps: int) -> dict[str, int]:
    """Play seeds on several processes until the time is up; print every failing seed, return the counts."""
    until = time.monotonic() + minutes * 60
    with multiprocessing.Pool(jobs) as pool:
        found = pool.starmap(series, [(first + job, jobs, steps, until) for job in range(jobs)])
    seen: Counter[str] = sum((part for _counted, part in found), Counter())
    for what, n in sorted(seen.items()):
        print(f"{n:9,}  {what}")
    return {name: sum(counted[name] for counted, _part in found) for name in ("schedules", "failed", *COUNTS)}


def series(first: int, stride: int, steps: int, until: float) -> tuple[dict[str, int], Counter[str]]:
    """Play every `stride`-th seed from `first` until it is time; return what they counted, and what they met."""
    shop, seed = workshop(str(first)), first
    counted: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    try:
        while time.monotonic() < until:
            run = play(shop, seed, steps)
            if run.broken:
                print(f"seed {seed}: {run.broken}\n    python -m tests.sync.sim {seed} {steps}", flush=True)
            counted.update({name: getattr(run, name) for name in COUNTS})
            counted.update(schedules=1, failed=bool(run.broken))
            seen.update(run.seen)
            seed += stride
    finally:
        shop.shut()
    return dict(counted), seen


COUNTS = ("sales", "faults", "clones", "caught", "rollbacks")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
