"""Replay one seed step by step, or play as many as fit: `SEED [STEPS]` or `--minutes N [--from SEED]`."""

import argparse
import multiprocessing
import shutil
import sys
import time

from tests.sync.sim.play import STEPS, Run, play, workshop


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
        shutil.rmtree(shop.folder)
    print(f"\n{run.broken or 'every invariant held'}")
    return bool(run.broken)


def campaign(minutes: float, first: int, jobs: int, steps: int) -> dict[str, int]:
    """Play seeds on several processes until the time is up; print every failing seed, return the counts."""
    until = time.monotonic() + minutes * 60
    with multiprocessing.Pool(jobs) as pool:
        found = pool.starmap(series, [(first + job, jobs, steps, until) for job in range(jobs)])
    runs = [run for part in found for run in part]
    for run in runs:
        if run.broken:
            print(f"seed {run.seed}: {run.broken}\n    python -m tests.sync.sim {run.seed} {run.steps}")
    counted = {name: sum(getattr(run, name) for run in runs) for name in COUNTS[2:]}
    return {"schedules": len(runs), "failed": sum(bool(run.broken) for run in runs), **counted}


def series(first: int, stride: int, steps: int, until: float) -> list[Run]:
    """Play every `stride`-th seed from `first` until it is time."""
    shop, runs, seed = workshop(str(first)), [], first
    try:
        while time.monotonic() < until:
            run = play(shop, seed, steps)
            runs.append(run if run.broken else Run(*[getattr(run, f) for f in COUNTS]))
            seed += stride
    finally:
        shutil.rmtree(shop.folder)
    return runs


COUNTS = ("seed", "steps", "sales", "faults", "clones", "caught", "rollbacks")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
