"""The base of every recorded fact, and the registry that reads them back.

An event is a frozen struct of integers, strings, booleans and lists of the same. Its `kind` is
`slug.past_tense`, its `kv` the version of its shape; both are for ever. A field added later has
a default and is left out of the bytes while it has it. Personal data never enters an event.
"""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, TypeVar

import msgspec

from pos import zcj


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A piece of an event: a line, a payment."""


class Event(Part, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A fact. Subclasses say their `kind` and, from the second shape on, their `kv`."""

    kind: ClassVar[str] = ""
    kv: ClassVar[int] = 1


class Unreadable(ValueError):
    """The data of a known kind does not fit its struct."""


class EventTypes:
    """All kinds and versions this release can read."""

    def __init__(self, types: Iterable[type[Event]]) -> None:
        self._decoders: dict[tuple[str, int], msgspec.json.Decoder[Any]] = {}
        self.types: dict[tuple[str, int], type[Event]] = {}
        for cls in types:
            key = (cls.kind, cls.kv)
            if not cls.kind or key in self.types:
                raise ValueError(f"{cls.__name__}: kind {key} is empty or taken")
            self.types[key] = cls
            self._decoders[key] = msgspec.json.Decoder(cls)

    def decode(self, kind: str, kv: int, data: bytes | msgspec.Raw) -> Event | None:
        """Return the event, or None for a kind this release does not know; raise Unreadable."""
        decoder = self._decoders.get((kind, kv))
        if decoder is None:
            return None
        try:
            event: Event = decoder.decode(data)
        except (msgspec.DecodeError, ValueError) as problem:
            raise Unreadable(f"{kind}/{kv}: {problem}") from problem
        return event


_Line = TypeVar("_Line", bound=Part)
# An event with `lines`.
_Lined = TypeVar("_Lined", bound=Any)
# What the lines of one event may weigh: an entry of 16 KiB has room for the rest.
LINES_MAX_BYTES = 12_000


def shared_out(lines: Sequence[_Line]) -> list[list[_Line]]:
    """Share the lines of one act over as many events as their weight needs, in order; at least one."""
    out: list[list[_Line]] = [[]]
    weight = 0
    for line in lines:
        weighs = len(zcj.encode(line)) + 1
        if weight + weighs > LINES_MAX_BYTES and out[-1]:
            out.append([])
            weight = 0
        out[-1].append(line)
        weight += weighs
    return out


def parted(event: _Lined) -> list[_Lined]:
    """Return an event as several where its lines weigh too much for one; each says the rest of it."""
    return [msgspec.structs.replace(event, lines=part) for part in shared_out(event.lines)]


def encode(event: Event) -> bytes:
    """Return the canonical bytes of an event's data."""
    return zcj.encode(event)
