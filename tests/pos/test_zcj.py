"""Canonical JSON: the same bytes as RFC 8785 says, and nothing that could be written in two ways."""

import string
import unicodedata
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from pos import zcj

KEYS = st.text(alphabet=string.ascii_lowercase + string.digits + "_", min_size=1, max_size=24)
TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)
LEAVES = st.none() | st.booleans() | st.integers(-zcj.INTEGER_MAX, zcj.INTEGER_MAX) | TEXTS


def trees(depth: int) -> st.SearchStrategy[Any]:
    """Values of the profile, `depth` levels of objects and lists at most."""
    inner = LEAVES if depth == 1 else st.deferred(lambda: LEAVES | trees(depth - 1))
    return st.dictionaries(KEYS, inner, max_size=5) | st.lists(inner, max_size=5)


def nfc(value: Any) -> Any:
    """Return a value with its strings in NFC, as the profile keeps them."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list):
        return [nfc(one) for one in value]
    return {key: nfc(one) for key, one in value.items()} if isinstance(value, dict) else value


@given(value=trees(4))
def test_the_bytes_are_those_of_the_standard(value: Any) -> None:
    """Within the profile, RFC 8785 over NFC strings writes what we write; it is read back alike."""
    raw = zcj.encode(value)
    assert raw == rfc8785.dumps(nfc(value))
    assert zcj.decode(raw) == nfc(value)


@given(text=st.text(alphabet='\\u0"aen\n\r\x1e\x01\u0301\u0303é', max_size=16))
@example(text="\\u0000")
@example(text="\n\u0303")
@example(text="\x1e\u0301")
def test_backslashes_and_accents_are_kept_whatever_they_look_like(text: str) -> None:
    """A backslash and « u0000 » are a text like another; an accent after a line’s end does not change the line’s end."""
    raw = zcj.encode({"a": text})
    assert raw == rfc8785.dumps(nfc({"a": text}))
    assert zcj.decode(raw) == nfc({"a": text})


@given(before=TEXTS, after=st.text(alphabet="\\u0\x00é", max_size=6))
def test_a_zero_byte_is_found_among_backslashes(before: str, after: str) -> None:
    """U+0000 never enters the journal, whatever stands around it."""
    for end in ("", "\\", "\\\\"):
        with pytest.raises(zcj.NotCanonical):
            zcj.encode({"a": before + end + "\x00" + after})


@given(value=trees(3))
def test_other_bytes_of_the_same_value_are_refused(value: Any) -> None:
    """One value, one spelling: a space more is another entry, and not ours."""
    raw = zcj.encode({"a": value})
    for other in (raw.replace(b":", b": ", 1), b" " + raw, raw + b"\n"):
        with pytest.raises(zcj.NotCanonical):
            zcj.decode(other)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"b":1,"a":2}', b'{"a":1,"a":1}', b'{"a":1.0}', b'{"a":1e2}', b'{"a":9007199254740992}', b'{"a":-0}',
        b'{"a":"e\xcc\x81"}', b'{"a":"\\u00e9"}', b'{"A":1}', b'{"":1}', b'{"a":"\\u0000"}', b"{", b"\xff",
        b'{"a":[[[[[[1]]]]]]}', b'{"a":01}', b'{"a":"\x01"}', b'{"a":NaN}',
    ],
)  # fmt: skip
def test_what_leaves_the_profile_is_refused(raw: bytes) -> None:
    """Unsorted or double keys, floats, great integers, decomposed accents, needless escapes, depth."""
    with pytest.raises(zcj.NotCanonical):
        zcj.decode(raw)


@pytest.mark.parametrize("value", [{"a": object()}, {"a": "\x00"}, {"a": 2**53}, {"a": "\ud800"}, {"a": -(2**60)}])
def test_what_cannot_be_written_canonically_is_refused(value: Any) -> None:
    """Nothing reaches the journal that HQ could not read."""
    with pytest.raises(zcj.NotCanonical):
        zcj.encode(value)


def test_a_long_number_in_a_text_is_a_text() -> None:
    """A parcel's label may be digits as long as it likes."""
    assert zcj.decode(zcj.encode({"a": "9" * 30})) == {"a": "9" * 30}


def test_accents_are_composed_when_written() -> None:
    """« Café » typed on a telephone with a combining accent is the same word."""
    assert zcj.encode({"a": "Cafe\u0301"}) == '{"a":"Café"}'.encode()
