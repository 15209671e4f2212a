"""VAT to the cent: the vectors of the fiscal notes, and what must hold for every amount and rate (R74–R84)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos import vat
from pos.i18n import _
from pos.till.tab import MenuPart, Tab, TabLine, price
from pos.vat import ONSITE, TAKEAWAY, VatGroup, net_of, rate_bp, split_vat

RATES = (2000, 1000, 550, 210)
DAY = "2026-11-20"
TICKET = [(2000, 700), (1000, 160), (1000, 750), (550, 120), (550, 435)]


@pytest.mark.parametrize("bp", RATES)
def test_net_and_vat_add_up_for_every_amount(bp: int) -> None:
    """0,00 to 1 000,00 €, given and given back: HT + VAT = TTC, HT is the half-up of the exact value (R76)."""
    d = 10_000 + bp
    for gross in range(100_001):
        net = net_of(gross, bp)
        group = VatGroup(bp, gross, net)
        assert group.net + group.vat == gross
        assert 0 <= 2 * net * d - 2 * gross * 10_000 + d < 2 * d + 1
        assert net_of(-gross, bp) == -net


def test_the_mixed_ticket_of_the_fiscal_notes() -> None:
    """Ticket 1042: groups and lines as computed there (16.1)."""
    groups, nets = split_vat(TICKET)
    assert [(g.bp, g.gross, g.net, g.vat) for g in groups] == [
        (2000, 700, 583, 117), (1000, 910, 827, 83), (550, 555, 526, 29),
    ]  # fmt: skip
    assert nets == [583, 145, 682, 114, 412]


def test_ten_coffees_on_one_ticket_and_on_ten() -> None:
    """1,45 € of VAT together, 1,50 € apart: both are right for their tickets (16.1, R78)."""
    (together,) = split_vat([(1000, 160)] * 10)[0]
    apart = [split_vat([(1000, 160)])[0][0] for _ticket in range(10)]
    assert together.vat == 145
    assert vat.sum_groups(apart)[1000].vat == 150


@given(lines=st.lists(st.tuples(st.sampled_from(RATES), st.integers(0, 50_000)), max_size=40))
def test_lines_add_up_to_their_group(lines: list[tuple[int, int]]) -> None:
    """Sum of line HT = group HT, for every ticket (R77); a line is within a cent of its own."""
    groups, nets = split_vat(lines)
    for group in groups:
        assert sum(net for net, (bp, _g) in zip(nets, lines, strict=True) if bp == group.bp) == group.net
    assert sum(g.gross for g in groups) == sum(gross for _bp, gross in lines)


@given(lines=st.lists(st.tuples(st.sampled_from(RATES), st.integers(-50_000, 50_000)), max_size=12))
def test_even_mixed_signs_add_up(lines: list[tuple[int, int]]) -> None:
    """A deposit taken back beside a purchase does not lose a cent."""
    groups, nets = split_vat(lines)
    assert sum(nets) == sum(g.net for g in groups)


def bill(*lines: tuple[str, int], takeaway: bool = False) -> Tab:
    """Return a bill of lines (VAT class, cents)."""
    return Tab(
        tab_id="t", opened_at=0, visit="t", takeaway=takeaway,
        lines=[TabLine(line_id=str(i), product=c, label=c, unit_price=p, vat_class=c) for i, (c, p) in enumerate(lines)],
    )  # fmt: skip


def test_a_discount_on_a_menu_is_spread_before_vat() -> None:
    """2,17 off 16.1: 0,70 0,16 0,75 0,12 0,44 by TTC weight (16.2, R79)."""
    parts = (("alcohol", 700), ("hot_drink", 160), ("meal", 750), ("bread", 120), ("grocery", 435))
    tab = bill(("meal", 2165))
    tab.lines[0].parts = [MenuPart(product=c, label=c, price=p, vat_class=c) for c, p in parts]
    tab.lines[0].discount = 217
    priced = price(tab, DAY, vat.REAL)
    assert [line.discount for line in priced.lines] == [70, 16, 75, 12, 44]
    assert priced.total == 2165 - 217 == sum(part.gross for part in priced.vat)


def test_where_it_is_drunk_changes_the_rate_where_the_law_says_so() -> None:
    """A can 10 % here, 5,5 % taken away; a coffee 10 % both; wine 20 % both (R75)."""
    for code, here, away in (("closed_drink", 1000, 550), ("hot_drink", 1000, 1000), ("alcohol", 2000, 2000)):
        assert (rate_bp(code, ONSITE, DAY), rate_bp(code, TAKEAWAY, DAY)) == (here, away)
    here, away = (price(bill(("closed_drink", 260), takeaway=t), DAY, vat.REAL).vat[0] for t in (False, True))
    assert (here.bp, away.bp, here.gross, away.gross) == (1000, 550, 260, 260)


def test_a_product_without_class_cannot_be_sold() -> None:
    """Neither an unknown class nor one not yet in force (R84)."""
    for code, day in (("mystery", DAY), ("", DAY), ("bread", "2013-12-31")):
        with pytest.raises(vat.UnknownVatClass) as told:
            rate_bp(code, ONSITE, day, "Chose")
        assert told.value.params["label"]


@pytest.mark.parametrize(("regime", "code"), [(vat.FRANCHISE, vat.NO_VAT_293B), (vat.EXEMPT, vat.EXEMPT_CODE)])
def test_who_pays_no_vat_says_why_and_shows_no_rate(regime: str, code: str) -> None:
    """Franchise and exempt associations: no group, a code on each line, all of it turnover (R81)."""
    priced = price(bill(("alcohol", 700), ("bread", 120)), DAY, regime)
    assert priced.vat == []
    assert {line.vat_code for line in priced.lines} == {code}
    assert all(line.net == line.gross for line in priced.lines)
    assert (priced.turnover, priced.total) == (820, 820)


def test_money_of_others_has_no_rate_and_is_no_turnover() -> None:
    """Press and stamps beside a coffee (R85)."""
    tab = bill(("hot_drink", 160))
    tab.lines.append(
        TabLine(
            line_id="p", product="p", label="Le Progrès", unit_price=140, vat_class="", role="press", owner="presse"
        )
    )
    priced = price(tab, DAY, vat.REAL)
    assert (priced.turnover, priced.total) == (160, 300)
    assert [(off.code, off.owner, off.amount) for off in priced.off] == [("HC_TIERS", "presse", 140)]


def test_every_class_has_a_french_name_and_known_rates() -> None:
    """What the catalogue shows; mainland rates only (R74)."""
    for row in vat.VAT_CLASSES:
        assert _(row.label) != row.label
        assert {row.onsite_bp, row.takeaway_bp} <= set(RATES)
        assert vat.vat_class(row.code, DAY) is not None
