"""Copies on a stick: made at closing, read back, few kept; what is spoilt is refused; a drill proves they come back."""

import os
import resource
from pathlib import Path
from types import SimpleNamespace

import pytest

from kiosk import copies, copy_jobs, restoring, scheduler
from kiosk.wiring import Kiosk
from pos import backup, private, recovery
from pos.audit import check_everything
from pos.clock import StoppedClock
from pos.events import Event
from pos.locked import NotABackup, WrongPassphrase
from pos.store import Store
from pos.system import BackupChecked, BackupDone, TroubleNoted
from pos.till import close, sell, tables
from pos.till.sell import SoldLine
from tests.kiosk.conftest import Counter


@pytest.fixture
def stick(kiosk: Kiosk, tmp_path: Path) -> Path:
    """A stick that is plugged in, not yet the café's."""
    folder = tmp_path / "STICK"
    folder.mkdir()
    kiosk.settings["sticks"] = [str(folder)]
    return folder


@pytest.fixture
def sheet(kiosk: Kiosk, stick: Path) -> str:
    """The phrase of the recovery sheet; the stick is the café's."""
    copies.adopt(kiosk)
    return copies.new_sheet(kiosk)


def held(kiosk: Kiosk, stick: Path) -> list[copies.Held]:
    return copies.held(copies.place_of(stick, kiosk.store))


def coffee(kiosk: Kiosk) -> None:
    sell.sell(kiosk.store, lines=[SoldLine(product="cafe")], by="g1")


def last(kiosk: Kiosk) -> Event:
    return kiosk.store.event(kiosk.store._writer, kiosk.store.last_place()).event


def emptied(kiosk: Kiosk) -> Kiosk:
    """The same box after its file was lost: its key is there, nothing else."""
    kiosk.store.close()
    (kiosk.data / "box.key").write_text(bytes(kiosk.store.keyring._key).hex())
    for path in kiosk.data.glob("cafe.db*"):
        path.unlink()
    kiosk.store = Store(
        kiosk.data / "cafe.db", clock=kiosk.store.clock, keyring=kiosk.store.keyring, features=kiosk.store.features
    )
    return kiosk


def test_a_closing_is_copied_by_itself_once(kiosk: Kiosk, stick: Path, sheet: str, clock: StoppedClock) -> None:
    """The tick after it finds it due; the copy is read back, an entry says so, and the next tick has nothing to do."""
    scheduler.tick(kiosk)
    assert len(held(kiosk, stick)) == 1  # a stick that has nothing gets everything at once
    coffee(kiosk)
    assert not copy_jobs.copy_due(kiosk)
    close.close_day(kiosk.store, counted=None, by="g1")
    clock.tick(5 * 60_000)
    assert "copy" in scheduler.tick(kiosk)
    done = next(one for one in told(kiosk) if isinstance(one, BackupDone) and one.last > 0)
    assert (done.where, done.checked) == ("stick", True)
    clock.tick(5 * 60_000)
    assert "copy" not in scheduler.tick(kiosk)
    assert len(held(kiosk, stick)) == 2
    assert (kiosk.data / "alive").exists()


def told(kiosk: Kiosk) -> list[Event]:
    """Every event, the latest first."""
    places = range(kiosk.store.last_place(), -1, -1)
    return [kiosk.store.event(kiosk.store._writer, place).event for place in places]


def test_nothing_on_the_stick_is_readable(kiosk: Kiosk, stick: Path, sheet: str) -> None:
    """Names, entries, keys: none of it in clear; the phrase is nowhere on the box."""
    copies.copy_now(kiosk, by="g1")
    coffee(kiosk)
    copies.write_tail(kiosk)
    found = b"".join(path.read_bytes() for path in stick.rglob("*") if path.is_file())
    for secret in (b"SQLite", "Maëlle".encode(), b"till.sold", bytes(kiosk.store.keyring._key)):
        assert secret not in found
    kept = b"".join(path.read_bytes() for path in kiosk.data.iterdir() if path.is_file())
    assert recovery.read(sheet).encode() not in kept
    assert sheet.encode() not in kept
    assert (kiosk.data / "copies.key").stat().st_mode & 0o777 == 0o600


