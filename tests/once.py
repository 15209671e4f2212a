"""What each test would work out again, kept from the first: the answers of functions that always answer the same.

Nothing of ours is replaced. Werkzeug writes two small functions per address of an application, Jinja
compiles its templates, scrypt is slow on purpose, a new café's file is the same bytes at the same
moment: a worker does each of these once, not once per test.
"""

import hashlib
from collections.abc import Callable, Hashable, Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug import security
from werkzeug.routing import Rule

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
    Flask.jinja_options = {"bytecode_cache": Compiled()}
    hashlib.scrypt = cache(hashlib.scrypt)
    security.gen_salt = lambda length: f"{next(_salts):0{length}}"
    Rule._compile_builder = _written_once(Rule._compile_builder)


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
