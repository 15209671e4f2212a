"""Encrypted copies on a USB stick: at closing and by a button, read back after writing, a few kept, tried by a drill.

On the stick, `zinc/<short name of the box's key>/`: a copy for each closing, and a small tail with what was
written since, renewed every quarter of an hour. Nothing on a stick is ever run, and nothing there is in clear.
"""

import contextlib
import errno
import hashlib
import os
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from kiosk import stick
from kiosk.wiring import Kiosk
from pos import backup, drafts, durable, recovery
from pos import journal as journals
from pos.backup import Copy
from pos.clock import business_day
from pos.errors import AlreadyDone, Refusal
from pos.i18n import N_, _
from pos.ids import new_id
from pos.locked import NotABackup, WrongPassphrase
from pos.recovery import BackupKey
from pos.store import Store

FOLDER, MARK, README = "zinc", "caisse.txt", "LISEZMOI.txt"
KEPT = 10
# Left free on the stick: for its own tables, and the tail.
SPARE = 2_000_000
DRAFT = "copies"
NONE_YET: dict[str, dict[str, Any]] = {
    "copy": {"at": 0, "last": -1, "size": 0, "stick": ""}, "tail": {"at": 0, "last": -1, "size": 0},
    "drill": {"at": 0, "day": "", "entries": 0, "fault": "", "sheet": False},
    "trouble": {"at": 0, "what": "", "how": "", "code": ""},
}  # fmt: skip
_COPY = re.compile(r"(\d{4}-\d\d-\d\d)-(\d{15})\.zinc")
_TAIL = re.compile(r"tail-(\d{15})-(\d{15})\.zinc")
_ONE = threading.Lock()


class NoSheet(Refusal):
    """Without a phrase nobody could open the copy of a lost box."""

    sentence = N_("This till has no recovery sheet yet.")
    remedy = N_("Make it first: twenty signs on paper that open the copies.")


class NoKnownStick(Refusal):
    """Nothing to write on, or a stick that is not the café's."""

    sentence = N_("The stick for the copies is not plugged in.")
    remedy = N_("Plug it in, wait five seconds, and tap again.")


class NoStickAtAll(Refusal):
    """Nothing was found to write on."""

    sentence = N_("No USB stick is found.")
    remedy = N_("Plug one in, wait five seconds, and tap again.")


class StickHasNoRoom(Refusal):
    """Even with one copy kept there is not enough room."""

    sentence = N_("The stick is full: the copy needs %(need)s MB.")
    remedy = N_("Take away what is not Zinc’s, or use a larger stick. The last good copy on it was kept.")


class StickPulledOut(Refusal):
    """It was pulled out, or does not let itself be written to."""

    sentence = N_("The stick could not be written to its end.")
    remedy = N_("Plug it in again and tap once more; if it comes back, take another stick. Older copies on it stand.")


class StickLies(Refusal):
    """What is read back is not what was written."""

    sentence = N_("The stick does not give back what was written on it: the copy is worth nothing.")
    remedy = N_("Take another stick today: this one is worn out.")


class NothingOnStick(Refusal):
    """No copy to try."""

    sentence = N_("There is no copy of this till on the stick.")
    remedy = N_("Make one first.")


class SheetOfAnother(Refusal):
    """A right phrase, not the one of these copies."""

    sentence = N_("This phrase does not open the copies of this till.")
    remedy = N_("Look for the latest recovery sheet; if it is lost, make a new one: the next copy will open with it.")


@dataclass(frozen=True, slots=True)
class Held:
    """A copy found on a stick, and the tail that follows it."""

    path: Path
    day: str
    last: int
    tail: Path | None = None

    @property
    def until(self) -> int:
        """The place of the last entry that would come back."""
        found = _TAIL.fullmatch(self.tail.name) if self.tail else None
        return int(found[2]) if found else self.last


def told(kiosk: Kiosk) -> dict[str, Any]:
    """Return what is known of sticks, copies and drills."""
    with kiosk.store.reading() as conn:
        found: dict[str, Any] = drafts.get(conn, DRAFT, {})
    return {"sticks": found.get("sticks", [])} | {name: empty | found.get(name, {}) for name, empty in NONE_YET.items()}


def note(kiosk: Kiosk, **facts: Any) -> None:
    """Keep facts about copies."""
    with kiosk.store.writing(by="box") as tx:
        drafts.put(tx.conn, DRAFT, {**drafts.get(tx.conn, DRAFT, {}), **facts})


# The sheet


def key(kiosk: Kiosk) -> BackupKey | None:
    """Return the key of the copies, kept beside the box's own; it is in no copy."""
    return recovery.load(kiosk.data / "copies.key")


