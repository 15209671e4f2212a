"""Putting a backup back: on the till it was made on, or on a new box, with the stick, the sheet and HQ's word."""

import threading
from pathlib import Path
from typing import Any

from kiosk import copies, joining, wiring
from kiosk.copies import Held
from kiosk.wiring import Kiosk
from pos import backup, box, drafts
from pos.errors import Refusal
from pos.hardware import queue
from pos.house import FEATURES
from pos.i18n import N_
from pos.locked import Source
from pos.store import Store

_RESTORING = threading.Lock()


class CodeNeeded(Refusal):
    """The box that made the copy had a key of its own, that no copy holds (R22)."""

    sentence = N_("This copy is of another box: this one needs the coordinator’s word to go on with its journal.")
    remedy = N_("Telephone your coordinator for a code to replace the box, and type it with the phrase.")


def from_stick(kiosk: Kiosk, held: Held, phrase: str, *, by: str, code: str = "", url: str = "") -> int:
    """Put back a copy found on a stick, its tail included; return the number of its last entry."""
    with copies.telling():
        return put_back(kiosk, held.path, phrase, by=by, tail=held.tail or b"", code=code, url=url)


def put_back(
    kiosk: Kiosk, source: Source, secret: str, *, by: str, tail: Source = b"", code: str = "", url: str = ""
) -> int:
    """Check a backup, put it in the place of the café's file and go on with it; return its last entry.

    On a box without a journal the copy may be another box's: with a code of HQ a journal of this box takes up
    where HQ stands, and what only the copy holds is appended again, so that nothing on the stick is lost.
    """
    fresh = kiosk.store.journal is None
    restored = backup.unpack(source, secret, kiosk.data, kiosk.store, tail=tail, new_box=fresh)
    try:
        last = _go_on(kiosk, restored, code, url)
    except BaseException:
        for suffix in ("", "-wal", "-shm"):
            restored.with_name(restored.name + suffix).unlink(missing_ok=True)
        raise
    take_place(kiosk, restored, by=by)
    return last


def _go_on(kiosk: Kiosk, restored: Path, code: str, url: str) -> int:
    """Open a journal of this box in a copy that another box made; return the copy's last entry. Raises CodeNeeded."""
    store = Store(restored, clock=kiosk.store.clock, keyring=kiosk.store.keyring, features=FEATURES)
    try:
        assert store.journal is not None
        last = store.tip().seq
        if store.journal.box_key == store.keyring.public:
            return last
        if not code:
            raise CodeNeeded
        from sync import repair
        from sync.line import HttpHq

        with store.reading() as conn:
            url = url or drafts.get(conn, "settings", {}).get("hq_url", "")
        if not url and kiosk.line is None:
            raise joining.NotJoined
        repair.reopen(store, HttpHq(url) if url else kiosk.line, code, hw=box.hardware_name())
        return last
    finally:
        store.close()


def take_place(kiosk: Any, restored: Path, *, by: str) -> None:
    """Put a checked backup in the place of the café's file, and go on with it."""
    with _RESTORING:
        kiosk.store.close()
        backup.put_back(restored, kiosk.data / "cafe.db", queue.restored)
        kiosk.store = wiring.open_store(kiosk)
    wiring.connect_line(kiosk)
    joining.look_back(kiosk)
    backup.note_restored(kiosk.store, by=by)
