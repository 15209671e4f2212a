"""What rots on a card after HQ has it comes back from HQ, byte for byte, whatever happened before (§2.8)."""

import random

from hq import enrolment
from pos import journal
from sync import healing, ingest
from tests.sync.sim import fates
from tests.sync.sim.line import must
from tests.sync.sim.world import Box, World

SHARE = 0.25
MOST = 3


def check_healed(w: World) -> None:
    """Let entries of each café's box rot that HQ holds; HQ gives them back."""
    chance = random.Random(f"healed {w.seed}")
    if chance.random() < SHARE:
        w.clock.tick(3_600_000)
        for cafe in w.cafes:
            with w.office.db.reading() as conn:
                opened = next((row for row in enrolment.boxes(conn, cafe) if row.state == ingest.OPEN), None)
                held = ingest.cursor_of(conn, opened)[0] if opened else -1
            for box in w.boxes:
                told = box.store.journal
                if told and opened and told.jid == opened.jid and _is_whole(box):
                    _heal(w, box, chance, held)


def _is_whole(box: Box) -> bool:
    with box.store.reading() as conn:
        return all(journal.verify(conn, told)[1] is None for told in box.store.journals())


def _heal(w: World, box: Box, chance: random.Random, held: int) -> None:
    assert box.store.journal is not None
    jn = box.store.journal.jn
    chosen = chance.sample(range(held + 1), min(MOST, held + 1))
    before = {seq: fates.spoil(box, (jn, seq), lambda body: fates.rotten(chance, body)) for seq in chosen}
    w.tell(f"entries {sorted(chosen)} of {box.name} rot on its card", "card: entries that HQ has rot")
    healed = healing.heal(box.store, w.line(box, good=True))
    with box.store.reading() as conn:
        rows = {seq: conn.execute(
            "SELECT hash, body FROM journal_entry WHERE jn = ? AND seq = ?", (jn, seq)).fetchone() for seq in chosen}  # fmt: skip
    same = all((bytes(rows[seq][0]), bytes(rows[seq][1])) == before[seq] for seq in chosen)
    must("B5 what HQ has comes back as it was", healed == len(chosen) and same, (box.name, healed, chosen))
    must("B1 the journal is whole again", _is_whole(box), box.name)
