"""Set menus mixing rates: the price shared over what each part costs alone, to the cent (R80, 16.2)."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pos import vat
from pos.audit import check_everything
from pos.clock import StoppedClock
from pos.store import Store
from pos.till import catalogue, close, refund, sell
from pos.till import refusals as no
from pos.till.tab import MenuPart, Tab, TabLine, price
from tests.cast import BEA, VICTOR, of, open_cafe, product, ring, sold
from tests.conftest import MORNING, open_test_store

DAY = "2026-11-20"
CLASSES = ("alcohol", "hot_drink", "meal", "bread", "grocery", "closed_drink")


def formule(store: Store) -> None:
    """Put the menu of 16.2 up: plat 11,50, verre de vin 3,80, café 1,60 for 14,90."""
    catalogue.list_product(store, product("plat", "Plat du jour", 1150, "meal", nature="service"), by=BEA)
    catalogue.list_product(store, product("vin", "Verre de vin", 380, "alcohol", nature="service"), by=BEA)
    catalogue.list_product(
        store, product("formule", "Formule", 1490, "meal", nature="service", components=["plat", "vin", "cafe"]), by=BEA
    )


def test_the_set_menu_of_the_fiscal_notes(store: Store) -> None:
    """R80, 16.2: 10,14 / 3,35 / 1,41; VAT 20 % 2,79 + 0,56, 10 % 10,50 + 1,05; the key is in the entry."""
    open_cafe(store)
    formule(store)
    sale = of(sold(store, "formule"))
    assert [(line.product, line.gross, line.alone, line.menu) for line in sale.lines] == [
        ("plat", 1014, 1150, "formule"), ("vin", 335, 380, "formule"), ("cafe", 141, 160, "formule"),
    ]  # fmt: skip
    assert [(p.bp, p.gross, p.net, p.gross - p.net) for p in sale.vat] == [
        (2000, 335, 279, 56),
        (1000, 1155, 1050, 105),
    ]
    assert [line.label for line in sale.lines] == ["Formule, Plat du jour", "Formule, Verre de vin", "Formule, Café"]
    assert sale.total == 1490


def test_two_set_menus_on_one_line(store: Store) -> None:
    """R80, 16.2: 29,80 shared 20,28 / 6,70 / 2,82; given back one menu at a time to the cent (R49)."""
    open_cafe(store)
    formule(store)
    ring(store, "t", "formule", "formule")
    sale = of(sell.take_payment(store, "t", "cash", by=VICTOR))
    assert [line.gross for line in sale.lines] == [2028, 670, 282]
    assert all(line.discount == 0 for line in sale.lines)
    back = [
        refund.refund_sale(store, sale.no, reason="returned", lines=[(0, 1000), (1, 1000), (2, 1000)], by=BEA)
        for _menu in range(2)
    ]
    assert [r.total for r in back] == [-1490, -1490]
    for place in range(3):
        assert sum(r.lines[place].net for r in back) == -sale.lines[place].net
    z = close.close_day(store, by=BEA)
    assert [(p.bp, p.gross, p.net) for p in z.vat] == [(2000, 0, 0), (1000, 0, 0)]
    assert check_everything(store).findings == ()


def test_a_part_s_price_changed_shares_anew_from_then_on(store: Store) -> None:
    """R43, R80: the key is what parts cost when the menu is rung up; tickets before keep theirs."""
    open_cafe(store)
    formule(store)
    before = of(sold(store, "formule"))
    catalogue.list_product(store, product("vin", "Verre de vin", 760, "alcohol", nature="service"), by=BEA)
    after = of(sold(store, "formule"))
    assert (before.lines[1].alone, after.lines[1].alone) == (380, 760)
    assert after.lines[1].gross > before.lines[1].gross
    assert sum(line.gross for line in after.lines) == 1490


@pytest.mark.parametrize(
    "parts", [["plat"], ["plat", "nothing"], ["plat", "progres"], ["plat", "divers"], ["plat", "formule"]]
)
def test_a_set_menu_is_made_of_plain_products_with_a_price(store: Store, parts: list[str]) -> None:
    """R80: never of one product, of an unknown one, of a third party's, of an open price, of itself."""
    open_cafe(store)
    formule(store)
    with pytest.raises(no.BadMenu):
        catalogue.list_product(store, product("formule", "Formule", 1490, "meal", components=parts), by=BEA)