def new_sheet(kiosk: Kiosk) -> str:
    """Make a phrase, keep its key, and return the phrase: it is shown and printed now, and kept nowhere."""
    phrase = recovery.new_phrase()
    recovery.key_of(recovery.read(phrase)).keep(kiosk.data / "copies.key")
    # Copies of the former phrase stay readable by it; a new one is due at once.
    note(kiosk, copy={}, tail={}, drill={})
    return phrase


def opens(kiosk: Kiosk, typed: str) -> None:
    """Raise unless the phrase on the sheet is the one of the copies."""
    held = key(kiosk)
    if held is None:
        raise NoSheet
    if recovery.key_of(recovery.read(typed), held.salt) != held:
        raise SheetOfAnother


# The stick


def mark_of(folder: Path) -> str:
    """Return the name this café gave to a stick, or nothing."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return (folder / FOLDER / MARK).read_text(encoding="utf-8").strip()[:40]
    return ""


def plugged(kiosk: Kiosk) -> Path | None:
    """Return the folder of the stick the café uses for its copies, if it is there."""
    known = set(told(kiosk)["sticks"])
    found = stick.sticks(tuple(kiosk.settings.get("sticks", ())))
    return next((folder for folder in found if mark_of(folder) in known), None)


def adopt(kiosk: Kiosk) -> Path:
    """Take the first stick that is plugged in as the café's, for its copies."""
    found = stick.sticks(tuple(kiosk.settings.get("sticks", ())))
    if not found:
        raise NoStickAtAll
    folder, name = found[0], mark_of(found[0]) or new_id(kiosk.store.clock.now_ms())
    says = _("Encrypted copies of a café’s till, made by Zinc. They open with the recovery sheet, on a till: "
             "first screen, « Put a backup back ». Do not change anything in this folder.")  # fmt: skip
    with telling():
        (folder / FOLDER).mkdir(exist_ok=True)
        durable.write(folder / FOLDER / MARK, name.encode())
        durable.write(folder / FOLDER / README, (says + "\n").encode())
    note(kiosk, sticks=sorted({*told(kiosk)["sticks"], name}), copy={}, tail={}, trouble={})
    return folder


def place_of(folder: Path, store: Store) -> Path:
    """Return where this box keeps its copies on a stick."""
    return folder / FOLDER / store.keyring.kid


def held(place: Path) -> list[Held]:
    """Return the copies in a folder, oldest first, each with its longest tail."""
    tails: dict[int, Path] = {}
    found = []
    with contextlib.suppress(OSError):
        for path in sorted(place.iterdir()):
            if match := _TAIL.fullmatch(path.name):
                tails[int(match[1])] = path
            elif match := _COPY.fullmatch(path.name):
                found.append((int(match[2]), match[1], path))
    return [Held(path, day, last, tails.get(last)) for last, day, path in sorted(found)]


def everywhere(folders: list[Path]) -> list[Held]:
    """Return the latest copy of each box on the sticks given: for a box that is no more."""
    latest = []
    for folder in folders:
        with contextlib.suppress(OSError):
            latest += [copies[-1] for place in sorted((folder / FOLDER).iterdir()) if (copies := held(place))]
    return latest


