"""The entries of a batch, read and found canonical: all at once where they are written as this release writes.

What msgspec reads into the struct of its kind and writes again as the same bytes holds no key, no number with a point and
no depth of its own: what is left of §2.2 are long numbers and strings, looked for in all entries at once. Anything else is
looked at entry by entry, by the rule itself (`pos.zcj.decode`).
"""

import unicodedata
from collections.abc import Callable, Sequence
from functools import cache

import msgspec

from pos import zcj
from pos.events import Event, EventTypes
from pos.journal import Envelope

_lines = msgspec.json.Decoder(Envelope)
_encoder = msgspec.json.Encoder(order="sorted")
# Every digit a nought, whatever stands before a number a colon, all else a space: long numbers are found fast.
_SHAPE = bytes(ord("0") if sign in b"0123456789" else ord(":") if sign in b":,[-" else ord(" ") for sign in range(256))
_LONG = b":" + b"0" * 16


def envelopes(bodies: Sequence[bytes]) -> list[Envelope]:
    """Return the envelopes of entries that were found good before."""
    return _lines.decode_lines(b"\n".join(bodies))


def events_of(entries: Sequence[Envelope], types: EventTypes) -> list[Event | None]:
    """Return what entries say; None for a kind this release does not know and for what it cannot read."""
    readers, events = _readers(types), []
    for entry in entries:
        read = readers.get((entry.kind, entry.kv))
        try:
            events.append(read(entry.data) if read else None)
        except (msgspec.MsgspecError, ValueError):
            events.append(None)
    return events


@cache
def _readers(types: EventTypes) -> dict[tuple[str, int], Callable[[msgspec.Raw], Event]]:
    return {key: msgspec.json.Decoder(cls).decode for key, cls in types.types.items()}


def at_once(bodies: Sequence[bytes], types: EventTypes) -> tuple[list[Envelope], list[Event | None]] | None:
    """Return the entries of canonical bodies and what they say; None: look at them one by one."""
    raw = b"\n".join((*bodies, b""))
    if max(map(len, bodies)) > zcj.ENTRY_MAX_BYTES or not _plain(raw, bodies):
        return None
    try:
        entries = _lines.decode_lines(raw)
        events = events_of(entries, types)
        # An entry of a kind nobody here knows has no struct to be read into.
        for body, event in zip(bodies, events, strict=True):
            if event is None:
                zcj.decode(body)
        data = [entry.data for entry in entries]
        said = [one if event is None else event for one, event in zip(data, events, strict=True)]
        if _encoder.encode_lines(entries) != raw or _encoder.encode_lines(said) != _encoder.encode_lines(data):
            return None
    except (msgspec.MsgspecError, ValueError):
        return None
    return entries, events


def _plain(raw: bytes, bodies: Sequence[bytes]) -> bool:
    """Tell whether no number is too long and no string can be but NFC and whole."""
    # Only a « \\u » can hide a sign of a string from the bytes; one sign is found faster than two.
    if (b"\\" in raw and b"\\u" in raw) or _LONG in raw.translate(_SHAPE):
        return False
    accented = b"\n".join(body for body in bodies if not body.isascii())
    try:
        return unicodedata.is_normalized("NFC", accented.decode())
    except UnicodeDecodeError:
        return False
