"""Scanned texts: check digits, prefixes off, the forms an article may take."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean

from pos import barcodes
from pos.barcodes import ARTICLE, BOOK, COUPON, IN_STORE, OTHER, PRESS, read

EAN = "3017620422003"


@given(st.text("0123456789", min_size=7, max_size=13))
def test_the_check_digit_is_the_one_of_the_norm(digits: str) -> None:
    """The same as an independent library's, and one wrong digit is always seen."""
    whole = digits + str(barcodes.ean_digit(digits))
    assert barcodes.is_right(whole)
    assert str(barcodes.ean_digit(digits)) == ean.calc_check_digit(digits)
    assert not barcodes.is_right(whole[:-1] + str((int(whole[-1]) + 1) % 10))


@pytest.mark.parametrize(
    "raw",
    [
        EAN, f"]E0{EAN}", f" ]E0{EAN} ", f"]C101{'0' + EAN}", f"]d201{'0' + EAN}17261231\x1d10AB", f"(01)0{EAN}(17)261231",
        f"010{EAN}17261231", f"0{EAN}", f"]Q301{'0' + EAN}",
    ],
)  # fmt: skip
def test_an_article_is_found_under_its_thirteen_digits_however_it_is_read(raw: str) -> None:
    """AIM identifier, GS1 data, fourteen digits of a box of one: the same article."""
    assert EAN in read(raw).forms
    assert read(raw).sort == ARTICLE
    assert read(raw).listed == EAN


@pytest.mark.parametrize(
    ("raw", "listed"),
    [
        ("036000291452", "0036000291452"), ("0036000291452", "0036000291452"), ("96385074", "96385074"),
        ("]E496385074", "96385074"), ("01234565", "01234565"), ("04252614", "0042100005264"), ("123456", ""), ("ZB-1042", ""),
        ("30176204220", ""), ("", ""),
    ],
)  # fmt: skip
def test_eight_and_twelve_digits_have_their_form(raw: str, listed: str) -> None:
    """EAN-8 as it is, UPC with its zero, a narrow UPC as the wide one; nothing else is an article's number."""
    assert read(raw).listed == listed


@pytest.mark.parametrize(
    ("body", "beside", "sort"),
    [
        ("977039520300", "", PRESS), ("977039520300", "05", PRESS), ("378012340250", "12345", PRESS), ("978207061275", "50850", BOOK),
        ("211234501500", "", IN_STORE), ("021234501500", "", IN_STORE), ("2012345", "", IN_STORE), ("981000000000", "", COUPON),
        ("991234567890", "", COUPON), ("051234567890", "", COUPON), ("301762042200", "", ARTICLE),
    ],
)  # fmt: skip
def test_each_prefix_says_what_the_number_is_for(body: str, beside: str, sort: str) -> None:
    """Shops' own, press with its issue, books, coupons; a wrong check digit is nothing sure."""
    whole = body + str(barcodes.ean_digit(body))
    told = read(f"]E3{whole}{beside}")
    assert (told.sort, told.addon, told.listed) == (sort, beside, whole)
    assert read(body + str((barcodes.ean_digit(body) + 1) % 10)).sort == OTHER


def test_thirteen_digits_that_do_not_check_were_read_wrong() -> None:
    """Said as such, whoever sells; letters or other lengths are not judged."""
    assert read(EAN[:-1] + "4").misread
    assert not read(EAN).misread
    assert not read("6A29410386").misread
    assert not read("12345678").misread


@pytest.mark.parametrize(("digits", "check"), [("2875", 9), ("14685", 6)])
def test_a_price_inside_a_label_has_the_check_digit_of_the_norm(digits: str, check: int) -> None:
    """The two worked examples of GS1's General Specifications (7.9)."""
    assert barcodes.price_digit(digits) == check


@given(st.integers(0, 99_999), st.integers(0, 4), st.integers(1, 9))
def test_one_wrong_digit_of_a_price_is_always_seen(value: int, place: int, more: int) -> None:
    """Whatever the price, four or five digits."""
    for width in (4, 5):
        digits = f"{value % 10**width:0{width}d}"
        at = place % width
        wrong = digits[:at] + str((int(digits[at]) + more) % 10) + digits[at + 1 :]
        assert barcodes.price_digit(digits) != barcodes.price_digit(wrong)


@given(st.text(max_size=60))
def test_any_text_is_read_without_harm(raw: str) -> None:
    """Whatever a square holds: a text, and numbers only where there are some."""
    told = read(raw)
    assert all(form.isdecimal() for form in told.forms)
    assert told.listed == "" or barcodes.is_right(told.listed)
