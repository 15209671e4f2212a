"""The one place where a box is opened: settings, key, store, machines, line to HQ."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pos.clock import Clock, SystemClock
from pos.house import FEATURES
from pos.seal import Keyring
from pos.store import Store


@dataclass
class Kiosk:
    """Everything a running kiosk holds."""

    store: Store
    devices: Any
    # Where the box keeps its files: cafe.db, box.key, ack.json.
    data: Path
    settings: dict[str, Any] = field(default_factory=dict)
    # sync.line.Hq, or None when no address of HQ is set.
    line: Any = None


def open_kiosk(data: Path, *, clock: Clock | None = None, settings: dict[str, Any] | None = None, line: Any = None) -> Kiosk:
    """Open the files in `data` (made when missing) and the machines of `settings`."""
    from pos.hardware import open_devices

    clock = clock or SystemClock()
    store = Store(data / "cafe.db", clock=clock, keyring=Keyring.load_or_make(data / "box.key"), features=FEATURES)
    return Kiosk(store=store, devices=open_devices((settings or {}).get("printer", {})), data=data, settings=settings or {}, line=line)