@contextlib.contextmanager
def telling(need: int = 0) -> Iterator[None]:
    """Turn what a stick does into a sentence."""
    try:
        yield
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
            raise StickHasNoRoom(need=1 + need // 1_000_000) from problem
        raise StickPulledOut from problem


def write(place: Path, name: str, fill: Callable[[BinaryIO], None], check: Callable[[Path], None]) -> Path:
    """Write a file under its name once it was read back from the stick and `check` found it good."""
    path = place / name
    part = path.with_suffix(".part")
    with telling():
        try:
            with part.open("wb") as file:
                out = Summed(file)
                fill(cast("BinaryIO", out))
                file.flush()
                os.fsync(file.fileno())
                # Read back from the stick, not from memory.
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            with part.open("rb") as file:
                if hashlib.file_digest(file, "sha256").digest() != out.digest.digest():
                    raise StickLies
            check(part)
            part.replace(path)
            durable.sync_folder(place)
        except BaseException:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            raise
    return path


class Summed:
    """A file being written, and the sum of what was."""

    def __init__(self, file: BinaryIO) -> None:
        self.digest = hashlib.sha256()
        self._file = file

    def write(self, data: bytes) -> int:
        """Write, and count it in."""
        self.digest.update(data)
        return self._file.write(data)


# A copy


def copy_now(kiosk: Kiosk, *, by: str, attempt: str = "") -> Copy:
    """Copy everything to the café's stick, read it back, check it, keep the last ones; record it (R30)."""
    locked = key(kiosk)
    if locked is None:
        raise NoSheet
    folder = plugged(kiosk)
    if folder is None:
        raise NoKnownStick
    with _ONE:
        store = kiosk.store
        _once(store, attempt)
        place = place_of(folder, store)
        with telling():
            place.mkdir(exist_ok=True)
            _tidy(place)
        made: list[Copy] = []
        need = _need(place, store)
        with telling(need):
            _make_room(place, folder, need)
            day, last = business_day(store.clock.now_ms()), store.last_place()
            part = f"{day}-{last:015d}.zinc"
            path = write(place, part, lambda out: made.append(backup.pack(store, locked, out)),
                         lambda back: _check(back, locked, made[0], store))  # fmt: skip
            # The till may have sold while the copy began: the name says what is in it.
            path.replace(place / f"{day}-{max(made[0].last, 0):015d}.zinc")
            _tidy(place)
        copy = made[0]
    backup.note_done(store, copy, by=by, attempt=attempt, where="stick", checked=True)
    facts = {"at": store.clock.now_ms(), "last": copy.last, "size": copy.size, "stick": mark_of(folder)}
    note(kiosk, trouble={}, tail={}, copy=facts)
    return copy


def _need(place: Path, store: Store) -> int:
    """Return what the copy will take at most: a little more than the last one, or a part of the file."""
    copies = held(place)
    return copies[-1].path.stat().st_size * 5 // 4 if copies else store.path.stat().st_size // 2


def _once(store: Store, attempt: str) -> None:
    """Raise AlreadyDone when this tap made its copy: looked up before the stick is touched."""
    with store.reading() as conn:
        row = conn.execute("SELECT first, last FROM draft_attempt WHERE attempt = ?", (attempt,)).fetchone()
    if row:
        raise AlreadyDone(attempt, row[0], row[1])


def _tidy(place: Path) -> None:
    """Take away what was cut, tails of older copies, and copies beyond those kept."""
    for part in place.glob("*.part"):
        part.unlink(missing_ok=True)
    copies = held(place)
    for old in copies[:-KEPT]:
        old.path.unlink(missing_ok=True)
    wanted = {one.tail for one in copies[-1:]}
    for path in place.iterdir():
        if _TAIL.fullmatch(path.name) and path not in wanted:
            path.unlink(missing_ok=True)


def _make_room(place: Path, folder: Path, size: int) -> None:
    """Drop the oldest copies until the new one fits; the newest is never dropped for one that is not there yet."""
    copies = held(place)
    while stick.room(folder) < size + SPARE:
        if len(copies) <= 1:
            raise StickHasNoRoom(need=1 + (size + SPARE) // 1_000_000)
        copies.pop(0).path.unlink(missing_ok=True)


def _check(back: Path, locked: BackupKey, copy: Copy, store: Store) -> None:
    """Open what was read back, and follow its chain; the seals were checked at night, and again in a drill."""
    with backup.apart(store.path.parent) as folder:
        path = Path(folder) / "cafe.db"
        try:
            last = backup.lay(back, locked, path)
            with contextlib.closing(sqlite3.connect(path)) as conn:
                whole = conn.execute("PRAGMA quick_check").fetchone()[0] == "ok"
                opened = journals.current(conn)
                fault = journals.verify(conn, opened, seals=False)[1] if opened else None
        except (NotABackup, WrongPassphrase, sqlite3.DatabaseError) as problem:
            raise StickLies from problem
        if not whole or fault or last != copy.last:
            raise StickLies


def write_tail(kiosk: Kiosk) -> bool:
    """Write what the café recorded since the copy on the stick; return whether there was anything."""
    locked, folder, known = key(kiosk), plugged(kiosk), told(kiosk)
    base = known["copy"]["last"]
    if locked is None or folder is None or base < 0 or not is_newest(folder, kiosk.store, base):
        return False
    with _ONE:
        place = place_of(folder, kiosk.store)
        tail = backup.pack_tail(kiosk.store, locked, base=base)
        if tail.last <= max(known["tail"]["last"], base):
            return False
        older = [path for path in place.iterdir() if _TAIL.fullmatch(path.name)]
        path = write(
            place, f"tail-{base:015d}-{tail.last:015d}.zinc", lambda out: _put(out, tail.data), lambda _back: None
        )
        with telling():
            for old in older:
                if old != path:
                    old.unlink(missing_ok=True)
    note(kiosk, tail={"at": kiosk.store.clock.now_ms(), "last": tail.last, "size": tail.size}, trouble={})
    return True


def _put(out: BinaryIO, data: bytes) -> None:
    out.write(data)


def is_newest(folder: Path, store: Store, base: int) -> bool:
    """Tell whether the newest copy on a stick ends at the place `base`."""
    copies = held(place_of(folder, store))
    return bool(copies) and copies[-1].last == base
