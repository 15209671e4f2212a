"""ZCJ, the canonical JSON of the journal (ZJP/1 §2.2): integers, NFC strings, ASCII keys, no float.

Within this profile msgspec, the standard library and RFC 8785 write the same bytes.
"""

import re
import unicodedata
from typing import Any

import msgspec

INTEGER_MAX = 2**53 - 1
DEPTH_MAX = 6
ENTRY_MAX_BYTES = 16 * 1024

_KEY = re.compile(r"[a-z0-9_]{1,24}")
_LONG_NUMBER = re.compile(rb"\d{16}")
# An escape for U+0000, and not a backslash followed by the five signs « u0000 », which anybody may write.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_encoder = msgspec.json.Encoder(order="sorted")
_LEAVES = frozenset((str, bool, type(None)))
# Keys found good before: entries say the same ones again and again.
_KNOWN: set[str] = set()
_KNOWN_MOST = 4096


class NotCanonical(ValueError):
    """The value or the bytes leave the profile."""


def encode(value: Any) -> bytes:
    """Return the canonical bytes of `value`; raise NotCanonical when it leaves the profile."""
    try:
        raw = _encoder.encode(value)
    except (TypeError, ValueError, UnicodeEncodeError, OverflowError) as problem:
        raise NotCanonical(str(problem)) from problem
    if _LONG_NUMBER.search(raw):
        check(msgspec.json.decode(raw))
    if b"u0000" in raw and _NUL.search(raw):
        raise NotCanonical("U+0000 in a string")
    if raw.isascii() or unicodedata.is_normalized("NFC", text := raw.decode()):
        return raw
    # An accent may follow the letter of an escape, like the « n » of a line's end: strings are composed apart then.
    return _encoder.encode(_composed(msgspec.json.decode(raw))) if "\\" in text else _nfc(text).encode()


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _composed(value: Any) -> Any:
    """Return a decoded value with every string composed."""
    if isinstance(value, str):
        return _nfc(value)
    if isinstance(value, list):
        return [_composed(one) for one in value]
    return {_nfc(key): _composed(one) for key, one in value.items()} if isinstance(value, dict) else value


def check(value: Any, depth: int = 1) -> None:
    """Raise NotCanonical unless a decoded `value` is within the profile."""
    if isinstance(value, (dict, list)):
        if depth > DEPTH_MAX:
            raise NotCanonical("deeper than 6")
        if isinstance(value, dict):
            for key in value:
                if not _KEY.fullmatch(key):
                    raise NotCanonical(f"key {key[:40]!r}")
        for inner in value.values() if isinstance(value, dict) else value:
            check(inner, depth + 1)
    else:
        _check_leaf(value)


def _check_leaf(value: Any) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, int):
        if abs(value) > INTEGER_MAX:
            raise NotCanonical("integer beyond 2^53-1")
    elif isinstance(value, str):
        if "\x00" in value or not unicodedata.is_normalized("NFC", value):
            raise NotCanonical("string not NFC or with U+0000")
    else:
        raise NotCanonical(f"{type(value).__name__} is not allowed")


def decode(raw: bytes) -> Any:
    """Return the value of canonical `raw`; raise NotCanonical when other bytes would say the same."""
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise NotCanonical(str(problem)) from problem
    # Only a « \\u » can hide a sign of a string from the bytes; without one they tell of every string at once.
    plain = b"\\u" not in raw and (raw.isascii() or unicodedata.is_normalized("NFC", raw.decode()))
    if not (plain and _fits(value, 1)):
        check(value)
    if _encoder.encode(value) != raw:
        raise NotCanonical("not the canonical bytes")
    return value


def _fits(value: Any, depth: int) -> bool:
    """Tell at once that a value with good strings is within the profile; False: `check` must look.

    HQ reads every entry of every café: this is most of what it costs.
    """
    if type(value) is dict:
        if not value.keys() <= _KNOWN and not _learn(value):
            return False
        inside: Any = value.values()
    elif type(value) is list:
        inside = value
    else:
        return False
    if depth > DEPTH_MAX:
        return False
    for inner in inside:
        kind = type(inner)
        if kind is int:
            if not -INTEGER_MAX <= inner <= INTEGER_MAX:
                return False
        elif kind not in _LEAVES and not _fits(inner, depth + 1):
            return False
    return True


def _learn(value: dict[str, Any]) -> bool:
    """Keep the keys of an object in mind when all are good; tell whether they are."""
    if not all(map(_KEY.fullmatch, value)):
        return False
    if len(_KNOWN) + len(value) <= _KNOWN_MOST:
        _KNOWN.update(value)
    return True
