"""Labels of the scale and prices by weight: pure arithmetic on cents and grams."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.barcodes import price_digit
from pos.money import line_total
from pos.services.grocery import dates, labels
from pos.services.grocery.labels import COUNT, PRICE, WEIGHT, Pattern
from tests.services.grocery.conftest import with_key

PATTERNS = [Pattern("21", 5, WEIGHT, 5), Pattern("23", 5, PRICE, 5), Pattern("02", 6, COUNT, 4)]


@pytest.mark.parametrize(
    ("code", "item", "kind", "value"),
    [
        ("2112345015002", "12345", WEIGHT, 1500),
        (with_key("232345000350"), "23450", PRICE, 350),
        (with_key("020000420003"), "000042", COUNT, 3),
        (with_key("020000420003")[1:], "000042", COUNT, 3),
    ],
)
def test_a_label_says_its_article_and_value(code: str, item: str, kind: str, value: int) -> None:
    """Weight, price or count by the layout of its prefix; a leading zero that the scanner stripped comes back."""
    assert labels.read(code, PATTERNS) == labels.Label(item, kind, value)


@pytest.mark.parametrize("code", ["2112345015003", "2212345015001", "21123450150", with_key("211234500000"), "abc", ""])
def test_what_is_no_label_is_left_to_others(code: str) -> None:
    """A wrong check digit, no layout, another length, nothing inside."""
    assert labels.read(code, PATTERNS) is None


@given(st.sampled_from([4, 5]), st.integers(1, 99_999), st.integers(0, 99_999), st.integers(1, 9))
def test_a_label_with_a_checked_price_is_read_whole_or_not_at_all(width: int, cents: int, plu: int, more: int) -> None:
    """The digit before the price checks it: any one wrong digit there, and the label is nobody's."""
    cents = cents % 10**width or 1
    layout = Pattern("25", 9 - width, PRICE, width, checked=True)
    assert layout.fits
    item, price = f"{plu % 10 ** (9 - width):0{9 - width}d}", f"{cents:0{width}d}"
    check = price_digit(price)
    assert labels.read(with_key(f"25{item}{check}{price}"), [layout]) == labels.Label(item, PRICE, cents)
    assert labels.read(with_key(f"25{item}{(check + more) % 10}{price}"), [layout]) is None


@given(cents=st.integers(1, 20_000), per_kilo=st.integers(50, 9_000))
def test_a_price_on_a_label_is_charged_to_the_cent(cents: int, per_kilo: int) -> None:
    """Grams × price per kilo is exactly the label's price, near the menu's price per kilo."""
    grams, price = labels.weight_of(cents, per_kilo)
    assert line_total(grams, price) == cents


@given(st.integers(1, 30_000), st.integers(1, 100_000))
def test_a_weight_is_multiplied_half_up(grams: int, per_kilo: int) -> None:
    """The cent nearest to weight × price, a half goes up."""
    assert line_total(grams, per_kilo) == (2 * grams * per_kilo + 1000) // 2000


LOTS = st.lists(
    st.tuples(st.sampled_from(["2026-10-01", "2026-10-05", "2026-10-09"]), st.just("dlc"), st.integers(1, 9)),
    max_size=5,
)


@given(lots=LOTS, there=st.integers(-3, 40))
def test_what_is_left_fills_the_latest_dates(lots: list[tuple[str, str, int]], there: int) -> None:
    """Never more than is there nor than came; an earlier date is left only when every later lot is whole."""
    left = dates.remaining(lots, there)
    assert sum(n for _day, _kind, n in left) == max(0, min(there, sum(n for *_rest, n in lots)))
    by_day = {day: sum(n for d, _kind, n in lots if d == day) for day, *_rest in lots}
    kept = {day: sum(n for d, _kind, n in left if d == day) for day in by_day}
    for day in by_day:
        if kept[day] and any(later > day for later in by_day):
            assert all(kept[later] == by_day[later] for later in by_day if later > day)
