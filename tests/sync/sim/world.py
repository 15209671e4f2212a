"""The simulated network: cafés with boxes, copies and graves, one HQ, and what happens to them."""

import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hq import enrolment
from hq.local import LocalHq
from hq.register import Sheet, add_cafe
from pos import box as boxes
from pos import drafts, journal, private
from pos.audit import against_last_ack
from pos.clock import StoppedClock, to_ms
from sync import ackfile, agent, downstream
from sync.line import Answer, Hq, Line
from tests.conftest import MORNING
from tests.sync.sim.line import CANARY, BadLine, Request, must
from tests.sync.sim.machine import PowerCut, SimStore, Workshop


@dataclass
class Box:
    """One machine with one file. `signed`: what it signed since it is not a copy; `tips`: what must still be there."""

    name: str
    cafe: int
    path: Path
    clock: StoppedClock
    store: SimStore
    signed: dict[tuple[str, int], str] = field(default_factory=dict)
    tips: dict[tuple[str, int], bytes] = field(default_factory=dict)
    # The code its coordinator gave, until it has served.
    code: str = ""
    stolen: bool = False
    # Whether it runs the next release.
    later: bool = False
    # The highest serial of a manifest that it believed.
    serial: int = 0
    eye: sqlite3.Connection | None = None

    @property
    def ack(self) -> Path:
        """The file beside the database."""
        return self.path.with_suffix(".ack")

    @contextmanager
    def on_disk(self) -> Iterator[sqlite3.Connection]:
        """Give a connection of a stranger: it sees what is committed."""
        if self.eye is None:
            self.eye = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        yield self.eye

    def shut(self) -> None:
        """Let go of the file, as a power cut does: nothing is tidied up, since a reader is there to the last."""
        with self.on_disk() as conn:
            conn.execute("SELECT 1 FROM journal LIMIT 1").fetchone()
            self.store.fall()
        if self.eye is not None:
            self.eye.close()
            self.eye = None

    def hash_at(self, jid: str, seq: int) -> bytes:
        """Return the hash of an entry on the disk; empty when there is none."""
        with self.on_disk() as conn:
            row = conn.execute(
                "SELECT e.hash FROM journal_entry e JOIN journal j USING (jn) WHERE j.jid = ? AND e.seq = ?", (jid, seq)
            ).fetchone()
        return bytes(row[0]) if row else b""

    def chain(self) -> dict[str, list[bytes]]:
        """Return the hashes of each journal on the disk, in order."""
        found: dict[str, list[bytes]] = {}
        with self.on_disk() as conn:
            for jid, digest in conn.execute(
                "SELECT j.jid, e.hash FROM journal j LEFT JOIN journal_entry e USING (jn) ORDER BY j.jn, e.seq"
            ):
                found.setdefault(jid, [])
                if digest is not None:
                    found[jid].append(bytes(digest))
        return found

    def note_serial(self, given: dict[str, int]) -> None:
        """B7: the serial of the manifest never goes down, whatever the line said and whenever the power failed.

        `given`: serials of all that HQ signed, by their short names; the one believed last is no older either.
        """
        with self.on_disk() as conn:
            serial, believed = downstream.serial(conn), drafts.get(conn, downstream.BELIEVED, "")
        must("B7 the serial of the manifest never goes down", serial >= self.serial, (self.name, serial, self.serial))
        last = given.get(believed, serial)
        must("B7 no older manifest is believed", last >= serial, (self.name, last, serial))
        self.serial = serial

    def note_tip(self) -> None:
        """Remember the last committed entry: it must be there whatever comes."""
        if self.store.journal is not None:
            tip = self.store.tip()
            if tip.seq >= 0:
                self.tips[self.store.journal.jid, tip.seq] = bytes(tip.hash)