def test_stick_and_sheet_bring_everything_back_to_the_last_quarter_hour(
    kiosk: Kiosk, stick: Path, sheet: str, clock: StoppedClock
) -> None:
    """Copy and tail together: sales, tables and names as they were; the chain goes on."""
    copies.copy_now(kiosk, by="g1")
    for _ in range(3):
        coffee(kiosk)
    with kiosk.store.writing(by="g1") as tx:
        private.remember(
            tx.conn, purpose="parcels", purge_after="2026-12-31", now_ms=tx.now, person_id="p1", name="Mme Essai"
        )
    clock.tick(16 * 60_000)
    assert "tail" in scheduler.tick(kiosk)
    coffee(kiosk)
    clock.tick(16 * 60_000)
    assert "tail" in scheduler.tick(kiosk)
    assert len(list(stick.rglob("tail-*"))) == 1
    seq, total = kiosk.store.tip().seq, _total(kiosk)
    back = emptied(kiosk)
    typed = sheet.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert restoring.from_stick(back, held(back, stick)[-1], typed, by="box") == seq
    assert _total(back) == total
    with back.store.reading() as conn:
        assert private.name_of(conn, "p1") == "Mme Essai"
    assert check_everything(back.store).findings == ()
    coffee(back)


def _total(kiosk: Kiosk) -> int:
    with kiosk.store.reading() as conn:
        return tables.total(conn, tables.EVER, "turnover", "algebraic")


