"""Examples of every event: valid, the same each time, with every field said.

An event whose parts must agree (sums, dates) has its example in `tests/examples/<area>.py`, in a
dict `EXAMPLES = {kind: event}`; the others are filled field by field from their type hints.
"""

import importlib
import types
import typing
from pathlib import Path
from typing import Any

import msgspec

from pos.events import Event
from pos.house import FEATURES
from pos.system import EVENTS as SYSTEM_EVENTS

DAY = "2026-11-20"
# Friday 20 November 2026, 7:02 in Paris.
AT_MS = 1795154520000
WORDS = {
    "day": DAY,
    "valid_from": DAY,
    "valid_to": DAY,
    "regime": "reel",
    "means": "cash",
    "siret": "12345678200017",
    "insee": "10076",
    "postcode": "10190",
    "sw": "0.1.0",
    "vat_class": "bread",
}


def every_event() -> dict[tuple[str, int], type[Event]]:
    """Return every event class of the house by kind and version."""
    classes = [*SYSTEM_EVENTS, *(cls for feature in FEATURES for cls in feature.events)]
    return {(cls.kind, cls.kv): cls for cls in classes}


def written_examples() -> dict[tuple[str, int], Event]:
    """Return the examples written by hand."""
    found: dict[tuple[str, int], Event] = {}
    for path in sorted((Path(__file__).parent / "examples").glob("*.py")):
        module = importlib.import_module(f"tests.examples.{path.stem}")
        found.update({(event.kind, event.kv): event for event in module.EXAMPLES.values()})
    return found


def an_event(cls: type[Event]) -> Event:
    """Return the example of an event class."""
    written = written_examples().get((cls.kind, cls.kv))
    return written if written is not None else a_part(cls)


def a_part(cls: type[Any]) -> Any:
    """Return a struct with every field filled from its type."""
    hints = typing.get_type_hints(cls)
    return cls(**{f.name: a_value(hints[f.name], f.name) for f in msgspec.structs.fields(cls)})


def a_value(hint: Any, name: str) -> Any:
    """Return a value of a type, told by the field's name where that helps."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if isinstance(hint, typing.NewType):
        return a_value(hint.__supertype__, name)
    if origin in (typing.Union, types.UnionType):
        return a_value(next(a for a in arguments if a is not type(None)), name)
    if origin is typing.Literal:
        return arguments[-1]
    if origin in (list, tuple):
        one = a_value(arguments[0], name)
        return [one] if origin is list else (one,)
    if origin is dict:
        return {"one": a_value(arguments[1], name)}
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return a_part(hint)
    return a_plain(hint, name)


def a_plain(hint: Any, name: str) -> Any:
    """Return an integer, a text or a truth."""
    if hint is bool:
        return True
    if hint is int:
        return AT_MS if name.endswith("_at") else 100 + len(name)
    if hint is str:
        return WORDS.get(name, DAY if name.endswith(("_day", "_on", "_until")) else f"{name} café")
    raise TypeError(f"no example of {hint} for the field {name}: write one in tests/examples/")
