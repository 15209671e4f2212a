"""Covers read: 13, 15 and 18 characters, the ISSN, the title part, and everything that is no press code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.services.press import codes
from tests.services.press.conftest import DAILY_CODE, WEEKLY_CODE, with_key


@pytest.mark.parametrize("issn", ["0395-2037", "0003-1801", "1292-8399"])
def test_the_issn_of_a_title_gets_its_own_check_character(issn: str) -> None:
    """977 and seven digits of the ISSN: its check character is computed, weights 8 to 2 modulo 11."""
    read = codes.parse(with_key(f"977{issn.replace('-', '')[:7]}00"))
    assert read is not None
    assert (read.issn, read.family, read.key) == (issn, codes.ISSN, f"977{issn.replace('-', '')[:7]}")


def test_an_issn_may_end_with_x() -> None:
    """Ten is written X."""
    assert codes.issn_digit("2434561") == "X"


@pytest.mark.parametrize(("addon", "length"), [("", 13), ("07", 15), ("01204", 18)])
def test_thirteen_fifteen_and_eighteen_characters_are_read(addon: str, length: int) -> None:
    """The add-on of two or five digits is the issue; scanner prefixes and spaces do not matter."""
    for text in (DAILY_CODE + addon, f"]E0{DAILY_CODE} {addon}"):
        read = codes.parse(text)
        assert read is not None
        assert (len(read.ean + read.addon), read.addon, read.ean) == (length, addon, DAILY_CODE)


def test_a_french_code_keeps_its_title_when_its_price_changes() -> None:
    """378 or 379: the title part stays, what looks like the price is only a hint."""
    old, new = codes.parse(WEEKLY_CODE), codes.parse(with_key("378191110350"))
    assert old is not None and new is not None
    assert (old.key, old.price_hint, new.price_hint) == (new.key, 320, 350)
    assert old.ean != new.ean


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3250390000426",
        DAILY_CODE[:12],
        DAILY_CODE + "1",
        DAILY_CODE + "123",
        "977039520300X",
        "9790000000001",
        DAILY_CODE[:12] + "9",
    ],
)
def test_what_is_no_press_code_is_left_to_others(text: str) -> None:
    """Another prefix, another length, a wrong check digit: nothing is guessed."""
    assert codes.parse(text) is None


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Whatever is scanned, the reader answers; what it accepts has one of the three lengths."""
    read = codes.parse(text)
    assert read is None or len(read.ean + read.addon) in codes.LENGTHS