class World:
    """One run."""

    def __init__(self, shop: Workshop, seed: int, say: Callable[[str], None]) -> None:
        self.shop, self.seed, self._say = shop, seed, say
        self.chance = random.Random(f"world {seed}")
        self.attacker = random.Random(f"attacker {seed}")
        self.folder = shop.folder / "run"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        if shop.card is not None:
            shop.card.forget()
        self.clock = StoppedClock(MORNING)
        self.office = shop.office(self.clock)
        self.boxes: list[Box] = []
        self.graves: list[Box] = []
        self.images: list[tuple[Box, Path]] = []
        self.backups: list[Path] = []
        self.captured: list[Request] = []
        # What HQ sent down before, by what was asked and of which café.
        self.lists: list[tuple[str, int, Answer]] = []
        self.manifests: dict[str, int] = {}
        # First hashes of entries that some card has spoilt: nobody promises those.
        self.rotten: set[bytes] = set()
        # What happened, and how often.
        self.seen: Counter[str] = Counter()
        self.story: list[str] = []
        self.badness = self.chance.choice((0.0, 0.1, 0.3, 0.6))
        # How often the power fails within an act.
        self.weakness = 0.12
        self.busy: list[Box] = []
        self.faults = self.n = self.clones = self.caught = self.rollbacks = self.sales = 0
        self.known_cursors: dict[str, int] = {}
        self.learnt = False
        with self.office.db.writing() as conn:
            self.cafes = [
                add_cafe(conn, self.sheet(17 + i), by="sim", now_ms=self.clock.now_ms(), cafe_id=17 + i)
                for i in range(self.chance.choice((1, 1, 2)))
            ]

    def sheet(self, cafe: int) -> Sheet:
        """Return a café as HQ's register begins with it."""
        return Sheet(name=f"Café {cafe}", insee="53195", antenna=4, model="managed", services=("bread", "parcel"))

    def tell(self, text: str, saw: str = "") -> None:
        """Add a line to the story; count what it is about."""
        self.story.append(text)
        self._say(text)
        if saw:
            self.seen[saw] += 1

    # Boxes

    def new_path(self, word: str) -> Path:
        """Return a path that was never used in this run."""
        self.n += 1
        return self.folder / f"{word}{self.n}.db"

    def new_box(self, cafe: int) -> Box:
        """Unpack a new box: its own key, an empty file."""
        path = self.new_path("box")
        shutil.copyfile(self.shop.empty_box, path)
        clock = StoppedClock(to_ms(MORNING))
        clock.set(self.clock.now_ms())
        made = self._box(path, cafe, clock, later=self.chance.random() < 0.5)
        with made.store.writing(by="box") as tx:
            private.remember(tx.conn, purpose="parcel", purge_after="2027-01-01", now_ms=1, name=CANARY)
        boxes.start(made.store)
        return made

    def _box(self, path: Path, cafe: int, clock: StoppedClock, *, later: bool) -> Box:
        """Start a machine on a file that lies there."""
        self.shop.settle(*files_of(path))
        made = Box(path.stem, cafe, path, clock, self.shop.store(path, clock, later=later), later=later)
        self.boxes.append(made)
        return made

    def copy_box(self, of: Box, image: Path, *, in_place: bool) -> Box:
        """Put an image into a second box beside the first, or back into the first."""
        path = self.new_path("copy")
        copy_file(image, path)
        clock = StoppedClock(of.clock.now_ms())
        if in_place:
            if of.ack.exists() and self.chance.random() < 0.5:
                shutil.copyfile(of.ack, path.with_suffix(".ack"))
            self.bury(of)
        made = self._box(path, of.cafe, clock, later=of.later)
        self._wake(made)
        return made

    def image_of(self, box: Box) -> Path:
        """Copy a box's card as it lies there."""
        path = self.new_path("image")
        copy_file(box.path, path)
        return path

    def bury(self, box: Box) -> None:
        """A box is gone; somebody may find it again."""
        box.shut()
        self.boxes.remove(box)
        self.graves.append(box)

    def reboot(self, box: Box) -> None:
        """Start a box again after its power failed; check that what it had said is there (B2, B3)."""
        self.tell(f"    {box.name} loses its power and starts again", "power: a box starts again")
        box.shut()
        if self.shop.card is not None and (left := self.shop.card.left_to(box.store)) is not None:
            self.tell(f"    {box.name} finds what its card kept", "power: cut within a write or a sync")
            lay(box.path, left)
            self.shop.settle(*files_of(box.path))
        box.store = self.shop.store(box.path, box.clock, later=box.later)
        check_tips(box)
        box.note_serial(self.manifests)
        self._wake(box)

    def _wake(self, box: Box) -> None:
        """Do what a till does at its start: say so in its journal, look whether its file is older than HQ's last word."""
        boxes.start(box.store)
        found = against_last_ack(box.store, box.ack) if box.store.journal is not None else None
        if found is not None:
            self.tell(f"    {box.name} finds that it went back", "card: found to be old at the start")
            agent.went_back(box.store, f"{found.code}:{found.seq}")
        box.note_tip()

    def start(self, box: Box) -> None:
        """Start a box on another file, which took the place of its own."""
        made, card = self.shop.store(box.path, box.clock, later=box.later), self.shop.card
        if card is not None and card.store is box.store:
            card.store = made
        box.shut()
        box.store = made
        self._wake(box)

    def fallen(self, box: Box) -> bool:
        """Tell whether the power of a box has failed, and only its Python does not know it yet."""
        card = self.shop.card
        return box.store.dead or (card is not None and card.left_to(box.store) is not None)

    def line(self, box: Box, *, good: bool = False) -> Hq:
        """Return a box's line to HQ."""
        return LocalHq(self.office) if good else Line(BadLine(self, box))

    def code(self, cafe: int, purpose: str) -> str:
        """Make a code at HQ."""
        with self.office.db.writing() as conn:
            if purpose == enrolment.NEW and enrolment.boxes(conn, cafe):
                purpose = enrolment.REPLACE
            return str(enrolment.make_code(conn, cafe, purpose, by="sim", at=self.clock.now_ms()))

    def meanwhile(self, busy: Box) -> None:
        """Let another box call within a request of this one."""
        from tests.sync.sim import acts

        others = [box for box in self.boxes if box not in self.busy and box.store.journal is not None]
        if others:
            acts.call(self, self.chance.choice(others))

    # Powers

    @contextmanager
    def danger(self, box: Box) -> Iterator[None]:
        """Perhaps let the power fail within what follows; the box then starts again."""
        card, within = self.shop.card, False
        if self.chance.random() < self.weakness:
            within = card is not None and card.store is None and self.chance.random() < 0.5
            if card is not None and within:
                luck = random.Random(self.chance.random()) if self.chance.random() < 0.5 else None
                card.arm(box.store, self.chance.randrange(0, 60), luck)
            else:
                box.store.arm(self.chance.randrange(0, 40), after=self.chance.random() < 0.5)
        self.busy.append(box)
        try:
            yield
            if self.fallen(box):
                # The last thing it did; nobody heard that it was done.
                raise PowerCut
        except PowerCut:
            self.reboot(box)
        else:
            box.store.arm(-1, after=False)
        finally:
            self.busy.remove(box)
            self.shop.fuse = -1
            if card is not None and within:
                card.disarm()

    # HQ as a stranger sees it

    @contextmanager
    def hq_file(self) -> Iterator[sqlite3.Connection]:
        """Give a read-only look at HQ's file."""
        yield self.shop.eye()

    def cursors(self) -> dict[str, tuple[int, bytes]]:
        """Return HQ's cursor of each journal."""
        with self.hq_file() as conn:
            rows = conn.execute(
                "SELECT j.jid, c.seq, c.head FROM cursor c JOIN journal j USING (cafe_id, jn)"
            ).fetchall()
        return {jid: (seq, bytes(head)) for jid, seq, head in rows}

    def close(self) -> None:
        """Let go of every file."""
        for box in self.boxes:
            box.shut()


