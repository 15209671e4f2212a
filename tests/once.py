"""What each test would work out again, kept from the first: the answers of functions that always answer the same.

Nothing of ours is replaced. Werkzeug writes two small functions per address of an application, Jinja
compiles its templates, scrypt is slow on purpose, a new café's file is the same bytes at the same
moment: a worker does each of these once, not once per test. Files are written to memory where there is room.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Hashable, Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug import security
from werkzeug.routing import Rule

# Two workers and a PostgreSQL take less than half of it.
MEMORY_FREE_BYTES = 2 * 1024**3

_files: dict[Hashable, bytes] = {}
_salts: Iterator[int] = count()


class Compiled(BytecodeCache):
    """Templates compiled in this worker, by their name and their very text."""

    def __init__(self) -> None:
        self.codes: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.codes[bucket.key, bucket.checksum] = bucket.code


def begin() -> None:
    """Remember from now on."""
    _write_to_memory()
    Flask.jinja_options = {"bytecode_cache": Compiled()}
    hashlib.scrypt = cache(hashlib.scrypt)
    security.gen_salt = lambda length: f"{next(_salts):0{length}}"
    Rule._compile_builder = _written_once(Rule._compile_builder)


def _write_to_memory() -> None:
    # A test asks of a disk its order, not its plates: 7,000 commits wait for them in four files of properties.
    # The long campaigns keep the disk.
    memory = Path("/dev/shm")  # noqa: S108 - each run makes its own folder in it
    chosen = os.environ.keys() & {"TMPDIR", "ZINC_EXPLORE"}
    if chosen or not os.access(memory, os.W_OK) or shutil.disk_usage(memory).free < MEMORY_FREE_BYTES:
        return
    # What an earlier run left is there to be looked at until the next one.
    for left in memory.glob("zinc-tests-*"):
        if not Path("/proc", left.name.rpartition("-")[2]).exists():
            shutil.rmtree(left, ignore_errors=True)
    folder = memory / f"zinc-tests-{os.getpid()}"
    folder.mkdir(exist_ok=True)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)


def end() -> None:
    """Give the memory back."""
    if (folder := Path(tempfile.gettempdir())).name == f"zinc-tests-{os.getpid()}":
        shutil.rmtree(folder, ignore_errors=True)


def begin_test() -> None:
    """Give the first password of each test the same salt, the second another: scrypt has met both before."""
    global _salts
    _salts = count()


def file(key: Hashable, path: Path, make: Callable[[], None]) -> None:
    """Put at `path` what `make` left there the first time for this key."""
    if key not in _files:
        make()
        _files[key] = path.read_bytes()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_files[key])


def _written_once(write: Callable[[Rule, bool], Any]) -> Callable[[Rule, bool], Any]:
    written: dict[tuple[object, ...], Any] = {}

    def builder(rule: Rule, append_unknown: bool = True) -> Any:
        if rule.defaults:
            return write(rule, append_unknown)
        # All that Werkzeug's text is made of; the rule itself is its first argument.
        about = (rule.rule, tuple(rule._trace), append_unknown)
        if about not in written:
            written[about] = write(rule, append_unknown)
        return written[about]

    return builder