def test_every_region_of_a_spoilt_copy_is_refused(kiosk: Kiosk, stick: Path, sheet: str) -> None:
    """A bit changed or the end cut, anywhere: told as a spoilt file, never as a wrong phrase, and nothing restored."""
    copies.copy_now(kiosk, by="g1")
    locked = copies.key(kiosk)
    assert locked is not None
    whole = held(kiosk, stick)[-1].path.read_bytes()
    path = kiosk.data / "spoilt.db"
    for place in range(0, len(whole), max(1, len(whole) // 97)):
        spoilt = whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :]
        with pytest.raises(NotABackup):
            backup.lay(spoilt, locked, path)
    for cut in (0, 13, 20, 61, 100, len(whole) // 2, len(whole) - 1):
        with pytest.raises(NotABackup):
            backup.lay(whole[:cut], locked, path)
    with pytest.raises(WrongPassphrase):
        backup.lay(whole, recovery.new_phrase(), path)
    assert not path.exists()


def test_a_spoilt_tail_leaves_the_copy_before_it(kiosk: Kiosk, stick: Path, sheet: str) -> None:
    """The copy comes back without it; the drill names the tail."""
    copies.copy_now(kiosk, by="g1")
    base = held(kiosk, stick)[-1].last
    coffee(kiosk)
    copies.write_tail(kiosk)
    newest = held(kiosk, stick)[-1]
    assert newest.tail is not None
    data, tail = newest.path.read_bytes(), newest.tail.read_bytes()
    locked = copies.key(kiosk)
    assert locked is not None
    path = kiosk.data / "tried.db"
    for place in range(0, len(tail), max(1, len(tail) // 23)):
        spoilt = tail[:place] + bytes([tail[place] ^ 1]) + tail[place + 1 :]
        assert backup.lay(data, locked, path, spoilt) == base
    assert backup.lay(data, locked, path, tail) == newest.until > base
    newest.tail.write_bytes(tail[:-5])
    assert copy_jobs.drill(kiosk, by="g1").fault == "tail"


def test_a_drill_restores_apart_and_says_so(kiosk: Kiosk, stick: Path, sheet: str) -> None:
    """Everything is checked on the restored file, the sheet with it; it is an entry; nothing stays behind."""
    copies.copy_now(kiosk, by="g1")
    coffee(kiosk)
    copies.write_tail(kiosk)
    tip = kiosk.store.tip().seq
    found = copy_jobs.drill(kiosk, by="g1", phrase=sheet)
    assert found == last(kiosk) == BackupChecked(last=tip, entries=tip + 1)
    assert copies.told(kiosk)["drill"]["sheet"]
    with pytest.raises(copies.SheetOfAnother):
        copy_jobs.drill(kiosk, by="g1", phrase=recovery.new_phrase())
    spoilt = held(kiosk, stick)[-1].path
    spoilt.write_bytes(spoilt.read_bytes()[:-9])
    assert copy_jobs.drill(kiosk, by="g1").fault == "spoilt"
    assert [path.name for path in kiosk.data.iterdir() if path.name.startswith("zinc-backup")] == []


def test_ten_copies_are_kept_and_what_was_cut_goes(
    kiosk: Kiosk, stick: Path, sheet: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Older copies, half-written files and tails of older copies leave; the newest stays."""
    monkeypatch.setattr(copies, "KEPT", 3)
    for _ in range(5):
        coffee(kiosk)
        copies.copy_now(kiosk, by="g1")
        coffee(kiosk)
        copies.write_tail(kiosk)
        (copies.place_of(stick, kiosk.store) / "cut.part").write_bytes(b"half")
    copies.copy_now(kiosk, by="g1")
    names = sorted(path.name for path in copies.place_of(stick, kiosk.store).iterdir())
    assert len(names) == 3
    assert names[-1].endswith(f"{copies.told(kiosk)['copy']['last']:015d}.zinc")


def test_a_full_stick_gives_up_its_oldest_copies_never_its_last(
    kiosk: Kiosk, stick: Path, sheet: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Room is made by the oldest; when there is none even so, a sentence, and the last good copy stands."""
    for _ in range(3):
        coffee(kiosk)
        copies.copy_now(kiosk, by="g1")
    size = held(kiosk, stick)[-1].path.stat().st_size
    capacity = copies.SPARE + 3 * size + size // 2

    def statvfs(folder: object) -> SimpleNamespace:
        used = sum(path.stat().st_size for path in stick.rglob("*.zinc"))
        return SimpleNamespace(f_bavail=max(0, capacity - used), f_frsize=1)

    monkeypatch.setattr(os, "statvfs", statvfs)
    copies.copy_now(kiosk, by="g1")
    assert len(held(kiosk, stick)) == 3
    newest = held(kiosk, stick)[-1]
    capacity = copies.SPARE
    with pytest.raises(copies.StickHasNoRoom):
        copies.copy_now(kiosk, by="g1")
    assert held(kiosk, stick) == [newest]


@pytest.mark.parametrize("trouble", ["full", "gone", "lies"])
def test_what_a_stick_does_is_told_in_a_sentence(tmp_path: Path, trouble: str) -> None:
    """Full while writing, pulled out, or giving back other bytes: nothing half-written takes a name."""
    place = tmp_path / "place"
    place.mkdir()
    (place / "copy.zinc").write_bytes(b"the one before")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def wear_out(back: Path) -> None:
        raise copies.StickLies

    refusal, check = {
        "full": (copies.StickHasNoRoom, _fine), "gone": (copies.StickPulledOut, _fine), "lies": (copies.StickLies, wear_out),
    }[trouble]  # fmt: skip
    try:
        if trouble == "full":
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
        with pytest.raises(refusal) as told:
            copies.write(
                place if trouble != "gone" else place / "pulled",
                "copy.zinc",
                lambda out: copies._put(out, b"x" * 10_000),
                check,
            )
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert told.value.what()
    assert told.value.how()
    assert {path.name: path.read_bytes() for path in place.iterdir()} == {"copy.zinc": b"the one before"}


def _fine(_back: Path) -> None:
    return


def test_a_power_cut_while_writing_leaves_the_copy_before(kiosk: Kiosk, stick: Path, sheet: str) -> None:
    """Killed after the bytes and before the name: the last copy stands, and the next one sweeps what was left."""
    copies.copy_now(kiosk, by="g1")
    (before,) = held(kiosk, stick)
    place = before.path.parent
    child = os.fork()
    if not child:
        try:
            copies.write(place, "later.zinc", lambda out: copies._put(out, b"half"), lambda _back: os._exit(9))
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert (place / "later.part").exists()
    assert held(kiosk, stick) == [before]
    coffee(kiosk)
    copies.copy_now(kiosk, by="g1")
    assert not (place / "later.part").exists()
    assert len(held(kiosk, stick)) == 2


def test_a_copy_that_fails_by_itself_is_said_and_recorded_once(
    kiosk: Kiosk, stick: Path, sheet: str, clock: StoppedClock
) -> None:
    """The page says it, the journal too, once a day; it is tried again each hour."""
    # The stick has a file where the copies should go.
    copies.place_of(stick, kiosk.store).write_bytes(b"")
    scheduler.tick(kiosk)
    assert copies.told(kiosk)["trouble"]["code"] == "StickPulledOut"
    clock.tick(5 * 60_000)
    assert "copy" not in scheduler.tick(kiosk)
    clock.tick(60 * 60_000)
    assert "copy" in scheduler.tick(kiosk)
    notes = [one for one in told(kiosk) if isinstance(one, TroubleNoted) and one.what == "backup_failure"]
    assert len(notes) == 1
    copies.place_of(stick, kiosk.store).unlink()
    clock.tick(61 * 60_000)
    scheduler.tick(kiosk)
    assert copies.told(kiosk)["trouble"]["what"] == ""
    assert len(held(kiosk, stick)) == 1


def test_a_week_without_a_copy_is_said_on_the_locked_screen(
    screen: Counter, kiosk: Kiosk, stick: Path, sheet: str, clock: StoppedClock
) -> None:
    """A stick left in a drawer is noticed by whoever opens the counter."""
    copies.copy_now(kiosk, by="g1")
    assert "Pas de copie" not in screen.client.get("/lock").text
    clock.tick(8 * 24 * 3_600_000)
    assert "Pas de copie sur la clé depuis le 20/11/2026" in screen.client.get("/lock").text


def test_a_foreign_stick_is_left_alone(kiosk: Kiosk, stick: Path) -> None:
    """Only the stick the café chose is written to."""
    copies.new_sheet(kiosk)
    assert not copy_jobs.copy_due(kiosk)
    with pytest.raises(copies.NoKnownStick):
        copies.copy_now(kiosk, by="g1")
    assert list(stick.iterdir()) == []


def test_a_phrase_checks_itself() -> None:
    """One wrong sign is told before the stick is blamed; look-alikes are taken for what they mean."""
    phrase = recovery.new_phrase()
    signs = recovery.read(phrase)
    assert recovery.read(f" {phrase.lower()} ") == signs
    for place in range(20):
        wrong = recovery.SIGNS[(recovery.SIGNS.index(signs[place]) + 5) % 32]
        with pytest.raises(recovery.PhraseMistyped):
            recovery.read(signs[:place] + wrong + signs[place + 1 :])
    for other in ("", "ABCD", phrase + "A", "U" * 20):
        with pytest.raises(recovery.PhraseMistyped):
            recovery.read(other)


def test_the_screens_lead_from_nothing_to_a_drill(screen: Counter, kiosk: Kiosk, stick: Path) -> None:
    """Sheet, stick, copy, drill: each step in a tap or two, and the page says where one is."""
    assert "Feuille de secours" in screen.page("/settings/backups")
    shown = screen.client.post("/settings/backups/sheet").text
    assert 'id="phrase"' in shown
    assert "Utiliser cette clé" in screen.page("/settings/backups")
    screen.tap("/settings/backups/stick", attempt="stick-0001")
    screen.tap("/settings/backups/copy", attempt="copy-00001")
    screen.tap("/settings/backups/copy", attempt="copy-00001")
    phrase = "".join(part.split("</b>")[0] for part in shown.split('id="phrase"')[1].split("<b>")[1:6])
    assert screen.tap("/settings/backups/drill", phrase=phrase).status_code == 204
    page = screen.page("/settings/backups")
    assert "Dernière copie" in page
    assert "Dernier essai" in page
    assert len(held(kiosk, stick)) == 1


def test_the_command_line_copies_tries_and_puts_back(kiosk: Kiosk, stick: Path, sheet: str, tmp_path: Path) -> None:
    """`zinc backup`, `zinc drill`, `zinc restore --from STICK`: on an emptied box the café is as it was."""
    from click.testing import CliRunner

    from kiosk.cli import main

    (kiosk.data / "box.key").write_text(bytes(kiosk.store.keyring._key).hex())
    (tmp_path / "cafe.toml").write_text(f'sticks = ["{stick}"]\n')
    kiosk.store.close()
    zinc = ["--data", str(kiosk.data), "--config", str(tmp_path / "cafe.toml")]
    runner = CliRunner()
    assert "entier" in runner.invoke(main, [*zinc, "backup"]).output
    assert "entière" in runner.invoke(main, [*zinc, "drill"]).output
    for path in kiosk.data.glob("cafe.db*"):
        path.unlink()
    wrong = runner.invoke(main, [*zinc, "restore", "--from", str(stick)], input=f"{recovery.new_phrase()}\n")
    assert wrong.exit_code == 1
    done = runner.invoke(main, [*zinc, "restore", "--from", str(stick)], input=f"{sheet}\n")
    assert "remise en place" in done.output, done.output
    back = Store(
        kiosk.data / "cafe.db", clock=kiosk.store.clock, keyring=kiosk.store.keyring, features=kiosk.store.features
    )
    assert check_everything(back).findings == ()
    back.close()
