"""A café with every service of the house, played by the lives of the demonstration under marked names."""

import random
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

from kiosk import demo, demo_evenings, demo_people, demo_services, demo_shelf, demo_village
from kiosk.demo_services import LIVES
from kiosk.demo_village import Village
from pos.clock import StoppedClock, to_ms
from pos.demo import cafe
from pos.errors import Refusal
from pos.store import Store
from pos.till import close
from tests.conftest import open_test_store

BY = "g1"
# No French word, no code and no id of ours holds this.
MARK = "Zqwx"
MODULES = (demo_evenings, demo_people, demo_services, demo_shelf, demo_village)


def mark_names() -> list[tuple[object, str, object]]:
    """Give everybody of the made-up days a name nobody else has; return what was there before."""
    before: list[tuple[object, str, object]] = []
    for module in MODULES:
        for what in ("NAMES", "FIRST_NAMES"):
            if hasattr(module, what):
                known: Sequence[str] = getattr(module, what)
                before.append((module, what, known))
                setattr(module, what, tuple(f"{MARK}{what[0]}{n} {MARK}{n}" for n in range(len(known))))
    return before


def unmark(before: list[tuple[object, str, object]]) -> None:
    """Give the made-up names back."""
    for module, what, value in before:
        setattr(module, what, value)


def begin(path: Path, first: date, order: Sequence[str], seed: int) -> Village:
    """Open a café and agree on what each service needs, in the order given."""
    clock = StoppedClock(f"{first}T06:30:00")
    village = Village(open_test_store(path, clock), clock, random.Random(seed))
    village.kept["members_only"] = False
    with village.store.bulk():
        agree(village, first, order)
    return village


def agree(village: Village, first: date, order: Sequence[str]) -> None:
    """Describe the café and let each service begin."""
    demo._set_up(village.store, cafe(1), first)
    for slug in order:
        LIVES[slug].begin(village)


def play_day(village: Village, day: date, order: Sequence[str]) -> None:
    """Open, let each service live its day in the order given, close; a refusal leaves no trace."""
    village.clock.set(max(village.clock.now_ms() + 1000, to_ms(f"{day}T06:55:00")))
    with suppress(Refusal):
        close.open_day(village.store, 30_000, by=BY)
    for slug in order:
        with suppress(Refusal):
            LIVES[slug].day(village)
    with suppress(Refusal):
        close.close_day(village.store, by=BY)


def in_the_journal(store: Store) -> bytes:
    """Return all entries of the journal, as they are kept and sent."""
    from pos import journal

    with store.reading() as conn:
        return b"\n".join(entry.body for entry in journal.entries(conn, store.journals()[0]))
