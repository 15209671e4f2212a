"""USB sticks: where one is mounted and may be written to, found without asking anybody."""

import os
from collections.abc import Sequence
from pathlib import Path

ROOTS = (Path("/media"), Path("/run/media"))


def sticks(places: Sequence[str] = ()) -> list[Path]:
    """Return the folders of sticks that are mounted and can be written; `places` (a setting) replaces the search."""
    if places:
        found = [Path(place) for place in places]
    else:
        # /media/<stick>, or /media/<user>/<stick>: whichever way the desktop mounts them.
        levels = [root.glob(pattern) for root in ROOTS for pattern in ("*", "*/*")]
        found = sorted(folder for level in levels for folder in level if _mounted(folder))
    return [folder for folder in found if folder.is_dir() and os.access(folder, os.W_OK)]


def _mounted(folder: Path) -> bool:
    try:
        return folder.is_dir() and os.path.ismount(folder)
    except OSError:
        return False


def room(folder: Path) -> int:
    """Return the free bytes of a stick."""
    told = os.statvfs(folder)
    return told.f_bavail * told.f_frsize
