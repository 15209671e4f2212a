"""Where the two slots are, which one runs, what the last update came to; each change whole or not at all.

/opt/zinc/slots/a, b    each a whole virtual environment; b.building beside it while it is being made
/opt/zinc/current       the slot that runs, a link changed in one step
/opt/zinc/update.json   what the last update came to; the kiosk reads it and says so
/etc/zinc/release.pub   public Ed25519 keys of the publisher, one a line, in hex
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .release import No

# What a slot made to its end is stamped with, by the installer and by an update.
STAMP = "zinc.stamp"


def make_slot(slot: Path, wheels: Path, wanted: Path) -> None:
    """Make a virtual environment and install exactly the signed wheels, without any network."""
    base = Path(sys.executable).resolve()
    offline = {
        **os.environ, "PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels), "PIP_NO_CACHE_DIR": "1",
    }  # fmt: skip
    pip = [slot / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r", wanted]
    for command in ([base, "-m", "venv", "--clear", slot], [*pip, "--only-binary", ":all:"]):
        done = subprocess.run([str(word) for word in command], env=offline, check=False, capture_output=True, text=True)
        if done.returncode:
            sys.stderr.write(done.stderr[-2000:])
            raise No("not_built")


@dataclass(frozen=True)
class Box:
    """Where things are and how the service is held; a test gives its own root, service and patience."""

    root: Path = Path("/")
    systemctl: tuple[str, ...] = ("systemctl",)
    service: str = "zinc.service"
    user: str = "zinc"
    url: str = "http://127.0.0.1:8080/healthz"
    # A first start tells every table again: a minute for each few years on a small box.
    deadline_s: float = 300.0
    poll_s: float = 0.5
    make: Callable[[Path, Path, Path], None] = make_slot
    # Called before each step, with its name.
    step: Callable[[str], None] = lambda _name: None

    @property
    def app(self) -> Path:
        """The folder of the slots."""
        return self.root / "opt" / "zinc"

    @property
    def data(self) -> Path:
        """The café's files."""
        return self.root / "var" / "lib" / "zinc"

    @property
    def files(self) -> Path:
        """Where the café's database is: the data folder, or `cafe` in it."""
        inner = self.data / "cafe"
        return inner if inner.exists() else self.data

    @property
    def keys(self) -> Path:
        """The publisher's public keys."""
        return self.root / "etc" / "zinc" / "release.pub"

    def slot(self, name: str) -> Path:
        """The folder of a slot."""
        return self.app / "slots" / name

    def active(self) -> str:
        """Return the name of the slot that runs."""
        return os.path.realpath(self.app / "current").rsplit("/", 1)[-1]

    def idle(self) -> str:
        """Return the name of the other slot."""
        return "b" if self.active() == "a" else "a"


def told(box: Box) -> dict[str, Any]:
    """Return what the last update came to; a spoilt file is as none."""
    with suppress(OSError, ValueError):
        found = json.loads((box.app / "update.json").read_text())
        if isinstance(found, dict):
            return found
    return {}


def tell(box: Box, **facts: Any) -> None:
    """Keep facts for the next start, whole or not at all."""
    write_whole(box.app / "update.json", json.dumps({**told(box), **facts}, sort_keys=True).encode(), 0o644)


def write_whole(path: Path, data: bytes, mode: int) -> None:
    """Write a file so that a power cut leaves the old one or the new one."""
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make names in a folder last."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def release_of(slot: Path) -> tuple[str, str]:
    """Return the version and fiscal version in a slot, read without starting it; empty when it holds none."""
    for path in slot.glob("lib/python3*/site-packages/pos/release.py"):
        text = path.read_text()
        found = [re.search(rf'^{name} = "([^"]+)"', text, re.MULTILINE) for name in ("VERSION", "FISCAL_VERSION")]
        if all(found):
            return found[0][1], found[1][1]  # type: ignore[index]
    return "", ""


def is_whole(box: Box, name: str) -> bool:
    """Tell whether a slot was made to its end and holds a release."""
    made = not building(box, name).exists() and (box.slot(name) / STAMP).exists()
    return made and bool(release_of(box.slot(name))[0])


def building(box: Box, name: str) -> Path:
    """The mark of a slot that is not whole."""
    return box.app / "slots" / f"{name}.building"


def point(box: Box, name: str) -> None:
    """Make a slot the one that starts, in one step."""
    part = box.app / "current.part"
    part.unlink(missing_ok=True)
    part.symlink_to(Path("slots") / name)
    part.replace(box.app / "current")
    sync_folder(box.app)
