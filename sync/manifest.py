"""What HQ sends down (ZJP/1 §2.11): a signed list of what is in force for one café. Pure functions.

A manifest names one blob per channel by its hash. Who reads it ignores channels and fields it does not know.
"""

import hashlib
from typing import Literal

import msgspec

from pos import seal
from pos.seal import Keyring
from sync import wire
from sync.wire import Malformed

MANIFEST = b"zinc/manifest/1"
# Further than this no serial leaps, or the highest number would be the last one for ever.
LEAP_MOST = 1_000_000
# An inflated blob; below this the line needs no ranges: a blob comes whole or not at all.
BLOB_MAX = 256 * 1024
ANNOUNCE, PRICES, CONFIG, ALTERNATIVES, SOFTWARE = "announce", "prices", "config", "alternatives", "software"
HQ_KEYS, CATALOGUE = "hqkeys", "catalogue"


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """The version of one channel: its number, and the hash of its blob."""

    n: int
    sha256: str
    # Not to wait for the closing.
    urgent: bool = False


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What is in force for a café. `serial` only ever grows."""

    cafe: int
    channels: dict[str, Channel]
    serial: int
    t: int
    type: Literal["manifest"] = "manifest"
    v: Literal[1] = 1


class Signed(msgspec.Struct, frozen=True):
    """A manifest's exact text, and HQ's signature over it."""

    manifest: str
    sig: str


def sign(keyring: Keyring, manifest: Manifest) -> Signed:
    """Return a manifest as HQ sends it."""
    text = wire.dump(manifest)
    return Signed(text.decode(), keyring.sign(MANIFEST, text).hex())


def read(hq_key: bytes, cafe: int, signed: Signed, *, have: int) -> Manifest:
    """Return a manifest HQ signed for this café, above the serial one has; raise Malformed with the attack's name."""
    if not seal.verify(hq_key, MANIFEST, signed.manifest.encode(), wire.unhex(signed.sig, 64)):
        raise Malformed("bad_signature", "manifest")
    manifest = wire.parse(signed.manifest, Manifest)
    if manifest.cafe != cafe:
        raise Malformed("other_cafe", str(manifest.cafe))
    if manifest.serial < have:
        raise Malformed("rollback", f"{manifest.serial}<{have}")
    if manifest.serial > have + LEAP_MOST:
        raise Malformed("fast_forward", str(manifest.serial))
    for channel in manifest.channels.values():
        wire.unhex(channel.sha256, 32)
    return manifest


def digest(blob: bytes) -> str:
    """Return the name of a blob: the hash of its bytes."""
    return hashlib.sha256(blob).hexdigest()


def mark(text: str) -> str:
    """Return the short name of a manifest's text: an HQ put back from a backup may give one number twice."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def open_blob(packed: bytes, sha256: str) -> bytes:
    """Return the blob a manifest named; raise Malformed when it is another one (mix-and-match) or too large."""
    blob = wire.unpack(packed, BLOB_MAX)
    if digest(blob) != sha256:
        raise Malformed("mix_and_match", sha256[:16])
    return blob
