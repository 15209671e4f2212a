"""Signed checkpoints of HQ's log: C2SP tlog-checkpoint, a signed note with Ed25519 (§2.17). Pure functions.

A note is text that one can read, mail and check with openssl: three lines (whose log, how many leaves, the root),
an empty one, and a line of signature.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Any

import msgspec

from pos import seal, zcj
from pos.seal import Keyring
from sync import merkle

NOTE_MAX = 2_000
_ED25519 = b"\1"
_ORIGIN = re.compile(r"[!-*,-~]{1,120}")
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a log went: its name, its leaves, its root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def origin_is_good(origin: str) -> bool:
    """Tell whether a log may have this name: visible signs without space nor plus."""
    return _ORIGIN.fullmatch(origin) is not None


def key_id(origin: str, public: bytes) -> bytes:
    """Return the four bytes by which a note names its key."""
    return hashlib.sha256(origin.encode() + b"\n" + _ED25519 + public).digest()[:4]


def sign(keyring: Keyring, told: Checkpoint) -> str:
    """Return the note of a checkpoint."""
    if not origin_is_good(told.origin):
        raise ValueError("not the name of a log")
    signature = key_id(told.origin, keyring.public) + keyring.sign_note(told.text)
    return f"{told.text}\n— {told.origin} {base64.b64encode(signature).decode()}\n"


def read(note: str, public: bytes) -> Checkpoint | None:
    """Return what a note says, if `public` signed it; None for anything else."""
    text, between, marks = note.rpartition("\n\n")
    lines = text.split("\n")
    if len(note) > NOTE_MAX or not between or len(lines) != 3 or not marks.endswith("\n"):
        return None
    origin, size, root = lines[0], lines[1], _bytes(lines[2])
    if not origin_is_good(origin) or not _SIZE.fullmatch(size) or len(root) != merkle.SIZE:
        return None
    told = Checkpoint(origin, int(size), root)
    # Others may have signed beside HQ: witnesses.
    for mark in marks[:-1].split("\n"):
        signature = _bytes(mark.removeprefix(f"— {origin} "))
        if signature[:4] == key_id(origin, public) and seal.note_is_good(public, told.text, signature[4:]):
            return told
    return None


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def leaf(cafe: int, jid: str, seq: int, head: str) -> bytes:
    """Return the bytes of a leaf: a head that HQ has acknowledged."""
    told: dict[str, Any] = {"cafe": cafe, "j": jid, "seq": seq, "head": head}
    return zcj.encode(told)


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What HQ shows a box of its log: the newest checkpoint, and how the box's journal and the last one it knew are in it."""

    note: str
    # The box's last head in the log; −1 when it has none there yet.
    seq: int = -1
    index: int = -1
    inclusion: list[str] = []
    consistency: list[str] = []
