"""Power cuts while a file is written: the keys, HQ's last word, a backup put back, an archive (hardware 6.7).

Each test takes the folder as it would be after a cut before every step, and at the end, in the strict way (only what
was synced) and in twelve lucky or unlucky ones; the box must start from each.
"""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from hq.config import Config
from hq.local import LocalHq
from hq.wiring import open_office
from kiosk import copies
from kiosk.app import _session_key
from pos import backup, durable, journal
from pos.archive.make import make_archive
from pos.audit import check_everything
from pos.clock import StoppedClock
from pos.hardware import queue
from pos.house import FEATURES
from pos.seal import Keyring
from pos.store import Store
from pos.till import close
from sync import ackfile, agent
from sync.ackfile import KeptAck
from tests.cast import BEA, open_cafe, sold
from tests.conftest import MORNING, key_of, open_test_store
from tests.faults.counts import campaign
from tests.faults.disk import Disk, library
from tests.sync.test_agent import a_pair
from tests.sync.test_repair import at_hq

pytestmark = pytest.mark.skipif(
    library() is None, reason="SQLite is built into this Python: no layer can be put under it"
)
PHRASE = "le chat dort au soleil"
Left = dict[str, bytes]


def cut_during(folder: Path, act: Callable[[], object]) -> tuple[list[Left], Left]:
    """Do `act` in `folder`; return what cuts during it would leave, and what one right after it would."""
    left: list[Left] = []

    def cut(_what: str = "") -> None:
        left.append(disk.survivors())
        left.extend(disk.survivors(random.Random(seed)) for seed in range(12))

    folder.mkdir(exist_ok=True)
    with Disk(folder) as disk:
        disk.each = cut
        act()
        cut()
        assert disk.problems == []
        return left, disk.survivors()


def laid(left: Left, folder: Path) -> Path:
    """The folder as a cut left it."""
    folder.mkdir(parents=True)
    for name, data in left.items():
        (folder / name).write_bytes(data)
    return folder


def test_full_keeps_each_commit_and_normal_forgets(tmp_path: Path) -> None:
    """The layer shows what is known of SQLite: one sync per commit and nothing lost, or few syncs and all lost (7.1)."""
    import sqlite3

    kept = {}
    for synchronous in ("FULL", "NORMAL"):
        (tmp_path / synchronous).mkdir()
        with Disk(tmp_path / synchronous) as disk:
            conn = sqlite3.connect(disk.folder / "cafe.db", isolation_level=None)
            for pragma in ("journal_mode=WAL", f"synchronous={synchronous}"):
                conn.execute(f"PRAGMA {pragma}")
            conn.execute("CREATE TABLE sale (no INTEGER)")
            before = disk.syncs
            for no in range(100):
                conn.execute("INSERT INTO sale VALUES (?)", (no,))
            assert disk.syncs - before == (100 if synchronous == "FULL" else 0)
            folder = laid(disk.survivors(), tmp_path / f"{synchronous}-cut")
            conn.close()
            assert disk.problems == []
        again = sqlite3.connect(folder / "cafe.db")
        tables = again.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        kept[synchronous] = again.execute("SELECT count(*) FROM sale").fetchone()[0] if tables else 0
        again.close()
    assert kept == {"FULL": 100, "NORMAL": 0}


def test_a_sale_costs_one_sync(tmp_path: Path, clock: StoppedClock) -> None:
    """Entry, tables, bill, slip and attempt are one commit: the customer waits for one sync, not for five (7.2)."""
    with Disk(tmp_path) as disk:
        store = open_test_store(tmp_path / "cafe.db", clock)
        open_cafe(store)
        before = disk.syncs
        sold(store, "cafe", "baguette", attempt="tap-0001")
        assert disk.syncs == before + 1
        store.close()
    assert disk.problems == []


def test_what_hq_acknowledged_is_on_hq_s_disk(tmp_path: Path) -> None:
    """A box may lose its card the minute after: HQ signs for what a power cut of its own would leave (7.4)."""
    folder = tmp_path / "both"
    folder.mkdir()
    cuts = []
    with Disk(folder) as disk:
        office, box = a_pair(folder)
        open_cafe(box)
        for n in range(3):
            sold(box, "cafe")
            agent.push(box, LocalHq(office), keep=folder / "ack.json")
            cuts.append((laid(disk.survivors(), tmp_path / f"cut-{n}"), at_hq(office)))
        office.close()
        box.close()
    assert disk.problems == []
    for cut, told in cuts:
        again = open_office(Config(data=cut, database=f"sqlite:///{cut / 'hq.db'}"))
        assert at_hq(again) == told
        assert (cut / "ack.json").exists()
        again.close()
    assert [tickets for _cut, (tickets, _turnover) in cuts] == [1, 2, 3]


def test_the_box_s_key_is_whole_or_not_there(tmp_path: Path) -> None:
    """A key that signed anything is on the disk; a half-written one never stops the box from starting (R22)."""
    made: list[Keyring] = []
    left, end = cut_during(tmp_path / "box", lambda: made.append(Keyring.load_or_make(tmp_path / "box" / "box.key")))
    for n, one in enumerate(left):
        folder = laid(one, tmp_path / f"cut-{n}")
        assert Keyring.load_or_make(folder / "box.key").public
        assert (folder / "box.key").stat().st_mode & 0o77 == 0 or "box.key" in one
    assert Keyring.load_or_make(laid(end, tmp_path / "end") / "box.key").public == made[0].public


