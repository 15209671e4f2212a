"""When copies on the stick are made by themselves, and the drill that restores one apart to see that it can be."""

import logging
from collections.abc import Callable
from pathlib import Path

from kiosk import copies
from kiosk.drawing import date_only
from kiosk.wiring import Kiosk
from pos import backup
from pos import journal as journals
from pos.errors import Broken, Refusal
from pos.i18n import _
from pos.locked import NotABackup, WrongPassphrase
from pos.store import Store
from pos.system import BackupChecked, TroubleNoted
from pos.till import tables

log = logging.getLogger("zinc.copies")

TAIL_MS = 15 * 60_000
# After a copy that failed: a stick that is full stays full for a while.
AGAIN_MS = 3_600_000
# From here on it is said on the locked screen.
OLD_MS = 7 * 24 * 3_600_000
_LAST_CLOSING = "SELECT coalesce(max(closed_seq), 0) FROM till_day"


def copy_due(kiosk: Kiosk) -> bool:
    """Tell whether the café's stick lacks the last closing, or everything."""
    if kiosk.store.journal is None or copies.key(kiosk) is None:
        return False
    known = copies.told(kiosk)
    if kiosk.store.clock.now_ms() < known["trouble"]["at"] + AGAIN_MS:
        return False
    with kiosk.store.reading() as conn:
        closed = tables.open_day(conn) is None
        closing = conn.execute(_LAST_CLOSING).fetchone()[0]
    last = known["copy"]["last"]
    if last >= 0 and (not closed or last >= closing):
        # Another of the café's sticks, that has not this copy.
        folder = copies.plugged(kiosk) if closed else None
        return folder is not None and not copies.is_newest(folder, kiosk.store, last)
    return copies.plugged(kiosk) is not None


def stale(kiosk: Kiosk) -> str:
    """Return a line for the locked screen when a café that has a sheet made no copy for a week; else nothing."""
    if copies.key(kiosk) is None:
        return ""
    at, now = copies.told(kiosk)["copy"]["at"], kiosk.store.clock.now_ms()
    if not at or now - at < OLD_MS:
        return ""
    return _("No copy on the stick since %(day)s: see Menu, Backup.", day=date_only(at))


def copy_by_itself(kiosk: Kiosk) -> bool:
    """Make the copy; what went wrong is kept for the screen, and is an entry once a day."""
    return _guarded(kiosk, lambda: bool(copies.copy_now(kiosk, by="box")))


def tail_due(kiosk: Kiosk) -> bool:
    """Tell whether something was recorded a quarter of an hour ago that the stick has not."""
    if kiosk.store.journal is None:
        return False
    known = copies.told(kiosk)
    last = max(known["copy"]["last"], known["tail"]["last"])
    now = kiosk.store.clock.now_ms()
    if last < 0 or now < max(known["tail"]["at"], known["copy"]["at"]) + TAIL_MS:
        return False
    if now < known["trouble"]["at"] + AGAIN_MS:
        return False
    return kiosk.store.last_place() > last and copies.plugged(kiosk) is not None


def tail_by_itself(kiosk: Kiosk) -> bool:
    """Write the tail; what went wrong is kept for the screen."""
    return _guarded(kiosk, lambda: copies.write_tail(kiosk))


def _guarded(kiosk: Kiosk, act: Callable[[], bool]) -> bool:
    before = copies.told(kiosk)["trouble"]
    try:
        return act()
    except (Refusal, Broken) as trouble:
        now, code = kiosk.store.clock.now_ms(), type(trouble).__name__
        copies.note(kiosk, trouble={"at": now, "what": trouble.what(), "how": trouble.how(), "code": code})
        log.warning("copy: %s", code)
        if now - before["at"] > OLD_MS // 7:
            with kiosk.store.writing(by="box") as tx:
                tx.trust_clock()
                tx.record(TroubleNoted(what="backup_failure", detail=code[:40]))
        return False


def drill(kiosk: Kiosk, *, by: str, phrase: str = "") -> BackupChecked:
    """Restore the newest copy into a folder apart, check everything in it, throw it away; record what was found."""
    from pos.audit import check_everything

    locked, folder = copies.key(kiosk), copies.plugged(kiosk)
    if locked is None:
        raise copies.NoSheet
    if folder is None:
        raise copies.NoKnownStick
    if phrase:
        copies.opens(kiosk, phrase)
    found = copies.held(copies.place_of(folder, kiosk.store))
    if not found:
        raise copies.NothingOnStick
    newest = found[-1]
    last, entries, fault = newest.last, 0, ""
    with copies.telling(), backup.apart(kiosk.data) as apart:
        path = Path(apart) / "cafe.db"
        try:
            last = backup.lay(newest.path, locked, path, newest.tail or b"")
            store = Store(path, clock=kiosk.store.clock, keyring=kiosk.store.keyring, features=kiosk.store.features)
            try:
                report = check_everything(store)
            finally:
                store.close()
            entries, bad = report.entries, report.first_bad
            # A tail that adds nothing is a fault of its own: what it held would not come back.
            fault = bad.code if bad else "" if last == newest.until else "tail"
        except (NotABackup, WrongPassphrase):
            fault = "spoilt"
    event = BackupChecked(last=journals.at_place(last)[1], entries=entries, fault=fault)
    with kiosk.store.writing(by=by) as tx:
        tx.trust_clock()
        tx.record(event)
    copies.note(kiosk, drill={"at": kiosk.store.clock.now_ms(), "day": newest.day, "entries": entries, "fault": fault,
                       "sheet": bool(phrase)})  # fmt: skip
    return event
