"""What happens to machines: cards copied and put back, deaths, returns, other releases, power cuts, clocks."""

from collections.abc import Callable
from pathlib import Path
from random import Random

from hq import enrolment
from pos import backup, journal
from pos.errors import SyncTrouble
from pos.hardware import queue
from sync import enrol, rebuild, repair, restore
from sync.line import Enrolled
from tests.sync.sim.acts import hear_number, some
from tests.sync.sim.line import turn
from tests.sync.sim.world import Box, World

DAY = 24 * 3_600_000
LEAPS = (-400 * DAY, -3_600_000, -60_000, 3_600_000, DAY, 20 * DAY, 200 * DAY)
TRIES = 4


def copy_card(w: World) -> None:
    """Somebody makes an image of a card."""
    box = some(w)
    if box is not None:
        w.images = [*w.images[-2:], (box, w.image_of(box))]
        w.tell(f"an image of {box.name} is made", "card: an image is made")


def clone(w: World) -> None:
    """The last image is put into a second box, or back into the first."""
    if w.images and len(w.boxes) < 5:
        of, image = w.chance.choice(w.images)
        in_place = of in w.boxes and w.chance.random() < 0.5
        made = w.copy_box(of, image, in_place=in_place)
        w.clones += 1
        w.tell(
            f"{made.name} is {of.name} as it was when {image.stem} was made{', in its place' if in_place else ''}",
            f"card: {'put back in place' if in_place else 'a second box'}",
        )


def die(w: World) -> None:
    """A box dies with what only it knew; the café unpacks a new one."""
    box = some(w)
    if box is not None:
        w.bury(box)
        made = w.new_box(box.cafe)
        w.tell(f"{box.name} is dead; {made.name} is unpacked", "box: dies, another is unpacked")


def power(w: World) -> None:
    """The power fails between two acts."""
    w.reboot(w.chance.choice(w.boxes))


def clock_leap(w: World) -> None:
    """A clock leaps, at a box or at HQ."""
    box, by = w.chance.choice(w.boxes), w.chance.choice(LEAPS)
    if w.chance.random() < 0.2:
        w.clock.offset_ms += by
        w.tell(f"HQ's clock leaps by {by // 1000} s", "clock: HQ's leaps")
    else:
        box.clock.offset_ms += by
        w.tell(f"the clock of {box.name} leaps by {by // 1000} s", f"clock: a box's leaps {'back' if by < 0 else 'on'}")


def spoil(box: Box, where: tuple[int, int], how: Callable[[bytes], bytes]) -> tuple[bytes, bytes]:
    """Change an entry on a card; return its hash and what it was."""
    conn = box.store._writer
    digest, body = conn.execute("SELECT hash, body FROM journal_entry WHERE jn = ? AND seq = ?", where).fetchone()
    conn.execute("DROP TRIGGER journal_entry_is_final")
    conn.execute("UPDATE journal_entry SET body = ? WHERE jn = ? AND seq = ?", (how(bytes(body)), *where))
    conn.executescript(journal.SCHEMA)
    return bytes(digest), bytes(body)


def rotten(chance: Random, body: bytes) -> bytes:
    """Return what a card gives back: a block of zeros, or one bit that is another."""
    return bytes(len(body)) if chance.random() < 0.3 else turn(body, chance.randrange(8 * len(body)))


def rot(w: World) -> None:
    """A card loses a bit, or a block, of an entry that HQ does not have yet (§2.8)."""
    box = some(w)
    if box is None or box.store.journal is None:
        return
    # Not the first two: they say which journal it is.
    first = max(w.cursors().get(box.store.journal.jid, (-1, b""))[0], 1) + 1
    last = box.store.tip().seq
    if last < first:
        return
    seq = w.chance.randrange(first, last + 1)
    where = (box.store.journal.jn, seq)
    digest, _body = spoil(box, where, lambda old: rotten(w.chance, old))
    w.rotten.add(digest)
    w.tell(f"entry {seq} of {box.name} rots on its card", "card: an entry rots")


def time_passes(w: World) -> None:
    """Minutes or hours pass everywhere."""
    ms = w.chance.choice((1_000, 60_000, 3_600_000, 9 * 3_600_000))
    w.clock.tick(ms)
    for box in w.boxes:
        box.clock.tick(ms)


def found_again(w: World) -> None:
    """A box thought dead, or the card taken out of one, is found in a drawer and switched on."""
    if w.graves and len(w.boxes) < 5:
        box = w.chance.choice(w.graves)
        w.graves.remove(box)
        w.boxes.append(box)
        w.reboot(box)
        w.tell(f"{box.name} is found again", "box: found again")


def other_release(w: World) -> None:
    """A box is brought to the next release, or falls back to this one."""
    box = w.chance.choice(w.boxes)
    box.later = not box.later
    w.tell(f"{box.name} gets another release", f"release: a box {'is upgraded' if box.later else 'falls back'}")
    w.reboot(box)


def restore_box(w: World) -> None:
    """A box dies with what only it knew; its café comes back on a blank one, over the bad line."""
    old = some(w)
    if old is None or old.store.journal is None:
        return
    images = [image for of, image in w.images if of is old]
    stick = images[-1] if images and w.chance.random() < 0.5 else None
    w.bury(old)
    blank = w.new_box(old.cafe)
    w.tell(f"{old.name} is dead; {blank.name} is to be what it was", "restore: begun")
    code, told = w.code(old.cafe, enrolment.REPLACE), None
    for _ in range(TRIES):
        with w.danger(blank):
            try:
                told = told or enrol.enrol(blank.store, w.line(blank), code, hw="sim")
                hear_number(w, old.cafe, told.check_number)
                _bring(w, old, blank, told, stick)
            except SyncTrouble as no:
                w.tell(f"    {blank.name} waits: {type(no).__name__}", f"restore: {type(no).__name__}")
        if blank.store.journal is not None:
            return
    blank.code = code


def _bring(w: World, old: Box, blank: Box, told: Enrolled, stick: Path | None) -> None:
    """Fetch what HQ holds, put it together, go on with it: `blank` becomes the café's box."""
    line = w.line(blank)
    beside, made = (blank.path.with_suffix(suffix) for suffix in (".coming", ".made"))
    brought = restore.fetch(blank.store, line, told, beside)
    back = rebuild.build(beside, brought, told, made, blank.store, copy=stick)
    try:
        repair.follow(back, line, told)
        whole = len(back.journals()) > 1
    finally:
        back.close()
    blank.store.close()
    backup.put_back(made, blank.path, queue.restored)
    w.start(blank)
    backup.note_restored(blank.store, by="box")
    word = "with a stick's copy" if stick else "from HQ alone" if whole else "as sums only"
    w.tell(f"{blank.name} is what {old.name} was", f"restore: {word}")
