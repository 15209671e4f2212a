"""HQ's key after another: announced under the one before, proven by itself, followed in one direction only (§2.11).

A till is installed with one key of HQ, the one that signed its grant. From there it follows what that key announced.
"""

import sqlite3
from collections.abc import Sequence
from typing import Literal

import msgspec

from pos import seal, zcj
from pos.seal import Keyring

STEP, POP = b"zinc/hqkey/1", b"zinc/hqkey-pop/1"


class Statement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the key that goes says of the one that comes."""

    key: str
    n: int
    old: str
    t: int
    type: Literal["hqkey"] = "hqkey"
    v: Literal[1] = 1


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A statement's exact text, signed by the old key and by the new one."""

    statement: str
    sig: str
    pop: str


class KeyList(msgspec.Struct, frozen=True, kw_only=True):
    """Every step of HQ's keys, the oldest first."""

    steps: list[Step]
    type: Literal["hqkeys"] = "hqkeys"
    v: Literal[1] = 1


def make(old: Keyring, new: Keyring, *, n: int, at: int) -> Step:
    """Return the step from one key of HQ to the next."""
    text = zcj.encode(Statement(key=new.public.hex(), n=n, old=old.public.hex(), t=at))
    return Step(statement=text.decode(), sig=old.sign(STEP, text).hex(), pop=new.sign(POP, text).hex())


def read(step: Step) -> Statement | None:
    """Return what a step says when both keys signed it; None for anything else."""
    text = step.statement.encode()
    try:
        told = msgspec.json.decode(text, type=Statement)
        old, new = bytes.fromhex(told.old), bytes.fromhex(told.key)
        sig, pop = bytes.fromhex(step.sig), bytes.fromhex(step.pop)
    except (msgspec.DecodeError, ValueError):
        return None
    good = old.hex() == told.old and new.hex() == told.key and zcj.encode(told) == text
    return told if good and seal.verify(old, STEP, text, sig) and seal.verify(new, POP, text, pop) else None


def onward(key: bytes, steps: Sequence[Step]) -> list[tuple[Statement, Step]]:
    """Return the steps that lead on from a key, in order; those that do not hold lead nowhere."""
    good = [(told, step) for step in steps if (told := read(step)) is not None]
    found: list[tuple[Statement, Step]] = []
    at, seen = key.hex(), {key.hex()}
    while following := next((one for one in good if one[0].old == at and one[0].key not in seen), None):
        found.append(following)
        at = following[0].key
        seen.add(at)
    return found


def before(key: bytes, steps: Sequence[Step]) -> list[bytes]:
    """Return the keys from which these steps lead to a key, that key last."""
    good = [told for step in steps if (told := read(step)) is not None]
    found = [key.hex()]
    while former := next((one.old for one in good if one.key == found[0] and one.old not in found), None):
        found.insert(0, former)
    return [bytes.fromhex(one) for one in found]


def trusted(conn: sqlite3.Connection, first: bytes) -> list[bytes]:
    """Return HQ's keys as a café has followed them, from the one that signed a grant to the one in force."""
    if not conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'network_hq_key'").fetchone():
        return [first]
    after = {row[0]: row[1] for row in conn.execute("SELECT old, key FROM network_hq_key")}
    found = [first.hex()]
    while (following := after.get(found[-1])) and following not in found:
        found.append(following)
    return [bytes.fromhex(one) for one in found]


def signed_by(keys: Sequence[bytes], domain: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether one of HQ's keys signed a message."""
    return any(seal.verify(key, domain, message, signature) for key in keys)