def test_a_set_menu_is_written_in_the_menu_s_file_and_read_back(store: Store) -> None:
    """R80: one column, product codes joined by +; a form that says nothing of the parts leaves them."""
    open_cafe(store)
    formule(store)
    with store.reading() as conn:
        text = catalogue.export_csv(conn)
    assert "plat+vin+cafe" in text
    assert catalogue.import_csv(store, text, by=BEA)[1] == []
    catalogue.list_product(store, product("formule", "Formule du midi", 1590, "meal"), by=BEA)
    sale = of(sold(store, "formule"))
    assert [line.menu for line in sale.lines] == ["formule"] * 3
    assert sale.total == 1590


PARTS = st.lists(st.tuples(st.sampled_from(CLASSES), st.integers(10, 4000)), min_size=2, max_size=5)


@given(parts=PARTS, menu=st.integers(1, 9000), quantity=st.integers(1, 9), off=st.integers(0, 500), away=st.booleans())
def test_a_menu_s_parts_always_add_up(
    parts: list[tuple[str, int]], menu: int, quantity: int, off: int, away: bool
) -> None:
    """R79, R80: parts sum to the menu's price, also with a discount; HT + VAT = TTC; proportions within a cent."""
    line = TabLine(
        line_id="m", product="m", label="Menu", unit_price=menu, vat_class="meal", quantity=quantity * 1000,
        parts=[MenuPart(product=c, label=c, price=p, vat_class=c) for c, p in parts],
    )  # fmt: skip
    tab = Tab(tab_id="t", opened_at=0, visit="t", takeaway=away, lines=[line])
    line.discount = min(off, line.full)
    priced = price(tab, DAY, vat.REAL)
    assert sum(one.gross for one in priced.lines) == priced.total == line.gross
    assert sum(one.discount for one in priced.lines) == line.discount
    whole = sum(p for _c, p in parts)
    for one, (_code, alone) in zip(priced.lines, parts, strict=True):
        assert abs(one.gross * whole - line.gross * alone) < whole
    for group in priced.vat:
        assert sum(one.net for one in priced.lines if one.vat == group.bp) == group.net


SOLD = st.lists(
    st.tuples(st.sampled_from(["cafe", "demi", "croque", "baguette", "confiture", "progres", "formule"]), st.integers(1, 4)),
    min_size=1, max_size=5, unique_by=lambda one: one[0],
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(basket=SOLD, off=st.integers(0, 300), order=st.randoms(use_true_random=False))
def test_refunds_by_parts_add_up_to_the_sale(basket: list[tuple[str, int]], off: int, order: object) -> None:
    """R48, R49: given back piece by piece in any order: each rate is zero in TTC, HT and VAT, and nothing is left."""
    with TemporaryDirectory() as folder:
        store = open_test_store(Path(folder) / "cafe.db", StoppedClock(MORNING))
        open_cafe(store, 100_000)
        formule(store)
        tab = ring(store, "t", *(code for code, n in basket for _piece in range(n)))
        own = next((line for line in tab.lines if line.role == "own"), None)
        if own is not None and off:
            sell.discount_line(store, "t", own.line_id, min(off, own.full), by=VICTOR)
        sale = of(sell.take_payment(store, "t", "cash", by=VICTOR))
        pieces = [(i, 1000) for i, line in enumerate(sale.lines) for _piece in range(line.quantity // 1000)]
        order.shuffle(pieces)  # type: ignore[attr-defined]
        for piece in pieces:
            refund.refund_sale(store, sale.no, reason="returned", lines=[piece], by=BEA)
        with pytest.raises(no.NothingToRefund):
            refund.refund_sale(store, sale.no, reason="returned", by=BEA)
        z = close.close_day(store, by=BEA)
        assert z.turnover == 0
        assert all((part.gross, part.net) == (0, 0) for part in z.vat)
        assert all(part.amount == 0 for part in z.off)
        assert check_everything(store).findings == ()
        store.close()
