"""The one place where a box is opened: settings, key, store, machines, line to HQ."""

import fcntl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from pos import backup, drafts
from pos.clock import BoxClock, Clock
from pos.config import load_settings
from pos.errors import Told
from pos.hardware import queue
from pos.house import FEATURES
from pos.i18n import N_
from pos.seal import Keyring
from pos.store import NotEnrolled, Store
from pos.till import clockset, training


class AlreadyRunning(Told):
    """A second process would be a second writer."""

    sentence = N_("Zinc already runs on these files.")
    remedy = N_("Use the running kiosk, or stop it first.")


@dataclass
class Kiosk:
    """Everything a running kiosk holds."""

    store: Store
    devices: Any
    # Where the box keeps its files: cafe.db, box.key, ack.json.
    data: Path
    settings: dict[str, Any] = field(default_factory=dict)
    # Where the kernel shows what is plugged in.
    root: Path = Path("/")
    # sync.line.Hq, or None when no address of HQ is set.
    line: Any = None
    lock: TextIO | None = None
    # What the customer sees (pos.hardware.display.board.Board), once there are screens.
    board: Any = None
    # The file to practise on, once somebody did since the start.
    training: Store | None = None
    # What brings the café back from HQ onto a new box (kiosk.coming.Coming), while it does.
    coming: Any = None

    def close(self) -> None:
        """Let go of the café's file, and of the lock that keeps others off it."""
        self.store.close()
        if self.lock is not None:
            self.lock.close()

    def open_training(self) -> Store:
        """Return the training file, opened at its first use (R45)."""
        if self.store.journal is None:
            raise NotEnrolled
        if self.training is None:
            self.training = training.open_training(
                self.data, clock=self.store.clock, features=FEATURES, cafe=self.store.journal.cafe
            )
        return self.training

    def box_settings(self) -> dict[str, Any]:
        """Return what was set on the screens of this box: printer, address of HQ."""
        with self.store.reading() as conn:
            kept: dict[str, Any] = drafts.get(conn, "settings", {})
        return {**self.settings, **kept}


def open_kiosk(
    data: Path, *, clock: Clock | None = None, settings: dict[str, Any] | None = None, line: Any = None,
    alone: bool = False, look: bool = False,
) -> Kiosk:  # fmt: skip
    """Open the files in `data` (made when missing), the machines and the line.

    `alone` refuses when another process writes there: two writers could harm the file. `look` is content to
    read then.
    """
    data.mkdir(parents=True, exist_ok=True)
    lock, looking = None, False
    if alone or look:
        try:
            lock = _take_lock(data / "zinc.lock")
        except AlreadyRunning:
            if alone:
                raise
            looking = True
        else:
            backup.sweep(data)
    settings = settings if settings is not None else load_settings(None)
    store = _open_store(data, clock or BoxClock(), looking=looking)
    kiosk = Kiosk(store=store, devices=None, data=data, settings=settings, line=line, lock=lock)
    connect_machines(kiosk)
    queue.recall(store, kiosk.devices)
    if kiosk.line is None:
        connect_line(kiosk)
    return kiosk


def _open_store(data: Path, clock: Clock, *, looking: bool = False) -> Store:
    keyring = Keyring.load_or_make(data / "box.key")
    store = Store(data / "cafe.db", clock=clock, keyring=keyring, features=FEATURES, looking=looking)
    clockset.resume(store)
    return store


def open_store(kiosk: Kiosk) -> Store:
    """Open the café's file again, after it was put back from a backup."""
    return _open_store(kiosk.data, kiosk.store.clock)


def _take_lock(path: Path) -> TextIO:
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        file.close()
        raise AlreadyRunning from problem
    return file


def connect_machines(kiosk: Kiosk) -> None:
    """Open the machines that the settings name, anew."""
    from pos.hardware import open_devices

    told = kiosk.box_settings()
    devices = open_devices(
        told.get("printer", {}),
        told.get("kitchen", {}),
        told.get("terminal", {}),
        scanners=told.get("scanners", []),
        display=told.get("display", {}),
    )
    if kiosk.devices is not None:
        # They hold their ports for themselves alone; the next page that listens starts the new ones.
        kiosk.devices.scanners.stop()
        kiosk.devices.display.close()
    kiosk.devices = devices
    if kiosk.board is not None:
        kiosk.board.show_again()


def connect_line(kiosk: Kiosk) -> None:
    """Open the line to HQ when an address is set."""
    url = kiosk.box_settings().get("hq_url", "")
    if url:
        from sync.line import HttpHq

        kiosk.line = HttpHq(url)
