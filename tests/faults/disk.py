"""A disk that forgets what was never synced: what SQLite and Python write in one folder, as a power cut would leave it.

A layer over SQLite's own file layer, put under the very library that `sqlite3` runs on: everything passes through,
and each write, truncation, sync, creation and deletion is noted. `survivors()` is then the folder after a cut, with
only what was synced (files and folder); with a `chance`, some sectors of what was not synced are there as well.
"""

import ctypes
import os
import random
import sqlite3
import stat
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, Self

SECTOR = 512
_P, _I, _I64 = ctypes.c_void_p, ctypes.c_int, ctypes.c_int64


class _Methods(ctypes.Structure):
    """SQLite's sqlite3_io_methods."""

    _fields_ = [
        ("iVersion", _I),
        *((name, _P) for name in (
            "xClose", "xRead", "xWrite", "xTruncate", "xSync", "xFileSize", "xLock", "xUnlock", "xCheckReservedLock",
            "xFileControl", "xSectorSize", "xDeviceCharacteristics", "xShmMap", "xShmLock", "xShmBarrier",
            "xShmUnmap", "xFetch", "xUnfetch",
        )),
    ]  # fmt: skip


class _File(ctypes.Structure):
    """SQLite's sqlite3_file: its methods come first, the rest is the system's."""

    _fields_ = [("methods", ctypes.POINTER(_Methods))]


class _Vfs(ctypes.Structure):
    """SQLite's sqlite3_vfs."""

    _fields_ = [
        ("iVersion", _I), ("szOsFile", _I), ("mxPathname", _I), ("pNext", _P), ("zName", ctypes.c_char_p),
        *((name, _P) for name in (
            "pAppData", "xOpen", "xDelete", "xAccess", "xFullPathname", "xDlOpen", "xDlError", "xDlSym", "xDlClose",
            "xRandomness", "xSleep", "xCurrentTime", "xGetLastError", "xCurrentTimeInt64", "xSetSystemCall",
            "xGetSystemCall", "xNextSystemCall",
        )),
    ]  # fmt: skip


_OPEN = ctypes.CFUNCTYPE(_I, _P, _P, ctypes.POINTER(_File), _I, _P)
_CLOSE = ctypes.CFUNCTYPE(_I, _P)
_WRITE = ctypes.CFUNCTYPE(_I, _P, _P, _I, _I64)
_TRUNCATE = ctypes.CFUNCTYPE(_I, _P, _I64)
_SYNC = ctypes.CFUNCTYPE(_I, _P, _I)
_DELETE = ctypes.CFUNCTYPE(_I, _P, _P, _I)
_FOLDER = ctypes.CFUNCTYPE(_I, ctypes.c_char_p, _P)
_SET_CALL = ctypes.CFUNCTYPE(_I, _P, ctypes.c_char_p, _P)
_GET_CALL = ctypes.CFUNCTYPE(_P, _P, ctypes.c_char_p)


def library() -> ctypes.CDLL | None:
    """Return the SQLite that Python's `sqlite3` runs on, None when it is built into Python and out of reach."""
    maps = Path("/proc/self/maps")
    if not maps.exists():
        return None
    found = {line.split()[-1] for line in maps.read_text().splitlines() if "libsqlite3" in line}
    if len(found) != 1:
        return None
    lib = ctypes.CDLL(found.pop())
    lib.sqlite3_libversion.restype = ctypes.c_char_p
    lib.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
    lib.sqlite3_vfs_find.argtypes = [ctypes.c_char_p]
    lib.sqlite3_vfs_register.argtypes = [ctypes.POINTER(_Vfs), _I]
    lib.sqlite3_vfs_unregister.argtypes = [ctypes.POINTER(_Vfs)]
    same = lib.sqlite3_libversion().decode() == sqlite3.sqlite_version
    return lib if same and lib.sqlite3_vfs_find(None).contents.iVersion >= 3 else None


@dataclass
class _Inode:
    """A file: what is on the disk for good, and what is on its way there."""

    handle: int
    name: str = ""
    synced: bytearray = field(default_factory=bytearray)
    # (place, bytes) for a write, (size, None) for a truncation; in order. None: not written by SQLite.
    pending: list[tuple[int, bytes | None]] | None = None

    def kept(self, chance: random.Random | None) -> bytes:
        """What a cut leaves of it."""
        if chance is None or not self.pending:
            return bytes(self.synced)
        likely = chance.choice((0.0, 0.5, 0.9, 1.0))
        data = bytearray(self.synced)
        for place, written in self.pending:
            if written is None:
                if chance.random() < likely:
                    _resize(data, place)
                continue
            for start, end in _sectors(place, len(written)):
                if chance.random() < likely:
                    _put(data, start, written[start - place : end - place])
        return bytes(data)

    def sync(self) -> None:
        """Put all that is on its way on the disk."""
        for place, written in self.pending or ():
            _resize(self.synced, place) if written is None else _put(self.synced, place, written)
        self.pending = []


