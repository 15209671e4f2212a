"""A bill that was let in can be paid, refunded whole and abandoned: each is one entry of 16 KiB, whatever is on it."""

from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos.clock import StoppedClock
from pos.errors import Refusal
from pos.store import Store
from pos.till import card, catalogue, refund, sell
from pos.till import refusals as no
from pos.till.tab import CARD, CASH, CHEQUE, Tab
from tests.cast import BEA, VICTOR, of, open_cafe, product
from tests.conftest import MORNING, open_test_store

PARTS = ["Entrée du marché", "Plat du jour et sa garniture", "Dessert de la maison", "Verre de vin du pays"]


@pytest.fixture(scope="module")
def cafe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A café with a four-part menu, cheeses with endless names and newspapers of many owners."""
    path: Path = tmp_path_factory.mktemp("weight") / "cafe.db"
    with closing(open_test_store(path, StoppedClock(MORNING))) as store:
        open_cafe(store, 500_000)
        for n, label in enumerate(PARTS):
            catalogue.list_product(store, product(f"part{n}", label, 800, "meal", nature="service"), by=BEA)
        parts = [f"part{n}" for n in range(4)]
        menu = product("menu", "Menu complet du dimanche", 2200, "meal", nature="service", components=parts)
        catalogue.list_product(store, menu, by=BEA)
        catalogue.list_product(store, product("cheese", "🧀" * 58, 100, "grocery"), by=BEA)
        yield store


def bill_of(store: Store, tab_id: str) -> Tab:
    """Return an open bill."""
    with store.reading() as conn:
        tab = sell.current_tab(conn, tab_id)
    assert tab is not None
    return tab


def fill(store: Store, tab_id: str, kinds: list[str], n: int) -> None:
    """Put things on a bill until it takes no more, or `n` of them; a note keeps each line apart."""
    for i in range(n):
        try:
            tab = sell.add_product(store, tab_id, kinds[i % len(kinds)], by=VICTOR)
        except no.TooManyLines:
            return
        sell.note_line(store, tab_id, tab.lines[-1].line_id, f"{i}", by=VICTOR)


def change(store: Store, tab_id: str, how: str, at: int) -> None:
    """Change a line in a way that makes its entry longer; a refusal leaves the bill as it is."""
    tab = bill_of(store, tab_id)
    line = tab.lines[at % len(tab.lines)].line_id
    with suppress(Refusal):
        if how == "offer":
            sell.offer_line(store, tab_id, line, "mistake of the kitchen!!", by=VICTOR)
        elif how == "discount":
            sell.discount_line(store, tab_id, line, 99, by=VICTOR)
        elif how == "takeaway":
            sell.set_takeaway(store, tab_id, takeaway=True, by=VICTOR)
        else:
            sell.change_quantity(store, tab_id, line, 99_000, by=VICTOR)


def pay(store: Store, tab_id: str, parts: list[str]) -> sell.Outcome:
    """Pay small parts as long as they are taken, then the rest by card."""
    for means in parts:
        try:
            if means == CARD:
                card.settle_card(
                    store, card.start_card(store, tab_id, amount=1, by=VICTOR).card, card.ACCEPTED, by=VICTOR
                )
            else:
                sell.take_payment(store, tab_id, means, amount=1, by=VICTOR)
        except (no.TooManyParts, no.NotEnoughGiven):
            break
    rest = card.start_card(store, tab_id, by=VICTOR)
    return card.settle_card(store, rest.card, card.ACCEPTED, by=VICTOR)


@settings(max_examples=20)
@given(
    kinds=st.lists(st.sampled_from(["menu", "cheese", "croque", "progres"]), min_size=1, max_size=4),
    n=st.integers(5, 70),
    changes=st.lists(
        st.tuples(st.sampled_from(["offer", "discount", "takeaway", "many"]), st.integers(0, 60)), max_size=25
    ),
    parts=st.lists(st.sampled_from([CASH, CHEQUE, CARD]), max_size=12),
)
def test_what_was_let_in_is_paid_and_given_back(
    cafe: Store, kinds: list[str], n: int, changes: list[tuple[str, int]], parts: list[str]
) -> None:
    """Never refused at the terminal's yes, nor once the money went back."""
    tab_id = f"t{cafe.last_place()}"
    with cafe.bulk():
        fill(cafe, tab_id, [*kinds, "croque"], n)
        for how, at in changes:
            change(cafe, tab_id, how, at)
        if bill_of(cafe, tab_id).due <= len(parts):
            return
        sale = of(pay(cafe, tab_id, parts))
        assert refund.refund_sale(cafe, sale.no, reason="returned", by=BEA).total == -sale.total


def test_a_table_of_set_menus_is_told_in_time(cafe: Store) -> None:
    """Four parts each, a kitchen note each: a menu too many is refused when it is typed; the bill can be abandoned."""
    fill(cafe, "banquet", ["menu"], 40)
    assert 12 <= len(bill_of(cafe, "banquet").lines) < 20
    with pytest.raises(no.TooManyLines):
        sell.add_product(cafe, "banquet", "menu", by=VICTOR)
    sell.void_tab(cafe, "banquet", "left", by=VICTOR)
    fill(cafe, "banquet2", ["menu"], 40)
    sale = of(sell.take_payment(cafe, "banquet2", CASH, by=VICTOR))
    assert refund.refund_sale(cafe, sale.no, reason="returned", means=CASH, by=BEA).total == -sale.total


def test_too_many_part_payments_are_told_in_time(cafe: Store) -> None:
    """What is left is taken at once: the ticket with all its payments fits."""
    fill(cafe, "many", ["menu"], 40)
    taken = 0
    with suppress(no.TooManyParts):
        while taken < 60:
            sell.take_payment(cafe, "many", CHEQUE, amount=1, by=VICTOR)
            taken += 1
    assert 4 <= taken < 60
    sale = of(sell.take_payment(cafe, "many", CASH, by=VICTOR))
    assert refund.refund_sale(cafe, sale.no, reason="returned", by=BEA).total == -sale.total
