"""Facts are for ever: no personal data, samples that decode and stay the same bytes."""

import re
import typing

import msgspec
import pytest

from pos import kind_words, zcj
from pos.events import Event, EventTypes, encode
from tests.builders import an_event, every_event
from tests.golden_samples import GOLDEN, sample_path

EVENTS = every_event()
# Words that would name or describe a person: such facts live in pos/private.py, tied by an opaque id.
PERSONAL = {
    "name", "names", "firstname", "lastname", "surname", "nom", "prenom", "phone", "tel", "telephone", "mobile",
    "email", "mail", "address", "birth", "birthday", "born", "note", "notes", "comment", "remark", "message", "text",
    "iban", "passport", "licence", "nickname",
}  # fmt: skip

# The number printed on a delivery note, not a note about somebody.
OF_PAPERS = {"note_no"}


def each_struct(cls: type[msgspec.Struct]) -> set[type[msgspec.Struct]]:
    """Return a struct and every struct inside its fields."""
    found = {cls}
    for hint in typing.get_type_hints(cls).values():
        for part in (hint, *typing.get_args(hint)):
            if isinstance(part, type) and issubclass(part, msgspec.Struct):
                found |= each_struct(part)
    return found


@pytest.mark.parametrize("key", sorted(EVENTS), ids=lambda key: f"{key[0]}.{key[1]}")
def test_an_event_is_named_documented_and_sampled(key: tuple[str, int]) -> None:
    """`slug.past_tense`, one sentence of docstring, one golden sample."""
    cls = EVENTS[key]
    assert re.fullmatch(r"[a-z]+\.[a-z]+(_[a-z]+)*", cls.kind), cls.kind
    assert cls.__dict__.get("__doc__"), f"{cls.__name__} has no docstring: say the fact in a sentence"
    assert sample_path(*key).exists(), f"no sample of {cls.kind}: run python3 dev.py golden"


def test_every_kind_is_said_in_words_of_its_own() -> None:
    """Who reads a journal is told what an entry is: each kind has a name in French, no two the same, and none is of nothing."""
    kinds = {kind for kind, _kv in EVENTS}
    assert set(kind_words.WORDS) == kinds
    words = {kind_words.said(kind) for kind in kinds}
    assert len(words) == len(kinds)
    assert not words & (kinds | set(kind_words.WORDS.values()))
    assert kind_words.said("later.thing_done") == "later.thing_done"


@pytest.mark.parametrize("key", sorted(EVENTS), ids=lambda key: f"{key[0]}.{key[1]}")
def test_an_event_knows_nobody(key: tuple[str, int]) -> None:
    """A sealed journal cannot forget, so it must never know: no field names or describes a person."""
    for cls in each_struct(EVENTS[key]):
        for field in cls.__struct_fields__:
            personal = set() if field in OF_PAPERS else PERSONAL & set(field.split("_"))
            assert not personal, f"{cls.__name__}.{field}: keep it in pos/private.py and record its id"


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_a_sample_is_read_for_ever_and_stays_the_same_bytes(path: object) -> None:
    """A journal written by any release is read by this one, and would be written the same."""
    kind, kv = path.stem.rsplit(".", 1)  # type: ignore[attr-defined]
    raw: bytes = path.read_bytes().rstrip(b"\n")  # type: ignore[attr-defined]
    zcj.decode(raw)
    event = EventTypes(EVENTS.values()).decode(kind, int(kv), raw)
    assert isinstance(event, Event), f"{kind} {kv} is no longer known: journals that hold it exist"
    assert encode(event) == raw, "its bytes changed: give new fields a default, or make a new version (kv)"


@pytest.mark.parametrize("key", sorted(EVENTS), ids=lambda key: f"{key[0]}.{key[1]}")
def test_an_event_refuses_what_it_does_not_know(key: tuple[str, int]) -> None:
    """An unknown field is another shape, told by `kv`; it is never dropped in silence."""
    value = msgspec.json.decode(encode(an_event(EVENTS[key])))
    value["zz_unknown"] = 1
    with pytest.raises(ValueError, match="zz_unknown"):
        EventTypes(EVENTS.values()).decode(*key, zcj.encode(value))