def _sectors(place: int, length: int) -> list[tuple[int, int]]:
    end = place + length
    edges = [place, *range((place // SECTOR + 1) * SECTOR, end, SECTOR), end]
    return list(pairwise(edges))


def _resize(data: bytearray, size: int) -> None:
    del data[size:]
    data.extend(b"\0" * (size - len(data)))


def _put(data: bytearray, place: int, piece: bytes) -> None:
    if len(data) < place:
        _resize(data, place)
    data[place : place + len(piece)] = piece


@dataclass
class Disk:
    """The folder under watch, between `with` and its end. `each` is called before anything changes on it."""

    folder: Path
    each: Callable[[str], None] = lambda _what: None
    ops: int = 0
    syncs: int = 0
    # A card that says « synced » and is not.
    lies: bool = False
    # The name of the file that is being changed.
    at: str = ""
    # What went wrong inside a callback: SQLite cannot be told.
    problems: list[BaseException] = field(default_factory=list)

    def __enter__(self) -> Self:
        lib = library()
        assert lib is not None
        self._lib, self._lock = lib, threading.RLock()
        self._inodes: dict[int, _Inode] = {}
        self._open: dict[int, _Inode] = {}
        self._alive: list[Any] = []
        self._methods: dict[int, _Methods] = {}
        self._names: dict[str, int] = {}
        if self.folder.is_dir():
            self.settle(*self._files())
        self._under = lib.sqlite3_vfs_find(None)
        self._put_layer()
        self._fsync, os.fsync = os.fsync, self._python_sync
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _value: BaseException | None, _where: TracebackType | None
    ) -> None:
        os.fsync = self._fsync
        self._set_folder_call(self._folder_call)
        self._lib.sqlite3_vfs_register(self._under, 1)
        self._lib.sqlite3_vfs_unregister(ctypes.byref(self._layer))
        self.forget()

    # What is asked of it

    def settle(self, *paths: Path) -> None:
        """Take files that somebody put there as they are, and the folder too: all on the disk for good."""
        for path in paths:
            inode = self._track(path)
            inode.synced, inode.name = bytearray(path.read_bytes()), path.name
            inode.pending = [] if inode.pending is not None else None
        self._names = self._listing()

    def forget(self) -> None:
        """Let go of all files: the folder begins anew."""
        for inode in self._inodes.values():
            os.close(inode.handle)
        self._inodes.clear()
        self._names = {}

    def survivors(self, chance: random.Random | None = None, *, begin: str = "") -> dict[str, bytes]:
        """What the folder holds after a cut at this moment, by name; see the module. `begin`: of these names only."""
        with self._lock:
            now = self._listing()
            names = self._names if chance is None or chance.random() < 0.5 else now
            return {name: self._left_of(ino, now, chance) for name, ino in names.items() if name.startswith(begin)}

    def _left_of(self, ino: int, now: dict[str, int], chance: random.Random | None) -> bytes:
        inode = self._inodes.get(ino)
        if inode is not None and inode.pending is not None:
            return inode.kept(chance)
        # Written by Python: what it was at its last fsync, or perhaps as it is now, or its beginning.
        name = next((name for name, at in now.items() if at == ino), None)
        if chance is not None and name is not None and chance.random() < 0.5:
            data = (self.folder / name).read_bytes()
            torn = inode is None or data != inode.synced
            return data[: chance.randrange(len(data) + 1)] if torn and chance.random() < 0.5 else data
        return bytes(inode.synced) if inode else b""

    # What happens on it

    def _files(self) -> list[Path]:
        # The shared memory beside a WAL is no file of the disk, and touching it would drop SQLite's locks.
        return [self.folder / name for name in self._listing()]

    def _listing(self) -> dict[str, int]:
        with os.scandir(self.folder) as found:
            return dict(
                sorted((one.name, one.inode()) for one in found if one.is_file() and not one.name.endswith("-shm"))
            )

    def _track(self, path: Path) -> _Inode:
        # A handle that reads nothing keeps the inode's number from being given to another file.
        handle = os.open(path, os.O_PATH)
        ino = os.fstat(handle).st_ino
        if ino in self._inodes:
            os.close(handle)
        else:
            self._inodes[ino] = _Inode(handle, path.name)
        return self._inodes[ino]

    def _before(self, what: str) -> None:
        self.ops += 1
        try:
            self.each(what)
        except BaseException as problem:  # noqa: BLE001 - C code stands between us and the test
            self.problems.append(problem)

    def _python_sync(self, handle: int) -> None:
        with self._lock:
            told = os.fstat(handle)
            path = Path(f"/proc/self/fd/{handle}").readlink()
            if path != self.folder and self.folder not in path.parents:
                self._fsync(handle)
                return
            self.at = self.at if path == self.folder else path.name
            self._before("fsync")
            self._fsync(handle)
            if path == self.folder:
                self._names = self._listing()
            elif stat.S_ISREG(told.st_mode):
                inode = self._track(path)
                inode.synced = bytearray(path.read_bytes())
                if inode.pending is not None:
                    inode.pending = []

    # The layer

    def _put_layer(self) -> None:
        under = self._under.contents
        self._layer = _Vfs.from_buffer_copy(under)
        self._layer.zName = b"forgetful"
        self._real_open, self._real_delete = _OPEN(under.xOpen), _DELETE(under.xDelete)
        self._layer.xOpen = self._callback(_OPEN, self._on_open)
        self._layer.xDelete = self._callback(_DELETE, self._on_delete)
        get = _GET_CALL(under.xGetSystemCall)
        self._folder_call = get(ctypes.addressof(under), b"openDirectory")
        self._real_folder = _FOLDER(self._folder_call)
        self._set_folder_call(self._callback(_FOLDER, self._on_folder))
        self._lib.sqlite3_vfs_register(ctypes.byref(self._layer), 1)

    def _set_folder_call(self, call: int) -> None:
        under = self._under.contents
        _SET_CALL(under.xSetSystemCall)(ctypes.addressof(under), b"openDirectory", call)

    def _callback(self, kind: Any, function: Callable[..., int]) -> int:
        made = kind(function)
        self._alive.append(made)
        return ctypes.cast(made, _P).value or 0

    def _on_open(self, vfs: int, name: int | None, file: Any, flags: int, out: int | None) -> int:
        with self._lock:
            code = int(self._real_open(vfs, name, file, flags, out))
            path = Path(ctypes.string_at(name).decode()) if name else Path()
            if code == 0 and path.parent == self.folder:
                inode = self._track(path)
                if inode.pending is None:
                    inode.pending = []
                self._open[ctypes.addressof(file.contents)] = inode
                file.contents.methods = ctypes.pointer(self._methods_over(file.contents.methods))
            return code

    def _methods_over(self, real: Any) -> _Methods:
        """SQLite's methods of a file, four of them watched."""
        key = ctypes.addressof(real.contents)
        if key not in self._methods:
            told, over = real.contents, _Methods.from_buffer_copy(real.contents)
            close, write = _CLOSE(told.xClose), _WRITE(told.xWrite)
            truncate, sync = _TRUNCATE(told.xTruncate), _SYNC(told.xSync)
            over.xClose = self._callback(_CLOSE, lambda file: self._on_close(close, file))
            over.xWrite = self._callback(_WRITE, lambda *told: self._on_write(write, *told))
            over.xTruncate = self._callback(_TRUNCATE, lambda *told: self._on_truncate(truncate, *told))
            over.xSync = self._callback(_SYNC, lambda *told: self._on_sync(sync, *told))
            self._methods[key] = over
        return self._methods[key]

    def _on_close(self, close: Any, file: int) -> int:
        with self._lock:
            del self._open[file]
            return int(close(file))

    def _on_write(self, write: Any, file: int, data: int, length: int, place: int) -> int:
        with self._lock:
            self.at = self._open[file].name
            self._before("write")
            code = int(write(file, data, length, place))
            if code == 0:
                (self._open[file].pending or self._fresh(file)).append((place, ctypes.string_at(data, length)))
            return code

    def _fresh(self, file: int) -> list[tuple[int, bytes | None]]:
        inode = self._open[file]
        inode.pending = []
        return inode.pending

    def _on_truncate(self, truncate: Any, file: int, size: int) -> int:
        with self._lock:
            self.at = self._open[file].name
            self._before("truncate")
            code = int(truncate(file, size))
            if code == 0:
                (self._open[file].pending or self._fresh(file)).append((size, None))
            return code

    def _on_sync(self, sync: Any, file: int, flags: int) -> int:
        with self._lock:
            self.at = self._open[file].name
            self._before("sync")
            code = int(sync(file, flags))
            if code == 0:
                self.syncs += 1
                if not self.lies:
                    self._open[file].sync()
            return code

    def _on_delete(self, vfs: int, name: int, folder_too: int) -> int:
        with self._lock:
            self.at = Path(ctypes.string_at(name).decode()).name
            self._before("delete")
            return int(self._real_delete(vfs, name, folder_too))

    def _on_folder(self, path: bytes, handle: int) -> int:
        """SQLite opens a folder for one thing only: to sync it."""
        with self._lock:
            if Path(path.decode()).parent == self.folder:
                self._names = self._listing()
            return int(self._real_folder(path, handle))