def files_of(path: Path) -> list[Path]:
    """Return the files of the box whose database this is."""
    return [one for one in path.parent.glob(f"{path.stem}.*") if not one.name.endswith("-shm")]


def copy_file(image: Path, to: Path) -> None:
    """Copy a card: its database, what is not yet in it, and its keys, the one that is to follow too."""
    for suffix in (".db", ".db-wal", ".key", ".next"):
        if image.with_suffix(suffix).exists():
            shutil.copyfile(image.with_suffix(suffix), to.with_suffix(suffix))


def lay(path: Path, left: dict[str, bytes]) -> None:
    """Make a box's files those that a power cut left."""
    for old in path.parent.glob(f"{path.stem}.*"):
        old.unlink()
    for name, data in left.items():
        path.with_name(name).write_bytes(data)


def check_tips(box: Box) -> None:
    """B2, B3: every committed entry is still there, with the same hash."""
    chain = box.chain()
    for (jid, seq), digest in box.tips.items():
        here = chain.get(jid, [])
        must("B2 what was committed survives a power cut", len(here) > seq, (box.name, jid, seq, len(here)))
        must("B3 no body ever changes", here[seq] == digest, (box.name, jid, seq))


def tip_of(box: Box) -> journal.Tip | None:
    """Return where a box's open journal stands."""
    return box.store.tip() if box.store.journal is not None else None


def acked(box: Box) -> ackfile.KeptAck | None:
    """Return the last ack a box believes."""
    return ackfile.last(box.store) if box.store.journal is not None else None
