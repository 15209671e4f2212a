"""Entries read all at once are those that the rule lets pass one by one, and say the same."""

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import inspect

from pos import journal, zcj
from pos.events import EventTypes
from pos.house import FEATURES
from pos.system import EVENTS as SYSTEM_EVENTS
from sync import reading
from tests.golden_samples import GOLDEN

V = json.loads((Path(__file__).parents[1] / "golden" / "zjp.json").read_text())
TYPES = EventTypes([*SYSTEM_EVENTS, *(cls for part in FEATURES for cls in part.events)])
LEAVES = (
    inspect.IntType, inspect.StrType, inspect.BoolType, inspect.NoneType, inspect.LiteralType,
)  # fmt: skip


def body(data: bytes, kind: str = "box.booted", kv: int = 1) -> bytes:
    """An entry with this data."""
    return (
        b'{"boot":1,"cafe":17,"data":%s,"j":"00","kind":"%s","kv":%d,"mono":1,"op":"","seq":1,"t":1,"tq":2,"v":1}'
        % (data, kind.encode(), kv)
    )


SAMPLES = [
    body(path.read_bytes().rstrip(b"\n"), *((one := path.stem.rsplit(".", 1))[0], int(one[1])))
    for path in sorted(GOLDEN.glob("*.json"))
]
ENTRIES = [*(entry["body"].encode() for entry in V["entries"]), *SAMPLES]


def by_the_rule(raw: bytes) -> journal.Envelope | None:
    """The entry when its bytes are canonical, the slow way."""
    try:
        zcj.decode(raw)
        return journal.read_envelope(raw)
    except (zcj.NotCanonical, msgspec.DecodeError):
        return None


def test_entries_of_this_release_are_read_at_once() -> None:
    """Every event's sample among them: nothing waits for the slow way, and each says what it says alone."""
    found = reading.at_once(SAMPLES, TYPES)
    assert found is not None
    assert found[0] == [journal.read_envelope(raw) for raw in SAMPLES]
    assert found[1] == [TYPES.decode(entry.kind, entry.kv, entry.data) for entry in found[0]]
    assert None not in found[1]


@pytest.mark.parametrize(
    "spoilt",
    [
        SAMPLES[0][:-1],
        SAMPLES[0] + b" ",
        SAMPLES[0].replace(b'"boot":1', b'"boot": 1'),
        SAMPLES[0].replace(b'"boot":1', b'"boot":1.0'),
        SAMPLES[0].replace(b'"boot":1', b'"boot":9007199254740993'),
        SAMPLES[0].replace(b'"boot":1', b'"boot":-9007199254740993'),
        SAMPLES[0].replace(b'"op":""', '"op":"e\u0301"'.encode()),
        SAMPLES[0].replace(b'"op":""', b'"op":"\\u0000"'),
        SAMPLES[0].replace(b'"op":""', b'"op":"\\u00e9"'),
        SAMPLES[0].replace(b'"op":""', b'"op":"\xff"'),
        SAMPLES[0].replace(b'"op":"","seq":1', b'"seq":1,"op":""'),
        SAMPLES[0].replace(b'"boot":1', b'"boot":1,"boot":1'),
        body(b'{"a":1.5}', "nobody.knows"),
        body(b'{"A":1}', "nobody.knows"),
        body(b'{"b":1,"a":1}', "nobody.knows"),
        body(b'{"a":"' + b"x" * zcj.ENTRY_MAX_BYTES + b'"}', "nobody.knows"),
        b"",
        b"[]",
    ],
)  # fmt: skip
def test_what_is_not_canonical_is_looked_at_one_by_one(spoilt: bytes) -> None:
    """One such entry among good ones is enough."""
    assert by_the_rule(spoilt) is None or len(spoilt) > zcj.ENTRY_MAX_BYTES
    assert reading.at_once([*ENTRIES, spoilt], TYPES) is None


@pytest.mark.parametrize("data", [b"{}", b'{"a":{"b":[1,true,null]}}'])
def test_kinds_nobody_knows_yet_are_read_with_the_others(data: bytes) -> None:
    """An entry of a newer release, and one that its kind cannot be read from, are canonical all the same."""
    found = reading.at_once([body(data, "nobody.knows"), SAMPLES[0], body(b'{"z":"?"}', "till.day_closed")], TYPES)
    assert found is not None
    assert [one is None for one in found[1]] == [True, False, True]


@settings(max_examples=300)
@given(
    which=st.integers(0, len(ENTRIES) - 1), at=st.integers(0, 600), gone=st.integers(0, 3),
    come=st.sampled_from([b"", b" ", b"0", b"9" * 16, b'"', b",", b"{", b"[", b"-", b"e", b"\\u0041", b"\\", b"null", b"\xc3\xa9", b"\xcc\x81", b"\n"]),
)  # fmt: skip
def test_no_bytes_pass_at_once_that_would_not_pass_one_by_one(which: int, at: int, gone: int, come: bytes) -> None:
    """Cut a few bytes out of an entry and put others in: both ways agree, or the fast one leaves it to the slow one."""
    good = ENTRIES[which]
    spoilt = good[: at % len(good)] + come + good[at % len(good) + gone :]
    found = reading.at_once([good, spoilt], TYPES)
    if found is not None:
        assert found[0] == [by_the_rule(good), by_the_rule(spoilt)]


@pytest.mark.parametrize("key", sorted(TYPES.types), ids=lambda key: f"{key[0]}.{key[1]}")
def test_an_event_holds_nothing_but_numbers_words_and_lists(key: tuple[str, int]) -> None:
    """No map, no number with a point, nothing deeper than the sixth level: its struct stands for the rule."""

    def look(kind: inspect.Type, depth: int) -> None:
        assert depth <= zcj.DEPTH_MAX
        if isinstance(kind, inspect.StructType):
            assert all(zcj._KEY.fullmatch(field.encode_name) for field in kind.fields)
            for field in kind.fields:
                look(field.type, depth + 1)
        elif isinstance(kind, inspect.ListType | inspect.VarTupleType):
            look(kind.item_type, depth + 1)
        elif isinstance(kind, inspect.UnionType):
            for one in kind.types:
                look(one, depth)
        else:
            assert isinstance(kind, LEAVES), kind

    look(inspect.type_info(TYPES.types[key]), 1)
