"""Small texts sealed under HQ's key: unreadable in a copy of the database or in a browser, and refused when changed."""

import hmac

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox


def seal(key: bytes, use: bytes, text: str) -> str:
    """Return `text` sealed for one use; what was sealed for another does not open."""
    return _box(key, use).encrypt(text.encode()).hex()


def opened(key: bytes, use: bytes, sealed: str) -> str:
    """Return a text; empty when there is none, or when it was not sealed by this key for this use."""
    try:
        return _box(key, use).decrypt(bytes.fromhex(sealed)).decode() if sealed else ""
    except (CryptoError, ValueError):
        return ""


def _box(key: bytes, use: bytes) -> SecretBox:
    return SecretBox(hmac.digest(key, use, "sha256"))
