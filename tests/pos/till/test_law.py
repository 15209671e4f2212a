"""Figures of the law are dated rows with their source: a sale takes the one of its day (R107, §19)."""

import re

import pytest

from pos.clock import StoppedClock
from pos.store import Store
from pos.till import law
from pos.till import refusals as no
from pos.till.sell import SoldLine, sell
from pos.till.slips import NOTE_FROM_CENTS
from tests.cast import VICTOR, of, open_cafe


@pytest.mark.parametrize("rule", law.RULES, ids=lambda rule: f"{rule.code}@{rule.valid_from}")
def test_each_figure_has_a_date_and_a_source(rule: law.Rule) -> None:
    """R107, R113, R115: what is uncertain is marked so, and says where it comes from."""
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", rule.valid_from)
    assert rule.source
    assert rule.sure in ("S", "M", "U")


def test_the_row_of_the_day_holds() -> None:
    """R107: 3 000 € in 2014, 1 000 € from September 2015; a code nobody wrote down is an error."""
    assert law.value("cash.max_payment", "2014-05-01") == 300_000
    assert law.value("cash.max_payment", "2026-11-20") == 100_000
    assert law.value("receipt.printed_by_default", "2023-07-31") == 1
    assert law.value("receipt.printed_by_default", "2023-08-01") == 0
    assert law.value("note.compulsory_from", "2026-11-20") == NOTE_FROM_CENTS
    with pytest.raises(KeyError):
        law.value("sale.min_age", "1990-01-01")


def test_more_than_a_thousand_euros_in_cash_is_refused(store: Store, clock: StoppedClock) -> None:
    """R107: 1 000,00 € passes, 1 000,01 € does not, with the limit in words."""
    open_cafe(store)
    assert of(sell(store, lines=[SoldLine(product="divers", price=100_000)], by=VICTOR)).total == 100_000
    with pytest.raises(no.TooMuchCash) as told:
        sell(store, lines=[SoldLine(product="divers", price=100_001)], by=VICTOR)
    assert "1\u00a0000,00" in told.value.what() + told.value.how()


def test_a_licence_says_which_drinks() -> None:
    """R115: a licence III sells up to group 3, a licence IV everything, no licence only what has no alcohol."""
    assert law.LICENCES["none"] == (1,)
    assert 4 not in law.LICENCES["III"]
    assert set(law.LICENCES["IV"]) == set(law.GROUPS)
