"""The recovery phrase: twenty signs on a sheet kept at the café, and the key of the copies that comes of them.

The box keeps the key, to write copies by itself; it never keeps the phrase. Whoever has a copy and the
sheet has everything, box or no box.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import msgspec

from pos import durable
from pos.errors import Refusal
from pos.i18n import N_

# Crockford's: no I, L, O or U, so that no sign is read as another; what is typed for one is taken for it.
SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TYPED = str.maketrans({"I": "1", "L": "1", "O": "0"})
LENGTH, GROUP = 20, 4


class PhraseMistyped(Refusal):
    """The last sign checks the others."""

    sentence = N_("This is not a recovery phrase: one sign at least is wrong.")
    remedy = N_("Type the 20 signs of the sheet again, five groups of four.")


def new_phrase() -> str:
    """Return a new phrase, 95 bits of chance and a sign that checks them, as it is printed."""
    body = "".join(secrets.choice(SIGNS) for _ in range(LENGTH - 1))
    return shown(body + _check(body))


def _check(body: str) -> str:
    # Each place weighs differently, by odd numbers: one wrong sign always tells; two exchanged nearly always.
    return SIGNS[sum((2 * at + 1) * SIGNS.index(sign) for at, sign in enumerate(body)) % len(SIGNS)]


def shown(phrase: str) -> str:
    """Return a phrase in groups of four."""
    return "-".join(phrase[at : at + GROUP] for at in range(0, len(phrase), GROUP))


def read(typed: str) -> str:
    """Return the twenty signs of what was typed, capitals, spaces and dashes apart; raise PhraseMistyped."""
    signs = "".join(c for c in typed.upper().translate(_TYPED) if c.isalnum())
    if len(signs) != LENGTH or set(signs) - set(SIGNS) or _check(signs[:-1]) != signs[-1]:
        raise PhraseMistyped
    return signs


@dataclass(frozen=True, slots=True)
class BackupKey:
    """The key of the copies, and the salt it was made with; the salt is in each copy."""

    salt: bytes
    key: bytes

    def keep(self, path: Path) -> None:
        """Write the key where only the till reads it."""
        durable.write(path, msgspec.json.encode({"salt": self.salt.hex(), "key": self.key.hex()}), mode=0o600)


def key_of(phrase: str, salt: bytes = b"") -> BackupKey:
    """Return the key of a phrase; a new salt when none is given."""
    from nacl import pwhash, secret

    salt = salt or os.urandom(pwhash.argon2id.SALTBYTES)
    made = pwhash.argon2id.kdf(
        secret.SecretBox.KEY_SIZE, phrase.encode(), salt,
        opslimit=pwhash.argon2id.OPSLIMIT_INTERACTIVE, memlimit=pwhash.argon2id.MEMLIMIT_INTERACTIVE,
    )  # fmt: skip
    return BackupKey(salt, made)


def load(path: Path) -> BackupKey | None:
    """Return the key the box keeps; None when it has none, or a spoilt one."""
    try:
        told = msgspec.json.decode(path.read_bytes(), type=dict[str, str])
        return BackupKey(bytes.fromhex(told["salt"]), bytes.fromhex(told["key"]))
    except (OSError, msgspec.DecodeError, KeyError, ValueError):
        return None
