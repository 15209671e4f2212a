"""Tracking numbers stay in the café: the journal knows a parcel by a keyed pseudonym (ZJP/1 §2.13).

A plain hash of a number could be guessed by trying all numbers; the key never leaves the box.
"""

import hmac
import secrets
import sqlite3

from pos import drafts

_KEY = "parcels.ref_key"


def ref_of(key: bytes, carrier: str, number: str) -> str:
    """Return the pseudonym of a carrier's number: 32 hex digits."""
    message = b"\0".join((b"zinc/ref/1", carrier.encode(), number.encode()))
    return hmac.digest(key, message, "sha256")[:16].hex()


def key(conn: sqlite3.Connection) -> bytes | None:
    """Return the café's key, or None before its first parcel."""
    kept = drafts.get(conn, _KEY)
    return bytes.fromhex(kept) if kept else None


def key_or_new(conn: sqlite3.Connection) -> bytes:
    """Return the café's key, made by chance the first time."""
    kept = key(conn)
    if kept is None:
        kept = secrets.token_bytes(32)
        drafts.put(conn, _KEY, kept.hex())
    return kept
