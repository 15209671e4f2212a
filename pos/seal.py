"""Hashes and Ed25519 signatures of ZJP/1, each with its own domain string (§2).

`DS(x, …) = SHA-256(x ‖ 00 ‖ …)`, `SIG(k, x, m) = Ed25519(k, x ‖ 00 ‖ m)`.
"""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from pos import durable

ENTRY, GENESIS, SEAL, HEAD, ACK, GRANT = (
    b"zinc/entry/1", b"zinc/genesis/1", b"zinc/seal/1", b"zinc/head/1", b"zinc/ack/1", b"zinc/grant/1",
)  # fmt: skip
_ENTRY_PREFIX = hashlib.sha256(ENTRY + b"\0")


def ds(domain: bytes, *parts: bytes) -> bytes:
    """Return SHA-256 over a domain string, a zero byte and the parts."""
    return hashlib.sha256(domain + b"\0" + b"".join(parts)).digest()


def chain(prev: bytes, body: bytes) -> bytes:
    """Return the hash of an entry: what went before, and its own bytes (§2.3)."""
    h = _ENTRY_PREFIX.copy()
    h.update(prev)
    h.update(body)
    return h.digest()


def kid_of(public: bytes) -> str:
    """Return the short name of a public key (§2.1)."""
    return ds(b"zinc/key/1", public)[:8].hex()


def verify(public: bytes, domain: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether `signature` is `public`'s over the domain and message."""
    try:
        VerifyKey(public).verify(domain + b"\0" + message, signature)
    except (BadSignatureError, ValueError, TypeError):
        return False
    return True


def note_is_good(public: bytes, text: str, signature: bytes) -> bool:
    """Tell whether `signature` is `public`'s over a note (`Keyring.sign_note`)."""
    try:
        VerifyKey(public).verify(text.encode(), signature)
    except (BadSignatureError, ValueError, TypeError):
        return False
    return "\0" not in text


class Keyring:
    """A private key and its public names. The private half never leaves this object and its file."""

    def __init__(self, seed: bytes, path: Path | None = None) -> None:
        self._key = SigningKey(seed)
        self._path = path
        self.public: bytes = bytes(self._key.verify_key)
        self.kid = kid_of(self.public)

    def sign(self, domain: bytes, message: bytes) -> bytes:
        """Return the 64-byte signature over a domain string and a message."""
        return self._key.sign(domain + b"\0" + message).signature

    def sign_note(self, text: str) -> bytes:
        """Return the signature over a published text, as others sign notes: without a domain string.

        Everything else signed has a zero byte after its domain; a text with one is refused.
        """
        if "\0" in text:
            raise ValueError("a note has no zero byte")
        return self._key.sign(text.encode()).signature

    @classmethod
    def load_or_make(cls, path: Path) -> "Keyring":
        """Read the key file, or make one with mode 0600 (R22). A key is on the disk before it signs anything."""
        with suppress(FileNotFoundError):
            if told := path.read_text().strip():
                return cls(bytes.fromhex(told), path)
            # An empty file is what a power cut left of a key that never signed.
            path.unlink()
        seed = os.urandom(32)
        durable.write(path, seed.hex().encode(), mode=0o600, fresh=True)
        return cls(seed, path)

    @property
    def kept(self) -> bool:
        """Tell whether this key has a file; without one it has no successor."""
        return self._path is not None

    @property
    def may_follow(self) -> bool:
        """Tell whether a key that is to follow this one waits beside it."""
        return self._path is not None and self._next().exists()

    def successor(self) -> "Keyring":
        """Return the key that is to follow this one, made and kept beside it before anybody hears of it."""
        return Keyring.load_or_make(self._next())

    def settled(self, public: bytes) -> "Keyring":
        """Return the key whose public half is `public`: the successor takes this one's place; without it, this one."""
        if public == self.public or not self.may_follow or self.successor().public != public:
            return self
        assert self._path is not None
        self._next().replace(self._path)
        return Keyring.load_or_make(self._path)

    def _next(self) -> Path:
        if self._path is None:
            raise ValueError("a key without a file has no successor")
        return self._path.with_suffix(".next")
