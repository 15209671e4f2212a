"""Cents and thousandths: nothing is lost between what is typed, shared and shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.money import (
    NotAnAmount,
    NotAQuantity,
    format_euros,
    format_quantity,
    line_total,
    parse_euros,
    parse_quantity,
    share_out,
)  # fmt: skip

CENTS = st.integers(-99_999_999, 99_999_999)


@given(total=CENTS, weights=st.lists(st.integers(0, 1_000_000), min_size=1, max_size=60))
def test_sharing_out_never_loses_a_cent(total: int, weights: list[int]) -> None:
    """Parts add up to the total, none is further than a cent from its exact share."""
    parts = share_out(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    if whole:
        for part, weight in zip(parts, weights, strict=True):
            assert abs(part * whole - total * weight) < whole


def test_a_tie_goes_to_the_first() -> None:
    """Three equal shares of 100: the first has the odd cent, always (R77)."""
    assert share_out(100, [1, 1, 1]) == [34, 33, 33]
    assert share_out(-100, [1, 1, 1]) == [-34, -33, -33]
    assert share_out(7, [0, 0]) == [7, 0]
    assert share_out(7, []) == []


def test_the_basket_discount_of_the_fiscal_notes() -> None:
    """10 % off 21,65 is 2,17, spread as 0,70 0,16 0,75 0,12 0,44 (16.2)."""
    assert share_out(217, [700, 160, 750, 120, 435]) == [70, 16, 75, 12, 44]


def test_the_set_menu_of_the_fiscal_notes() -> None:
    """A 14,90 menu of 11,50 + 3,80 + 1,60, alone and twice on one line (16.2)."""
    assert share_out(1490, [1150, 380, 160]) == [1014, 335, 141]
    assert share_out(2980, [1150, 380, 160]) == [2028, 670, 282]


@given(cents=CENTS)
def test_what_is_shown_can_be_typed_again(cents: int) -> None:
    """Format then parse is the same amount, no-break spaces included."""
    shown = format_euros(cents)
    assert parse_euros(shown.replace("−", "-")) == cents
    assert " " not in shown


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("12,50", 1250),
        ("12.5", 1250),
        (" 3 ", 300),
        ("0,05", 5),
        ("-4,20", -420),
        ("1 €", 100),
        ("1234\u00a0€", 123400),
    ],
)
def test_amounts_as_people_type_them(typed: str, cents: int) -> None:
    """Comma or point, one or two decimals, the euro sign or not."""
    assert parse_euros(typed) == cents


@pytest.mark.parametrize("typed", ["", "abc", "1,234", "12,5,0", "1e3", "3250390000426", "١٢", "--1", "NaN"])
def test_what_is_no_amount_is_refused(typed: str) -> None:
    """A scanned barcode in the price field is no price."""
    with pytest.raises(NotAnAmount) as told:
        parse_euros(typed)
    assert told.value.how()


@pytest.mark.parametrize(("typed", "thousandths"), [("2", 2000), ("0,350", 350), ("1.5", 1500), ("0,05", 50)])
def test_quantities_as_people_type_them(typed: str, thousandths: int) -> None:
    """Pieces or kilos to the gram."""
    assert parse_quantity(typed) == thousandths


@pytest.mark.parametrize("typed", ["", "-1", "0,3501", "deux", "123456"])
def test_what_is_no_quantity_is_refused(typed: str) -> None:
    """Neither negative, nor finer than a gram, nor a barcode."""
    with pytest.raises(NotAQuantity):
        parse_quantity(typed)


@given(thousandths=st.integers(0, 99_999_999))
def test_a_quantity_shown_can_be_typed_again(thousandths: int) -> None:
    """`2` for pieces, `0,350` for a weight."""
    if thousandths < 100_000_000 and thousandths // 1000 < 100_000:
        assert parse_quantity(format_quantity(thousandths)) == thousandths


@given(quantity=st.integers(-10_000_000, 10_000_000), unit=st.integers(0, 1_000_000))
def test_a_line_is_rounded_half_up_and_alike_when_given_back(quantity: int, unit: int) -> None:
    """Weight × price per kilo, half up on the absolute value (R16); a refund is its mirror."""
    total = line_total(quantity, unit)
    assert line_total(-quantity, unit) == -total
    assert abs(2 * (abs(total) * 1000 - abs(quantity) * unit)) <= 1000


def test_half_a_cent_goes_up() -> None:
    """350 g at 18,90 €/kg is 6,615 €: 6,62 €."""
    assert line_total(350, 1890) == 662