def test_the_cookies_key_never_comes_back_empty(tmp_path: Path) -> None:
    """An empty one would lock everybody out of the till for ever."""
    left, _end = cut_during(tmp_path / "box", lambda: _session_key(tmp_path / "box" / "session.key"))
    for n, one in enumerate(left):
        assert len(_session_key(laid(one, tmp_path / f"cut-{n}") / "session.key")) == 64
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "session.key").touch()
    assert len(_session_key(tmp_path / "old" / "session.key")) == 64


def test_hq_s_last_word_is_the_old_one_or_the_new_one(tmp_path: Path) -> None:
    """The file beside the database is what tells an old copy of the card: it is never half, and it stays."""
    old, new = (KeptAck("j", seq, "00", "k", 1, "{}", "s", "h", 1) for seq in (4, 9))
    folder = tmp_path / "box"
    folder.mkdir()
    ackfile.write_file(folder / "ack.json", old)
    left, end = cut_during(folder, lambda: ackfile.write_file(folder / "ack.json", new))
    import msgspec

    told = [msgspec.json.decode(one["ack.json"], type=KeptAck) for one in [*left, end]]
    assert {one.seq for one in told} == {4, 9}
    assert told[-1] == new


def test_a_stick_holds_the_copy_before_and_never_half_a_new_one(tmp_path: Path) -> None:
    """Pulled out, or the power gone, at any moment: what bears a copy's name is a whole copy; once told, it is there."""
    place = tmp_path / "stick"
    place.mkdir()
    before, after = "2026-11-19-000000000000009.zinc", "2026-11-20-000000000000042.zinc"
    old, new = random.Random(1).randbytes(3_000), random.Random(2).randbytes(5_000)
    durable.write(place / before, old)
    left, end = cut_during(
        place, lambda: copies.write(place, after, lambda out: out.write(new) and None, lambda _path: None)
    )
    for one in left:
        assert one[before] == old
        assert one.get(after, new) == new
    assert {name: data for name, data in end.items() if name.endswith(".zinc")} == {before: old, after: new}


def test_a_backup_put_back_stays(tmp_path: Path, clock: StoppedClock) -> None:
    """A cut during the restore leaves the till as before or as in the backup; after it, the restore holds (R30)."""
    put_back_under_cuts(tmp_path, clock, most=25)


@pytest.mark.faults
def test_a_backup_put_back_stays_whatever_the_moment(
    tmp_path: Path, clock: StoppedClock, record_property: Callable[[str, object], None]
) -> None:
    """The same, from every folder that a cut may leave."""
    n = put_back_under_cuts(tmp_path, clock, most=10_000)
    campaign(record_property, "Power cuts while a backup is put back", trials=n, unit="cuts")


def put_back_under_cuts(tmp_path: Path, clock: StoppedClock, *, most: int) -> int:
    """Put a backup back, cut at each step; look at `most` different folders, return how many."""
    folder = tmp_path / "box"
    store = open_test_store(folder / "cafe.db", clock)
    open_cafe(store)
    sold(store, "cafe")
    with store.writing(by=BEA) as tx:
        queue.enqueue(tx.conn, "Ticket 1", b"ticket")
    copy = backup.make(store, PHRASE, by=BEA)
    # What stands in the way: a till that lost its file, and was begun anew with the same key.
    old = store.journal.jid  # type: ignore[union-attr]
    store.close()
    for path in folder.glob("cafe.db*"):
        path.unlink()
    begun = open_test_store(folder / "cafe.db", clock, cafe=18)
    tips = {begun.journal.jid: begun.tip().seq}  # type: ignore[union-attr]
    begun.close()

    def restore() -> None:
        begun = open_test_store(folder / "cafe.db", clock, cafe=18)
        restored = backup.unpack(copy.data, PHRASE, folder, begun)
        begun.close()
        backup.put_back(restored, folder / "cafe.db", queue.restored)
        back = open_test_store(folder / "cafe.db", clock)
        backup.note_restored(back, by=BEA)
        back.close()

    seen = set()
    left, end = cut_during(folder, restore)
    different = list({tuple(sorted(one.items())): one for one in left}.values())
    chosen = random.Random(1).sample(different, min(most, len(different)))
    for n, one in enumerate([*chosen, end]):
        again = Store(
            laid(one, tmp_path / f"cut-{n}") / "cafe.db", clock=clock, keyring=key_of("box"), features=FEATURES
        )
        assert again.journal is not None, n
        with again.reading() as conn:
            assert journal.verify(conn, again.journal)[1] is None
            slips = [job.state for job in queue.jobs(conn)]
        seen.add(again.journal.jid)
        if again.journal.jid == old:
            # What waited in the copy may be on paper since; that it was put back is said in the journal, once.
            assert slips == [queue.DOUBT]
            backup.finish(again)
            assert again.tip().seq == copy.last + 1
        else:
            assert again.tip().seq == tips[again.journal.jid]
        last = again.journal.jid
        again.close()
    assert seen == {old, *tips}
    assert last == old
    return len(chosen) + 1


def test_an_archive_the_journal_speaks_of_is_on_the_disk(tmp_path: Path) -> None:
    """Its hash is in the chain: the file must not be gone after a cut (R60)."""
    clock = StoppedClock(MORNING)
    store = open_test_store(tmp_path / "cafe.db", clock)
    open_cafe(store)
    sold(store, "cafe")
    close.close_day(store, counted=None, by=BEA)
    clock.set("2026-11-21T09:00:00+01:00")
    made: list[Path] = []
    folder = tmp_path / "stick"
    _left, end = cut_during(
        folder, lambda: made.append(make_archive(store, asked="2026-11-20", folder=folder, by=BEA).path)
    )
    assert end[made[0].name] == made[0].read_bytes()
    assert check_everything(store).findings == ()
    store.close()
