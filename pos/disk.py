"""What SQLite's troubles mean for a person: a full disk, one that takes nothing more, a damaged file."""

import shutil
import sqlite3
from pathlib import Path

from pos.errors import DiskFull, DiskStuck, StoreUnreadable

# Less than this is no room: the file's shared index alone asks for 32 kB.
NO_ROOM = 64 * 1024
_STUCK = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def told(problem: sqlite3.Error, path: Path, *, reading: bool = False) -> Exception:
    """Turn a trouble with the file at `path` into one that a person can act on, else return it as it is."""
    code = getattr(problem, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return DiskFull()
    if reading and code == sqlite3.SQLITE_READONLY:
        # A reader that tries to write is our own mistake, no disk's.
        return problem
    if code in _STUCK:
        # Without room some parts of SQLite only say that they could not write.
        return DiskFull() if _room(path) < NO_ROOM else DiskStuck()
    return StoreUnreadable() if code in _DAMAGED else problem


def _room(path: Path) -> int:
    try:
        return shutil.disk_usage(path.parent).free
    except OSError:
        return NO_ROOM
