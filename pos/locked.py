"""Packed and encrypted, chunk after chunk: what every copy of the café is, on a stick or in a file.

zlib, then XSalsa20-Poly1305 under a key made of a passphrase (Argon2id) or kept by the box.
"""

import hashlib
import io
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, TypeAlias

from pos import recovery
from pos.errors import Refusal
from pos.i18n import N_
from pos.recovery import BackupKey

# 1: salt, sealed whole. 2: salt, nonce, frames, then SHA-256 of all that: a spoilt copy is told from a wrong
# passphrase, and a file of years is never in memory. A frame: its length, then sealed under the next nonce a byte
# (1 in the last frame) and at most CHUNK bytes: none can be taken away, exchanged or added.
MAGIC_1, MAGIC = b"ZINC-BACKUP-1\n", b"ZINC-BACKUP-2\n"
SALT, NONCE, LENGTH, MAC, DIGEST = 16, 16, 4, 16, 32
CHUNK = 1 << 20
# A passphrase somebody chose, or the key the box keeps.
Secret: TypeAlias = str | BackupKey
# A copy: its bytes, or the file they are in.
Source: TypeAlias = bytes | Path


class NotABackup(Refusal):
    """The file is something else, or was cut."""

    sentence = N_("This file is not a whole backup of Zinc.")
    remedy = N_("Choose the file that ends with .zinc, copied whole.")


class WrongPassphrase(Refusal):
    """The passphrase does not open the file."""

    sentence = N_("The passphrase does not open this backup.")
    remedy = N_("Look for it where you wrote it down; capitals count.")


def lock(plain: bytes, secret: Secret) -> bytes:
    """Return something small packed and encrypted, as a copy is."""
    out = io.BytesIO()
    seal(iter([plain]), secret, out)
    return out.getvalue()


def seal(plain: Iterator[bytes], secret: Secret, out: BinaryIO) -> int:
    """Pack and encrypt chunk after chunk; return how many bytes were written."""
    from nacl.bindings import crypto_secretbox

    held = secret if isinstance(secret, BackupKey) else recovery.key_of(secret)
    nonce, digest, size = os.urandom(NONCE), hashlib.sha256(), 0
    written = [MAGIC, held.salt, nonce]
    for at, (last, piece) in enumerate(_pieces(plain)):
        sealed = crypto_secretbox(bytes([last]) + piece, nonce + at.to_bytes(8, "big"), held.key)
        written += [len(sealed).to_bytes(LENGTH, "big"), sealed]
        for data in written:
            digest.update(data)
            size += out.write(data)
        written = []
    return size + out.write(digest.digest())


def _pieces(plain: Iterator[bytes]) -> Iterator[tuple[bool, bytes]]:
    """Yield what is packed in pieces of CHUNK, each with whether it is the last."""
    squeeze, held = zlib.compressobj(6), b""
    for chunk in plain:
        held += squeeze.compress(chunk)
        while len(held) > CHUNK:
            yield False, held[:CHUNK]
            held = held[CHUNK:]
    held += squeeze.flush()
    while len(held) > CHUNK:
        yield False, held[:CHUNK]
        held = held[CHUNK:]
    yield True, held


def _opened(source: Source) -> BinaryIO:
    return source.open("rb") if isinstance(source, Path) else io.BytesIO(source)


def _opened_pieces(file: BinaryIO, secret: Secret) -> Iterator[bytes]:
    """Yield the packed content of a copy; raise NotABackup, WrongPassphrase."""
    magic = file.read(len(MAGIC))
    if magic == MAGIC_1:
        yield _unseal_1(file.read(), secret)
        return
    if magic != MAGIC or not _is_whole(file):
        raise NotABackup
    salt, nonce = file.read(SALT), file.read(NONCE)
    key, at, last = b"", 0, False
    while not last:
        length = int.from_bytes(file.read(LENGTH), "big")
        if not MAC < length <= CHUNK + MAC + 1:
            raise NotABackup
        key, plain = _frame(file.read(length), nonce + at.to_bytes(8, "big"), [key] if key else _keys(secret, salt))
        last, at = bool(plain[0]), at + 1
        yield plain[1:]
    if len(file.read()) != DIGEST:
        raise NotABackup


def _is_whole(file: BinaryIO) -> bool:
    """Tell whether the sum at the end of a copy is right; leave the file where it was."""
    start = file.tell()
    end = file.seek(-DIGEST, os.SEEK_END) if file.seek(0, os.SEEK_END) > DIGEST + start else 0
    told = file.read(DIGEST)
    file.seek(0)
    digest, left = hashlib.sha256(), end
    while left > 0 and (chunk := file.read(min(CHUNK, left))):
        digest.update(chunk)
        left -= len(chunk)
    file.seek(start)
    return end > 0 and digest.digest() == told


def _frame(sealed: bytes, nonce: bytes, keys: Iterable[bytes]) -> tuple[bytes, bytes]:
    """Return the key that opens a frame, and what is in it."""
    from nacl.bindings import crypto_secretbox_open
    from nacl.exceptions import CryptoError

    for key in keys:
        with suppress(CryptoError):
            return key, crypto_secretbox_open(sealed, nonce, key)
    raise WrongPassphrase


def _unseal_1(data: bytes, secret: Secret) -> bytes:
    from nacl.secret import SecretBox

    salt, nonce, sealed = data[:SALT], data[SALT : SALT + SecretBox.NONCE_SIZE], data[SALT + SecretBox.NONCE_SIZE :]
    if len(sealed) <= MAC:
        raise NotABackup
    return _frame(sealed, nonce, _keys(secret, salt))[1]


def _keys(secret: Secret, salt: bytes) -> Iterator[bytes]:
    """Yield the keys that what was given may mean: the signs of a recovery phrase, or a passphrase as typed."""
    if isinstance(secret, BackupKey):
        yield secret.key
        return
    with suppress(recovery.PhraseMistyped):
        yield recovery.key_of(recovery.read(secret), salt).key
    yield recovery.key_of(secret, salt).key


def unlock(source: Source, secret: Secret) -> bytes:
    """Return what a copy holds; raise NotABackup, WrongPassphrase."""
    out = io.BytesIO()
    unseal(source, secret, out)
    return out.getvalue()


def unseal(source: Source, secret: Secret, out: BinaryIO) -> None:
    """Write what a copy holds; raise NotABackup, WrongPassphrase."""
    loosen = zlib.decompressobj()
    try:
        with _opened(source) as file:
            for piece in _opened_pieces(file, secret):
                rest = piece
                while rest:
                    out.write(loosen.decompress(rest, CHUNK))
                    rest = loosen.unconsumed_tail
            out.write(loosen.flush())
    except zlib.error as problem:
        raise NotABackup from problem
    if not loosen.eof:
        raise NotABackup
