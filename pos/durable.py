"""Files that a power cut leaves whole: written beside, synced, put in place by a rename, the folder synced as well.

A file is on the disk when its bytes are synced; its name is there when its folder is.
"""

import errno
import os
from pathlib import Path


def write(path: Path, data: bytes, *, mode: int = 0o644, fresh: bool = False) -> None:
    """Write a file whole or not at all; it is on the disk when this returns.

    `fresh` raises FileExistsError rather than take the place of another.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if fresh:
        try:
            os.link(new, path)
        finally:
            new.unlink()
    else:
        new.replace(path)
    sync_folder(path.parent)


def put(source: Path, target: Path) -> None:
    """Move a file that something else wrote to its place, whole or not at all."""
    sync(source)
    source.replace(target)
    sync_folder(target.parent)


def sync(path: Path) -> None:
    """Have the bytes of a file on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as problem:
        # A few foreign file systems sync no folder; there is nothing more to do on them.
        if problem.errno != errno.EINVAL:
            raise
    finally:
        os.close(descriptor)
