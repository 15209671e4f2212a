"""Facts as bytes: read back as they were, and never in a shape this release does not know."""

from typing import Any

import pytest

from pos import zcj
from pos.events import Event, EventTypes, Unreadable, encode
from tests.builders import an_event, every_event

EVENTS = every_event()


class Poured(Event, frozen=True, kw_only=True):
    """A glass was poured."""

    kind = "bar.poured"
    what: str
    cents: int
    # Added later: a default, left out of the bytes while it has it.
    where: str = ""
    sips: list[int] = []


@pytest.mark.parametrize("key", sorted(EVENTS), ids=lambda key: f"{key[0]}.{key[1]}")
def test_a_fact_is_read_back_as_it_was_said(key: tuple[str, int]) -> None:
    """Canonical bytes out, the same fact in; within the size of an entry."""
    event = an_event(EVENTS[key])
    raw = encode(event)
    assert zcj.encode(zcj.decode(raw)) == raw
    assert EventTypes(EVENTS.values()).decode(*key, raw) == event
    assert len(raw) < zcj.ENTRY_MAX_BYTES // 2


def test_a_field_added_later_does_not_change_old_bytes() -> None:
    """What was written before the field existed is what is written now without it."""
    types = EventTypes([Poured])
    assert encode(Poured(what="demi", cents=350)) == b'{"cents":350,"what":"demi"}'
    assert types.decode("bar.poured", 1, b'{"cents":350,"what":"demi"}') == Poured(what="demi", cents=350)


def test_a_kind_nobody_knows_is_kept_and_not_read() -> None:
    """A newer release wrote it: None, no crash."""
    assert EventTypes([Poured]).decode("bar.spilt", 1, b"{}") is None
    assert EventTypes([Poured]).decode("bar.poured", 2, b"{}") is None


@pytest.mark.parametrize(
    "raw",
    [b"{}", b'{"cents":3.5,"what":"demi"}', b'{"cents":"350","what":"demi"}', b'{"cents":1,"what":"x","new":1}', b"["],
)
def test_a_known_kind_of_another_shape_is_not_guessed(raw: bytes) -> None:
    """Missing, unknown or mistyped fields: unreadable, said aloud."""
    with pytest.raises(Unreadable):
        EventTypes([Poured]).decode("bar.poured", 1, raw)


def test_a_kind_is_taken_once() -> None:
    """Two facts cannot share a name and version, and none is nameless."""
    with pytest.raises(ValueError, match="taken"):
        EventTypes([Poured, Poured])
    nameless: Any = type("Nameless", (Event,), {"__annotations__": {}}, frozen=True, kw_only=True)
    with pytest.raises(ValueError, match="empty"):
        EventTypes([nameless])


def test_a_fact_cannot_be_changed() -> None:
    """Frozen, all the way."""
    with pytest.raises(AttributeError):
        Poured(what="demi", cents=350).cents = 1  # type: ignore[misc]
